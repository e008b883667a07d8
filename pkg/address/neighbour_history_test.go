package address_test

import (
	"encoding/binary"
	"fmt"
	"math/rand"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/netwatch"
)

// The hosts of the histories: how they make the address that stays, and whether they make
// temporary ones beside it.
const (
	byMAC     = iota // EUI-64
	sameInAll        // dice once, the same half in every prefix and for link-local (Windows)
	bySecret         // another one in each prefix (RFC 7217), without temporary addresses
	hidden           // the same, with temporary ones
	kinds
)

// machine is a host on the LAN, as it is: what the router's neighbour table shows of it is less.
type machine struct {
	kind   int
	secret uint64
	up     bool
	ready  time.Time // when it has checked its addresses for duplicates
	has    []owned
}

type owned struct {
	addr      netip.Addr
	temporary bool
}

func join(network netip.Prefix, id uint64) netip.Addr {
	b := network.Addr().As16()
	binary.BigEndian.PutUint64(b[8:], id)
	return netip.AddrFrom16(b)
}

// lasting is the second half of the host's address that stays, in a network.
func (m *machine) lasting(network netip.Prefix) uint64 {
	switch m.kind {
	case byMAC:
		return address.EUI64(nasMAC)
	case sameInAll:
		return m.secret
	}
	b := network.Addr().As16()
	return rand.New(rand.NewSource(int64(m.secret^binary.BigEndian.Uint64(b[:8])))).Uint64() | 1<<40
}

func (m *machine) owns(a netip.Addr) (o owned, yes bool) {
	i := slices.IndexFunc(m.has, func(o owned) bool { return o.addr == a })
	if i < 0 || !m.up {
		return o, false
	}
	return m.has[i], true
}

// street is an ISP, a router, its neighbour table and a host, all of them at their own pace.
type street struct {
	*isp
	host  machine
	table []netip.Addr             // of the host, newest last
	gone  map[netip.Addr]time.Time // when the kernel drops an entry that it asks about
	since map[netip.Addr]time.Time // since when the table has had each

	switched time.Time // when the host was last switched on or off
}

