//go:build !minimal && !no_gandi

package provider

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// gandiInfo is Gandi LiveDNS. Its libdns module is for an older libdns. One request replaces a record set.
var gandiInfo = Info{
	Name:    "gandi",
	Title:   "Gandi LiveDNS",
	Website: "https://www.gandi.net/",
	Docs:    "https://api.gandi.net/docs/livedns/",
	Options: []Option{
		{
			Name: "token", Title: "Access token", Kind: Text, Secret: true, Required: true,
			Help: "A personal access token: Organization → Sharing → Personal Access Token, with the right to manage domain name technical configurations. It expires within a year.",
			Link: "https://admin.gandi.net/organizations/account/pat",
		},
		zoneOption,
	},
	RecordOptions: ttlFromFive,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		g := &gandi{rest{base: "https://api.gandi.net/v5/livedns/domains", sign: header("Authorization", "Bearer "+s.Get("token"))}}
		return newOwnSets("Gandi", s, g, module{ttl: gandiTTL, blank: true})
	},
}

var _ = add(&gandiInfo)

// gandiTTL is the least that Gandi takes.
const gandiTTL = 5 * time.Minute

type gandi struct{ rest }

// gandiSet has its name relative to the zone, "@" for the apex.
type gandiSet struct {
	Name   string   `json:"rrset_name,omitempty"`
	Type   string   `json:"rrset_type,omitempty"`
	TTL    int      `json:"rrset_ttl"`
	Values []string `json:"rrset_values"`
}

const (
	gandiPage  = 100
	gandiPages = 50
)

func (g *gandi) zones(ctx context.Context) (names []string, err error) {
	for page := 1; page <= gandiPages; page++ {
		var all []struct{ FQDN string }
		if err := g.do(ctx, http.MethodGet, "?per_page=100&page="+strconv.Itoa(page), nil, &all); err != nil {
			return nil, err
		}
		for _, z := range all {
			names = append(names, z.FQDN)
		}
		if len(all) < gandiPage {
			break
		}
	}
	return names, nil
}

func (g *gandi) list(ctx context.Context, zone string) (list []entry, err error) {
	for page := 1; page <= gandiPages; page++ {
		var all []gandiSet
		if err := g.do(ctx, http.MethodGet, "/"+zone+"/records?per_page=100&page="+strconv.Itoa(page), nil, &all); err != nil {
			return nil, err
		}
		for _, s := range all {
			for _, v := range s.Values {
				if isAddress(s.Type) {
					list = append(list, entry{name: s.Name, rrtype: s.Type, data: v, ttl: s.TTL})
				}
			}
		}
		if len(all) < gandiPage {
			break
		}
	}
	return list, nil
}

func (g *gandi) put(ctx context.Context, zone string, records []entry) error {
	set := gandiSet{TTL: records[0].ttl}
	for _, e := range records {
		set.Values = append(set.Values, e.data)
	}
	return g.do(ctx, http.MethodPut, "/"+zone+"/records/"+records[0].name+"/"+records[0].rrtype, set, new(struct{}))
}

func (g *gandi) drop(ctx context.Context, zone, name, rrtype string) error {
	return g.do(ctx, http.MethodDelete, "/"+zone+"/records/"+name+"/"+rrtype, nil, nil)
}
