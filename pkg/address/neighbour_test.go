package address_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/netwatch"
)

var nasMAC = netwatch.MAC{0x00, 0x16, 0x3e, 0x12, 0x34, 0x56}

// The addresses of the host with nasMAC in the tests: made of its MAC, by DHCPv6, and of dice.
const (
	eui     = ":216:3eff:fe12:3456"
	dice1   = ":1111:2222:3333:4444"
	dice2   = ":5555:6666:7777:8888"
	numbers = "::9c3"
)

// showing is a world in which the table of lan has these addresses of the host, and others of others.
func showing(l netwatch.Link, addrs ...string) netwatch.Snapshot {
	s := world(l)
	for _, a := range addrs {
		s.Neighbours = append(s.Neighbours, netwatch.Neighbour{Link: "lan", Addr: netip.MustParseAddr(a), MAC: nasMAC})
	}
	s.Neighbours = append(s.Neighbours,
		netwatch.Neighbour{Link: "lan", Addr: netip.MustParseAddr("2a00:1::1:1:1:1"), MAC: netwatch.MAC{2}},
		netwatch.Neighbour{Link: "dmz", Addr: netip.MustParseAddr("2a00:1::2:2:2:2"), MAC: nasMAC})
	return s
}

// asker chooses again and again with its memory; what it asks is on record.
type asker struct {
	rule      address.Rule
	published []netip.Addr
	memory    address.Memory
	now       time.Time
	again     time.Time
	asked     []netip.Addr
}

func (a *asker) see(s netwatch.Snapshot) address.Decision {
	var d address.Decision
	d, a.memory, a.again = a.memory.Choose(s, a.rule, address.IPv6, a.published, nil, nil, a.now)
	a.asked = append(a.asked, a.memory.Ask()...)
	if d.Available() {
		a.published = d.Addrs
	}
	return d
}

// wait goes on until there is nothing to wait for within a time.
func (a *asker) wait(s netwatch.Snapshot, most time.Duration) (d address.Decision) {
	d = a.see(s)
	for end := a.now.Add(most); !a.again.IsZero() && !a.again.After(end); d = a.see(s) {
		if !a.again.After(a.now) {
			panic("it wants to look again at once")
		}
		a.now = a.again
	}
	return d
}

func neighbour() address.Rule {
	return address.Rule{Source: address.Neighbour, Interfaces: []string{"lan"}, MAC: nasMAC}
}

