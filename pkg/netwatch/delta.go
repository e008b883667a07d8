package netwatch

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// What names a kind of difference between two snapshots, for logs and timelines.
type What string

// The kinds of difference.
const (
	LinkAdded      What = "link-added"
	LinkRemoved    What = "link-removed"
	LinkRecreated  What = "link-recreated" // deleted and made again: same name, another ifindex
	LinkUp         What = "link-up"        // its addresses count from now on
	LinkDown       What = "link-down"      // they no longer do
	LinkState      What = "link-state"     // another change of a link whose addresses do not count
	AddressAdded   What = "address-added"
	AddressRemoved What = "address-removed"
	AddressChanged What = "address-changed" // its flags or its peer
	AddressOrder   What = "address-order"   // the same addresses, another one first
	RouteAdded     What = "default-route-added"
	RouteRemoved   What = "default-route-removed"
	RouteOrder     What = "default-route-order"

	NeighbourAdded   What = "neighbour-added" // a host has an address; the detail is its MAC
	NeighbourRemoved What = "neighbour-removed"
)

// Change is one difference.
type Change struct {
	What   What
	Link   string     // device name; empty for an unreachable default route
	Addr   netip.Addr // the address, or a default route's gateway; may be the zero Addr
	Detail string     // more, in words; may be empty
}

// String is one line: "address-changed wan 2a00::1 tentative -> valid".
func (c Change) String() string {
	s := string(c.What)
	if c.Link != "" {
		s += " " + c.Link
	}
	if c.Addr.IsValid() {
		s += " " + c.Addr.String()
	}
	if c.Detail != "" {
		s += " " + c.Detail
	}
	return s
}

// Delta says why two snapshots differ. It is empty exactly when they are Equal.
type Delta []Change

// Has says whether a difference of that kind is among the changes.
func (d Delta) Has(w What) bool {
	for _, c := range d {
		if c.What == w {
			return true
		}
	}
	return false
}

// String lists the changes for a log line, the first eight of them.
func (d Delta) String() string {
	const most = 8
	words := make([]string, 0, most+1)
	for i, c := range d {
		if i == most {
			words = append(words, "...")
			break
		}
		words = append(words, c.String())
	}
	return strings.Join(words, "; ")
}

// Since tells what happened between an older snapshot and this one. Links are compared by
// name, as people know them.
func (s Snapshot) Since(old Snapshot) Delta {
	var d Delta
	for _, o := range old.Links {
		if _, there := s.LinkByName(o.Name); !there {
			d = append(d, Change{What: LinkRemoved, Link: o.Name})
		}
	}
	for _, l := range s.Links {
		o, there := old.LinkByName(l.Name)
		if !there {
			d = append(d, Change{What: LinkAdded, Link: l.Name, Detail: l.state()})
		} else {
			d = append(d, linkChanges(o, l)...)
		}
		d = append(d, addressChanges(o, l)...)
	}
	d = append(d, routeChanges(old.Routes, s.Routes)...)
	d = append(d, neighboursNotIn(s.Neighbours, old.Neighbours, NeighbourRemoved)...)
	return append(d, neighboursNotIn(old.Neighbours, s.Neighbours, NeighbourAdded)...)
}

// neighboursNotIn are the neighbours of list that are not among others.
func neighboursNotIn(others, list []Neighbour, what What) (d Delta) {
	for _, n := range list {
		if !slices.Contains(others, n) {
			d = append(d, Change{what, n.Link, n.Addr, n.MAC.String()})
		}
	}
	return d
}

// state is what is to be known about a link in two words.
func (l Link) state() string {
	switch {
	case !l.Up:
		return "down"
	case !l.Running:
		return "no carrier"
	}
	return "running"
}

func linkChanges(o, l Link) (d Delta) {
	if o.Index != l.Index {
		d = append(d, Change{What: LinkRecreated, Link: l.Name})
	}
	if o.Up == l.Up && o.Running == l.Running {
		return d
	}
	c := Change{What: LinkState, Link: l.Name, Detail: l.state()}
	switch {
	case l.Usable():
		c.What = LinkUp
	case o.Usable():
		c.What = LinkDown
	}
	return append(d, c)
}

