package address

import (
	"net/netip"

	"github.com/wandns/wandns/pkg/netwatch"
)

// Prefer is which of several addresses that may be published goes first, in its UCI spelling. It
// comes after what kind of network an address belongs to (the Internet's before all else), and
// before what is published already. It is about IPv6.
type Prefer string

// The preferences. The zero Prefer has none.
const (
	PreferEUI64          Prefer = "eui64"           // made of a MAC
	PreferStable         Prefer = "stable"          // RFC 7217, set by hand, or by a DHCPv6 server
	PreferTemporary      Prefer = "temporary"       // RFC 8981
	PreferShortestPrefix Prefer = "shortest-prefix" // the largest network
)

// maxWish is more than every wish can be.
const maxWish = 256

// wish is how far an address is from what the record prefers: 0 is just that.
func (c *chooser) wish(a netip.Addr, f netwatch.Flags, p netip.Prefix) int {
	if c.family != IPv6 {
		return 0
	}
	fits := true
	switch c.rule.Prefer {
	case PreferEUI64:
		fits = isEUI64(a)
	case PreferStable:
		fits = f&netwatch.Temporary == 0 && (f&(netwatch.StablePrivacy|netwatch.Permanent) != 0 || isNumbered(a))
	case PreferTemporary:
		fits = f&netwatch.Temporary != 0
	case PreferShortestPrefix:
		return max(p.Bits(), 0)
	}
	if fits {
		return 0
	}
	return 1
}

// isEUI64 says whether the second half of an address is made of a MAC (RFC 4291 appendix A).
func isEUI64(a netip.Addr) bool {
	_, host := halves(a)
	return host>>24&0xffff == 0xfffe
}

// isNumbered says whether somebody gave the second half of an address as a number: people and
// DHCPv6 servers take small ones, and a host that rolls 64 dice gets one of these once in 2^32.
func isNumbered(a netip.Addr) bool {
	_, host := halves(a)
	return host < 1<<32
}

// filter says whether the record's own lists leave an address out. A list accept that names no
// prefix of a family says nothing about that family.
func (c *chooser) filter(a netip.Addr) (Code, string) {
	for _, p := range c.rule.Reject {
		if p.Contains(a) {
			return Filtered, "left out by the record: reject '" + p.String() + "'"
		}
	}
	speaks := false
	for _, p := range c.rule.Accept {
		if p.Contains(a) {
			return Available, ""
		}
		speaks = speaks || FamilyOf(p.Addr()) == c.family
	}
	if speaks {
		return Filtered, "left out by the record: no accept has it"
	}
	return Available, ""
}

// filtered is filter for what was found from outside.
func (c *chooser) filtered(n candidate, no refusal, found bool) (candidate, refusal, bool) {
	if !found {
		return n, no, found
	}
	if code, why := c.filter(n.addr); code != Available {
		return candidate{}, refusal{code, n.device + ": " + n.addr.String() + " is " + why}, false
	}
	return n, no, true
}
