//go:build !minimal && !no_digitalocean

package provider

import (
	"context"
	"net/http"
	"strconv"
)

// digitaloceanInfo is DigitalOcean. Its libdns module links a client for all of the cloud, 169 KB packed;
// hence our own.
var digitaloceanInfo = Info{
	Name:    "digitalocean",
	Title:   "DigitalOcean",
	Website: "https://www.digitalocean.com/",
	Docs:    "https://docs.digitalocean.com/reference/api/digitalocean/#tag/Domain-Records",
	Options: []Option{
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true,
			Help: "API → Tokens → Generate New Token, with the scopes domain:read, domain:create, domain:update and domain:delete.",
			Link: "https://cloud.digitalocean.com/account/api/tokens",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		d := &digitalocean{rest{base: "https://api.digitalocean.com/v2/domains", sign: header("Authorization", "Bearer "+s.Get("token"))}}
		return newOwn("DigitalOcean", s, d, module{blank: true})
	},
}

var _ = add(&digitaloceanInfo)

type digitalocean struct{ rest }

// digitaloceanRecord has its name relative to the zone, "@" for the apex.
type digitaloceanRecord struct {
	ID   int64  `json:"id,omitempty"`
	Type string `json:"type"`
	Name string `json:"name,omitempty"`
	Data string `json:"data"`
	TTL  int    `json:"ttl"`
}

// restPage is how many zones or records are asked for at a time, and restPages how often.
const (
	restPage  = 200
	restPages = 25
)

func (d *digitalocean) zones(ctx context.Context) (names []string, err error) {
	for page := 1; page <= restPages; page++ {
		var all struct{ Domains []struct{ Name string } }
		if err := d.do(ctx, http.MethodGet, "?per_page=200&page="+strconv.Itoa(page), nil, &all); err != nil {
			return nil, err
		}
		for _, z := range all.Domains {
			names = append(names, z.Name)
		}
		if len(all.Domains) < restPage {
			break
		}
	}
	return names, nil
}

func (d *digitalocean) list(ctx context.Context, zone string) (list []entry, err error) {
	for page := 1; page <= restPages; page++ {
		var all struct {
			Records []digitaloceanRecord `json:"domain_records"`
		}
		if err := d.do(ctx, http.MethodGet, "/"+zone+"/records?per_page=200&page="+strconv.Itoa(page), nil, &all); err != nil {
			return nil, err
		}
		for _, r := range all.Records {
			if isAddress(r.Type) {
				list = append(list, entry{strconv.FormatInt(r.ID, 10), r.Name, r.Type, r.Data, r.TTL, ""})
			}
		}
		if len(all.Records) < restPage {
			return list, nil
		}
	}
	return nil, errTooMany
}

func (d *digitalocean) create(ctx context.Context, zone string, e entry) error {
	return d.do(ctx, http.MethodPost, "/"+zone+"/records", digitaloceanRecord{Type: e.rrtype, Name: e.name, Data: e.data, TTL: e.ttl}, new(struct{}))
}

func (d *digitalocean) update(ctx context.Context, zone string, e entry) error {
	return d.do(ctx, http.MethodPatch, "/"+zone+"/records/"+e.id, digitaloceanRecord{Type: e.rrtype, Data: e.data, TTL: e.ttl}, new(struct{}))
}

func (d *digitalocean) remove(ctx context.Context, zone string, e entry) error {
	return d.do(ctx, http.MethodDelete, "/"+zone+"/records/"+e.id, nil, nil)
}
