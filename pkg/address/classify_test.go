package address_test

import (
	"math/rand"
	"net/netip"
	"slices"
	"testing"

	"github.com/wandns/wandns/pkg/address"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		addr string
		want address.Class
	}{
		{"0.0.0.0", address.ThisNetwork}, {"0.255.255.255", address.ThisNetwork}, {"1.0.0.0", address.Public},
		{"9.255.255.255", address.Public}, {"10.0.0.0", address.Private}, {"10.255.255.255", address.Private}, {"11.0.0.0", address.Public},
		{"100.63.255.255", address.Public}, {"100.64.0.0", address.SharedCGN}, {"100.127.255.255", address.SharedCGN}, {"100.128.0.0", address.Public},
		{"127.0.0.1", address.Loopback}, {"127.255.255.255", address.Loopback}, {"128.0.0.0", address.Public},
		{"169.254.0.1", address.LinkLocalOnly}, {"169.255.0.0", address.Public},
		{"172.15.255.255", address.Public}, {"172.16.0.0", address.Private}, {"172.31.255.255", address.Private}, {"172.32.0.0", address.Public},
		{"192.0.0.2", address.IETFAssignment}, {"192.0.1.0", address.Public}, {"192.0.2.1", address.Documentation}, {"192.0.3.0", address.Public},
		{"192.88.99.1", address.Public}, {"192.167.255.255", address.Public}, {"192.168.1.1", address.Private}, {"192.169.0.0", address.Public},
		{"198.17.255.255", address.Public}, {"198.18.0.0", address.Benchmarking}, {"198.19.255.255", address.Benchmarking}, {"198.20.0.0", address.Public},
		{"198.51.100.1", address.Documentation}, {"203.0.113.1", address.Documentation}, {"203.0.114.0", address.Public},
		{"223.255.255.255", address.Public}, {"224.0.0.1", address.MulticastGroup}, {"239.255.255.255", address.MulticastGroup},
		{"240.0.0.1", address.Reserved}, {"255.255.255.255", address.Reserved},

		{"::", address.ThisNetwork}, {"::1", address.Loopback}, {"::2", address.Reserved}, {"::192.88.99.1", address.Reserved},
		{"::ffff:192.88.99.1", address.Invalid},
		{"64:ff9b::c058:6301", address.Translation}, {"64:ff9b:1::1", address.Translation}, {"100::1", address.Reserved},
		{"1fff:ffff::1", address.Reserved}, {"2000::1", address.Public}, {"2600:1f00::1", address.Public}, {"2a0e:97c0:1::1", address.Public},
		{"2001::1", address.Teredo}, {"2001:0:ffff::1", address.Teredo}, {"2001:2::1", address.Benchmarking}, {"2001:2:1::1", address.IETFAssignment},
		{"2001:20::1", address.IETFAssignment}, {"2001:1ff:ffff::1", address.IETFAssignment}, {"2001:200::1", address.Public},
		{"2001:db7:ffff::1", address.Public}, {"2001:db8::1", address.Documentation}, {"2001:db9::1", address.Public},
		{"2002:c058:6301::1", address.SixToFour}, {"2002:a00:1::1", address.Reserved}, {"2002:6440:1::1", address.Reserved}, {"2003::1", address.Public},
		{"3ffe:ffff::1", address.Public}, {"3fff::1", address.Documentation}, {"3fff:fff:ffff::1", address.Documentation}, {"3fff:1000::1", address.Public},
		{"4000::1", address.Reserved}, {"5f00::1", address.Reserved},
		{"fbff::1", address.Reserved}, {"fc00::1", address.UniqueLocal}, {"fdff::1", address.UniqueLocal}, {"fe00::1", address.Reserved},
		{"fe80::1", address.LinkLocalOnly}, {"fe80::1%wan", address.LinkLocalOnly}, {"febf::1", address.LinkLocalOnly}, {"fec0::1", address.Reserved},
		{"ff02::1", address.MulticastGroup},
	} {
		if got := address.Classify(netip.MustParseAddr(c.addr)); got != c.want {
			t.Errorf("%s is %v; want %v", c.addr, got, c.want)
		}
	}
	if got := address.Classify(netip.Addr{}); got != address.Invalid {
		t.Errorf("the zero address is %v", got)
	}
}

