package netwatch

import (
	"net/netip"
	"slices"
	"time"
)

// Snapshot is what the kernel said at one moment, in one piece: every link with its
// addresses, and every default route. It is a value: nobody changes one after it was made.
type Snapshot struct {
	Taken  time.Time // when the dump ended (monotonic reading included)
	Links  []Link    // in ifindex order
	Routes []Route   // default routes only, in the kernel's order

	Neighbours []Neighbour // of the hosts that a Watcher was told to look for, in order

	// FirstEvent is when the first event (or Hint) came that led to this snapshot: the start
	// of "kernel event to request". Zero for the first snapshot and for one that only the slow
	// resync found.
	FirstEvent time.Time
}

// Equal says whether two snapshots show the same world. Lifetimes and the times of the
// snapshots themselves do not count: a DHCP or RA renewal is no difference.
func (s Snapshot) Equal(o Snapshot) bool {
	return slices.EqualFunc(s.Links, o.Links, Link.equal) && slices.Equal(s.Routes, o.Routes) && slices.Equal(s.Neighbours, o.Neighbours)
}

func (l Link) equal(o Link) bool {
	return l.Index == o.Index && l.Name == o.Name && l.Up == o.Up && l.Running == o.Running &&
		slices.EqualFunc(l.Addresses, o.Addresses, Address.equal)
}

func (a Address) equal(o Address) bool {
	return a.identity() == o.identity()
}

// replaces says whether the only difference to an earlier snapshot is that links have other IPv4
// addresses, each as many as before, and as many private ones. Default routes may have other gateways.
func (s Snapshot) replaces(o Snapshot) bool {
	return !s.Equal(o) && slices.EqualFunc(s.Links, o.Links, Link.readdressed) &&
		slices.EqualFunc(s.Routes, o.Routes, Route.likewise) && slices.Equal(s.Neighbours, o.Neighbours)
}

// readdressed says whether two links differ in their IPv4 addresses at the most, and not in their number.
func (l Link) readdressed(o Link) bool {
	a, b := l, o
	var before, after []Address
	a.Addresses, before = l.split()
	b.Addresses, after = o.split()
	return a.equal(b) && len(before) == len(after) && privates(before) == privates(after)
}

// privates counts those for local use: where one of them takes a public one's place, something is
// going on (a modem that has lost its line does that).
func privates(list []Address) (n int) {
	for _, a := range list {
		if a.Addr.IsPrivate() || a.Addr.IsLinkLocalUnicast() {
			n++
		}
	}
	return n
}

// split parts the IPv6 addresses of a link from its IPv4 addresses.
func (l Link) split() (ipv6, ipv4 []Address) {
	for _, a := range l.Addresses {
		if a.Addr.Is4() {
			ipv4 = append(ipv4, a)
		} else {
			ipv6 = append(ipv6, a)
		}
	}
	return ipv6, ipv4
}

// Link is a network device and the addresses it has.
type Link struct {
	Index     int // valid within this snapshot only: pppoe-wan comes back with another one
	Name      string
	Up        bool      // IFF_UP: the administrator wants it
	Running   bool      // the lower layer works: it has a carrier, and does not wait for anything (802.1X)
	Addresses []Address // in the kernel's order: IPv4 primaries stand before their secondaries
}

// Usable says whether an address on the link can count: it is up and running.
func (l Link) Usable() bool { return l.Up && l.Running }

// Address is one address of a link.
type Address struct {
	Addr         netip.Addr   // ours: IFA_LOCAL where there is one; never 4in6, never with a zone
	Prefix       netip.Prefix // the on-link prefix, masked
	Peer         netip.Addr   // the other end of a point-to-point link, or the zero Addr
	Flags        Flags
	PreferredEnd time.Time // when it becomes deprecated; the zero Time means never
	ValidEnd     time.Time // when it goes; the zero Time means never
}

// Flags are the states of an address that matter to a publisher, from IFA_FLAGS.
// The kernel's bit 0x01 means secondary for IPv4 and temporary for IPv6; here it is
// Temporary for IPv6 only.
type Flags uint8

// The flags of an address (include/uapi/linux/if_addr.h).
const (
	Tentative Flags = 1 << iota // duplicate address detection has not ended (and it is not optimistic)
	DADFailed                   // somebody else has it; stays listed
	Deprecated
	Temporary // RFC 8981 privacy address
	ManageTempAddr
	StablePrivacy // RFC 7217
	Permanent
)

// Route is a default route.
type Route struct {
	IPv6    bool
	Link    string     // device name; empty for an unreachable or blackhole route
	Gateway netip.Addr // zero on point-to-point links
	Table   int
	Metric  int
}

// likewise says whether two routes differ in their gateways at the most, and not in having one.
func (r Route) likewise(o Route) bool {
	if r.Gateway.IsValid() && o.Gateway.IsValid() {
		o.Gateway = r.Gateway
	}
	return r == o
}

// LinkByName finds a link; ok is false when the device is not there, which is a normal state.
func (s Snapshot) LinkByName(name string) (l Link, ok bool) {
	for _, l := range s.Links {
		if l.Name == name {
			return l, true
		}
	}
	return Link{}, false
}
