package publish

import (
	"net/netip"
	"time"

	"github.com/wandns/wandns/pkg/provider"
)

// State says in one word how a record set stands.
type State string

// The states.
const (
	Current  State = "current"  // the service holds what it should
	Updating State = "updating" // a request is on its way, or will be at once
	Waiting  State = "waiting"  // it will be tried again at Next
	Held     State = "held"     // it is not tried before something changes: see Hold
	Idle     State = "idle"     // no address is known to publish: the name stays as it is
)

// Status is how one record set stands.
type Status struct {
	Target
	Record    string
	State     State
	Wanted    []netip.Addr
	Published []netip.Addr // what the service last confirmed, or was read; see Known
	Known     bool         // false: what the service holds is not certain
	Changed   time.Time    // wall time of the last confirmed change; zero when there was none
	Attempt   time.Time    // wall time of the last request
	Next      time.Time    // when it is tried next; zero when no time is set
	Reason    string       // why it is waiting or held, in words
	Hold      *Hold
	Outcome   provider.Outcome // of the last attempt
	Word      string           // the service's own word for it
}

// Hold is why a record set, or a whole account, is not asked again for now. It ends when the
// account's options change or a person asks; all but bans are also tried once a day.
type Hold struct {
	Code  HoldCode  `json:"code"`
	Text  string    `json:"text"`
	Word  string    `json:"word,omitempty"`
	Since time.Time `json:"since"`
}

// HoldCode names the kind of hold.
type HoldCode string

// The kinds.
const (
	HoldCredentials HoldCode = "credentials"
	HoldRequest     HoldCode = "request"
	HoldBanned      HoldCode = "banned"
	HoldForeign     HoldCode = "foreign" // the name holds addresses that are not ours
)

// EventKind names what happened.
type EventKind string

// The kinds of event.
const (
	Published EventKind = "published" // the service confirmed a change
	Confirmed EventKind = "confirmed" // it holds what it should already; nothing was sent
	Unchanged EventKind = "unchanged" // the service said so after an update: see Event.Row
	Deleted   EventKind = "deleted"
	Failed    EventKind = "failed" // it will be tried again
	HeldBack  EventKind = "held"
)

// Event is something that happened to a record set.
type Event struct {
	Time    time.Time        `json:"time"` // wall
	Target  Target           `json:"-"`
	Record  string           `json:"-"`
	Kind    EventKind        `json:"kind"`
	Addrs   []netip.Addr     `json:"addrs,omitempty"`
	Outcome provider.Outcome `json:"outcome,omitempty"`
	Word    string           `json:"word,omitempty"`
	Text    string           `json:"text,omitempty"`
	Took    time.Duration    `json:"took,omitempty"`
	Next    time.Duration    `json:"next,omitempty"`  // until the next attempt, when there is one
	Row     int              `json:"row,omitempty"`   // of how many in a row this is the last
	Asked   bool             `json:"asked,omitempty"` // a person had asked for it
}
