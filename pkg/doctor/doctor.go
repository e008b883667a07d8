// Package doctor says what is wrong in words that an owner can act on.
//
// In comes how a record stands; out go findings: what is wrong, why, and what to do about it.
// It only looks. What it knows is a table, one row for each cause.
package doctor

import (
	"strings"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
)

// Severity is how bad a finding is.
type Severity string

// The severities.
const (
	Fine    Severity = "fine"    // nothing to do
	Passing Severity = "passing" // it will pass by itself
	Act     Severity = "act"     // somebody has to do something
)

// Finding is one thing about a record.
type Finding struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code"`           // for programs
	What     string   `json:"what"`           // what is wrong
	Why      string   `json:"why,omitempty"`  // as the kernel or the service told it
	Do       string   `json:"do,omitempty"`   // what to do about it
	Name     string   `json:"name,omitempty"` // the hostname and type it is about
}

// Name is how one hostname and type stands.
type Name struct {
	Hostname, Type string
	State          publish.State
	Unavailable    address.Code // why there is no address; empty when there is one
	Hold           publish.HoldCode
	Outcome        provider.Outcome // of the last attempt
	Reason         string
	Bound          bool // requests leave by the WAN that they speak for, or not at all
}

type advice struct {
	severity Severity
	what, do string
}

// codeAdvice is what to say when there is no address to publish, or a name is held. (Not a map,
// which would be filled by code at the start.)
var codeAdvice = [...]struct {
	code string
	advice
}{
	{string(address.NoDevice), advice{Passing, "the interface has no device", "check that the interface is set up under Network → Interfaces, and that the record names it right"}},
	{string(address.LinkDown), advice{Passing, "the interface is down", "check the cable, the modem and the interface's settings"}},
	{string(address.NoAddress), advice{Passing, "the interface has no address of this family", "if your provider does not offer this family, take it out of the record"}},
	{string(address.WaitingForDAD), advice{Passing, "the address is still being checked for duplicates", ""}},
	{string(address.DuplicateAddress), advice{Act, "another host on the link has the same address", "find the other host; a modem in router mode with the same address is a common cause"}},
	{string(address.OnlyDeprecated), advice{Passing, "the only address is no longer preferred", "your provider is about to change the prefix; the new one follows by itself"}},
	{string(address.OnlyTemporary), advice{Act, "the only address is a temporary one", "turn off privacy extensions on the interface, or allow temporary addresses in the record"}},
	{string(address.OnlyULA), advice{Act, "the only address is a local one (ULA)", "your provider gives no IPv6 prefix to this router; ask for it, or take ipv6 out of the record"}},
	{string(address.OnlyLinkLocal), advice{Act, "the only address is link-local", "your provider gives no IPv6 address to this router; check the interface's IPv6 settings, or take ipv6 out of the record"}},
	{string(address.PrivateAddress), advice{Act, "the router in front of this one does NAT", "set the modem to bridge mode, or forward ports there"}},
	{string(address.CarrierGradeNAT), advice{Act, "your provider shares one public address among customers (carrier-grade NAT)", "ask for a public IPv4 address; until then only IPv6 can be reached from outside"}},
	{string(address.SpecialAddress), advice{Act, "the address is not one of the Internet", "check the interface's settings"}},
	{string(address.Filtered), advice{Act, "the record's own options leave every address out", "look at the record's filters"}},
	{string(address.NoRoom), advice{Act, "the prefix on the interface does not fit the host", "check subnet_id in the record, and ip6assign of the interface"}},
	{string(address.NoNeighbour), advice{Passing, "the host has not shown an address in the network's prefix yet", "if it is switched on and stays unseen, check its MAC address in the record, and that it has an IPv6 address"}},
	{string(address.NoLease), advice{Passing, "no DHCP lease has the host's name", "check host_name in the record against the list of active leases, or give the host's mac instead"}},
	{string(address.SharedName), advice{Act, "several hosts have the name", "rename one of them, or give the mac of the right one in the record instead of host_name"}},
	{string(address.NotYetKnown), advice{Passing, "the address is not known yet", "nothing: it is being found out"}},
	{string(address.NotSeen), advice{Passing, "the address that the Internet sees cannot be found out", "check that this interface reaches the Internet, and the options stun_server and echo_url of the main section"}},

	{string(publish.HoldCredentials), advice{Act, "the service refuses the account's credentials", "check the account's token, or user name and password, at the service; then save the account or update the record"}},
	{string(publish.HoldRequest), advice{Act, "the service refuses this name", "check that the name exists at the service and belongs to the account; then update the record"}},
	{string(publish.HoldBanned), advice{Act, "the service has blocked this account", "unblock it at the service, then update the record; until then it is not asked again"}},
	{string(publish.HoldForeign), advice{Act, "the name holds addresses that are not this router's", "remove them at the service, or let the record replace them (option replace)"}},
}

