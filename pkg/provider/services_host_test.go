//go:build !minimal

package provider_test

import (
	"testing"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
)

// How a hostname is taken apart for a service that wants its domain and the rest by themselves.
func TestServices_hostname_and_domain(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newServicesLab(t)
	cases := map[string]struct {
		service, domain, hostname string
		want                      string // the host that is sent; empty: nothing is
	}{
		"below-the-domain":       {"namecheap", "example.org", "home.example.org", "home"},
		"two-labels-below":       {"namecheap", "example.org", "a.home.example.org", "a.home"},
		"the-domain-itself":      {"namecheap", "example.org", "example.org", "@"},
		"wildcard":               {"namecheap", "example.org", "*.example.org", "*"},
		"domain-in-capitals":     {"namecheap", "Example.ORG.", "home.example.org", "home"},
		"another-domain":         {"namecheap", "example.org", "home.example.net", ""},
		"ends-like-the-domain":   {"namecheap", "example.org", "notexample.org", ""},
		"suffix-of-the-service":  {"ddojp", "", "home.ddo.jp", "home"},
		"not-under-that-suffix":  {"ddojp", "", "home.example.org", ""},
		"internationalised-name": {"namecheap", "xn--bcher-kva.example", "xn--mnchen-3ya.xn--bcher-kva.example", "xn--mnchen-3ya"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			info := provider.Lookup(c.service)
			settings, login := serviceAccount(info)
			if c.domain != "" {
				settings["domain"] = provider.NewSecret(c.domain)
			}
			login.Hostname = c.hostname
			l.double.Become(l.rows[c.service], login)
			success := l.double.Answer(l.rows[c.service].Dialect.Success) // the row knows first labels only
			l.double.FailNext(success)
			defer l.double.Fail(nil)
			account, err := provider.Open(info, settings, egress.Path{})
			if err != nil {
				t.Fatal(err)
			}
			got := account.Set(testContext(t), "", []provider.RecordSet{set(c.hostname, ip4)})[0]
			requests := l.double.Requests()
			if c.want == "" {
				if got.Outcome != provider.RefusedRequest || got.Sent || len(requests) != 0 {
					t.Errorf("got %+v after %d requests", got, len(requests))
				}
				return
			}
			if len(requests) != 1 || got.Outcome != provider.Confirmed {
				t.Fatalf("got %+v after %d requests", got, len(requests))
			}
			if q := requests[0].Query; q.Get("host")+q.Get("domain") != c.want+c.domain && q.Get("dn") != c.want {
				t.Errorf("asked %v", q)
			}
		})
	}
}

// A key for each family: without the second one, the service holds no IPv6 address.
func TestServices_account_for_one_family(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newServicesLab(t)
	for _, name := range []string{"cloudns", "directnic", "freedns-token"} {
		info := provider.Lookup(name)
		settings, login := serviceAccount(info)
		delete(settings, "token_ipv6")
		l.double.Become(l.rows[name], login)
		account, err := provider.Open(info, settings, egress.Path{})
		if err != nil {
			t.Fatal(err)
		}
		got := account.Set(testContext(t), "", []provider.RecordSet{set(login.Hostname, ip4), set(login.Hostname, ip6)})
		if got[0].Outcome != provider.Confirmed || got[1].Outcome != provider.RefusedRequest || len(l.double.Requests()) != 1 {
			t.Errorf("%s: got %+v after %d requests", name, got, len(l.double.Requests()))
		}
	}
}

// A service that publishes the address of the request says which one that was.
func TestServices_published_another_address_than_asked(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newServicesLab(t)
	for name, answers := range map[string][]string{
		"dyfi":  {"good 198.51.100.9", "good 2001:db8:1::7", "nochg 198.51.100.9"},
		"dyn":   {"good 198.51.100.9"},
		"goip":  {"home.goip.de (198.51.100.9)"},
		"ydns":  {"good 198.51.100.9"},
		"joker": {"good 127.0.0.1"},
	} {
		info := provider.Lookup(name)
		settings, login := serviceAccount(info)
		l.double.Become(l.rows[name], login)
		account, err := provider.Open(info, settings, egress.Path{})
		if err != nil {
			t.Fatal(err)
		}
		for _, answer := range answers {
			l.double.FailNext(l.double.Answer(answer))
			got := account.Set(testContext(t), "", []provider.RecordSet{set(login.Hostname, ip4)})[0]
			if got.Outcome != provider.RefusedRequest && got.Outcome != provider.Banned {
				t.Errorf("%s answers %q: %+v", name, answer, got)
			}
		}
	}
}
