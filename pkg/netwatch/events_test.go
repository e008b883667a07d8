package netwatch_test

import (
	"net"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/scripts/lab"
)

func TestWatcher_ipv4_replaced_without_link_down(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.7/24")))
	r := record(t, netwatch.Config{})
	before := r.until("the old address", has("wan", "192.88.99.7"))

	began := time.Now()
	must(t, netlink.AddrDel(v, lab.Addr("192.88.99.7/24")))
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.8/24")))
	after := r.until("the new address", has("wan", "192.88.99.8"))
	if got := addresses(after, "wan"); len(got) != 1 {
		t.Errorf("addresses %v; want the new one alone", got)
	}
	if after.FirstEvent.Before(began) || after.Taken.Before(after.FirstEvent) {
		t.Errorf("began %v, first event %v, taken %v", began, after.FirstEvent, after.Taken)
	}
	d := after.Since(before)
	if !d.Has(netwatch.AddressAdded) || !d.Has(netwatch.AddressRemoved) || len(d) != 2 {
		t.Errorf("delta %v", d)
	}
	if len(r.all()) != 2 {
		t.Errorf("%d snapshots; want the first and one for both changes together", len(r.all()))
	}
}

// However long it waits for quiet: this is whole as soon as it is seen.
func TestWatcher_ipv4_replaced_is_told_at_once(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.7/24")))
	must(t, netlink.RouteAdd(&netlink.Route{LinkIndex: v.Attrs().Index, Gw: net.ParseIP("192.88.99.254")}))
	r := record(t, netwatch.Config{Quiet: time.Hour, MaxWait: time.Hour})
	r.until("the old address", has("wan", "192.88.99.7"))
	must(t, netlink.AddrDel(v, lab.Addr("192.88.99.7/24"))) // and its route with it
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.8/24")))
	must(t, netlink.RouteAdd(&netlink.Route{LinkIndex: v.Attrs().Index, Gw: net.ParseIP("192.88.99.253")}))
	r.until("the new address", has("wan", "192.88.99.8"))
}

func TestWatcher_deleting_a_primary_takes_its_secondaries(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.9/24")))
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.3/24")))
	sysctl(t, "ipv4/conf/wan/promote_secondaries", "0")
	r := record(t, netwatch.Config{})
	s := r.until("both addresses", has("wan", "192.88.99.3"))
	want := []netip.Addr{netip.MustParseAddr("192.88.99.9"), netip.MustParseAddr("192.88.99.3")}
	if got := addresses(s, "wan"); !slices.Equal(got, want) {
		t.Errorf("addresses %v; want %v, the primary first", got, want)
	}
	if a, _ := address(s, "wan", "192.88.99.3"); a.Flags&netwatch.Temporary != 0 {
		t.Error("a secondary IPv4 address is called temporary")
	}
	must(t, netlink.AddrDel(v, lab.Addr("192.88.99.9/24")))
	r.until("no address", func(s netwatch.Snapshot) bool { return len(addresses(s, "wan")) == 0 })
}

func TestWatcher_ipv6_is_tentative_and_then_valid(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	r := record(t, netwatch.Config{})
	a := lab.Addr("2a0e:97c0:1::1/64")
	a.Flags = 0 // with duplicate address detection
	must(t, netlink.AddrAdd(v, a))
	r.until("tentative", hasFlags("wan", "2a0e:97c0:1::1", netwatch.Tentative, netwatch.DADFailed))
	s := r.until("valid", hasFlags("wan", "2a0e:97c0:1::1", 0, netwatch.Tentative))
	all := r.all()
	if d := s.Since(all[len(all)-2]); !d.Has(netwatch.AddressChanged) {
		t.Errorf("delta %v", d)
	}
}

func TestWatcher_duplicate_address_is_said_to_be_one(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	r := record(t, netwatch.Config{})
	must(t, netlink.AddrAdd(link(t, "isp"), lab.Addr("2a0e:97c0:1::1/64")))
	a := lab.Addr("2a0e:97c0:1::1/64")
	a.Flags = 0
	must(t, netlink.AddrAdd(v, a))
	r.until("dad-failed", hasFlags("wan", "2a0e:97c0:1::1", netwatch.DADFailed, 0))
}

func TestWatcher_ipv6_becomes_deprecated_and_goes(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	r := record(t, netwatch.Config{})
	a := lab.Addr("2a0e:97c0:1::1/64")
	a.PreferedLft, a.ValidLft = 1, 3
	must(t, netlink.AddrAdd(v, a))
	s := r.until("the address", has("wan", "2a0e:97c0:1::1"))
	got, _ := address(s, "wan", "2a0e:97c0:1::1")
	if left := got.ValidEnd.Sub(s.Taken); left <= 0 || left > 3*time.Second || !got.PreferredEnd.Before(got.ValidEnd) {
		t.Errorf("preferred until %v, valid until %v at %v", got.PreferredEnd, got.ValidEnd, s.Taken)
	}
	r.until("deprecated", hasFlags("wan", "2a0e:97c0:1::1", netwatch.Deprecated, 0))
	r.until("gone", func(s netwatch.Snapshot) bool { return len(addresses(s, "wan")) == 0 })
}

