package netwatch

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Ceilings on what one snapshot holds. No router comes near; they bound the memory that a
// broken tool which adds addresses for ever can cost. What is beyond them is not seen.
const (
	maxLinks     = 4096
	maxAddresses = 16384 // of all links together
	maxRoutes    = 4096

	maxNeighbours = 1024 // of the hosts that are asked for
)

// builder makes a snapshot of the answers to dumps, given in this order: links, addresses,
// routes, neighbours. It is pure: bytes in, a value out, and it believes no length it is told.
type builder struct {
	now        time.Time // when the dump began; lifetimes count from here
	links      []Link
	addresses  int
	routes     []Route
	wanted     []MAC // whose addresses count
	neighbours []Neighbour
}

func (b *builder) snapshot(taken time.Time) Snapshot {
	return Snapshot{Taken: taken, Links: b.links, Routes: b.routes, Neighbours: inOrder(b.neighbours)}
}

// link finds a link by its ifindex, which means something within this dump only.
func (b *builder) link(index int) *Link {
	i, ok := slices.BinarySearchFunc(b.links, index, byIndex)
	if !ok {
		return nil
	}
	return &b.links[i]
}

func byIndex(l Link, index int) int { return cmp.Compare(l.Index, index) }

// addLink takes the body of an RTM_NEWLINK message: struct ifinfomsg (family, pad, type,
// index, flags, change: 16 bytes), then attributes (include/uapi/linux/rtnetlink.h).
func (b *builder) addLink(m []byte) {
	if len(m) < unix.SizeofIfInfomsg || m[0] != unix.AF_UNSPEC || len(b.links) >= maxLinks {
		return
	}
	flags := native.Uint32(m[8:])
	l := Link{Index: int(int32(native.Uint32(m[4:]))), Up: flags&unix.IFF_UP != 0}
	operstate := byte(operUnknown)
	attributes(m[unix.SizeofIfInfomsg:], func(kind uint16, v []byte) {
		switch {
		case kind == unix.IFLA_IFNAME:
			l.Name = deviceName(v)
		case kind == unix.IFLA_OPERSTATE && len(v) >= 1:
			operstate = v[0]
		}
	})
	if l.Name == "" || l.Index <= 0 {
		return
	}
	// The carrier decides. The operational state (and with it IFF_RUNNING) follows it up to a
	// second later when a link goes down and up (net/core/link_watch.c), which is later than
	// DHCP's new address; drivers without one (PPP, tun) stay unknown for ever. It counts where
	// it forbids what the carrier allows: dormant (802.1X) and testing carry nothing.
	l.Running = flags&unix.IFF_LOWER_UP != 0 && operstate != operTesting && operstate != operDormant

	// A rename in the middle of a dump can show one name twice. An event of it is under way.
	at, twice := slices.BinarySearchFunc(b.links, l.Index, byIndex)
	if !twice && !slices.ContainsFunc(b.links, func(o Link) bool { return o.Name == l.Name }) {
		b.links = slices.Insert(b.links, at, l)
	}
}

// Operational states of RFC 2863 (include/uapi/linux/if.h).
const (
	operUnknown = 0
	operTesting = 4
	operDormant = 5
)

// deviceName reads a name as the kernel writes one: up to 15 bytes and a NUL.
func deviceName(v []byte) string {
	for i, c := range v {
		if c == 0 {
			v = v[:i]
			break
		}
	}
	if len(v) >= unix.IFNAMSIZ {
		return ""
	}
	return string(v)
}

// addAddress takes the body of an RTM_NEWADDR message: struct ifaddrmsg (family, prefix
// length, flags, scope, index: 8 bytes), then attributes (include/uapi/linux/if_addr.h).
func (b *builder) addAddress(m []byte) {
	if len(m) < unix.SizeofIfAddrmsg || b.addresses >= maxAddresses {
		return
	}
	l := b.link(int(int32(native.Uint32(m[4:]))))
	if l == nil {
		return // the link came after its own dump: an event of it is under way
	}
	family, bits, flags := m[0], int(m[1]), uint32(m[2])
	var a Address
	var local, onLink netip.Addr
	attributes(m[unix.SizeofIfAddrmsg:], func(kind uint16, v []byte) {
		switch {
		case kind == unix.IFA_LOCAL:
			local = addressOf(family, v)
		case kind == unix.IFA_ADDRESS:
			onLink = addressOf(family, v)
		case kind == unix.IFA_FLAGS && len(v) >= 4:
			flags = native.Uint32(v) // all 32 bits; the header has room for eight
		case kind == unix.IFA_CACHEINFO && len(v) >= 8:
			a.PreferredEnd = deadline(b.now, native.Uint32(v))
			a.ValidEnd = deadline(b.now, native.Uint32(v[4:]))
		}
	})
	// On a point-to-point link IFA_ADDRESS is the other end, and the prefix is its prefix.
	// IPv6 has no IFA_LOCAL where there is no peer.
	if !local.IsValid() {
		local = onLink
	}
	if !onLink.IsValid() {
		onLink = local
	}
	prefix, err := onLink.Prefix(bits)
	if err != nil || !prefix.IsValid() {
		return
	}
	a.Addr, a.Prefix = local, prefix
	if onLink != local {
		a.Peer = onLink
	}
	a.Flags = flagsOf(family, flags)
	l.Addresses = append(l.Addresses, a)
	b.addresses++
}

// addressOf reads an address of a family; the zero Addr for anything else, 4in6 included.
func addressOf(family byte, v []byte) netip.Addr {
	a, ok := netip.AddrFromSlice(v)
	if !ok || a.Is4() != (family == unix.AF_INET) || a.Is6() != (family == unix.AF_INET6) || a.Is4In6() {
		return netip.Addr{}
	}
	return a
}

