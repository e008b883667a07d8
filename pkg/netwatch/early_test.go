//go:build go1.25

package netwatch_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/pkg/netwatch"
)

// router is a snapshot of a WAN with these addresses, each as "192.0.2.1/24".
func router(addresses ...string) netwatch.Snapshot {
	wan := netwatch.Link{Index: 2, Name: "wan", Up: true, Running: true}
	for _, a := range addresses {
		p := netip.MustParsePrefix(a)
		wan.Addresses = append(wan.Addresses, netwatch.Address{Addr: p.Addr(), Prefix: p.Masked()})
	}
	return netwatch.Snapshot{
		Links:  []netwatch.Link{wan, {Index: 3, Name: "lan", Up: true, Running: true}},
		Routes: []netwatch.Route{{Link: "wan", Gateway: netip.MustParseAddr("192.0.2.254"), Table: unix.RT_TABLE_MAIN}},
	}
}

// leased is a WAN that has another address in each world, and none in world 0.
func leased(world int32) netwatch.Snapshot {
	if world == 0 {
		return router("2001:db8::1/64")
	}
	return router("2001:db8::1/64", fmt.Sprintf("192.0.2.%d/24", world))
}

func TestWatcher_tells_at_once_that_an_address_was_replaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{show: leased}
		w := started(t, netwatch.Config{}, k)
		k.event(netwatch.IPv4Event) // the old one goes, the new one comes
		k.event(netwatch.IPv4Event)
		k.world.Store(2)
		s := <-w.Snapshots()
		if got := time.Since(k.began); got != ms || !s.FirstEvent.Equal(k.began) || !s.Equal(leased(2)) {
			t.Errorf("told %+v after %v", s, got)
		}
		time.Sleep(time.Second)
		nothing(t, w)
		if got := k.when(&k.dumps); !slices.Equal(got, []time.Duration{0, ms, 50 * ms}) {
			t.Errorf("dumps at %v", got)
		}
	})
}

func TestWatcher_tells_a_replacement_in_two_parts_with_the_second(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{show: leased}
		w := started(t, netwatch.Config{}, k)
		k.world.Store(0)
		k.event(netwatch.IPv4Event)
		time.Sleep(20 * ms)
		nothing(t, w)
		k.world.Store(2)
		k.event(netwatch.IPv4Event)
		if s := <-w.Snapshots(); !s.Equal(leased(2)) || time.Since(k.began) != 21*ms {
			t.Errorf("told %+v after %v", s, time.Since(k.began))
		}
		time.Sleep(time.Second)
		nothing(t, w)
	})
}

func TestWatcher_waits_with_what_may_be_a_part(t *testing.T) {
	other := func(change func(s *netwatch.Snapshot)) netwatch.Snapshot {
		s := router("2001:db8::1/64", "192.0.2.2/24")
		change(&s)
		return s
	}
	for name, now := range map[string]netwatch.Snapshot{
		"lost":            leased(0),
		"one more":        router("2001:db8::1/64", "192.0.2.1/24", "192.0.2.2/24"),
		"IPv6 too":        router("2001:db8::2/64", "192.0.2.2/24"),
		"IPv6 lost":       router("192.0.2.2/24"),
		"private instead": router("2001:db8::1/64", "192.168.100.10/24"),
		"no route":        other(func(s *netwatch.Snapshot) { s.Routes = nil }),
		"another metric":  other(func(s *netwatch.Snapshot) { s.Routes[0].Metric = 7 }),
		"no gateway":      other(func(s *netwatch.Snapshot) { s.Routes[0].Gateway = netip.Addr{} }),
		"down":            other(func(s *netwatch.Snapshot) { s.Links[0].Running = false }),
		"device made new": other(func(s *netwatch.Snapshot) { s.Links[0].Index = 9 }),
		"device gone":     other(func(s *netwatch.Snapshot) { s.Links = s.Links[1:] }),
		"a neighbour":     other(func(s *netwatch.Snapshot) { s.Neighbours = make([]netwatch.Neighbour, 1) }),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := &fake{show: func(world int32) netwatch.Snapshot {
					if world == 1 {
						return leased(1)
					}
					return now
				}}
				w := started(t, netwatch.Config{}, k)
				k.world.Store(2)
				k.event(netwatch.IPv4Event)
				if s := <-w.Snapshots(); !s.Equal(now) || time.Since(k.began) != 50*ms {
					t.Errorf("told %+v after %v", s, time.Since(k.began))
				}
			})
		})
	}
}

