package main_test

import (
	"errors"
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
	w.translates()
	w.inModem(func() error { return nat.Route("2a00:3::/64", bare(router6), "isp") })
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

// An ISP's resolver makes up IPv6 addresses for servers that have none (DNS64). What those see is an
// IPv4 address of the ISP's, which says nothing of IPv6.
func TestOutside_ipv6_is_not_asked_about_through_nat64(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	w.renumber("", router6)
	must(t, nat.Route("::/0", "2a00:1::1", "wan"))
	w.translates()
	const outside = "list family 'ipv6'; option source 'outside'"
	madeUp := "64:ff9b::192.88.98.1 stun.one.example stun.two.example stun.three.example ip.four.example ip.five.example\n"
	must(t, lab.ReplaceFile("/etc/hosts", w.Front.HostsFile("127.0.0.1")+madeUp))
	for _, servers := range [][]string{stunHosts, {"64:ff9b::192.88.98.1", "64:ff9b::192.88.98.2"}} {
		w.configure(asking(servers...) + record("home", "cf", outside, "home.example.org"))
		d := w.start()
		w.line(d, 0, "no address", "NAT64")
		w.stop(d)
	}
	must(t, lab.ReplaceFile("/etc/hosts", w.Front.HostsFile("127.0.0.1")+madeUp+"2a00:98::2 stun.two.example\n2a00:98::3 stun.three.example\n"))
	w.configure(asking() + record("home", "cf", outside, "home.example.org"))
	d := w.start()
	w.line(d, 0, "published", "address="+bare(router6))
	w.stop(d)
	w.holds(w.Cloudflare.Holds("home.example.org", "AAAA"), bare(router6))
	if asked := len(w.echo.Requests()); asked == 0 {
		t.Error("the echo was not asked through NAT64: the test shows little")
	}
}

// translates makes the ISP translate IPv6 to nat.NAT64 into IPv4, behind its other NAT.
func (w *world) translates() {
	w.t.Helper()
	w.inModem(func() error {
		plat, err := nat.Translate("plat", w.t.TempDir(), "ipv4-addr 192.168.64.1\nipv6-addr 2a00:64::1\ndynamic-pool 192.168.64.0/24")
		if err != nil {
			return err
		}
		w.t.Cleanup(func() { must(w.t, plat.End()) })
		return errors.Join(nat.RouteInto(nat.NAT64, "plat"), nat.RouteInto("192.168.64.0/24", "plat"))
	})
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
