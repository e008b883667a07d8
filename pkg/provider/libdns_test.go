//go:build !minimal

package provider_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// hostedRig is the doubles of all services with a libdns module.
type hostedRig struct {
	*rig
	all []*double.Hosted
}

func newHostedRig(t *testing.T) *hostedRig {
	t.Helper()
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	h := &hostedRig{rig: &rig{t: t, ca: filepath.Join(t.TempDir(), "ca.pem")}}
	if err := os.WriteFile(h.ca, ca.Bundle(), 0o600); err != nil {
		t.Fatal(err)
	}
	h.all = double.NewHosted("example.net", "example.org", "sub.example.org", "xn--bcher-kva.example")
	var services []double.Service
	for _, s := range h.all {
		services = append(services, s)
	}
	h.front = double.NewFront(ca, services...)
	if err := lab.ReplaceFile("/etc/hosts", h.front.HostsFile("127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	if err := h.front.Listen("127.0.0.1:443"); err != nil {
		t.Fatal(err)
	}
	out := egress.New(egress.Options{UserAgent: "wandns/test", Whole: wholeTime})
	http.DefaultTransport = out
	t.Cleanup(func() {
		out.Release()
		if err := h.front.Close(); err != nil {
			t.Error(err)
		}
		for _, c := range h.front.Complaints() {
			t.Error("complaint:", c)
		}
	})
	return h
}

// account opens an account at a double, with options over those that it takes.
func (h *hostedRig) account(s *double.Hosted, options ...[2]string) *provider.Service {
	settings := maps.Clone(s.Kind.Options)
	for _, o := range options {
		settings[o[0]] = o[1]
	}
	return h.open(s.Kind.Name, settings)
}

// each runs a test against every double, empty.
func (h *hostedRig) each(f func(t *testing.T, s *double.Hosted)) {
	for _, s := range h.all {
		h.t.Run(s.Kind.Name, func(t *testing.T) {
			h.t.Cleanup(func() { s.Fail(nil) })
			s.Clear()
			s.Fail(nil)
			f(t, s)
		})
	}
}

// clean checks that a result shows no secret of the account.
func clean(t *testing.T, s *double.Hosted, r provider.Result) {
	t.Helper()
	presentable(t, r)
	for name, secret := range s.Kind.Options {
		if !slices.Contains([]string{"context", "customer", "server", "team_id"}, name) && strings.Contains(r.Text+r.Word, secret) {
			t.Errorf("the result shows %s: %q", name, r.Text)
		}
	}
}

func holds(t *testing.T, s *double.Hosted, name, rrtype string, want ...string) {
	t.Helper()
	if got, _ := s.Held(name, rrtype); !slices.Equal(got, want) {
		t.Errorf("%s %s holds %v, want %v", name, rrtype, got, want)
	}
}

func confirmed(t *testing.T, s *double.Hosted, res provider.Result) {
	t.Helper()
	clean(t, s, res)
	if res.Outcome != provider.Confirmed {
		t.Fatalf("%v: %s", res.Outcome, res.Text)
	}
}

func TestLibdns_every_module_has_a_double(t *testing.T) {
	var have []string
	for _, s := range double.NewHosted() {
		have = append(have, s.Kind.Name)
		if s.Kind.Docs == "" || provider.Lookup(s.Kind.Name) == nil {
			t.Errorf("%s: documentation %q", s.Kind.Name, s.Kind.Docs)
		}
	}
	for _, i := range provider.All() {
		if slices.ContainsFunc(i.Options, func(o provider.Option) bool { return o.Name == "zone" }) && i.Name != "cloudflare" && i.Name != "rfc2136" && !slices.Contains(have, i.Name) {
			t.Errorf("%s has no double", i.Name)
		}
	}
}

// What becomes of an update, by service and outcome.
func TestLibdns_outcomes(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	for _, c := range []struct {
		name    string
		host    string
		fail    func(*double.Hosted) *double.Fault
		options func(*double.Hosted) [][2]string
		want    provider.Outcome
	}{
		{name: "success", host: "home.example.org", want: provider.Confirmed},
		{name: "apex", host: "example.org", want: provider.Confirmed},
		{name: "wildcard", host: "*.example.org", want: provider.Confirmed},
		{name: "deep", host: "a.b.c.example.org", want: provider.Confirmed},
		{name: "longest-zone", host: "nas.sub.example.org", want: provider.Confirmed},
		{name: "other-zone-of-the-account", host: "home.example.net", want: provider.Confirmed},
		{name: "internationalised", host: "www.xn--bcher-kva.example", want: provider.Confirmed},
		{name: "zone-by-option", host: "home.example.org", want: provider.Confirmed,
			options: func(*double.Hosted) [][2]string { return [][2]string{{"zone", "example.org"}} }},
		{name: "other-zone-by-option", host: "home.example.net", want: provider.RefusedRequest,
			options: func(*double.Hosted) [][2]string { return [][2]string{{"zone", "example.org"}} }},
		{name: "unknown-host", host: "home.example.com", want: provider.RefusedRequest},
		{name: "unknown-wildcard", host: "*.example.com", want: provider.RefusedRequest},
		{name: "zone-by-option-that-is-not-there", host: "home.example.com", want: provider.RefusedRequest,
			options: func(*double.Hosted) [][2]string { return [][2]string{{"zone", "example.com"}} }},
		{name: "label-boundary", host: "notexample.org", want: provider.RefusedRequest},
		{name: "bad-credentials", host: "home.example.org", want: provider.RefusedCredentials,
			options: func(s *double.Hosted) [][2]string { return [][2]string{s.Kind.Wrong} }},
		{name: "rate-limit", host: "home.example.org", want: provider.SlowDown,
			fail: func(s *double.Hosted) *double.Fault { return &double.Fault{Kind: double.Answer, Reply: s.Kind.TooMany} }},
		{name: "server-error", host: "home.example.org", want: provider.Trouble, fail: named("http-500")},
		{name: "html-error-page", host: "home.example.org", want: provider.Trouble, fail: named("http-502-html")},
		{name: "unavailable", host: "home.example.org", want: provider.Trouble, fail: named("http-503")},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.t = t
			h.each(func(t *testing.T, s *double.Hosted) {
				var options [][2]string
				if c.options != nil {
					options = c.options(s)
				}
				if c.fail != nil {
					s.Fail(c.fail(s))
				}
				ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second) // deSEC's module waits when told to
				defer cancel()
				res := h.account(s, options...).Set(ctx, "", wants("AAAA "+c.host+" 2002:c058:6307::1"))[0]
				clean(t, s, res)
				if res.Outcome != c.want {
					t.Errorf("%v, want %v: %s", res.Outcome, c.want, res.Text)
				}
				if c.want == provider.Confirmed {
					holds(t, s, c.host, "AAAA", "2002:c058:6307::1")
				} else {
					holds(t, s, c.host, "AAAA")
				}
			})
		})
	}
}

