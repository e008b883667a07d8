package provider_test

import (
	"context"
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// healthy lets one request through before a fault.
var healthy = double.Fault{Kind: double.Healthy}

func TestCloudflare_record_sets(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	s := r.cloudflare()
	for i, c := range []struct {
		name   string
		before []string
		after  []string
		writes string // methods after the read that comes before each update
		kept   int    // records that were not written
	}{
		{"created-when-there-is-none", nil, []string{"192.88.99.7"}, "POST", 0},
		{"one-changed", []string{"192.88.99.1"}, []string{"192.88.99.7"}, "PATCH", 0},
		{"two-become-one-new", []string{"192.88.99.1", "192.88.99.2"}, []string{"192.88.99.7"}, "PATCH DELETE", 0},
		{"two-become-one-of-them", []string{"192.88.99.1", "192.88.99.2"}, []string{"192.88.99.2"}, "DELETE", 1},
		{"two-created", nil, []string{"192.88.99.7", "192.88.99.8"}, "POST POST", 0},
		{"one-becomes-two", []string{"192.88.99.1"}, []string{"192.88.99.1", "192.88.99.7"}, "POST", 1},
		{"one-of-two-changes", []string{"192.88.99.1", "192.88.99.2"}, []string{"192.88.99.2", "192.88.99.7"}, "PATCH", 1},
		{"two-stay", []string{"192.88.99.1", "192.88.99.2"}, []string{"192.88.99.1", "192.88.99.2"}, "GET", 2},
		{"three-become-two-new", []string{"192.88.99.1", "192.88.99.2", "192.88.99.3"}, []string{"192.88.99.7", "192.88.99.8"}, "PATCH PATCH DELETE", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := "set" + string(rune('a'+i)) + ".example.org"
			proxied, ttl := i%2 == 0, 120 // a proxied one has an automatic TTL
			if proxied {
				ttl = 1
			}
			other := r.cf.Put(double.CloudflareRecord{Type: "A", Name: "not" + name, Content: "192.88.99.99"})
			for _, a := range c.before {
				r.cf.Put(double.CloudflareRecord{Type: "A", Name: name, Content: a, Proxied: proxied, TTL: 120, Comment: "mine", Tags: []string{"a:b"}})
			}
			if _, err := s.Read(testContext(t), "", name, "A"); err != nil { // finds the zone
				t.Fatal(err)
			}
			r.cf.Forget()
			if res := publishOne(t, s, "A "+name+" "+strings.Join(c.after, " ")); res.Outcome != provider.Confirmed {
				t.Fatalf("%v: %s", res.Outcome, res.Text)
			}
			if got := r.cf.Holds(name, "A"); !slices.Equal(got, c.after) {
				t.Errorf("holds %v, want %v", got, c.after)
			}
			var methods []string
			for _, q := range r.cf.Requests() {
				methods = append(methods, q.Method)
			}
			if got := strings.Join(methods, " "); got != c.writes {
				t.Errorf("sent %s, want %s", got, c.writes)
			}
			kept := 0
			for _, x := range r.cf.Records() {
				switch {
				case x.ID == other.ID && x.Version != 0:
					t.Error("another name was written")
				case x.Name != name || len(c.before) == 0:
				case x.Proxied != proxied || x.TTL != ttl:
					t.Errorf("proxied %v, TTL %d", x.Proxied, x.TTL)
				case slices.Contains(c.before, x.Content) && x.Version == 0:
					kept++
				case x.Version > 0 && (x.Comment != "mine" || len(x.Tags) != 1):
					t.Errorf("comment %q, tags %v", x.Comment, x.Tags)
				}
			}
			if kept != c.kept {
				t.Errorf("%d records left alone, want %d", kept, c.kept)
			}
		})
	}
	if gaps := r.cf.Gaps(); len(gaps) > 0 {
		t.Errorf("empty for a moment: %v", gaps)
	}
}

