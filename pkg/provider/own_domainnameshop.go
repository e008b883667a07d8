//go:build !minimal && !no_domainnameshop

package provider

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// domainnameshopInfo is Domeneshop. Its libdns module writes all records of the zone to the
// standard log, and takes a record of the same address for the one to delete, whatever its type;
// hence our own.
var domainnameshopInfo = Info{
	Name:    "domainnameshop",
	Title:   "Domeneshop (Domainnameshop)",
	Website: "https://domene.shop/",
	Docs:    "https://api.domeneshop.no/docs/",
	Options: []Option{
		{
			Name: "token", Title: "API token", Kind: Text, Required: true,
			Help: "Made together with its secret on the API page.",
			Link: "https://domene.shop/admin?view=api",
		},
		{
			Name: "secret_key", Title: "API secret", Kind: Text, Secret: true, Required: true,
			Help: "Shown once, together with the token.",
			Link: "https://domene.shop/admin?view=api",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		d := &domeneshop{rest{base: "https://api.domeneshop.no/v0/domains", sign: login(s.Get("token"), s.Get("secret_key"))}}
		return newOwn("Domeneshop", s, d, module{blank: true, step: time.Minute})
	},
}

var _ = add(&domainnameshopInfo)

type domeneshop struct{ rest }

type domeneshopZone struct {
	ID     int64  `json:"id"`
	Domain string `json:"domain"`
}

// domeneshopRecord has a TTL that is a multiple of a minute.
type domeneshopRecord struct {
	ID   int64  `json:"id,omitempty"`
	Host string `json:"host"`
	Type string `json:"type"`
	Data string `json:"data"`
	TTL  int    `json:"ttl"`
}

func (d *domeneshop) find(ctx context.Context, part string) (all []domeneshopZone, err error) {
	err = d.do(ctx, http.MethodGet, "?domain="+url.QueryEscape(part), nil, &all)
	return all, err
}

func (d *domeneshop) zones(ctx context.Context) (names []string, err error) {
	all, err := d.find(ctx, "")
	for _, z := range all {
		names = append(names, z.Domain)
	}
	return names, err
}

func (d *domeneshop) path(ctx context.Context, zone string) (string, error) {
	all, err := d.find(ctx, zone)
	if err != nil {
		return "", err
	}
	for _, z := range all {
		if z.Domain == zone {
			return "/" + strconv.FormatInt(z.ID, 10) + "/dns", nil
		}
	}
	return "", noZone(zone)
}

func (d *domeneshop) list(ctx context.Context, zone string) (list []entry, err error) {
	path, err := d.path(ctx, zone)
	if err != nil {
		return nil, err
	}
	var held []domeneshopRecord
	if err := d.do(ctx, http.MethodGet, path, nil, &held); err != nil {
		return nil, err
	}
	for _, r := range held {
		if isAddress(r.Type) {
			list = append(list, entry{strconv.FormatInt(r.ID, 10), r.Host, r.Type, r.Data, r.TTL, ""})
		}
	}
	return list, nil
}

func (d *domeneshop) create(ctx context.Context, zone string, e entry) error {
	path, err := d.path(ctx, zone)
	if err != nil {
		return err
	}
	return d.do(ctx, http.MethodPost, path, d.record(e), new(domeneshopRecord))
}

func (d *domeneshop) update(ctx context.Context, zone string, e entry) error {
	path, err := d.path(ctx, zone)
	if err != nil {
		return err
	}
	return d.do(ctx, http.MethodPut, path+"/"+e.id, d.record(e), nil)
}

func (d *domeneshop) remove(ctx context.Context, zone string, e entry) error {
	path, err := d.path(ctx, zone)
	if err != nil {
		return err
	}
	return d.do(ctx, http.MethodDelete, path+"/"+e.id, nil, nil)
}

func (d *domeneshop) record(e entry) domeneshopRecord {
	return domeneshopRecord{Host: e.name, Type: e.rrtype, Data: e.data, TTL: e.ttl}
}
