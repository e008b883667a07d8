package provider

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/libdns/libdns"

	"github.com/wandns/wandns/pkg/egress"
)

// library is what wandns uses of a libdns module.
type library interface {
	libdns.RecordGetter
	libdns.RecordAppender
	libdns.RecordSetter
	libdns.RecordDeleter
}

// setGetter is a module that need not read a whole zone for one record set of it.
type setGetter interface {
	getSet(ctx context.Context, zone, name, rrtype string) ([]libdns.Record, error)
}

// module is a libdns module and how it differs from what the interfaces of libdns promise, as
// its source says at the version in go.mod. Together with how the service words its refusals,
// that is all that an Info adds to its description.
type module struct {
	title string // of the service
	lib   library
	zone  string // by option; empty: asked for

	set writing
	// updates, for oneByOne: SetRecords changes a single record without deleting it first.
	updates bool
	// doubtful, for inPlace: SetRecords takes any trouble in finding the record for its absence, and
	// makes a second one.
	doubtful bool
	// ttl is the least TTL that the service takes, as far as the module does not see to it.
	ttl time.Duration
	// step is what each TTL is a multiple of, where the service has that.
	step time.Duration
	// stray: it makes its requests without the context that it is given. noisy, for one of these:
	// it writes what it does to the standard log.
	stray, noisy bool
	// farewell: it ends a session with each use, whatever came of that.
	farewell bool
	// blank: the service answers an update with an empty page, or null. All others answer with JSON; a module
	// that does not look would take any page for success.
	blank bool
	// xml: the service answers with XML.
	xml bool
	// readPaths are parts of the paths that only read, for a service that does not tell by the
	// method; without them GET reads.
	readPaths []string
	// indigestible is what its error says when it cannot make sense of one record of the zone, and
	// keeps all others to itself.
	indigestible string
	// find, where the module has a way of its own, says which zone a hostname is in.
	find func(ctx context.Context, hostname string) (string, error)
	// words are what the service says, or the module for it, where the HTTP status does not.
	words []phrase
}

// writing is how a record set is made to hold what it should.
type writing uint8

const (
	// inPlace: SetRecords changes the first record that it finds of that name and type, and makes
	// one when there is none. Deleting a record may delete its siblings. One address for a name.
	inPlace writing = iota
	// whole: SetRecords is as libdns says, the set holds just what it is given.
	whole
	// oneByOne: AppendRecords adds a record and DeleteRecords deletes that record alone. So the name
	// holds an address at every moment.
	oneByOne
)

// phrase is what a part of an error, or of the answer that made it, means. The first counts.
type phrase struct {
	text    string
	outcome Outcome
	advice  string
}

// clockAdvice is for a request that is signed with the time: a router that has just started may have an
// old one. It is no reason to hold a name back.
const clockAdvice = "it does not accept the time of the request: the router's clock is wrong"

// busyAdvice is for a zone whose service is still at the change before. It passes.
const busyAdvice = "it is still busy with another change"

// libdnsDriver lets a libdns module do what it does well. Zones are given to it without the dot at
// the end: some compare them as they are.
type libdnsDriver struct {
	module

	mu   sync.Mutex
	last glance
}

// listingDriver is one whose module lists the zones of the account.
type listingDriver struct{ *libdnsDriver }

// glance is a record set as it was read a moment ago. Who publishes reads first; the write that
// follows need not ask for a whole zone again.
type glance struct {
	zone, name, rrtype string
	records            []libdns.RR
	at                 time.Time
}

// zoneOption is the option that every account of a libdns module has.
var zoneOption = Option{
	Name: "zone", Title: "Zone", Kind: Text, Check: checkCloudflareZone,
	Help: "Leave it empty: wandns finds the zone by itself. Needed only if that fails.",
}

// newLibdns makes a driver of a module.
func newLibdns(title string, s Settings, m module) (Driver, error) {
	m.title, m.zone = title, strings.ToLower(strings.Trim(s.Get("zone"), "."))
	if err := checkCloudflareZone(m.zone); err != nil {
		return nil, fmt.Errorf("option zone: %w", err)
	}
	d := &libdnsDriver{module: m}
	if _, ok := m.lib.(libdns.ZoneLister); ok {
		return &listingDriver{d}, nil
	}
	return d, nil
}

// base is what use looks at.
func (d *libdnsDriver) base() *module { return &d.module }

// reads says whether a request changes nothing.
func (m *module) reads(x egress.Exchange) bool {
	return slices.ContainsFunc(m.readPaths, func(part string) bool { return strings.Contains(x.Path, part) })
}

// page says whether the beginning of an answer can be one of the service's.
func (m *module) page(body []byte) bool {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || string(body) == "null" {
		return m.blank
	}
	return body[0] == '{' || body[0] == '[' || m.xml && body[0] == '<'
}

// ask lets f use the module, with its stray requests caught and its error explained.
func (d *libdnsDriver) ask(ctx context.Context, f func() error) error {
	if d.stray {
		release, err := egress.TakeStrays(ctx)
		if err != nil {
			return err
		}
		defer release()
	}
	if d.noisy {
		defer log.SetOutput(log.Writer())
		log.SetOutput(io.Discard)
	}
	err := f()
	if err == nil {
		return nil
	}
	text := err.Error() + "\n" + string(lastExchange(ctx).Answer)
	for _, w := range d.words {
		if strings.Contains(text, w.text) {
			return &Refusal{Result: Result{Outcome: w.outcome, Text: d.title + ": " + w.advice,
				Whole: w.outcome == RefusedCredentials || w.outcome == SlowDown}}
		}
	}
	return err
}

