//go:build !minimal && !no_simplydotcom

package provider

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// simplydotcomInfo is Simply.com. Its libdns module is 25 KB packed; hence our own.
var simplydotcomInfo = Info{
	Name:    "simplydotcom",
	Title:   "Simply.com",
	Website: "https://www.simply.com/",
	Docs:    "https://www.simply.com/en/docs/api/",
	Options: []Option{
		{
			Name: "username", Title: "Account number", Kind: Text, Required: true,
			Help: "The letter and digits that you log in with.",
			Link: "https://www.simply.com/en/controlpanel/account/",
		},
		{
			Name: "token", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Control panel → account.",
			Link: "https://www.simply.com/en/controlpanel/account/",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		d := &simplydotcom{rest{base: "https://api.simply.com/2/my/products/", sign: login(s.Get("username"), s.Get("token"))}}
		return newOwn("Simply.com", s, d, module{})
	},
}

var _ = add(&simplydotcomInfo)

type simplydotcom struct{ rest }

type simplyRecord struct {
	ID   int64  `json:"record_id,omitempty"`
	Type string `json:"type"`
	Name string `json:"name"`
	Data string `json:"data"`
	TTL  int    `json:"ttl"`
}

// zones are the products that have a domain; a product is asked for by its name.
func (d *simplydotcom) zones(ctx context.Context) (names []string, err error) {
	var all struct {
		Products []struct {
			Domain struct {
				Name string `json:"name"`
			} `json:"domain"`
		} `json:"products"`
	}
	err = d.do(ctx, http.MethodGet, "", nil, &all)
	for _, p := range all.Products {
		names = append(names, p.Domain.Name)
	}
	return names, err
}

func (d *simplydotcom) path(zone string) string { return url.PathEscape(zone) + "/dns/records/" }

func (d *simplydotcom) list(ctx context.Context, zone string) (list []entry, err error) {
	var held struct {
		Records []simplyRecord `json:"records"`
	}
	if err := d.do(ctx, http.MethodGet, d.path(zone), nil, &held); err != nil {
		return nil, err
	}
	for _, r := range held.Records {
		if isAddress(r.Type) {
			list = append(list, entry{strconv.FormatInt(r.ID, 10), r.Name, r.Type, r.Data, r.TTL, ""})
		}
	}
	return list, nil
}

func (d *simplydotcom) create(ctx context.Context, zone string, e entry) error {
	return d.do(ctx, http.MethodPost, d.path(zone), d.record(e), nil)
}

func (d *simplydotcom) update(ctx context.Context, zone string, e entry) error {
	return d.do(ctx, http.MethodPut, d.path(zone)+e.id+"/", d.record(e), nil)
}

func (d *simplydotcom) remove(ctx context.Context, zone string, e entry) error {
	return d.do(ctx, http.MethodDelete, d.path(zone)+e.id+"/", nil, nil)
}

func (d *simplydotcom) record(e entry) simplyRecord {
	return simplyRecord{Type: e.rrtype, Name: e.name, Data: e.data, TTL: e.ttl}
}
