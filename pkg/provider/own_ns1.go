//go:build !minimal && !no_ns1

package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// ns1Info is NS1, whose records are sets.
var ns1Info = Info{
	Name:    "ns1",
	Title:   "NS1 Connect",
	Website: "https://ns1.com/",
	Docs:    "https://ns1.com/api/",
	Options: []Option{
		{
			Name: "token", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Account Settings → API keys → Add key, with the rights to view and to manage zones and nothing else.",
			Link: "https://my.nsone.net/#/account/settings/keys",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		n := &ns1{rest{base: "https://api.nsone.net/v1/zones", sign: header("X-NSONE-Key", s.Get("token"))}}
		return newOwnSets("NS1", s, n, module{})
	},
}

var _ = add(&ns1Info)

type ns1 struct{ rest }

// ns1Set has its full name. What more an owner gave it decides which of its answers are told.
type ns1Set struct {
	Zone    string            `json:"zone,omitempty"`
	Domain  string            `json:"domain,omitempty"`
	Type    string            `json:"type,omitempty"`
	TTL     int               `json:"ttl"`
	Link    *string           `json:"link,omitempty"`
	Answers []ns1Answer       `json:"answers"`
	Filters []json.RawMessage `json:"filters,omitempty"`
	Short   []string          `json:"short_answers,omitempty"` // in the list of a zone
}

type ns1Answer struct {
	Answer []string `json:"answer"`
}

func (n *ns1) zones(ctx context.Context) (names []string, err error) {
	var all []struct{ Zone string }
	err = n.do(ctx, http.MethodGet, "", nil, &all)
	for _, z := range all {
		names = append(names, z.Zone)
	}
	return names, err
}

func (n *ns1) list(ctx context.Context, zone string) (list []entry, err error) {
	var all struct{ Records []ns1Set }
	err = n.do(ctx, http.MethodGet, "/"+zone, nil, &all)
	for _, s := range all.Records {
		for _, a := range s.Short {
			if isAddress(s.Type) {
				list = append(list, entry{name: inZone(s.Domain, zone), rrtype: s.Type, data: a, ttl: s.TTL})
			}
		}
	}
	return list, err
}

// listSet reads one set, if the zone has it. One that links to another or has filters belongs to
// somebody who wants that so.
func (n *ns1) listSet(ctx context.Context, zone, name, rrtype string) (set []entry, err error) {
	all, err := n.list(ctx, zone)
	if err != nil || !slices.ContainsFunc(all, func(e entry) bool { return e.rrtype == rrtype && strings.EqualFold(e.name, name) }) {
		return nil, err
	}
	var s ns1Set
	if err := n.do(ctx, http.MethodGet, n.path(zone, name, rrtype), nil, &s); err != nil {
		return nil, err
	}
	if len(s.Filters) > 0 || s.Link != nil && *s.Link != "" {
		full := absolute(name, zone)
		return nil, refuseRequest(full, "the %s record of %s at NS1 has a filter chain or a link and is left alone: delete it there, or take another name", rrtype, full)
	}
	for _, a := range s.Answers {
		if len(a.Answer) > 0 {
			set = append(set, entry{name: name, rrtype: rrtype, data: a.Answer[0], ttl: s.TTL})
		}
	}
	return set, nil
}

func (*ns1) path(zone, name, rrtype string) string {
	return "/" + zone + "/" + absolute(name, zone) + "/" + rrtype
}

// put changes the set, or makes it where there is none.
func (n *ns1) put(ctx context.Context, zone string, records []entry) error {
	name, rrtype := records[0].name, records[0].rrtype
	set := ns1Set{TTL: records[0].ttl}
	for _, e := range records {
		set.Answers = append(set.Answers, ns1Answer{[]string{e.data}})
	}
	path := n.path(zone, name, rrtype)
	err := n.do(ctx, http.MethodPost, path, set, new(struct{}))
	if err == nil || lastExchange(ctx).Status != http.StatusNotFound {
		return err
	}
	set.Zone, set.Domain, set.Type = zone, absolute(name, zone), rrtype
	return n.do(ctx, http.MethodPut, path, set, new(struct{}))
}

func (n *ns1) drop(ctx context.Context, zone, name, rrtype string) error {
	return n.do(ctx, http.MethodDelete, n.path(zone, name, rrtype), nil, new(struct{}))
}
