//go:build !minimal && !no_hetzner

package provider

import (
	"context"
	"net/http"
	"strconv"
)

// hetznerInfo is the DNS of the Hetzner Console. Its libdns module is for the API that ended before it.
var hetznerInfo = Info{
	Name:    "hetzner",
	Title:   "Hetzner DNS",
	Website: "https://console.hetzner.com/",
	Docs:    "https://docs.hetzner.cloud/reference/cloud#zone-rrsets",
	Options: []Option{
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true,
			Help: "Of the project that the zone is in: Security → API tokens → Generate API token, with Read & Write. Not one of the old DNS Console.",
			Link: "https://console.hetzner.com/",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		h := &hetzner{rest{base: "https://api.hetzner.cloud/v1/zones", sign: header("Authorization", "Bearer "+s.Get("token"))}}
		return newOwnSets("Hetzner", s, h, module{words: []phrase{{`"locked"`, Trouble, busyAdvice}, {`"conflict"`, Trouble, busyAdvice}}})
	},
}

var _ = add(&hetznerInfo)

type hetzner struct{ rest }

// hetznerSet has its name relative to the zone, "@" for the apex, and no TTL where the zone's counts.
type hetznerSet struct {
	Name    string          `json:"name,omitempty"`
	Type    string          `json:"type,omitempty"`
	TTL     *int            `json:"ttl,omitempty"`
	Records []hetznerRecord `json:"records,omitempty"`
}

type hetznerRecord struct {
	Value   string `json:"value"`
	Comment string `json:"comment,omitempty"`
}

// hetznerPage is the number of the next page, none for the last.
type hetznerPage struct {
	Meta struct {
		Pagination struct {
			Next *int `json:"next_page"`
		}
	}
}

const hetznerPages = 50

// pages asks for each page in turn.
func (h *hetzner) pages(ctx context.Context, path string, read func() (into any, next func() *int)) error {
	for page, n := 1, 0; n < hetznerPages; n++ {
		into, next := read()
		if err := h.do(ctx, http.MethodGet, path+"per_page=50&page="+strconv.Itoa(page), nil, into); err != nil {
			return err
		}
		after := next()
		if after == nil || *after <= page {
			return nil
		}
		page = *after
	}
	return nil
}

func (h *hetzner) zones(ctx context.Context) (names []string, err error) {
	err = h.pages(ctx, "?", func() (any, func() *int) {
		all := new(struct {
			hetznerPage
			Zones []struct{ Name string }
		})
		return all, func() *int {
			for _, z := range all.Zones {
				names = append(names, z.Name)
			}
			return all.Meta.Pagination.Next
		}
	})
	return names, err
}

func (h *hetzner) list(ctx context.Context, zone string) (list []entry, err error) {
	err = h.pages(ctx, "/"+zone+"/rrsets?type=A&type=AAAA&", func() (any, func() *int) {
		all := new(struct {
			hetznerPage
			Sets []hetznerSet `json:"rrsets"`
		})
		return all, func() *int {
			for _, s := range all.Sets {
				list = append(list, s.entries()...)
			}
			return all.Meta.Pagination.Next
		}
	})
	return list, err
}

func (s hetznerSet) entries() (list []entry) {
	for _, r := range s.Records {
		e := entry{name: s.Name, rrtype: s.Type, data: r.Value}
		if s.TTL != nil {
			e.ttl = *s.TTL
		}
		if isAddress(s.Type) {
			list = append(list, e)
		}
	}
	return list
}

// act asks for an action, of which the answer may say that it failed.
func (h *hetzner) act(ctx context.Context, method, path string, send any) error {
	var answer struct {
		Action struct {
			Error *struct{ Code, Message string }
		}
	}
	err := h.do(ctx, method, path, send, &answer)
	if e := answer.Action.Error; err == nil && e != nil {
		err = &Refusal{Result: Result{Outcome: Trouble, Word: e.Code, Text: "Hetzner could not do it: " + e.Message}}
	}
	return err
}

// put keeps what the owner noted beside a record: by its address, or beside the only one.
func (h *hetzner) put(ctx context.Context, zone string, records []entry) error {
	name, rrtype, ttl := records[0].name, records[0].rrtype, records[0].ttl
	path := "/" + zone + "/rrsets/" + name + "/" + rrtype
	var held struct{ RRSet hetznerSet }
	err := h.do(ctx, http.MethodGet, path, nil, &held)
	if err != nil && lastExchange(ctx).Status != http.StatusNotFound {
		return err
	}
	set := hetznerSet{}
	for _, e := range records {
		r := hetznerRecord{Value: e.data}
		for _, old := range held.RRSet.Records {
			if sameAddress(old.Value, e.data) || len(records) == 1 && len(held.RRSet.Records) == 1 {
				r.Comment = old.Comment
			}
		}
		set.Records = append(set.Records, r)
	}
	if err != nil {
		set.Name, set.Type, set.TTL = name, rrtype, &ttl
		return h.act(ctx, http.MethodPost, "/"+zone+"/rrsets", set)
	}
	if old := held.RRSet.TTL; old != nil && *old != ttl || old == nil && ttl != freshTTL {
		if err := h.act(ctx, http.MethodPost, path+"/actions/change_ttl", hetznerSet{TTL: &ttl}); err != nil {
			return err
		}
	}
	return h.act(ctx, http.MethodPost, path+"/actions/set_records", set)
}

func (h *hetzner) drop(ctx context.Context, zone, name, rrtype string) error {
	return h.act(ctx, http.MethodDelete, "/"+zone+"/rrsets/"+name+"/"+rrtype, nil)
}
