//go:build !minimal && !no_bunny

package provider

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// bunnyInfo is bunny.net's DNS. Its libdns module links the list of public suffixes, 38 KB packed,
// and finds one of several records only; hence our own.
var bunnyInfo = Info{
	Name:    "bunny",
	Title:   "bunny.net",
	Website: "https://bunny.net/dns/",
	Docs:    "https://docs.bunny.net/reference/dnszonepublic_addrecord",
	Options: []Option{
		{
			Name: "token", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Account settings → API. It is the key of the whole account.",
			Link: "https://dash.bunny.net/account/api-key",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		b := &bunny{rest{base: "https://api.bunny.net/dnszone", sign: header("AccessKey", s.Get("token"))}}
		return newOwn("bunny.net", s, b, module{blank: true, find: b.zoneOf})
	},
}

var _ = add(&bunnyInfo)

type bunny struct{ rest }

type bunnyZone struct {
	ID     int64  `json:"Id"`
	Domain string `json:"Domain"`
}

// bunnyRecord has a number for its type: 0 is A, 1 is AAAA.
type bunnyRecord struct {
	ID    int64  `json:"Id,omitempty"`
	Type  int    `json:"Type"`
	TTL   int    `json:"Ttl,omitempty"`
	Value string `json:"Value"`
	Name  string `json:"Name"`
	// Disabled is one that nobody is told.
	Disabled bool `json:"Disabled,omitempty"`
}

var bunnyTypes = []string{"A", "AAAA"}

// bunnyPage is how many zones are asked for at a time, and bunnyPages how often. Each comes with all of
// its records.
const (
	bunnyPage  = 5
	bunnyPages = 10
)

// find lists zones whose names hold a part.
func (b *bunny) find(ctx context.Context, part string) (zones []bunnyZone, err error) {
	for page := 1; page <= bunnyPages; page++ {
		var all struct {
			Items        []bunnyZone
			HasMoreItems bool
		}
		path := "?page=" + strconv.Itoa(page) + "&perPage=" + strconv.Itoa(bunnyPage) + "&search=" + url.QueryEscape(part)
		if err := b.do(ctx, http.MethodGet, path, nil, &all); err != nil {
			return nil, err
		}
		zones = append(zones, all.Items...)
		if !all.HasMoreItems {
			break
		}
	}
	return zones, nil
}

// zoneOf looks for a zone by each name that it could have.
func (b *bunny) zoneOf(ctx context.Context, hostname string) (string, error) {
	for name := hostname; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		all, err := b.find(ctx, name)
		if err != nil {
			return "", err
		}
		for _, z := range all {
			if strings.EqualFold(z.Domain, name) {
				return name, nil
			}
		}
	}
	return "", refuseRequest(hostname, "no zone of this account of bunny.net holds %s", hostname)
}

// zones are some of the account's, enough to see that the key is right.
func (b *bunny) zones(ctx context.Context) (names []string, err error) {
	all, err := b.find(ctx, "")
	for _, z := range all {
		names = append(names, z.Domain)
	}
	return names, err
}

// path is where a zone has its records.
func (b *bunny) path(ctx context.Context, zone string) (string, error) {
	all, err := b.find(ctx, zone)
	if err != nil {
		return "", err
	}
	for _, z := range all {
		if strings.EqualFold(z.Domain, zone) {
			return "/" + strconv.FormatInt(z.ID, 10), nil
		}
	}
	return "", noZone(zone)
}

func (b *bunny) list(ctx context.Context, zone string) (list []entry, err error) {
	path, err := b.path(ctx, zone)
	if err != nil {
		return nil, err
	}
	var held struct{ Records []bunnyRecord }
	if err := b.do(ctx, http.MethodGet, path, nil, &held); err != nil {
		return nil, err
	}
	for _, r := range held.Records {
		if r.Type < 0 || r.Type >= len(bunnyTypes) || r.Disabled {
			continue
		}
		if r.Name == "" {
			r.Name = "@"
		}
		list = append(list, entry{strconv.FormatInt(r.ID, 10), r.Name, bunnyTypes[r.Type], r.Value, r.TTL, ""})
	}
	return list, nil
}

func (b *bunny) create(ctx context.Context, zone string, e entry) error {
	return b.send(ctx, http.MethodPut, zone, e)
}

func (b *bunny) update(ctx context.Context, zone string, e entry) error {
	return b.send(ctx, http.MethodPost, zone, e)
}

func (b *bunny) remove(ctx context.Context, zone string, e entry) error {
	return b.send(ctx, http.MethodDelete, zone, e)
}

func (b *bunny) send(ctx context.Context, method, zone string, e entry) error {
	path, err := b.path(ctx, zone)
	if err != nil {
		return err
	}
	r := bunnyRecord{TTL: e.ttl, Value: e.data, Name: apexless(e.name)}
	if e.rrtype == "AAAA" {
		r.Type = 1
	}
	path += "/records"
	switch method {
	case http.MethodDelete:
		return b.do(ctx, method, path+"/"+e.id, nil, nil)
	case http.MethodPost:
		r.ID, _ = strconv.ParseInt(e.id, 10, 64)
		return b.do(ctx, method, path+"/"+e.id, r, nil)
	}
	return b.do(ctx, method, path, r, new(bunnyRecord))
}