func TestWatcher_temporary_and_permanent_are_told_apart(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	must(t, netlink.AddrAdd(v, lab.Addr("2a0e:97c0:1::1/64")))
	managed := lab.Addr("2a0e:97c0:2::1/64")
	managed.Flags |= unix.IFA_F_MANAGETEMPADDR
	managed.PreferedLft, managed.ValidLft = 3600, 7200
	sysctl(t, "ipv6/conf/wan/use_tempaddr", "2")
	// The kernel drops a temporary address that it cannot check, and IPv6 counts a link as ready up
	// to a second after it has a carrier (addrconf_dad_begin and IF_READY in net/ipv6/addrconf.c).
	sysctl(t, "ipv6/conf/wan/accept_dad", "0")
	r := record(t, netwatch.Config{})
	must(t, netlink.AddrAdd(v, managed))
	s := r.until("a temporary address made by the kernel", func(s netwatch.Snapshot) bool {
		l, _ := s.LinkByName("wan")
		return slices.ContainsFunc(l.Addresses, func(a netwatch.Address) bool {
			return a.Flags&netwatch.Temporary != 0 && a.Prefix == netip.MustParsePrefix("2a0e:97c0:2::/64")
		})
	})
	if !hasFlags("wan", "2a0e:97c0:2::1", netwatch.ManageTempAddr, netwatch.Permanent|netwatch.Temporary)(s) ||
		!hasFlags("wan", "2a0e:97c0:1::1", netwatch.Permanent, netwatch.ManageTempAddr|netwatch.Temporary)(s) {
		t.Errorf("%+v", s)
	}
	if a, _ := address(s, "wan", "2a0e:97c0:1::1"); !a.PreferredEnd.IsZero() || !a.ValidEnd.IsZero() {
		t.Errorf("for ever is %v, %v", a.PreferredEnd, a.ValidEnd)
	}
}

// tunnel makes a tun device with a process behind it, as pppd has one.
func tunnel(t *testing.T, name string) *netlink.Tuntap {
	t.Helper()
	l := &netlink.Tuntap{LinkAttrs: netlink.LinkAttrs{Name: name}, Mode: netlink.TUNTAP_MODE_TUN, NonPersist: true, Queues: 1}
	must(t, netlink.LinkAdd(l))
	must(t, netlink.LinkSetUp(l))
	return l
}

func TestWatcher_point_to_point_local_is_ours_and_comes_back(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := record(t, netwatch.Config{})
	give := func(name, local, peer string) *netlink.Tuntap {
		l := tunnel(t, name)
		a := lab.Addr(local)
		a.Peer = lab.Addr(peer).IPNet
		must(t, netlink.AddrAdd(l, a))
		return l
	}
	l := give("pppoe-wan", "192.88.99.7/32", "192.88.99.1/32")
	s := r.until("the local address", has("pppoe-wan", "192.88.99.7"))
	a, _ := address(s, "pppoe-wan", "192.88.99.7")
	if a.Peer != netip.MustParseAddr("192.88.99.1") || a.Prefix != netip.MustParsePrefix("192.88.99.1/32") {
		t.Errorf("address %+v", a)
	}
	first, _ := r.until("a tunnel of unknown operstate runs", usable("pppoe-wan", true)).LinkByName("pppoe-wan")

	must(t, l.Fds[0].Close())
	r.until("the device is gone", func(s netwatch.Snapshot) bool { _, ok := s.LinkByName("pppoe-wan"); return !ok })
	tunnel(t, "other") // so that the next one has another ifindex
	give("pppoe-wan", "192.88.99.8/32", "192.88.99.1/32")
	s = r.until("the new address", has("pppoe-wan", "192.88.99.8"))
	if again, _ := s.LinkByName("pppoe-wan"); again.Index == first.Index {
		t.Errorf("ifindex %d twice: the test shows nothing", again.Index)
	}

	six := lab.Addr("2a0e:97c0:1::1/128")
	six.Peer = lab.Addr("2a0e:97c0:1::2/128").IPNet
	must(t, netlink.AddrAdd(link(t, "pppoe-wan"), six))
	s = r.until("IPv6 with a peer", has("pppoe-wan", "2a0e:97c0:1::1"))
	if a, _ := address(s, "pppoe-wan", "2a0e:97c0:1::1"); a.Peer != netip.MustParseAddr("2a0e:97c0:1::2") {
		t.Errorf("address %+v", a)
	}
}

