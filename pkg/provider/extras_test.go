//go:build !minimal

package provider_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/edit/
func TestCloudflare_extras(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	type record struct {
		content string
		proxied bool
		ttl     int
		comment string
	}
	const a, b = "192.88.99.1", "192.88.99.2"
	on, off, auto := provider.On, provider.Off, provider.AutomaticTTL
	for i, c := range []struct {
		name   string
		before []record
		addrs  string
		extras provider.Extras
		after  []record
		writes string // methods and bodies after the read that comes before each update
	}{
		{"a-new-name", nil, a, provider.Extras{TTL: 5 * time.Minute, Comment: "router"}, []record{{a, false, 300, "router"}}, "POST"},
		{"a-new-proxied-name", nil, a, provider.Extras{Proxied: on}, []record{{a, true, 1, ""}}, "POST"},
		{"the-address-alone", []record{{b, true, 1, "x"}}, a, provider.Extras{Proxied: on, Comment: "x"}, []record{{a, true, 1, "x"}}, `PATCH {"content":"192.88.99.1"}`},
		{"an-option-alone", []record{{a, false, 120, "x"}}, a, provider.Extras{Comment: "y"}, []record{{a, false, 120, "y"}}, `PATCH {"comment":"y"}`},
		{"address-and-option", []record{{b, false, 120, "x"}}, a, provider.Extras{TTL: time.Hour}, []record{{a, false, 3600, "x"}}, `PATCH {"content":"192.88.99.1","ttl":3600}`},
		{"proxy-on", []record{{a, false, 120, "x"}}, a, provider.Extras{Proxied: on}, []record{{a, true, 1, "x"}}, `PATCH {"proxied":true}`},
		{"proxy-off-with-a-ttl", []record{{a, true, 1, ""}}, a, provider.Extras{Proxied: off, TTL: time.Minute}, []record{{a, false, 60, ""}}, `PATCH {"ttl":60,"proxied":false}`},
		{"ttl-of-what-the-owner-proxies", []record{{a, true, 1, ""}}, a, provider.Extras{TTL: time.Hour}, []record{{a, true, 1, ""}}, "GET"},
		{"automatic", []record{{a, false, 600, ""}}, a, provider.Extras{TTL: auto}, []record{{a, false, 1, ""}}, `PATCH {"ttl":1}`},
		{"nothing-to-do", []record{{a, false, 600, "x"}}, a, provider.Extras{TTL: 10 * time.Minute, Proxied: off, Comment: "x"}, []record{{a, false, 600, "x"}}, "GET"},
		{"a-second-address", []record{{a, true, 1, "x"}}, a + " " + b, provider.Extras{Comment: "y"}, []record{{a, true, 1, "y"}, {b, true, 1, "y"}}, `PATCH {"comment":"y"} POST`},
		{"one-too-many", []record{{a, false, 1, ""}, {b, false, 1, ""}}, a, provider.Extras{Proxied: on}, []record{{a, true, 1, ""}}, `PATCH {"proxied":true} DELETE`},
		{"a-note-for-the-free-plan", []record{{a, false, 1, "x"}}, a, provider.Extras{Comment: strings.Repeat("é", 100)}, []record{{a, false, 1, strings.Repeat("é", 100)}}, `PATCH {"comment":"` + strings.Repeat("é", 100) + `"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := r.cloudflare()
			name := "set" + string(rune('a'+i)) + ".example.org"
			for _, x := range c.before {
				r.cf.Put(double.CloudflareRecord{Type: "A", Name: name, Content: x.content, Proxied: x.proxied, TTL: x.ttl, Comment: x.comment})
			}
			if _, err := s.Read(testContext(t), "", name, "A"); err != nil {
				t.Fatal(err)
			}
			r.cf.Forget()
			set := want("A " + name + " " + c.addrs)
			set.Extras = c.extras
			res := s.Set(testContext(t), "", []provider.RecordSet{set})[0]
			presentable(t, res)
			if res.Outcome != provider.Confirmed {
				t.Fatalf("%v: %s", res.Outcome, res.Text)
			}
			var got []record
			for _, x := range r.cf.Records() {
				if x.Name == name {
					got = append(got, record{x.Content, x.Proxied, x.TTL, x.Comment})
				}
			}
			if !slices.Equal(got, c.after) {
				t.Errorf("holds %v, want %v", got, c.after)
			}
			var sent []string
			for _, q := range r.cf.Requests() {
				sent = append(sent, q.Method)
				if q.Method == "PATCH" {
					sent = append(sent, q.Body)
				}
			}
			if got := strings.Join(sent, " "); got != c.writes {
				t.Errorf("sent %s, want %s", got, c.writes)
			}
		})
	}
}

func TestCloudflare_extras_that_it_does_not_take(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	set := want("A home.example.org 192.88.99.1")
	set.Extras.Comment = strings.Repeat("x", 101)
	r.cf.FailNext(healthy, healthy, healthy, double.Fault{Kind: double.Answer, Reply: double.Refuse(400, 9300, "DNS record comments must be 100 characters or less.")})
	res := r.cloudflare().Set(testContext(t), "", []provider.RecordSet{set})[0]
	if res.Outcome != provider.RefusedRequest || !strings.Contains(res.Text, "100 characters") {
		t.Errorf("%v: %s", res.Outcome, res.Text)
	}
	if got := r.cf.Holds("home.example.org", "A"); len(got) != 0 {
		t.Errorf("holds %v", got)
	}
}

// The TTL of a record, at every service of a module that takes one.
func TestLibdns_ttl(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		svc := h.account(s)
		takes := slices.ContainsFunc(svc.Info().RecordOptions, func(o provider.Option) bool { return o.Name == "ttl" })
		put := func(ttl time.Duration, addr string) provider.Result {
			t.Helper()
			set := want("A home.example.org " + addr)
			set.Extras.TTL = ttl
			res := svc.Set(testContext(t), "", []provider.RecordSet{set})[0]
			confirmed(t, s, res)
			return res
		}
		if !takes {
			if s.Kind.LeastTTL > 0 {
				t.Errorf("%s has TTLs, and its records no option", s.Kind.Name)
			}
			return
		}
		short, long := 2*time.Hour, 4*time.Hour
		if s.Kind.MostTTL > 0 {
			short, long = 30*time.Minute, time.Duration(s.Kind.MostTTL)*time.Second
		}
		for _, step := range []struct {
			ttl  time.Duration
			addr string
			want time.Duration
		}{
			{short, "192.88.99.1", short}, {short, "192.88.99.2", short}, {long, "192.88.99.2", long}, {0, "192.88.99.3", long},
		} {
			put(step.ttl, step.addr)
			holds(t, s, "home.example.org", "A", step.addr)
			if _, ttls := s.Held("home.example.org", "A"); !slices.Equal(ttls, []int{int(step.want.Seconds())}) {
				t.Errorf("TTL %v after %v, want %v", ttls, step.ttl, step.want)
			}
		}
		if svc.Info().Limits.MaxAddresses != 1 { // each of several gets the TTL, and none is lost
			both := want("A pair.example.org 192.88.99.3 192.88.99.4")
			for _, ttl := range []time.Duration{short, long} {
				both.Extras.TTL = ttl
				confirmed(t, s, svc.Set(testContext(t), "", []provider.RecordSet{both})[0])
				holds(t, s, "pair.example.org", "A", "192.88.99.3", "192.88.99.4")
				if _, ttls := s.Held("pair.example.org", "A"); !slices.Equal(ttls, []int{int(ttl.Seconds()), int(ttl.Seconds())}) {
					t.Errorf("TTLs %v of two, want %v", ttls, ttl)
				}
			}
		}
		if res := put(long, "192.88.99.3"); !res.Unchanged {
			t.Errorf("the same again was written: %s", res.Text)
		}
		if e := s.Emptied(); len(e) > 0 {
			t.Errorf("empty for a moment: %v", e)
		}
	})
}
