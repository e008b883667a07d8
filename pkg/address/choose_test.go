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

var epoch = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// parse reads "2a00::1 temporary deprecated 600s".
func parse(text string) netwatch.Address {
	words := strings.Fields(text)
	a := netwatch.Address{Addr: netip.MustParseAddr(words[0])}
	flags := map[string]netwatch.Flags{"tentative": netwatch.Tentative, "duplicate": netwatch.DADFailed,
		"deprecated": netwatch.Deprecated, "temporary": netwatch.Temporary}
	for _, w := range words[1:] {
		if f, ok := flags[w]; ok {
			a.Flags |= f
			continue
		}
		d, err := time.ParseDuration(w)
		if err != nil {
			panic(err)
		}
		a.PreferredEnd = epoch.Add(d)
	}
	return a
}

func up(name string, addrs ...string) netwatch.Link {
	l := netwatch.Link{Name: name, Up: true, Running: true}
	for _, a := range addrs {
		l.Addresses = append(l.Addresses, parse(a))
	}
	return l
}

func world(links ...netwatch.Link) netwatch.Snapshot { return netwatch.Snapshot{Links: links} }

func ips(text string) (a []netip.Addr) {
	for _, w := range strings.Fields(text) {
		a = append(a, netip.MustParseAddr(w))
	}
	return a
}

func nets(text string) (p []netip.Prefix) {
	for _, w := range strings.Fields(text) {
		p = append(p, netip.MustParsePrefix(w))
	}
	return p
}

