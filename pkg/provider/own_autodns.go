//go:build !minimal && !no_autodns

package provider

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// autodnsInfo is AutoDNS of InterNetX. Its libdns module wants a newer Go than the oldest OpenWrt
// with a feed of ours has; hence our own. Records have no IDs: a request says which to add and
// which to take away. The IPv4 address of the apex is no record there, but the zone's main one.
var autodnsInfo = Info{
	Name:    "autodns",
	Title:   "AutoDNS (InterNetX)",
	Website: "https://www.internetx.com/en/autodns/",
	Docs:    "https://help.internetx.com/display/APIXMLEN/JSON+API+Basics",
	Options: []Option{
		{
			Name: "username", Title: "User name", Kind: Text, Required: true,
			Help: "Of a user without two-factor authentication who may change zones.",
			Link: "https://cloud.autodns.com/",
		},
		{Name: "password", Title: "Password", Kind: Text, Secret: true, Required: true, Help: "Of that user."},
		{
			Name: "context", Title: "Context", Kind: Number, Default: "4",
			Help: "The number of the system that the account is at; 1 is the demo system.",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		sign := login(s.Get("username"), s.Get("password"))
		a := &autodns{rest{base: "https://api.autodns.com/v1/zone/", sign: func(r *http.Request, body []byte) {
			sign(r, body)
			r.Header.Set("X-Domainrobot-Context", s.Get("context"))
		}}}
		return newOwn("AutoDNS", s, a, module{readPaths: []string{"/_search"}})
	},
}

var _ = add(&autodnsInfo)

type autodns struct{ rest }

type autodnsRecord struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
	TTL   int    `json:"ttl,omitempty"` // none where the zone's counts
}

type autodnsZone struct {
	Origin  string          `json:"origin"`
	Server  string          `json:"virtualNameServer"`
	Records []autodnsRecord `json:"resourceRecords"`
}

type autodnsAnswer struct {
	Data []autodnsZone `json:"data"`
}

func (a *autodns) zones(ctx context.Context) (names []string, err error) {
	var all autodnsAnswer
	err = a.do(ctx, http.MethodPost, "_search", map[string]any{"view": map[string]int{"limit": autodnsZones}}, &all)
	for _, z := range all.Data {
		names = append(names, z.Origin)
	}
	return names, err
}

// autodnsZones is how many zones are asked for.
const autodnsZones = 1000

// path is where a zone is: it belongs to a name server.
func (a *autodns) path(ctx context.Context, zone string) (string, error) {
	var found autodnsAnswer
	filter := map[string]string{"key": "name", "operator": "EQUAL", "value": zone}
	if err := a.do(ctx, http.MethodPost, "_search", map[string]any{"filters": []any{filter}}, &found); err != nil {
		return "", err
	}
	for _, z := range found.Data {
		if z.Origin == zone {
			return url.PathEscape(zone) + "/" + url.PathEscape(z.Server), nil
		}
	}
	return "", noZone(zone)
}

// list keeps in an ID what a record holds, and in its line the TTL: so it is named when it goes.
func (a *autodns) list(ctx context.Context, zone string) (list []entry, err error) {
	path, err := a.path(ctx, zone)
	if err != nil {
		return nil, err
	}
	var held autodnsAnswer
	if err := a.do(ctx, http.MethodGet, path, nil, &held); err != nil {
		return nil, err
	}
	for _, z := range held.Data {
		for _, r := range z.Records {
			if r.Name == "" {
				r.Name = "@"
			}
			if isAddress(r.Type) {
				list = append(list, entry{r.Value, r.Name, r.Type, r.Value, r.TTL, strconv.Itoa(r.TTL)})
			}
		}
	}
	return list, nil
}

func (a *autodns) create(ctx context.Context, zone string, e entry) error {
	return a.patch(ctx, zone, map[string]any{"resourceRecordsAdd": a.records(e)}, e)
}

func (a *autodns) update(ctx context.Context, zone string, e entry) error {
	return a.patch(ctx, zone, map[string]any{"resourceRecordsAdd": a.records(e), "resourceRecordsRem": a.records(a.old(e))}, e)
}

func (a *autodns) remove(ctx context.Context, zone string, e entry) error {
	return a.patch(ctx, zone, map[string]any{"resourceRecordsRem": a.records(a.old(e))}, e)
}

func (a *autodns) old(e entry) entry {
	e.data = e.id
	e.ttl, _ = strconv.Atoi(e.line)
	return e
}

func (a *autodns) records(e entry) []autodnsRecord {
	return []autodnsRecord{{apexless(e.name), e.rrtype, e.data, e.ttl}}
}

func (a *autodns) patch(ctx context.Context, zone string, changes any, e entry) error {
	if e.name == "@" && e.rrtype == "A" {
		return refuseRequest(zone, "AutoDNS keeps the IPv4 address of %s as the main one of the zone, which is not changed from here: take a name below it", zone)
	}
	path, err := a.path(ctx, zone)
	if err != nil {
		return err
	}
	return a.do(ctx, http.MethodPatch, path, changes, new(autodnsAnswer))
}
