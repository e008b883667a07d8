//go:build !minimal && !no_vultr

package provider

import (
	"context"
	"net/http"
	"net/url"
)

// vultrInfo is Vultr. Its libdns module links a client for all of the cloud, 132 KB packed; hence our own.
var vultrInfo = Info{
	Name:    "vultr",
	Title:   "Vultr",
	Website: "https://www.vultr.com/",
	Docs:    "https://www.vultr.com/api/#tag/dns",
	Options: []Option{
		{
			Name: "token", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Account → API. Its access control must allow any IPv4 and any IPv6 address, since the address of the router changes.",
			Link: "https://my.vultr.com/settings/#settingsapi",
		},
		zoneOption,
	},
	RecordOptions: ttlFromFive,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		v := &vultr{rest{base: "https://api.vultr.com/v2/domains", sign: header("Authorization", "Bearer "+s.Get("token"))}}
		return newOwn("Vultr", s, v, module{blank: true, words: []phrase{
			{"Unauthorized IP address", RefusedCredentials, "the API key is limited to certain client addresses: allow any in its access control"},
		}})
	},
}

var _ = add(&vultrInfo)

type vultr struct{ rest }

// vultrRecord has its name relative to the zone, empty for the apex.
type vultrRecord struct {
	ID   string `json:"id,omitempty"`
	Type string `json:"type,omitempty"`
	Name string `json:"name"`
	Data string `json:"data"`
	TTL  int    `json:"ttl"`
}

// vultrPage is where the next page begins.
type vultrPage struct {
	Meta struct{ Links struct{ Next string } }
}

// vultrPages is how many pages of 500 are asked for.
const vultrPages = 10

func (v *vultr) zones(ctx context.Context) (names []string, err error) {
	cursor := ""
	for range vultrPages {
		var all struct {
			vultrPage
			Domains []struct{ Domain string }
		}
		if err := v.do(ctx, http.MethodGet, "?per_page=500&cursor="+url.QueryEscape(cursor), nil, &all); err != nil {
			return nil, err
		}
		for _, z := range all.Domains {
			names = append(names, z.Domain)
		}
		if cursor = all.Meta.Links.Next; cursor == "" {
			break
		}
	}
	return names, nil
}

func (v *vultr) list(ctx context.Context, zone string) (list []entry, err error) {
	cursor := ""
	for range vultrPages {
		var all struct {
			vultrPage
			Records []vultrRecord
		}
		if err := v.do(ctx, http.MethodGet, "/"+zone+"/records?per_page=500&cursor="+url.QueryEscape(cursor), nil, &all); err != nil {
			return nil, err
		}
		for _, r := range all.Records {
			if r.Name == "" {
				r.Name = "@"
			}
			if isAddress(r.Type) {
				list = append(list, entry{r.ID, r.Name, r.Type, r.Data, r.TTL, ""})
			}
		}
		if cursor = all.Meta.Links.Next; cursor == "" {
			return list, nil
		}
	}
	return nil, errTooMany
}

func (v *vultr) create(ctx context.Context, zone string, e entry) error {
	return v.do(ctx, http.MethodPost, "/"+zone+"/records", vultrRecord{Type: e.rrtype, Name: apexless(e.name), Data: e.data, TTL: e.ttl}, new(struct{}))
}

func (v *vultr) update(ctx context.Context, zone string, e entry) error {
	return v.do(ctx, http.MethodPatch, "/"+zone+"/records/"+url.PathEscape(e.id), vultrRecord{Name: apexless(e.name), Data: e.data, TTL: e.ttl}, nil)
}

func (v *vultr) remove(ctx context.Context, zone string, e entry) error {
	return v.do(ctx, http.MethodDelete, "/"+zone+"/records/"+url.PathEscape(e.id), nil, nil)
}
