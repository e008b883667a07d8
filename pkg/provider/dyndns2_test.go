package provider_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/libdns/libdns"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// records are the libdns records of sets, with names relative to the root.
func records(sets ...provider.RecordSet) []libdns.Record {
	var out []libdns.Record
	for _, s := range sets {
		for _, a := range s.Addrs {
			out = append(out, libdns.Address{Name: s.Hostname, IP: a})
		}
	}
	return out
}

// queries are what each request asked, its parameters sorted.
func queries(d *double.Dyndns2) []string {
	var out []string
	for _, r := range d.Requests() {
		out = append(out, strings.NewReplacer("%3A", ":", "%2C", ",").Replace(r.Query.Encode()))
	}
	return out
}

func TestDyndns2_WhatIsSent(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	cases := []struct {
		name, service string
		sets          []provider.RecordSet
		want          []string
	}{
		{"ipv4-only", "noip", []provider.RecordSet{set("a.example.org", ip4)}, []string{"hostname=a.example.org&myip=192.88.99.7"}},
		{"ipv6-only", "noip", []provider.RecordSet{set("a.example.org", ip6)}, []string{"hostname=a.example.org&myip=2001:db8:1::7"}},
		{"both-families", "noip", []provider.RecordSet{set("a.example.org", ip4), set("a.example.org", ip6)},
			[]string{"hostname=a.example.org&myip=192.88.99.7,2001:db8:1::7"}},
		{"ipv4-only", "dynu", []provider.RecordSet{set("a.example.org", ip4)}, []string{"hostname=a.example.org&myip=192.88.99.7&myipv6=no"}},
		{"ipv6-only", "dynu", []provider.RecordSet{set("a.example.org", ip6)}, []string{"hostname=a.example.org&myip=no&myipv6=2001:db8:1::7"}},
		{"both-families", "dynu", []provider.RecordSet{set("a.example.org", ip6), set("a.example.org", ip4)},
			[]string{"hostname=a.example.org&myip=192.88.99.7&myipv6=2001:db8:1::7"}},
		{"two-hostnames-same-address", "dynu", []provider.RecordSet{set("a.example.org", ip4), set("b.example.org", ip4)},
			[]string{"hostname=a.example.org,b.example.org&myip=192.88.99.7&myipv6=no"}},
		{"two-hostnames-one-without-ipv6", "noip", []provider.RecordSet{set("a.example.org", ip4), set("a.example.org", ip6), set("b.example.org", ip4)},
			[]string{"hostname=a.example.org&myip=192.88.99.7,2001:db8:1::7", "hostname=b.example.org&myip=192.88.99.7"}},
		{"two-addresses-in-turn", "noip", []provider.RecordSet{set("a.example.org", ip4), set("b.example.org", ip4b), set("c.example.org", ip4)},
			[]string{"hostname=a.example.org,c.example.org&myip=192.88.99.7", "hostname=b.example.org&myip=192.88.99.8"}},
		{"ipv4-only", "dyndns2", []provider.RecordSet{set("a.example.org", ip4)}, []string{"hostname=a.example.org&myip=192.88.99.7"}},
		{"both-families", "dyndns2", []provider.RecordSet{set("a.example.org", ip4), set("a.example.org", ip6)},
			[]string{"hostname=a.example.org&myip=192.88.99.7,2001:db8:1::7"}},
		{"one-hostname-a-request", "dyndns2", []provider.RecordSet{set("a.example.org", ip4), set("b.example.org", ip4)},
			[]string{"hostname=a.example.org&myip=192.88.99.7", "hostname=b.example.org&myip=192.88.99.7"}},
	}
	for _, c := range cases {
		t.Run(c.service+"/"+c.name, func(t *testing.T) {
			service := l.double(c.service)
			for _, h := range []string{"a.example.org", "b.example.org", "c.example.org"} {
				service.Hold(h, none, none)
			}
			service.Forget()
			recs, err := driver(t, c.service).SetRecords(testContext(t), ".", records(c.sets...))
			if err != nil || len(recs) != len(c.sets) {
				t.Fatalf("got %v, %v", recs, err)
			}
			if got := queries(service); !slices.Equal(got, c.want) {
				t.Errorf("asked %q, want %q", got, c.want)
			}
			for _, s := range c.sets {
				a, aaaa := service.Holds(s.Hostname)
				if (s.Type == "A" && a != s.Addrs[0]) || (s.Type == "AAAA" && aaaa != s.Addrs[0]) {
					t.Errorf("%s holds %s, %s", s.Hostname, a, aaaa)
				}
			}
		})
	}
}

