//go:build !minimal && !no_linode

package provider

import (
	"context"
	"net/http"
	"strconv"
)

// linodeInfo is Linode. Its libdns module is for an older libdns. Linode takes some TTLs only and rounds
// others, so that a record has no such option.
var linodeInfo = Info{
	Name:    "linode",
	Title:   "Linode (Akamai)",
	Website: "https://www.linode.com/",
	Docs:    "https://techdocs.akamai.com/linode-api/reference/get-domain-records",
	Options: []Option{
		{
			Name: "token", Title: "Access token", Kind: Text, Secret: true, Required: true,
			Help: "My Profile → API Tokens → Create a Personal Access Token, with Read/Write for Domains.",
			Link: "https://cloud.linode.com/profile/tokens",
		},
		zoneOption,
	},
	Limits: Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		l := &linode{rest{base: "https://api.linode.com/v4/domains", sign: header("Authorization", "Bearer "+s.Get("token"))}}
		return newOwn("Linode", s, l, module{})
	},
}

var _ = add(&linodeInfo)

type linode struct{ rest }

type linodeZone struct {
	ID     int64
	Domain string
}

// linodeRecord has its name relative to the zone, empty for the apex.
type linodeRecord struct {
	ID     int64  `json:"id,omitempty"`
	Type   string `json:"type,omitempty"`
	Name   string `json:"name"`
	Target string `json:"target"`
	TTL    int    `json:"ttl_sec"`
}

const (
	linodePage  = 500
	linodePages = 10
)

func (l *linode) all(ctx context.Context) (zones []linodeZone, err error) {
	for page := 1; page <= linodePages; page++ {
		var answer struct{ Data []linodeZone }
		if err := l.do(ctx, http.MethodGet, "?page_size=500&page="+strconv.Itoa(page), nil, &answer); err != nil {
			return nil, err
		}
		if zones = append(zones, answer.Data...); len(answer.Data) < linodePage {
			break
		}
	}
	return zones, nil
}

func (l *linode) zones(ctx context.Context) (names []string, err error) {
	all, err := l.all(ctx)
	for _, z := range all {
		names = append(names, z.Domain)
	}
	return names, err
}

// path is where a zone has its records.
func (l *linode) path(ctx context.Context, zone string) (string, error) {
	all, err := l.all(ctx)
	if err != nil {
		return "", err
	}
	for _, z := range all {
		if z.Domain == zone {
			return "/" + strconv.FormatInt(z.ID, 10) + "/records", nil
		}
	}
	return "", noZone(zone)
}

func (l *linode) list(ctx context.Context, zone string) (list []entry, err error) {
	path, err := l.path(ctx, zone)
	if err != nil {
		return nil, err
	}
	for page := 1; page <= linodePages; page++ {
		var answer struct{ Data []linodeRecord }
		if err := l.do(ctx, http.MethodGet, path+"?page_size=500&page="+strconv.Itoa(page), nil, &answer); err != nil {
			return nil, err
		}
		for _, r := range answer.Data {
			if r.Name == "" {
				r.Name = "@"
			}
			if isAddress(r.Type) {
				list = append(list, entry{strconv.FormatInt(r.ID, 10), r.Name, r.Type, r.Target, r.TTL, ""})
			}
		}
		if len(answer.Data) < linodePage {
			return list, nil
		}
	}
	return nil, errTooMany
}

func (l *linode) create(ctx context.Context, zone string, e entry) error {
	return l.send(ctx, http.MethodPost, zone, "", &linodeRecord{Type: e.rrtype, Name: apexless(e.name), Target: e.data, TTL: e.ttl})
}

func (l *linode) update(ctx context.Context, zone string, e entry) error {
	return l.send(ctx, http.MethodPut, zone, "/"+e.id, &linodeRecord{Name: apexless(e.name), Target: e.data, TTL: e.ttl})
}

func (l *linode) remove(ctx context.Context, zone string, e entry) error {
	return l.send(ctx, http.MethodDelete, zone, "/"+e.id, nil)
}

func (l *linode) send(ctx context.Context, method, zone, id string, r *linodeRecord) error {
	path, err := l.path(ctx, zone)
	if err != nil {
		return err
	}
	if r == nil {
		return l.do(ctx, method, path+id, nil, new(struct{}))
	}
	return l.do(ctx, method, path+id, r, new(struct{}))
}
