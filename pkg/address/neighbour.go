package address

import (
	"net/netip"
	"slices"
	"time"

	"github.com/wandns/wandns/pkg/netwatch"
)

// The times of source neighbour. An answer comes within milliseconds. The kernel asks three times, a
// second apart; a question while it does so is none. Before it gives up an address that it knew, it
// asks for eight seconds and a little more (RFC 4861 section 10).
const (
	firstPause  = 4 * time.Second // between two questions about the same address; doubles
	longPause   = 10 * time.Minute
	checkTime   = time.Hour // between two looks whether the chosen address still answers
	verdictTime = 10 * time.Second
)

// rounds are how long is waited after the questions about addresses that would go before one that
// may be temporary: until that one is known to answer, for the first answer, and for the second,
// which is to a question that was asked when the kernel was surely not asking yet.
var rounds = [...]time.Duration{verdictTime, firstPause, 2 * time.Second}

// sighting is what the choice among a neighbour's addresses remembers of the one before it.
type sighting struct {
	link  string
	mac   netwatch.MAC
	using netip.Addr // the address that was taken
	begun time.Time  // when the host was first looked for
	shown []moment   // its addresses in the table, since when

	searched []netip.Addr // what the kernel was asked about last, while nothing was found
	at       time.Time    // when
	pause    time.Duration

	doubted netip.Addr // the address that may be temporary, while one that stays is looked for
	asked   time.Time  // when that was last asked for
	round   int        // and how often

	checked time.Time // when it was last asked whether using answers
}

// moment is since when something is so of an address.
type moment struct {
	addr netip.Addr
	at   time.Time
}

func of(list []moment, addr netip.Addr) (at time.Time, ok bool) {
	for i := range list {
		if list[i].addr == addr {
			return list[i].at, true
		}
	}
	return at, false
}

// notes are what a choice takes from the Memory of the one before it and leaves to the next.
type notes struct {
	now   time.Time
	hosts []*sighting
	ask   []netip.Addr
	again time.Time
}

// due says whether a time has passed since a moment; if not, it will be looked again when it has.
func (n *notes) due(since time.Time, wait time.Duration) bool {
	end := since.Add(wait)
	if !n.now.Before(end) {
		return true
	}
	n.again = Sooner(n.again, end)
	return false
}

// replace puts a sighting in the place of the one of its device, which it goes on from if that is of
// the same host.
func (n *notes) replace(s *sighting) {
	for i, was := range n.hosts {
		if was.link != s.link {
			continue
		}
		if was.mac == s.mac {
			*s = *was
		}
		n.hosts[i] = s
		return
	}
	n.hosts = append(n.hosts, s)
}

// neighbour takes the best address of the host with the record's MAC that the neighbour table of
// the link has, among those in a prefix that the router has there: an address of an earlier prefix
// can be in the table for days.
//
// A neighbour table does not tell a temporary address (RFC 8981) from one that stays. What does:
//
//   - It is made of a MAC (EUI-64), somebody gave it as a small number, or the host has the same
//     second half in another prefix too, mostly that of its link-local address (Windows, tokens).
//     It stays, and goes before all others, whenever it is seen. Such addresses are looked for:
//     the kernel is asked about them in each prefix, before any other address is taken.
//   - All others look alike: one that the host makes of a secret (RFC 7217) and a temporary one.
//     The one taken stays for as long as the host answers there; else the one that has been
//     there for longest is taken. Where the host keeps its temporary addresses to itself (a server
//     without privacy extensions) there is only the right one.
//
// An address that has left the table is kept while its prefix is there, until the host is seen with
// another one: a host that sleeps has not lost its address. Before one is left for another that is
// no better, it is asked for.
func (c *chooser) neighbour(label string, l netwatch.Link) (candidate, refusal, bool) {
	h := &host{chooser: c, label: label, sighting: sighting{link: l.Name, mac: c.rule.MAC, begun: c.notes.now}}
	c.notes.replace(&h.sighting)
	h.nets, h.no = c.networks(label, l)
	if len(h.nets) > 0 {
		h.no = refusal{NoNeighbour, label + ": no host with the MAC address " + c.rule.MAC.String() + " has shown an address in the interface's prefix yet" + madeUp(c.rule.MAC)}
	}
	best, found := h.see()
	keeps := h.usable(h.using)
	waits := false
	switch {
	case found && (best.rank&1 == 0 || best.published || c.rule.AllowTemporary):
	case found:
		waits = h.doubt(&best)
	case !keeps:
		h.search()
	}
	switch {
	case found && !waits:
		h.check(best.addr)
		return best, h.no, true
	case keeps:
		return candidate{addr: h.using, device: l.Name}, h.no, true
	case found:
		h.no = refusal{NotYetKnown, label + ": the host has " + best.addr.String() + ", which may be temporary; looking for one that stays"}
	}
	return candidate{}, h.no, false
}

// madeUp is a word about a MAC that is not its maker's (the bit "locally administered" of IEEE 802):
// virtual machines keep theirs, phones and laptops make up another for each network, or each day.
func madeUp(m netwatch.MAC) string {
	if m[0]&2 == 0 {
		return ""
	}
	return "; if this is a phone or laptop, it made that MAC address up and may have another by now: switch its private or random address off for this network"
}

