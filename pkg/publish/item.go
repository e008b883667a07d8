package publish

import (
	"net/netip"
	"slices"
	"sort"
	"time"

	"github.com/wandns/wandns/pkg/provider"
)

// item is one record set: what it should be, what it is, and when to do something about it.
// Its methods are pure but for the item itself; time comes in.
type item struct {
	want Want

	known     bool         // the service is certain to hold published
	published []netip.Addr // what it held last, as far as we know
	sent      []netip.Addr // what an attempt without an answer may have left there
	changed   time.Time    // wall
	attempt   time.Time    // wall
	confirmed time.Time    // last answer of the service to a request of ours; zero since the reboot
	// extras are what the service was last told beside the addresses. What the owner changes there
	// afterwards stays until an address or the option changes.
	extras provider.Extras
	seen   time.Time // when the state was read after a reboot
	before certainty // to go back to when an attempt had no effect

	hold     *Hold
	next     time.Time // not before, unless a person asks
	told     bool      // next is what the service asked for: a person cannot shorten it
	failures int       // trouble in a row
	unknown  int       // answers lost in a row
	same     int       // "no change" in a row
	forced   bool      // a person asked
	sending  bool
	limit    limiter

	outcome provider.Outcome
	word    string
	reason  string
	history []Event
}

const historyLength = 16

// action is what to do about an item now.
type action uint8

const (
	nothing action = iota // until the time given, or for ever if that is zero
	set
	remove
)

// settled says that the service holds what it should.
func (it *item) settled() bool {
	if !it.known {
		return false
	}
	if it.want.Delete {
		return len(it.published) == 0
	}
	return slices.Equal(it.published, it.want.Addrs) && it.fitted()
}

// fitted says that the service was told what the record says beside its addresses.
func (it *item) fitted() bool {
	return it.want.Extras == provider.Extras{} || it.want.Extras == it.extras
}

// act decides what to do now. The account's own wait and hold come in, because a person's
// word about one record opens them for that record.
func (it *item) act(now time.Time, acc *gate) (action, time.Time) {
	todo := set
	switch {
	case it.sending:
		return nothing, time.Time{}
	case it.want.Delete:
		todo = remove
	case len(it.want.Addrs) == 0:
		return nothing, time.Time{}
	}
	if it.settled() && !it.forced {
		due := it.refreshAt()
		if due.IsZero() || due.After(now) {
			return nothing, due
		}
	}
	at, never := it.opens(now, acc)
	if never {
		return nothing, time.Time{}
	}
	at = later(at, it.limit.next(now, it.want.Burst, it.want.Every))
	if at.After(now) {
		return nothing, at
	}
	return todo, now
}

// opens is when holds and waits let the item through; never when only an outside cause can.
func (it *item) opens(now time.Time, acc *gate) (at time.Time, never bool) {
	at = now
	for _, g := range []*gate{acc, {hold: it.hold, next: it.next, told: it.told}} {
		if it.forced && !g.told {
			continue
		}
		if g.hold != nil && g.hold.Code == HoldBanned && !it.forced {
			return at, true
		}
		at = later(at, g.next)
	}
	return at, false
}

// refreshAt is when an unchanged record set is to be confirmed again; zero for never. After
// a reboot nobody knows when that was done last, so it is done after a fifth of the time: a
// router that reboots every night does not send every night.
func (it *item) refreshAt() time.Time {
	switch {
	case it.want.Refresh <= 0 || it.want.Delete:
		return time.Time{}
	case it.confirmed.IsZero():
		return it.seen.Add(it.want.Refresh / 5)
	}
	return it.confirmed.Add(it.want.Refresh)
}

// foreign are the addresses at the service that we neither put there nor want there.
func (it *item) foreign(current []netip.Addr) []netip.Addr {
	var out []netip.Addr
	for _, a := range current {
		if !slices.Contains(it.want.Addrs, a) && !slices.Contains(it.published, a) && !slices.Contains(it.sent, a) {
			out = append(out, a)
		}
	}
	return out
}

// read takes over what the service was found to hold. It is no answer to a request: it does
// not count as a sign of life for Refresh.
func (it *item) read(now time.Time, current []netip.Addr) {
	it.known, it.published, it.sent, it.seen = true, current, nil, now
}

// certainty is what we know of the service's side.
type certainty struct {
	known bool
	sent  []netip.Addr
}

// begin marks a request as on its way: from now on nothing is certain.
func (it *item) begin(wall time.Time, addrs []netip.Addr) {
	it.before = certainty{it.known, it.sent}
	it.sending, it.attempt = true, wall
	it.known, it.sent = false, union(it.sent, addrs)
}

// undo takes begin back: the request had no effect.
func (it *item) undo() {
	if it.sending {
		it.known, it.sent = it.before.known, it.before.sent
	}
}

// union is sorted and without duplicates.
func union(a, b []netip.Addr) []netip.Addr {
	u := slices.Concat(a, b)
	sort.Slice(u, func(i, j int) bool { return u[i].Less(u[j]) })
	return slices.Compact(u)
}

// gate is what holds back a whole account, or one item.
type gate struct {
	hold     *Hold
	next     time.Time
	told     bool
	slow     bool // the service asked for the wait: another network does not end it
	failures int
	refused  int       // items whose credentials were refused in a row
	attempt  time.Time // of the last request, by the monotonic clock
}

// open lets everything through again.
func (g *gate) open() { *g = gate{attempt: g.attempt} }

func (it *item) remember(e Event) {
	if len(it.history) >= historyLength {
		copy(it.history, it.history[1:])
		it.history = it.history[:historyLength-1]
	}
	it.history = append(it.history, e)
}
