package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/libdns/duckdns"
	"github.com/libdns/libdns"
)

// duckdnsInfo is DuckDNS, by https://www.duckdns.org/spec.jsp. Its clear=true empties both
// families, so that one record set alone cannot be deleted, and it has nothing to read with.
var duckdnsInfo = Info{
	Name:    "duckdns",
	Title:   "DuckDNS",
	Website: "https://www.duckdns.org/",
	Docs:    "https://www.duckdns.org/spec.jsp",
	Options: []Option{{
		Name: "token", Title: "Token", Kind: Text, Secret: true, Required: true, Check: checkDuckdnsToken,
		Help: "The token at the top of the page once you are signed in: 36 characters in five groups.",
		Link: "https://www.duckdns.org/domains",
	}},
	Limits:        Limits{MaxAddresses: 1, Suffixes: []string{duckdnsDomain}},
	CheckHostname: checkDuckdnsHostname,
	New:           newDuckdns,
}

const (
	duckdnsDomain   = "duckdns.org"
	duckdnsTokenLen = 36 // a UUID; the library refuses another length, and prints it
)

func checkDuckdnsToken(token string) error {
	if len(token) != duckdnsTokenLen {
		return fmt.Errorf("a DuckDNS token has %d characters, this one has %d", duckdnsTokenLen, len(token))
	}
	return nil
}

// checkDuckdnsHostname takes name.duckdns.org alone. DuckDNS answers every name below it with
// the same addresses and has no records of its own there: updating a.name.duckdns.org would
// silently change name.duckdns.org.
func checkDuckdnsHostname(hostname string) error {
	name, ok := strings.CutSuffix(hostname, "."+duckdnsDomain)
	if !ok || name == "" {
		return fmt.Errorf("%s is no DuckDNS name: it must be like myhome.%s", hostname, duckdnsDomain)
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return fmt.Errorf("%s is below %s.%s and always has its addresses: put %[2]s.%s here instead",
			hostname, name[i+1:], duckdnsDomain, duckdnsDomain)
	}
	return nil
}

// duckdnsDriver is libdns' driver, given what it can be trusted with: it goes by
// http.DefaultTransport, which is egress; it ignores the HTTP status and keeps the answer to
// itself, so ReadAnswer looks at what egress saw; it has the token in every error, which
// Service takes out.
type duckdnsDriver struct{ lib duckdns.Provider }

func newDuckdns(s Settings) (Driver, error) {
	token := s.Get("token")
	if err := checkDuckdnsToken(token); err != nil {
		return nil, fmt.Errorf("option token: %w", err)
	}
	return &duckdnsDriver{lib: duckdns.Provider{APIToken: token}}, nil
}

// SetRecords publishes addresses. zone is ".", names are hostnames.
func (d *duckdnsDriver) SetRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	var done []libdns.Record
	for _, r := range recs {
		a, ok := r.(libdns.Address)
		if !ok {
			return done, errors.New("DuckDNS takes addresses only")
		}
		hostname := absolute(a.Name, zone)
		if err := checkDuckdnsHostname(hostname); err != nil {
			return done, &Refusal{Hostname: hostname, Result: Result{Outcome: RefusedRequest, Text: err.Error()}}
		}
		_, err := d.lib.SetRecords(ctx, hostname, []libdns.Record{libdns.Address{Name: "@", IP: a.IP}})
		if err != nil {
			return done, err
		}
		done = append(done, r)
	}
	return done, nil
}

// ReadAnswer reads the verbose answer: OK, the two addresses, UPDATED or NOCHANGE, a line each;
// or KO, for a token and a name that do not belong together.
func (d *duckdnsDriver) ReadAnswer(status int, answer []byte) *Result {
	if status < 200 || status > 299 {
		return nil
	}
	lines := strings.Fields(string(answer))
	if len(lines) == 0 {
		return nil
	}
	switch lines[0] {
	case "OK":
		unchanged := lines[len(lines)-1] == "NOCHANGE"
		return &Result{Outcome: Confirmed, Unchanged: unchanged, Word: "OK", Text: "DuckDNS confirmed"}
	case "KO":
		return &Result{Outcome: RefusedCredentials, Word: "KO",
			Text: "DuckDNS answered KO: the token is wrong, or this name is not one of its account. DuckDNS does not say which"}
	}
	return nil
}
