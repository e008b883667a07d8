package main

import (
	"bytes"
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

func TestRequestWords_show_no_secret(t *testing.T) {
	header := http.Header{"Authorization": {"Bearer " + site.CloudflareToken}}
	for _, c := range []struct {
		service string
		request double.Request
		want    string
	}{
		{
			duckdns, double.Request{
				Method: "GET", Host: "www.duckdns.org", Path: "/update",
				Query: url.Values{"domains": {"myhome"}, "token": {site.DuckToken}, "ip": {"192.88.99.10"}},
			},
			"GET www.duckdns.org/update myhome 192.88.99.10",
		},
		{
			cloudflare, double.Request{
				Method: "PATCH", Host: "api.cloudflare.com", Header: header,
				Path: "/client/v4/zones/0123456789abcdef0123456789abcdef/dns_records/fedcba9876543210fedcba9876543210",
				Body: `{"type":"AAAA","name":"home","content":"2a0e:97c0:2::7"}`,
			},
			"PATCH api.cloudflare.com/client/v4/zones/…/dns_records/… AAAA 2a0e:97c0:2::7",
		},
	} {
		if got := requestWords(c.service, c.request); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestFields_reads_a_log_line(t *testing.T) {
	got := fields(`warn not published hostname=a.example type=A reason="he said: \"x=y\" no" next=5s`)
	want := map[string]string{"hostname": "a.example", "type": "A", "reason": `he said: "x=y" no`, "next": "5s"}
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s is %q, want %q", key, got[key], value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %q", got)
	}
}

func TestPage_stays_in_its_margins(t *testing.T) {
	var out bytes.Buffer
	p := &page{out: &out}
	p.step(12, "something happens")
	p.event(1234567*time.Microsecond, red, "wandns", strings.Repeat("the service has a fault of its own; ", 9))
	p.verdict([]timing{{homeA, 50 * time.Millisecond, time.Minute}}, strings.Repeat("moral ", 30))
	for _, line := range strings.Split(out.String(), "\n") {
		if n := utf8.RuneCountInString(line); n > width {
			t.Errorf("%d characters: %q", n, line)
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("colour, and it is no terminal")
	}
}

// kernelRow is the moment when an address of the first step's becomes usable.
func kernelRow(at time.Time, addr string) row {
	return row{kind: fromKernel, at: at, change: netwatch.Change{Link: wanDevice}, usable: []netip.Addr{bare(addr)}}
}

func TestMeasure_begins_when_the_address_can_be_used(t *testing.T) {
	at := func(ms int) time.Time { return time.Unix(0, 0).Add(time.Duration(ms) * time.Millisecond) }
	st := step{becomes: map[name]string{homeAAAA: second6}, updates: map[string]int{cloudflare: 1}}
	published := strings.Join(publishedLine(homeAAAA, second6), "")
	rows := []row{
		kernelRow(at(0), first6),
		{kind: fromService, at: at(5), first: at(4), service: cloudflare}, // about something else
		kernelRow(at(1500), second6),
		{kind: fromService, at: at(1554), first: at(1552), service: cloudflare},
		{kind: fromDaemon, at: at(1560), line: "info " + published},
	}
	got := measure(st, rows)
	if len(got) != 1 || got[0].first != 52*time.Millisecond || got[0].confirmed != 60*time.Millisecond {
		t.Errorf("measured %v", got)
	}
	if got := measure(st, rows[3:]); len(got) != 0 {
		t.Errorf("measured %v of a step without a change in the kernel", got)
	}
}

func TestCheckRequests_finds_what_should_not_be(t *testing.T) {
	read := row{kind: fromService, service: cloudflare, request: double.Request{Method: "GET"}}
	write := row{kind: fromService, service: cloudflare, request: double.Request{Method: "PATCH"}}
	duck := row{kind: fromService, service: duckdns, request: double.Request{Method: "GET"}}
	one := map[string]int{cloudflare: 1}
	for name, c := range map[string]struct {
		updates map[string]int
		rows    []row
		good    bool
	}{
		"as-expected":             {one, []row{read, write}, true},
		"nothing-expected":        {nil, nil, true},
		"an-update-missing":       {one, []row{read}, false},
		"an-update-too-many":      {one, []row{write, write}, false},
		"a-read-of-what-is-known": {nil, []row{read}, false},
		"another-service-asked":   {one, []row{write, duck}, false},
	} {
		if err := checkRequests(step{updates: c.updates}, c.rows); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestScenario_agrees_with_itself(t *testing.T) {
	for _, st := range scenario() {
		updates := 0
		for _, n := range st.updates {
			updates += n
		}
		if updates != len(st.becomes)+st.refused {
			t.Errorf("%q: %d updates for %d changes and %d refusals", st.title, updates, len(st.becomes), st.refused)
		}
	}
}

func TestJournal_quiet_ends_with_its_context(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := newJournal().quiet(ctx, time.Hour); err == nil {
		t.Error("an hour of quiet has not passed")
	}
}
