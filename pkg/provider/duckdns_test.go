package provider_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

func TestDuckDNS_publishes_each_family_by_itself(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	s := r.duckdns()
	steps := []struct {
		name, set       string
		unchanged       bool
		outcome         provider.Outcome
		ipv4, ipv6, who string
	}{
		{"first-ipv4", "A myhome.duckdns.org 192.88.99.7", false, provider.Confirmed, "192.88.99.7", "", "myhome"},
		{"ipv6-leaves-ipv4", "AAAA myhome.duckdns.org 2002:c058:6307::1", false, provider.Confirmed, "192.88.99.7", "2002:c058:6307::1", "myhome"},
		{"mapped-ipv4-is-ipv4", "A myhome.duckdns.org ::ffff:192.88.99.8", false, provider.Confirmed, "192.88.99.8", "2002:c058:6307::1", "myhome"},
		{"the-same-again", "A myhome.duckdns.org 192.88.99.8", true, provider.Confirmed, "192.88.99.8", "2002:c058:6307::1", "myhome"},
		{"not-ours", "A somebody.duckdns.org 192.88.99.8", false, provider.RefusedCredentials, "", "", "somebody"},
	}
	for i, c := range steps {
		res := publishOne(t, s, c.set)
		if res.Outcome != c.outcome || res.Unchanged != c.unchanged {
			t.Errorf("%s: %v, unchanged %v: %s", c.name, res.Outcome, res.Unchanged, res.Text)
		}
		if got := r.duck.Records()[c.who+".duckdns.org"]; got != [2]string{c.ipv4, c.ipv6} {
			t.Errorf("%s: holds %v", c.name, got)
		}
		if n := len(r.duck.Requests()); n != i+1 {
			t.Errorf("%s: %d requests", c.name, n)
		}
	}
}

func TestDuckDNS_answers(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	for _, c := range []struct {
		name, body string
		status     int
		outcome    provider.Outcome
		unchanged  bool
	}{
		{"short-ok", "OK", 200, provider.Confirmed, false},
		{"ok-with-crlf", "OK\r\n192.88.99.7\r\n\r\nUPDATED\r\n", 200, provider.Confirmed, false},
		{"no-change", "OK\n192.88.99.7\n\nNOCHANGE", 200, provider.Confirmed, true},
		{"ko", "KO", 200, provider.RefusedCredentials, false},
		{"ok-within-an-error", "OK", 500, provider.Trouble, false},
		{"okay-is-not-ok", "OKAY", 200, provider.Unknown, false},
		{"token-in-the-answer", "no " + duckToken, 200, provider.Unknown, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.duck.FailNext(double.Status(c.status, c.body))
			res := publishOne(t, r.duckdns(), "A myhome.duckdns.org 192.88.99.7")
			if res.Outcome != c.outcome || res.Unchanged != c.unchanged {
				t.Errorf("%v, unchanged %v: %s", res.Outcome, res.Unchanged, res.Text)
			}
		})
	}
}

func TestDuckDNS_two_refusals_end_a_batch(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	wrong := r.open("duckdns", map[string]string{"token": strings.Repeat("0", 36)})
	res := wrong.Set(context.Background(), "", wants(
		"A myhome.duckdns.org 192.88.99.7", "AAAA myhome.duckdns.org 2002::1", "A other.duckdns.org 192.88.99.7"))
	if len(res) != 3 || res[0].NotSent || res[1].NotSent || !res[2].NotSent || res[2].Sent {
		t.Errorf("results %+v", res)
	}
	if n := len(r.duck.Requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func TestDuckDNS_what_it_cannot_do(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	s := r.duckdns()
	for _, set := range []string{
		"A duckdns.org 192.88.99.7",
		"A nas.myhome.duckdns.org 192.88.99.7", // would change myhome.duckdns.org
		"A myhomeduckdns.org 192.88.99.7",
		"A home.example.org 192.88.99.7",
		"A MyHome.duckdns.org 192.88.99.7",
		"A myhome.duckdns.org 192.88.99.7 192.88.99.8",
		"A myhome.duckdns.org 2002::1",
		"AAAA myhome.duckdns.org 192.88.99.7",
		"TXT myhome.duckdns.org 192.88.99.7",
	} {
		if res := publishOne(t, s, set); res.Outcome != provider.RefusedRequest || res.Sent {
			t.Errorf("%s: %v, sent %v: %s", set, res.Outcome, res.Sent, res.Text)
		}
	}
	if _, err := s.Read(context.Background(), "", "myhome.duckdns.org", "A"); !errors.Is(err, provider.ErrUnreadable) {
		t.Errorf("reading: %v", err)
	}
	if res := s.Delete(context.Background(), "", "myhome.duckdns.org", "A"); res.Outcome != provider.RefusedRequest {
		t.Errorf("deleting: %v", res)
	}
	if res := s.Test(context.Background(), ""); !res.NotSent || res.Outcome == provider.Confirmed {
		t.Errorf("testing: %+v", res)
	}
	if n := len(r.duck.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestDuckDNS_a_token_of_another_length_is_not_repeated(t *testing.T) {
	for _, token := range []string{"", "secret-token", strings.Repeat("x", 37)} {
		_, err := provider.Open(provider.Lookup("duckdns"), provider.Settings{"token": provider.NewSecret(token)}, egress.Path{})
		if err == nil || token != "" && strings.Contains(err.Error(), token) {
			t.Errorf("token of %d characters: %v", len(token), err)
		}
	}
}
