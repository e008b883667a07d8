package address_test

import (
	"fmt"
	"math/rand"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/netwatch"
)

// model is Choose told in another way, slowly: strike out what may not be published, write
// the wishes about the rest as a sort key, sort, take the first.
func model(s netwatch.Snapshot, rule address.Rule, f address.Family, published []netip.Addr) []netip.Addr {
	var out []netip.Addr
	for _, dev := range rule.Interfaces {
		var keys []string
		for _, l := range s.Links {
			if l.Name != dev || !l.Up || !l.Running {
				continue
			}
			for i, a := range l.Addresses {
				if a.Addr.Is4() == (f == address.IPv4) && publishable(a, rule) && listed(a.Addr, rule) {
					keys = append(keys, sortKey(a, i, published, rule.Prefer))
				}
			}
			break
		}
		if len(keys) == 0 {
			continue
		}
		sort.Strings(keys)
		var key, addr string
		if _, err := fmt.Sscan(keys[0], &key, &addr); err != nil {
			panic(err)
		}
		out = append(out, netip.MustParseAddr(addr))
		if rule.Policy != address.All {
			break
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Less(out[j]) })
	return slices.Compact(out)
}

func publishable(a netwatch.Address, rule address.Rule) bool {
	if a.Flags&(netwatch.Tentative|netwatch.DADFailed) != 0 {
		return false
	}
	class := reference(a.Addr)
	if a.Addr.Is4() {
		forbidden := map[address.Class]bool{address.ThisNetwork: true, address.Loopback: true, address.MulticastGroup: true, address.Reserved: true}
		return !forbidden[class] && (class == address.Public || rule.PublishPrivate)
	}
	if a.Flags&netwatch.Deprecated != 0 || a.Flags&netwatch.Temporary != 0 && !rule.AllowTemporary {
		return false
	}
	return map[address.Class]bool{address.Public: true, address.SixToFour: true,
		address.UniqueLocal: rule.AllowULA, address.LinkLocalOnly: rule.AllowLinkLocal}[class]
}

// listed is what accept and reject say.
func listed(a netip.Addr, rule address.Rule) bool {
	in, about := false, false
	for _, p := range rule.Accept {
		in = in || p.Contains(a)
		about = about || p.Addr().Is4() == a.Is4()
	}
	for _, p := range rule.Reject {
		if p.Contains(a) {
			return false
		}
	}
	return in || !about
}

// preferred is a number that is the lower the more an address is what the owner prefers.
func preferred(a netwatch.Address, prefer address.Prefer) int {
	groups := strings.Split(a.Addr.StringExpanded(), ":")
	if a.Addr.Is4() || prefer == "" {
		return 0
	}
	is := false
	switch prefer {
	case address.PreferEUI64:
		is = strings.HasSuffix(groups[5], "ff") && strings.HasPrefix(groups[6], "fe")
	case address.PreferStable:
		small := groups[4] == "0000" && groups[5] == "0000"
		is = a.Flags&netwatch.Temporary == 0 && (small || a.Flags&netwatch.StablePrivacy != 0 || a.Flags&netwatch.Permanent != 0)
	case address.PreferTemporary:
		is = a.Flags&netwatch.Temporary != 0
	case address.PreferShortestPrefix:
		return a.Prefix.Bits()
	}
	if is {
		return 0
	}
	return 1
}

func sortKey(a netwatch.Address, place int, published []netip.Addr, prefer address.Prefer) string {
	order := map[address.Class]string{address.Public: "a", address.SixToFour: "b", address.Private: "c", address.SharedCGN: "c", address.UniqueLocal: "c"}
	k, ok := order[reference(a.Addr)]
	if !ok {
		k = "d"
	}
	k += fmt.Sprintf("%03d", preferred(a, prefer))
	if a.Flags&netwatch.Temporary != 0 || a.Flags&netwatch.Deprecated != 0 {
		k += "z"
	} else {
		k += "a"
	}
	if slices.Contains(published, a.Addr) {
		k += "a"
	} else {
		k += "z"
	}
	left := int64(0) // for ever
	if !a.PreferredEnd.IsZero() {
		left = 1<<40 - a.PreferredEnd.Unix()
	}
	if a.Addr.Is4() {
		return fmt.Sprintf("%s%06d %v", k, place, a.Addr)
	}
	return fmt.Sprintf("%s%020d%s %v", k, left, a.Addr.StringExpanded(), a.Addr)
}

func randomWorld(r *rand.Rand) (s netwatch.Snapshot) {
	for i, name := range []string{"lo", "wan", "wanb", "pppoe-wan"} {
		if r.Intn(5) == 0 {
			continue
		}
		l := netwatch.Link{Index: i + 1, Name: name, Up: r.Intn(6) != 0, Running: r.Intn(6) != 0}
		for n := r.Intn(7); n > 0; n-- {
			a := netwatch.Address{Addr: interesting(r, r.Intn(2) == 0)}
			if r.Intn(3) == 0 {
				a.Flags = netwatch.Flags(1 << r.Intn(7))
				if a.Addr.Is4() {
					a.Flags &= netwatch.Deprecated | netwatch.Permanent // IPv4 has no others
				}
			}
			if a.Prefix = netip.PrefixFrom(a.Addr, 16+r.Intn(16)).Masked(); a.Addr.Is6() && r.Intn(4) == 0 {
				b := a.Addr.As16()
				b[11], b[12] = 0xff, 0xfe
				a.Addr = netip.AddrFrom16(b)
			}
			if r.Intn(2) == 0 {
				a.PreferredEnd = epoch.Add(time.Duration(r.Intn(4)) * time.Minute)
			}
			l.Addresses = append(l.Addresses, a)
		}
		s.Links = append(s.Links, l)
	}
	return s
}

