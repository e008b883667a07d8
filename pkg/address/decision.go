// Package address holds the rules by which the addresses to publish are chosen.
//
// In come a snapshot of the machine's addresses, what a record wants, and what it holds now;
// out comes a Decision for one address family: publish these, or nothing, because. All of it
// is pure: the same question always has the same answer.
//
// What the Internet cannot route is told by the IANA special-purpose address registries
// (RFC 6890), what an IPv6 address is fit for by RFC 4862 (tentative, deprecated) and RFC 8981
// (temporary). 6to4 addresses (2002::/16) are published, after all better ones: whoever sets
// such a tunnel up wants it, and RFC 7526 gave up its anycast relays only. Teredo's servers
// and relays are gone, so its addresses are refused.
package address

import (
	"net/netip"
	"strings"
)

// Family is an address family, and with it a DNS record type.
type Family uint8

// The two families.
const (
	IPv4 Family = 4
	IPv6 Family = 6
)

// String is the UCI spelling: "ipv4" or "ipv6".
func (f Family) String() string {
	if f == IPv6 {
		return "ipv6"
	}
	return "ipv4"
}

// RRType is the DNS record type that holds addresses of the family: "A" or "AAAA".
func (f Family) RRType() string {
	if f == IPv6 {
		return "AAAA"
	}
	return "A"
}

// FamilyOf is the family of an address that is not 4in6.
func FamilyOf(a netip.Addr) Family {
	if a.Is4() {
		return IPv4
	}
	return IPv6
}

// Decision is what to do about one family of one record: publish these addresses, or
// nothing, because. Unavailable is not empty: no Decision ever means "delete".
type Decision struct {
	Addrs  []netip.Addr // sorted, without duplicates; empty when unavailable
	Device string       // the device that the first address is on; empty for static ones
	Code   Code         // why there is nothing; Available when there is
	Text   string       // the same in words for the owner, naming interface and address
}

// Available says whether there is something to publish.
func (d Decision) Available() bool { return len(d.Addrs) > 0 }

func (d Decision) String() string {
	if !d.Available() {
		return string(d.Code) + ": " + d.Text
	}
	s := make([]string, len(d.Addrs))
	for i, a := range d.Addrs {
		s[i] = a.String()
	}
	return strings.Join(s, " ")
}

// Code names a reason for programs: status consumers and pages decide by it, never by Text.
type Code string

// The reasons.
const (
	Available        Code = ""
	NoDevice         Code = "no-device"  // the interface has no device (yet)
	LinkDown         Code = "link-down"  // the device is there but not up and running
	NoAddress        Code = "no-address" // no address of the family at all
	WaitingForDAD    Code = "tentative"  // only addresses still being checked for duplicates
	DuplicateAddress Code = "duplicate"  // only addresses that another host has (dad-failed)
	OnlyDeprecated   Code = "deprecated"
	OnlyTemporary    Code = "temporary"
	OnlyULA          Code = "ula"
	OnlyLinkLocal    Code = "link-local"
	PrivateAddress   Code = "private"       // RFC 1918: another router does NAT
	CarrierGradeNAT  Code = "cgnat"         // RFC 6598
	SpecialAddress   Code = "special"       // documentation, benchmark, multicast, reserved
	Filtered         Code = "filtered"      // left out by the record's own options
	NoRoom           Code = "no-room"       // the prefix on the interface has no such subnet, or is too long for a host
	NoNeighbour      Code = "no-neighbour"  // the host has not been seen with an address in the interface's prefix
	NoLease          Code = "no-lease"      // no DHCP lease has the host's name
	SharedName       Code = "shared-name"   // leases of several hosts have it
	NotYetKnown      Code = "not-yet-known" // an outside view has not answered yet
	NotSeen          Code = "not-seen"      // nobody outside could be asked, or they disagree
)
