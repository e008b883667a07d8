package provider

import (
	"context"
	"net/netip"

	"github.com/libdns/libdns"
)

// Info describes a service: the one place that says what it is called, what an account of it
// needs and what it can do. The configuration parser, `wandns providers`, the LuCI form and
// the README all read it.
type Info struct {
	Name    string   // UCI value: "cloudflare"
	Title   string   // "Cloudflare"
	Website string   // https:// where the owner has the account
	Docs    string   // https:// the service's own description of its update interface
	Options []Option // of an account, in the order a form shows them
	Limits  Limits
	New     func(Settings) (Driver, error) `json:"-"` // an error names the option that is wrong
}

// Limits are what a service can hold and take.
type Limits struct {
	// MaxAddresses is how many addresses a name can hold in one family: 1 for most update services, 0 means any number.
	MaxAddresses int
	// MaxHostnames is how many hostnames go into one request; 0 and 1 mean one.
	MaxHostnames int
	// Joint: one request carries both families; leaving one out could change it, so both are always given.
	Joint bool
	// Suffixes, when not empty, are the only domains that its hostnames can be under ("duckdns.org").
	Suffixes []string
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

// Option is one UCI option of an account.
type Option struct {
	Name     string // UCI option name: "token"
	Title    string // label of the form field: "API token"
	Help     string // one or two sentences: where it is found, what it must be allowed
	Link     string // https:// page where the owner finds or makes it; may be empty
	Kind     Kind
	Secret   bool
	Required bool
	Default  string
	Values   []string // of a Choice
	// Check looks at a value before it is used; nil takes any. Its error says what would be right
	// and never repeats a secret.
	Check func(value string) error `json:"-"`
}

// Settings are the values of an account's options by name, defaults filled in.
type Settings map[string]Secret

// Get returns the text of an option, "" when it was not given.
func (s Settings) Get(name string) string { return s[name].Reveal() }

// Driver is a service's libdns implementation. What else it can do it shows by
// ZoneFinder, SetReader and libdns.RecordDeleter.
type Driver interface {
	libdns.RecordSetter
}

// ZoneFinder finds the zone that a hostname is in. A driver without it has no zones: it is
// called with zone "." and names relative to the root.
type ZoneFinder interface {
	// FindZone asks the service for the longest suffix of hostname, on label boundaries, that it
	// has as a zone. No trailing dot. The error is a *Refusal when the service answered that there is none.
	FindZone(ctx context.Context, hostname string) (zone string, err error)
}

// SetReader reads what the service holds now.
type SetReader interface {
	// ReadSet returns the addresses of one name and type; none and nil when there is no such
	// record. name is relative to zone, "@" for the apex, as libdns has it.
	ReadSet(ctx context.Context, zone, name, rrtype string) ([]netip.Addr, error)
}

// Refusal is an answer by which a service decides: its own word, already judged.
// A driver returns it (wrapped or not) where the HTTP status does not say enough.
type Refusal struct {
	Hostname string // the name it is about; empty for the whole request
	Type     string // "A" or "AAAA" when it is about that family alone; empty for both
	Result   Result
}

func (r *Refusal) Error() string { return r.Result.Text }
