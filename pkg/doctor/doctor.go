// Package doctor says what is wrong in words that an owner can act on.
//
// In comes how a record stands; out go findings: what is wrong, why, and what to do about it.
// It only looks. What it knows is a table, one row for each cause.
package doctor

import (
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
}

type advice struct {
	severity Severity
	what, do string
}

// addressAdvice is what to say when there is no address to publish.
var addressAdvice = map[address.Code]advice{
	address.NoDevice:         {Passing, "the interface has no device", "check that the interface is set up under Network → Interfaces, and that the record names it right"},
	address.LinkDown:         {Passing, "the interface is down", "check the cable, the modem and the interface's settings"},
	address.NoAddress:        {Passing, "the interface has no address of this family", "if your provider does not offer this family, take it out of the record"},
	address.WaitingForDAD:    {Passing, "the address is still being checked for duplicates", ""},
	address.DuplicateAddress: {Act, "another host on the link has the same address", "find the other host; a modem in router mode with the same address is a common cause"},
	address.OnlyDeprecated:   {Passing, "the only address is no longer preferred", "your provider is about to change the prefix; the new one follows by itself"},
	address.OnlyTemporary:    {Act, "the only address is a temporary one", "turn off privacy extensions on the interface, or allow temporary addresses in the record"},
	address.OnlyULA:          {Act, "the only address is a local one (ULA)", "your provider gives no IPv6 prefix to this router; ask for it, or take ipv6 out of the record"},
	address.OnlyLinkLocal:    {Act, "the only address is link-local", "your provider gives no IPv6 address to this router; check the interface's IPv6 settings, or take ipv6 out of the record"},
	address.PrivateAddress:   {Act, "the router in front of this one does NAT", "set the modem to bridge mode, or forward ports there"},
	address.CarrierGradeNAT:  {Act, "your provider shares one public address among customers (carrier-grade NAT)", "ask for a public IPv4 address; until then only IPv6 can be reached from outside"},
	address.SpecialAddress:   {Act, "the address is not one of the Internet", "check the interface's settings"},
	address.Filtered:         {Act, "the record's own options leave every address out", "look at the record's filters"},
	address.NoRoom:           {Act, "the prefix on the interface does not fit the host", "check subnet_id in the record, and ip6assign of the interface"},
	address.NotYetKnown:      {Passing, "the address that the Internet sees is not known yet", ""},
	address.NotSeen:          {Passing, "the address that the Internet sees cannot be found out", "check that this interface reaches the Internet, and the options stun_server and echo_url of the main section"},
}

// holdAdvice is what to say when a name is held.
var holdAdvice = map[publish.HoldCode]advice{
	publish.HoldCredentials: {Act, "the service refuses the account's credentials", "check the account's token, or user name and password, at the service; then save the account or update the record"},
	publish.HoldRequest:     {Act, "the service refuses this name", "check that the name exists at the service and belongs to the account; then update the record"},
	publish.HoldBanned:      {Act, "the service has blocked this account", "unblock it at the service, then update the record; until then it is not asked again"},
	publish.HoldForeign:     {Act, "the name holds addresses that are not this router's", "remove them at the service, or let the record replace them (option replace)"},
}

// outcomeAdvice is what to say when the last attempt did not work and another one follows.
var outcomeAdvice = map[provider.Outcome]advice{
	provider.SlowDown: {Passing, "the service asked to slow down", "nothing: it is tried again when the service said"},
	provider.Trouble:  {Passing, "the service could not be reached or could not answer", "if it lasts, check the Internet connection and the service's status page"},
	provider.Unknown:  {Passing, "the service's answer was lost", "nothing: it is asked again"},
}

// Examine looks at one name.
func Examine(n Name) Finding {
	f := Finding{Name: n.Hostname + " " + n.Type, Why: n.Reason}
	var a advice
	switch {
	case n.Hold != "":
		f.Code, a = string(n.Hold), holdAdvice[n.Hold]
	case n.Unavailable != "":
		f.Code, a = string(n.Unavailable), addressAdvice[n.Unavailable]
	case n.State == publish.Current:
		f.Code, f.Why, a = "current", "", advice{Fine, "the name holds the address it should", ""}
	case n.State == publish.Updating:
		f.Code, a = "updating", advice{Passing, "it is being updated", ""}
	case n.Outcome != provider.Confirmed && n.Outcome != provider.RefusedRequest && n.Outcome != provider.RefusedCredentials:
		f.Code, a = n.Outcome.String(), outcomeAdvice[n.Outcome]
	default:
		f.Code, a = "waiting", advice{Passing, "the next update is held back", ""}
	}
	f.Severity, f.What, f.Do = a.severity, a.what, a.do
	return f
}
