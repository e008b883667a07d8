//go:build !minimal && !no_transip

package provider

import (
	"context"
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// transipInfo is TransIP. Its libdns module links a client for all of its products; hence our own.
var transipInfo = Info{
	Name:    "transip",
	Title:   "TransIP",
	Website: "https://www.transip.nl/",
	Docs:    "https://api.transip.nl/rest/docs.html",
	Options: []Option{
		{
			Name: "username", Title: "User name", Kind: Text, Required: true,
			Help: "What you log in with at the control panel.",
		},
		{
			Name: "private_key", Title: "Private key", Kind: Text, Secret: true, Required: true,
			Help:  "Of a key pair that is not limited to listed addresses, all of it from BEGIN to END in one line. The API must be switched on there.",
			Link:  "https://www.transip.nl/cp/account/api/",
			Check: func(s string) error { _, err := rsaKey(s); return err },
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New:           newTransip,
}

var _ = add(&transipInfo)

type transip struct{ *tokenRest }

const (
	transipBase = "https://api.transip.nl/v6"
	transipLife = 30 * time.Minute
)

func newTransip(s Settings) (Driver, error) {
	key, err := rsaKey(s.Get("private_key"))
	if err != nil {
		return nil, fmt.Errorf("option private_key: %w", err)
	}
	// A request for a token is signed with the key.
	auth := rest{base: transipBase, sign: func(r *http.Request, body []byte) {
		if sum, err := rsaSign(key, crypto.SHA512, body); err == nil {
			r.Header.Set("Signature", base64.StdEncoding.EncodeToString(sum))
		}
	}}
	t := &transip{newTokenRest(transipBase+"/domains", func(ctx context.Context) (string, time.Duration, error) {
		nonce := make([]byte, 8)
		_, _ = rand.Read(nonce) // does not fail
		var answer struct{ Token string }
		err := auth.do(ctx, http.MethodPost, "/auth", map[string]any{
			"login": s.Get("username"), "nonce": hex.EncodeToString(nonce), "read_only": false, "expiration_time": "30 minutes",
			"label": "wandns " + hex.EncodeToString(nonce), "global_key": true,
		}, &answer)
		return answer.Token, transipLife, err
	})}
	return newOwn("TransIP", s, t, module{blank: true, words: []phrase{{"409 Conflict", Trouble, busyAdvice}}})
}

// transipEntry has its name relative to the zone, "@" for the apex. It has no number: it is told by
// all that it holds.
type transipEntry struct {
	Name    string `json:"name"`
	Expire  int    `json:"expire"` // seconds
	Type    string `json:"type"`
	Content string `json:"content"`
}

func (t *transip) zones(ctx context.Context) (names []string, err error) {
	var all struct{ Domains []struct{ Name string } }
	err = t.call(ctx, http.MethodGet, "", nil, &all)
	for _, d := range all.Domains {
		names = append(names, d.Name)
	}
	return names, err
}

func (t *transip) list(ctx context.Context, zone string) (list []entry, err error) {
	var all struct {
		Entries []transipEntry `json:"dnsEntries"`
	}
	err = t.call(ctx, http.MethodGet, "/"+zone+"/dns", nil, &all)
	for _, r := range all.Entries {
		if isAddress(r.Type) {
			list = append(list, entry{strconv.Itoa(r.Expire) + " " + r.Content, r.Name, r.Type, r.Content, r.Expire, ""})
		}
	}
	return list, err
}

func (t *transip) create(ctx context.Context, zone string, e entry) error {
	return t.change(ctx, http.MethodPost, zone, e)
}

// update can give a record another address. For another TTL there has to be a new one.
func (t *transip) update(ctx context.Context, zone string, e entry) error {
	expire, content, _ := strings.Cut(e.id, " ")
	if expire == strconv.Itoa(e.ttl) {
		return t.change(ctx, http.MethodPatch, zone, e)
	}
	if err := t.create(ctx, zone, e); err != nil {
		return err
	}
	old := e
	old.data = content
	old.ttl, _ = strconv.Atoi(expire) // was one
	return t.remove(ctx, zone, old)
}

func (t *transip) remove(ctx context.Context, zone string, e entry) error {
	return t.change(ctx, http.MethodDelete, zone, e)
}

// change takes the two statuses that say that it is done, which come without a page. Any other page
// is from something in between.
func (t *transip) change(ctx context.Context, method, zone string, e entry) error {
	body := map[string]transipEntry{"dnsEntry": {e.name, e.ttl, e.rrtype, e.data}}
	if err := t.call(ctx, method, "/"+zone+"/dns", body, nil); err != nil {
		return err
	}
	if status := lastExchange(ctx).Status; status != http.StatusCreated && status != http.StatusNoContent {
		return errors.New("the answer to a change is no page")
	}
	return nil
}