func TestCloudflare_families_are_apart(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	r.cf.Put(double.CloudflareRecord{Type: "A", Name: "example.org", Content: "192.88.99.1"})
	if res := publishOne(t, r.cloudflare(), "AAAA example.org 2002:c058:6307::1"); res.Outcome != provider.Confirmed {
		t.Fatalf("%v: %s", res.Outcome, res.Text)
	}
	if a, aaaa := r.cf.Holds("example.org", "A"), r.cf.Holds("example.org", "AAAA"); !slices.Equal(a, []string{"192.88.99.1"}) || !slices.Equal(aaaa, []string{"2002:c058:6307::1"}) {
		t.Errorf("A %v, AAAA %v", a, aaaa)
	}
}

func TestCloudflare_finds_the_zone(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	for _, c := range []struct {
		name, host string
		zone       string // that the record ends in; empty: refused
		asked      int    // requests for zones
	}{
		{"apex", "example.org", "example.org", 1},
		{"longest-first", "nas.sub.example.org", "sub.example.org", 2},
		{"below", "a.b.example.org", "example.org", 3},
		{"two-label-suffix", "home.example.co.uk", "example.co.uk", 2},
		{"wildcard", "*.example.org", "example.org", 1},
		{"wildcard-below", "*.nas.sub.example.org", "sub.example.org", 2},
		{"internationalised", "www.xn--bcher-kva.example", "xn--bcher-kva.example", 2},
		{"label-boundary", "notexample.org", "", 1},
		{"nobodys", "home.example.net", "", 2},
		{"nobodys-wildcard", "*.example.net", "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := r.cloudflare()
			r.cf.Forget()
			res := publishOne(t, s, "A "+c.host+" 192.88.99.7")
			zones := 0
			for _, q := range r.cf.Requests() {
				switch {
				case q.Path == "/client/v4/zones":
					zones++
				case !strings.HasPrefix(q.Path, "/client/v4/zones/"+r.cf.ZoneID(c.zone)+"/"):
					t.Errorf("asked %s, which is not in %s", q.Path, c.zone)
				}
			}
			if zones != c.asked {
				t.Errorf("asked for zones %d times: %v", zones, asked(r.cf))
			}
			if c.zone == "" {
				if res.Outcome != provider.RefusedRequest || res.Sent {
					t.Errorf("%v, sent %v: %s", res.Outcome, res.Sent, res.Text)
				}
				return
			}
			if got := r.cf.Holds(c.host, "A"); res.Outcome != provider.Confirmed || !slices.Equal(got, []string{"192.88.99.7"}) {
				t.Errorf("holds %v: %v: %s", got, res.Outcome, res.Text)
			}
			r.cf.Forget()
			if res := publishOne(t, s, "A "+c.host+" 192.88.99.8"); res.Outcome != provider.Confirmed {
				t.Errorf("%v: %s", res.Outcome, res.Text)
			}
			if n := len(r.cf.Requests()); n != 2 {
				t.Errorf("%d requests with the zone known: %v", n, asked(r.cf))
			}
		})
	}
}

func TestCloudflare_a_zone_that_moved_is_found_again(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	s := r.cloudflare()
	if res := publishOne(t, s, "A home.example.org 192.88.99.7"); res.Outcome != provider.Confirmed {
		t.Fatal(res.Text)
	}
	r.cf.Move("example.org")
	if res := publishOne(t, s, "A home.example.org 192.88.99.8"); res.Outcome != provider.RefusedRequest {
		t.Errorf("%v: %s", res.Outcome, res.Text)
	}
	if res := publishOne(t, s, "A home.example.org 192.88.99.8"); res.Outcome != provider.Confirmed {
		t.Errorf("%v: %s", res.Outcome, res.Text)
	}
}

