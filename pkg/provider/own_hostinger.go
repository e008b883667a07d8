//go:build !minimal && !no_hostinger

package provider

import (
	"context"
	"net/http"
)

// hostingerInfo is Hostinger. One request replaces a record set.
var hostingerInfo = Info{
	Name:    "hostinger",
	Title:   "Hostinger",
	Website: "https://www.hostinger.com/",
	Docs:    "https://developers.hostinger.com/#tag/dns-zone",
	Options: []Option{
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true,
			Help: "Account → API → New token. It may do all that you may, so give it an end that you will notice.",
			Link: "https://hpanel.hostinger.com/profile/api",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		h := &hostinger{rest{base: "https://developers.hostinger.com/api", sign: header("Authorization", "Bearer "+s.Get("token"))}}
		return newOwnSets("Hostinger", s, h, module{})
	},
}

var _ = add(&hostingerInfo)

type hostinger struct{ rest }

// hostingerSet has its name relative to the zone, "@" for the apex.
type hostingerSet struct {
	Name    string            `json:"name"`
	Type    string            `json:"type"`
	TTL     int               `json:"ttl,omitempty"`
	Records []hostingerRecord `json:"records,omitempty"`
}

type hostingerRecord struct {
	Content  string `json:"content"`
	Disabled bool   `json:"is_disabled,omitempty"`
}

func (h *hostinger) zones(ctx context.Context) (names []string, err error) {
	var all []struct{ Domain *string } // an order that waits for its domain has none
	err = h.do(ctx, http.MethodGet, "/domains/v1/portfolio", nil, &all)
	for _, d := range all {
		if d.Domain != nil {
			names = append(names, *d.Domain)
		}
	}
	return names, err
}

func (h *hostinger) list(ctx context.Context, zone string) (list []entry, err error) {
	var all []hostingerSet
	err = h.do(ctx, http.MethodGet, "/dns/v1/zones/"+zone, nil, &all)
	for _, s := range all {
		for _, r := range s.Records {
			if isAddress(s.Type) && !r.Disabled {
				list = append(list, entry{name: s.Name, rrtype: s.Type, data: r.Content, ttl: s.TTL})
			}
		}
	}
	return list, err
}

// put replaces the records that have the name and type: that is what overwrite means.
func (h *hostinger) put(ctx context.Context, zone string, records []entry) error {
	set := hostingerSet{Name: records[0].name, Type: records[0].rrtype, TTL: records[0].ttl}
	for _, e := range records {
		set.Records = append(set.Records, hostingerRecord{Content: e.data})
	}
	return h.do(ctx, http.MethodPut, "/dns/v1/zones/"+zone, map[string]any{"overwrite": true, "zone": []hostingerSet{set}}, new(struct{}))
}

func (h *hostinger) drop(ctx context.Context, zone, name, rrtype string) error {
	filters := []hostingerSet{{Name: name, Type: rrtype}}
	return h.do(ctx, http.MethodDelete, "/dns/v1/zones/"+zone, map[string]any{"filters": filters}, new(struct{}))
}