// A gateway in another network comes with another address.
func TestReplaces_leaves_gateways_alone(t *testing.T) {
	a, b := leased(1), router("2001:db8::1/64", "198.51.100.5/24")
	b.Routes[0].Gateway = netip.MustParseAddr("198.51.100.254")
	if !netwatch.Replaces(a, b) || netwatch.Replaces(a, a) {
		t.Error("another address and gateway, or none")
	}
}

func TestWatcher_tells_nothing_of_an_address_that_comes_back(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{show: leased}
		w := started(t, netwatch.Config{}, k)
		k.world.Store(0)
		k.event(netwatch.IPv4Event)
		time.Sleep(30 * ms)
		k.world.Store(1)
		k.event(netwatch.IPv4Event)
		time.Sleep(time.Second)
		nothing(t, w)
	})
}

func TestWatcher_takes_back_a_replacement_that_nobody_fetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{show: leased}
		w := started(t, netwatch.Config{}, k)
		k.world.Store(2)
		k.event(netwatch.IPv4Event)
		time.Sleep(10 * ms)
		k.world.Store(1)
		k.event(netwatch.IPv4Event)
		time.Sleep(10 * ms)
		nothing(t, w)
	})
}

func TestWatcher_looks_early_four_times_at_the_most(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{show: leased}
		w := started(t, netwatch.Config{}, k)
		k.world.Store(0)
		for range 24 {
			k.event(netwatch.IPv4Event)
			time.Sleep(20 * ms)
		}
		<-w.Snapshots()
		want := []time.Duration{0, ms, 21 * ms, 41 * ms, 61 * ms, 500 * ms}
		if got := k.when(&k.dumps); !slices.Equal(got, want) {
			t.Errorf("dumps at %v, want %v", got, want)
		}
	})
}

func TestWatcher_does_not_look_early(t *testing.T) {
	for name, first := range map[string]error{"after lost events": unix.ENOBUFS, "for other events": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := &fake{show: leased}
				w := started(t, netwatch.Config{}, k)
				k.world.Store(2)
				k.event(first)
				if first != nil {
					k.event(netwatch.IPv4Event)
				}
				<-w.Snapshots()
				if got := k.when(&k.dumps); !slices.Equal(got, []time.Duration{0, 50 * ms}) {
					t.Errorf("dumps at %v", got)
				}
			})
		})
	}
}

func TestWatcher_early_look_that_fails_is_made_up_for(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{show: leased, err: unix.ENOMEM}
		w := started(t, netwatch.Config{Notice: func(what string, err error) { t.Error(what, err) }}, k)
		k.world.Store(2)
		k.fails.Store(1)
		k.event(netwatch.IPv4Event)
		if s := <-w.Snapshots(); !s.Equal(leased(2)) || time.Since(k.began) != 50*ms {
			t.Errorf("told %+v after %v", s, time.Since(k.began))
		}
	})
}

func TestIPv4(t *testing.T) {
	message := func(kind uint16, family byte, more ...byte) []byte {
		m := make([]byte, unix.SizeofNlMsghdr+unix.SizeofIfAddrmsg)
		native := nl.NativeEndian()
		native.PutUint32(m, uint32(len(m)))
		native.PutUint16(m[4:], kind)
		m[unix.SizeofNlMsghdr] = family
		return append(m, more...)
	}
	specific := message(unix.RTM_NEWROUTE, unix.AF_INET)
	specific[unix.SizeofNlMsghdr+1] = 24
	for name, c := range map[string]struct {
		datagram []byte
		want     bool
	}{
		"new":       {message(unix.RTM_NEWADDR, unix.AF_INET), true},
		"gone":      {message(unix.RTM_DELADDR, unix.AF_INET), true},
		"IPv6":      {message(unix.RTM_NEWADDR, unix.AF_INET6), false},
		"a link":    {message(unix.RTM_NEWLINK, unix.AF_INET), false},
		"a default": {message(unix.RTM_NEWROUTE, unix.AF_INET), true},
		"another":   {specific, false},
		"of IPv6":   {message(unix.RTM_NEWROUTE, unix.AF_INET6), false},
		"two":       {message(unix.RTM_NEWADDR, unix.AF_INET, message(unix.RTM_NEWADDR, unix.AF_INET)...), false},
		"header":    {message(unix.RTM_NEWADDR, unix.AF_INET)[:unix.SizeofNlMsghdr+1], false},
		"shortened": {message(unix.RTM_NEWADDR, unix.AF_INET)[:unix.SizeofNlMsghdr+2], true}, // by a small buffer
		"nothing":   {nil, false},
	} {
		if got := netwatch.IPv4(c.datagram); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