// identity is what tells an address from another one, lifetimes aside.
func (a Address) identity() Address {
	a.PreferredEnd, a.ValidEnd = time.Time{}, time.Time{}
	return a
}

// addressChanges compares as lists; an address that went and one that came are one change
// where they are the same address on the same prefix.
func addressChanges(o, l Link) (d Delta) {
	left := make(map[Address]int, len(o.Addresses))
	for _, a := range o.Addresses {
		left[a.identity()]++
	}
	var came, went []Address
	for _, a := range l.Addresses {
		if a = a.identity(); left[a] == 0 {
			came = append(came, a)
		} else {
			left[a]--
		}
	}
	for _, a := range o.Addresses {
		if a = a.identity(); left[a] > 0 {
			left[a]--
			went = append(went, a)
		}
	}
	before := make(map[netip.Prefix]Address, len(went))
	for _, a := range went {
		before[a.key()] = a
	}
	for _, a := range came {
		if b, there := before[a.key()]; there && b.Prefix == a.Prefix {
			delete(before, a.key())
			d = append(d, Change{AddressChanged, l.Name, a.Addr, describeChange(b, a)})
			continue
		}
		d = append(d, Change{AddressAdded, l.Name, a.Addr, a.Flags.state()})
	}
	for _, a := range went {
		if b, still := before[a.key()]; still && b == a {
			d = append(d, Change{What: AddressRemoved, Link: l.Name, Addr: a.Addr})
		}
	}
	if len(d) == 0 && !slices.EqualFunc(o.Addresses, l.Addresses, Address.equal) {
		d = append(d, Change{What: AddressOrder, Link: l.Name})
	}
	return d
}

// key is an address with its prefix length: the kernel allows one address twice with
// different ones.
func (a Address) key() netip.Prefix { return netip.PrefixFrom(a.Addr, a.Prefix.Bits()) }

func describeChange(before, after Address) string {
	if before.Flags == after.Flags {
		return "peer " + after.Peer.String()
	}
	return before.Flags.String() + " -> " + after.Flags.String()
}

// routeChanges compares as lists in which one route may stand several times.
func routeChanges(old, now []Route) (d Delta) {
	left := make(map[Route]int, len(old))
	for _, r := range old {
		left[r]++
	}
	for _, r := range now {
		if left[r] == 0 {
			d = append(d, r.change(RouteAdded))
			continue
		}
		left[r]--
	}
	for _, r := range old {
		if left[r] > 0 {
			left[r]--
			d = append(d, r.change(RouteRemoved))
		}
	}
	if len(d) > 0 {
		return d
	}
	for i := range now {
		if now[i] != old[i] {
			return append(d, now[i].change(RouteOrder))
		}
	}
	return d
}

func (r Route) change(w What) Change {
	detail := "ipv4"
	if r.IPv6 {
		detail = "ipv6"
	}
	if r.Link == "" {
		detail += " unreachable"
	}
	return Change{w, r.Link, r.Gateway, detail}
}

// flagWords are the flags that a person is told about, worst first.
var flagWords = [...]struct {
	flag Flags
	word string
}{
	{DADFailed, "duplicate"},
	{Tentative, "tentative"},
	{Deprecated, "deprecated"},
	{Temporary, "temporary"},
	{ManageTempAddr, "mngtmpaddr"},
	{StablePrivacy, "stable-privacy"},
	{Permanent, "permanent"},
}

// String lists the flags in the words of "ip address", or says "valid" when there is none.
func (f Flags) String() string {
	s := ""
	for _, w := range flagWords {
		if f&w.flag != 0 {
			s += "," + w.word
		}
	}
	if s == "" {
		return "valid"
	}
	return s[1:]
}

// state is String without what says nothing about use: empty for an address in good order.
func (f Flags) state() string {
	telling := f & (DADFailed | Tentative | Deprecated | Temporary)
	if telling == 0 {
		return ""
	}
	return telling.String()
}