func TestCloudflare_a_token_that_may_not_list_zones(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	r.cf.Blind()
	if res := publishOne(t, r.cloudflare(), "A home.example.org 192.88.99.7"); res.Outcome != provider.RefusedRequest || !strings.Contains(res.Text, "Zone.Zone Read") {
		t.Errorf("%v: %s", res.Outcome, res.Text)
	}
	s := r.open("cloudflare", map[string]string{"token": cfToken, "zone": "example.org", "zone_id": r.cf.ZoneID("example.org")})
	r.cf.Forget()
	if res := publishOne(t, s, "A home.example.org 192.88.99.7"); res.Outcome != provider.Confirmed || len(r.cf.Requests()) != 2 {
		t.Errorf("%v after %v: %s", res.Outcome, asked(r.cf), res.Text)
	}
	if res := s.Test(testContext(t), ""); res.Outcome != provider.Confirmed {
		t.Errorf("test: %v: %s", res.Outcome, res.Text)
	}
	r.cf.Forget()
	if res := publishOne(t, s, "A home.example.net 192.88.99.7"); res.Outcome != provider.RefusedRequest || len(r.cf.Requests()) != 0 {
		t.Errorf("%v after %v: %s", res.Outcome, asked(r.cf), res.Text)
	}
}

func TestCloudflare_error_codes(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	for _, c := range []struct {
		name    string
		before  int // healthy requests: 0 zone, 2 list, 3 write
		status  int
		code    int
		message string
		outcome provider.Outcome
		whole   bool
	}{
		{"bad-token-form", 0, 400, 6003, "Invalid request headers", provider.RefusedCredentials, true},
		{"invalid-token", 0, 403, 9109, "Invalid access token", provider.RefusedCredentials, true},
		{"address-filter", 0, 403, 9109, "Cannot use the access token from location: 192.88.99.7", provider.RefusedCredentials, true},
		{"may-not-read-this-zone", 2, 403, 10000, "Authentication error", provider.RefusedCredentials, false},
		{"may-not-write-this-zone", 3, 403, 10000, "Authentication error", provider.RefusedCredentials, false},
		{"validation", 3, 400, 1004, "DNS Validation Error", provider.RefusedRequest, false},
		{"bad-content", 3, 400, 9005, "Content for A record must be a valid IPv4 address.", provider.RefusedRequest, false},
		{"cname-in-the-way", 3, 400, 81053, "An A, AAAA, or CNAME record with that host already exists.", provider.RefusedRequest, false},
		{"record-went-away", 3, 404, 81044, "Record does not exist.", provider.Trouble, false},
		{"rate-by-code", 3, 400, 971, "You have been rate limited", provider.SlowDown, true},
		{"rate-by-status", 3, 429, 10429, "Too many requests", provider.SlowDown, true},
		{"no-success-with-200", 3, 200, 7777, "Whatever", provider.RefusedRequest, false},
		{"fault-of-its-own", 3, 500, 10000, "Internal", provider.Trouble, false},
		{"hostile-words", 3, 400, 9999, "it was " + cfToken, provider.RefusedRequest, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.cf.Fail(nil)
			for range c.before {
				r.cf.FailNext(healthy)
			}
			r.cf.FailNext(double.Fault{Kind: double.Answer, Reply: double.Refuse(c.status, c.code, c.message)})
			r.cf.Forget()
			res := publishOne(t, r.cloudflare(), "A home.example.org 192.88.99.7")
			if res.Outcome != c.outcome || res.Whole != c.whole || res.Sent != (c.before == 3) {
				t.Errorf("%v, whole %v, sent %v: %s", res.Outcome, res.Whole, res.Sent, res.Text)
			}
			if n := len(r.cf.Requests()); n != c.before+1 {
				t.Errorf("%d requests: %v", n, asked(r.cf))
			}
			t.Log(res.Text)
		})
	}
}

