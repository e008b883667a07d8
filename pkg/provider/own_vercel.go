//go:build !minimal && !no_vercel

package provider

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// vercelInfo is Vercel. Its libdns module is for an older libdns; hence our own.
var vercelInfo = Info{
	Name:    "vercel",
	Title:   "Vercel DNS",
	Website: "https://vercel.com/",
	Docs:    "https://vercel.com/docs/rest-api/dns",
	Options: []Option{
		{
			Name: "token", Title: "Access token", Kind: Text, Secret: true, Required: true,
			Help: "Account Settings → Tokens → Create Token, for the team that has the domain.",
			Link: "https://vercel.com/account/settings/tokens",
		},
		{Name: "team_id", Title: "Team ID", Kind: Text, Check: checkPrintable, Help: "For a domain of a team: Team Settings → General. It begins with team_."},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		v := &vercel{rest{base: "https://api.vercel.com", sign: header("Authorization", "Bearer "+s.Get("token"))}, url.Values{}}
		if team := s.Get("team_id"); team != "" {
			v.team.Set("teamId", team)
		}
		return newOwn("Vercel", s, v, module{words: vercelWords})
	},
}

var _ = add(&vercelInfo)

// It says 403 of a token that it does not know, as of a domain that the token may not touch.
var vercelWords = []phrase{
	{`"invalidToken":true`, RefusedCredentials, "it does not know the token, or the token has expired"},
}

type vercel struct {
	rest
	team url.Values // the parameter that names the team
}

// vercelRecord has its name relative to the zone, empty for the apex.
type vercelRecord struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Type  string `json:"type,omitempty"`
	Value string `json:"value"`
	TTL   int    `json:"ttl"`
}

// vercelNew is a record to create: its name must be there, even if empty.
type vercelNew struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
	TTL   int    `json:"ttl"`
}

const vercelPages = 50

// pages asks for each page of a list in turn, from the newest on.
func (v *vercel) pages(ctx context.Context, path string, read func(zones, records []vercelRecord)) error {
	q := url.Values{"limit": {"100"}}
	for range vercelPages {
		var all struct {
			Domains    []vercelRecord
			Records    []vercelRecord
			Pagination struct{ Next int64 }
		}
		if err := v.do(ctx, http.MethodGet, path+v.query(q), nil, &all); err != nil {
			return err
		}
		read(all.Domains, all.Records)
		if all.Pagination.Next == 0 {
			return nil
		}
		q.Set("until", strconv.FormatInt(all.Pagination.Next, 10))
	}
	return errTooMany
}

// query is the parameters of a request, with the team's.
func (v *vercel) query(q url.Values) string {
	all := q.Encode()
	if team := v.team.Encode(); team != "" && all != "" {
		all += "&" + team
	} else {
		all += team
	}
	if all == "" {
		return ""
	}
	return "?" + all
}

func (v *vercel) zones(ctx context.Context) (names []string, err error) {
	err = v.pages(ctx, "/v5/domains", func(zones, _ []vercelRecord) {
		for _, z := range zones {
			names = append(names, z.Name)
		}
	})
	return names, err
}

func (v *vercel) list(ctx context.Context, zone string) (list []entry, err error) {
	err = v.pages(ctx, "/v5/domains/"+zone+"/records", func(_, records []vercelRecord) {
		for _, r := range records {
			if r.Name == "" {
				r.Name = "@"
			}
			if isAddress(r.Type) {
				list = append(list, entry{r.ID, r.Name, r.Type, r.Value, r.TTL, ""})
			}
		}
	})
	return list, err
}

func (v *vercel) create(ctx context.Context, zone string, e entry) error {
	return v.do(ctx, http.MethodPost, "/v2/domains/"+zone+"/records"+v.query(nil), vercelNew{apexless(e.name), e.rrtype, e.data, e.ttl}, new(struct{}))
}

func (v *vercel) update(ctx context.Context, _ string, e entry) error {
	return v.do(ctx, http.MethodPatch, "/v1/domains/records/"+e.id+v.query(nil), vercelRecord{Value: e.data, TTL: e.ttl}, new(struct{}))
}

func (v *vercel) remove(ctx context.Context, zone string, e entry) error {
	return v.do(ctx, http.MethodDelete, "/v2/domains/"+zone+"/records/"+e.id+v.query(nil), nil, new(struct{}))
}