func TestChoose_a_neighbour(t *testing.T) {
	with := func(change func(*address.Rule)) address.Rule { r := neighbour(); change(&r); return r }
	one := lan("lan", "2a00:1::1/64")
	two := lan("lan", "2a00:1::1/64", "2a00:2::1/64 60s")
	both := lan("lan", "fd00:1::1/64", "2a00:1::1/64")
	for _, c := range []struct {
		name      string
		world     netwatch.Snapshot
		rule      address.Rule
		published string
		want      string // addresses, or a code, when all questions are answered with silence
	}{
		{"not-there", showing(one), neighbour(), "", "no-neighbour"},
		{"on-the-link-only", showing(one, "fe80::1"), neighbour(), "", "no-neighbour"},
		{"only-one", showing(one, "2a00:1:0:0"+dice1), neighbour(), "", "2a00:1:0:0" + dice1},
		{"of-an-old-prefix", showing(one, "2a00:9:0:0"+dice1), neighbour(), "", "no-neighbour"},
		{"of-a-deprecated-prefix", showing(lan("lan", "2a00:1::1/64 deprecated"), "2a00:1:0:0"+dice1), neighbour(), "2a00:1:0:0" + dice1, "deprecated"},
		{"made-of-its-mac-goes-first", showing(one, "2a00:1:0:0"+dice1, "2a00:1:0:0"+eui), neighbour(), "", "2a00:1:0:0" + eui},
		{"even-before-what-is-published", showing(one, "2a00:1:0:0"+dice1, "2a00:1:0:0"+eui), neighbour(), "2a00:1:0:0" + dice1, "2a00:1:0:0" + eui},
		{"given-by-dhcpv6", showing(one, "2a00:1:0:0"+dice1, "2a00:1"+numbers), neighbour(), "", "2a00:1" + numbers},
		{"the-same-as-link-local", showing(one, "2a00:1:0:0"+dice1, "2a00:1:0:0"+dice2, "fe80:"+dice2), neighbour(), "", "2a00:1:0:0" + dice2},
		{"the-same-as-in-an-old-prefix", showing(one, "2a00:1:0:0"+dice1, "2a00:1:0:0"+dice2, "2a00:9:0:0"+dice2), neighbour(), "", "2a00:1:0:0" + dice2},
		{"published-stays-among-equals", showing(one, "2a00:1:0:0"+dice1, "2a00:1:0:0"+dice2), neighbour(), "2a00:1:0:0" + dice2, "2a00:1:0:0" + dice2},
		{"the-prefix-that-lasts", showing(two, "2a00:2:0:0"+dice1, "2a00:1:0:0"+dice2), neighbour(), "", "2a00:1:0:0" + dice2},
		{"ula-not-by-itself", showing(lan("lan", "fd00:1::1/64"), "fd00:1:0:0"+dice1), neighbour(), "", "ula"},
		{"public-before-ula", showing(both, "fd00:1:0:0"+dice2, "2a00:1:0:0"+dice1), with(func(r *address.Rule) { r.AllowULA = true }), "", "2a00:1:0:0" + dice1},
		{"in-any-64-of-a-shorter-prefix", showing(lan("lan", "2a00:1::1/60"), "2a00:1:0:7"+dice1), neighbour(), "", "2a00:1:0:7" + dice1},
		{"rejected", showing(two, "2a00:2:0:0"+dice1, "2a00:1:0:0"+dice2), with(func(r *address.Rule) { r.Reject = nets("2a00:1::/32") }), "", "2a00:2:0:0" + dice1},
		{"rejected-although-published", showing(two, "2a00:2:0:0"+dice1, "2a00:1:0:0"+dice2), with(func(r *address.Rule) { r.Reject = nets("2a00:1::/32") }), "2a00:1:0:0" + dice2, "2a00:2:0:0" + dice1},
		{"not-accepted", showing(one, "2a00:1:0:0"+dice1), with(func(r *address.Rule) { r.Accept = nets("2a00:2::/32") }), "", "filtered"},
		{"accepted", showing(two, "2a00:2:0:0"+dice1, "2a00:1:0:0"+dice2), with(func(r *address.Rule) { r.Accept = nets("2a00:2::/32") }), "", "2a00:2:0:0" + dice1},
		{"temporary-preferred", showing(one, "2a00:1:0:0"+dice1, "2a00:1:0:0"+eui), with(func(r *address.Rule) { r.Prefer, r.AllowTemporary = address.PreferTemporary, true }), "", "2a00:1:0:0" + dice1},
		{"numbers-preferred-to-mac", showing(one, "2a00:1"+numbers, "2a00:1:0:0"+eui), with(func(r *address.Rule) { r.Prefer = address.PreferStable }), "2a00:1:0:0" + eui, "2a00:1" + numbers},
		{"mac-preferred-to-numbers", showing(one, "2a00:1"+numbers, "2a00:1:0:0"+eui), with(func(r *address.Rule) { r.Prefer = address.PreferEUI64 }), "2a00:1" + numbers, "2a00:1:0:0" + eui},
		{"largest-prefix", showing(lan("lan", "2a00:1::1/64", "2a00:2::1/60 60s"), "2a00:1:0:0"+dice1, "2a00:2:0:0"+dice2), with(func(r *address.Rule) { r.Prefer = address.PreferShortestPrefix }), "", "2a00:2:0:0" + dice2},
		{"nobody-knows-who-is-meant", showing(one, "2a00:1:0:0"+dice1), with(func(r *address.Rule) {
			r.Nameless, r.NamelessText = address.NoLease, "nobody is called so"
		}), "", "no-lease"},
		{"cable-out", showing(netwatch.Link{Name: "lan", Up: true}, "2a00:1:0:0"+dice1), neighbour(), "", "link-down"},
		{"next-interface", func() netwatch.Snapshot {
			s := showing(one)
			s.Links = append(s.Links, lan("dmz", "2a00:1::1/64"))
			return s
		}(), with(func(r *address.Rule) { r.Interfaces = []string{"lan", "dmz"} }), "", "2a00:1::2:2:2:2"},
		{"all-interfaces", func() netwatch.Snapshot {
			s := showing(one, "2a00:1:0:0"+eui)
			s.Links = append(s.Links, lan("dmz", "2a00:1::1/64"))
			return s
		}(), with(func(r *address.Rule) { r.Interfaces, r.Policy = []string{"lan", "dmz"}, address.All }), "", "2a00:1::2:2:2:2 2a00:1::216:3eff:fe12:3456"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &asker{rule: c.rule, published: ips(c.published), now: epoch}
			d := a.wait(c.world, 20*time.Second)
			got, want := string(d.Code), c.want
			if d.Available() {
				got = d.String()
				var addrs []string
				for _, w := range strings.Fields(c.want) {
					addrs = append(addrs, netip.MustParseAddr(w).String())
				}
				want = strings.Join(addrs, " ")
			}
			if got != want || d.Available() == (d.Text != "") {
				t.Fatalf("got %s (%v), want %s", got, d, want)
			}
			if d := address.Choose(c.world, c.rule, address.IPv4, nil, nil, nil); d.Available() {
				t.Fatalf("an IPv4 address: %v", d)
			}
		})
	}
}

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