func TestWatcher_renamed_device_keeps_its_addresses(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.7/24")))
	r := record(t, netwatch.Config{})
	must(t, netlink.LinkSetDown(v))
	must(t, netlink.LinkSetName(v, "uplink"))
	must(t, netlink.LinkSetUp(v))
	s := r.until("the address under the new name", func(s netwatch.Snapshot) bool {
		return has("uplink", "192.88.99.7")(s) && usable("uplink", true)(s)
	})
	if _, ok := s.LinkByName("wan"); ok {
		t.Error("the old name is still there")
	}
}

func TestWatcher_ipv4_link_down_is_seen_without_deladdr(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.7/24")))
	must(t, netlink.RouteAdd(defaultRoute(v, "192.88.99.1")))
	r := record(t, netwatch.Config{})
	s := r.until("a default route", func(s netwatch.Snapshot) bool { return len(s.Routes) == 1 })
	want := netwatch.Route{Link: "wan", Gateway: netip.MustParseAddr("192.88.99.1"), Table: unix.RT_TABLE_MAIN}
	if s.Routes[0] != want {
		t.Errorf("route %+v; want %+v", s.Routes[0], want)
	}
	must(t, netlink.LinkSetDown(v))
	s = r.until("link down", func(s netwatch.Snapshot) bool { l, _ := s.LinkByName("wan"); return !l.Up })
	if !has("wan", "192.88.99.7")(s) || len(s.Routes) != 0 {
		t.Errorf("the kernel keeps the address and drops the route: %+v", s)
	}
	if d := s.Since(r.all()[0]); !d.Has(netwatch.LinkDown) || !d.Has(netwatch.RouteRemoved) {
		t.Errorf("delta %v", d)
	}
}

func TestWatcher_carrier_loss_and_return(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.7/24")))
	r := record(t, netwatch.Config{})
	r.until("running", usable("wan", true))
	must(t, netlink.LinkSetDown(link(t, "isp")))
	s := r.until("no carrier", func(s netwatch.Snapshot) bool { l, _ := s.LinkByName("wan"); return l.Up && !l.Running })
	if !has("wan", "192.88.99.7")(s) {
		t.Error("the address must stay listed")
	}
	must(t, netlink.LinkSetUp(link(t, "isp")))
	r.until("running again", usable("wan", true))
}

func TestWatcher_default_routes_of_every_kind(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.7/24")))
	must(t, netlink.AddrAdd(v, lab.Addr("2a0e:97c0:1::7/64")))
	r := record(t, netwatch.Config{})
	policy := defaultRoute(v, "192.88.99.2")
	policy.Table, policy.Priority = 1000, 7 // as mwan3 and ip4table have them, beyond one byte
	must(t, netlink.RouteAdd(policy))
	six := defaultRoute(v, "2a0e:97c0:1::1")
	six.Priority = 512
	must(t, netlink.RouteAdd(six))
	must(t, netlink.RouteAdd(&netlink.Route{Dst: lab.Addr("0.0.0.0/0").IPNet, Type: unix.RTN_UNREACHABLE, Priority: 9000}))
	must(t, netlink.RouteAdd(&netlink.Route{Dst: lab.Addr("0.0.0.0/0").IPNet, Table: 1001, MultiPath: []*netlink.NexthopInfo{
		{LinkIndex: v.Attrs().Index, Gw: []byte{192, 88, 99, 3}}, {LinkIndex: v.Attrs().Index, Gw: []byte{192, 88, 99, 4}}}}))
	ip := netip.MustParseAddr
	want := []netwatch.Route{
		{Link: "wan", Gateway: ip("192.88.99.2"), Table: 1000, Metric: 7},
		{Table: unix.RT_TABLE_MAIN, Metric: 9000},
		{Link: "wan", Gateway: ip("192.88.99.3"), Table: 1001},
		{Link: "wan", Gateway: ip("192.88.99.4"), Table: 1001},
		{IPv6: true, Link: "wan", Gateway: ip("2a0e:97c0:1::1"), Table: unix.RT_TABLE_MAIN, Metric: 512},
	}
	r.until("all default routes", func(s netwatch.Snapshot) bool {
		for _, w := range want {
			if !slices.Contains(s.Routes, w) {
				return false
			}
		}
		return len(s.Routes) == len(want)
	})
}

