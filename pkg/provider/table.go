package provider

import (
	"context"
	"errors"
	"net/netip"

	"github.com/libdns/libdns"
)

// Info describes a service: the one place that says what it is called, what an account of it
// needs and what it can do. The configuration parser, `wandns providers`, the LuCI form and
// the README all read it. Its JSON form is part of the interface of `wandns providers --json`.
type Info struct {
	Name    string   `json:"name"`    // UCI value: "cloudflare"
	Title   string   `json:"title"`   // "Cloudflare"
	Website string   `json:"website"` // https:// where the owner has the account
	Docs    string   `json:"docs"`    // https:// the service's own description of its update interface
	Options []Option `json:"options"` // of an account, in the order a form shows them
	// RecordOptions are those that a record at the service can have beside the ones of every record.
	RecordOptions []Option `json:"record_options,omitempty"`
	Limits        Limits   `json:"limits"`

	// Err says what is wrong with the description of a service that the owner of the router wrote;
	// such a service cannot be used and has nothing else but its name.
	Err error `json:"-"`

	// CheckHostname says why a hostname cannot be one of this service; nil takes any.
	CheckHostname func(hostname string) error `json:"-"`
	// CheckExtras says which of a record's options does not go with the others, and why; nil takes any.
	CheckExtras func(Extras) (option string, err error) `json:"-"`
	// New makes a driver for an account without asking anyone. Its error names the option that is wrong.
	New func(Settings) (Driver, error) `json:"-"`
}

// Limits are what a service can hold and take.
type Limits struct {
	// MaxAddresses is how many addresses a name can hold in one family: 1 for most update services, 0 means any number.
	MaxAddresses int `json:"max_addresses"`
	// MaxHostnames is how many hostnames go into one request; 0 and 1 mean one.
	MaxHostnames int `json:"max_hostnames"`
	// Joint: one request carries both families; leaving one out could change it, so both are always given.
	Joint bool `json:"joint"`
	// CanDelete: one record set can be deleted and the other family's stays.
	CanDelete bool `json:"can_delete"`
	// CanTest: the service can be asked whether it takes the login, without changing anything.
	CanTest bool `json:"can_test"`
	// Suffixes, when not empty, are the only domains that its hostnames can be under ("duckdns.org").
	Suffixes []string `json:"suffixes,omitempty"`
	// Families, when not empty, are those that it can hold: "ipv4" for a service without AAAA records.
	Families []string `json:"families,omitempty"`
}

// Kind is the type of an option's value.
type Kind string

// The kinds. Durations are written 90s, 10m, 25d; booleans as UCI has them.
const (
	Text     Kind = "text"
	Bool     Kind = "bool"
	Number   Kind = "number"
	URL      Kind = "url"
	Choice   Kind = "choice"
	Duration Kind = "duration"
)

// Option is one UCI option of an account or a record.
type Option struct {
	Name     string   `json:"name"`  // UCI option name: "token"
	Title    string   `json:"title"` // label of the form field: "API token"
	Help     string   `json:"help"`  // one or two sentences: where it is found, what it must be allowed
	Link     string   `json:"link"`  // https:// page where the owner finds or makes it; may be empty
	Kind     Kind     `json:"kind"`
	Secret   bool     `json:"secret"`
	Required bool     `json:"required"`
	Default  string   `json:"default"`
	Values   []string `json:"values,omitempty"` // of a Choice
	Min      string   `json:"min,omitempty"`    // of a number or duration, inclusive, as written in UCI
	Max      string   `json:"max,omitempty"`
	// Check looks at a value before it is used; nil takes any. Its error says what would be right
	// and never repeats a secret.
	Check func(value string) error `json:"-"`
}

// Settings are the values of an account's options by name, defaults filled in.
type Settings map[string]Secret

// Get returns the text of an option, "" when it was not given.
func (s Settings) Get(name string) string { return s[name].Reveal() }

// Driver is a service's libdns implementation. What else it can do it shows by ZoneFinder,
// SetReader, Tester, AnswerReader and libdns.RecordDeleter.
//
// Records are libdns.Address values whose TTL is 0 for "leave it as it is", and whose ProviderData
// are Extras where the record has any. Where Limits.MaxHostnames
// is above 1 or Limits.Joint is set, one SetRecords call carries all sets of at the most
// MaxHostnames hostnames; otherwise the addresses of one record set. A nil error means that
// every record was accepted. An error that decides for some of the names only is one Refusal for
// each of them, put together by errors.Join: a name without a Refusal was accepted, if the last
// response was whole and 2xx. A Refusal may also carry a Confirmed result, to say Unchanged.
type Driver interface {
	libdns.RecordSetter
}

// ZoneFinder finds the zone that a hostname is in. A driver without it has no zones: it is
// called with zone "." and names relative to the root ("home.example.org").
type ZoneFinder interface {
	// FindZone asks the service for the longest suffix of hostname, on label boundaries, that it
	// has as a zone. No trailing dot. The error is a *Refusal when the service answered that there is none.
	FindZone(ctx context.Context, hostname string) (zone string, err error)
}

// SetReader reads what the service holds now. A driver that has it changes nothing by GET.
type SetReader interface {
	// ReadSet returns the addresses of one name and type; none and nil when there is no such
	// record. name is relative to zone, "@" for the apex, as libdns has it. The error is
	// ErrUnreadable where what is there cannot be told this time, and may be written all the same.
	ReadSet(ctx context.Context, zone, name, rrtype string) ([]netip.Addr, error)
}

// Tester asks the service whether it takes the account's login, without changing anything.
type Tester interface {
	// TestLogin returns nil when the service takes it.
	TestLogin(ctx context.Context) error
}

// AnswerReader reads the service's own words in a response, for a library that keeps them to
// itself.
type AnswerReader interface {
	// ReadAnswer judges the HTTP status and the first egress.AnswerSize bytes of the body,
	// untrusted; nil when they say nothing to decide by.
	ReadAnswer(status int, answer []byte) *Result
}

// Refusal is an answer by which a service decides: its own word, already judged.
// A driver returns it (wrapped, joined or neither) where the HTTP status does not say enough.
type Refusal struct {
	Hostname string // the name it is about; empty for the whole request
	Type     string // "A" or "AAAA" when it is about that family alone; empty for both
	Result   Result
}

func (r *Refusal) Error() string { return r.Result.Text }

// ErrUnreadable is the error of reading from a service that has no way to say what it holds.
var ErrUnreadable = errors.New("the service cannot be asked what it holds")