func TestNeighbour_looks_for_an_address_that_stays_first(t *testing.T) {
	one := lan("lan", "2a00:1::1/64")
	a := &asker{rule: neighbour(), now: epoch}
	a.see(showing(one, "fe80:"+dice2))
	if want := []netip.Addr{addr("2a00:1:0:0" + eui), addr("2a00:1:0:0" + dice2)}; !slices.Equal(a.asked, want) {
		t.Fatalf("asked about %v, want %v", a.asked, want)
	}
	a.now = a.now.Add(time.Second)
	if d := a.see(showing(one, "fe80:"+dice2, "2a00:1:0:0"+dice1)); d.Code != address.NotYetKnown || len(a.asked) != 4 {
		t.Fatalf("%v, asked about %v", d, a.asked)
	}
	a.now = a.now.Add(2 * time.Second)
	if d := a.see(showing(one, "fe80:"+dice2, "2a00:1:0:0"+dice1, "2a00:1:0:0"+eui)); d.String() != addr("2a00:1:0:0"+eui).String() {
		t.Fatalf("%v", d)
	}
}

func TestNeighbour_is_asked_for_ever_more_seldom(t *testing.T) {
	a := &asker{rule: neighbour(), now: epoch}
	a.wait(showing(lan("lan", "2a00:1::1/64")), 24*time.Hour)
	// After 4, 8, 16 ... 512 s, and then every 10 min.
	if len(a.asked) < 140 || len(a.asked) > 155 {
		t.Errorf("asked %d times in a day", len(a.asked))
	}
}

func TestNeighbour_that_sleeps_keeps_its_address(t *testing.T) {
	one := lan("lan", "2a00:1::1/64")
	a := &asker{rule: neighbour(), now: epoch}
	first := a.wait(showing(one, "2a00:1:0:0"+dice1), 20*time.Second)
	asked := len(a.asked)
	if d := a.wait(showing(one), time.Hour); !slices.Equal(d.Addrs, first.Addrs) || !a.again.IsZero() || len(a.asked) != asked {
		t.Fatalf("asleep: %v, then %v; again %v", first, d, a.again)
	}
	// And with the link, as when the only host is on it.
	if d := a.see(showing(netwatch.Link{Name: "lan", Up: true})); d.Code != address.LinkDown {
		t.Fatalf("%v", d)
	}
	if d := a.see(showing(one)); !slices.Equal(d.Addrs, first.Addrs) {
		t.Fatalf("back: %v", d)
	}
	// Another prefix, and the address is none.
	if d := a.see(showing(lan("lan", "2a00:2::1/64"))); d.Code != address.NoNeighbour {
		t.Fatalf("in another prefix: %v", d)
	}
}

