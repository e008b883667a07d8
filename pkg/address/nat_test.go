package address_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/netwatch"
)

// views is what is known from outside: "wan 4" → "192.88.99.7 upstream=100.64.0.1", "pending",
// "doubt", or a reason in words.
func views(known map[string]string) address.Outside {
	return func(device string, f address.Family) (v address.View) {
		text := known[device+" "+f.RRType()]
		for _, w := range strings.Fields(text) {
			if up, ok := strings.CutPrefix(w, "upstream="); ok {
				v.Upstream = netip.MustParseAddr(up)
			} else if a, err := netip.ParseAddr(w); err == nil {
				v.Addr = a
			}
		}
		v.Doubt = text == "doubt"
		v.Pending = text == "pending" || v.Doubt
		if !v.Pending && !v.Addr.IsValid() {
			v.Text = "nobody answers " + text
		}
		return v
	}
}

func TestTellNAT(t *testing.T) {
	dsLite := netwatch.Snapshot{
		Links: []netwatch.Link{up("wan", "2a00::1"), up("ds-wan6_4", "192.0.0.2")}, Routes: []netwatch.Route{{Link: "ds-wan6_4"}},
	}
	over := func(device string, addrs ...string) netwatch.Snapshot {
		return netwatch.Snapshot{Links: []netwatch.Link{up("wan", "2a00::1"), up(device, addrs...)}, Routes: []netwatch.Route{{Link: device}}}
	}
	modemPages := over("464-wan6")
	modemPages.Links[0] = up("wan", "192.168.100.2", "2a00::1")
	down := up("wan", "192.168.1.2")
	down.Running = false
	for _, c := range []struct {
		name  string
		world netwatch.Snapshot
		view  string
		want  address.NAT
		says  string
	}{
		{"public", world(up("wan", "192.88.99.7")), "192.88.99.7", address.NATNone, ""},
		{"public-and-nobody-asked", world(up("wan", "192.88.99.7")), "", address.NATNone, ""},
		{"public-seen-by-another-address-of-this-router", world(up("wan", "192.88.99.7"), up("lan", "192.88.98.1")), "192.88.98.1", address.NATNone, ""},
		{"public-but-another-is-seen", world(up("wan", "25.1.2.3")), "192.88.99.7", address.NATCarrier, "looks public"},
		{"public-beside-private", world(up("wan", "192.168.1.2", "192.88.99.7")), "192.88.99.7", address.NATNone, ""},
		{"double-nat", world(up("wan", "192.168.1.2")), "", address.NATDouble, "bridge"},
		{"double-nat-seen", world(up("wan", "10.0.0.2")), "192.88.99.7", address.NATDouble, "192.88.99.7"},
		{"modem-agrees", world(up("wan", "10.0.0.2")), "192.88.99.7 upstream=192.88.99.7", address.NATDouble, "double NAT"},
		{"modem-disagrees", world(up("wan", "10.0.0.2")), "192.88.99.7 upstream=192.88.99.8", address.NATDouble, "192.88.99.8"},
		{"modem-behind-cgnat", world(up("wan", "10.0.0.2")), "192.88.99.7 upstream=100.64.9.9", address.NATCarrier, "100.64.9.9"},
		{"modem-behind-private", world(up("wan", "10.0.0.2")), "192.88.99.7 upstream=172.16.9.9", address.NATCarrier, "172.16.9.9"},
		{"cgnat", world(up("wan", "100.64.3.4")), "", address.NATCarrier, "no port forwarding helps"},
		{"clat", world(up("wan", "192.0.0.1")), "", address.NATOverIPv6, "464XLAT"},
		{"ds-lite-by-another-device", dsLite, "", address.NATOverIPv6, "by ds-wan6_4 (DS-Lite)"},
		{"ds-lite-with-another-address", over("ds-wan6_4", "192.0.0.3"), "", address.NATOverIPv6, "(DS-Lite)"},
		{"ds-lite-of-other-hands", over("tun0", "192.0.0.2"), "", address.NATOverIPv6, "(DS-Lite)"},
		{"clat-of-openwrt-has-no-address", over("464-wan6", "fe80::1"), "", address.NATOverIPv6, "by 464-wan6 (464XLAT)"},
		{"clat-of-clatd", over("clat", "192.0.0.1"), "", address.NATOverIPv6, "by clat (464XLAT)"},
		{"clat-beside-an-address-for-the-modem's-pages", modemPages, "", address.NATOverIPv6, "by 464-wan6 (464XLAT)"},
		{"another-wan-has-a-public-address", over("wanb", "192.88.95.1"), "", address.NATUnknown, ""},
		{"another-wan-has-both", over("wanb", "192.0.0.2", "192.88.95.1"), "", address.NATUnknown, ""},
		{"another-wan-without-an-address", over("wanb"), "", address.NATUnknown, ""},
		{"no-ipv4", world(up("wan", "2a00::1")), "", address.NATUnknown, ""},
		{"dhcp-failed", world(up("wan", "169.254.1.1")), "", address.NATUnknown, ""},
		{"not-connected", world(down), "", address.NATUnknown, ""},
		{"not-there", world(), "", address.NATUnknown, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, text := address.TellNAT(c.world, "wan", views(map[string]string{"wan A": c.view})("wan", address.IPv4))
			if got != c.want || !strings.Contains(text, c.says) || (text == "") != (c.says == "") {
				t.Errorf("%q: %s; want %q with %q", got, text, c.want, c.says)
			}
		})
	}
}

