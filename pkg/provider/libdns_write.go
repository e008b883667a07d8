package provider

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/libdns/libdns"
)

// maxSet is how many records of one name and type are taken away one after the other.
const maxSet = 16

// SetRecords makes the one record set that the records are of hold just their addresses.
func (d *libdnsDriver) SetRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	var want []libdns.Address
	for _, r := range recs {
		a, ok := r.(libdns.Address)
		if !ok || a.Name != recs[0].RR().Name || a.RR().Type != recs[0].RR().Type {
			return nil, errors.New("only the addresses of one name and type can be published at " + d.title)
		}
		want = append(want, a)
	}
	if len(want) == 0 {
		return nil, nil
	}
	name, rrtype := want[0].Name, want[0].RR().Type
	have, seen, err := d.take(ctx, zone, name, rrtype)
	if err != nil {
		return nil, err
	}
	asked := slices.Clone(want)
	for i := range want {
		want[i].TTL = d.lifetime(want[i].TTL, have)
		if asked[i].TTL != 0 {
			asked[i].TTL = want[i].TTL
		}
	}
	if seen && sameSet(have, want) {
		return nil, &Refusal{Result: Result{Outcome: Confirmed, Unchanged: true, Text: d.title + " has it already"}}
	}
	switch {
	case d.set == oneByOne && seen && !(d.updates && len(have) == 1 && len(want) == 1):
		err = d.exchange(ctx, zone, have, want, asked)
	case d.set == inPlace && seen:
		err = d.change(ctx, zone, have, want)
	default:
		err = d.ask(ctx, func() error { _, err := d.lib.SetRecords(ctx, zone, records(want)); return err })
	}
	if err != nil {
		return nil, err
	}
	return recs, nil
}

// lifetime is the TTL to send: the one asked for, else that which the set has, be it shorter than others
// may have; 0 where neither is known and the service has a default.
func (d *libdnsDriver) lifetime(asked time.Duration, have []libdns.RR) time.Duration {
	if asked == 0 && len(have) > 0 && have[0].TTL > 0 {
		return have[0].TTL
	}
	asked = max(asked, d.ttl)
	if d.step > 0 {
		asked = (asked + d.step - 1).Truncate(d.step)
	}
	return asked
}

func records(addrs []libdns.Address) []libdns.Record {
	out := make([]libdns.Record, len(addrs))
	for i, a := range addrs {
		out[i] = a
	}
	return out
}

// holds says whether a record is that address with that TTL.
func holds(r libdns.RR, a libdns.Address) bool {
	ip, err := netip.ParseAddr(r.Data)
	return err == nil && ip == a.IP && (a.TTL == 0 || r.TTL == a.TTL)
}

func sameSet(have []libdns.RR, want []libdns.Address) bool {
	missing, surplus := between(have, want)
	return len(missing)+len(surplus) == 0
}

// between is what the records lack of the addresses, and which of them are too much.
func between(have []libdns.RR, want []libdns.Address) (missing []libdns.Record, surplus []libdns.RR) {
	kept := make([]bool, len(want))
next:
	for _, r := range have {
		for i, a := range want {
			if !kept[i] && holds(r, a) {
				kept[i] = true
				continue next
			}
		}
		surplus = append(surplus, r)
	}
	for i, a := range want {
		if !kept[i] {
			missing = append(missing, a)
		}
	}
	return missing, surplus
}

// retimer is a module that can give a record of a set another TTL. To add one of the same address
// and to take the old one away would take both.
type retimer interface {
	retime(ctx context.Context, zone string, r libdns.Record) error
}

// retime gives those that are there, with another TTL, the one that they should have, where the
// module can do that. It returns what is left to add and to take away.
func (d *libdnsDriver) retime(ctx context.Context, zone string, missing []libdns.Record, surplus []libdns.RR) ([]libdns.Record, []libdns.RR, error) {
	lib, able := d.lib.(retimer)
	if !able {
		return missing, surplus, nil
	}
	var absent []libdns.Record
	for _, m := range missing {
		at := slices.IndexFunc(surplus, func(r libdns.RR) bool { return sameAddress(r.Data, m.RR().Data) })
		if at < 0 {
			absent = append(absent, m)
			continue
		}
		if err := d.ask(ctx, func() error { return lib.retime(ctx, zone, m) }); err != nil {
			return nil, nil, err
		}
		surplus = slices.Delete(surplus, at, at+1)
	}
	return absent, surplus, nil
}

