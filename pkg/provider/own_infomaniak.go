//go:build !minimal && !no_infomaniak

package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// infomaniakInfo is Infomaniak. Its libdns module does not see the records of the apex, so that
// each change added one, and looks for a zone without regard to labels; hence our own.
var infomaniakInfo = Info{
	Name:    "infomaniak",
	Title:   "Infomaniak",
	Website: "https://www.infomaniak.com/",
	Docs:    "https://developer.infomaniak.com/docs/api/get/2/zones/%7Bzone%7D/records",
	Options: []Option{
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true,
			Help: "Manager → Developer → API tokens, with the scope domain.",
			Link: "https://manager.infomaniak.com/v3/ng/accounts/token/list",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true},
	New: func(s Settings) (Driver, error) {
		i := &infomaniak{rest{base: "https://api.infomaniak.com/2", sign: header("Authorization", "Bearer "+s.Get("token"))}}
		o := own{i}
		return newLibdns("Infomaniak", s, module{lib: infomaniakLibrary{o, o}, set: oneByOne, updates: true, find: i.find})
	},
}

var _ = add(&infomaniakInfo)

type infomaniak struct{ rest }

// infomaniakLibrary shows of its own only what the service has: it lists no zones.
type infomaniakLibrary struct {
	library
	retimer
}

// infomaniakRecord has its name relative to the zone, "." for the apex, as Infomaniak's own clients
// write it: https://github.com/Infomaniak/certbot-dns-infomaniak/pull/59
type infomaniakRecord struct {
	ID     int64  `json:"id,omitempty"`
	Source string `json:"source"`
	Type   string `json:"type"`
	Target string `json:"target"`
	TTL    int    `json:"ttl"`
}

// call looks into the envelope, which says success or error.
func (i *infomaniak) call(ctx context.Context, method, path string, send, into any) error {
	var answer struct {
		Result string
		Data   json.RawMessage
		Error  struct{ Code, Description string }
	}
	err := i.do(ctx, method, path, send, &answer)
	if err == nil && answer.Result != "success" {
		err = refuseRequest("", "Infomaniak refused the request: %s %s", answer.Error.Code, answer.Error.Description)
	}
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer.Data, into)
}

// find asks for the zones above a hostname.
func (i *infomaniak) find(ctx context.Context, hostname string) (longest string, err error) {
	var all []struct{ FQDN string }
	err = i.call(ctx, http.MethodGet, "/domains/"+url.PathEscape(hostname)+"/zones", nil, &all)
	if err != nil && lastExchange(ctx).Status != http.StatusNotFound {
		return "", err
	}
	for _, z := range all {
		name := strings.ToLower(strings.TrimSuffix(z.FQDN, "."))
		if name != "" && under(hostname, name) && len(name) > len(longest) {
			longest = name
		}
	}
	if longest == "" {
		return "", refuseRequest(hostname, "no zone of this account of Infomaniak holds %s", hostname)
	}
	return longest, nil
}

// zones are not listed: infomaniakLibrary does not show that.
func (*infomaniak) zones(context.Context) ([]string, error) { return nil, ErrUnreadable }

func (*infomaniak) path(zone string) string { return "/zones/" + url.PathEscape(zone) + "/records" }

func (i *infomaniak) list(ctx context.Context, zone string) (list []entry, err error) {
	var held []infomaniakRecord
	err = i.call(ctx, http.MethodGet, i.path(zone), nil, &held)
	for _, r := range held {
		if r.Source == "." || r.Source == "" {
			r.Source = "@"
		}
		if isAddress(r.Type) {
			list = append(list, entry{strconv.FormatInt(r.ID, 10), r.Source, r.Type, r.Target, r.TTL, ""})
		}
	}
	return list, err
}

func (i *infomaniak) create(ctx context.Context, zone string, e entry) error {
	return i.call(ctx, http.MethodPost, i.path(zone), i.record(e), new(infomaniakRecord))
}

func (i *infomaniak) update(ctx context.Context, zone string, e entry) error {
	return i.call(ctx, http.MethodPut, i.path(zone)+"/"+e.id, i.record(e), nil)
}

func (i *infomaniak) remove(ctx context.Context, zone string, e entry) error {
	return i.call(ctx, http.MethodDelete, i.path(zone)+"/"+e.id, nil, nil)
}

func (*infomaniak) record(e entry) infomaniakRecord {
	if e.name == "@" {
		e.name = "."
	}
	return infomaniakRecord{Source: e.name, Type: e.rrtype, Target: e.data, TTL: e.ttl}
}
