//go:build !minimal

package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/libdns/libdns"
)

// freshTTL is what a new record gets, in seconds. Every one of the services takes it; some take
// a few values only, and this is one of them.
const freshTTL = 300

// api is a service as our own libdns provider of it asks it: one call is one change. It is there
// for services whose libdns module cannot be used, for the reason that its file says.
type api interface {
	// zones are the names of the account's zones.
	zones(ctx context.Context) ([]string, error)
	// list returns the A and AAAA records of a zone.
	list(ctx context.Context, zone string) ([]entry, error)
	create(ctx context.Context, zone string, e entry) error
	remove(ctx context.Context, zone string, e entry) error
}

// updater is an api of a service where a record can be given another address. At others a second
// record takes the place of the first.
type updater interface {
	// update gives the record with the ID of e its address and TTL.
	update(ctx context.Context, zone string, e entry) error
}

// narrow is an api of a service that can be asked for one record set, where reading a zone is
// dear: it may hold thousands of records.
type narrow interface {
	listSet(ctx context.Context, zone, name, rrtype string) ([]entry, error)
}

// entry is a record of an address. Its name is relative to the zone, "@" for the apex.
type entry struct {
	id, name, rrtype, data string
	ttl                    int    // seconds
	line                   string // a view, where the service has them: it stays
}

// own makes the interfaces of libdns from an api, as libdns promises them.
type own struct{ api }

// newOwn makes a driver of one. Records come and go one by one, and one is changed in place where
// the service can do that.
func newOwn(title string, s Settings, a api, m module) (Driver, error) {
	_, m.updates = a.(updater)
	m.lib, m.set = own{a}, oneByOne
	return newLibdns(title, s, m)
}

// ListZones lists the zones of the account.
func (o own) ListZones(ctx context.Context) ([]libdns.Zone, error) {
	return zonesOf(o.zones(ctx))
}

func zonesOf(names []string, err error) ([]libdns.Zone, error) {
	if err != nil {
		return nil, err
	}
	zones := make([]libdns.Zone, len(names))
	for i, name := range names {
		zones[i].Name = name
	}
	return zones, nil
}

// GetRecords returns the addresses of a zone.
func (o own) GetRecords(ctx context.Context, zone string) ([]libdns.Record, error) {
	return recordsOf(o.list(ctx, zone))
}

// getSet returns one record set, where the service has that to ask for, else those of the zone.
func (o own) getSet(ctx context.Context, zone, name, rrtype string) ([]libdns.Record, error) {
	return recordsOf(o.some(ctx, zone, name, rrtype))
}

func (o own) some(ctx context.Context, zone, name, rrtype string) ([]entry, error) {
	if n, ok := o.api.(narrow); ok {
		return n.listSet(ctx, zone, name, rrtype)
	}
	return o.list(ctx, zone)
}

func recordsOf(all []entry, err error) ([]libdns.Record, error) {
	if err != nil {
		return nil, err
	}
	records := make([]libdns.Record, len(all))
	for i, e := range all {
		records[i] = libdns.RR{Name: e.name, Type: e.rrtype, Data: e.data, TTL: time.Duration(e.ttl) * time.Second}
	}
	return records, nil
}

// AppendRecords adds each record.
func (o own) AppendRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	for _, r := range recs {
		if err := o.create(ctx, zone, entryOf(r)); err != nil {
			return nil, err
		}
	}
	return recs, nil
}

// SetRecords changes the one record that has the name and type, or adds it. More than one of a
// set is made by the others.
func (o own) SetRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	if len(recs) != 1 {
		return nil, errors.New("a single record is set at a time")
	}
	want := entryOf(recs[0])
	change, able := o.api.(updater)
	if !able {
		return recs, o.create(ctx, zone, want)
	}
	all, err := o.some(ctx, zone, want.name, want.rrtype)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if e.rrtype == want.rrtype && strings.EqualFold(e.name, want.name) {
			want.id, want.name, want.line = e.id, e.name, e.line
			return recs, change.update(ctx, zone, want)
		}
	}
	return recs, o.create(ctx, zone, want)
}

// retime gives the record of that address its TTL.
func (o own) retime(ctx context.Context, zone string, r libdns.Record) error {
	want := entryOf(r)
	change, able := o.api.(updater)
	all, err := o.some(ctx, zone, want.name, want.rrtype)
	if err != nil || !able {
		return err
	}
	for _, e := range all {
		if e.rrtype == want.rrtype && strings.EqualFold(e.name, want.name) && sameAddress(e.data, want.data) {
			want.id, want.name, want.line = e.id, e.name, e.line
			return change.update(ctx, zone, want)
		}
	}
	return o.create(ctx, zone, want)
}

// DeleteRecords deletes one record for each of those given, with its name, type and address: another
// of the same address may be the one that stays.
func (o own) DeleteRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	for _, r := range recs {
		gone := entryOf(r)
		all, err := o.some(ctx, zone, gone.name, gone.rrtype)
		if err != nil {
			return nil, err
		}
		if e := gone.among(all); e != nil {
			if err := o.remove(ctx, zone, *e); err != nil {
				return nil, err
			}
		}
	}
	return recs, nil
}

