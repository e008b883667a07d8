package main_test

import (
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/nat"
)

func TestOutside_behind_nat_within_a_second_and_follows_its_changes(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	w.configure(asking() + record("home", "cf", ipv4Only+"; option rate_burst '10'", "home.example.org"))
	w.wire(routerWAN)
	began := time.Now()
	d := w.start()
	n := w.line(d, 0, "info address", bare(natFirst))
	t.Logf("the outside address was found %v after the start of the program", time.Since(began)) // see the benchmark
	n = w.line(d, n, "published", bare(natFirst))
	w.eventually("the status tells of double NAT", func() bool {
		i := w.iface("wan")
		return i.NAT == address.NATDouble && i.Outside != nil && strings.Contains(i.NATText, "forward") && i.Outside.String() == bare(natFirst)
	})
	w.reNAT(natFirst, natSecond)
	changed := time.Now()
	n = w.line(d, n, "published", bare(natSecond))
	if took := time.Since(changed); took > patience/2 {
		t.Errorf("the record followed after %v, and the interval is 10 s", took)
	}
	w.holds(w.Cloudflare.Holds("home.example.org", "A"), bare(natSecond))
	// A local event is followed at once (after the pause between rounds).
	w.reNAT(natSecond, natFirst)
	if err := nat.AddAddrs("wan", "192.168.1.3/24"); err != nil {
		t.Fatal(err)
	}
	n = w.line(d, n, "published", bare(natFirst))
	// Servers are found even when their names are not any more.
	if err := lab.ReplaceFile("/etc/hosts", w.Front.HostsFile("127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	w.reNAT(natFirst, natSecond)
	if err := nat.DropAddr("wan", "192.168.1.3/24"); err != nil {
		t.Fatal(err)
	}
	w.line(d, n, "published", bare(natSecond))
	out, _ := w.command("status")
	if !strings.Contains(out, "double NAT") {
		t.Errorf("status does not tell of double NAT:\n%s", out)
	}
	w.stop(d)
	if got := w.echo.Requests(); len(got) != 0 {
		t.Errorf("the HTTPS echo was asked %d times although STUN answered", len(got))
	}
}

func TestOutside_liars_and_the_silent_are_outvoted(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	w.wire(routerWAN)
	now, next := natFirst, natSecond
	for _, c := range []struct {
		name  string
		fault nat.Fault
		lie   string
		moves bool // the NAT's address changes as well
	}{
		{"lying", nat.Lying, "192.88.97.66", true},
		{"silent", nat.Silent, "", true},
		{"private", nat.Private, "", false},
		{"other-transaction", nat.WrongID, "", false},
		{"refusing", nat.Refusing, "", false},
		{"truncated", nat.Truncated, "", false},
		{"from-elsewhere", nat.Elsewhere, "192.88.97.66", false},
		{"rfc-3489", nat.Legacy, "", false},
	} {
		t.Log(c.name)
		host := c.name + ".example.org"
		w.server(0).Set(c.fault, c.lie)
		w.configure(asking() + record("home", "cf", ipv4Only+"; option source 'outside'", host))
		d := w.start()
		n := w.line(d, 0, "published", bare(now))
		if c.moves {
			w.reNAT(now, next)
			now, next = next, now
			w.line(d, n, "published", bare(now))
		}
		for _, l := range d.Lines() {
			if strings.Contains(l, "published") && strings.Contains(l, "192.88.97.66") {
				t.Errorf("%s: a lie was published: %s", c.name, l)
			}
		}
		w.stop(d)
	}
}

func TestOutside_echo_where_stun_is_blocked(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	if err := w.modem.Block("udp"); err != nil {
		t.Fatal(err)
	}
	w.configure(asking() + record("home", "cf", ipv4Only, "home.example.org"))
	w.wire(routerWAN)
	d := w.start()
	w.line(d, 0, "published", bare(natFirst))
	hosts := map[string]bool{}
	for _, r := range w.echo.Requests() {
		hosts[r.Host] = true
	}
	if len(hosts) != 2 {
		t.Errorf("a first address was believed from %v; it needs two operators", hosts)
	}
	w.stop(d)
	for i := range stunHosts {
		if from := w.server(i).From(); len(from) != 0 {
			t.Errorf("the blocked server was reached from %v", from)
		}
	}
}

func TestOutside_over_ipv6(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	w.configure(asking() + record("home", "cf", "list family 'ipv6'; option source 'outside'", "home.example.org"))
	w.renumber("", router6)
	if err := nat.Route("::/0", "2a00:1::1", "wan"); err != nil {
		t.Fatal(err)
	}
	d := w.start()
	w.line(d, 0, "published", bare(router6))
	w.holds(w.Cloudflare.Holds("home.example.org", "AAAA"), bare(router6))
	w.stop(d)
}

func TestOutside_carrier_grade_nat_is_told_and_not_published_unasked(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	for _, c := range []natCase{
		{"cgnat-address", "100.64.1.2/24", "", "", address.NATCarrier, "carrier-grade", ""},
		{"cgnat-address-outside-asked-for", "100.64.1.2/24", "", "option source 'outside'", address.NATCarrier, "carrier-grade", bare(natFirst)},
		{"cgnat-address-asked-for", "100.64.1.2/24", "", "option publish_private '1'", address.NATCarrier, "carrier-grade", "100.64.1.2"},
		{"cgnat-behind-the-modem", routerWAN, "100.64.3.4", "", address.NATCarrier, "100.64.3.4", ""},
		{"cgnat-behind-a-modem-with-pcp", routerWAN, "pcp 100.64.3.4", "", address.NATCarrier, "100.64.3.4", ""},
		{"private-behind-the-modem", routerWAN, "10.3.3.4", "", address.NATCarrier, "10.3.3.4", ""},
		{"modem-with-the-public-address", routerWAN, bare(natFirst), "", address.NATDouble, "double NAT", bare(natFirst)},
		{"modem-that-says-another-one", routerWAN, "192.88.97.1", "", address.NATDouble, "192.88.97.1", bare(natFirst)},
		{"looks-public", "192.88.96.2/24", "", "", address.NATCarrier, "looks public", ""},
		{"looks-public-asked-for", "192.88.96.2/24", "", "option publish_private '1'", address.NATNone, "", "192.88.96.2"},
		{"looks-public-outside-asked-for", "192.88.96.2/24", "", "option source 'outside'", address.NATCarrier, "looks public", bare(natFirst)},
		{"interface-asks-nobody", "192.88.96.2/24", "", "option source 'interface'", address.NATNone, "", "192.88.96.2"},
	} {
		t.Log(c.name)
		w.tell(c)
	}
}

// natCase is one way to be behind NAT.
type natCase struct {
	name, own, external, options string
	kind                         address.NAT
	says                         string
	published                    string // empty: nothing
}

// tell runs wandns in such a place and compares what it says and publishes.
func (w *world) tell(c natCase) {
	t := w.t
	t.Helper()
	host := c.name + ".example.org"
	w.configure(asking() + record("home", "cf", ipv4Only+"; "+c.options, host))
	if gate(c.own) != modemLAN {
		own := gate(c.own) + "/24"
		w.inModem(func() error { return nat.AddAddrs("isp", own) })
		defer w.inModem(func() error { return nat.DropAddr("isp", own) })
	}
	if c.external != "" {
		defer w.pmp(c.external).Close()
	}
	w.renumber("", c.own)
	defer w.renumber(c.own, "")
	if err := nat.Route("0.0.0.0/0", gate(c.own), "wan"); err != nil {
		t.Fatal(err)
	}
	before := w.asked()
	d := w.start()
	if c.published != "" {
		w.line(d, 0, "published", "address="+c.published)
	}
	w.eventually(c.name+": the status is not that of the case before", func() bool {
		s, _, err := daemon.ReadStatus(w.RunDir)
		return err == nil && s.PID == d.PID()
	})
	w.eventually(c.name+": the status tells the kind of NAT", func() bool {
		i := w.iface("wan")
		return i.NAT == c.kind && strings.Contains(i.NATText, c.says)
	})
	if c.kind == address.NATCarrier && c.options == "" {
		w.eventually(c.name+": the record says why", func() bool { return w.name(host, "A").Code == "cgnat" })
	}
	w.stop(d)
	if got := strings.Join(w.Cloudflare.Holds(host, "A"), " "); got != c.published {
		t.Errorf("%s: published %q, want %q", c.name, got, c.published)
	}
	if asked := w.asked() - before; c.options == "option source 'interface'" && asked > 0 {
		t.Errorf("%s: servers were asked %d times", c.name, asked)
	}
}

func TestOutside_the_modem_announces_a_change(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	p := w.pmp(bare(natFirst))
	defer p.Close()
	main := strings.Replace(asking(), "'10s'", "'1h'", 1)
	w.configure(main + record("home", "cf", ipv4Only, "home.example.org"))
	w.wire(routerWAN)
	d := w.start()
	n := w.line(d, 0, "published", bare(natFirst))
	w.eventually("somebody listens for announcements", func() bool {
		text, err := os.ReadFile("/proc/thread-self/net/udp")
		return err == nil && strings.Contains(string(text), ":14E6 ") // port 5350
	})
	w.reNAT(natFirst, natSecond)
	if err := p.Announce(bare(natSecond)); err != nil {
		t.Fatal(err)
	}
	w.line(d, n, "published", bare(natSecond))
	w.stop(d)
	if p.Asked() < 2 {
		t.Errorf("the modem was asked %d times", p.Asked())
	}
}

// MiniUPnPd is what most routers run. Its address is asked for and its announcement followed.
func TestOutside_miniupnpd_announces_a_change(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	const first, second = "192.88.95.1/24", "192.88.95.2/24" // not of 192.88.99.0/24, which it takes for reserved
	must(t, w.internet.Do(func() error { return nat.AddAddrs("down", "192.88.95.254/24") }))
	readdress := func(from, to string) {
		w.inModem(func() error {
			if err := nat.AddAddrs("up", to); err != nil {
				return err
			}
			if err := nat.DropAddr("up", from); err != nil {
				return err
			}
			return nat.Route("0.0.0.0/0", "192.88.95.254", "up")
		})
	}
	readdress(natFirst, first)
	w.wire(routerWAN)
	server, err := w.modem.MiniUPnPd("up", "isp", netip.MustParseAddr(modemLAN), t.TempDir())
	must(t, err)
	defer func() { must(t, server.Close()) }()
	w.configure(strings.Replace(asking(), "'10s'", "'1h'", 1) + record("home", "cf", ipv4Only, "home.example.org"))
	d := w.start()
	n := w.line(d, 0, "published", bare(first))
	w.eventually("somebody listens for announcements", func() bool {
		text, err := os.ReadFile("/proc/thread-self/net/udp")
		return err == nil && strings.Contains(string(text), ":14E6 ") // port 5350
	})
	readdress(first, second)
	must(t, server.Announce())
	w.line(d, n, "published", bare(second))
	w.stop(d)
}

func TestOutside_each_wan_is_asked_about_by_itself(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	// A second line by another modem, to the same Internet.
	other, err := nat.NewSpace()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		other.Join("wanb", "isp", "192.168.2.1/24"),
		other.Do(func() error { return w.internet.Join("up", "downb", "192.88.95.254/24") }),
		other.Do(func() error { return nat.AddAddrs("up", "192.88.95.1/24") }),
		other.Do(func() error { return nat.Route("0.0.0.0/0", "192.88.95.254", "up") }),
		other.Masquerade("up"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.configure(asking() + record("home", "cf", ipv4Only+"; list interface 'wan'; list interface 'wanb'; option policy 'all'", "home.example.org"))
	w.wire(routerWAN)
	if err := nat.AddAddrs("wanb", "192.168.2.2/24"); err != nil {
		t.Fatal(err)
	}
	if err := nat.RouteMetric("0.0.0.0/0", "192.168.2.1", "wanb", 100); err != nil {
		t.Fatal(err)
	}
	d := w.start()
	w.line(d, 0, "published", "192.88.95.1,"+bare(natFirst))
	w.stop(d)
	w.holds(w.Cloudflare.Holds("home.example.org", "A"), "192.88.95.1", bare(natFirst))
	lines := map[netip.Addr]int{}
	for i := range stunHosts {
		for _, from := range w.server(i).From() {
			lines[from.Addr()]++
		}
	}
	if len(lines) != 2 || lines[netip.MustParseAddr("192.88.95.1")] < 2 || lines[netip.MustParseAddr(bare(natFirst))] < 2 {
		t.Errorf("questions arrived from %v", lines)
	}
}