// outcomeAdvice is what to say when the last attempt did not work and another one follows.
var outcomeAdvice = [...]advice{
	provider.SlowDown: {Passing, "the service asked to slow down", "nothing: it is tried again when the service said"},
	provider.Trouble:  {Passing, "the service could not be reached or could not answer", "if it lasts, check the Internet connection and the service's status page"},
	provider.Unknown:  {Passing, "the service's answer was lost", "nothing: it is asked again"},
}

// noWay is what to say when the kernel has no route for what is bound to a WAN's device. mwan3
// marks what the router itself sends for the WAN that its policy prefers, and the rules for the mark
// know of no other one.
var noWay = advice{Act, "no route leads out by the WAN that requests are bound to",
	"give what is bound to the WAN a routing rule that comes before those of mwan3 or other policy routing: " +
		"uci add network rule; uci set network.@rule[-1].out=wan; uci set network.@rule[-1].lookup=main; " +
		"uci set network.@rule[-1].priority=900; uci commit network; and the same for each other WAN (for IPv6: rule6)"}

// What is to say of a name with which nothing is wrong, or nothing that lasts.
var (
	isRight    = advice{Fine, "the name holds the address it should", ""}
	isUpdating = advice{Passing, "it is being updated", ""}
	isHeldBack = advice{Passing, "the next update is held back", ""}
)

// Texts are all that Examine can say of its own in What and Do, for those who translate it.
func Texts() (all []string) {
	list := append([]advice{noWay, isRight, isUpdating, isHeldBack}, outcomeAdvice[:]...)
	for _, c := range codeAdvice {
		list = append(list, c.advice)
	}
	for _, a := range list {
		for _, text := range []string{a.what, a.do} {
			if text != "" {
				all = append(all, text)
			}
		}
	}
	return all
}

func (n Name) noWay() bool {
	return n.Bound && n.Outcome == provider.Trouble &&
		(strings.HasSuffix(n.Reason, "no route to host") || strings.HasSuffix(n.Reason, "the network is unreachable"))
}

func adviceOn(code string) advice {
	for i := range codeAdvice {
		if codeAdvice[i].code == code {
			return codeAdvice[i].advice
		}
	}
	return advice{}
}

// Examine looks at one name.
func Examine(n Name) Finding {
	f := Finding{Name: n.Hostname + " " + n.Type, Why: n.Reason}
	var a advice
	switch {
	case n.Hold != "":
		f.Code, a = string(n.Hold), adviceOn(string(n.Hold))
	case n.Unavailable != "":
		f.Code, a = string(n.Unavailable), adviceOn(string(n.Unavailable))
	case n.State == publish.Current:
		f.Code, f.Why, a = "current", "", isRight
	case n.State == publish.Updating:
		f.Code, a = "updating", isUpdating
	case n.noWay():
		f.Code, a = "no-way", noWay
	case n.Outcome != provider.Confirmed && n.Outcome != provider.RefusedRequest && n.Outcome != provider.RefusedCredentials:
		f.Code, a = n.Outcome.String(), outcomeAdvice[n.Outcome]
	default:
		f.Code, a = "waiting", isHeldBack
	}
	f.Severity, f.What, f.Do = a.severity, a.what, a.do
	return f
}
