package netwatch_test

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/pkg/netwatch"
)

var order = binary.NativeEndian

const (
	flagsUp   = unix.IFF_UP | unix.IFF_RUNNING | unix.IFF_LOWER_UP
	flagsIdle = unix.IFF_UP | unix.IFF_RUNNING
)

func linkMessage(index, flags uint32, name string, operstate byte) []byte {
	return message([]byte{0, 0, 0, 0}, u32(index), u32(flags), u32(0),
		attr(unix.IFLA_IFNAME, append([]byte(name), 0)...), attr(unix.IFLA_OPERSTATE, operstate))
}

var (
	four      = []byte{192, 88, 99, 7}
	fourPeer  = []byte{192, 88, 99, 1}
	six       = netip.MustParseAddr("2a0e:97c0:1::7").AsSlice()
	moment    = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	wanLink   = linkMessage(2, flagsUp, "wan", 6)
	addr4     = message([]byte{unix.AF_INET, 24, 0x81, 0}, u32(2), attr(unix.IFA_ADDRESS, four...), attr(unix.IFA_LOCAL, four...))
	addr4Peer = message([]byte{unix.AF_INET, 32, 0x80, 0}, u32(2), attr(unix.IFA_ADDRESS, fourPeer...), attr(unix.IFA_LOCAL, four...))
	route4    = message([]byte{unix.AF_INET, 0, 0, 0, 254, 0, 0, unix.RTN_UNICAST}, u32(0), attr(unix.RTA_OIF, u32(2)...), attr(unix.RTA_GATEWAY, fourPeer...))
	route4Hop = message([]byte{unix.AF_INET, 0, 0, 0, 254, 0, 0, unix.RTN_UNICAST}, u32(0),
		attr(unix.RTA_MULTIPATH, message([]byte{16, 0, 0, 0}, u32(2), attr(unix.RTA_GATEWAY, fourPeer...))...))
)

func TestParse_link_states(t *testing.T) {
	for _, c := range []struct {
		name      string
		flags     uint32
		operstate byte
		running   bool
	}{
		{"up", flagsUp, 6, true}, {"tunnel-unknown", flagsUp, 0, true}, {"unknown-without-carrier", flagsIdle, 0, false},
		{"down", unix.IFF_UP, 2, false}, {"lower-layer-down", unix.IFF_UP, 3, false}, {"dormant", flagsUp, 5, false}, {"testing", flagsUp, 4, false},
		{"carrier-is-back-before-the-state-says-so", unix.IFF_UP | unix.IFF_LOWER_UP, 2, true},
		{"lower-layer-is-back-before-the-state-says-so", unix.IFF_UP | unix.IFF_LOWER_UP, 3, true},
		{"carrier-is-lost-before-the-state-says-so", flagsIdle, 6, false},
	} {
		s := netwatch.Build(moment, [][]byte{linkMessage(2, c.flags, "wan", c.operstate)}, nil, nil)
		if len(s.Links) != 1 || s.Links[0].Running != c.running || !s.Links[0].Up || s.Links[0].Name != "wan" {
			t.Errorf("%s: %+v", c.name, s.Links)
		}
	}
}

func TestParse_address_flags_and_lifetimes(t *testing.T) {
	lifetimes := func(preferred, valid uint32) []byte {
		return attr(unix.IFA_CACHEINFO, message(u32(preferred), u32(valid), u32(0), u32(0))...)
	}
	body := func(header byte, attrs ...[]byte) []byte {
		return message(append([][]byte{{unix.AF_INET6, 64, header, 0}, u32(2), attr(unix.IFA_ADDRESS, six...)}, attrs...)...)
	}
	for _, c := range []struct {
		name             string
		message          []byte
		flags            netwatch.Flags
		preferred, valid time.Duration // 0: for ever
	}{
		{"header-only", body(0x80), netwatch.Permanent, 0, 0},
		{"temporary", body(0x01), netwatch.Temporary, 0, 0},
		{"all-32-bits", body(0x40, attr(unix.IFA_FLAGS, u32(unix.IFA_F_STABLE_PRIVACY|unix.IFA_F_MANAGETEMPADDR)...)), netwatch.StablePrivacy | netwatch.ManageTempAddr, 0, 0},
		{"tentative", body(0x40), netwatch.Tentative, 0, 0},
		{"optimistic-is-in-use", body(0x44), 0, 0, 0},
		{"dad-failed", body(0x48), netwatch.Tentative | netwatch.DADFailed, 0, 0},
		{"lifetimes", body(0x20, lifetimes(60, 120)), netwatch.Deprecated, time.Minute, 2 * time.Minute},
		{"longest-lifetime", body(0, lifetimes(0xfffffffe, 0xffffffff)), 0, 0xfffffffe * time.Second, 0},
	} {
		s := netwatch.Build(moment, [][]byte{wanLink}, [][]byte{c.message}, nil)
		if len(s.Links[0].Addresses) != 1 {
			t.Errorf("%s: %+v", c.name, s)
			continue
		}
		a := s.Links[0].Addresses[0]
		end := func(d time.Duration) time.Time {
			if d == 0 {
				return time.Time{}
			}
			return moment.Add(d)
		}
		if a.Flags != c.flags || !a.PreferredEnd.Equal(end(c.preferred)) || !a.ValidEnd.Equal(end(c.valid)) {
			t.Errorf("%s: %+v", c.name, a)
		}
	}
}