// deadline turns a lifetime in seconds into a moment; the zero Time for "for ever".
func deadline(now time.Time, seconds uint32) time.Time {
	if seconds == 0xffffffff {
		return time.Time{}
	}
	return now.Add(time.Duration(seconds) * time.Second)
}

var kernelFlags = [...]struct {
	kernel uint32
	ours   Flags
}{
	{unix.IFA_F_TENTATIVE, Tentative},
	{unix.IFA_F_DADFAILED, DADFailed},
	{unix.IFA_F_DEPRECATED, Deprecated},
	{unix.IFA_F_TEMPORARY, Temporary},
	{unix.IFA_F_MANAGETEMPADDR, ManageTempAddr},
	{unix.IFA_F_STABLE_PRIVACY, StablePrivacy},
	{unix.IFA_F_PERMANENT, Permanent},
}

func flagsOf(family byte, kernel uint32) (f Flags) {
	if family == unix.AF_INET {
		kernel &^= unix.IFA_F_TEMPORARY // the same bit says "secondary" for IPv4
	}
	if kernel&unix.IFA_F_OPTIMISTIC != 0 {
		kernel &^= unix.IFA_F_TENTATIVE // RFC 4429: in use while it is being checked
	}
	for _, k := range kernelFlags {
		if kernel&k.kernel != 0 {
			f |= k.ours
		}
	}
	return f
}

// isDefault says whether a message body that begins with struct rtmsg (family, dst_len,
// src_len, tos, table, protocol, scope, type, flags: 12 bytes) is about a default route.
// One that is for certain source addresses only (src_len, as netifd makes them for IPv6) is.
func isDefault(m []byte) bool {
	return len(m) >= unix.SizeofRtMsg && m[1] == 0 && (m[0] == unix.AF_INET || m[0] == unix.AF_INET6)
}

// addRoute takes the body of an RTM_NEWROUTE message, and ignores all but default routes.
func (b *builder) addRoute(m []byte) {
	if !isDefault(m) || native.Uint32(m[8:])&unix.RTM_F_CLONED != 0 {
		return
	}
	family, kind := m[0], m[7]
	r := Route{IPv6: family == unix.AF_INET6, Table: int(m[4])}
	index, hops := 0, []byte(nil)
	attributes(m[unix.SizeofRtMsg:], func(attr uint16, v []byte) {
		switch {
		case attr == unix.RTA_TABLE && len(v) >= 4:
			r.Table = int(native.Uint32(v))
		case attr == unix.RTA_PRIORITY && len(v) >= 4:
			r.Metric = int(native.Uint32(v))
		case attr == unix.RTA_OIF && len(v) >= 4:
			index = int(int32(native.Uint32(v)))
		case attr == unix.RTA_MULTIPATH:
			hops = v
		default:
			r.gateway(family, attr, v)
		}
	})
	switch {
	case kind == unix.RTN_UNREACHABLE || kind == unix.RTN_BLACKHOLE || kind == unix.RTN_PROHIBIT:
		r.Gateway = netip.Addr{}
		b.appendRoute(r)
	case kind != unix.RTN_UNICAST:
	case len(hops) > 0:
		b.addHops(family, r, hops)
	default:
		b.routeVia(r, index)
	}
}

// gateway takes RTA_GATEWAY, and RTA_VIA (family, address), by which an IPv4 route has an
// IPv6 gateway.
func (r *Route) gateway(family byte, attr uint16, v []byte) {
	switch {
	case attr == unix.RTA_GATEWAY:
		r.Gateway = addressOf(family, v)
	case attr == unix.RTA_VIA && len(v) > 2:
		r.Gateway = addressOf(byte(native.Uint16(v)), v[2:])
	}
}

// addHops makes a route of each next hop of a multipath route: struct rtnexthop (length,
// flags, hops, ifindex: 8 bytes) with attributes of its own.
func (b *builder) addHops(family byte, r Route, hops []byte) {
	for len(hops) >= unix.SizeofRtNexthop {
		n := int(native.Uint16(hops))
		if n < unix.SizeofRtNexthop || n > len(hops) {
			return
		}
		hop := r
		attributes(hops[unix.SizeofRtNexthop:n], func(attr uint16, v []byte) { hop.gateway(family, attr, v) })
		b.routeVia(hop, int(int32(native.Uint32(hops[4:]))))
		hops = hops[min(align(n), len(hops)):]
	}
}

func (b *builder) routeVia(r Route, index int) {
	if l := b.link(index); l != nil {
		r.Link = l.Name
		b.appendRoute(r)
	}
}

func (b *builder) appendRoute(r Route) {
	if len(b.routes) < maxRoutes {
		b.routes = append(b.routes, r)
	}
}

// native is the byte order of the machine, which is the byte order of rtnetlink.
var native = binary.NativeEndian

// typeMask takes the two flag bits off an attribute's type (include/uapi/linux/netlink.h).
const typeMask = 0x3fff

// attributes calls f for each attribute (struct rtattr: length, type, value, padded to four
// bytes), and stops at the first that does not fit.
func attributes(b []byte, f func(kind uint16, value []byte)) {
	for len(b) >= unix.SizeofRtAttr {
		n := int(native.Uint16(b))
		if n < unix.SizeofRtAttr || n > len(b) {
			return
		}
		f(native.Uint16(b[2:])&typeMask, b[unix.SizeofRtAttr:n])
		b = b[min(align(n), len(b)):]
	}
}

func align(n int) int { return (n + 3) &^ 3 }