// A router that has just started may not know the time: that passes, and is no matter of credentials.
func TestLibdns_wrong_clock(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	answers := map[string]double.Reply{
		"alidns":         {Status: 400, Body: `{"RequestId":"1","Code":"InvalidTimeStamp.Expired","Message":"Specified time stamp or date value is expired."}`},
		"googleclouddns": {Status: 400, Body: `{"error":"invalid_grant","error_description":"Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."}`},
		"huaweicloud":    {Status: 401, Body: `{"error_msg":"Incorrect IAM authentication information: calc ak sk signature fail:signature expired","error_code":"APIGW.0301","request_id":"1"}`},
		"ovh":            {Status: 400, Body: `{"message":"Query out of time","httpCode":"400 Bad Request","errorCode":"QUERY_TIME_OUT"}`},
		"route53":        double.Route53Error(403, "SignatureDoesNotMatch", "Signature expired: 20200101T000000Z is now earlier than 20261125T000000Z (20261125T000500Z - 5 min.)"),
		"tencentcloud":   {Status: 200, Body: `{"Response":{"Error":{"Code":"AuthFailure.SignatureExpire","Message":"Signature has expired."},"RequestId":"1"}}`},
	}
	h.each(func(t *testing.T, s *double.Hosted) {
		reply, signs := answers[s.Kind.Name]
		if !signs {
			return
		}
		delete(answers, s.Kind.Name)
		s.FailNext(double.Fault{Kind: double.Answer, Reply: reply})
		res := h.account(s).Set(testContext(t), "", wants("A home.example.org 192.88.99.7"))[0]
		clean(t, s, res)
		if res.Outcome != provider.Trouble || !strings.Contains(res.Text, "clock") {
			t.Errorf("%v: %s", res.Outcome, res.Text)
		}
	})
	if len(answers) > 0 {
		t.Errorf("not tried: %v", answers)
	}
}

