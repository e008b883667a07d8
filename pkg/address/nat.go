package address

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/wandns/wandns/pkg/netwatch"
)

// View is how a device looks from outside, as far as it is known.
type View struct {
	Addr     netip.Addr // what the Internet sees; the zero Addr while that is not known
	Upstream netip.Addr // what the next router says its own outside address is (NAT-PMP); mostly the zero Addr
	Pending  bool       // it is being asked for the first time
	Doubt    bool       // whether the device's own address is what the Internet sees will be known within a second
	Text     string     // without Addr: why, in words
}

// Outside tells the view of a device. A nil Outside knows nothing, and nobody is asked.
type Outside func(device string, f Family) View

// NAT is what stands between an interface and the Internet, for IPv4.
type NAT string

// What can stand there.
const (
	NATUnknown  NAT = ""              // there is nothing to tell by
	NATNone     NAT = "none"          // the interface's address is public
	NATDouble   NAT = "double"        // RFC 1918: another router does NAT, which its owner can configure
	NATCarrier  NAT = "carrier-grade" // the ISP does NAT (RFC 6598), or what looks public is not
	NATOverIPv6 NAT = "ipv4-over-ipv6"
)

// The advice for each kind, in words for the owner.
const (
	adviceDouble = "forward the ports on that router too, or switch it to bridge (modem) mode"
	adviceShared = "nobody can connect in over IPv4, and no port forwarding helps; use IPv6, ask the ISP for a public IPv4 address, or use a tunnel or VPN"
)

// TellNAT tells apart what stands between a device and the Internet, and says it in words that
// tell the owner what can be done. In NATUnknown and NATNone there is nothing to say.
//
// Sources: RFC 1918, RFC 6598 (shared address space), RFC 7335 (192.0.0.0/29: DS-Lite and
// 464XLAT), RFC 6333 section 5.7.
func TellNAT(s netwatch.Snapshot, device string, v View) (NAT, string) {
	l, ok := s.LinkByName(device)
	if !ok || !l.Usable() {
		return NATUnknown, ""
	}
	own := map[Class]netip.Addr{}
	for _, a := range l.Addresses {
		if class := Classify(a.Addr); a.Addr.Is4() && !own[class].IsValid() {
			own[class] = a.Addr
		}
	}
	switch {
	case own[Public].IsValid():
		return tellPublic(s, own[Public], v)
	case own[SharedCGN].IsValid():
		return NATCarrier, "carrier-grade NAT: " + own[SharedCGN].String() + " is an address that the ISP shares out among customers" + seen(v) + "; " + adviceShared
	case own[IETFAssignment].IsValid():
		return NATOverIPv6, "IPv4 goes through IPv6 (" + overIPv6(l) + "), and the ISP shares one public address among customers" + seen(v) + "; " + adviceShared
	case own[Private].IsValid():
		// One that leads to a modem's own pages only is beside the point.
		if nat, text := tellNoAddress(s); nat != NATUnknown && !slices.ContainsFunc(s.Routes, func(r netwatch.Route) bool { return !r.IPv6 && r.Link == device }) {
			return nat, text
		}
		return tellPrivate(own[Private], v)
	case len(own) == 0:
		return tellNoAddress(s)
	}
	return NATUnknown, ""
}

// tellPublic finds an ISP that uses other people's addresses inside its network: then the
// Internet sees one that no device here has.
func tellPublic(s netwatch.Snapshot, own netip.Addr, v View) (NAT, string) {
	if !v.Addr.IsValid() || hasAddress(s, v.Addr) {
		return NATNone, ""
	}
	return NATCarrier, "carrier-grade NAT: the interface has " + own.String() + ", which looks public, but the Internet sees " + v.Addr.String() + "; " + adviceShared
}

func tellPrivate(own netip.Addr, v View) (NAT, string) {
	switch Classify(v.Upstream) {
	case SharedCGN:
		return NATCarrier, "carrier-grade NAT behind another router, whose own address is " + v.Upstream.String() + seen(v) + "; " + adviceShared
	case Private:
		return NATCarrier, "NAT behind NAT: the router upstream has only the private address " + v.Upstream.String() + " itself" + seen(v) +
			"; if that is your ISP's doing, " + adviceShared
	}
	text := "double NAT: another router in front of this one gave it " + own.String() + seen(v)
	if v.Addr.IsValid() && Classify(v.Upstream) == Public && v.Upstream != v.Addr {
		text += " (that router itself says " + v.Upstream.String() + ")"
	}
	return NATDouble, text + "; " + adviceDouble
}