// among is the entry of a list with the name, type and address of e, if possible with its TTL; nil
// where there is none.
func (e entry) among(all []entry) (found *entry) {
	for i, x := range all {
		if x.rrtype != e.rrtype || !strings.EqualFold(x.name, e.name) || !sameAddress(x.data, e.data) {
			continue
		}
		if found == nil || found.ttl != e.ttl && x.ttl == e.ttl {
			found = &all[i]
		}
	}
	return found
}

func entryOf(r libdns.Record) entry {
	rr := r.RR()
	e := entry{name: rr.Name, rrtype: rr.Type, data: rr.Data, ttl: int(rr.TTL / time.Second)}
	if e.ttl == 0 {
		e.ttl = freshTTL
	}
	return e
}

// setOfLine is one record set of a service with lines, which tell some of those who ask another
// address: that of the line for everybody, else that of the only line. What is of other lines belongs to
// somebody who wants that so.
func setOfLine(list []entry, title, zone, name, rrtype string, everybody ...string) ([]entry, error) {
	var lines []string
	sets := map[string][]entry{}
	for _, e := range list {
		if e.rrtype != rrtype || !strings.EqualFold(e.name, name) {
			continue
		}
		if sets[e.line] == nil {
			lines = append(lines, e.line)
		}
		sets[e.line] = append(sets[e.line], e)
	}
	for _, line := range everybody {
		if sets[line] != nil {
			return sets[line], nil
		}
	}
	if len(lines) > 1 {
		full := absolute(name, zone)
		return nil, refuseRequest(full, "%s of %s at %s is of several lines (%s) and is left alone: give it one record of the line for everybody, or take another name",
			rrtype, full, title, strings.Join(lines, ", "))
	}
	return sets[strings.Join(lines, "")], nil
}

// lineOf is the line of a record set, or another where there is none.
func lineOf(set []entry, other string) string {
	if len(set) > 0 {
		return set[0].line
	}
	return other
}

// isAddress says whether a record is of interest.
func isAddress(rrtype string) bool { return rrtype == "A" || rrtype == "AAAA" }

// inZone is a full name, with or without a dot at the end, relative to its zone.
func inZone(fqdn, zone string) string {
	return relative(strings.ToLower(strings.TrimSuffix(fqdn, ".")), zone)
}

// apexless is a name for services that write the apex as an empty one.
func apexless(name string) string {
	if name == "@" {
		return ""
	}
	return name
}

// errTooMany is for a zone of which not every record was read: one that is there would be added again.
var errTooMany = errors.New("the zone has more records than wandns reads")

// noZone is the error where an account does not have a zone.
func noZone(zone string) error {
	return refuseRequest(zone, "no zone of this account is called %s", zone)
}

// rest is a service that takes JSON or a form, and gives JSON, over HTTP; or XML, which its driver
// writes and reads itself.
type rest struct {
	base string                      // https://host/path, what the paths of requests are added to
	sign func(*http.Request, []byte) // sets the headers that it wants, of a request with that body
	// silent: it says nothing at all where it did what was asked.
	silent bool
}

// do sends a value, if there is one, and reads the answer into another, if there is one. What is
// wrong with the answer becomes an outcome by its status, which egress saw.
func (r *rest) do(ctx context.Context, method, path string, send, into any) error {
	_, err := r.exchange(ctx, method, path, send, into)
	return err
}

// exchange is do that also returns the cookies of the answer.
func (r *rest) exchange(ctx context.Context, method, path string, send, into any) ([]*http.Cookie, error) {
	body, kind, err := encode(send)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	r.sign(req, body)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		_, _ = io.Copy(io.Discard, res.Body) // egress keeps what is read of it
		return nil, errors.New(res.Status)
	}
	if doc, ok := into.(*[]byte); ok { // egress bounds it
		*doc, err = io.ReadAll(res.Body)
		return nil, err
	}
	if into == nil {
		n, err := io.Copy(io.Discard, res.Body)
		if err == nil && n == 0 && !r.silent && res.StatusCode != http.StatusNoContent && res.StatusCode != http.StatusCreated {
			err = errors.New("the answer is empty")
		}
		return nil, err
	}
	return res.Cookies(), json.NewDecoder(res.Body).Decode(into)
}

// encode makes the body of a request, and its type: a form of url.Values, XML of bytes, else JSON.
func encode(value any) (body []byte, kind string, err error) {
	if value == nil {
		return nil, "", nil
	}
	switch value := value.(type) {
	case url.Values:
		return []byte(value.Encode()), "application/x-www-form-urlencoded", nil
	case []byte:
		return value, "text/xml", nil
	}
	body, err = json.Marshal(value)
	return body, "application/json", err
}

// header signs with one header.
func header(name, value string) func(*http.Request, []byte) {
	return func(r *http.Request, _ []byte) { r.Header.Set(name, value) }
}

// login signs with HTTP Basic Authentication.
func login(user, password string) func(*http.Request, []byte) {
	return func(r *http.Request, _ []byte) { r.SetBasicAuth(user, password) }
}
