//go:build !minimal && !no_scaleway

package provider

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// scalewayInfo is Scaleway. Its libdns module links a client for all of the cloud with regexp and
// text/template, 127 KB packed; hence our own.
var scalewayInfo = Info{
	Name:    "scaleway",
	Title:   "Scaleway",
	Website: "https://www.scaleway.com/",
	Docs:    "https://www.scaleway.com/en/developers/api/domains-and-dns/",
	Options: []Option{
		{
			Name: "secret_key", Title: "Secret key", Kind: Text, Secret: true, Required: true,
			Help: "Of an API key whose application or user has the permission DomainsDNSFullAccess.",
			Link: "https://console.scaleway.com/iam/api-keys",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		c := &scaleway{rest{base: "https://api.scaleway.com/domain/v2beta1/dns-zones", sign: header("X-Auth-Token", s.Get("secret_key"))}}
		return newOwnSets("Scaleway", s, c, module{words: []phrase{{"transient_state", Trouble, busyAdvice}}})
	},
}

var _ = add(&scalewayInfo)

type scaleway struct{ rest }

// scalewayRecord has its name relative to the zone, empty for the apex.
type scalewayRecord struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Data    string `json:"data"`
	TTL     int    `json:"ttl"`
	Comment string `json:"comment,omitempty"`
}

// scalewayID says which record set a change is of.
type scalewayID struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type scalewayTarget struct {
	ID      scalewayID       `json:"id_fields"`
	Records []scalewayRecord `json:"records,omitempty"`
}

type scalewayChange struct {
	Set    *scalewayTarget `json:"set,omitempty"`
	Delete *scalewayTarget `json:"delete,omitempty"`
}

const (
	scalewayPage  = 100
	scalewayPages = 50
)

func (c *scaleway) zones(ctx context.Context) (names []string, err error) {
	for page := 1; page <= scalewayPages; page++ {
		var all struct {
			Zones []struct{ Domain, Subdomain string } `json:"dns_zones"`
		}
		if err := c.do(ctx, http.MethodGet, "?page_size=100&page="+strconv.Itoa(page), nil, &all); err != nil {
			return nil, err
		}
		for _, z := range all.Zones {
			names = append(names, strings.TrimPrefix(z.Subdomain+"."+z.Domain, "."))
		}
		if len(all.Zones) < scalewayPage {
			break
		}
	}
	return names, nil
}

func (c *scaleway) list(ctx context.Context, zone string) ([]entry, error) {
	return c.read(ctx, zone, "")
}

// read returns the addresses of a zone, or of what else the query leaves of it.
func (c *scaleway) read(ctx context.Context, zone, query string) (list []entry, err error) {
	for page := 1; page <= scalewayPages; page++ {
		var all struct{ Records []scalewayRecord }
		if err := c.do(ctx, http.MethodGet, "/"+zone+"/records?page_size=100&page="+strconv.Itoa(page)+query, nil, &all); err != nil {
			return nil, err
		}
		for _, r := range all.Records {
			if r.Name == "" {
				r.Name = "@"
			}
			if isAddress(r.Type) {
				list = append(list, entry{name: r.Name, rrtype: r.Type, data: r.Data, ttl: r.TTL, line: r.Comment})
			}
		}
		if len(all.Records) < scalewayPage {
			break
		}
	}
	return list, nil
}

// put keeps what the owner noted beside a record: by its address, or beside the only one.
func (c *scaleway) put(ctx context.Context, zone string, records []entry) error {
	name, rrtype := apexless(records[0].name), records[0].rrtype
	held, err := c.read(ctx, zone, "&name="+url.QueryEscape(name)+"&type="+rrtype)
	if err != nil {
		return err
	}
	set := &scalewayTarget{ID: scalewayID{name, rrtype}}
	for _, e := range records {
		r := scalewayRecord{Name: name, Type: rrtype, Data: e.data, TTL: e.ttl}
		for _, old := range held {
			if old.name == e.name && (sameAddress(old.data, e.data) || len(records) == 1 && len(held) == 1) {
				r.Comment = old.line
			}
		}
		set.Records = append(set.Records, r)
	}
	return c.change(ctx, zone, scalewayChange{Set: set})
}

func (c *scaleway) drop(ctx context.Context, zone, name, rrtype string) error {
	return c.change(ctx, zone, scalewayChange{Delete: &scalewayTarget{ID: scalewayID{apexless(name), rrtype}}})
}

func (c *scaleway) change(ctx context.Context, zone string, change scalewayChange) error {
	body := struct {
		Changes []scalewayChange `json:"changes"`
		NoZone  bool             `json:"disallow_new_zone_creation"`
	}{[]scalewayChange{change}, true}
	return c.do(ctx, http.MethodPatch, "/"+zone+"/records", body, new(struct{}))
}