func (w *street) networks() (list []netip.Prefix) {
	for _, a := range w.addrs {
		if p := netip.PrefixFrom(a.Addr, 64).Masked(); a.Prefix.Bits() <= 64 && a.Flags&netwatch.Deprecated == 0 && !a.Addr.IsLinkLocalUnicast() && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

// configure gives the host addresses in the networks that are announced (SLAAC). Some time later
// they are checked.
func (w *street) configure() {
	for _, p := range w.networks() {
		stays := join(p, w.host.lasting(p))
		if slices.ContainsFunc(w.host.has, func(o owned) bool { return o.addr == stays }) {
			continue
		}
		w.host.has = append(w.host.has, owned{addr: stays})
		if w.host.kind != bySecret {
			w.host.has = append(w.host.has, owned{join(p, w.Uint64()|1<<40), true})
		}
		w.host.ready = w.now.Add(time.Second)
	}
}

// life is what the host does by itself in one step.
func (w *street) life() {
	switch n := w.Intn(10); {
	case n == 0: // it reboots: what it made by dice for a time is gone
		w.host.up, w.host.has = true, nil
		w.hello()
	case n == 1 && w.now.Sub(w.switched) > 20*time.Second: // nothing can be known of one that flickers
		w.host.up, w.switched = !w.host.up, w.now
	case n == 2 && w.host.kind != bySecret: // the day is over: new temporary addresses, the old ones expire
		w.host.has = slices.DeleteFunc(w.host.has, func(o owned) bool { return o.temporary })
		for _, p := range w.networks() {
			w.host.has = append(w.host.has, owned{join(p, w.Uint64()|1<<40), true})
		}
	case n == 3: // the kernel collects what was not used
		w.table = slices.DeleteFunc(w.table, func(a netip.Addr) bool { return !a.IsLinkLocalUnicast() && w.Intn(2) == 0 })
	}
	w.configure()
	if w.host.up && w.now.After(w.host.ready) && w.up {
		for n := w.Intn(3); n > 0 && len(w.host.has) > 0; n-- { // it talks, mostly from what it prefers
			o := w.host.has[w.Intn(len(w.host.has))]
			if o.temporary || w.host.kind == bySecret || w.Intn(3) == 0 {
				w.shows(o.addr)
			}
		}
	}
}

// hello is a router solicitation, which every host that comes up sends from its link-local address.
func (w *street) hello() {
	local := netip.MustParsePrefix("fe80::/64")
	w.shows(join(local, w.host.lasting(local)))
}

func (w *street) shows(a netip.Addr) {
	delete(w.gone, a)
	if !slices.Contains(w.table, a) {
		w.table = append(w.table, a)
		w.since[a] = w.now
	}
}

// kernel is what the router's kernel does about questions.
func (w *street) kernel(asked []netip.Addr) {
	for _, a := range asked {
		if _, yes := w.host.owns(a); yes && w.up && w.now.After(w.host.ready) {
			w.shows(a)
		} else if slices.Contains(w.table, a) {
			w.gone[a] = w.now.Add(9 * time.Second)
		}
	}
	w.table = slices.DeleteFunc(w.table, func(a netip.Addr) bool {
		end, asked := w.gone[a]
		return asked && !w.now.Before(end)
	})
}

func (w *street) snapshot() netwatch.Snapshot {
	s := w.isp.snapshot()
	for _, a := range w.table {
		s.Neighbours = append(s.Neighbours, netwatch.Neighbour{Link: "lan", Addr: a, MAC: nasMAC})
	}
	return s
}

// check holds a decision that is to be sent against the truth.
func (w *street) check(d address.Decision, was []netip.Addr) error {
	a := d.Addrs[0]
	good := slices.ContainsFunc(w.addrs, func(own netwatch.Address) bool {
		return own.Prefix.Contains(a) && own.Flags&netwatch.Deprecated == 0 && own.Prefix.Bits() <= 64
	})
	if !good || address.Classify(a) != address.Public || !w.up {
		return fmt.Errorf("%v is in no prefix that may be published", a)
	}
	if !slices.Contains(w.table, a) {
		return fmt.Errorf("%v is sent and the table does not have it", a)
	}
	network := netip.PrefixFrom(a, 64).Masked()
	stays := join(network, w.host.lasting(network))
	if a == stays {
		return nil
	}
	if w.host.kind != hidden {
		return fmt.Errorf("%v is temporary, and %v stays", a, stays)
	}
	// It cannot be known. But what was there before is not left for it, nor what was there longer.
	if len(was) > 0 && slices.Contains(w.table, was[0]) && slices.ContainsFunc(w.networks(), func(p netip.Prefix) bool { return p.Contains(was[0]) }) {
		return fmt.Errorf("%v is left for %v, and is still there", was, a)
	}
	if slices.Contains(w.table, stays) && w.since[stays].Before(w.since[a]) {
		return fmt.Errorf("%v is temporary, and %v stays and has been there for longer", a, stays)
	}
	return nil
}

func TestChoose_neighbours_through_1000_histories(t *testing.T) {
	var sent, right [kinds]int
	for seed := int64(0); seed < 1000; seed++ {
		w := &street{isp: &isp{Rand: rand.New(rand.NewSource(seed)), now: epoch, up: true}, gone: map[netip.Addr]time.Time{}, since: map[netip.Addr]time.Time{}}
		w.host = machine{kind: int(seed) % kinds, secret: w.Uint64() | 1<<40, up: true}
		w.hello()
		a := &asker{rule: neighbour(), now: w.now}
		var look func(step int)
		look = func(step int) {
			was := a.published
			a.now, a.asked = w.now, nil
			w.kernel(nil)
			d := a.see(w.snapshot())
			known := len(w.table)
			w.kernel(a.asked)
			if len(w.table) > known { // which is an event
				defer func() {
					w.now = w.now.Add(50 * time.Millisecond)
					look(step)
				}()
			}
			if !d.Available() || slices.Equal(d.Addrs, was) {
				return
			}
			sent[w.host.kind]++
			if err := w.check(d, was); err != nil {
				t.Fatalf("history %d, step %d, kind %d: %v\n%+v\n%+v", seed, step, w.host.kind, err, w.host, w.snapshot())
			}
		}
		for step := 0; step < 40; step++ {
			w.step()
			w.life()
			until := w.now.Add(time.Duration(w.Intn(60)) * time.Second)
			look(step)
			for !a.again.IsZero() && a.again.Before(until) {
				w.now = a.again
				look(step)
			}
		}
		// At last all is well: a prefix, and a host that talks from the address that stays.
		w.up, w.host.up, w.host.has = true, true, nil
		w.addrs = []netwatch.Address{{Addr: netip.MustParseAddr("2a00:77::1"), Prefix: netip.MustParsePrefix("2a00:77::/64")}}
		w.configure()
		w.now = w.now.Add(2 * time.Second)
		stays := w.host.has[0].addr
		if w.host.kind >= bySecret {
			w.shows(stays) // it cannot be found otherwise
		}
		for end := w.now.Add(11 * time.Minute); w.now.Before(end); {
			look(40)
			if a.again.IsZero() {
				break
			}
			w.now = a.again
		}
		if len(a.published) == 1 && a.published[0] == stays {
			right[w.host.kind]++
		}
	}
	t.Logf("sent %v, right in the end %v", sent, right)
	for kind := range sent {
		if sent[kind] < 400 {
			t.Errorf("kind %d: only %d addresses were sent: the test shows little", kind, sent[kind])
		}
		if right[kind] != 250 {
			t.Errorf("kind %d: %d of 250 were right in the end", kind, right[kind])
		}
	}
}
