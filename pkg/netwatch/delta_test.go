package netwatch_test

import (
	"math/rand"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/netwatch"
)

func TestSince(t *testing.T) {
	addr := func(a string, f netwatch.Flags) netwatch.Address {
		return netwatch.Address{Addr: netip.MustParseAddr(a), Flags: f}
	}
	link := func(index int, up, running bool, a ...netwatch.Address) netwatch.Link {
		return netwatch.Link{Index: index, Name: "wan", Up: up, Running: running, Addresses: a}
	}
	one := func(l netwatch.Link, r ...netwatch.Route) netwatch.Snapshot {
		return netwatch.Snapshot{Links: []netwatch.Link{l}, Routes: r}
	}
	a, b := addr("192.88.99.7", 0), addr("192.88.99.8", 0)
	r1, r2 := netwatch.Route{Link: "wan", Metric: 1}, netwatch.Route{Metric: 2, IPv6: true}
	for _, c := range []struct {
		name     string
		old, now netwatch.Snapshot
		want     string
	}{
		{"nothing", one(link(1, true, true, a), r1), one(link(1, true, true, a), r1), ""},
		{"first-snapshot", netwatch.Snapshot{}, one(link(1, true, true, a)), "link-added wan running; address-added wan 192.88.99.7"},
		{"device-gone", one(link(1, true, true, a)), netwatch.Snapshot{}, "link-removed wan"},
		{"renumbered", one(link(1, true, true, a)), one(link(1, true, true, b)), "address-added wan 192.88.99.8; address-removed wan 192.88.99.7"},
		{"valid-now", one(link(1, true, true, addr("2a00::1", netwatch.Tentative))), one(link(1, true, true, addr("2a00::1", 0))),
			"address-changed wan 2a00::1 tentative -> valid"},
		{"secondary-first", one(link(1, true, true, a, b)), one(link(1, true, true, b, a)), "address-order wan"},
		{"new-ifindex", one(link(1, true, true, a)), one(link(2, true, true, a)), "link-recreated wan"},
		{"cable-out", one(link(1, true, true)), one(link(1, true, false)), "link-down wan no carrier"},
		{"set-down", one(link(1, true, false)), one(link(1, false, false)), "link-state wan down"},
		{"up", one(link(1, true, false)), one(link(1, true, true)), "link-up wan running"},
		{"route-gone", one(link(1, true, true), r1, r1), one(link(1, true, true), r1), "default-route-removed wan ipv4"},
		{"route-come", one(link(1, true, true), r1), one(link(1, true, true), r1, r2), "default-route-added ipv6 unreachable"},
		{"routes-swapped", one(link(1, true, true), r1, r2), one(link(1, true, true), r2, r1), "default-route-order ipv6 unreachable"},
	} {
		if got := c.now.Since(c.old).String(); got != c.want {
			t.Errorf("%s: %q; want %q", c.name, got, c.want)
		}
	}
	many := link(1, true, true)
	for i := byte(0); i < 100; i++ {
		many.Addresses = append(many.Addresses, netwatch.Address{Addr: netip.AddrFrom4([4]byte{192, 88, 99, i})})
	}
	if got := one(many).Since(netwatch.Snapshot{}).String(); len(got) > 400 || !strings.HasSuffix(got, "...") {
		t.Errorf("a log line of %d bytes", len(got))
	}
}

// TestSince_is_empty_exactly_for_equal_snapshots over random worlds that differ little.
func TestSince_is_empty_exactly_for_equal_snapshots(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	world := func() (s netwatch.Snapshot) {
		for i, name := range []string{"lo", "wan"} {
			if r.Intn(4) == 0 {
				continue
			}
			l := netwatch.Link{Index: i + 1 + 10*(r.Intn(8)/7), Name: name, Up: r.Intn(3) > 0, Running: r.Intn(3) > 0}
			for _, n := range r.Perm(3)[:r.Intn(3)] {
				a := netwatch.Address{Addr: netip.AddrFrom4([4]byte{192, 88, 99, byte(n)}), Flags: netwatch.Flags(r.Intn(2)), ValidEnd: time.Unix(r.Int63n(9), 0)}
				if r.Intn(4) == 0 {
					a.Peer = netip.MustParseAddr("192.88.99.1")
				}
				l.Addresses = append(l.Addresses, a)
			}
			s.Links = append(s.Links, l)
		}
		for n := r.Intn(3); n > 0; n-- {
			s.Routes = append(s.Routes, netwatch.Route{Link: "wan", Metric: r.Intn(2)})
		}
		s.Taken = time.Unix(r.Int63n(1000), 0)
		return s
	}
	equal := 0
	for i := 0; i < 50000; i++ {
		a, b := world(), world()
		if a.Equal(b) {
			equal++
		}
		if a.Equal(b) != (len(b.Since(a)) == 0) || a.Equal(b) != b.Equal(a) {
			t.Fatalf("equal %v, delta %q\n%+v\n%+v", a.Equal(b), b.Since(a), a, b)
		}
	}
	if equal < 20 {
		t.Errorf("%d equal pairs: the test shows little", equal)
	}
}

// attr is one attribute as the kernel writes it.
func attr(kind uint16, value ...byte) []byte {
	b := order.AppendUint16(nil, uint16(4+len(value)))
	b = append(order.AppendUint16(b, kind), value...)
	return append(b, make([]byte, -len(b)&3)...)
}

func u32(v uint32) []byte { return order.AppendUint32(nil, v) }

func message(parts ...[]byte) []byte { return slices.Concat(parts...) }
