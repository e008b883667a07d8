//go:build !minimal && !no_gcore

package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// gcoreInfo is Gcore, whose records are sets. Its libdns module has no release; hence our own.
var gcoreInfo = Info{
	Name:    "gcore",
	Title:   "Gcore DNS",
	Website: "https://gcore.com/",
	Docs:    "https://api.gcore.com/docs/dns",
	Options: []Option{
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true,
			Help: "Profile → API tokens → Create token. It expires when you say so.",
			Link: "https://portal.gcore.com/accounts/profile/api-tokens",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		g := &gcore{rest{base: "https://api.gcore.com/dns/v2/zones", sign: header("Authorization", "APIKey "+s.Get("token"))}}
		return newOwnSets("Gcore", s, g, module{blank: true})
	},
}

var _ = add(&gcoreInfo)

type gcore struct{ rest }

// gcoreSet has its full name. Pickers and what is noted decide which of its records are told.
type gcoreSet struct {
	Name    string                     `json:"name,omitempty"`
	Type    string                     `json:"type,omitempty"`
	TTL     int                        `json:"ttl"`
	Records []gcoreRecord              `json:"resource_records"`
	Pickers []json.RawMessage          `json:"pickers,omitempty"`
	Filters []json.RawMessage          `json:"filters,omitempty"`
	Meta    map[string]json.RawMessage `json:"meta,omitempty"`
}

type gcoreRecord struct {
	Content []any                      `json:"content"` // numbers too, at other types
	Enabled bool                       `json:"enabled"`
	Meta    map[string]json.RawMessage `json:"meta,omitempty"`
}

const (
	gcorePage  = 500
	gcorePages = 20
)

// pages asks for each page of a list in turn.
func (g *gcore) pages(ctx context.Context, path string, read func(zones, sets []gcoreSet)) error {
	for page := range gcorePages {
		var all struct {
			Zones []gcoreSet
			Sets  []gcoreSet `json:"rrsets"`
			Total int        `json:"total_amount"`
		}
		if err := g.do(ctx, http.MethodGet, path+"?limit="+strconv.Itoa(gcorePage)+"&offset="+strconv.Itoa(page*gcorePage), nil, &all); err != nil {
			return err
		}
		read(all.Zones, all.Sets)
		if (page+1)*gcorePage >= all.Total {
			return nil
		}
	}
	return errTooMany
}

func (g *gcore) zones(ctx context.Context) (names []string, err error) {
	err = g.pages(ctx, "", func(zones, _ []gcoreSet) {
		for _, z := range zones {
			names = append(names, z.Name)
		}
	})
	return names, err
}

func (g *gcore) sets(ctx context.Context, zone string) (sets []gcoreSet, err error) {
	err = g.pages(ctx, "/"+zone+"/rrsets", func(_, all []gcoreSet) {
		for _, s := range all {
			s.Name = inZone(s.Name, zone)
			sets = append(sets, s)
		}
	})
	return sets, err
}

func (s gcoreSet) entries() (list []entry) {
	for _, r := range s.Records {
		if isAddress(s.Type) && r.Enabled && len(r.Content) > 0 {
			address, _ := r.Content[0].(string)
			list = append(list, entry{name: s.Name, rrtype: s.Type, data: address, ttl: s.TTL})
		}
	}
	return list
}

func (g *gcore) list(ctx context.Context, zone string) (list []entry, err error) {
	sets, err := g.sets(ctx, zone)
	for _, s := range sets {
		list = append(list, s.entries()...)
	}
	return list, err
}

// held is the set of a name and type; nil where there is none. One that is not told as it stands
// belongs to somebody who wants that so.
func (g *gcore) held(ctx context.Context, zone, name, rrtype string) (*gcoreSet, error) {
	sets, err := g.sets(ctx, zone)
	at := slices.IndexFunc(sets, func(s gcoreSet) bool { return s.Type == rrtype && strings.EqualFold(s.Name, name) })
	if err != nil || at < 0 {
		return nil, err
	}
	s := &sets[at]
	noted := func(r gcoreRecord) bool { return len(r.Meta) > 0 }
	if len(s.Pickers)+len(s.Filters)+len(s.Meta) > 0 || slices.ContainsFunc(s.Records, noted) {
		full := absolute(name, zone)
		return nil, refuseRequest(full, "the %s record of %s at Gcore has pickers or notes for balancing and is left alone: delete it there, or take another name", rrtype, full)
	}
	return s, nil
}

func (g *gcore) listSet(ctx context.Context, zone, name, rrtype string) ([]entry, error) {
	s, err := g.held(ctx, zone, name, rrtype)
	if s == nil || err != nil {
		return nil, err
	}
	return s.entries(), nil
}

func (g *gcore) put(ctx context.Context, zone string, records []entry) error {
	name, rrtype := records[0].name, records[0].rrtype
	held, err := g.held(ctx, zone, name, rrtype)
	if err != nil {
		return err
	}
	set := gcoreSet{TTL: records[0].ttl}
	for _, e := range records {
		set.Records = append(set.Records, gcoreRecord{Content: []any{e.data}, Enabled: true})
	}
	method := http.MethodPut
	if held == nil {
		method = http.MethodPost
	}
	return g.do(ctx, method, g.path(zone, name, rrtype), set, new(struct{}))
}

func (g *gcore) drop(ctx context.Context, zone, name, rrtype string) error {
	return g.do(ctx, http.MethodDelete, g.path(zone, name, rrtype), nil, nil)
}

func (*gcore) path(zone, name, rrtype string) string {
	return "/" + zone + "/" + absolute(name, zone) + "/" + rrtype
}
