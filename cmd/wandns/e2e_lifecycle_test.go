// Restarts and reloads: what does not change is not asked for, and what does, is asked for alone.
package main_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/pkg/publish"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/site"
)

// tally is how many requests reached each service.
type tally struct{ cf, duck, noip, dynu int }

func (p *place) tally() tally {
	return tally{len(p.Cloudflare.Requests()), len(p.DuckDNS.Requests()), len(p.NoIP.Requests()), len(p.Dynu.Requests())}
}

func (a tally) since(b tally) tally {
	return tally{a.cf - b.cf, a.duck - b.duck, a.noip - b.noip, a.dynu - b.dynu}
}

// awaitRest waits for a status that this daemon wrote after a moment and in which every name of
// every record stands as expected (current where nothing is said).
func (p *place) awaitRest(d *site.Process, after time.Time, states ...publish.State) daemon.Status {
	p.t.Helper()
	if len(states) == 0 {
		states = []publish.State{publish.Current}
	}
	var s daemon.Status
	p.t.Cleanup(func() {
		if p.t.Failed() {
			p.t.Logf("the last status that was waited for: %+v", s.Records)
		}
	})
	p.eventually("all names settle", func() bool {
		var err error
		s, _, err = daemon.ReadStatus(p.RunDir)
		return err == nil && s.PID == d.PID() && s.Written.After(after) && rest(s, states)
	})
	return s
}

func rest(s daemon.Status, states []publish.State) bool {
	for _, r := range s.Records {
		for _, n := range r.Names {
			is := false
			for _, state := range states {
				is = is || n.State == state
			}
			if !is {
				return false
			}
		}
	}
	return true
}

// nobody is a record that no configuration has. Wishing it updated changes nothing, and makes
// the daemon write a status that is newer than the wish.
const nobody = "nobody-of-this-name"

// barrier returns a status that tells of everything up to now, once all is settled.
func (p *place) barrier(d *site.Process, states ...publish.State) daemon.Status {
	p.t.Helper()
	now := time.Now()
	if err := daemon.Wish(p.RunDir, nobody); err != nil {
		p.t.Fatal(err)
	}
	return p.awaitRest(d, now, states...)
}

// hup makes the daemon read this configuration, and returns when it has.
func (p *place) hup(d *site.Process, sections string) {
	p.t.Helper()
	if err := p.Configure(sections); err != nil {
		p.t.Fatal(err)
	}
	p.rehup(d, "configuration read")
}

// rehup makes the daemon read the configuration, and waits for its line.
func (p *place) rehup(d *site.Process, line string) {
	p.t.Helper()
	seen := len(d.Lines())
	if err := d.Signal(syscall.SIGHUP); err != nil {
		p.t.Fatal(err)
	}
	p.line(d, seen, line)
}

// debug is the section that makes the daemon say everything.
const debug = "config wandns 'main'\n\toption log_level 'debug'\n"

// quick lets a name change as often as a test does.
const quick = "; option rate_burst '10'; option rate_interval '5s'"

const wanV6 = "2a01:4f8:1:2::7/64"

// household has a record at every service.
func household() string {
	return debug + site.Accounts() +
		record("home", "duck", ipv4Only+quick, "home.duckdns.org") +
		record("nas", "noip", ipv4Only+quick, "home.ddns.net", "nas.ddns.net") +
		record("site", "cf", quick, "home.example.org") +
		record("office", "dynu", quick, "home.dynu.net")
}

// newHousehold is a place where a household's daemon runs and all its names are right.
func newHousehold(t *testing.T) (*place, *site.Process) {
	t.Helper()
	p := newPlace(t)
	if err := p.Configure(household()); err != nil {
		t.Fatal(err)
	}
	p.renumber("", wan1)
	p.renumber("", wanV6)
	d := p.start()
	p.awaitRest(d, time.Time{})
	return p, d
}

func TestRestart_with_nothing_changed_asks_nobody(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p, d := newHousehold(t)
	before := p.tally()
	for range 3 {
		p.stop(d)
		d = p.start()
		s := p.awaitRest(d, time.Time{})
		if len(s.Records) != 4 {
			t.Fatalf("%d records, want 4", len(s.Records))
		}
	}
	for range 3 {
		p.hup(d, household())
	}
	p.barrier(d)
	p.stop(d)
	if got := p.tally().since(before); got != (tally{}) {
		t.Fatalf("nothing had changed and these requests were made: %+v", got)
	}
}

// change is a reload, and the requests that it makes.
type change struct {
	name   string
	config string
	want   tally
	states []publish.State
}

