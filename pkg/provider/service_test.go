package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libdns/libdns"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// fake is a driver that does as a test says, and remembers how it was called.
type fake struct {
	do func(ctx context.Context, zone string, recs []libdns.Record) error

	mu    sync.Mutex
	calls [][]string // "name type data" of each SetRecords
}

func (f *fake) SetRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	var call []string
	for _, r := range recs {
		rr := r.RR()
		call = append(call, rr.Name+" "+rr.Type+" "+rr.Data)
		if rr.TTL != 0 {
			call = append(call, "TTL "+rr.TTL.String())
		}
	}
	f.mu.Lock()
	f.calls = append(f.calls, call)
	f.mu.Unlock()
	return recs, f.do(ctx, zone, recs)
}

// zoned is a fake with zones.
type zoned struct {
	*fake
	zone   string
	lookup int
}

func (z *zoned) FindZone(context.Context, string) (string, error) { z.lookup++; return z.zone, nil }

func openFake(t *testing.T, limits provider.Limits, d provider.Driver) *provider.Service {
	t.Helper()
	info := &provider.Info{
		Name: "fake", Title: "Fake", Limits: limits,
		Options: []provider.Option{{Name: "password", Secret: true}},
		New:     func(provider.Settings) (provider.Driver, error) { return d, nil },
	}
	s, err := provider.Open(info, provider.Settings{"password": provider.NewSecret("hunter2-hunter2")}, egress.Path{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask is one request under ctx, to the double of DuckDNS.
func ask(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://www.duckdns.org/update?domains=myhome&token="+duckToken+"&ip=192.88.99.7", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// The fakes ask through the rig's egress with its CA.
func (r *rig) openFake(limits provider.Limits, d provider.Driver) *provider.Service {
	r.t.Helper()
	info := &provider.Info{Name: "fake", Title: "Fake", Limits: limits,
		New: func(provider.Settings) (provider.Driver, error) { return d, nil }}
	s, err := provider.Open(info, provider.Settings{}, egress.Path{CAFile: r.ca})
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func TestService_a_driver_that_misbehaves(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(context.Context, string, []libdns.Record) error
	}{
		{"panics", func(context.Context, string, []libdns.Record) error { panic("nil map and hunter2-hunter2") }},
		{"panics-with-an-error", func(context.Context, string, []libdns.Record) error { panic(errors.New("hunter2-hunter2")) }},
		{"claims-success-without-asking", func(context.Context, string, []libdns.Record) error { return nil }},
		{"tells-its-secret", func(context.Context, string, []libdns.Record) error {
			return errors.New("GET /?password=hunter2-hunter2\r\nfailed \x1b[31m")
		}},
		{"talks-for-ever", func(context.Context, string, []libdns.Record) error {
			return errors.New(strings.Repeat("é", 500))
		}},
		{"returns-a-typed-nil", func(context.Context, string, []libdns.Record) error { return (*typedNil)(nil) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := publishOne(t, openFake(t, provider.Limits{}, &fake{do: c.do}), "A home.example.org 192.88.99.7")
			if res.Outcome != provider.Trouble || res.Sent || strings.Contains(res.Text, "hunter2") {
				t.Errorf("%+v", res)
			}
			if !slices.Equal([]rune(res.Text), []rune(strings.ToValidUTF8(res.Text, "?"))) {
				t.Errorf("cut within a character: %q", res.Text)
			}
		})
	}
}

type typedNil struct{ text string }

func (e *typedNil) Error() string { return e.text } // panics on nil

func TestService_a_driver_that_does_not_come_back(t *testing.T) {
	release := make(chan struct{})
	entered := make(chan struct{}, 8)
	made := 0
	info := &provider.Info{Name: "fake", Title: "Fake", New: func(provider.Settings) (provider.Driver, error) {
		made++
		return &fake{do: func(context.Context, string, []libdns.Record) error {
			entered <- struct{}{}
			<-release // whatever the context says
			return nil
		}}, nil
	}}
	s, err := provider.Open(info, provider.Settings{}, egress.Path{})
	if err != nil {
		t.Fatal(err)
	}
	call := func() provider.Result {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		return s.Set(ctx, "", wants("A home.example.org 192.88.99.7"))[0]
	}
	for i := range 3 {
		if res := call(); res.Outcome != provider.Trouble || made != i+2 {
			t.Errorf("call %d: %d drivers made: %+v", i, made, res)
		}
	}
	for range 2 { // with three left behind, no fourth is begun
		if res := call(); res.Outcome != provider.Trouble || len(entered) != 3 {
			t.Errorf("%d drivers entered: %+v", len(entered), res)
		}
	}
	close(release)
	for deadline := time.Now().Add(10 * time.Second); ; {
		s.Set(context.Background(), "", wants("A home.example.org 192.88.99.7"))
		if len(entered) > 3 {
			return // they have come back, and it goes on
		}
		if time.Now().After(deadline) {
			t.Fatal("the account never recovers")
		}
	}
}

func TestService_a_dead_context_sends_nothing(t *testing.T) {
	f := &fake{do: func(context.Context, string, []libdns.Record) error { return nil }}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	res := openFake(t, provider.Limits{}, f).Set(ctx, "", wants("A home.example.org 192.88.99.7"))
	if len(f.calls) != 0 || res[0].Outcome != provider.Trouble || res[0].Sent {
		t.Errorf("%d calls: %+v", len(f.calls), res)
	}
}

func TestService_what_a_driver_is_given(t *testing.T) {
	batch := wants("A a.example.org ::ffff:192.88.99.7", "AAAA a.example.org 2002::1", "A b.example.org 192.88.99.7", "A c.example.org 192.88.99.7", "AAAA b.example.org 2002::2")
	for _, c := range []struct {
		name   string
		limits provider.Limits
		zone   string
		want   string
	}{
		{"one-set-at-a-time", provider.Limits{}, "",
			"[[a.example.org A 192.88.99.7] [a.example.org AAAA 2002::1] [b.example.org A 192.88.99.7] [c.example.org A 192.88.99.7] [b.example.org AAAA 2002::2]]"},
		{"both-families-together", provider.Limits{Joint: true}, "",
			"[[a.example.org A 192.88.99.7 a.example.org AAAA 2002::1] [b.example.org A 192.88.99.7 b.example.org AAAA 2002::2] [c.example.org A 192.88.99.7]]"},
		{"two-names-together", provider.Limits{MaxHostnames: 2}, "",
			"[[a.example.org A 192.88.99.7 a.example.org AAAA 2002::1 b.example.org A 192.88.99.7 b.example.org AAAA 2002::2] [c.example.org A 192.88.99.7]]"},
		{"names-in-a-zone", provider.Limits{}, "Example.org.",
			"[[a A 192.88.99.7] [a AAAA 2002::1] [b A 192.88.99.7] [c A 192.88.99.7] [b AAAA 2002::2]]"},
		{"the-apex", provider.Limits{MaxHostnames: 1}, "a.example.org",
			"[[@ A 192.88.99.7] [@ AAAA 2002::1]]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// A refusal for one name only, so that no batch ends early.
			f := &fake{do: func(context.Context, string, []libdns.Record) error {
				return &provider.Refusal{Result: provider.Result{Outcome: provider.Confirmed, Text: "good"}}
			}}
			var d provider.Driver = f
			if c.zone != "" {
				d = &zoned{fake: f, zone: c.zone}
			}
			sets := batch
			if c.zone == "a.example.org" {
				sets = batch[:2]
			}
			res := openFake(t, c.limits, d).Set(testContext(t), "", slices.Clone(sets))
			for i, r := range res {
				if r.Outcome != provider.Confirmed {
					t.Errorf("set %d: %+v", i, r)
				}
			}
			if got := fmt.Sprint(f.calls); got != c.want {
				t.Errorf("given %s\nwant  %s", got, c.want)
			}
		})
	}
}

func TestService_a_zone_that_does_not_hold_the_name_is_not_believed(t *testing.T) {
	for _, zone := range []string{"ple.org", "xample.org", "home.example.org.evil.net", "", "."} {
		f := &fake{do: func(context.Context, string, []libdns.Record) error { return nil }}
		res := publishOne(t, openFake(t, provider.Limits{}, &zoned{fake: f, zone: zone}), "A home.example.org 192.88.99.7")
		if res.Outcome != provider.Trouble || len(f.calls) != 0 {
			t.Errorf("zone %q: %d calls: %+v", zone, len(f.calls), res)
		}
	}
}

func TestService_refusals_go_to_their_names(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	refuse := func(host, rrtype string, o provider.Outcome) error {
		return &provider.Refusal{Hostname: host, Type: rrtype, Result: provider.Result{Outcome: o, Word: "nohost", Text: "no"}}
	}
	conf, req, cred := provider.Confirmed, provider.RefusedRequest, provider.RefusedCredentials
	for _, c := range []struct {
		name string
		err  error
		want []provider.Outcome // a A, a AAAA, b A
	}{
		{"all-accepted", nil, []provider.Outcome{conf, conf, conf}},
		{"one-name", refuse("b.example.org", "", req), []provider.Outcome{conf, conf, req}},
		{"one-family-of-one-name", refuse("a.example.org", "AAAA", req), []provider.Outcome{conf, req, conf}},
		{"two-names-joined-and-wrapped", fmt.Errorf("updating: %w", errors.Join(refuse("a.example.org", "A", req), refuse("b.example.org", "", cred))), []provider.Outcome{req, conf, cred}},
		{"everyone", refuse("", "", cred), []provider.Outcome{cred, cred, cred}},
		{"one-name-and-something-else", errors.Join(refuse("b.example.org", "", req), errors.New("odd")), []provider.Outcome{provider.Unknown, provider.Unknown, req}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.duck.FailNext(double.Status(200, "done"))
			f := &fake{do: func(ctx context.Context, _ string, _ []libdns.Record) error {
				if err := ask(ctx); err != nil {
					return err
				}
				return c.err
			}}
			s := r.openFake(provider.Limits{MaxHostnames: 5}, f)
			res := s.Set(testContext(t), "", wants("A a.example.org 192.88.99.7", "AAAA a.example.org 2002::1", "A b.example.org 192.88.99.8"))
			var got []provider.Outcome
			for _, x := range res {
				presentable(t, x)
				got = append(got, x.Outcome)
				if !x.Sent {
					t.Errorf("a request went out, and Sent is false: %+v", x)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestService_success_needs_a_whole_2xx(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	for _, c := range []struct {
		fault string
		want  provider.Outcome
	}{
		{"http-500", provider.Trouble}, {"http-403", provider.RefusedCredentials}, {"http-429-retry-after", provider.SlowDown},
		{"reset-in-body", provider.Unknown}, {"reset-before-answer", provider.Unknown}, {"body-of-20-mb", provider.Unknown},
	} {
		r.duck.FailNext(double.Named(c.fault))
		f := &fake{do: func(ctx context.Context, _ string, _ []libdns.Record) error { _ = ask(ctx); return nil }}
		if res := publishOne(t, r.openFake(provider.Limits{}, f), "A home.example.org 192.88.99.7"); res.Outcome != c.want {
			t.Errorf("a driver that ignores %s: %v, want %v: %s", c.fault, res.Outcome, c.want, res.Text)
		}
	}
}

func TestService_a_bound_account_leaves_by_its_device_or_not_at_all(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	s := r.duckdns()
	for device, want := range map[string]provider.Outcome{"lo": provider.Confirmed, "wan9": provider.Trouble} {
		if res := s.Set(testContext(t), device, wants("A myhome.duckdns.org 192.88.99.7"))[0]; res.Outcome != want {
			t.Errorf("by %s: %v: %s", device, res.Outcome, res.Text)
		}
	}
	if n := len(r.duck.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestAll_is_complete_and_stable(t *testing.T) {
	var names []string
	for _, i := range provider.All() {
		names = append(names, i.Name)
		if found := provider.Lookup(i.Name); found == nil || found.Title != i.Title || len(found.Options) != len(i.Options) {
			t.Errorf("%s is not found by its name", i.Name)
		}
		for _, u := range []string{i.Website, i.Docs} {
			if !strings.HasPrefix(u, "https://") {
				t.Errorf("%s: %q is no link", i.Name, u)
			}
		}
		secret := false
		for _, o := range i.Options {
			secret = secret || o.Secret && o.Required
			if o.Name == "" || o.Title == "" || o.Help == "" || o.Kind == "" || o.Secret && o.Default != "" || o.Link != "" && !strings.HasPrefix(o.Link, "https://") {
				t.Errorf("%s: option %+v is not complete", i.Name, o)
			}
		}
		if !secret && i.Name != "custom" && i.Name != "rfc2136" { // whose key may be left out
			t.Errorf("%s has no secret", i.Name)
		}
	}
	if len(names) < 110 {
		t.Errorf("%d services", len(names))
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("services are not sorted, or one is there twice: %v", names)
	}
	if provider.Lookup("google") != nil {
		t.Error("found what is not there")
	}
	text, err := json.Marshal(provider.Lookup("duckdns"))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"name", "title", "website", "docs", "options", "limits"} {
		if m[key] == nil {
			t.Errorf("no %s in %s", key, text)
		}
	}
	for _, part := range []string{`"secret":true`, `"kind":"text"`, `"max_addresses":1`, `"can_delete":false`, `"suffixes":["duckdns.org"]`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("no %s in %s", part, text)
		}
	}
}

func TestSecret_prints_nowhere(t *testing.T) {
	s := provider.Settings{"token": provider.NewSecret(cfToken)}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s["token"]), string(text)} {
		if strings.Contains(shown, cfToken) || !strings.Contains(shown, "***") {
			t.Errorf("prints as %s", shown)
		}
	}
	if _, err := provider.Open(&provider.Info{Title: "Fake", Options: []provider.Option{{Name: "token", Secret: true}},
		New: func(s provider.Settings) (provider.Driver, error) { panic("bad token " + s.Get("token")) },
	}, s, egress.Path{}); err == nil || strings.Contains(err.Error(), cfToken) {
		t.Errorf("opening: %v", err)
	}
}