func TestChoose(t *testing.T) {
	wan := address.Rule{Interfaces: []string{"wan"}}
	with := func(change func(*address.Rule)) address.Rule { r := wan; change(&r); return r }
	private := with(func(r *address.Rule) { r.PublishPrivate = true })
	ula := with(func(r *address.Rule) { r.AllowULA = true })
	two := address.Rule{Interfaces: []string{"wan", "wanb"}}
	all := address.Rule{Interfaces: []string{"wan", "wanb"}, Policy: address.All}
	for _, c := range []struct {
		name      string
		world     netwatch.Snapshot
		rule      address.Rule
		family    address.Family
		published string
		want      string // addresses, or a code
		device    string
	}{
		{"rejected", world(up("wan", "192.88.99.7")), with(func(r *address.Rule) { r.Reject = nets("192.88.99.0/24") }), 4, "", "filtered", ""},
		{"rejected-one-of-two", world(up("wan", "192.88.99.7", "192.88.100.7")), with(func(r *address.Rule) { r.Reject = nets("192.88.99.0/24") }), 4, "192.88.99.7", "192.88.100.7", "wan"},
		{"accepted-one-of-two", world(up("wan", "2a00:1::1", "2a00:2::1")), with(func(r *address.Rule) { r.Accept = nets("2a00:2::/32") }), 6, "2a00:1::1", "2a00:2::1", "wan"},
		{"not-accepted", world(up("wan", "2a00:1::1")), with(func(r *address.Rule) { r.Accept = nets("2a00:2::/32 10.0.0.0/8") }), 6, "", "filtered", ""},
		{"accept-of-the-other-family", world(up("wan", "192.88.99.7")), with(func(r *address.Rule) { r.Accept = nets("2a00:2::/32") }), 4, "", "192.88.99.7", "wan"},
		{"reject-goes-before-accept", world(up("wan", "2a00:2::1")), with(func(r *address.Rule) { r.Accept, r.Reject = nets("2a00::/16"), nets("2a00:2::/32") }), 6, "", "filtered", ""},
		{"rejected-interface-is-passed-over", world(up("wan", "192.88.99.7"), up("wanb", "192.88.100.7")),
			address.Rule{Interfaces: []string{"wan", "wanb"}, Reject: nets("192.88.99.0/24")}, 4, "", "192.88.100.7", "wanb"},
		{"prefers-eui64-to-the-published", world(up("wan", "2a00:1::1", "2a00:1::216:3eff:fe00:1")), with(func(r *address.Rule) { r.Prefer = address.PreferEUI64 }), 6, "2a00:1::1", "2a00:1::216:3eff:fe00:1", "wan"},
		{"prefers-eui64-and-there-is-none", world(up("wan", "2a00:1::1")), with(func(r *address.Rule) { r.Prefer = address.PreferEUI64 }), 6, "", "2a00:1::1", "wan"},
		{"prefers-the-internet-before-all", world(up("wan", "fd00::216:3eff:fe00:1", "2a00:1::1")), with(func(r *address.Rule) { r.Prefer, r.AllowULA = address.PreferEUI64, true }), 6, "", "2a00:1::1", "wan"},
		{"prefers-temporary", world(up("wan", "2a00:1::1", "2a00:1::5a5a:1:2:3 temporary 60s")), with(func(r *address.Rule) { r.Prefer, r.AllowTemporary = address.PreferTemporary, true }), 6, "2a00:1::1", "2a00:1::5a5a:1:2:3", "wan"},
		{"prefers-stable", world(up("wan", "2a00:1::5a5a:1:2:3", "2a00:1::5a5a:1:2:4 temporary", "2a00:1::25")), with(func(r *address.Rule) { r.Prefer, r.AllowTemporary = address.PreferStable, true }), 6, "", "2a00:1::25", "wan"},
		{"prefers-the-largest-prefix", world(lan("wan", "2a00:1::1/64", "2a00:2::1/56")), with(func(r *address.Rule) { r.Prefer = address.PreferShortestPrefix }), 6, "2a00:1::1", "2a00:2::1", "wan"},
		{"one-public-address", world(up("wan", "192.88.99.7")), wan, 4, "", "192.88.99.7", "wan"},
		{"the-other-family-is-not-looked-at", world(up("wan", "192.88.99.7")), wan, 6, "", "no-address", ""},
		{"primary-before-secondary", world(up("wan", "192.88.99.9", "192.88.99.3")), wan, 4, "", "192.88.99.9", "wan"},
		{"published-secondary-stays", world(up("wan", "192.88.99.9", "192.88.99.3")), wan, 4, "192.88.99.3", "192.88.99.3", "wan"},
		{"published-one-is-gone", world(up("wan", "192.88.99.9", "192.88.99.3")), wan, 4, "192.88.99.4", "192.88.99.9", "wan"},
		{"deprecated-ipv4-comes-last", world(up("wan", "192.88.99.9 deprecated", "192.88.99.3")), wan, 4, "192.88.99.9", "192.88.99.3", "wan"},
		{"deprecated-ipv4-alone-is-used", world(up("wan", "192.88.99.9 deprecated")), wan, 4, "", "192.88.99.9", "wan"},
		{"cgnat", world(up("wan", "100.64.3.4")), wan, 4, "", "cgnat", ""},
		{"double-nat", world(up("wan", "192.168.1.2")), wan, 4, "", "private", ""},
		{"ds-lite", world(up("wan", "192.0.0.2")), wan, 4, "", "special", ""},
		{"dhcp-failed", world(up("wan", "169.254.3.4")), wan, 4, "", "link-local", ""},
		{"private-when-asked-for", world(up("wan", "10.1.2.3")), private, 4, "", "10.1.2.3", "wan"},
		{"cgnat-when-asked-for", world(up("wan", "100.64.3.4")), private, 4, "", "100.64.3.4", "wan"},
		{"documentation-when-asked-for", world(up("wan", "203.0.113.4")), private, 4, "", "203.0.113.4", "wan"},
		{"public-before-private", world(up("wan", "10.1.2.3", "192.88.99.7")), private, 4, "10.1.2.3", "192.88.99.7", "wan"},
		{"loopback-not-even-when-asked-for", world(up("wan", "127.0.0.1", "224.0.0.1", "0.0.0.1", "240.0.0.1")), private, 4, "", "special", ""},

		{"bad-ones-listed-first", world(up("wan", "fe80::1", "fd00::1", "2a00::1 tentative", "2a00::2 duplicate tentative", "2a00::3 deprecated",
			"2a00::4 temporary", "2a00::5")), wan, 6, "", "2a00::5", "wan"},
		{"published-stays-among-equals", world(up("wan", "2a00::1", "2a00::2")), wan, 6, "2a00::2", "2a00::2", "wan"},
		{"published-but-deprecated-goes", world(up("wan", "2a00::1 deprecated 0s", "2a00:1::1 600s")), wan, 6, "2a00::1", "2a00:1::1", "wan"},
		{"longest-preferred", world(up("wan", "2a00::1 600s", "2a00::2 1200s", "2a00::3 900s")), wan, 6, "", "2a00::2", "wan"},
		{"for-ever-is-longest", world(up("wan", "2a00::1 600s", "2a00::9", "2a00::3 900s")), wan, 6, "", "2a00::9", "wan"},
		{"else-lowest", world(up("wan", "2a00::3", "2a00::1", "2a00::2")), wan, 6, "", "2a00::1", "wan"},
		{"only-link-local", world(up("wan", "fe80::1")), wan, 6, "", "link-local", ""},
		{"only-ula", world(up("wan", "fe80::1", "fd00::1")), wan, 6, "", "ula", ""},
		{"a-tentative-ula-is-still-a-ula", world(up("wan", "fd00::1 tentative")), wan, 6, "", "ula", ""},
		{"waiting-tells-most", world(up("wan", "fe80::1", "fd00::1", "2a00::1 tentative", "2a00::2 deprecated")), wan, 6, "", "tentative", ""},
		{"duplicate", world(up("wan", "fe80::1", "2a00::1 duplicate tentative")), wan, 6, "", "duplicate", ""},
		{"old-privacy-address", world(up("wan", "2a00::1 deprecated temporary")), wan, 6, "", "deprecated", ""},
		{"only-temporary", world(up("wan", "2a00::1 temporary")), wan, 6, "", "temporary", ""},
		{"temporary-when-asked-for", world(up("wan", "2a00::1 temporary")), with(func(r *address.Rule) { r.AllowTemporary = true }), 6, "", "2a00::1", "wan"},
		{"stable-before-temporary", world(up("wan", "2a00::1 temporary", "2a00::2 60s")), with(func(r *address.Rule) { r.AllowTemporary = true }), 6, "2a00::1", "2a00::2", "wan"},
		{"ula-when-asked-for", world(up("wan", "fe80::1", "fd00::1")), ula, 6, "", "fd00::1", "wan"},
		{"global-before-ula", world(up("wan", "fd00::1", "2a00::1 60s")), ula, 6, "fd00::1", "2a00::1", "wan"},
		{"link-local-when-asked-for", world(up("wan", "fe80::1")), with(func(r *address.Rule) { r.AllowLinkLocal = true }), 6, "", "fe80::1", "wan"},
		{"native-before-6to4", world(up("wan", "2002:c058:6301::1", "2a00::1 60s")), wan, 6, "2002:c058:6301::1", "2a00::1", "wan"},
		{"6to4-alone", world(up("wan", "2002:c058:6301::1")), wan, 6, "", "2002:c058:6301::1", "wan"},
		{"documentation-ipv6", world(up("wan", "2001:db8::1")), private, 6, "", "special", ""},

		{"no-interface", world(), address.Rule{}, 4, "", "no-device", ""},
		{"no-such-device", world(up("lan", "192.88.99.7")), wan, 4, "", "no-device", ""},
		{"link-down", world(netwatch.Link{Name: "wan", Addresses: up("", "192.88.99.7").Addresses}), wan, 4, "", "link-down", ""},
		{"no-carrier", world(netwatch.Link{Name: "wan", Up: true, Addresses: up("", "192.88.99.7").Addresses}), wan, 4, "", "link-down", ""},
		{"failover-first-wins", world(up("wan", "192.88.99.7"), up("wanb", "192.88.98.7")), two, 4, "192.88.98.7", "192.88.99.7", "wan"},
		{"failover-second-when-first-is-private", world(up("wan", "10.0.0.1"), up("wanb", "192.88.98.7")), two, 4, "", "192.88.98.7", "wanb"},
		{"failover-tells-the-most-telling", world(up("wan"), up("wanb", "100.64.0.1")), two, 4, "", "cgnat", ""},
		{"one-device-twice", world(up("wan", "192.88.99.7")), address.Rule{Interfaces: []string{"wan", "wan"}, Policy: address.All}, 4, "", "192.88.99.7", "wan"},
		{"all-is-a-sorted-set", world(up("wan", "192.88.99.7"), up("wanb", "192.88.98.7")), all, 4, "", "192.88.98.7 192.88.99.7", "wanb"},
		{"all-the-same-address", world(up("wan", "192.88.99.7"), up("wanb", "192.88.99.7")), all, 4, "", "192.88.99.7", "wan"},
		{"all-but-one-is-down", world(up("wan", "192.88.99.7"), netwatch.Link{Name: "wanb"}), all, 4, "", "192.88.99.7", "wan"},
		{"unknown-source", world(up("wan", "192.88.99.7")), with(func(r *address.Rule) { r.Source = "carrier-pigeon" }), 4, "", "not-yet-known", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			check(t, address.Choose(c.world, c.rule, c.family, ips(c.published), nil, nil), c.want, c.device)
		})
	}
}