// exchange adds what is missing, then takes away what is too much, until the set is as it was asked for.
func (d *libdnsDriver) exchange(ctx context.Context, zone string, have []libdns.RR, want, asked []libdns.Address) error {
	missing, surplus := between(have, want)
	missing, surplus, err := d.retime(ctx, zone, missing, surplus)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		if err := d.ask(ctx, func() error { _, err := d.lib.AppendRecords(ctx, zone, missing); return err }); err != nil {
			return err
		}
	}
	for _, r := range surplus {
		if err := d.remove(ctx, zone, r); err != nil {
			return err
		}
	}
	if len(surplus) == 0 {
		return nil
	}
	// A module that does not find a record again, written another way, takes it for deleted.
	left, err := d.list(ctx, zone, want[0].Name, want[0].RR().Type)
	if err == nil && !sameSet(left, asked) {
		err = d.stubborn(zone, want[0])
	}
	return err
}

// change leaves one record of the set, if it has any, and gives that the address.
func (d *libdnsDriver) change(ctx context.Context, zone string, have []libdns.RR, want []libdns.Address) error {
	for range 2 {
		var err error
		if have, err = d.thin(ctx, zone, have, want); err != nil {
			return err
		}
		err = d.ask(ctx, func() (err error) {
			if len(have) == 0 {
				_, err = d.lib.AppendRecords(ctx, zone, records(want))
			} else if !sameSet(have, want) {
				_, err = d.lib.SetRecords(ctx, zone, records(want))
			}
			return err
		})
		if err != nil || !d.doubtful || len(have) == 0 {
			return err
		}
		if have, err = d.list(ctx, zone, want[0].Name, want[0].RR().Type); err != nil || sameSet(have, want) {
			return err
		}
	}
	return d.stubborn(zone, want[0])
}

// thin deletes records of a set until there is one at the most, and returns what is left.
func (d *libdnsDriver) thin(ctx context.Context, zone string, have []libdns.RR, want []libdns.Address) ([]libdns.RR, error) {
	for range maxSet {
		if len(have) <= 1 {
			return have, nil
		}
		if err := d.remove(ctx, zone, have[len(have)-1]); err != nil {
			return nil, err
		}
		var err error
		if have, err = d.list(ctx, zone, want[0].Name, want[0].RR().Type); err != nil {
			return nil, err
		}
	}
	return nil, d.stubborn(zone, want[0])
}

// stubborn is the error where a service goes on holding something else.
func (d *libdnsDriver) stubborn(zone string, want libdns.Address) error {
	return fmt.Errorf("%s holds other %s records of %s after the update", d.title, want.RR().Type, absolute(want.Name, zone))
}

func (d *libdnsDriver) remove(ctx context.Context, zone string, r libdns.RR) error {
	var record libdns.Record = r
	if a, err := netip.ParseAddr(r.Data); err == nil {
		record = libdns.Address{Name: r.Name, TTL: r.TTL, IP: a}
	}
	return d.ask(ctx, func() error { _, err := d.lib.DeleteRecords(ctx, zone, []libdns.Record{record}); return err })
}

// DeleteRecords deletes whole record sets: what the records hold is not looked at.
func (d *libdnsDriver) DeleteRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	for _, r := range recs {
		if err := d.clear(ctx, zone, r.RR().Name, r.RR().Type); err != nil {
			return nil, err
		}
	}
	return recs, nil
}

// clear deletes a record set. Some modules take one record away at a time, some all at once.
func (d *libdnsDriver) clear(ctx context.Context, zone, name, rrtype string) error {
	d.keep(glance{}) // what was read before is no more
	for range maxSet {
		have, err := d.list(ctx, zone, name, rrtype)
		switch {
		case d.digests(err):
			return d.remove(ctx, zone, libdns.RR{Name: name, Type: rrtype})
		case err != nil:
			return err
		case len(have) == 0:
			return nil
		}
		if err := d.remove(ctx, zone, have[0]); err != nil || len(have) == 1 {
			return err
		}
	}
	return fmt.Errorf("%s has more than %d %s records of %s", d.title, maxSet, rrtype, absolute(name, zone))
}

// sameAddress compares addresses however they are written.
func sameAddress(a, b string) bool {
	x, err := netip.ParseAddr(a)
	y, err2 := netip.ParseAddr(b)
	return err == nil && err2 == nil && x == y
}
