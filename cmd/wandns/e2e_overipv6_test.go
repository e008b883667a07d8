package main_test

import (
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/nat"
)

// DS-Lite: IPv4 has no address but the tunnel's (RFC 6333), as netifd sets it up.
func TestOutside_ds_lite_is_told(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	w.renumber("", router6)
	_, err := lab.Veth("ds-wan6_4", "aftr")
	must(t, err)
	must(t, nat.AddAddrs("ds-wan6_4", "192.0.0.2/29"))
	must(t, nat.Route("0.0.0.0/0", "192.0.0.1", "ds-wan6_4"))
	w.tellsOverIPv6("wan", "DS-Lite", "ds-wan6_4")
	w.tellsOverIPv6("ds-wan6_4", "DS-Lite", "")
}

// 464XLAT: IPv4 is translated into IPv6 on the router, and at the ISP back again, by tayga here and
// there. OpenWrt's translator (nat46) does not even give its device an address; clatd, which others
// use, does.
func TestOutside_464xlat_is_told(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	w.renumber("", router6)
	sysctl(t, "ipv6/conf/all/forwarding", "1")
	must(t, nat.Route("::/0", "2a00:1::1", "wan"))
	clat, err := nat.Translate("464-wan6", t.TempDir(), "ipv4-addr 192.0.0.2\nmap 192.0.0.1 2a00:3::464")
	must(t, err)
	t.Cleanup(func() { must(t, clat.End()) })
	must(t, nat.RouteInto("2a00:3::464/128", "464-wan6"))
	must(t, nat.RouteInto("0.0.0.0/0", "464-wan6"))
	w.inModem(func() error {
		plat, err := nat.Translate("plat", t.TempDir(), "ipv4-addr 192.168.64.1\nipv6-addr 2a00:64::1\ndynamic-pool 192.168.64.0/24")
		must(t, err)
		t.Cleanup(func() { must(t, plat.End()) })
		must(t, nat.RouteInto(nat.NAT64, "plat"))
		must(t, nat.RouteInto("192.168.64.0/24", "plat"))
		return nat.Route("2a00:3::/64", bare(router6), "isp")
	})
	w.tellsOverIPv6("wan", "464XLAT", "464-wan6")
	must(t, nat.AddAddrs("464-wan6", "192.0.0.1/32"))
	w.tellsOverIPv6("wan", "464XLAT", "464-wan6")
	w.tellsOverIPv6("464-wan6", "464XLAT", "")
	// Who wants to know what the Internet sees through both translators is told, and gets it.
	w.configure(asking() + record("home", "cf", ipv4Only+"; option source 'outside'; list interface '464-wan6'", "home.example.org"))
	d := w.start()
	w.line(d, 0, "published", "address="+bare(natFirst))
	w.line(d, 0, "info nat", "464XLAT", "the Internet sees "+bare(natFirst))
	w.stop(d)
}

// tellsOverIPv6 runs wandns with a record of an interface behind which IPv4 goes through IPv6, as it
// says by a device. IPv6 is published, IPv4 is not, and the owner is told why.
func (w *world) tellsOverIPv6(iface, kind, by string) {
	w.t.Helper()
	w.configure(asking() + record("home", "cf", "list interface '"+iface+"'; list interface 'wan'; list family 'ipv4'; list family 'ipv6'; option policy 'failover'", "home.example.org"))
	d := w.start()
	w.line(d, 0, "info address", "address="+bare(router6))
	w.line(d, 0, "info nat", "ipv4-over-ipv6", kind, by)
	w.eventually("the status tells of "+kind, func() bool {
		i := w.iface(iface)
		return i.NAT == address.NATOverIPv6 && strings.Contains(i.NATText, kind) && strings.Contains(i.NATText, by) &&
			w.name("home.example.org", "A").Code == "cgnat" && w.status().PID == d.PID()
	})
	out, _ := w.command("status")
	if !strings.Contains(out, kind) {
		w.t.Errorf("status does not tell of %s:\n%s", kind, out)
	}
	w.stop(d)
	w.holds(w.Cloudflare.Holds("home.example.org", "A"))
	w.holds(w.Cloudflare.Holds("home.example.org", "AAAA"), bare(router6))
}