func check(t *testing.T, d address.Decision, want, device string) {
	t.Helper()
	if !d.Available() {
		if string(d.Code) != want || d.Text == "" || d.Device != "" || d.Code == address.Available {
			t.Errorf("%q on %q, %s; want %s", d, d.Device, d.Code, want)
		}
		return
	}
	if d.String() != want || d.Device != device || d.Code != address.Available || d.Text != "" {
		t.Errorf("%q on %q; want %q on %q", d, d.Device, want, device)
	}
}

func TestChoose_static(t *testing.T) {
	rule := address.Rule{Source: address.Static, Static: ips("192.88.99.9 192.168.1.1 192.88.99.9 ::ffff:192.88.99.8 2001:db8::1 fd00::1 127.0.0.1 ff02::1")}
	check(t, address.Choose(world(), rule, address.IPv4, nil, nil, nil), "192.88.99.8 192.88.99.9 192.168.1.1", "")
	check(t, address.Choose(world(), rule, address.IPv6, nil, nil, nil), "2001:db8::1 fd00::1", "")
	check(t, address.Choose(world(), address.Rule{Source: address.Static, Static: ips("127.0.0.1")}, address.IPv4, nil, nil, nil), "special", "")
	check(t, address.Choose(world(), address.Rule{Source: address.Static, Static: ips("192.88.99.9")}, address.IPv6, nil, nil, nil), "no-address", "")
	if got, want := rule.Static, ips("192.88.99.9 192.168.1.1"); !slices.Equal(got[:2], want) {
		t.Errorf("the rule was changed: %v", got)
	}
}