// tellNoAddress finds IPv4 that leaves by another device, translated or tunnelled into IPv6.
func tellNoAddress(s netwatch.Snapshot) (NAT, string) {
	for _, r := range s.Routes {
		l, ok := s.LinkByName(r.Link)
		if r.IPv6 || !ok {
			continue
		}
		if how := overIPv6(l); how != "" {
			return NATOverIPv6, "there is no public IPv4 address of its own: IPv4 goes through IPv6 by " + l.Name + " (" + how + "); " + adviceShared
		}
	}
	return NATUnknown, ""
}

// overIPv6 names how IPv4 goes through IPv6 by a device, empty where it does not. netifd names the
// devices of DS-Lite ds-NAME and those of 464XLAT 464-NAME; the latter have no IPv4 address, since
// nat46 keeps it to itself. Others are told by their address: 192.0.0.2 is that of a DS-Lite tunnel
// (RFC 6333 section 5.7); that 192.0.0.0/29 is for 464XLAT as well came later (RFC 7335).
func overIPv6(l netwatch.Link) string {
	how := ""
	for _, a := range l.Addresses {
		switch {
		case !a.Addr.Is4():
		case Classify(a.Addr) != IETFAssignment:
			return ""
		case a.Addr == netip.AddrFrom4([4]byte{192, 0, 0, 2}):
			how = "DS-Lite"
		default:
			how = "464XLAT"
		}
	}
	switch {
	case strings.HasPrefix(l.Name, "464-"):
		return "464XLAT"
	case strings.HasPrefix(l.Name, "ds-") && how != "":
		return "DS-Lite"
	}
	return how
}

func seen(v View) string {
	if !v.Addr.IsValid() {
		return ""
	}
	return ", and the Internet sees " + v.Addr.String()
}

func hasAddress(s netwatch.Snapshot, addr netip.Addr) bool {
	for _, l := range s.Links {
		if slices.ContainsFunc(l.Addresses, func(a netwatch.Address) bool { return a.Addr == addr }) {
			return true
		}
	}
	return false
}

// seenOutside decides about a device whose own addresses are not to be used: the source outside,
// or auto behind NAT.
func (c *chooser) seenOutside(label, device string) (candidate, refusal, bool) {
	switch {
	case c.outside == nil:
		return candidate{}, refusal{NotYetKnown, label + ": nobody is asked what the Internet sees"}, false
	case !CanAsk(c.snapshot, device, c.family):
		return candidate{}, refusal{NoAddress, label + " has no " + c.familyName() + " address to ask from"}, false
	}
	v := c.outside(device, c.family)
	switch {
	case v.Addr.IsValid() && FamilyOf(v.Addr) == c.family && Classify(v.Addr) == Public:
		return candidate{addr: v.Addr, device: device}, refusal{}, true
	case v.Pending || v.Text == "":
		return candidate{}, refusal{NotYetKnown, label + ": what the Internet sees is being asked"}, false
	}
	return candidate{}, refusal{NotSeen, label + ": what the Internet sees could not be found out: " + v.Text}, false
}

// CanAsk says whether a device has an address that a question to the Internet could leave from.
func CanAsk(s netwatch.Snapshot, device string, f Family) bool {
	l, ok := s.LinkByName(device)
	return ok && l.Usable() && slices.ContainsFunc(l.Addresses, func(a netwatch.Address) bool {
		class := Classify(a.Addr)
		return a.Addr.IsValid() && FamilyOf(a.Addr) == f && class != LinkLocalOnly && class != Loopback &&
			a.Flags&(netwatch.Tentative|netwatch.DADFailed) == 0
	})
}

// auto changes what best found on an interface where NAT is in play: behind a router that the
// owner can configure the outside address counts, behind the ISP's NAT none does. What looks
// public waits while that is in doubt, unless it is there already.
func (c *chooser) auto(label, device string, best candidate, no refusal, found bool) (candidate, refusal, bool) {
	if c.outside == nil || c.family != IPv4 || c.rule.PublishPrivate || c.rule.Source == Interface {
		return best, no, found
	}
	v := c.outside(device, IPv4)
	nat, text := TellNAT(c.snapshot, device, v)
	switch {
	case v.Doubt && found && !best.published:
		return candidate{}, refusal{NotYetKnown, label + ": whether the Internet sees " + best.addr.String() + " is being asked"}, false
	case nat == NATDouble && !found:
		return c.seenOutside(label, device)
	case nat == NATCarrier:
		return candidate{}, refusal{CarrierGradeNAT, label + ": " + text}, false
	case nat == NATOverIPv6 && !found:
		return candidate{}, refusal{CarrierGradeNAT, label + ": " + text}, false
	}
	return best, no, found
}
