package main_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// A login can be tested as it is in use or as it is being typed; nothing changes at the service,
// and no answer holds a secret.
func TestBus_test_asks_whether_a_login_is_taken(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p := newBusPlace(t, wanUp)
	p.configure(record("home", "duck", ipv4Only, "home.duckdns.org"))
	p.run()
	p.eventually("it answers", func() bool { return p.state("home.duckdns.org").State == "idle" })
	for _, c := range []struct {
		name, args    string
		outcome, says string
	}{
		{"in-use", `{"account":"cf"}`, "confirmed", "Cloudflare"},
		{"typed", `{"options":{"provider":"cloudflare","token":"` + site.CloudflareToken + `"}}`, "confirmed", "Cloudflare"},
		{"secret-left-as-it-is", `{"account":"cf","options":{"provider":"cloudflare","token":"","proxy":""}}`, "confirmed", "Cloudflare"},
		{"wrong", `{"account":"cf","options":{"provider":"cloudflare","token":"0123456789012345678901234567890123456789"}}`, "refused-credentials", "token"},
		{"no-secret-of-another-service", `{"account":"cf","options":{"provider":"desec"}}`, "invalid", "token"},
		{"no-such-option", `{"options":{"provider":"cloudflare","token":"0123456789012345678901234567890123456789","colour":"red"}}`, "invalid", "colour"},
		{"no-such-service", `{"options":{"provider":"nosuch"}}`, "invalid", "provider"},
		{"no-such-account", `{"account":"nosuch"}`, "invalid", "nosuch"},
		{"no-way-to-say", `{"account":"duck"}`, "cannot", "DuckDNS"},
	} {
		var v struct{ Outcome, Word, Text string }
		if err := p.call("test", c.args, &v); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if v.Outcome != c.outcome || !strings.Contains(v.Text, c.says) {
			t.Errorf("%s: %+v", c.name, v)
		}
		if text, _ := json.Marshal(v); strings.Contains(string(text), site.CloudflareToken) {
			t.Errorf("%s: a secret is in %s", c.name, text)
		}
	}
	for _, r := range append(p.Cloudflare.Requests(), p.DuckDNS.Requests()...) {
		if r.Method != http.MethodGet || strings.Contains(r.Path, "update") {
			t.Errorf("%s %s may change something", r.Method, r.Path)
		}
	}
	for _, args := range []string{`{"account":7}`, `{"options":"token"}`, `{"options":{"provider":7}}`, `{"options":{"provider":["cloudflare",7]}}`} {
		if err := p.call("test", args, nil); ubus.StatusOf(err) != ubus.InvalidArgument {
			t.Errorf("%s: %v", args, err)
		}
	}
}

// Whoever asks is answered while a service is silent, and only one service is asked at a time.
func TestBus_test_does_not_wait_in_the_loop(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p := newBusPlace(t, wanUp)
	p.configure(record("home", "duck", ipv4Only, "home.duckdns.org"))
	p.run()
	p.eventually("it answers", func() bool { return p.state("home.duckdns.org").State == "idle" })
	p.Cloudflare.Fail(&double.Fault{Kind: double.Silence})
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan error, 1)
	go func() {
		_, err := p.client.Call(ctx, "wandns", "test", func(b *ubus.Builder) { _ = b.JSON(`{"account":"cf"}`) }) // it is JSON
		first <- err
	}()
	p.eventually("the service is asked", func() bool { return len(p.Cloudflare.Requests()) > 0 })
	var second struct{ Outcome string }
	if err := p.call("test", `{"account":"duck"}`, &second); err != nil || second.Outcome != "slow-down" {
		t.Errorf("a second one at the same time: %+v %v", second, err)
	}
	if p.state("home.duckdns.org").State != "idle" {
		t.Error("the loop waits for the service")
	}
	p.stop(p.daemon) // nor does the end wait
	cancel()
	if err := <-first; err == nil {
		t.Error("the first was answered by a service that is silent")
	}
}