func TestClass_says_something_for_every_value(t *testing.T) {
	names := map[string]bool{}
	for c := address.Invalid; c <= address.Reserved; c++ {
		if c.String() == "" || c.Reason() == "" || names[c.String()] {
			t.Errorf("class %d: %q, %q", c, c, c.Reason())
		}
		names[c.String()] = true
		if (c.Code() == address.Available) != (c == address.Public || c == address.SixToFour) {
			t.Errorf("%v has code %q", c, c.Code())
		}
	}
	if address.Class(200).Reason() == "" || address.Class(200).Code() == address.Available {
		t.Error("an unknown class must be refused in words")
	}
}

// registry is the reference: networks as the registries print them, the longest match wins.
var registry = map[string]address.Class{
	"0.0.0.0/0": address.Public, "0.0.0.0/8": address.ThisNetwork, "10.0.0.0/8": address.Private, "100.64.0.0/10": address.SharedCGN,
	"127.0.0.0/8": address.Loopback, "169.254.0.0/16": address.LinkLocalOnly, "172.16.0.0/12": address.Private,
	"192.0.0.0/24": address.IETFAssignment, "192.0.2.0/24": address.Documentation, "192.168.0.0/16": address.Private,
	"198.18.0.0/15": address.Benchmarking, "198.51.100.0/24": address.Documentation, "203.0.113.0/24": address.Documentation,
	"224.0.0.0/4": address.MulticastGroup, "240.0.0.0/4": address.Reserved,

	"::/0": address.Reserved, "::/128": address.ThisNetwork, "::1/128": address.Loopback, "::ffff:0.0.0.0/96": address.Invalid,
	"64:ff9b::/32": address.Translation, "2000::/3": address.Public, "2001::/23": address.IETFAssignment, "2001::/32": address.Teredo,
	"2001:2::/48": address.Benchmarking, "2001:db8::/32": address.Documentation, "3fff::/20": address.Documentation,
	"2002::/16": address.SixToFour, "fc00::/7": address.UniqueLocal, "fe80::/10": address.LinkLocalOnly, "ff00::/8": address.MulticastGroup,
}

// networks are the registry's in an order, so that a seed gives the same addresses each time.
var networks = func() (n []string) {
	for text := range registry {
		n = append(n, text)
	}
	slices.Sort(n)
	return n
}()

func reference(a netip.Addr) address.Class {
	best, class := -1, address.Invalid
	for text, c := range registry {
		p := netip.MustParsePrefix(text)
		if p.Bits() > best && p.Contains(a.WithZone("")) {
			best, class = p.Bits(), c
		}
	}
	if class == address.SixToFour {
		b := a.As16()
		if reference(netip.AddrFrom4([4]byte(b[2:6]))) != address.Public {
			return address.Reserved
		}
	}
	return class
}

// interesting makes addresses in and around every network of the registry.
func interesting(r *rand.Rand, six bool) netip.Addr {
	for try := 0; try < 8; try++ {
		p := netip.MustParsePrefix(networks[r.Intn(len(networks))])
		if p.Addr().Is4() == six {
			continue
		}
		b := p.Addr().AsSlice()
		for i := range b {
			if keep := p.Bits() - 8*i; keep < 8 && r.Intn(3) != 0 {
				b[i] ^= byte(r.Intn(256)) >> max(0, keep)
			}
		}
		a, _ := netip.AddrFromSlice(b)
		switch r.Intn(6) {
		case 0:
			a = a.Prev()
		case 1:
			a = a.Next()
		}
		if a.IsValid() && !a.Is4In6() {
			return a
		}
	}
	if six {
		return netip.AddrFrom16([16]byte{0x2a, byte(r.Intn(4)), 3: byte(r.Intn(3)), 15: byte(r.Intn(9))})
	}
	return netip.AddrFrom4([4]byte{192, 88, 99, byte(r.Intn(9))})
}

func TestClassify_agrees_with_the_registries(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for i := 0; i < 20000; i++ {
		a := interesting(r, i%2 == 0)
		if got, want := address.Classify(a), reference(a); got != want {
			t.Fatalf("%v is %v; want %v", a, got, want)
		}
	}
}