func TestChoose_with_an_outside_view(t *testing.T) {
	auto, outside, own := address.Auto, address.SeenOutside, address.Interface
	for _, c := range []struct {
		name   string
		world  netwatch.Snapshot
		source address.Source
		rule   string // "private", "all"
		family address.Family
		view   string // of wan; wanb has 192.88.95.1 outside
		want   string
	}{
		{"double-nat", world(up("wan", "192.168.1.2")), auto, "", 4, "192.88.99.7", "192.88.99.7"},
		{"double-nat-not-known-yet", world(up("wan", "192.168.1.2")), auto, "", 4, "pending", "not-yet-known"},
		{"double-nat-and-nobody-answers", world(up("wan", "192.168.1.2")), auto, "", 4, "", "not-seen"},
		{"double-nat-published-as-it-is", world(up("wan", "192.168.1.2")), auto, "private", 4, "192.88.99.7", "192.168.1.2"},
		{"double-nat-interface-only", world(up("wan", "192.168.1.2")), own, "", 4, "192.88.99.7", "private"},
		{"view-that-is-not-public", world(up("wan", "192.168.1.2")), auto, "", 4, "10.1.1.1", "not-yet-known"},
		{"cgnat", world(up("wan", "100.64.3.4")), auto, "", 4, "192.88.99.7", "cgnat"},
		{"cgnat-outside-asked-for", world(up("wan", "100.64.3.4")), outside, "", 4, "192.88.99.7", "192.88.99.7"},
		{"cgnat-own-asked-for", world(up("wan", "100.64.3.4")), auto, "private", 4, "192.88.99.7", "100.64.3.4"},
		{"cgnat-behind-the-modem", world(up("wan", "192.168.1.2")), auto, "", 4, "192.88.99.7 upstream=100.64.1.1", "cgnat"},
		{"ds-lite", world(up("wan", "192.0.0.2")), auto, "", 4, "192.88.99.7", "cgnat"},
		{"public", world(up("wan", "192.88.99.9")), auto, "", 4, "192.88.99.9", "192.88.99.9"},
		{"public-check-pending", world(up("wan", "192.88.99.9")), auto, "", 4, "pending", "192.88.99.9"},
		{"public-in-doubt", world(up("wan", "192.88.99.9")), auto, "", 4, "doubt", "not-yet-known"},
		{"public-in-doubt-interface-only", world(up("wan", "192.88.99.9")), own, "", 4, "doubt", "192.88.99.9"},
		{"public-in-doubt-asked-for", world(up("wan", "192.88.99.9")), auto, "private", 4, "doubt", "192.88.99.9"},
		{"all-waits-for-the-doubt-of-one", world(up("wan", "192.88.99.9"), up("wanb", "192.168.2.2")), auto, "all", 4, "doubt", "not-yet-known"},
		{"failover-waits-for-a-doubt", world(up("wan", "192.88.99.9"), up("wanb", "192.88.95.1")), auto, "", 4, "doubt", "not-yet-known"},
		{"public-check-fails", world(up("wan", "192.88.99.9")), auto, "", 4, "", "192.88.99.9"},
		{"looks-public", world(up("wan", "25.1.1.1")), auto, "", 4, "192.88.99.9", "cgnat"},
		{"looks-public-interface-only", world(up("wan", "25.1.1.1")), own, "", 4, "192.88.99.9", "25.1.1.1"},
		{"ipv6-auto-takes-its-own", world(up("wan", "2a00::1")), auto, "", 6, "2a00::9", "2a00::1"},
		{"ipv6-outside", world(up("wan", "2a00::1")), outside, "", 6, "2a00::9", "2a00::9"},
		{"ipv6-outside-behind-ula", world(up("wan", "fd00::1")), outside, "", 6, "2a00::9", "2a00::9"},
		{"outside-without-an-address-of-the-family", world(up("wan", "2a00::1")), outside, "", 4, "192.88.99.9", "no-address"},
		{"outside-link-local-only", world(up("wan", "fe80::1")), outside, "", 6, "2a00::9", "no-address"},
		{"outside-device-gone", world(), outside, "", 4, "192.88.99.9", "no-device"},
		{"failover-waits-for-the-first", world(up("wan", "192.168.1.2"), up("wanb", "192.88.98.1")), auto, "", 4, "pending", "not-yet-known"},
		{"failover-when-the-first-cannot-be-seen", world(up("wan", "192.168.1.2"), up("wanb", "192.168.2.2")), auto, "", 4, "", "192.88.95.1"},
		{"failover-from-cgnat", world(up("wan", "100.64.1.2"), up("wanb", "192.168.2.2")), auto, "", 4, "192.88.99.7", "192.88.95.1"},
		{"all", world(up("wan", "192.168.1.2"), up("wanb", "192.168.2.2")), auto, "all", 4, "192.88.99.7", "192.88.95.1 192.88.99.7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rule := address.Rule{Interfaces: []string{"wan", "wanb"}, Source: c.source, PublishPrivate: c.rule == "private"}
			if c.rule == "all" {
				rule.Policy = address.All
			}
			known := views(map[string]string{"wan " + c.family.RRType(): c.view, "wanb A": "192.88.95.1"})
			d := address.Choose(c.world, rule, c.family, nil, nil, known)
			got := string(d.Code)
			if d.Available() {
				got = d.String()
			}
			if got != c.want || d.Available() == (d.Text != "") {
				t.Errorf("%s (%s), want %s", got, d.Text, c.want)
			}
		})
	}
}

// What a name holds already is not taken back for a doubt.
func TestChoose_a_published_address_is_in_no_doubt(t *testing.T) {
	w := world(up("wan", "192.88.99.9"))
	rule := address.Rule{Interfaces: []string{"wan"}}
	doubt := views(map[string]string{"wan A": "doubt"})
	published := []netip.Addr{netip.MustParseAddr("192.88.99.9")}
	if d := address.Choose(w, rule, address.IPv4, published, nil, doubt); d.String() != "192.88.99.9" {
		t.Errorf("after a restart: %v", d)
	}
	if d := address.Choose(w, rule, address.IPv4, nil, nil, doubt); d.Available() {
		t.Errorf("a new address is not in doubt: %v", d)
	}
}
