package address

import (
	"cmp"
	"net/netip"
	"slices"
	"sort"
	"time"

	"github.com/wandns/wandns/pkg/netwatch"
)

// Source is where the addresses of a record come from, in its UCI spelling.
type Source string

// The sources.
const (
	Auto        Source = "auto"      // Interface, and behind a NAT that is not the ISP's, SeenOutside
	Interface   Source = "interface" // the interface's own address
	SeenOutside Source = "outside"   // what the Internet sees of the interface
	Host        Source = "host"      // an IPv6 host on the LAN: the interface's prefix with a fixed second half
	Neighbour   Source = "neighbour" // an IPv6 host on the LAN, found by its MAC in the kernel's neighbour table
	Static      Source = "static"    // the addresses that the owner typed
)

// Policy is what several interfaces mean, in its UCI spelling.
type Policy string

// The policies.
const (
	Failover Policy = "failover" // the first interface that has a usable address and a default route, in order
	All      Policy = "all"      // the best address of each interface
)

// Rule is what a record wants. The zero Source is Auto, the zero Policy is Failover.
type Rule struct {
	Interfaces []string // in order of preference; not used by Static
	Source     Source
	Static     []netip.Addr // of both families
	Policy     Policy
	Failback   time.Duration // how long a better interface must have been good before Failover returns to it
	HostID     uint64        // the second half of the address, for Host
	Subnet     uint64        // which /64 of a shorter prefix, from 0; for Host
	MAC        netwatch.MAC  // whose addresses, for Neighbour

	Nameless     Code   // why it is not known which host on the LAN is meant; Available when it is
	NamelessText string // the same in words

	Prefer         Prefer
	Accept, Reject []netip.Prefix // only, and never, addresses in one of these; masked

	PublishPrivate bool // IPv4 that the Internet cannot route (never 0/8, 127/8 and 224/3)
	AllowTemporary bool // IPv6 privacy addresses (RFC 8981)
	AllowULA       bool // fc00::/7
	AllowLinkLocal bool // fe80::/10
}

// Devices tells the device of an interface name as the owner wrote it: netifd's l3_device of
// "wan". ok is false when it has none now, and reason then says why, in words, or is empty.
// A nil Devices means that an interface name is a device name.
type Devices func(iface string) (device, reason string, ok bool)

// Choose decides what the record set of one family should hold. published is what it holds as
// far as anybody knows, so that among equals the published address stays. It remembers nothing: see
// Memory for what returns from one interface to another in good time.
//
// An interface counts when its link is up and running and has a usable address. A default route
// is asked for only where it decides between interfaces: while a WAN is renumbered its address is
// there some moments before its route.
func Choose(s netwatch.Snapshot, rule Rule, family Family, published []netip.Addr, devices Devices, outside Outside) Decision {
	d, _, _ := Memory{}.Choose(s, rule, family, published, devices, outside, time.Time{})
	return d
}

// Choose is the function Choose for one family of one record, whose Memory of the choice before it
// is m. The next choice has to be made with the Memory that it returns, and at the latest at again,
// unless that is zero: then time alone changes nothing.
//
//revive:disable-next-line:argument-limit // each is one input of a pure function
func (m Memory) Choose(s netwatch.Snapshot, rule Rule, family Family, published []netip.Addr, devices Devices, outside Outside,
	now time.Time) (d Decision, next Memory, again time.Time) {
	c := &chooser{s, rule, family, published, devices, outside, &notes{now: now, hosts: append([]*sighting(nil), m.hosts...)}}
	switch rule.Source {
	case Static:
		return c.static(), Memory{}, time.Time{}
	case Auto, Interface, SeenOutside, Host, Neighbour, "":
		if rule.Policy == All {
			d = c.all()
		} else {
			d, next, again = c.failover(m, now)
		}
		next.hosts, next.ask = c.notes.hosts, c.notes.ask
		return d, next, Sooner(again, c.notes.again)
	}
	return Decision{Code: NotYetKnown, Text: "nothing is known from the source " + string(rule.Source)}, m, time.Time{}
}

// Sooner is the earlier of two moments at which to look again, of which the zero Time means never.
func Sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// chooser is one question: everything that an answer may depend on.
type chooser struct {
	snapshot  netwatch.Snapshot
	rule      Rule
	family    Family
	published []netip.Addr
	devices   Devices
	outside   Outside
	notes     *notes
}

// allows says whether the record's options let addresses of a class be published.
func (c *chooser) allows(class Class) bool {
	switch class.permission(c.family) {
	case always:
		return true
	case ifPrivate:
		return c.rule.PublishPrivate
	case ifULA:
		return c.rule.AllowULA
	case ifLinkLocal:
		return c.rule.AllowLinkLocal
	}
	return false
}

// static takes the owner at his word: having typed an address is asking for it. Only what
// cannot be the address of a host is refused.
func (c *chooser) static() Decision {
	no := refusal{NoAddress, "the record gives no " + c.familyName() + " address"}
	var addrs []netip.Addr
	for _, a := range c.rule.Static {
		a = a.Unmap().WithZone("")
		if !a.IsValid() || FamilyOf(a) != c.family {
			continue
		}
		code, why := c.filter(a)
		if class := Classify(a); class.permission(c.family) == never {
			code, why = class.Code(), class.Reason()
		}
		if code != Available {
			no = no.or(refusal{code, a.String() + " is " + why})
			continue
		}
		addrs = append(addrs, a)
	}
	if len(addrs) == 0 {
		return no.decision()
	}
	return Decision{Addrs: set(addrs)}
}

