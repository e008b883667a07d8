package nameserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Limits.
const (
	serverWait   = 2 * time.Second
	maxServers   = 4 // name servers of a zone, each with its first address of either family
	maxReferrals = 2
	maxZones     = 64 // remembered
	zoneAge      = 10 * time.Minute
)

// ErrAlias says that the name is an alias (CNAME): it has no addresses of its own.
var ErrAlias = errors.New("the name is an alias")

// Options say how to ask. The zero value is right for a router.
type Options struct {
	// System finds name servers and their addresses; nil means Go's resolver with /etc/resolv.conf.
	System *net.Resolver
	// Wait is how long one server may take; 0 means 2 s.
	Wait time.Duration
}

// Resolver remembers for ten minutes which servers a zone has, and nothing else. Any number of
// goroutines may use it.
type Resolver struct {
	opt Options

	mu    sync.Mutex
	zones map[string]zone // by name with a trailing dot
}

// zone is where a zone is served.
type zone struct {
	servers []netip.Addr
	at      time.Time
}

// New makes a Resolver.
func New(o Options) *Resolver {
	if o.System == nil {
		o.System = &net.Resolver{PreferGo: true}
	}
	if o.Wait <= 0 {
		o.Wait = serverWait
	}
	return &Resolver{opt: o, zones: map[string]zone{}}
}

// Lookup returns the addresses that hostname's zone holds for rrtype ("A" or "AAAA"), sorted;
// none and nil when the name or the record set does not exist. A name that only a wildcard
// covers holds what the wildcard does. An error means that nobody who must know could be asked,
// or wraps ErrAlias.
func (r *Resolver) Lookup(ctx context.Context, hostname, rrtype string) ([]netip.Addr, error) {
	addrs, err := r.lookup(ctx, hostname, rrtype)
	if err != nil {
		return nil, fmt.Errorf("asking the name servers of %s for %s: %w", hostname, rrtype, err)
	}
	return addrs, nil
}

func (r *Resolver) lookup(ctx context.Context, hostname, rrtype string) ([]netip.Addr, error) {
	q, err := question(hostname, rrtype)
	if err != nil {
		return nil, err
	}
	s := &search{r: r, q: q}
	var lame error
	for name := startOf(q.Name.String()); name != "."; name = parent(name) {
		servers, known, err := r.servers(ctx, name)
		if err != nil {
			return nil, errors.Join(lame, err)
		}
		if len(servers) == 0 {
			continue
		}
		addrs, err := s.ask(ctx, name, servers, 0)
		if err != nil && known && !errors.Is(err, ErrAlias) { // what was remembered may be old
			r.forget(name)
			if servers, _, err = r.servers(ctx, name); err == nil {
				addrs, err = s.ask(ctx, name, servers, 0)
			}
		}
		if !errors.Is(err, errLame) || ctx.Err() != nil {
			return addrs, err
		}
		// These servers do not know the name's zone. The NS records may have been those of an
		// alias's target, or old: whoever is above knows better.
		lame = err
		r.forget(name)
	}
	if lame != nil {
		return nil, lame
	}
	return nil, errors.New("no zone was found above it")
}

func question(hostname, rrtype string) (q dnsmessage.Question, err error) {
	q.Class = dnsmessage.ClassINET
	switch rrtype {
	case "A":
		q.Type = dnsmessage.TypeA
	case "AAAA":
		q.Type = dnsmessage.TypeAAAA
	default:
		return q, fmt.Errorf("the type is neither A nor AAAA: %q", rrtype)
	}
	hostname = strings.ToLower(strings.TrimSuffix(hostname, "."))
	for _, label := range strings.Split(hostname, ".") {
		if label == "" || len(label) > 63 {
			return q, errors.New("not a hostname")
		}
	}
	if len(hostname) > 253 {
		return q, errors.New("not a hostname: longer than 253 bytes")
	}
	q.Name, err = dnsmessage.NewName(hostname + ".")
	return q, err
}

// startOf is the first name that can be a zone: not the wildcard itself.
func startOf(name string) string {
	if strings.HasPrefix(name, "*.") {
		return name[2:]
	}
	return name
}

// parent takes the first label off a name with a trailing dot; the root is ".".
func parent(name string) string {
	_, up, _ := strings.Cut(name, ".")
	if up == "" {
		return "."
	}
	return up
}

// below says whether name is zone or in it, both with a trailing dot, on label boundaries.
func below(name, zone string) bool {
	name, zone = strings.ToLower(name), strings.ToLower(zone)
	return name == zone || zone == "." || strings.HasSuffix(name, "."+zone)
}

// servers are the addresses of a zone's name servers; none and nil when name is no zone of its
// own. known says that they were remembered.
func (r *Resolver) servers(ctx context.Context, name string) (addrs []netip.Addr, known bool, err error) {
	r.mu.Lock()
	z, ok := r.zones[name]
	r.mu.Unlock()
	if ok && time.Since(z.at) < zoneAge {
		return z.servers, true, nil
	}
	found, err := r.opt.System.LookupNS(ctx, name)
	if len(found) == 0 {
		var d *net.DNSError
		if err == nil || errors.As(err, &d) && d.IsNotFound {
			return nil, false, nil
		}
		return nil, false, fmt.Errorf("finding the zone: %w", err)
	}
	hosts := make([]string, 0, len(found))
	for _, ns := range found {
		hosts = append(hosts, ns.Host)
	}
	if addrs, err = r.addresses(ctx, hosts, nil); err != nil {
		return nil, false, fmt.Errorf("finding the name servers of %s: %w", name, err)
	}
	r.remember(name, addrs)
	return addrs, false, nil
}

// addresses finds where servers are, by glue or by asking. Each server's first address comes
// before any server's second, so that a dead server costs one wait.
func (r *Resolver) addresses(ctx context.Context, hosts []string, glue map[string][]netip.Addr) ([]netip.Addr, error) {
	var first, second []netip.Addr
	var last error
	for _, h := range hosts[:min(len(hosts), maxServers)] {
		found := glue[strings.ToLower(h)]
		if len(found) == 0 {
			var err error
			if found, err = r.opt.System.LookupNetIP(ctx, "ip", h); err != nil {
				last = err
			}
		}
		var v4, v6 netip.Addr
		for _, a := range found {
			switch a = a.Unmap().WithZone(""); {
			case a.IsUnspecified() || a.IsMulticast():
			case a.Is4() && !v4.IsValid():
				v4 = a
			case a.Is6() && !v6.IsValid():
				v6 = a
			}
		}
		if v4.IsValid() {
			first = append(first, v4)
		}
		if v6.IsValid() {
			second = append(second, v6)
		}
	}
	first = append(first, second...)
	if len(first) == 0 {
		if last == nil {
			last = errors.New("none has an address")
		}
		return nil, last
	}
	return first, nil
}

func (r *Resolver) remember(name string, servers []netip.Addr) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.zones) >= maxZones {
		oldest := ""
		for n, z := range r.zones {
			if oldest == "" || z.at.Before(r.zones[oldest].at) {
				oldest = n
			}
		}
		delete(r.zones, oldest)
	}
	r.zones[name] = zone{servers: servers, at: now}
}

func (r *Resolver) forget(name string) {
	r.mu.Lock()
	delete(r.zones, name)
	r.mu.Unlock()
}
