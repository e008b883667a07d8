package address

import (
	"net/netip"
	"slices"
	"time"

	"github.com/wandns/wandns/pkg/netwatch"
)

// Memory is what the choice between several WANs, and among a neighbour's addresses, remembers of
// the one before it. The zero Memory remembers nothing. It is a value: nobody changes one after it
// was made.
type Memory struct {
	using string               // the device whose address was taken
	good  map[string]time.Time // since when devices have been good without a break
	hosts []*sighting          // of neighbours
	ask   []netip.Addr
}

// Ask are addresses of which the next choice has to know whether a neighbour has them: the kernel
// should be made to find out (netwatch.Solicit).
func (m Memory) Ask() []netip.Addr { return m.ask }

// way is one interface of a record, as it stands now. Two interfaces of one device (wan and wan6
// mostly) are one way.
type way struct {
	candidate         // the address to publish, if usable
	usable    bool    // there is one
	no        refusal // else why not
	good      bool    // usable, with a default route where that is asked for
}

func (w way) unknown() bool { return !w.usable && w.no.code == NotYetKnown }

// ways looks at each interface in order.
func (c *chooser) ways() []way {
	var list []way
	for _, iface := range c.rule.Interfaces {
		device, no, ok := c.device(iface)
		if ok && slices.ContainsFunc(list, func(w way) bool { return w.device == device }) {
			continue
		}
		w := way{no: no}
		if ok {
			w.candidate, w.no, w.usable = c.best(iface, device)
			w.device = device
		}
		list = append(list, w)
	}
	for i := range list {
		list[i].good = list[i].usable && (len(list) == 1 || c.rule.lan() || c.routed(list[i].device))
	}
	return list
}

// lan says that the addresses are those of hosts behind an interface, which needs no route then.
func (r *Rule) lan() bool { return r.Source == Host || r.Source == Neighbour }

// routed says whether a device has a default route of the family. One in any table will do, since
// policy routing keeps that of each WAN in a table of its own. But mwan3 has a copy in such a table
// for as long as it finds the WAN online, while the one in the main table stays: where there are
// copies, they count.
func (c *chooser) routed(device string) bool {
	count := anyTable
	for _, r := range c.snapshot.Routes {
		if c.routedIn(r.Link, mwan3Table) && c.routedIn(r.Link, mainTable) {
			count = mwan3Table
		}
	}
	return c.routedIn(device, count)
}

func (c *chooser) routedIn(device string, table func(int) bool) bool {
	return slices.ContainsFunc(c.snapshot.Routes, func(r netwatch.Route) bool {
		return r.Link == device && r.IPv6 == (c.family == IPv6) && table(r.Table)
	})
}

func anyTable(int) bool { return true }

func mainTable(n int) bool { return n == 254 } // RT_TABLE_MAIN

// mwan3Table says whether a table is one that mwan3 makes: it counts its interfaces from 1, and
// with its usual mask 0x3f00 there are 60 at the most (mwan3's common.sh).
func mwan3Table(n int) bool { return n >= 1 && n <= 60 }

// none is why no way has an address: what the first says, unless another says more.
func none(ways []way) Decision {
	no := refusal{NoDevice, "the record names no interface"}
	for i, w := range ways {
		if i == 0 {
			no = w.no
		} else {
			no = no.or(w.no)
		}
	}
	return no.decision()
}

// all is the address of each interface that has one.
func (c *chooser) all() Decision {
	ways := c.ways()
	var addrs []netip.Addr
	for _, w := range ways {
		if w.unknown() {
			return w.no.decision() // it will be known in a moment: half a set is no reason to do anything
		}
		if w.usable {
			addrs = append(addrs, w.addr)
		}
	}
	if len(addrs) == 0 {
		return none(ways)
	}
	addrs = set(addrs)
	i := slices.IndexFunc(ways, func(w way) bool { return w.usable && w.addr == addrs[0] })
	return Decision{Addrs: addrs, Device: ways[i].device}
}

// failover takes the first good interface, and goes on with it for as long as it is good: a better
// one must have been good for a while before it is returned to. What is not good is left at once.
func (c *chooser) failover(m Memory, now time.Time) (Decision, Memory, time.Time) {
	ways := c.ways()
	next := Memory{using: m.using, good: map[string]time.Time{}}
	using := -1
	for i, w := range ways {
		if w.good {
			since, was := m.good[w.device]
			if !was {
				since = now
			}
			next.good[w.device] = since
		}
		if w.device != "" && w.device == m.using {
			using = i
		}
	}
	take, again := using, time.Time{}
	switch {
	case using >= 0 && ways[using].unknown():
		// It will be known in a moment: no reason to move.
	case using >= 0 && ways[using].good:
		take, again = c.better(ways[:using], next, now)
		if take < 0 {
			take = using
		}
	default:
		take = anew(ways, using)
	}
	if take < 0 {
		return none(ways), next, again
	}
	w := ways[take]
	if !w.usable {
		return w.no.decision(), next, again
	}
	next.using = w.device
	return Decision{Addrs: []netip.Addr{w.addr}, Device: w.device}, next, again
}

// better is the first of the ways before the one in use that has been good for long enough, or -1
// and when to look again.
func (c *chooser) better(before []way, m Memory, now time.Time) (take int, again time.Time) {
	for i, w := range before {
		if !w.good {
			continue
		}
		due := m.good[w.device].Add(c.rule.Failback)
		if !due.After(now) {
			return i, time.Time{}
		}
		if again.IsZero() || due.Before(again) {
			again = due
		}
	}
	return -1, again
}

// anew chooses when the way in use is not good: the first that is. Where no device has a default
// route, the one in use stays, or the first that has an address is taken.
func anew(ways []way, using int) int {
	if i := slices.IndexFunc(ways, func(w way) bool { return w.good || w.unknown() }); i >= 0 {
		return i
	}
	if using >= 0 && ways[using].usable {
		return using
	}
	return slices.IndexFunc(ways, func(w way) bool { return w.usable })
}