func TestWatcher_lifetime_refresh_wakes_nobody(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	a := lab.Addr("2a0e:97c0:1::1/64")
	a.PreferedLft, a.ValidLft = 3600, 7200
	must(t, netlink.AddrAdd(v, a))
	r := record(t, netwatch.Config{})
	r.until("running", usable("wan", true))
	said, dumps := len(r.all()), r.Counters().Dumps
	a.PreferedLft, a.ValidLft = 1800, 3600
	must(t, netlink.AddrReplace(v, a))
	eventually(t, "the kernel is asked", func() bool { return r.Counters().Dumps > dumps })
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.7/24"))) // the next thing that is said
	r.until("another address", has("wan", "192.88.99.7"))
	if got := len(r.all()); got != said+1 {
		t.Errorf("%d snapshots; want %d", got, said+1)
	}
}

func TestWatcher_other_routes_cost_nothing(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.7/24")))
	r := record(t, netwatch.Config{})
	r.until("running", usable("wan", true))
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.8/24")))
	s := r.until("a quiet start", has("wan", "192.88.99.8"))
	before, said := r.Counters(), len(r.all())
	for i := 0; i < 500; i++ {
		rt := &netlink.Route{LinkIndex: v.Attrs().Index, Dst: lab.Addr("203.0.113.0/32").IPNet}
		rt.Dst.IP = []byte{198, 51, byte(i >> 8), byte(i)}
		must(t, netlink.RouteAdd(rt))
		if i%2 == 0 {
			must(t, netlink.RouteDel(rt))
		}
	}
	must(t, netlink.RouteAdd(defaultRoute(v, "192.88.99.1")))
	s2 := r.until("the default route", func(s netwatch.Snapshot) bool { return len(s.Routes) == 1 })
	after := r.Counters()
	if after.Events-before.Events != 1 || after.Dumps-before.Dumps != 2 || len(r.all()) != said+1 {
		t.Errorf("counters %+v, then %+v; want one event and two dumps, the first of them early, for the default route", before, after)
	}
	if d := s2.Since(s); len(d) != 1 || !d.Has(netwatch.RouteAdded) {
		t.Errorf("delta %v", d)
	}
}

func TestWatcher_overflow_resynchronises(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	overflowed := make(chan error, 100)
	r := record(t, netwatch.Config{ReceiveBuffer: 1, Notice: func(what string, err error) {
		if what == netwatch.NoticeOverflow {
			select {
			case overflowed <- err:
			default:
			}
		}
	}})
	h, err := netlink.NewHandle(syscall.NETLINK_ROUTE)
	must(t, err)
	defer h.Close()
	for i := 0; i < 5000; i++ {
		a := lab.Addr("10.0.0.0/32")
		a.IP = []byte{10, 0, byte(i >> 8), byte(i)}
		must(t, h.AddrAdd(v, a))
	}
	must(t, h.AddrDel(v, lab.Addr("10.0.0.0/32")))
	must(t, h.AddrAdd(v, lab.Addr("192.88.99.7/24")))
	s := r.until("the last address", func(s netwatch.Snapshot) bool {
		return has("wan", "192.88.99.7")(s) && !has("wan", "10.0.0.0")(s)
	})
	if got := len(addresses(s, "wan")); got != 5000 {
		t.Errorf("%d addresses; want 5000", got)
	}
	c := r.Counters()
	if c.Overflows == 0 || c.Reopened != 0 {
		t.Errorf("counters %+v; want overflows survived by the same socket", c)
	}
	select {
	case <-overflowed:
	default:
		t.Error("the overflow was not noticed aloud")
	}
	// The same socket goes on telling.
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.8/24")))
	r.until("an address after the overflow", has("wan", "192.88.99.8"))
}

func TestWatcher_socket_closed_under_it_is_reopened(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	r := record(t, netwatch.Config{})
	r.until("running", usable("wan", true))
	eventually(t, "the socket is open", func() bool { return netwatch.CloseSocket(r.Watcher) })
	eventually(t, "the socket is opened again", func() bool { return r.Counters().Reopened == 1 })
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.7/24")))
	r.until("a change after that", has("wan", "192.88.99.7"))
}

func TestWatcher_descriptor_taken_by_something_else_is_found(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	r := record(t, netwatch.Config{})
	r.until("running", usable("wan", true))
	stolen := 0
	for fd := 3; fd < 64; fd++ {
		sa, err := unix.Getsockname(fd)
		if nls, ok := sa.(*unix.SockaddrNetlink); err == nil && ok && nls.Groups != 0 {
			other, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, 0)
			must(t, err)
			must(t, unix.Dup3(other, fd, 0))
			must(t, unix.Close(other))
			stolen++
		}
	}
	if stolen != 1 {
		t.Fatalf("%d subscribed sockets; want one", stolen)
	}
	r.Hint() // or the slow resync
	eventually(t, "the socket is opened again", func() bool { return r.Counters().Reopened == 1 })
	must(t, netlink.AddrAdd(v, lab.Addr("192.88.99.7/24")))
	r.until("a change after that", has("wan", "192.88.99.7"))
}
