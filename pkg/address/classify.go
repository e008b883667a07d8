package address

import (
	"encoding/binary"
	"net/netip"
)

// Class is what kind of network an address belongs to: whether the Internet can route to it,
// and if not, why. Every address has exactly one.
type Class uint8

// The classes. The zero Class is that of an address that is no address.
const (
	Invalid        Class = iota
	Public               // the Internet routes it
	SixToFour            // 2002::/16: the Internet routes it, badly
	Private              // RFC 1918
	SharedCGN            // RFC 6598, 100.64.0.0/10
	UniqueLocal          // RFC 4193, fc00::/7
	LinkLocalOnly        // 169.254.0.0/16, fe80::/10
	Documentation        // RFC 5737, 3849, 9637
	Benchmarking         // RFC 2544, 198.18.0.0/15
	IETFAssignment       // RFC 6890, 2928: 192.0.0.0/24, 2001::/23 (ORCHID, AMT, benchmarking, ...)
	Teredo               // RFC 4380, 2001::/32
	Translation          // 64:ff9b::/96, 64:ff9b:1::/48: names an IPv4 host behind NAT64
	ThisNetwork          // 0.0.0.0/8, ::
	Loopback             // 127.0.0.0/8, ::1
	MulticastGroup       // 224.0.0.0/4, ff00::/8
	Reserved             // 240.0.0.0/4 with the broadcast address, IPv6 outside 2000::/3
)

// permission is what a record's options must say before an address of a class is published.
type permission uint8

const (
	always permission = iota
	ifPrivate
	ifULA
	ifLinkLocal
	ifTyped // only where the owner typed this very address: source static
	never
)

// classes says everything about each class. Rank orders the candidates of one interface: of
// two that are allowed, the lower rank wins, whatever was published before.
var classes = [...]struct {
	name string // one or two words for a status page
	why  string // why it is refused, to follow "192.168.1.2 is ..."
	code Code
	ask4 permission // for IPv4
	ask6 permission // for IPv6
	rank int
}{
	Invalid:       {"invalid", "not an address", SpecialAddress, never, never, 9},
	Public:        {"public", "public", Available, always, always, 0},
	SixToFour:     {"6to4", "a 6to4 tunnel address", Available, never, always, 2},
	Private:       {"private", "a private address (RFC 1918): another router in front of this one does NAT, and ports must be forwarded there too", PrivateAddress, ifPrivate, never, 3},
	SharedCGN:     {"carrier-grade NAT", "behind carrier-grade NAT: your ISP shares one public address among customers; port forwarding cannot work", CarrierGradeNAT, ifPrivate, never, 3},
	UniqueLocal:   {"unique local", "a unique local address (ULA): it works inside your own network only", OnlyULA, never, ifULA, 3},
	LinkLocalOnly: {"link-local", "a link-local address: it works on its own link only, so nothing was assigned by the ISP", OnlyLinkLocal, ifPrivate, ifLinkLocal, 4},
	Documentation: {"documentation", "reserved for documentation: the Internet does not route it", SpecialAddress, ifPrivate, ifTyped, 4},
	Benchmarking:  {"benchmarking", "reserved for benchmarks: the Internet does not route it", SpecialAddress, ifPrivate, ifTyped, 4},
	IETFAssignment: {"protocol assignment", "reserved for protocols (DS-Lite, ORCHID and the like): the Internet does not route it", SpecialAddress,
		ifPrivate, ifTyped, 4},
	Teredo:         {"teredo", "a Teredo address: the relays it needs are gone", SpecialAddress, never, ifTyped, 4},
	Translation:    {"nat64", "a NAT64 address: it stands for an IPv4 host", SpecialAddress, never, ifTyped, 4},
	ThisNetwork:    {"unspecified", "in the network that means \"this host\": nobody can be reached at it", SpecialAddress, never, never, 9},
	Loopback:       {"loopback", "a loopback address: it never leaves the machine", SpecialAddress, never, never, 9},
	MulticastGroup: {"multicast", "a multicast address, not that of a host", SpecialAddress, never, never, 9},
	Reserved:       {"reserved", "reserved: the Internet does not route it", SpecialAddress, never, never, 9},
}

