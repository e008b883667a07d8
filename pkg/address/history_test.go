package address_test

import (
	"fmt"
	"math/rand"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/netwatch"
)

// isp is an ISP's and a kernel's doings on a LAN, step by step: prefixes come, are renewed,
// deprecated and withdrawn, and the router's addresses in them go through their states.
type isp struct {
	*rand.Rand
	now   time.Time
	addrs []netwatch.Address
	up    bool
}

// step does one thing.
func (w *isp) step() {
	w.now = w.now.Add(time.Duration(1+w.Intn(90)) * time.Second)
	switch n := w.Intn(12); {
	case n < 4 || len(w.addrs) == 0:
		w.announce()
	case n == 4: // flash renumbering: the old prefixes are gone
		w.addrs = nil
		w.announce()
	case n == 5:
		w.up = !w.up
	case n == 6:
		i := w.Intn(len(w.addrs))
		w.addrs = slices.Delete(w.addrs, i, i+1)
	case n == 7: // a router advertisement with preferred lifetime 0
		w.addrs[w.Intn(len(w.addrs))].Flags |= netwatch.Deprecated
	case n == 8: // and one that takes it back
		a := &w.addrs[w.Intn(len(w.addrs))]
		a.Flags, a.PreferredEnd = a.Flags&^netwatch.Deprecated, w.now.Add(time.Hour)
	case n == 9:
		w.addrs[w.Intn(len(w.addrs))].Flags ^= netwatch.Tentative
	case n == 10:
		w.addrs[w.Intn(len(w.addrs))].Flags ^= netwatch.DADFailed
	default:
		a := &w.addrs[w.Intn(len(w.addrs))]
		a.PreferredEnd = w.now.Add(time.Duration(w.Intn(4)) * time.Hour)
	}
	for i := range w.addrs { // as the kernel's timer does
		if end := w.addrs[i].PreferredEnd; !end.IsZero() && !w.now.Before(end) {
			w.addrs[i].Flags |= netwatch.Deprecated
		}
	}
}

// announce brings a prefix, and addresses of the router in it: a fixed and mostly a temporary one.
func (w *isp) announce() {
	network := []string{"2a00:%x::", "2a00:%x::", "2a00:%x::", "fd00:%x::", "fe80:0:0:%x::"}[w.Intn(5)]
	bits := []int{64, 64, 60, 56, 128}[w.Intn(5)]
	base := netip.MustParseAddr(fmt.Sprintf(network, 1+w.Intn(6))).As16()
	for _, last := range []byte{1, byte(2 + w.Intn(200))} {
		b := base
		b[15] = last
		a := netwatch.Address{Addr: netip.AddrFrom16(b), PreferredEnd: w.now.Add(time.Duration(w.Intn(5)) * 20 * time.Second)}
		if last > 1 {
			b[8] = 0x5a
			a.Addr, a.Flags = netip.AddrFrom16(b), netwatch.Temporary
		}
		a.Prefix = netip.PrefixFrom(a.Addr, bits).Masked()
		if !slices.ContainsFunc(w.addrs, func(o netwatch.Address) bool { return o.Addr == a.Addr }) {
			w.addrs = append(w.addrs, a)
		}
	}
}

func (w *isp) snapshot() netwatch.Snapshot {
	return netwatch.Snapshot{Taken: w.now, Links: []netwatch.Link{{Index: 2, Name: "lan", Up: true, Running: w.up, Addresses: slices.Clone(w.addrs)}}}
}

