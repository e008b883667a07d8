package main_test

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
)

// mwan3 is what mwan3 sets up on a router with WANs (its mwan3.sh of OpenWrt 21.02 to 25.12): for
// each that is online, a table with the number of the interface, with a copy of its default route,
// rules that lead marked packets there or refuse them, and a mark on everything that leaves, that of
// the WAN which its policy prefers.
type mwan3 struct{ *twoWANs }

const mwan3Mask = 0x3f00

// online brings a WAN's table and rules, offline takes them away.
func (m mwan3) online(id int, yes bool) {
	m.t.Helper()
	u := m.wans[id-1]
	_, all, err := net.ParseCIDR("0.0.0.0/0")
	must(m.t, err)
	route := &netlink.Route{Dst: all, Gw: net.ParseIP(u.gw), LinkIndex: device(m.t, u.name).Attrs().Index, Table: id}
	mask := uint32(mwan3Mask)
	rules := []*netlink.Rule{netlink.NewRule(), netlink.NewRule(), netlink.NewRule()}
	rules[0].Priority, rules[0].IifName, rules[0].Table = 1000+id, u.name, id
	rules[1].Priority, rules[1].Mark, rules[1].Mask, rules[1].Table = 2000+id, uint32(id)<<8, &mask, id
	rules[2].Priority, rules[2].Mark, rules[2].Mask, rules[2].Type = 3000+id, uint32(id)<<8, &mask, unreachable
	for _, r := range rules {
		r.Family = netlink.FAMILY_V4
		if yes {
			must(m.t, netlink.RuleAdd(r))
		} else {
			must(m.t, netlink.RuleDel(r))
		}
	}
	if yes {
		must(m.t, netlink.RouteAdd(route))
	} else {
		must(m.t, netlink.RouteDel(route))
	}
}

const unreachable = 7 // FR_ACT_UNREACHABLE, linux/fib_rules.h

// prefers makes a policy send what this router itself sends by a WAN.
func (m mwan3) prefers(id int) {
	m.t.Helper()
	cmd := exec.Command("nft", "-f", "-")
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`table inet mwan3 {}; delete table inet mwan3
table inet mwan3 { chain out { type route hook output priority mangle
	meta mark & %[1]d == 0 meta mark set ct mark & %[1]d
	meta mark & %[1]d == 0 ip daddr { 127.0.0.0/8, 192.88.99.0/24, 192.88.100.0/24, 224.0.0.0/3 } meta mark set %[1]d
	meta mark & %[1]d == 0 meta mark set %[2]d
	ct mark set meta mark & %[1]d
}; }`, mwan3Mask, id<<8))
	if out, err := cmd.CombinedOutput(); err != nil {
		m.t.Fatalf("nft: %v\n%s", err, out)
	}
}

// bound is the rule of the README for what is bound to a WAN.
func (m mwan3) bound(id int) {
	m.t.Helper()
	r := netlink.NewRule()
	r.Family, r.Priority, r.OifName, r.Table = netlink.FAMILY_V4, 900, m.wans[id-1].name, 254
	must(m.t, netlink.RuleAdd(r))
}

func TestWANs_mwan3_decides_which_wan_is_online(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newTwoWANs(t)
	m := mwan3{w}
	w.bindAll(wansRecord + "; option failback_wait '0'; option rate_burst '10'")
	for i, u := range w.wans {
		u.is("up")
		m.online(i+1, true)
	}
	m.prefers(2)
	m.bound(2)
	a, b := w.wans[0], w.wans[1]
	d := w.start()
	// What is bound to the other WAN than mwan3's policy says has no way out, and says so.
	n := w.line(d, 0, "not published", "address="+bare(a.addr), "no route to host")
	m.bound(1)
	n = w.line(d, n, "info published", "address="+bare(a.addr))
	// mwan3 finds the first offline: its address stays, and its route in the main table.
	m.online(1, false)
	n = w.line(d, n, "info published", "address="+bare(b.addr))
	m.prefers(1) // of which mwan3 has no table now
	m.online(1, true)
	n = w.line(d, n, "info published", "address="+bare(a.addr))
	m.online(2, false)
	m.online(1, false) // all are offline: what the main table says counts again
	m.online(2, true)
	w.line(d, n, "info published", "address="+bare(b.addr))
	w.stop(d)
	if got := w.leftRight(w.DuckDNS.Requests()); got["wan"] != 2 || got["wanb"] != 2 {
		t.Errorf("requests by WAN: %v", got)
	}
}