// Somebody else creates the same record between our list and our write.
func TestCloudflare_an_identical_record_is_success(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	r.cf.Put(double.CloudflareRecord{Type: "A", Name: "example.org", Content: "192.88.99.7"})
	list := func(content string) double.Fault {
		reply := double.Reply{Body: `{"success":true,"errors":[],"messages":[],"result":[]}`}
		return double.Fault{Name: content, Kind: double.Answer, Reply: reply}
	}
	r.cf.FailNext(healthy, list("nothing")) // the zone, then a list that is older than the record
	if res := publishOne(t, r.cloudflare(), "A example.org 192.88.99.7"); res.Outcome != provider.Confirmed {
		t.Errorf("%v: %s", res.Outcome, res.Text)
	}
	if got := asked(r.cf); len(got) != 4 { // zone, list, POST, and a look at what is there
		t.Errorf("sent %v", got)
	}
	r.cf.Forget()
	r.cf.Put(double.CloudflareRecord{Type: "A", Name: "example.org", Content: "192.88.99.9"})
	r.cf.FailNext(healthy, list("nothing"))
	if res := publishOne(t, r.cloudflare(), "A example.org 192.88.99.7"); res.Outcome != provider.Unknown {
		t.Errorf("with a stranger's address beside it: %v: %s", res.Outcome, res.Text)
	}
}