// fit are the addresses that a host with this rule can have, the best first, found the slow way.
func fit(s netwatch.Snapshot, rule address.Rule, published []netip.Addr) []netip.Addr {
	type option struct {
		addr netip.Addr
		key  string
	}
	var list []option
	for _, a := range s.Links[0].Addresses {
		text := a.Addr.StringExpanded()
		ula, linkLocal := text[:2] == "fd", text[:4] == "fe80"
		if !s.Links[0].Running || a.Flags&netwatch.Deprecated != 0 || linkLocal || ula && !rule.AllowULA || a.Prefix.Bits() > 64 {
			continue
		}
		subnets := 1 << (64 - a.Prefix.Bits())
		if rule.Subnet >= uint64(subnets) {
			continue
		}
		network := a.Prefix.Addr().As16()
		network[7] |= byte(rule.Subnet)
		for i := 0; i < 8; i++ {
			network[8+i] = byte(rule.HostID >> (56 - 8*i))
		}
		addr := netip.AddrFrom16(network)
		left := int64(0)
		if !a.PreferredEnd.IsZero() {
			left = 1<<40 - a.PreferredEnd.Unix()
		}
		list = append(list, option{addr, fmt.Sprintf("%v %v %020d %s", ula, !slices.Contains(published, addr), left, addr.StringExpanded())})
	}
	slices.SortFunc(list, func(a, b option) int { return slices.Compare([]byte(a.key), []byte(b.key)) })
	var out []netip.Addr
	for _, o := range list {
		out = append(out, o.addr)
	}
	return out
}

func TestChoose_hosts_through_1000_histories_of_prefixes(t *testing.T) {
	sent, moves := 0, 0
	for seed := int64(0); seed < 1000; seed++ {
		w := &isp{Rand: rand.New(rand.NewSource(seed)), now: epoch, up: true}
		rules := []address.Rule{}
		for i := 0; i < 5; i++ {
			rules = append(rules, address.Rule{Source: address.Host, Interfaces: []string{"lan"}, HostID: w.Uint64() | 1,
				Subnet: []uint64{0, 0, 3, 20}[w.Intn(4)], AllowULA: w.Intn(4) == 0})
		}
		published := make([][]netip.Addr, len(rules))
		for step := 0; step < 40; step++ {
			w.step()
			s := w.snapshot()
			for i, rule := range rules {
				d := address.Choose(s, rule, address.IPv6, published[i], nil, nil)
				want := fit(s, rule, published[i])
				if len(want) > 1 {
					want = want[:1]
				}
				if !slices.Equal(d.Addrs, want) {
					t.Fatalf("history %d, step %d, host %x subnet %x: got %v, want %v\n%+v", seed, step, rule.HostID, rule.Subnet, d, want, s.Links)
				}
				if !d.Available() || slices.Equal(d.Addrs, published[i]) {
					continue
				}
				if len(published[i]) > 0 {
					moves++
				}
				sent++
				published[i] = d.Addrs
			}
		}
	}
	if t.Logf("%d addresses sent, %d of them after another one", sent, moves); moves < 5000 {
		t.Error("hardly anything happened: the test shows little")
	}
}

// The router's own address through the same histories: nothing temporary, deprecated, local or
// unchecked is ever sent.
func TestChoose_never_sends_what_goes_away_in_1000_histories(t *testing.T) {
	sent := 0
	rule := address.Rule{Source: address.Interface, Interfaces: []string{"lan"}}
	for seed := int64(1000); seed < 2000; seed++ {
		w := &isp{Rand: rand.New(rand.NewSource(seed)), now: epoch, up: true}
		var published []netip.Addr
		for step := 0; step < 40; step++ {
			w.step()
			d := address.Choose(w.snapshot(), rule, address.IPv6, published, nil, nil)
			if !d.Available() || slices.Equal(d.Addrs, published) {
				continue
			}
			sent++
			published = d.Addrs
			i := slices.IndexFunc(w.addrs, func(a netwatch.Address) bool { return a.Addr == d.Addrs[0] })
			bad := netwatch.Temporary | netwatch.Deprecated | netwatch.Tentative | netwatch.DADFailed
			if !w.up || i < 0 || w.addrs[i].Flags&bad != 0 || address.Classify(d.Addrs[0]) != address.Public {
				t.Fatalf("history %d, step %d: sent %v of %+v", seed, step, d, w.addrs)
			}
		}
	}
	if sent < 3000 {
		t.Errorf("only %d addresses were sent: the test shows little", sent)
	}
}