func TestChoose_asks_for_the_device_of_an_interface(t *testing.T) {
	devices := func(iface string) (string, string, bool) {
		switch iface {
		case "wan", "wan6":
			return "pppoe-wan", "", true
		case "broken":
			return "", "pppd ended: authentication failed", false
		}
		return "", "", false
	}
	s := world(up("pppoe-wan", "192.88.99.7", "2a00::1"), up("wan", "192.88.99.1"))
	choose := func(f address.Family, ifaces ...string) address.Decision {
		return address.Choose(s, address.Rule{Interfaces: ifaces, Policy: address.All}, f, nil, devices, nil)
	}
	check(t, choose(4, "wan", "wan6"), "192.88.99.7", "pppoe-wan")
	check(t, choose(6, "broken", "wan6"), "2a00::1", "pppoe-wan")
	d := choose(4, "broken", "nothing")
	check(t, d, "no-device", "")
	if !strings.Contains(d.Text, "broken") || !strings.Contains(d.Text, "authentication failed") {
		t.Errorf("text %q; want the interface and the reason of the first", d.Text)
	}
}

func TestDecision_text_names_interface_device_and_address(t *testing.T) {
	devices := func(string) (string, string, bool) { return "eth1", "", true }
	for _, c := range []struct{ name, addr, word string }{
		{"cgnat", "100.64.3.4", "ISP"}, {"private", "192.168.1.2", "NAT"}, {"tentative", "2a00::1 tentative", "duplicates"},
		{"ula", "fd00::1", "own network"}, {"temporary", "2a00::1 temporary", "privacy"},
	} {
		a := parse(c.addr).Addr
		d := address.Choose(world(up("eth1", c.addr)), address.Rule{Interfaces: []string{"wan"}}, address.FamilyOf(a), nil, devices, nil)
		for _, w := range []string{"wan", "eth1", a.String(), c.word} {
			if !strings.Contains(d.Text, w) {
				t.Errorf("%s: text %q lacks %q", c.name, d.Text, w)
			}
		}
	}
}
