package main_test

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/nat"
)

// The world of these tests: the router's wan is behind a modem, which does NAT to the Internet,
// where STUN servers of three operators and an echo are. The services stay on loopback.
//
//	router --wan--[modem: NAT]--up-- Internet: stun.one.example, stun.two.example, ...
const (
	modemLAN  = "192.168.1.1"
	routerWAN = "192.168.1.2/24"
	natFirst  = "192.88.99.1/24"
	natSecond = "192.88.99.2/24"
	ispGate   = "192.88.99.254/24"
	router6   = "2a00:1::2/64"
	plain     = "192.88.90.0/24" // behind the modem, and without NAT
	plain1    = "192.88.90.2/25"
	plain2    = "192.88.90.130/25"
)

var stunHosts = []string{"stun.one.example", "stun.two.example", "stun.three.example"}

// world is a place with an Internet.
type world struct {
	*place
	modem, internet *nat.Space
	stun            []*nat.STUN
	front           *double.Front
	echo            *nat.Echo
}

// newWorld makes it, with the modem's outside address natFirst.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{place: newPlaceWith(t, "home.duckdns.org")}
	var err error
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// newPlaceWith has made wan with its peer isp here: the peer goes to the modem.
	w.modem, err = nat.NewSpace()
	must(err)
	w.internet, err = nat.NewSpace()
	must(err)
	must(w.modem.Adopt("isp", modemLAN+"/24", "2a00:1::1/64"))
	must(w.modem.Do(func() error { return w.internet.Join("up", "down", ispGate, "2a00:2::1/64") }))
	must(w.modem.Do(func() error { return nat.AddAddrs("up", natFirst, "2a00:2::2/64") }))
	must(w.modem.Do(func() error { return nat.Route("0.0.0.0/0", bare(ispGate), "up") }))
	must(w.internet.Do(func() error { return nat.Route("2a00:1::/64", "2a00:2::2", "down") }))
	must(w.modem.Do(func() error { return nat.Route("::/0", "2a00:2::1", "up") }))
	must(w.modem.Do(func() error { return nat.AddAddrs("isp", gate(plain1)+"/25", gate(plain2)+"/25") }))
	must(w.internet.Do(func() error { return nat.Route(plain, bare(natFirst), "down") }))
	must(w.modem.Masquerade("up", plain))
	hosts := w.Front.HostsFile("127.0.0.1")
	for i, h := range stunHosts {
		at, at6 := "192.88.98."+strconv.Itoa(i+1), "2a00:98::"+strconv.Itoa(i+1)
		must(w.internet.Do(func() error { return nat.AddAddrs("lo", at+"/32", at6+"/128") }))
		w.serve(net.JoinHostPort(at, "3478"), &w.stun)
		w.serve(net.JoinHostPort(at6, "3478"), &w.stun)
		hosts += at + " " + h + "\n" + at6 + " " + h + "\n"
	}
	w.echo = nat.NewEcho("ip.four.example", "ip.five.example")
	w.front = double.NewFront(w.CA, w.echo)
	must(w.internet.Do(func() error { return w.front.Listen("192.88.98.1:443", "[2a00:98::1]:443") }))
	t.Cleanup(func() { _ = w.front.Close() })
	hosts += "192.88.98.1 ip.four.example ip.five.example\n2a00:98::1 ip.four.example ip.five.example\n"
	must(lab.ReplaceFile("/etc/hosts", hosts))
	return w
}

func (w *world) serve(addr string, list *[]*nat.STUN) {
	w.t.Helper()
	err := w.internet.Do(func() error {
		s, err := nat.ListenSTUN(addr)
		if err == nil {
			*list = append(*list, s)
			w.t.Cleanup(func() { _ = s.Close() })
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// server is the server of an operator, for IPv4.
func (w *world) server(i int) *nat.STUN { return w.stun[2*i] }

// wire gives the router its addresses and routes.
func (w *world) wire(addr string) {
	w.t.Helper()
	w.renumber("", addr)
	if err := nat.Route("0.0.0.0/0", modemLAN, "wan"); err != nil {
		w.t.Fatal(err)
	}
}

// gate is the modem's address in the network of an address of the router.
func gate(addr string) string { return netip.MustParsePrefix(addr).Masked().Addr().Next().String() }

func (w *world) reNAT(from, to string) {
	w.t.Helper()
	err := w.modem.Do(func() error {
		if err := nat.AddAddrs("up", to); err != nil {
			return err
		}
		if err := nat.DropAddr("up", from); err != nil {
			return err
		}
		return nat.Route("0.0.0.0/0", bare(ispGate), "up")
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// asking is a main section whose servers are those of the world.
func asking(servers ...string) string {
	if len(servers) == 0 {
		servers = stunHosts
	}
	s := "config wandns 'main'\n\toption log_level 'debug'\n\toption outside_interval '10s'\n"
	for _, h := range servers {
		s += "\tlist stun_server '" + h + "'\n"
	}
	return s + "\tlist echo_url 'https://ip.four.example/'\n\tlist echo_url 'https://ip.five.example/'\n"
}

// iface is how the status shows an interface, nothing when it does not.
func (w *world) iface(name string) daemon.Interface {
	w.t.Helper()
	s, _, err := daemon.ReadStatus(w.RunDir)
	if err != nil && !errors.Is(err, daemon.ErrNotRunning) { // not written yet
		w.t.Fatal(err)
	}
	for _, i := range s.Interfaces {
		if i.Name == name {
			return i
		}
	}
	return daemon.Interface{}
}

// asked is how many questions all servers had.
func (w *world) asked() (n int) {
	for _, s := range w.stun {
		n += len(s.From())
	}
	return n
}

func (w *world) inModem(f func() error) {
	w.t.Helper()
	if err := w.modem.Do(f); err != nil {
		w.t.Fatal(err)
	}
}

// pmp lets the modem answer NAT-PMP, or "pcp ADDRESS" PCP only.
func (w *world) pmp(external string) (p *nat.PMP) {
	w.t.Helper()
	external, pcp := strings.CutPrefix(external, "pcp ")
	err := w.modem.Do(func() (err error) {
		p, err = nat.ListenPMP(modemLAN, "isp", external)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if pcp {
		p.PCPOnly()
	}
	return p
}