func TestReload_asks_for_what_changed_alone(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p, d := newHousehold(t)
	all := household()
	with := func(more ...string) string { return all + strings.Join(more, "") }
	swap := func(text string, oldNew ...string) string {
		out := strings.NewReplacer(oldNew...).Replace(text)
		if out == text {
			t.Fatalf("%q is not in the configuration", oldNew)
		}
		return out
	}
	sections := strings.Split(strings.TrimSpace(all), "\nconfig ")
	turned := strings.TrimPrefix(sections[0], "config ")
	for _, s := range sections[1:] {
		turned = s + "\n\nconfig " + turned
	}
	second := record("second", "duck", ipv4Only+quick, "nas.duckdns.org")
	ca := "\toption token '" + site.DuckToken + "'\n"
	fixed := swap(all, "config record 'office'\n", "config record 'office'\n\toption source 'static'\n\tlist address '192.88.99.77'\n\tlist address '2a01:4f8:1:2::77'\n")
	held := []publish.State{publish.Current, publish.Held}
	renamed := swap(all, "config account 'duck'", "config account 'ducky'", "option account 'duck'", "option account 'ducky'")
	moved := swap(all, "option provider 'duckdns'\n"+ca, "option provider 'noip'\n\toption username '"+site.User+"'\n\toption password '"+site.Password+"'\n",
		"'home.duckdns.org'", "'moved.ddns.net'")
	p.NoIP.Hold("moved.ddns.net", addr("192.0.2.1"), addr(""))
	for _, c := range []change{
		{"nothing", all, tally{}, nil},
		{"sections-in-another-order-and-a-comment", "config " + turned + "\n# a comment\n", tally{}, nil},
		{"rates", swap(all, "rate_interval '5s'", "rate_interval '6s'"), tally{}, nil},
		{"record-renamed", swap(all, "config record 'home'", "config record 'house'"), tally{}, nil},
		{"hostname-added", swap(all, "\tlist hostname 'home.duckdns.org'\n", "\tlist hostname 'home.duckdns.org'\n\tlist hostname 'nas.duckdns.org'\n"), tally{duck: 1}, nil},
		{"hostname-removed", all, tally{}, nil},
		{"record-added", with(second), tally{duck: 1}, nil},
		{"record-disabled", with(swap(second, "\toption account", "\toption enabled '0'\n\toption account")), tally{}, nil},
		{"record-enabled-again", with(second), tally{duck: 1}, nil},
		{"record-removed", all, tally{}, nil},
		{"fixed-addresses-for-one", fixed, tally{dynu: 1}, nil},
		{"fixed-addresses-gone-again", all, tally{dynu: 1}, nil},
		{"account-option-that-is-the-default", swap(all, ca, ca+"\toption bind '0'\n"), tally{}, nil},
		{"account-option-changed", swap(all, ca, ca+"\toption ca_file '/etc/ssl/certs/ca-certificates.crt'\n"), tally{duck: 1}, nil},
		{"token-wrong", swap(all, site.DuckToken, "00000000-114e-40ef-ba1d-d217904a50f2"), tally{duck: 1}, held},
		{"token-still-wrong", swap(all, site.DuckToken, "00000000-114e-40ef-ba1d-d217904a50f2"), tally{}, held},
		{"token-right", all, tally{duck: 1}, nil},
		{"account-renamed", renamed, tally{duck: 1}, nil},
		{"account-renamed-back", all, tally{duck: 1}, nil},
		{"account-at-another-service", moved, tally{noip: 1}, nil},
		{"account-back-at-its-service", all, tally{duck: 1}, nil},
		{"cloudflare-record-disabled", swap(all, "config record 'site'\n", "config record 'site'\n\toption enabled '0'\n"), tally{}, nil},
		// The account is opened again, so its zone is found anew: two requests. Both record sets
		// are read, and none is written.
		{"cloudflare-record-enabled-again", all, tally{cf: 4}, nil},
		{"off", swap(all, "log_level 'debug'", "log_level 'debug'\n\toption enabled '0'"), tally{}, []publish.State{publish.Waiting}},
	} {
		before := p.tally()
		p.hup(d, c.config)
		s := p.barrier(d, c.states...)
		if got := p.tally().since(before); got != c.want {
			t.Errorf("%s: requests %+v, want %+v", c.name, got, c.want)
		}
		if s.Error != "" || len(s.Problems) > 0 {
			t.Fatalf("%s: %s %v", c.name, s.Error, s.Problems)
		}
		if c.name == "account-renamed" {
			p.eventually("the state of an account that is gone is forgotten", func() bool {
				_, err := os.Stat(filepath.Join(p.RunDir, "account-duck.json"))
				return os.IsNotExist(err)
			})
		}
		if c.name == "record-removed" && p.DuckDNS.Records()["nas.duckdns.org"][0] != bare(wan1) {
			t.Fatalf("a record was removed and its name no longer holds what it did: %v", p.DuckDNS.Records())
		}
	}
	for _, r := range p.Cloudflare.Records() {
		if r.Version != 0 {
			t.Errorf("the %s record of %s was written %d times more than once", r.Type, r.Name, r.Version)
		}
	}
	before := p.tally()
	p.renumber(wan1, "192.88.100.2/24")
	p.line(d, 0, "kernel", "192.88.100.2")
	p.barrier(d, publish.Waiting)
	if got := p.tally().since(before); got != (tally{}) {
		t.Fatalf("switched off, it made requests: %+v", got)
	}
	p.hup(d, all)
	p.barrier(d)
	p.holds(p.Cloudflare.Holds("home.example.org", "A"), "192.88.100.2")
	if p.DuckDNS.Records()["home.duckdns.org"][0] != "192.88.100.2" {
		t.Fatalf("DuckDNS holds %v", p.DuckDNS.Records())
	}
	p.stop(d)
}

