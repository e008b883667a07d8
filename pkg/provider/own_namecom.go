//go:build !minimal && !no_namecom

package provider

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// namecomInfo is Name.com. Its libdns module is for an older libdns; hence our own.
var namecomInfo = Info{
	Name:    "namecom",
	Title:   "Name.com",
	Website: "https://www.name.com/",
	Docs:    "https://docs.name.com/api/v1/dns",
	Options: []Option{
		{Name: "username", Title: "Username", Kind: Text, Required: true, Check: checkUsername, Help: "The one that you log in with."},
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true,
			Help: "Account Settings → API → Generate New Token; the one for production. Where two-step verification is on, API access must be allowed there as well.",
			Link: "https://www.name.com/account/settings/api",
		},
		zoneOption,
	},
	RecordOptions: ttlFromFive,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		n := &namecom{rest{base: "https://api.name.com/core/v1/domains", sign: login(s.Get("username"), s.Get("token"))}}
		return newOwn("Name.com", s, n, module{ttl: namecomTTL, blank: true})
	},
}

var _ = add(&namecomInfo)

// namecomTTL is the least that Name.com takes.
const namecomTTL = 5 * time.Minute

type namecom struct{ rest }

// namecomRecord has its name relative to the zone, empty or "@" for the apex.
type namecomRecord struct {
	ID     int64  `json:"id,omitempty"`
	Host   string `json:"host"`
	Type   string `json:"type"`
	Answer string `json:"answer"`
	TTL    int    `json:"ttl"`
}

const namecomPages = 50

// pages asks for each page of a list in turn. What has its default value is left out of an answer.
func (n *namecom) pages(ctx context.Context, path string, read func(zones []string, records []namecomRecord)) error {
	for page, count := 1, 0; page > 0 && count < namecomPages; count++ {
		var all struct {
			Domains []struct {
				Name string `json:"domainName"`
			}
			Records  []namecomRecord
			NextPage int
		}
		if err := n.do(ctx, http.MethodGet, path+"?perPage=1000&page="+strconv.Itoa(page), nil, &all); err != nil {
			return err
		}
		var zones []string
		for _, d := range all.Domains {
			zones = append(zones, d.Name)
		}
		read(zones, all.Records)
		page = all.NextPage
	}
	return nil
}

func (n *namecom) zones(ctx context.Context) (names []string, err error) {
	err = n.pages(ctx, "", func(zones []string, _ []namecomRecord) { names = append(names, zones...) })
	return names, err
}

func (n *namecom) list(ctx context.Context, zone string) (list []entry, err error) {
	err = n.pages(ctx, "/"+zone+"/records", func(_ []string, records []namecomRecord) {
		for _, r := range records {
			if r.Host == "" {
				r.Host = "@"
			}
			if isAddress(r.Type) {
				list = append(list, entry{strconv.FormatInt(r.ID, 10), r.Host, r.Type, r.Answer, r.TTL, ""})
			}
		}
	})
	return list, err
}

func (n *namecom) create(ctx context.Context, zone string, e entry) error {
	return n.do(ctx, http.MethodPost, "/"+zone+"/records", namecomRecord{0, apexless(e.name), e.rrtype, e.data, e.ttl}, new(struct{}))
}

func (n *namecom) update(ctx context.Context, zone string, e entry) error {
	return n.do(ctx, http.MethodPut, "/"+zone+"/records/"+e.id, namecomRecord{0, apexless(e.name), e.rrtype, e.data, e.ttl}, new(struct{}))
}

func (n *namecom) remove(ctx context.Context, zone string, e entry) error {
	return n.do(ctx, http.MethodDelete, "/"+zone+"/records/"+e.id, nil, nil)
}