// A zone that is still at the change before: that passes, and does not hold the name back for a day.
func TestLibdns_busy(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	answers := map[string]double.Reply{
		"hetzner":  {Status: 423, Body: `{"error":{"code":"locked","message":"zone is locked"}}`},
		"scaleway": {Status: 409, Body: `{"type":"transient_state","message":"resource is in a transient state"}`},
		"transip":  {Status: 409, Body: `{"error":"Modification is not permitted at the moment"}`},
	}
	h.each(func(t *testing.T, s *double.Hosted) {
		reply, ok := answers[s.Kind.Name]
		if s.Kind.Name == "netcup" {
			return // asked for another zone after it, it answers
		}
		if !ok {
			reply = double.Reply{Status: 423, Body: `{}`}
		}
		s.FailNext(double.Fault{Kind: double.Answer, Reply: reply})
		res := h.account(s).Set(testContext(t), "", wants("A home.example.org 192.88.99.7"))[0]
		clean(t, s, res)
		if res.Outcome != provider.Trouble {
			t.Errorf("%v: %s", res.Outcome, res.Text)
		}
	})
}

// A refusal within a page with status 200 is none the less one.
func TestMijnhost_refusal_with_status_200(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		if s.Kind.Name != "mijnhost" {
			return
		}
		svc := h.account(s, [2]string{"zone", "example.org"})
		s.FailNext(healthy, healthy, double.Fault{Kind: double.Answer, Reply: double.Reply{Status: 200, Body: `{"status":400,"status_description":"Invalid DNS records"}`}})
		res := svc.Set(testContext(t), "", wants("A home.example.org 192.88.99.7"))[0]
		if res.Outcome != provider.RefusedRequest || !strings.Contains(res.Text, "Invalid DNS records") {
			t.Errorf("%v: %s", res.Outcome, res.Text)
		}
	})
}

func named(name string) func(*double.Hosted) *double.Fault {
	return func(*double.Hosted) *double.Fault { f := double.Named(name); return &f }
}

func TestLibdns_updates(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		svc := h.account(s)
		const name = "home.example.org"
		s.Put(name, "AAAA", "2002:c058:6301::1", 7200)
		s.Put("nothome.example.org", "A", "192.88.99.9", 7200)
		s.Put("example.org", "A", "192.88.99.9", 7200)
		s.Put("www.example.org", "CNAME", "example.org", 7200)
		confirmed(t, s, publishOne(t, svc, "A "+name+" 192.88.99.1"))
		holds(t, s, name, "A", "192.88.99.1")

		got, err := svc.Read(testContext(t), "", name, "A")
		if err != nil || fmt.Sprint(got) != "[192.88.99.1]" {
			t.Fatalf("read %v, %v", got, err)
		}
		confirmed(t, s, publishOne(t, svc, "A "+name+" 192.88.99.2"))
		holds(t, s, name, "A", "192.88.99.2")

		s.Forget()
		if res := publishOne(t, svc, "A "+name+" 192.88.99.2"); res.Outcome != provider.Confirmed || !res.Unchanged {
			t.Errorf("the same again: %v, unchanged %v: %s", res.Outcome, res.Unchanged, res.Text)
		}
		confirmed(t, s, publishOne(t, svc, "AAAA "+name+" 2002:c058:6307::1"))
		was := 7200
		if s.Kind.MostTTL > 0 {
			was = s.Kind.MostTTL
		}
		if _, ttl := s.Held(name, "AAAA"); s.Kind.MostTTL >= 0 && !slices.Equal(ttl, []int{was}) {
			t.Errorf("TTL %v, which was %d", ttl, was)
		}
		if e := s.Emptied(); len(e) > 0 {
			t.Errorf("empty for a moment: %v", e)
		}
		confirmed(t, s, svc.Delete(testContext(t), "", name, "A"))
		holds(t, s, name, "A")
		holds(t, s, name, "AAAA", "2002:c058:6307::1")
		confirmed(t, s, svc.Delete(testContext(t), "", name, "A")) // is gone already
		holds(t, s, "nothome.example.org", "A", "192.88.99.9")
		holds(t, s, "example.org", "A", "192.88.99.9")
		holds(t, s, "www.example.org", "CNAME", "example.org")
	})
}

