// Package provider makes names hold addresses at the services that wandns knows.
//
// In come the options of an account and record sets to publish; out go requests, by each
// service's libdns driver, and a Result for every record set, in the same words for every
// service. The table of services is the one place that says what an account needs. It knows
// nothing of schedules and retries.
//
// A [Service] is the wall around a driver: whatever a library panics with, leaks into an
// error, ignores or leaves behind ends there.
package provider

import (
	"net/netip"
	"time"
)

// RecordSet is what a name should hold for one family.
type RecordSet struct {
	Hostname string       // fully qualified, lower case, A-labels, no trailing dot; "*." in front for a wildcard
	Type     string       // "A" or "AAAA"
	Addrs    []netip.Addr // of that family, sorted, at least one
	Extras   Extras       // of those that the service takes
}

// Outcome is what became of a request to publish, the same for every service (DESIGN 6).
type Outcome uint8

// The outcomes.
const (
	Unknown            Outcome = iota // the request went out and the answer was lost
	Confirmed                         // the service says that the name holds the addresses
	RefusedCredentials                // 401, 403, badauth, KO
	RefusedRequest                    // 400, 404, 422, nohost, notfqdn, !donator
	Banned                            // abuse, badagent
	SlowDown                          // 429, 503 with Retry-After, 911, dnserr
	Trouble                           // network, TLS, 5xx, timeout: nothing was accepted
)

// Result is what became of one RecordSet.
type Result struct {
	Outcome Outcome
	// Unchanged: the service confirmed but says it knew already (nochg): twice in a row deserves a warning.
	Unchanged bool
	// Word is the service's own word or status ("badauth", "HTTP 503"), untrusted text of at most 64 bytes.
	Word string
	// Text says for people what happened and what to do about it: redacted, one line, at most 300 bytes.
	Text string
	// RetryAfter is how long the service asked to wait, 0 when it did not say.
	RetryAfter time.Duration
	// Sent: a request went out that the service may have acted upon, whatever its answer says.
	Sent bool
	// Whole: the answer is about the account, not only this name: bad login, ban, slow down.
	// Other names of the account need not be tried.
	Whole bool
	// NotSent: no request for this set went out (an earlier one of the batch failed); it is not an attempt.
	NotSent bool
}

// String is the name used in logs, status and history.
func (o Outcome) String() string {
	switch o {
	case Confirmed:
		return "confirmed"
	case RefusedCredentials:
		return "refused-credentials"
	case RefusedRequest:
		return "refused-request"
	case Banned:
		return "banned"
	case SlowDown:
		return "slow-down"
	case Trouble:
		return "trouble"
	}
	return "unknown"
}