// lastExchange is the last request that the use made so far; a zero one when there is none.
func lastExchange(ctx context.Context) egress.Exchange {
	call := egress.CallOf(ctx)
	if call == nil {
		return egress.Exchange{}
	}
	all := call.Exchanges()
	if len(all) == 0 {
		return egress.Exchange{}
	}
	return all[len(all)-1]
}

// FindZone asks for the zones of the account, or for the records of each zone that the hostname
// could be in, from the longest on.
func (d *libdnsDriver) FindZone(ctx context.Context, hostname string) (string, error) {
	if d.zone != "" {
		if !under(hostname, d.zone) {
			return "", refuseRequest(hostname, "%s is not in the zone %s of the account's option zone", hostname, d.zone)
		}
		return d.zone, nil
	}
	var zone string
	err := d.ask(ctx, func() (err error) {
		if d.find != nil {
			zone, err = d.find(ctx, hostname)
		}
		return err
	})
	if zone != "" || err != nil {
		return zone, err
	}
	var denied error
	for name := hostname; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		err = d.ask(ctx, func() error { _, err := d.lib.GetRecords(ctx, name); return err })
		switch {
		case err == nil || d.digests(err):
			return name, nil
		case lastExchange(ctx).Status == http.StatusForbidden: // so answer some for what they do not have
			denied = err
		case !d.unknownZone(ctx, err):
			return "", err
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", d.nobodys(hostname)
}

func (d *libdnsDriver) nobodys(hostname string) error {
	return refuseRequest(hostname, "no zone of this account of %s holds %s", d.title, hostname)
}

// unknownZone says whether the service said of a zone that it does not have it.
func (d *libdnsDriver) unknownZone(ctx context.Context, err error) bool {
	if r, ok := err.(*Refusal); ok {
		return r.Result.Outcome == RefusedRequest
	}
	switch lastExchange(ctx).Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// FindZone looks for the longest of the account's zones that holds the hostname.
func (d *listingDriver) FindZone(ctx context.Context, hostname string) (string, error) {
	if d.zone != "" || d.find != nil {
		return d.libdnsDriver.FindZone(ctx, hostname)
	}
	zones, err := d.zones(ctx)
	if err != nil {
		return "", err
	}
	longest := ""
	for _, z := range zones {
		name := strings.ToLower(strings.Trim(z.Name, "."))
		if name != "" && under(hostname, name) && len(name) > len(longest) {
			longest = name
		}
	}
	if longest == "" {
		return "", d.nobodys(hostname)
	}
	return longest, nil
}

// TestLogin lists the zones.
func (d *listingDriver) TestLogin(ctx context.Context) error {
	_, err := d.zones(ctx)
	return err
}

func (d *listingDriver) zones(ctx context.Context) (zones []libdns.Zone, err error) {
	err = d.ask(ctx, func() error {
		zones, err = d.lib.(libdns.ZoneLister).ListZones(ctx)
		return err
	})
	return zones, err
}

// ReadSet returns what the record set holds.
func (d *libdnsDriver) ReadSet(ctx context.Context, zone, name, rrtype string) ([]netip.Addr, error) {
	records, err := d.list(ctx, zone, name, rrtype)
	if err != nil {
		return nil, err
	}
	d.keep(glance{zone, name, rrtype, records, time.Now()})
	var addrs []netip.Addr
	for _, r := range records {
		a, err := netip.ParseAddr(r.Data)
		if err != nil {
			return nil, fmt.Errorf("the %s record of %s at %s holds %q, which is no address", rrtype, absolute(name, zone), d.title, r.Data)
		}
		addrs = append(addrs, a)
	}
	return addrs, nil
}

// list returns one record set of a zone. By libdns there is no way to ask but for the whole zone.
func (d *libdnsDriver) list(ctx context.Context, zone, name, rrtype string) ([]libdns.RR, error) {
	var records []libdns.Record
	err := d.ask(ctx, func() (err error) {
		if one, ok := d.lib.(setGetter); ok {
			records, err = one.getSet(ctx, zone, name, rrtype)
		} else {
			records, err = d.lib.GetRecords(ctx, zone)
		}
		return err
	})
	if d.digests(err) {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if err != nil {
		return nil, err
	}
	var set []libdns.RR
	for _, r := range records {
		if r == nil {
			continue
		}
		if rr := r.RR(); rr.Type == rrtype && strings.EqualFold(rr.Name, name) {
			set = append(set, rr)
		}
	}
	return set, nil
}

// digests says whether an error is of a zone that the module read and could not understand.
func (d *libdnsDriver) digests(err error) bool {
	return err != nil && d.indigestible != "" && strings.Contains(err.Error(), d.indigestible)
}

func (d *libdnsDriver) keep(g glance) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = g
}

// take is the record set as of just now: as it was read a moment ago, which serves once, else
// read again. seen is false where it could not be read but may be written.
func (d *libdnsDriver) take(ctx context.Context, zone, name, rrtype string) (set []libdns.RR, seen bool, err error) {
	d.mu.Lock()
	g := d.last
	d.last = glance{}
	d.mu.Unlock()
	if g.zone == zone && g.name == name && g.rrtype == rrtype && time.Since(g.at) < freshTime {
		return g.records, true, nil
	}
	set, err = d.list(ctx, zone, name, rrtype)
	if d.digests(err) {
		return nil, false, nil
	}
	return set, err == nil, err
}