func TestCloudflare_reads_and_deletes(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	s := r.cloudflare()
	for _, a := range []string{"192.88.99.9", "192.88.99.1"} {
		r.cf.Put(double.CloudflareRecord{Type: "A", Name: "home.example.org", Content: a, Proxied: true})
	}
	r.cf.Put(double.CloudflareRecord{Type: "AAAA", Name: "home.example.org", Content: "2002::1"})
	r.cf.Put(double.CloudflareRecord{Type: "A", Name: "nas.home.example.org", Content: "192.88.99.2"})
	read := func(rrtype string) []netip.Addr {
		t.Helper()
		got, err := s.Read(testContext(t), "", "home.example.org", rrtype)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got, want := read("A"), []netip.Addr{netip.MustParseAddr("192.88.99.1"), netip.MustParseAddr("192.88.99.9")}; !reflect.DeepEqual(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
	for range 2 { // the second time there is nothing left to delete
		if res := s.Delete(testContext(t), "", "home.example.org", "A"); res.Outcome != provider.Confirmed {
			t.Errorf("deleting: %v: %s", res.Outcome, res.Text)
		}
	}
	if got := read("A"); len(got) != 0 {
		t.Errorf("read %v after deleting", got)
	}
	if got := read("AAAA"); len(got) != 1 || len(r.cf.Holds("nas.home.example.org", "A")) != 1 {
		t.Errorf("deleted too much: AAAA %v", got)
	}
	_, err := s.Read(testContext(t), "", "home.example.net", "A")
	var refusal *provider.Refusal
	if !errors.As(err, &refusal) || refusal.Result.Outcome != provider.RefusedRequest {
		t.Errorf("reading in nobody's zone: %v", err)
	}
}

func TestCloudflare_a_long_list_is_read_whole_and_bounded(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	s := r.cloudflare()
	add := func(n int) {
		for i := range n {
			a := netip.AddrFrom4([4]byte{11, byte(len(r.cf.Holds("many.example.org", "A")) >> 8), byte(i >> 8), byte(i)})
			r.cf.Put(double.CloudflareRecord{Type: "A", Name: "many.example.org", Content: a.String()})
		}
	}
	add(150)
	if got, err := s.Read(testContext(t), "", "many.example.org", "A"); len(got) != 150 || err != nil {
		t.Errorf("read %d addresses, %v", len(got), err)
	}
	for range 3 {
		add(50)
	}
	if _, err := s.Read(testContext(t), "", "many.example.org", "A"); err == nil {
		t.Error("300 addresses were read, and whether there are more is not known")
	}
}

func TestCloudflare_test_of_the_login(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	wrong := r.open("cloudflare", map[string]string{"token": "wrong-token"})
	if res := wrong.Test(testContext(t), ""); res.Outcome != provider.RefusedCredentials || !res.Whole || res.Sent {
		t.Errorf("wrong token: %+v", res)
	}
	if res := r.cloudflare().Test(testContext(t), ""); res.Outcome != provider.Confirmed || res.Sent {
		t.Errorf("user's token: %+v", res)
	}
	r.cf.FailNext(double.Named("http-503"))
	if res := r.cloudflare().Test(testContext(t), ""); res.Outcome != provider.Trouble {
		t.Errorf("while it is down: %+v", res)
	}
	r.cf.AccountOwned()
	if res := r.cloudflare().Test(testContext(t), ""); res.Outcome != provider.Confirmed {
		t.Errorf("account's token: %+v", res)
	}
	r.cf.Blind()
	if res := r.cloudflare().Test(testContext(t), ""); res.Outcome == provider.Confirmed {
		t.Errorf("a token that shows no zone: %+v", res)
	}
	for _, q := range r.cf.Requests() {
		if q.Method != "GET" {
			t.Errorf("a test changed something: %s %s", q.Method, q.Path)
		}
	}
}

func TestCloudflare_one_bad_name_does_not_stop_the_others(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	batch := wants("A home.example.net 192.88.99.7", "A home.example.org 192.88.99.7", "AAAA home.example.org 2002::1")
	res := r.cloudflare().Set(testContext(t), "", batch)
	if res[0].Outcome != provider.RefusedRequest || res[1].Outcome != provider.Confirmed || res[2].Outcome != provider.Confirmed {
		t.Errorf("%+v", res)
	}
	r.cf.Fail(&double.Fault{Kind: double.Answer, Reply: double.Reply{Status: 503}})
	r.cf.Forget()
	res = r.cloudflare().Set(testContext(t), "", batch)
	if n := len(r.cf.Requests()); n != 1 || res[0].NotSent || !res[1].NotSent || !res[2].NotSent {
		t.Errorf("%d requests while it is down: %+v", n, res)
	}
}

func TestCloudflare_options(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 2)
	for _, c := range []struct {
		name     string
		settings map[string]string
		good     bool
	}{
		{"token-alone", map[string]string{"token": "x"}, true},
		{"no-token", nil, false},
		{"token-with-a-space", map[string]string{"token": "abcd efgh"}, false},
		{"global-api-key", map[string]string{"token": id + "01234"}, false},
		{"zone", map[string]string{"token": "x", "zone": "Example.org."}, true},
		{"zone-in-another-script", map[string]string{"token": "x", "zone": "bücher.example"}, false},
		{"zone-of-one-label", map[string]string{"token": "x", "zone": "org"}, false},
		{"zone-and-id", map[string]string{"token": "x", "zone": "example.org", "zone_id": id}, true},
		{"id-without-zone", map[string]string{"token": "x", "zone_id": id}, false},
		{"id-with-a-path", map[string]string{"token": "x", "zone": "example.org", "zone_id": "../" + id[3:]}, false},
	} {
		settings := provider.Settings{}
		for k, v := range c.settings {
			settings[k] = provider.NewSecret(v)
		}
		_, err := provider.Open(provider.Lookup("cloudflare"), settings, egress.Path{})
		if (err == nil) != c.good || err != nil && strings.Contains(err.Error(), "abcd efgh") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestCloudflare_a_context_that_ends(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	r.cf.FailNext(healthy, healthy, healthy, double.Named("no-answer"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_ = r.cf.Await(ctx, func(q []double.Request) bool { return len(q) == 4 })
		cancel()
	}()
	began := time.Now()
	res := r.cloudflare().Set(ctx, "", wants("A home.example.org 192.88.99.7"))
	if res[0].Outcome != provider.Unknown || !res[0].Sent || time.Since(began) > wholeTime {
		t.Errorf("after %v: %+v", time.Since(began), res[0])
	}
}