func TestLibdns_several_addresses(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		svc := h.account(s)
		const name = "home.example.org"
		for _, a := range []string{"192.88.99.3", "192.88.99.4", "192.88.99.5"} {
			s.Put(name, "A", a, 7200)
		}
		got, err := svc.Read(testContext(t), "", name, "A")
		if err != nil || len(got) != 3 {
			t.Fatalf("read %v, %v", got, err)
		}
		confirmed(t, s, publishOne(t, svc, "A "+name+" 192.88.99.1"))
		holds(t, s, name, "A", "192.88.99.1")
		if svc.Info().Limits.MaxAddresses == 1 {
			return
		}
		confirmed(t, s, publishOne(t, svc, "A "+name+" 192.88.99.1 192.88.99.2"))
		holds(t, s, name, "A", "192.88.99.1", "192.88.99.2")
		confirmed(t, s, publishOne(t, svc, "A "+name+" 192.88.99.2 192.88.99.6"))
		holds(t, s, name, "A", "192.88.99.2", "192.88.99.6")
		if e := s.Emptied(); len(e) > 0 {
			t.Errorf("empty for a moment: %v", e)
		}
		s.Put(name, "A", "192.88.99.7", 7200)
		confirmed(t, s, svc.Delete(testContext(t), "", name, "A"))
		holds(t, s, name, "A")
	})
}

// Any misbehaviour of a service at any request of an update ends as what it is, and never as
// confirmed when the name does not hold the address.
func TestLibdns_any_fault_at_any_request(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	for _, before := range []string{"", "192.88.99.1"} {
		t.Run("from-"+before, func(t *testing.T) {
			h.t = t
			h.each(func(t *testing.T, s *double.Hosted) {
				reset := func() {
					s.Clear()
					s.Fail(nil)
					if before != "" {
						s.Put(updated, "A", before, 7200)
					}
				}
				reset()
				confirmed(t, s, publishOne(t, h.account(s), "A "+updated+" 192.88.99.7"))
				requests := len(s.Requests())
				for at := range requests {
					for _, fault := range double.Faults() {
						reset()
						h.failAt(t, s, at, requests, fault)
					}
				}
			})
		})
	}
}

const updated = "home.example.org"

func (h *hostedRig) failAt(t *testing.T, s *double.Hosted, at, requests int, fault double.Fault) {
	t.Helper()
	writes := at == requests-1
	switch {
	case fault.Kind == double.Silence || fault.Kind == double.Drip:
		return // three seconds each
	case writes && fault.Name == "empty-body" && (s.Kind.Name == "godaddy" || s.Kind.Name == "ionos" || s.Kind.Name == "nfsn" || s.Kind.Name == "powerdns" || s.Kind.Name == "spaceship"):
		return // its own answer to an update has no more
	}
	for range at {
		s.FailNext(healthy)
	}
	s.FailNext(fault)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // deSEC's module waits when told to
	defer cancel()
	res := h.account(s).Set(ctx, "", wants("A "+updated+" 192.88.99.7"))[0]
	clean(t, s, res)
	got, _ := s.Held(updated, "A")
	good := len(got) == 1 && got[0] == "192.88.99.7"
	both := slices.Contains([]string{"dreamhost", "ionos", "netlify", "spaceship"}, s.Kind.Name) // may be left with the old address beside the new, and not say confirmed
	if res.Outcome == provider.Confirmed && !good || len(got) > 1 && !both {
		t.Errorf("%s at request %d of %d: %v, the name holds %v: %s", fault.Name, at+1, requests, res.Outcome, got, res.Text)
	}
	s.Fail(nil)
	confirmed(t, s, publishOne(t, h.account(s), "A "+updated+" 192.88.99.7"))
	holds(t, s, updated, "A", "192.88.99.7")
}

func TestLibdns_test_of_a_login(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		good := h.account(s).Test(testContext(t), "")
		bad := h.account(s, s.Kind.Wrong).Test(testContext(t), "")
		clean(t, s, good)
		clean(t, s, bad)
		if good.NotSent {
			return // has no way to tell
		}
		if good.Outcome != provider.Confirmed || bad.Outcome != provider.RefusedCredentials {
			t.Errorf("good %v (%s), bad %v (%s)", good.Outcome, good.Text, bad.Outcome, bad.Text)
		}
	})
}
