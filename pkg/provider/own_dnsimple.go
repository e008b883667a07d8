//go:build !minimal && !no_dnsimple

package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
)

// dnsimpleInfo is DNSimple. Its libdns module links a client of the whole API, 52 KB packed; hence our
// own.
var dnsimpleInfo = Info{
	Name:    "dnsimple",
	Title:   "DNSimple",
	Website: "https://dnsimple.com/",
	Docs:    "https://developer.dnsimple.com/v2/zones/records/",
	Options: []Option{
		{
			Name: "token", Title: "API access token", Kind: Text, Secret: true, Required: true,
			Help: "Account → Access Tokens, for the account that has the domain: not one of a user with several accounts.",
			Link: "https://dnsimple.com/user",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		d := &dnsimple{rest: rest{base: "https://api.dnsimple.com/v2", sign: header("Authorization", "Bearer "+s.Get("token"))}}
		return newOwn("DNSimple", s, d, module{blank: true})
	},
}

var _ = add(&dnsimpleInfo)

type dnsimple struct {
	rest

	mu      sync.Mutex
	account string // the number of the account, as it said
}

// dnsimpleRecord has its name relative to the zone, empty for the apex. Regions are where it is told.
type dnsimpleRecord struct {
	ID      int64    `json:"id,omitempty"`
	Name    string   `json:"name"`
	Type    string   `json:"type,omitempty"`
	Content string   `json:"content"`
	TTL     int      `json:"ttl"`
	Regions []string `json:"regions,omitempty"`
	System  bool     `json:"system_record,omitempty"`
}

const dnsimplePages = 50

// path is where the account has its zones. A token of a user with one account is as good as the account's.
func (d *dnsimple) path(ctx context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.account != "" {
		return d.account, nil
	}
	type account struct{ ID int64 }
	var who struct{ Data struct{ Account *account } }
	if err := d.do(ctx, http.MethodGet, "/whoami", nil, &who); err != nil {
		return "", err
	}
	if who.Data.Account == nil {
		var all struct{ Data []account }
		if err := d.do(ctx, http.MethodGet, "/accounts", nil, &all); err != nil {
			return "", err
		}
		if len(all.Data) != 1 {
			return "", &Refusal{Result: Result{Outcome: RefusedCredentials, Whole: true, Text: "the token of DNSimple is of a user with several accounts: make one of the account that has the domain"}}
		}
		who.Data.Account = &all.Data[0]
	}
	if who.Data.Account.ID == 0 {
		return "", errors.New("the answer names no account")
	}
	d.account = "/" + strconv.FormatInt(who.Data.Account.ID, 10) + "/zones"
	return d.account, nil
}

// pages asks for each page of a list in turn.
func (d *dnsimple) pages(ctx context.Context, rest, query string, read func([]dnsimpleRecord)) error {
	path, err := d.path(ctx)
	if err != nil {
		return err
	}
	for page := 1; page <= dnsimplePages; page++ {
		var all struct {
			Data       []dnsimpleRecord
			Pagination struct {
				Total int `json:"total_pages"`
			}
		}
		if err := d.do(ctx, http.MethodGet, path+rest+"?per_page=100&page="+strconv.Itoa(page)+query, nil, &all); err != nil {
			return err
		}
		read(all.Data)
		if page >= all.Pagination.Total {
			break
		}
	}
	return nil
}

func (d *dnsimple) zones(ctx context.Context) (names []string, err error) {
	err = d.pages(ctx, "", "", func(all []dnsimpleRecord) {
		for _, z := range all {
			names = append(names, z.Name)
		}
	})
	return names, err
}

func (d *dnsimple) list(ctx context.Context, zone string) ([]entry, error) {
	return d.some(ctx, zone, "")
}

func (d *dnsimple) listSet(ctx context.Context, zone, name, rrtype string) ([]entry, error) {
	return d.some(ctx, zone, "&type="+rrtype+"&name="+url.QueryEscape(apexless(name)))
}

// some leaves out what is told in some regions only: it belongs to somebody who wants that so.
func (d *dnsimple) some(ctx context.Context, zone, query string) (list []entry, err error) {
	err = d.pages(ctx, "/"+zone+"/records", query, func(all []dnsimpleRecord) {
		for _, r := range all {
			if r.Name == "" {
				r.Name = "@"
			}
			if isAddress(r.Type) && !r.System && (len(r.Regions) == 0 || slices.Contains(r.Regions, "global")) {
				list = append(list, entry{strconv.FormatInt(r.ID, 10), r.Name, r.Type, r.Content, r.TTL, ""})
			}
		}
	})
	return list, err
}

func (d *dnsimple) create(ctx context.Context, zone string, e entry) error {
	return d.send(ctx, http.MethodPost, zone, "", dnsimpleRecord{Name: apexless(e.name), Type: e.rrtype, Content: e.data, TTL: e.ttl})
}

func (d *dnsimple) update(ctx context.Context, zone string, e entry) error {
	return d.send(ctx, http.MethodPatch, zone, "/"+e.id, dnsimpleRecord{Name: apexless(e.name), Content: e.data, TTL: e.ttl})
}

func (d *dnsimple) send(ctx context.Context, method, zone, id string, r dnsimpleRecord) error {
	path, err := d.path(ctx)
	if err != nil {
		return err
	}
	return d.do(ctx, method, path+"/"+zone+"/records"+id, r, new(struct{}))
}

func (d *dnsimple) remove(ctx context.Context, zone string, e entry) error {
	path, err := d.path(ctx)
	if err != nil {
		return err
	}
	return d.do(ctx, http.MethodDelete, path+"/"+zone+"/records/"+e.id, nil, nil)
}