func TestNeighbour_of_another_mac_is_another_host(t *testing.T) {
	one := lan("lan", "2a00:1::1/64")
	a := &asker{rule: neighbour(), now: epoch}
	a.wait(showing(one, "2a00:1:0:0"+dice1), 20*time.Second)
	a.rule.MAC = netwatch.MAC{4}
	if d := a.see(showing(one)); d.Code != address.NoNeighbour {
		t.Fatalf("%v", d)
	}
}

func TestNeighbour_with_a_made_up_mac_is_a_phone_perhaps(t *testing.T) {
	for mac, says := range map[netwatch.MAC]bool{nasMAC: false, {0xda, 1, 2, 3, 4, 5}: true, {0x52, 0x54, 0, 1, 2, 3}: true} {
		a := asker{rule: neighbour(), now: time.Unix(1e9, 0)}
		a.rule.MAC = mac
		d := a.see(showing(lan("lan", "2a00:1::1/64")))
		if d.Code != address.NoNeighbour || strings.Contains(d.Text, "phone") != says {
			t.Errorf("%v: %v; want a word about phones: %v", mac, d, says)
		}
	}
}

func TestNeighbour_leaves_an_address_that_is_gone(t *testing.T) {
	one := lan("lan", "2a00:1::1/64")
	a := &asker{rule: neighbour(), now: epoch}
	first := a.wait(showing(one, "2a00:1:0:0"+dice1), 20*time.Second)
	a.asked = nil
	// A second address appears. The first is stale in the table; whether it still answers is asked.
	d := a.see(showing(one, "2a00:1:0:0"+dice1, "2a00:1:0:0"+dice2))
	if !slices.Equal(d.Addrs, first.Addrs) || !slices.Equal(a.asked, first.Addrs) || a.again.Sub(a.now) != 10*time.Second {
		t.Fatalf("%v, asked %v, again in %v", d, a.asked, a.again.Sub(a.now))
	}
	// It does not, and the kernel has dropped it.
	a.now = a.again
	if d = a.see(showing(one, "2a00:1:0:0"+dice2)); !slices.Equal(d.Addrs, first.Addrs) {
		t.Fatalf("left without asking once more: %v", d)
	}
	if d = a.wait(showing(one, "2a00:1:0:0"+dice2), 20*time.Second); d.String() != addr("2a00:1:0:0"+dice2).String() {
		t.Fatalf("%v", d)
	}
	// While both are there it is asked once an hour which of them answers.
	a.asked = nil
	a.wait(showing(one, "2a00:1:0:0"+dice1, "2a00:1:0:0"+dice2), 10*time.Hour+time.Minute)
	if len(a.asked) != 11 {
		t.Errorf("asked %d times in ten hours: %v", len(a.asked), a.asked)
	}
}

func TestNeighbour_after_a_restart_the_published_address_is_asked_for(t *testing.T) {
	one := lan("lan", "2a00:1::1/64")
	a := &asker{rule: neighbour(), published: ips("2a00:1:0:0" + dice1), now: epoch}
	if d := a.see(showing(one, "2a00:1:0:0"+dice2)); d.Available() || !slices.Contains(a.asked, addr("2a00:1:0:0"+dice1)) {
		t.Fatalf("%v, asked %v", d, a.asked)
	}
	if d := a.see(showing(one, "2a00:1:0:0"+dice2, "2a00:1:0:0"+dice1)); d.String() != addr("2a00:1:0:0"+dice1).String() {
		t.Fatalf("%v", d)
	}
}
