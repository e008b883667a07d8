package publish

import (
	"context"
	"net/netip"
	"time"

	"github.com/wandns/wandns/pkg/provider"
)

// Target is one record set: a name and a type at an account.
type Target struct {
	Account  string
	Hostname string
	Type     string // "A" or "AAAA"
}

// Want is what one record set should be. The publisher is always given the whole list.
type Want struct {
	Target
	Record string // the section of the configuration that asks for it

	// Addrs is what to publish, sorted. Empty means that nothing is known: the name stays as it
	// is. Only Delete deletes.
	Addrs  []netip.Addr
	Delete bool

	Extras provider.Extras // beside the addresses

	Device  string        // bind requests to it; empty: do not
	Replace bool          // the owner gave leave to replace addresses that are not ours
	Refresh time.Duration // confirm again after this time without a change; 0 never
	Burst   int           // updates in quick succession, then
	Every   time.Duration // one each
}

// Service is an account at a provider, as the publisher uses it. Calls of one Service are
// made one at a time, each under a context that ends.
type Service interface {
	// Set publishes the sets and returns one result for each, in the same order.
	Set(ctx context.Context, device string, sets []provider.RecordSet) []provider.Result
	// Read asks the service what a record set holds. provider.ErrUnreadable when it has no way to say.
	Read(ctx context.Context, device, hostname, rrtype string) ([]netip.Addr, error)
	// Delete removes a record set. One that is not there is Confirmed.
	Delete(ctx context.Context, device, hostname, rrtype string) provider.Result
	// Info tells the service's limits.
	Info() *provider.Info
}

// Resolver asks the DNS what a record set holds, at the zone's own name servers.
type Resolver interface {
	// Lookup returns the addresses, none and nil when the name or the record set does not exist.
	// An error means that nobody who must know could be asked.
	Lookup(ctx context.Context, hostname, rrtype string) ([]netip.Addr, error)
}

// Account is a Service and how to tell whether it is still the same one.
type Account struct {
	Name string
	// Fingerprint changes when any option of the account does; it ends holds.
	Fingerprint string
	Service     Service
}