func TestReload_of_a_broken_file_leaves_the_old_one_in_force(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p, d := newHousehold(t)
	before := p.tally()
	breakages := map[string]func(){
		"no UCI":  func() { p.writeConfig(household() + "\nconfig record 'x\n") },
		"missing": func() { p.must(os.Remove(p.ConfigFile)) },
		"a folder": func() {
			p.must(os.Remove(p.ConfigFile))
			p.must(os.Mkdir(p.ConfigFile, 0o755))
		},
		"too large": func() { p.writeConfig(household() + strings.Repeat("# filler\n", 1<<18)) },
	}
	for _, name := range []string{"no UCI", "missing", "a folder", "too large"} {
		p.must(os.RemoveAll(p.ConfigFile))
		p.writeConfig(household())
		breakages[name]()
		p.rehup(d, "the configuration cannot be used")
		s := p.barrier(d)
		if !strings.Contains(s.Error, p.ConfigFile) || len(s.Records) != 4 {
			t.Fatalf("%s: the status says %q of %d records, want what is wrong with %s and 4 records", name, s.Error, len(s.Records), p.ConfigFile)
		}
		if out, exit := p.command("check"); exit != 1 || !strings.Contains(out, p.ConfigFile) {
			t.Fatalf("%s: check exits with %d: %s", name, exit, out)
		}
	}
	if got := p.tally().since(before); got != (tally{}) {
		t.Fatalf("a broken file made requests: %+v", got)
	}
	out, exit := p.command("status")
	if exit != 0 || !strings.Contains(out, p.ConfigFile) || !strings.Contains(out, "home.duckdns.org") {
		t.Fatalf("status exits with %d: %s", exit, out)
	}
	p.renumber(wan1, "192.88.100.2/24")
	p.line(d, 0, "published", "home.duckdns.org", "192.88.100.2")
	p.barrier(d)
	before = p.tally()
	p.must(os.RemoveAll(p.ConfigFile))
	seen := len(d.Lines())
	p.hup(d, household())
	p.line(d, seen, "info the configuration can be used again")
	if s := p.barrier(d); s.Error != "" {
		t.Fatalf("the file is mended and the status says %q", s.Error)
	}
	p.stop(d)
	if got := p.tally().since(before); got != (tally{}) {
		t.Fatalf("mending the file made requests: %+v", got)
	}
}

func TestStart_without_a_file_waits_for_one(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	p.renumber("", wan1)
	p.renumber("", wanV6)
	d := p.start()
	p.line(d, 0, "the configuration cannot be used", p.ConfigFile)
	if s := p.barrier(d); !strings.Contains(s.Error, p.ConfigFile) || len(s.Records) != 0 {
		t.Fatalf("status %+v", s)
	}
	p.hup(d, household())
	if s := p.barrier(d); s.Error != "" || len(s.Records) != 4 {
		t.Fatalf("status %+v", s)
	}
	p.holds(p.Cloudflare.Holds("home.example.org", "A"), bare(wan1))
	p.stop(d)
}

func (p *place) writeConfig(text string) {
	p.t.Helper()
	p.must(p.Configure(text))
}

func (p *place) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// addr is a literal address; the zero Addr for none.
func addr(text string) netip.Addr {
	if text == "" {
		return netip.Addr{}
	}
	return netip.MustParseAddr(text)
}