func TestDyndns2_TheOtherFamilyIsNotTouched(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	ctx := testContext(t)
	for _, name := range []string{"noip", "dynu"} {
		service := l.double(name)
		service.Hold("a.example.org", ip4, ip6)
		if _, err := driver(t, name).SetRecords(ctx, ".", records(set("a.example.org", ip6b))); err != nil {
			t.Fatal(err)
		}
		if a, aaaa := service.Holds("a.example.org"); a != ip4 || aaaa != ip6b {
			t.Errorf("%s: after an IPv6 update %s, %s", name, a, aaaa)
		}
		if _, err := driver(t, name).SetRecords(ctx, ".", records(set("a.example.org", ip4b))); err != nil {
			t.Fatal(err)
		}
		if a, aaaa := service.Holds("a.example.org"); a != ip4b || aaaa != ip6b {
			t.Errorf("%s: after an IPv4 update %s, %s", name, a, aaaa)
		}
		// The trap is there: without its protection the A record becomes the request's source.
		trap := "https://" + service.Hosts()[0] + "/nic/update?hostname=a.example.org&myipv6=" + ip6.String()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, trap, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(ddUser, ddPassword)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if a, _ := service.Holds("a.example.org"); a != netip.MustParseAddr("127.0.0.1") {
			t.Errorf("%s: the trap left %s", name, a)
		}
	}
}

func TestDyndns2_ManyHostnames(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	for _, name := range []string{"noip", "dynu"} {
		for n, sizes := range map[int][]int{20: {20}, 21: {20, 1}, 45: {20, 20, 5}} {
			t.Run(fmt.Sprintf("%s/%d-hostnames", name, n), func(t *testing.T) {
				service := l.double(name)
				var sets []provider.RecordSet
				for i := range n {
					h := fmt.Sprintf("h%02d.example.org", i)
					service.Hold(h, none, none)
					sets = append(sets, set(h, ip4), set(h, ip6))
				}
				service.Forget()
				for i, r := range l.account(t, name).Set(testContext(t), "", sets) {
					if r.Outcome != provider.Confirmed || r.Unchanged {
						t.Errorf("%s %s: %+v", sets[i].Hostname, sets[i].Type, r)
					}
				}
				var got []int
				for _, r := range service.Requests() {
					got = append(got, strings.Count(r.Query.Get("hostname"), ",")+1)
				}
				if !slices.Equal(got, sizes) {
					t.Errorf("requests with %v hostnames, want %v", got, sizes)
				}
			})
		}
	}
}

func TestDyndns2_OneOfFiveRefused(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	bad := map[string]struct {
		word string
		want provider.Outcome
	}{
		"h2.example.org": {"nohost", provider.RefusedRequest},
	}
	run := func(t *testing.T, name string, requests int) {
		service := l.double(name)
		var sets []provider.RecordSet
		for i := range 5 {
			h := fmt.Sprintf("h%d.example.org", i)
			service.Hold(h, none, none)
			service.Refuse(h, bad[h].word)
			sets = append(sets, set(h, ip4), set(h, ip6))
		}
		service.Forget()
		for i, r := range l.account(t, name).Set(testContext(t), "", sets) {
			want := provider.Confirmed
			if b, ok := bad[sets[i].Hostname]; ok {
				want = b.want
			}
			if r.Outcome != want {
				t.Errorf("%s %s: %+v, want %s", sets[i].Hostname, sets[i].Type, r, want)
			}
		}
		if n := len(service.Requests()); n != requests {
			t.Errorf("%d requests, want %d", n, requests)
		}
	}
	t.Run("noip", func(t *testing.T) { run(t, "noip", 1) })
	t.Run("dynu", func(t *testing.T) { run(t, "dynu", 1) })
	t.Run("dyndns2", func(t *testing.T) { run(t, "dyndns2", 5) })
	l.dynu.OneLine()
	t.Run("dynu-answers-one-line-for-all", func(t *testing.T) { run(t, "dynu", 6) })
}

