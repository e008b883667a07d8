package nameserver

import (
	"net/netip"

	"golang.org/x/net/dns/dnsmessage"
)

// ParseAnswer shows the tests what parse makes of a message: what it means in a word, and addresses.
func ParseAnswer(msg []byte, id uint16, q dnsmessage.Question) (word string, addrs []netip.Addr) {
	a, ok := parse(msg, id, q)
	if !ok {
		return "passed over", nil
	}
	words := [...]string{
		lame: "lame", authoritative: "authoritative", alias: "alias", referral: "referral",
		truncated: "truncated", formatError: "format error", malformed: "malformed",
	}
	return words[a.kind], a.addrs
}

// ReferralOf is the zone and the servers of a referral, and how many of them have glue.
func ReferralOf(msg []byte, id uint16, q dnsmessage.Question) (zone string, hosts []string, glue int) {
	a, _ := parse(msg, id, q)
	return a.zone, a.hosts, len(a.glue)
}

// Remember and Remembered reach the memory of zones.
func (r *Resolver) Remember(name string, servers ...netip.Addr) { r.remember(name, servers) }
func (r *Resolver) Remembered() int                             { r.mu.Lock(); defer r.mu.Unlock(); return len(r.zones) }
