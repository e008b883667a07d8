package address_test

import (
	"net/netip"
	"testing"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/netwatch"
)

// lan is a device with addresses written as "2a00:1::1/60 deprecated 600s".
func lan(name string, addrs ...string) netwatch.Link {
	l := netwatch.Link{Name: name, Up: true, Running: true}
	for _, text := range addrs {
		var prefix netip.Prefix
		for i, c := range text + " " {
			if c == ' ' {
				prefix = netip.MustParsePrefix(text[:i])
				text = prefix.Addr().String() + text[i:]
				break
			}
		}
		a := parse(text)
		a.Prefix = prefix.Masked()
		l.Addresses = append(l.Addresses, a)
	}
	return l
}

func TestChoose_a_host_on_the_lan(t *testing.T) {
	rule := address.Rule{Source: address.Host, Interfaces: []string{"lan"}, HostID: 0x123456789abcdef0}
	with := func(change func(*address.Rule)) address.Rule { r := rule; change(&r); return r }
	subnet := func(n uint64) address.Rule { return with(func(r *address.Rule) { r.Subnet = n }) }
	ula := with(func(r *address.Rule) { r.AllowULA = true })
	two := with(func(r *address.Rule) { r.Interfaces = []string{"lan", "dmz"} })
	both := with(func(r *address.Rule) { r.Interfaces, r.Policy = []string{"lan", "dmz"}, address.All })
	for _, c := range []struct {
		name      string
		world     netwatch.Snapshot
		rule      address.Rule
		published string
		want      string // addresses, or a code
	}{
		{"prefix-of-the-interface", world(lan("lan", "2a00:1::1/64")), rule, "", "2a00:1::1234:5678:9abc:def0"},
		{"while-the-router's-own-is-checked", world(lan("lan", "2a00:1::1/64 tentative")), rule, "", "2a00:1::1234:5678:9abc:def0"},
		{"although-the-router's-own-is-a-duplicate", world(lan("lan", "2a00:1::1/64 duplicate")), rule, "", "2a00:1::1234:5678:9abc:def0"},
		{"first-subnet-of-a-shorter-prefix", world(lan("lan", "2a00:1::1/60")), rule, "", "2a00:1::1234:5678:9abc:def0"},
		{"subnet-of-a-shorter-prefix", world(lan("lan", "2a00:1:0:10::1/60")), subnet(15), "", "2a00:1:0:1f:1234:5678:9abc:def0"},
		{"no-such-subnet", world(lan("lan", "2a00:1:0:10::1/60")), subnet(16), "", "no-room"},
		{"subnet-of-a-64", world(lan("lan", "2a00:1::1/64")), subnet(1), "", "no-room"},
		{"prefix-too-long", world(lan("lan", "2a00:1::1/128", "2a00:1::2/80")), rule, "", "no-room"},
		{"one-of-two-fits", world(lan("lan", "2a00:1::1/128", "2a00:2::1/64")), rule, "", "2a00:2::1234:5678:9abc:def0"},
		{"deprecated-prefix", world(lan("lan", "2a00:1::1/64 deprecated")), rule, "2a00:1::1234:5678:9abc:def0", "deprecated"},
		{"moves-off-a-deprecated-prefix", world(lan("lan", "2a00:1::1/64 deprecated", "2a00:2::1/64 60s")), rule, "2a00:1::1234:5678:9abc:def0", "2a00:2::1234:5678:9abc:def0"},
		{"ula-not-by-itself", world(lan("lan", "fd00:1::1/64")), rule, "", "ula"},
		{"ula-when-asked-for", world(lan("lan", "fd00:1::1/64")), ula, "", "fd00:1::1234:5678:9abc:def0"},
		{"public-before-ula", world(lan("lan", "fd00:1::1/64", "2a00:1::1/64 60s")), ula, "fd00:1::1234:5678:9abc:def0", "2a00:1::1234:5678:9abc:def0"},
		{"link-local-never", world(lan("lan", "fe80::1/64")), with(func(r *address.Rule) { r.AllowLinkLocal = true }), "", "link-local"},
		{"ipv4-is-no-prefix", world(lan("lan", "192.168.1.1/24")), rule, "", "no-address"},
		{"longest-preferred-prefix", world(lan("lan", "2a00:1::1/64 60s", "2a00:2::1/64 90s")), rule, "", "2a00:2::1234:5678:9abc:def0"},
		{"published-prefix-stays", world(lan("lan", "2a00:1::1/64 60s", "2a00:2::1/64 90s")), rule, "2a00:1::1234:5678:9abc:def0", "2a00:1::1234:5678:9abc:def0"},
		{"next-interface", world(lan("lan", "fe80::1/64"), lan("dmz", "2a00:2::1/64")), two, "", "2a00:2::1234:5678:9abc:def0"},
		{"all-interfaces", world(lan("lan", "2a00:1::1/64"), lan("dmz", "2a00:2::1/64")), both, "", "2a00:1::1234:5678:9abc:def0 2a00:2::1234:5678:9abc:def0"},
		{"prefix-rejected", world(lan("lan", "2a00:1::1/64", "2a00:2::1/64 60s")), with(func(r *address.Rule) { r.Reject = nets("2a00:1::/32") }), "", "2a00:2::1234:5678:9abc:def0"},
		{"all-prefixes-rejected", world(lan("lan", "2a00:1::1/64")), with(func(r *address.Rule) { r.Reject = nets("::/0") }), "", "filtered"},
		{"largest-prefix", world(lan("lan", "2a00:1::1/64", "2a00:2::1/60 60s")), with(func(r *address.Rule) { r.Prefer = address.PreferShortestPrefix }), "", "2a00:2::1234:5678:9abc:def0"},
		{"no-device", world(), rule, "", "no-device"},
		{"cable-out", world(netwatch.Link{Name: "lan", Up: true}), rule, "", "link-down"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := address.Choose(c.world, c.rule, address.IPv6, ips(c.published), nil, nil)
			got := string(d.Code)
			if d.Available() {
				got = d.String()
			}
			if got != c.want {
				t.Fatalf("got %s (%v), want %s", got, d, c.want)
			}
			if d := address.Choose(c.world, c.rule, address.IPv4, nil, nil, nil); d.Available() {
				t.Fatalf("an IPv4 host: %v", d)
			}
		})
	}
}

func TestEUI64(t *testing.T) { // the example of RFC 4291 appendix A and one of a local address
	for mac, want := range map[netwatch.MAC]uint64{
		{0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde}: 0x365678fffe9abcde,
		{0x02, 0, 0, 0, 0, 1}:                0x000000fffe000001,
	} {
		if got := address.EUI64(mac); got != want {
			t.Errorf("%v: %x, want %x", mac, got, want)
		}
	}
}
