//go:build !minimal && !no_nfsn

package provider

import (
	"context"
	"crypto/rand"
	"crypto/sha1" // what the service signs with
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/libdns/libdns"
)

// nfsnInfo is NearlyFreeSpeech.NET. Its libdns module fails for a whole zone over one record that
// it cannot read, and picks salts by a generator that can be foreseen; hence our own. The service
// has no IDs and no list of zones.
var nfsnInfo = Info{
	Name:    "nfsn",
	Title:   "NearlyFreeSpeech.NET",
	Website: "https://www.nearlyfreespeech.net/",
	Docs:    "https://members.nearlyfreespeech.net/wiki/API/Introduction",
	Options: []Option{
		{Name: "username", Title: "User name", Kind: Text, Required: true, Help: "The member login."},
		{
			Name: "token", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Profile → Actions → Manage API Key.",
			Link: "https://members.nearlyfreespeech.net/profile",
		},
		zoneOption,
	},
	RecordOptions: ttlFromThree,
	Limits:        Limits{CanDelete: true},
	New: func(s Settings) (Driver, error) {
		n := &nfsn{rest{base: "https://api.nearlyfreespeech.net/dns/", sign: nfsnSigner(s.Get("username"), s.Get("token")), silent: true}}
		return newLibdns("NearlyFreeSpeech.NET", s, module{
			lib: nfsnLibrary{own{n}, n}, set: oneByOne, updates: true, blank: true, ttl: nfsnTTL, readPaths: []string{"/listRRs"},
		})
	},
}

var _ = add(&nfsnInfo)

// nfsnTTL is the least that it takes, by its libdns module; its own pages do not say.
const nfsnTTL = 3 * time.Minute

type nfsn struct{ rest }

// nfsnLibrary shows of its own only what the service has: it lists no zones.
type nfsnLibrary struct {
	library
	n *nfsn
}

// retime gives a record another TTL. A record is told by its address, so the old one goes first,
// unless it is the only one of its name.
func (l nfsnLibrary) retime(ctx context.Context, zone string, r libdns.Record) error {
	want := entryOf(r)
	all, err := l.n.list(ctx, zone)
	if err != nil {
		return err
	}
	others := slices.ContainsFunc(all, func(e entry) bool {
		return strings.EqualFold(e.name, want.name) && e.rrtype == want.rrtype && !sameAddress(e.data, want.data)
	})
	if !others {
		return l.n.update(ctx, zone, want)
	}
	if old := want.among(all); old != nil {
		if err := l.n.remove(ctx, zone, *old); err != nil {
			return err
		}
	}
	return l.n.create(ctx, zone, want)
}

// nfsnSigner signs with a hash of who asks, when, for what path and with which body.
func nfsnSigner(login, key string) func(*http.Request, []byte) {
	hash := func(text string) string {
		sum := sha1.Sum([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	return func(r *http.Request, body []byte) {
		salt := make([]byte, 8)
		_, _ = rand.Read(salt) // never fails
		head := login + ";" + strconv.FormatInt(time.Now().Unix(), 10) + ";" + hex.EncodeToString(salt)
		r.Header.Set("X-NFSN-Authentication", head+";"+hash(head+";"+key+";"+r.URL.Path+";"+hash(string(body))))
	}
}

// zones are not listed: nfsnLibrary does not show that.
func (n *nfsn) zones(context.Context) ([]string, error) { return nil, ErrUnreadable }

func (n *nfsn) list(ctx context.Context, zone string) (list []entry, err error) {
	var held []struct {
		Name string `json:"name"`
		Type string `json:"type"`
		Data string `json:"data"`
		TTL  int    `json:"ttl"`
	}
	err = n.do(ctx, http.MethodPost, url.PathEscape(zone)+"/listRRs", url.Values{}, &held)
	for _, r := range held {
		if r.Name == "" {
			r.Name = "@"
		}
		if isAddress(r.Type) {
			list = append(list, entry{name: r.Name, rrtype: r.Type, data: r.Data, ttl: r.TTL})
		}
	}
	return list, err
}

func (n *nfsn) create(ctx context.Context, zone string, e entry) error {
	return n.call(ctx, zone, "addRR", e)
}

// update replaces all records of the name and type; there is one when it is asked for.
func (n *nfsn) update(ctx context.Context, zone string, e entry) error {
	return n.call(ctx, zone, "replaceRR", e)
}

func (n *nfsn) remove(ctx context.Context, zone string, e entry) error {
	e.ttl = 0
	return n.call(ctx, zone, "removeRR", e)
}

func (n *nfsn) call(ctx context.Context, zone, method string, e entry) error {
	form := url.Values{"name": {apexless(e.name)}, "type": {e.rrtype}, "data": {e.data}}
	if e.ttl != 0 {
		form.Set("ttl", strconv.Itoa(e.ttl))
	}
	return n.do(ctx, http.MethodPost, url.PathEscape(zone)+"/"+method, form, nil)
}
