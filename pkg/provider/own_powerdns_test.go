//go:build !minimal

package provider_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
)

// atPowerDNS opens an account at a real one, over plain HTTP, as on the owner's own network.
func atPowerDNS(t *testing.T, p *lab.PowerDNS, options ...string) *provider.Service {
	t.Helper()
	s := provider.Settings{"server": provider.NewSecret(p.Server), "token": provider.NewSecret(p.Key)}
	for i := 0; i < len(options); i += 2 {
		s[options[i]] = provider.NewSecret(options[i+1])
	}
	svc, err := provider.Open(provider.Lookup("powerdns"), s, egress.Path{InsecureHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

func TestPowerDNS_updates_a_real_one(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p, err := lab.StartPowerDNS(t.TempDir(), "example.org", "sub.example.org", "xn--bcher-kva.example")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	out := egress.New(egress.Options{UserAgent: "wandns/test", Whole: wholeTime})
	http.DefaultTransport = out
	defer out.Release()
	for _, set := range []struct {
		name, rrtype string
		records      []string
	}{
		{"nas.example.org", "A", []string{"192.88.99.9"}}, {"nas.example.org", "TXT", []string{`"left alone"`}},
		{"pair.example.org", "A", []string{"192.88.99.3", "192.88.99.4", "-192.88.99.99"}},
	} {
		if err := p.Add("example.org", set.name, set.rrtype, 7200, set.records...); err != nil {
			t.Fatal(err)
		}
	}
	svc := atPowerDNS(t, p)
	for _, c := range []struct{ name, host, addrs string }{
		{"created", "home.example.org", "192.88.99.1"},
		{"ipv6", "home.example.org", "2002:c058:6307::1"},
		{"changed", "home.example.org", "192.88.99.2"},
		{"several", "home.example.org", "192.88.99.2 192.88.99.5"},
		{"several-become-one", "pair.example.org", "192.88.99.1"},
		{"apex", "example.org", "192.88.99.1"},
		{"wildcard", "*.example.org", "192.88.99.1"},
		{"longest-zone", "nas.sub.example.org", "192.88.99.1"},
		{"internationalised", "www.xn--bcher-kva.example", "192.88.99.1"},
		{"beside-other-types", "nas.example.org", "2002:c058:6307::2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rrtype := "A"
			if strings.Contains(c.addrs, ":") {
				rrtype = "AAAA"
			}
			if got, err := svc.Read(testContext(t), "", c.host, rrtype); err != nil {
				t.Errorf("reads %v, %v before", got, err)
			}
			res := publishOne(t, svc, rrtype+" "+c.host+" "+c.addrs)
			if res.Outcome != provider.Confirmed || !res.Sent || res.Unchanged {
				t.Fatalf("%+v", res)
			}
			if got, _ := serves(t, c.host, rrtype); strings.Join(got, " ") != c.addrs {
				t.Errorf("serves %v, want %s", got, c.addrs)
			}
			if res := publishOne(t, svc, rrtype+" "+c.host+" "+c.addrs); !res.Unchanged {
				t.Errorf("the same again: %+v", res)
			}
		})
	}
	if got, ttl := serves(t, "nas.example.org", "A"); !slices.Equal(got, []string{"192.88.99.9"}) || ttl != 7200 {
		t.Errorf("the other family holds %v, TTL %d", got, ttl)
	}
	if _, ttl := serves(t, "pair.example.org", "A"); ttl != 7200 {
		t.Errorf("TTL %d, which was 7200", ttl)
	}
	for range 2 { // the second time it is gone already
		if res := svc.Delete(testContext(t), "", "home.example.org", "A"); res.Outcome != provider.Confirmed {
			t.Errorf("deleting: %+v", res)
		}
	}
	if got, _ := serves(t, "home.example.org", "AAAA"); !slices.Equal(got, []string{"2002:c058:6307::1"}) {
		t.Errorf("the other family of the deleted one holds %v", got)
	}
	for _, c := range []struct {
		name, host string
		options    []string
		want       provider.Outcome
	}{
		{"no-zone", "home.example.com", nil, provider.RefusedRequest},
		{"no-zone-by-option", "home.example.com", []string{"zone", "example.com"}, provider.RefusedRequest},
		{"wrong-key", "home.example.org", []string{"token", "wrong"}, provider.RefusedCredentials},
		{"nobody-there", "home.example.org", []string{"server", "http://127.0.0.1:8082"}, provider.Trouble},
	} {
		t.Run(c.name, func(t *testing.T) {
			if res := publishOne(t, atPowerDNS(t, p, c.options...), "A "+c.host+" 192.88.99.7"); res.Outcome != c.want {
				t.Errorf("%v: %s", res.Outcome, res.Text)
			}
		})
	}
	if res := svc.Test(testContext(t), ""); res.Outcome != provider.Confirmed {
		t.Errorf("testing the login: %+v", res)
	}
}

func TestPowerDNS_server_option(t *testing.T) {
	t.Parallel()
	for server, ok := range map[string]bool{
		"https://ns1.example.org": true, "https://ns1.example.org:8443/": true, "ns1.example.org": true, "http://192.168.1.5:8081": true,
		"https://ns1.example.org/pdns": true, "https://ns1.example.org/api/v1": false, "https://me:pw@ns1.example.org": false,
		"ftp://ns1.example.org": false, "https://ns1.example.org/?a=b": false, "": false,
	} {
		s := provider.Settings{"server": provider.NewSecret(server), "token": provider.NewSecret("k")}
		if _, err := provider.Open(provider.Lookup("powerdns"), s, egress.Path{}); (err == nil) != ok {
			t.Errorf("server %q: %v", server, err)
		}
	}
}