func (c *chooser) device(iface string) (string, refusal, bool) {
	if c.devices == nil {
		return iface, refusal{}, true
	}
	device, reason, ok := c.devices(iface)
	if ok && device != "" {
		return device, refusal{}, true
	}
	if reason == "" {
		reason = "the interface has no device (yet)"
	}
	return "", refusal{NoDevice, iface + ": " + reason}, false
}

// candidate is an address that may be published.
type candidate struct {
	addr      netip.Addr
	preferred time.Time // until when; the zero Time means for ever
	device    string
	rank      int // the lower the better, before everything else
	published bool
	since     time.Time // since when it has been seen; where that is known, the earlier the better
}

// best finds the address to publish among those of one device, or why there is none.
func (c *chooser) best(iface, device string) (candidate, refusal, bool) {
	label := iface
	if device != iface {
		label += " (" + device + ")"
	}
	l, ok := c.snapshot.LinkByName(device)
	switch {
	case !ok:
		return candidate{}, refusal{NoDevice, label + ": there is no such device (yet)"}, false
	case !l.Up:
		return candidate{}, refusal{LinkDown, label + " is down"}, false
	case !l.Running:
		return candidate{}, refusal{LinkDown, label + " is not connected"}, false
	}
	switch {
	case c.rule.Source == SeenOutside:
		return c.filtered(c.seenOutside(label, device))
	case c.rule.Nameless != Available:
		return candidate{}, refusal{c.rule.Nameless, c.rule.NamelessText}, false
	case c.rule.Source == Host:
		return c.host(label, l)
	case c.rule.Source == Neighbour:
		return c.neighbour(label, l)
	}
	no := refusal{NoAddress, label + " has no " + c.familyName() + " address"}
	var best candidate
	found := false
	for _, a := range l.Addresses {
		addr := a.Addr.Unmap().WithZone("")
		if !addr.IsValid() || FamilyOf(addr) != c.family {
			continue
		}
		if code, why := c.judge(addr, a.Flags); code != Available {
			no = no.or(refusal{code, label + ": " + addr.String() + " is " + why})
			continue
		}
		n := candidate{addr: addr, preferred: a.PreferredEnd, device: device, rank: c.rank(addr, a.Flags, a.Prefix), published: slices.Contains(c.published, addr)}
		if !found || n.better(&best, c.family) {
			best, found = n, true
		}
	}
	return c.filtered(c.auto(label, device, best, no, found))
}

// judge says whether an address may be published, or why not: first what it is, for that
// does not change, then how it is.
func (c *chooser) judge(a netip.Addr, f netwatch.Flags) (Code, string) {
	if class := Classify(a); !c.allows(class) {
		return class.Code(), class.Reason()
	}
	if code, why := c.filter(a); code != Available {
		return code, why
	}
	switch {
	case f&netwatch.DADFailed != 0:
		return DuplicateAddress, "in use by another host too (duplicate address detection failed)"
	case f&netwatch.Tentative != 0:
		return WaitingForDAD, "still being checked for duplicates"
	case c.family == IPv6 && f&netwatch.Deprecated != 0:
		return OnlyDeprecated, "deprecated: its prefix is on the way out"
	case c.family == IPv6 && f&netwatch.Temporary != 0 && !c.rule.AllowTemporary:
		return OnlyTemporary, "a temporary privacy address: it is given up within days"
	}
	return Available, ""
}

// rank puts what works from everywhere before what works from some places, within a class what
// the record prefers first, and then what stays before what goes.
func (c *chooser) rank(a netip.Addr, f netwatch.Flags, p netip.Prefix) int {
	r := 2 * (maxWish*classes[Classify(a)].rank + c.wish(a, f, p))
	if f&(netwatch.Temporary|netwatch.Deprecated) != 0 {
		r++
	}
	return r
}

// better decides between two candidates of one device; n stands after o in the kernel's list.
func (n *candidate) better(o *candidate, f Family) bool {
	switch {
	case n.rank != o.rank:
		return n.rank < o.rank
	case n.published != o.published:
		return n.published
	case f == IPv4:
		return false // the kernel lists primaries first
	case !n.preferred.Equal(o.preferred):
		return n.preferred.IsZero() || !o.preferred.IsZero() && n.preferred.After(o.preferred)
	case !n.since.Equal(o.since):
		return n.since.Before(o.since)
	}
	return n.addr.Less(o.addr)
}

func (c *chooser) familyName() string {
	if c.family == IPv6 {
		return "IPv6"
	}
	return "IPv4"
}

// set sorts addresses and leaves each one once.
func set(a []netip.Addr) []netip.Addr {
	sort.Slice(a, func(i, j int) bool { return a[i].Less(a[j]) })
	return slices.Compact(a)
}

// refusal is why an address, a device or an interface gave nothing.
type refusal struct {
	code Code
	text string
}

// telling orders reasons by how much they tell the owner, the most first: how near to a
// published address it was, and what will pass by itself before what will not.
var telling = [...]Code{
	NotYetKnown, WaitingForDAD, DuplicateAddress, OnlyDeprecated, OnlyTemporary, Filtered, NoNeighbour, CarrierGradeNAT, NotSeen, PrivateAddress,
	NoRoom, OnlyULA, SpecialAddress, OnlyLinkLocal, SharedName, NoLease, NoAddress, LinkDown, NoDevice,
}

// or keeps the more telling of two refusals, the earlier one of equals.
func (r refusal) or(o refusal) refusal {
	if cmp.Less(slices.Index(telling[:], o.code), slices.Index(telling[:], r.code)) {
		return o
	}
	return r
}

func (r refusal) decision() Decision { return Decision{Code: r.code, Text: r.text} }