func TestDyndns2_AnswersForSeveral(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	confirmed, refused := provider.Confirmed, provider.RefusedRequest
	cases := []struct {
		name, service string
		lines         []string
		want          [3]provider.Outcome
	}{
		{"each-its-own", "noip", []string{"good 192.88.99.7", "nochg 192.88.99.7", "nohost"}, [3]provider.Outcome{confirmed, confirmed, refused}},
		{"one-line-where-each-is-documented", "noip", []string{"good 192.88.99.7"}, [3]provider.Outcome{confirmed, provider.Unknown, provider.Unknown}},
		{"one-line-for-all", "dynu", []string{"good"}, [3]provider.Outcome{confirmed, confirmed, confirmed}},
		{"the-last-line-is-missing", "dynu", []string{"good", "good"}, [3]provider.Outcome{confirmed, confirmed, provider.Unknown}},
		{"about-the-account", "noip", []string{"abuse"}, [3]provider.Outcome{provider.Banned, provider.Banned, provider.Banned}},
		{"service-down", "dynu", []string{"911"}, [3]provider.Outcome{provider.SlowDown, provider.SlowDown, provider.SlowDown}},
		{"a-line-too-many", "dynu", []string{"good", "good", "good", "good"}, [3]provider.Outcome{provider.Trouble, provider.Trouble, provider.Trouble}},
		{"an-unknown-word-between", "noip", []string{"good 192.88.99.7", "perhaps", "good 192.88.99.7"},
			[3]provider.Outcome{confirmed, provider.Trouble, confirmed}},
	}
	for _, c := range cases {
		t.Run(c.service+"/"+c.name, func(t *testing.T) {
			service := l.double(c.service)
			service.Forget()
			service.FailNext(double.Dyndns2Says(c.lines...))
			sets := []provider.RecordSet{set("a.example.org", ip4), set("b.example.org", ip4), set("c.example.org", ip4)}
			for i, r := range l.account(t, c.service).Set(testContext(t), "", sets) {
				checkResult(t, r)
				if r.Outcome != c.want[i] {
					t.Errorf("%s: %+v, want %s", sets[i].Hostname, r, c.want[i])
				}
			}
			if n := len(service.Requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestDyndns2_SubdomainsOfAnOwnDomain(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	l.dynu.Domain("example.org")
	var sets []provider.RecordSet
	for _, h := range []string{"home.example.org", "example.org", "my.dynu.net", "a.b.example.org", "notexample.org"} {
		l.dynu.Hold(h, none, none)
		sets = append(sets, set(h, ip4), set(h, ip6))
	}
	for i, r := range l.account(t, "dynu").Set(testContext(t), "", sets[:2]) {
		if r.Outcome != provider.RefusedRequest || !strings.Contains(r.Text, "domain") {
			t.Errorf("without the option: %s %s: %+v", sets[i].Hostname, sets[i].Type, r)
		}
	}
	l.dynu.Forget()
	settings := ddSettings()
	settings["domain"] = provider.NewSecret("example.org")
	account, err := provider.Open(ddInfo(t, "dynu"), settings, egress.Path{})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range account.Set(testContext(t), "", sets) {
		a, aaaa := l.dynu.Holds(sets[i].Hostname)
		if r.Outcome != provider.Confirmed || a != ip4 || aaaa != ip6 {
			t.Errorf("%s %s: %+v, holds %s, %s", sets[i].Hostname, sets[i].Type, r, a, aaaa)
		}
	}
	want := []string{
		"alias=home&hostname=example.org&myip=192.88.99.7&myipv6=2001:db8:1::7",
		"hostname=example.org,my.dynu.net,notexample.org&myip=192.88.99.7&myipv6=2001:db8:1::7",
		"alias=a.b&hostname=example.org&myip=192.88.99.7&myipv6=2001:db8:1::7",
	}
	if got := queries(l.dynu); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

func TestDyndns2_HostnameWithoutAAAA(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	l.noip.OnlyA("a.example.org")
	sets := []provider.RecordSet{set("a.example.org", ip4), set("a.example.org", ip6)}
	got := l.account(t, "noip").Set(testContext(t), "", sets)
	if got[0].Outcome != provider.Confirmed || got[1].Outcome != provider.RefusedRequest || !strings.Contains(got[1].Text, "AAAA") {
		t.Errorf("got %+v", got)
	}
	if n := len(l.noip.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestDyndns2_TroubleEndsTheBatch(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	for _, f := range []string{"http-500", "reset-before-answer"} {
		t.Run(f, func(t *testing.T) {
			for _, h := range []string{"a.example.org", "b.example.org", "c.example.org"} {
				l.noip.Hold(h, none, none)
			}
			l.noip.Forget()
			l.noip.FailNext(double.Fault{}, double.Named(f))
			sets := []provider.RecordSet{set("a.example.org", ip4), set("b.example.org", ip4b), set("c.example.org", ip6)}
			got := l.account(t, "noip").Set(testContext(t), "", sets)
			if got[0].Outcome != provider.Confirmed || got[1].Outcome == provider.Confirmed || got[1].NotSent || !got[2].NotSent {
				t.Errorf("got %+v", got)
			}
			if n := len(l.noip.Requests()); n != 2 {
				t.Errorf("%d requests, want 2", n)
			}
		})
	}
}

func TestDyndns2_UnchangedIsInBothReturns(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	l.noip.Hold("a.example.org", ip4, none)
	l.noip.Hold("b.example.org", ip4b, none)
	recs, err := driver(t, "noip").SetRecords(testContext(t), ".", records(set("a.example.org", ip4), set("b.example.org", ip4)))
	got := refusalsIn(err)
	if len(recs) != 2 || len(got) != 1 || got["a.example.org "].Outcome != provider.Confirmed || !got["a.example.org "].Unchanged {
		t.Errorf("got %v, %v", recs, got)
	}
}

func TestDyndns2_RecordsThatCannotBe(t *testing.T) {
	d := driver(t, "noip")
	for name, recs := range map[string][]libdns.Record{
		"two-addresses": records(set("a.example.org", ip4), set("a.example.org", ip4b)),
		"text-record":   {libdns.TXT{Name: "a.example.org", Text: "192.88.99.7"}},
		"no-address":    {libdns.RR{Name: "a.example.org", Type: "A", Data: ""}},
		"no-name":       {libdns.Address{IP: ip4}},
		"wrong-type":    {libdns.RR{Name: "a.example.org", Type: "A", Data: ip6.String()}},
	} {
		if got, err := d.SetRecords(testContext(t), ".", recs); err == nil || len(got) != 0 {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}