func TestParse_refuses_what_makes_no_sense(t *testing.T) {
	mapped := netip.MustParseAddr("::ffff:192.88.99.7").AsSlice()
	for name, m := range map[string][]byte{
		"no-address":         message([]byte{unix.AF_INET, 24, 0, 0}, u32(2)),
		"prefix-too-long":    message([]byte{unix.AF_INET, 33, 0, 0}, u32(2), attr(unix.IFA_LOCAL, four...)),
		"wrong-family":       message([]byte{unix.AF_INET6, 64, 0, 0}, u32(2), attr(unix.IFA_ADDRESS, four...)),
		"4in6":               message([]byte{unix.AF_INET6, 64, 0, 0}, u32(2), attr(unix.IFA_ADDRESS, mapped...)),
		"link-of-no-dump":    message([]byte{unix.AF_INET, 24, 0, 0}, u32(3), attr(unix.IFA_LOCAL, four...)),
		"cut-off":            addr4[:len(addr4)-18],
		"another-protocol":   message([]byte{unix.AF_UNIX, 24, 0, 0}, u32(2), attr(unix.IFA_LOCAL, four...)),
		"attribute-too-long": message([]byte{unix.AF_INET, 24, 0, 0}, u32(2), []byte{255, 255, 2, 0, 1}),
	} {
		if s := netwatch.Build(moment, [][]byte{wanLink}, [][]byte{m}, nil); len(s.Links[0].Addresses) != 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestRelevant(t *testing.T) {
	event := func(kind uint16, family, dstLen byte) []byte {
		b := message(u32(28), order.AppendUint16(nil, kind), make([]byte, 10), []byte{family, dstLen}, make([]byte, 10))
		return b
	}
	for _, c := range []struct {
		name string
		b    []byte
		want bool
	}{
		{"default-route", event(unix.RTM_NEWROUTE, unix.AF_INET, 0), true},
		{"default-route-gone", event(unix.RTM_DELROUTE, unix.AF_INET6, 0), true},
		{"other-route", event(unix.RTM_NEWROUTE, unix.AF_INET, 24), false},
		{"other-route-gone", event(unix.RTM_DELROUTE, unix.AF_INET6, 64), false},
		{"address", event(unix.RTM_NEWADDR, unix.AF_INET, 24), true},
		{"link", event(unix.RTM_NEWLINK, unix.AF_UNSPEC, 0), true},
		{"bridge-port", event(unix.RTM_NEWLINK, unix.AF_BRIDGE, 0), false},
		{"bridge-port-gone", event(unix.RTM_DELLINK, unix.AF_BRIDGE, 0), false},
		{"short", []byte{1, 2, 3}, true},
		{"two-messages", append(event(unix.RTM_NEWROUTE, unix.AF_INET, 24), event(unix.RTM_NEWADDR, unix.AF_INET, 24)...), true},
	} {
		if got := netwatch.Relevant(c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func FuzzSnapshot(f *testing.F) {
	f.Add(wanLink, addr4, route4)
	f.Add(wanLink, addr4Peer, route4Hop)
	f.Add(linkMessage(7, flagsIdle, "pppoe-wan", 0), message([]byte{unix.AF_INET6, 64, 1, 0}, u32(7), attr(unix.IFA_ADDRESS, six...)),
		message([]byte{unix.AF_INET6, 0, 56, 0, 0, 0, 0, unix.RTN_UNREACHABLE}, u32(0), attr(unix.RTA_TABLE, u32(1000)...)))
	f.Add(linkMessage(7, 0, "wan", 0), addr4, route4) // one name twice
	f.Fuzz(func(t *testing.T, link, addr, route []byte) {
		links, addrs, routes := [][]byte{link, wanLink, link}, [][]byte{addr, addr4, addr}, [][]byte{route, route4, route4Hop, route}
		s := netwatch.Build(moment, links, addrs, routes)
		if again := netwatch.Build(moment, links, addrs, routes); !again.Equal(s) || len(again.Since(s)) != 0 {
			t.Fatalf("twice: %+v, %+v", s, again)
		}
		for i, l := range s.Links {
			if l.Index <= 0 || i > 0 && l.Index <= s.Links[i-1].Index || l.Name == "" || len(l.Name) > 15 {
				t.Fatalf("link %+v", l)
			}
			for _, a := range l.Addresses {
				if !a.Addr.IsValid() || a.Addr.Is4In6() || a.Addr.Zone() != "" || !a.Prefix.IsValid() || a.Prefix != a.Prefix.Masked() ||
					a.Peer.IsValid() && (a.Peer == a.Addr || a.Peer.Is4() != a.Addr.Is4()) ||
					a.Addr.Is4() && a.Flags&netwatch.Temporary != 0 {
					t.Fatalf("address %+v", a)
				}
			}
		}
		for _, r := range s.Routes {
			there := slices.ContainsFunc(s.Links, func(l netwatch.Link) bool { return l.Name == r.Link })
			if !there && r.Link != "" || r.Link == "" && r.Gateway.IsValid() || r.Gateway.Is4In6() {
				t.Fatalf("route %+v", r)
			}
		}
		netwatch.Relevant(link)
		netwatch.Relevant(route)
	})
}
