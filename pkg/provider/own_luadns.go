//go:build !minimal && !no_luadns

package provider

import (
	"context"
	"net/http"
	"strconv"
)

// luadnsInfo is LuaDNS. Its libdns module wants a newer Go than the oldest OpenWrt with a feed of
// ours has; hence our own.
var luadnsInfo = Info{
	Name:    "luadns",
	Title:   "LuaDNS",
	Website: "https://www.luadns.com/",
	Docs:    "https://www.luadns.com/api.html",
	Options: []Option{
		{Name: "username", Title: "E-mail address", Kind: Text, Required: true, Help: "The one that you log in with."},
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true,
			Help: "Settings → API keys. Enable API access there as well.",
			Link: "https://api.luadns.com/api_keys",
		},
		zoneOption,
	},
	RecordOptions: ttlFromFive,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		l := &luadns{rest{base: "https://api.luadns.com/v1/zones", sign: login(s.Get("username"), s.Get("token"))}}
		return newOwn("LuaDNS", s, l, module{})
	},
}

var _ = add(&luadnsInfo)

type luadns struct{ rest }

type luadnsZone struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// luadnsRecord has its full name, with the dot at the end.
type luadnsRecord struct {
	ID      int64  `json:"id,omitempty"`
	Name    string `json:"name"`
	Type    string `json:"type"`
	Content string `json:"content"`
	TTL     int    `json:"ttl"`
}

func (l *luadns) zones(ctx context.Context) (names []string, err error) {
	var all []luadnsZone
	err = l.do(ctx, http.MethodGet, "", nil, &all)
	for _, z := range all {
		names = append(names, z.Name)
	}
	return names, err
}

func (l *luadns) path(ctx context.Context, zone string) (string, error) {
	var all []luadnsZone
	if err := l.do(ctx, http.MethodGet, "", nil, &all); err != nil {
		return "", err
	}
	for _, z := range all {
		if z.Name == zone {
			return "/" + strconv.FormatInt(z.ID, 10) + "/records", nil
		}
	}
	return "", noZone(zone)
}

func (l *luadns) list(ctx context.Context, zone string) (list []entry, err error) {
	path, err := l.path(ctx, zone)
	if err != nil {
		return nil, err
	}
	var held []luadnsRecord
	if err := l.do(ctx, http.MethodGet, path, nil, &held); err != nil {
		return nil, err
	}
	for _, r := range held {
		if isAddress(r.Type) {
			list = append(list, entry{strconv.FormatInt(r.ID, 10), inZone(r.Name, zone), r.Type, r.Content, r.TTL, ""})
		}
	}
	return list, nil
}

func (l *luadns) create(ctx context.Context, zone string, e entry) error {
	return l.send(ctx, http.MethodPost, zone, e)
}

func (l *luadns) update(ctx context.Context, zone string, e entry) error {
	return l.send(ctx, http.MethodPut, zone, e)
}

func (l *luadns) remove(ctx context.Context, zone string, e entry) error {
	return l.send(ctx, http.MethodDelete, zone, e)
}

func (l *luadns) send(ctx context.Context, method, zone string, e entry) error {
	path, err := l.path(ctx, zone)
	if err != nil {
		return err
	}
	r := &luadnsRecord{Name: absolute(e.name, zone) + ".", Type: e.rrtype, Content: e.data, TTL: e.ttl}
	switch method {
	case http.MethodDelete:
		return l.do(ctx, method, path+"/"+e.id, nil, new(luadnsRecord))
	case http.MethodPut:
		r.ID, _ = strconv.ParseInt(e.id, 10, 64)
		path += "/" + e.id
	}
	return l.do(ctx, method, path, r, new(luadnsRecord))
}