// host is the question about one host on one link.
type host struct {
	*chooser
	sighting
	label  string
	nets   []netwatch.Address // the router's own, in whose prefixes the host's may be
	no     refusal
	choice int  // how many of its addresses in the table can be taken
	news   bool // one of those has just come
}

// in is the router's address in whose prefix an address is.
func (h *host) in(addr netip.Addr) (own netwatch.Address, ok bool) {
	for _, own = range h.nets {
		if own.Prefix.Contains(addr) {
			return own, true
		}
	}
	return own, false
}

func (h *host) usable(addr netip.Addr) bool {
	_, ok := h.in(addr)
	code, _ := h.filter(addr)
	return ok && code == Available
}

// see looks at the addresses of the host that the table has now, and finds the best that can be
// taken.
func (h *host) see() (best candidate, found bool) {
	before := h.shown
	h.shown = nil
	for _, n := range h.snapshot.Neighbours {
		if n.Link == h.link && n.MAC == h.mac {
			since, was := of(before, n.Addr)
			if !was {
				since = h.notes.now
			}
			h.shown = append(h.shown, moment{n.Addr, since})
		}
	}
	for _, m := range h.shown {
		addr, since := m.addr, m.at
		own, ok := h.in(addr)
		if !ok {
			continue
		}
		if code, why := h.filter(addr); code != Available {
			h.no = refusal{code, h.label + ": " + addr.String() + " is " + why}
			continue
		}
		h.choice++
		h.news = h.news || since.Equal(h.notes.now)
		n := candidate{addr, own.PreferredEnd, h.link, h.rank(addr, h.nature(addr), own.Prefix), addr == h.using || slices.Contains(h.published, addr), since}
		if !found || n.better(&best, IPv6) {
			best, found = n, true
		}
	}
	return best, found
}

// nature says in the words of the host's own kernel what an address of it is, as far as can be
// known: temporary is one that may be.
func (h *host) nature(addr netip.Addr) netwatch.Flags {
	if isEUI64(addr) {
		return 0
	}
	network, id := halves(addr)
	stays := isNumbered(addr)
	for _, m := range h.shown {
		n, i := halves(m.addr)
		stays = stays || i == id && n != network
	}
	if stays {
		return netwatch.Permanent
	}
	return netwatch.Temporary
}

// guesses are addresses that the host may have without having shown them: in each network, made of
// its MAC, or with the second half of its link-local address or of an earlier address of it.
func (h *host) guesses() (list []netip.Addr) {
	from := append([]netip.Addr{join(0, EUI64(h.mac)), h.using}, h.published...)
	for _, m := range h.shown {
		if m.addr.IsLinkLocalUnicast() {
			from = append(from, m.addr)
		}
	}
	for _, own := range h.nets {
		network, _ := halves(own.Addr)
		for _, a := range from {
			if !a.Is6() {
				continue
			}
			_, id := halves(a)
			addr := join(network, id)
			if _, shown := of(h.shown, addr); !shown && addr != own.Addr && h.usable(addr) && !slices.Contains(list, addr) {
				list = append(list, addr)
			}
		}
	}
	return list
}

func (h *host) ask(addrs ...netip.Addr) { h.notes.ask = append(h.notes.ask, addrs...) }

// search asks about the guesses again and again, ever more slowly.
func (h *host) search() {
	guesses := h.guesses()
	switch {
	case !slices.Equal(guesses, h.searched):
		h.searched, h.pause = guesses, firstPause
	case h.notes.due(h.at, h.pause):
		h.pause = min(2*h.pause, longPause)
	default:
		return
	}
	h.at = h.notes.now
	h.notes.due(h.at, h.pause)
	h.ask(guesses...)
}

// doubt asks about addresses that would go before one that may be temporary, and says whether an
// answer is still to be waited for. Silence says something of a host that is awake only: one is
// whose address has just come, of another that is found out first.
func (h *host) doubt(best *candidate) (waits bool) {
	switch {
	case h.doubted != best.addr && best.since.Equal(h.notes.now) && !best.since.Equal(h.begun):
		h.round = 1
	case h.doubted != best.addr:
		h.round = 0
		h.ask(best.addr)
	case !h.notes.due(h.asked, rounds[h.round]):
		return true
	case h.round == len(rounds)-1:
		return false
	default:
		h.round++
	}
	h.doubted, h.asked, h.searched = best.addr, h.notes.now, nil
	h.notes.due(h.asked, rounds[h.round])
	h.ask(h.guesses()...)
	return true
}

// check asks whether the address taken still answers, where the host has another to move to: when
// that one comes, and then every hour.
func (h *host) check(taken netip.Addr) {
	moved := h.using != taken
	h.using, h.searched, h.doubted = taken, nil, netip.Addr{}
	switch {
	case moved:
		h.checked = h.notes.now
	case h.choice > 1 && (h.news || h.notes.due(h.checked, checkTime)):
		h.checked = h.notes.now
		h.ask(taken)
	}
	if h.choice > 1 && h.notes.due(h.checked, verdictTime) {
		h.notes.due(h.checked, checkTime)
	}
}