func randomRule(r *rand.Rand) address.Rule {
	rule := address.Rule{Source: []address.Source{address.Auto, address.Interface, ""}[r.Intn(3)],
		Policy:         []address.Policy{address.Failover, address.All, ""}[r.Intn(3)],
		PublishPrivate: r.Intn(3) == 0, AllowTemporary: r.Intn(3) == 0, AllowULA: r.Intn(3) == 0, AllowLinkLocal: r.Intn(5) == 0}
	for n := r.Intn(4); n > 0; n-- {
		rule.Interfaces = append(rule.Interfaces, []string{"wan", "wanb", "pppoe-wan", "lo"}[r.Intn(4)])
	}
	rule.Prefer = []address.Prefer{"", "", address.PreferEUI64, address.PreferStable, address.PreferTemporary, address.PreferShortestPrefix}[r.Intn(6)]
	for _, list := range []*[]netip.Prefix{&rule.Accept, &rule.Reject} {
		for n := r.Intn(12) - 8; n > 0; n-- {
			a := interesting(r, r.Intn(2) == 0)
			*list = append(*list, netip.PrefixFrom(a, 2+r.Intn(14)).Masked())
		}
	}
	return rule
}

func TestChoose_agrees_with_a_slow_model(t *testing.T) {
	r := rand.New(rand.NewSource(20261123))
	available := 0
	for i := 0; i < 20000; i++ {
		s, rule := randomWorld(r), randomRule(r)
		f := []address.Family{address.IPv4, address.IPv6}[i%2]
		var published []netip.Addr
		for _, l := range s.Links {
			for _, a := range l.Addresses {
				if r.Intn(4) == 0 {
					published = append(published, a.Addr)
				}
			}
		}
		got, want := address.Choose(s, rule, f, published, nil, nil), model(s, rule, f, published)
		if !slices.Equal(got.Addrs, want) {
			t.Fatalf("world %d: %+v\nrule %+v, %v, published %v\ngot %v; want %v", i, s, rule, f, published, got, want)
		}
		if got.Available() {
			available++
		}
		invariants(t, s, rule, f, got)
		if again := address.Choose(s, rule, f, got.Addrs, nil, nil); !slices.Equal(again.Addrs, got.Addrs) {
			t.Fatalf("what was just published does not stay: %v, then %v", got, again)
		}
	}
	if available < 2000 {
		t.Errorf("only %d of the worlds gave an address: the test shows little", available)
	}
}

// invariants hold for every decision of an interface source.
func invariants(t *testing.T, s netwatch.Snapshot, rule address.Rule, f address.Family, d address.Decision) {
	t.Helper()
	if d.Available() == (d.Code != address.Available) || d.Available() == (d.Text != "") {
		t.Fatalf("half a decision: %+v", d)
	}
	if !slices.IsSortedFunc(d.Addrs, netip.Addr.Compare) || rule.Policy != address.All && len(d.Addrs) > 1 {
		t.Fatalf("addresses %v", d.Addrs)
	}
	for i, a := range d.Addrs {
		if !a.IsValid() || a.Is4In6() || a.Zone() != "" || address.FamilyOf(a) != f || i > 0 && a == d.Addrs[i-1] {
			t.Fatalf("published %v of %v", a, d.Addrs)
		}
		if a.IsLoopback() || a.IsMulticast() || a.IsUnspecified() || a.IsPrivate() && !rule.PublishPrivate && !rule.AllowULA ||
			a.IsLinkLocalUnicast() && !rule.PublishPrivate && !rule.AllowLinkLocal {
			t.Fatalf("published %v by %+v", a, rule)
		}
		if !slices.ContainsFunc(s.Links, func(l netwatch.Link) bool {
			return l.Usable() && slices.ContainsFunc(l.Addresses, func(x netwatch.Address) bool { return x.Addr.Unmap().WithZone("") == a })
		}) {
			t.Fatalf("published %v, which no usable link has", a)
		}
	}
}

func FuzzChoose(f *testing.F) {
	f.Add([]byte{192, 88, 99, 7, 0, 10, 0, 0, 1, 0}, byte(0), byte(3))
	f.Add([]byte{100, 64, 0, 1, 8}, byte(16), byte(3))
	f.Add([]byte("\x2a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x04"), byte(1), byte(3))
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xc0\x58\x63\x07\x00"), byte(1), byte(3))
	f.Fuzz(func(t *testing.T, raw []byte, options, link byte) {
		l := netwatch.Link{Name: "wan", Up: link&1 != 0, Running: link&2 != 0}
		family, size := address.IPv4, 4
		if options&1 != 0 {
			family, size = address.IPv6, 16
		}
		for ; len(raw) > size; raw = raw[size+1:] {
			a, _ := netip.AddrFromSlice(raw[:size])
			if raw[size]&0x80 != 0 {
				a = a.WithZone("wan")
			}
			l.Addresses = append(l.Addresses, netwatch.Address{Addr: a, Flags: netwatch.Flags(raw[size] & 0x7f)})
		}
		rule := address.Rule{Interfaces: []string{"wan", "wan", "gone"}, PublishPrivate: options&2 != 0, AllowTemporary: options&4 != 0,
			AllowULA: options&8 != 0, AllowLinkLocal: options&16 != 0}
		if options&32 != 0 {
			rule.Policy = address.All
		}
		s := netwatch.Snapshot{Links: []netwatch.Link{l}}
		for _, fam := range []address.Family{family, 10 - family} {
			invariants(t, s, rule, fam, address.Choose(s, rule, fam, nil, nil, nil))
		}
	})
}
