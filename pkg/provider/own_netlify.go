//go:build !minimal && !no_netlify

package provider

import (
	"context"
	"net/http"
)

// netlifyInfo is Netlify. Its libdns module is for an older libdns; hence our own. A record cannot be
// changed: another takes its place.
var netlifyInfo = Info{
	Name:    "netlify",
	Title:   "Netlify DNS",
	Website: "https://www.netlify.com/",
	Docs:    "https://open-api.netlify.com/#tag/dnsZone",
	Options: []Option{
		{
			Name: "token", Title: "Access token", Kind: Text, Secret: true, Required: true,
			Help: "User settings → Applications → Personal access tokens → New access token.",
			Link: "https://app.netlify.com/user/applications#personal-access-tokens",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		n := &netlify{rest{base: "https://api.netlify.com/api/v1/dns_zones", sign: header("Authorization", "Bearer "+s.Get("token"))}}
		return newOwn("Netlify", s, n, module{blank: true})
	},
}

var _ = add(&netlifyInfo)

type netlify struct{ rest }

// netlifyRecord has its full name. Managed ones are of a site.
type netlifyRecord struct {
	ID       string `json:"id,omitempty"`
	Hostname string `json:"hostname"`
	Type     string `json:"type"`
	Value    string `json:"value"`
	TTL      int    `json:"ttl"`
	Managed  bool   `json:"managed,omitempty"`
}

type netlifyZone struct{ ID, Name string }

func (n *netlify) all(ctx context.Context) (all []netlifyZone, err error) {
	err = n.do(ctx, http.MethodGet, "", nil, &all)
	return all, err
}

func (n *netlify) zones(ctx context.Context) (names []string, err error) {
	all, err := n.all(ctx)
	for _, z := range all {
		names = append(names, z.Name)
	}
	return names, err
}

// path is where a zone has its records.
func (n *netlify) path(ctx context.Context, zone string) (string, error) {
	all, err := n.all(ctx)
	if err != nil {
		return "", err
	}
	for _, z := range all {
		if z.Name == zone {
			return "/" + z.ID + "/dns_records", nil
		}
	}
	return "", noZone(zone)
}

func (n *netlify) read(ctx context.Context, zone string) (list []entry, managed map[string]bool, err error) {
	path, err := n.path(ctx, zone)
	if err != nil {
		return nil, nil, err
	}
	var all []netlifyRecord
	if err := n.do(ctx, http.MethodGet, path, nil, &all); err != nil {
		return nil, nil, err
	}
	managed = map[string]bool{}
	for _, r := range all {
		name := inZone(r.Hostname, zone)
		managed[name] = managed[name] || r.Managed
		if isAddress(r.Type) && !r.Managed {
			list = append(list, entry{r.ID, name, r.Type, r.Value, r.TTL, ""})
		}
	}
	return list, managed, nil
}

func (n *netlify) list(ctx context.Context, zone string) ([]entry, error) {
	list, _, err := n.read(ctx, zone)
	return list, err
}

// listSet refuses a name that Netlify itself has put into the zone.
func (n *netlify) listSet(ctx context.Context, zone, name, _ string) ([]entry, error) {
	list, managed, err := n.read(ctx, zone)
	if err == nil && managed[name] {
		full := absolute(name, zone)
		err = refuseRequest(full, "%s is the name of a site at Netlify, which keeps its records itself: take another name", full)
	}
	return list, err
}

func (n *netlify) create(ctx context.Context, zone string, e entry) error {
	path, err := n.path(ctx, zone)
	if err != nil {
		return err
	}
	r := netlifyRecord{Hostname: absolute(e.name, zone), Type: e.rrtype, Value: e.data, TTL: e.ttl}
	return n.do(ctx, http.MethodPost, path, r, new(struct{}))
}

// update puts another in its place.
func (n *netlify) update(ctx context.Context, zone string, e entry) error {
	if err := n.create(ctx, zone, e); err != nil {
		return err
	}
	return n.remove(ctx, zone, e)
}

func (n *netlify) remove(ctx context.Context, zone string, e entry) error {
	path, err := n.path(ctx, zone)
	if err != nil {
		return err
	}
	return n.do(ctx, http.MethodDelete, path+"/"+e.id, nil, nil)
}
