//go:build !minimal && !no_servercowapi

package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// servercowapiInfo is Servercow's API for records. It has one A and one AAAA record for a name, and
// lists no zones.
var servercowapiInfo = Info{
	Name:    "servercowapi",
	Title:   "Servercow, by its API",
	Website: "https://www.servercow.de/",
	Docs:    "https://wiki.servercow.de/en/domains/dns_api/api-syntax/",
	Options: []Option{
		{
			Name: "username", Title: "API user", Kind: Text, Required: true, Check: checkUsername,
			Help: "Customer panel → DNS API: a user for the domain, with the rights to create, read and update (and to delete, for on_loss delete).",
		},
		{Name: "password", Title: "API password", Kind: Text, Secret: true, Required: true, Help: "Of that user."},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, MaxAddresses: 1},
	New: func(s Settings) (Driver, error) {
		c := &servercowapi{rest{base: "https://api.servercow.de/dns/v1/domains/", sign: func(r *http.Request, _ []byte) {
			r.Header.Set("X-Auth-Username", s.Get("username"))
			r.Header.Set("X-Auth-Password", s.Get("password"))
		}}}
		return newLibdns("Servercow", s, module{lib: struct{ library }{ownSets{c}}, set: whole})
	},
}

var _ = add(&servercowapiInfo)

type servercowapi struct{ rest }

// servercowRecord has its name relative to the zone, empty for the apex. Other types than ours may
// have a list for a content.
type servercowRecord struct {
	Type    string          `json:"type"`
	Name    string          `json:"name"`
	Content json.RawMessage `json:"content,omitempty"`
	TTL     int             `json:"ttl,omitempty"`
}

// call reads the answer, which is a list or says in words what became of it.
func (c *servercowapi) call(ctx context.Context, method, zone string, send any) (list []servercowRecord, err error) {
	var answer json.RawMessage
	if err := c.do(ctx, method, zone, send, &answer); err != nil {
		return nil, err
	}
	if method == http.MethodGet && json.Unmarshal(answer, &list) == nil {
		return list, nil
	}
	var said struct{ Message, Error string }
	if err := json.Unmarshal(answer, &said); err != nil {
		return nil, err
	}
	switch {
	case method != http.MethodGet && said.Message == "ok":
		return nil, nil
	case strings.Contains(said.Error, "no such domain"):
		return nil, noZone(zone)
	}
	return nil, refuseRequest("", "Servercow refused the request: %s%s", said.Error, said.Message)
}

// zones are not listed: newLibdns is not shown that.
func (c *servercowapi) zones(context.Context) ([]string, error) { return nil, ErrUnreadable }

func (c *servercowapi) list(ctx context.Context, zone string) (list []entry, err error) {
	all, err := c.call(ctx, http.MethodGet, zone, nil)
	for _, r := range all {
		if r.Name == "" {
			r.Name = "@"
		}
		var address string
		if isAddress(r.Type) && json.Unmarshal(r.Content, &address) == nil {
			list = append(list, entry{name: r.Name, rrtype: r.Type, data: address, ttl: r.TTL})
		}
	}
	return list, err
}

func (c *servercowapi) put(ctx context.Context, zone string, records []entry) error {
	e := records[0]
	content, err := json.Marshal(e.data)
	if err != nil {
		return err
	}
	_, err = c.call(ctx, http.MethodPost, zone, servercowRecord{e.rrtype, apexless(e.name), content, e.ttl})
	return err
}

func (c *servercowapi) drop(ctx context.Context, zone, name, rrtype string) error {
	_, err := c.call(ctx, http.MethodDelete, zone, servercowRecord{Type: rrtype, Name: apexless(name)})
	return err
}
