package address

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"

	"github.com/wandns/wandns/pkg/netwatch"
)

// EUI64 is the second half of the address that a host makes of its MAC (RFC 4291 appendix A):
// ff:fe in the middle, and the universal bit turned over.
func EUI64(m netwatch.MAC) uint64 {
	return binary.BigEndian.Uint64([]byte{m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]})
}

// halves are the two halves of an IPv6 address: network and host.
func halves(a netip.Addr) (network, host uint64) {
	b := a.As16()
	return binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
}

func join(network, host uint64) netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], network)
	binary.BigEndian.PutUint64(b[8:], host)
	return netip.AddrFrom16(b)
}

// onLink says of one of the router's own addresses whether hosts may have addresses in its
// prefix, or why not. That the router's address itself is still being checked, is taken by another
// host or is temporary says nothing about the prefix; that it is deprecated does.
func (c *chooser) onLink(a netwatch.Address) (Code, string) {
	class := Classify(a.Addr)
	switch {
	case class == LinkLocalOnly || !c.allows(class):
		return class.Code(), class.Reason()
	case a.Flags&netwatch.Deprecated != 0:
		return OnlyDeprecated, "deprecated: its prefix is on the way out"
	}
	return c.room(a.Prefix)
}

// networks are the router's own addresses on an interface in whose prefixes hosts may have
// addresses, or why there is none. netifd gives the interface one out of every prefix that was
// delegated, with the length that ip6assign says.
func (c *chooser) networks(label string, l netwatch.Link) (nets []netwatch.Address, no refusal) {
	no = refusal{NoAddress, label + " has no IPv6 prefix"}
	for _, a := range l.Addresses {
		if !a.Addr.Is6() || c.family != IPv6 {
			continue
		}
		if code, why := c.onLink(a); code != Available {
			no = no.or(refusal{code, label + ": " + a.Addr.String() + " is " + why})
			continue
		}
		nets = append(nets, a)
	}
	return nets, no
}

// host joins the host's half of an address to each prefix that the interface has, and takes the
// best as among addresses.
func (c *chooser) host(label string, l netwatch.Link) (candidate, refusal, bool) {
	nets, no := c.networks(label, l)
	var best candidate
	found := false
	for _, a := range nets {
		network, _ := halves(a.Prefix.Addr())
		addr := join(network|c.rule.Subnet, c.rule.HostID)
		if code, why := c.filter(addr); code != Available {
			no = no.or(refusal{code, label + ": " + addr.String() + " is " + why})
			continue
		}
		n := candidate{addr: addr, preferred: a.PreferredEnd, device: l.Name, rank: c.rank(addr, 0, a.Prefix), published: slices.Contains(c.published, addr)}
		if !found || n.better(&best, c.family) {
			best, found = n, true
		}
	}
	return best, no, found
}

// room says whether a prefix has room for the record's subnet and a host's 64 bits.
func (c *chooser) room(p netip.Prefix) (Code, string) {
	bits := p.Bits()
	switch {
	case bits > 64 || bits < 0:
		return NoRoom, "on a prefix (/" + strconv.Itoa(bits) + ") that is too long for hosts of 64 bits"
	case c.rule.Subnet>>(64-bits) != 0: // in Go, a shift by 64 gives 0
		return NoRoom, "on a /" + strconv.Itoa(bits) + ", which has no subnet " + strconv.FormatUint(c.rule.Subnet, 16)
	}
	return Available, ""
}
