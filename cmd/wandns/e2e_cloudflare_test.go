package main_test

import (
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// addressOf is the newest address of wan in these tests; each is in a subnet of its own, so that
// taking an old one away leaves the new one.
func addressOf(n int) string {
	return netip.AddrFrom4([4]byte{192, 88, byte(100 + n), 1}).String() + "/24"
}

// changes are what requests did, without those that only asked.
func changes(requests []double.Request) []string {
	var out []string
	for _, r := range requests {
		if r.Method != "GET" {
			out = append(out, r.Method)
		}
	}
	return out
}

func TestNames_that_do_not_exist_are_created_where_the_service_can(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlaceWith(t, "home.duckdns.org", "home.ddns.net", "home.dynu.net")
	p.configure(record("cfhome", "cf", "", "new.example.org", "example.org") + record("cfno", "cf", ipv4Only, "home.example.net") +
		record("duckhome", "duck", ipv4Only, "home.duckdns.org") + record("duckno", "duck2", ipv4Only, "absent.duckdns.org") +
		record("noiphome", "noip", ipv4Only, "home.ddns.net", "absent.ddns.net") +
		record("dynuhome", "dynu", ipv4Only, "home.dynu.net", "absent.dynu.net") +
		"\nconfig account 'duck2'\n\toption provider 'duckdns'\n\toption token '" + site.DuckToken + "'\n")
	p.renumber("", wan1)
	p.renumber("", "2a00:1:2:3::7/64")
	d := p.start()
	for _, hostname := range []string{"new.example.org", "example.org"} {
		p.line(d, 0, "info published", "hostname="+hostname+" ", bare(wan1))
		p.line(d, 0, "info published", "hostname="+hostname+" ", "2a00:1:2:3::7")
		p.holds(p.Cloudflare.Holds(hostname, "A"), bare(wan1))
		p.holds(p.Cloudflare.Holds(hostname, "AAAA"), "2a00:1:2:3::7")
	}
	if got := changes(p.Cloudflare.Requests()); !slices.Equal(got, []string{"POST", "POST", "POST", "POST"}) {
		t.Errorf("four records were made by %v", got)
	}
	for _, r := range p.Cloudflare.Records() {
		if r.TTL != 1 || r.Proxied {
			t.Errorf("a new record has TTL %d and proxied %v, want automatic and not", r.TTL, r.Proxied)
		}
	}
	for _, hostname := range []string{"home.duckdns.org", "home.ddns.net", "home.dynu.net"} {
		p.line(d, 0, "info published", "hostname="+hostname+" ", bare(wan1))
	}
	for hostname, reason := range map[string]string{
		"home.example.net":   "no zone of this Cloudflare token holds home.example.net",
		"absent.duckdns.org": "not one of its account",
		"absent.ddns.net":    "no such hostname: add it on the web page",
		"absent.dynu.net":    "no such hostname: add it in the control panel",
	} {
		p.line(d, 0, "error held", "hostname="+hostname+" ", reason)
	}
	p.eventually("the status says so", func() bool {
		n := p.name("absent.ddns.net", "A")
		return n.State == "held" && n.Code == "request" && p.name("home.ddns.net", "A").State == "current"
	})
}

// Names are taken as people write them, and stand at the service as DNS has them; a wildcard and the
// name above it are two names.
func TestCloudflare_names_in_another_script_and_wildcards(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	p.configure(record("home", "cf", ipv4Only, "Büro.Example.org.", "*.büro.example.org", "*.example.org", "Example.Org"))
	p.renumber("", addressOf(1))
	d := p.start()
	for _, hostname := range []string{"xn--bro-hoa.example.org", "*.xn--bro-hoa.example.org", "*.example.org", "example.org"} {
		p.line(d, 0, "info published", "hostname="+hostname+" ", bare(addressOf(1)))
		p.holds(p.Cloudflare.Holds(hostname, "A"), bare(addressOf(1)))
	}
	if got := len(p.Cloudflare.Records()); got != 4 {
		t.Errorf("%d records, want 4", got)
	}
}

// Whatever the owner has set about a record at Cloudflare stays, over each kind of change.
func TestCloudflare_keeps_what_the_owner_set(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	put := []double.CloudflareRecord{
		{Type: "A", Name: "home.example.org", Content: "192.88.1.1", TTL: 3600, Proxied: true, Comment: "the house", Tags: []string{"owner:me", "web"}},
		{Type: "AAAA", Name: "home.example.org", Content: "2a00::1", TTL: 120, Comment: "not ours to touch"},
		{Type: "TXT", Name: "home.example.org", Content: "v=spf1 -all", TTL: 300},
		{Type: "A", Name: "www.home.example.org", Content: "192.88.1.1", TTL: 1, Proxied: true},
	}
	for i := range put {
		put[i] = p.Cloudflare.Put(put[i])
	}
	p.configure(record("home", "cf", ipv4Only, "home.example.org"))
	p.renumber("", addressOf(1))
	d := p.start()
	n := 0
	for i := 1; i <= 3; i++ {
		if i > 1 {
			p.renumber(addressOf(i-1), addressOf(i))
		}
		n = p.line(d, n, "info published", bare(addressOf(i)))
		for j, got := range p.Cloudflare.Records() {
			want := put[j]
			if j == 0 {
				want.Content, want.Version = bare(addressOf(i)), i
			}
			if !same(got, want) {
				t.Fatalf("after change %d the record is\n%+v, want\n%+v", i, got, want)
			}
		}
	}
	if got := changes(p.Cloudflare.Requests()); !slices.Equal(got, []string{"PATCH", "PATCH", "PATCH"}) {
		t.Errorf("three changes were made by %v", got)
	}
	p.noGaps()
}

// A record's own settings: told when they are new, kept while the owner turns them elsewhere, told
// again when the option changes although the address is the same.
func TestCloudflare_settings_of_a_record(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	record0 := p.Cloudflare.Put(double.CloudflareRecord{Type: "A", Name: "home.example.org", Content: bare(addressOf(1)), TTL: 300, Comment: "mine", Tags: []string{"a:b"}})
	config := func(options string) { p.configure(record("home", "cf", ipv4Only+options, "home.example.org")) }
	reload := func(d *site.Process, options string) {
		t.Helper()
		config(options)
		if err := d.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	is := func(what string, want double.CloudflareRecord) {
		t.Helper()
		want.ID, want.Type, want.Name, want.Tags = record0.ID, "A", "home.example.org", record0.Tags
		p.eventually(what, func() bool { got := p.Cloudflare.Records(); return len(got) == 1 && same(got[0], want) })
	}
	config("; option proxied '1'")
	p.renumber("", addressOf(1))
	d := p.start()
	is("the owner's record is proxied", double.CloudflareRecord{Content: bare(addressOf(1)), TTL: 1, Proxied: true, Comment: "mine", Version: 1})
	p.eventually("current", func() bool { return p.name("home.example.org", "A").State == "current" })

	p.Cloudflare.Change(record0.ID, func(r *double.CloudflareRecord) { r.Comment = "turned by hand" })
	reload(d, "; option proxied '1'; option comment 'router'")
	is("the comment is told", double.CloudflareRecord{Content: bare(addressOf(1)), TTL: 1, Proxied: true, Comment: "router", Version: 2})
	p.Cloudflare.Change(record0.ID, func(r *double.CloudflareRecord) { r.Comment = "turned again" })
	reload(d, "")
	p.renumber(addressOf(1), addressOf(2))
	is("what the record does not say stays", double.CloudflareRecord{Content: bare(addressOf(2)), TTL: 1, Proxied: true, Comment: "turned again", Version: 3})
	reload(d, "; option proxied '0'; option ttl '10m'")
	is("the proxy is off", double.CloudflareRecord{Content: bare(addressOf(2)), TTL: 600, Comment: "turned again", Version: 4})
	if got := changes(p.Cloudflare.Requests()); !slices.Equal(got, []string{"PATCH", "PATCH", "PATCH", "PATCH"}) {
		t.Errorf("changed by %v", got)
	}
	reload(d, "; option proxied '1'; option ttl '10m'")
	p.line(d, 0, "error left out of the configuration", "automatic TTL")
}

func same(a, b double.CloudflareRecord) bool {
	return a.ID == b.ID && a.Type == b.Type && a.Name == b.Name && a.Content == b.Content && a.TTL == b.TTL &&
		a.Proxied == b.Proxied && a.Comment == b.Comment && a.Version == b.Version && slices.Equal(a.Tags, b.Tags)
}

// noGaps checks that no name was without an address for a moment.
func (p *place) noGaps() {
	p.t.Helper()
	if gaps := p.Cloudflare.Gaps(); len(gaps) > 0 {
		p.t.Errorf("names were empty for a moment: %v", gaps)
	}
}

// Two records that somebody else made: they are left alone, over restart, another address and a
// person's wish, until the owner gives leave; then one remains, and it is changed in place.
func TestCloudflare_two_foreign_records_are_held(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	one := p.Cloudflare.Put(double.CloudflareRecord{Type: "A", Name: "home.example.org", Content: "192.88.1.1", TTL: 600, Proxied: true, Comment: "first"})
	two := p.Cloudflare.Put(double.CloudflareRecord{Type: "A", Name: "home.example.org", Content: "192.88.1.2", TTL: 600, Comment: "second"})
	config := func(options string) { p.configure(record("home", "cf", ipv4Only+options, "home.example.org")) }
	held := func(d *site.Process, address string) {
		t.Helper()
		p.eventually("held for "+address, func() bool {
			n := p.names(d.PID())["home.example.org"]
			return n.State == "held" && n.Code == "foreign" && len(n.Wanted) == 1 && n.Wanted[0].String() == address &&
				strings.Contains(n.Reason, "192.88.1.1, 192.88.1.2") && strings.Contains(n.Reason, "replace '1'")
		})
		if got := p.Cloudflare.Records(); len(got) != 2 || !same(got[0], one) || !same(got[1], two) {
			t.Fatalf("the records are %+v", got)
		}
	}
	config("")
	p.renumber("", addressOf(1))
	d := p.start()
	held(d, bare(addressOf(1)))
	p.renumber(addressOf(1), addressOf(2))
	held(d, bare(addressOf(2)))
	p.stop(d)
	d = p.start()
	held(d, bare(addressOf(2)))
	asked := len(p.Cloudflare.Requests())
	if asked != 3 { // zone by name and by parent, and the record set
		t.Errorf("%d requests until here, want 3:\n\t%s", asked, strings.Join(told(p.Cloudflare.Requests()), "\n\t"))
	}
	if out, exit := p.command("update", "home"); exit != 0 {
		t.Fatalf("update exits with %d: %s", exit, out)
	}
	p.line(d, 0, "error held", "192.88.1.1, 192.88.1.2")
	held(d, bare(addressOf(2)))

	config("; option replace '1'")
	if err := d.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	n := p.line(d, 0, "info published", bare(addressOf(2)))
	got := p.Cloudflare.Records()
	want := one
	want.Content, want.Version = bare(addressOf(2)), 1
	if len(got) != 1 || !same(got[0], want) {
		t.Fatalf("with leave to replace the records are %+v, want %+v", got, want)
	}
	if got := changes(p.Cloudflare.Requests()); !slices.Equal(got, []string{"PATCH", "DELETE"}) {
		t.Errorf("they were replaced by %v", got)
	}
	p.renumber(addressOf(2), addressOf(3))
	p.line(d, n, "info published", bare(addressOf(3)))
	p.holds(p.Cloudflare.Holds("home.example.org", "A"), bare(addressOf(3)))
	p.noGaps()
}

// Two WANs in one name: both addresses are there, one changes alone, one goes and comes back.
func TestCloudflare_policy_all_publishes_every_wan(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	if _, err := lab.Veth("lte", "isp2"); err != nil {
		t.Fatal(err)
	}
	lte := func(from, to string) {
		t.Helper()
		if err := site.Renumber("lte", from, to); err != nil {
			t.Fatal(err)
		}
	}
	old := p.Cloudflare.Put(double.CloudflareRecord{Type: "A", Name: "home.example.org", Content: "192.88.1.1", TTL: 600, Proxied: true, Comment: "the house"})
	p.configure(record("home", "cf", ipv4Only+"; option policy 'all'; list interface 'wan'; list interface 'lte'; option rate_burst '10'", "home.example.org"))
	const lte1, lte2 = "192.89.1.1/24", "192.89.2.1/24"
	p.renumber("", addressOf(1))
	lte("", lte1)
	d := p.start()
	n := p.line(d, 0, "info published", bare(addressOf(1))+","+bare(lte1))
	p.holds(p.Cloudflare.Holds("home.example.org", "A"), bare(addressOf(1)), bare(lte1))
	first := p.Cloudflare.Records()
	for _, r := range first {
		if r.TTL != old.TTL || !r.Proxied {
			t.Errorf("beside the owner's record there is %+v, want the same TTL and proxied", r)
		}
	}
	lte(lte1, lte2)
	n = p.line(d, n, "info published", bare(addressOf(1))+","+bare(lte2))
	p.holds(p.Cloudflare.Holds("home.example.org", "A"), bare(addressOf(1)), bare(lte2))
	for i, r := range p.Cloudflare.Records() {
		want := first[i]
		if want.Content == bare(lte1) {
			want.Content, want.Version = bare(lte2), want.Version+1
		}
		if !same(r, want) {
			t.Errorf("the record is %+v, want %+v", r, want)
		}
	}
	lte(lte2, "")
	n = p.line(d, n, "info published", "address="+bare(addressOf(1))+" ")
	p.holds(p.Cloudflare.Holds("home.example.org", "A"), bare(addressOf(1)))
	lte("", lte1)
	n = p.line(d, n, "info published", bare(addressOf(1))+","+bare(lte1))
	p.holds(p.Cloudflare.Holds("home.example.org", "A"), bare(addressOf(1)), bare(lte1))

	// A third address that somebody adds is not ours to take away.
	p.Cloudflare.Put(double.CloudflareRecord{Type: "A", Name: "home.example.org", Content: "192.88.1.9", TTL: 600})
	lte(lte1, lte2)
	p.line(d, n, "error held", "192.88.1.9")
	p.holds(p.Cloudflare.Holds("home.example.org", "A"), "192.88.1.9", bare(addressOf(1)), bare(lte1))
	p.noGaps()
}