// String is a short name for a status page.
func (c Class) String() string { return classes[c.index()].name }

// Reason is why an address of the class is not published without being asked for, to follow
// the address and "is". For Public it is "public".
func (c Class) Reason() string { return classes[c.index()].why }

// Code is the reason for programs; Available for a class that needs no permission.
func (c Class) Code() Code { return classes[c.index()].code }

func (c Class) index() int {
	if int(c) >= len(classes) {
		return int(Invalid)
	}
	return int(c)
}

func (c Class) permission(f Family) permission {
	if f == IPv6 {
		return classes[c.index()].ask6
	}
	return classes[c.index()].ask4
}

// Networks in the order in which they are tried, by their leading bits (IANA IPv4 and IPv6
// Special-Purpose Address Registries). Plain numbers, so that nothing is parsed at start.
var (
	networks4 = [...]struct {
		base  uint32
		bits  uint8
		class Class
	}{
		{0x00000000, 8, ThisNetwork},
		{0x0a000000, 8, Private},         // 10
		{0x64400000, 10, SharedCGN},      // 100.64
		{0x7f000000, 8, Loopback},        // 127
		{0xa9fe0000, 16, LinkLocalOnly},  // 169.254
		{0xac100000, 12, Private},        // 172.16
		{0xc0000000, 24, IETFAssignment}, // 192.0.0
		{0xc0000200, 24, Documentation},  // 192.0.2
		{0xc0a80000, 16, Private},        // 192.168
		{0xc6120000, 15, Benchmarking},   // 198.18
		{0xc6336400, 24, Documentation},  // 198.51.100
		{0xcb007100, 24, Documentation},  // 203.0.113
		{0xe0000000, 4, MulticastGroup},  // 224
		{0xf0000000, 4, Reserved},        // 240
		{0x00000000, 0, Public},
	}
	networks6 = [...]struct {
		high  uint64 // the first half of the address
		bits  uint8
		class Class
	}{
		{0x0064ff9b00000000, 32, Translation},
		{0xfc00000000000000, 7, UniqueLocal},
		{0xfe80000000000000, 10, LinkLocalOnly},
		{0xff00000000000000, 8, MulticastGroup},
		{0x2001000000000000, 32, Teredo},
		{0x2001000200000000, 48, Benchmarking}, // RFC 5180
		{0x2001000000000000, 23, IETFAssignment},
		{0x20010db800000000, 32, Documentation},
		{0x3fff000000000000, 20, Documentation},
		{0x2002000000000000, 16, SixToFour},
		{0x2000000000000000, 3, Public}, // all that IANA gives out
		{0, 0, Reserved},
	}
)

// Classify says what kind of address a is. A zone is ignored; 4in6 is Invalid: it must have
// been unmapped before.
func Classify(a netip.Addr) Class {
	switch {
	case !a.IsValid() || a.Is4In6():
		return Invalid
	case a.Is4():
		b := a.As4()
		return classify4(binary.BigEndian.Uint32(b[:]))
	}
	b := a.As16()
	high, low := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	if high == 0 && low <= 1 {
		return [...]Class{ThisNetwork, Loopback}[low]
	}
	for _, n := range networks6 {
		if (high^n.high)>>(64-n.bits) != 0 {
			continue
		}
		// A 6to4 address is as good as the IPv4 address inside it (RFC 3056 section 2).
		if n.class == SixToFour && classify4(uint32(high>>16)) != Public {
			return Reserved
		}
		return n.class
	}
	return Reserved
}

func classify4(a uint32) Class {
	for _, n := range networks4 {
		if (a^n.base)>>(32-n.bits) == 0 {
			return n.class
		}
	}
	return Reserved
}
