//go:build !minimal

package provider

import (
	"context"

	"github.com/libdns/libdns"
)

// setsAPI is a service that takes a whole record set in one request, asked by our own libdns
// provider of it.
type setsAPI interface {
	// zones are the names of the account's zones.
	zones(ctx context.Context) ([]string, error)
	// list returns the A and AAAA records of a zone.
	list(ctx context.Context, zone string) ([]entry, error)
	// put makes a record set hold just these records, of one name and type.
	put(ctx context.Context, zone string, records []entry) error
	// drop deletes a record set that is there.
	drop(ctx context.Context, zone, name, rrtype string) error
}

// ownSets makes the interfaces of libdns from one.
type ownSets struct{ setsAPI }

// newOwnSets makes a driver of one.
func newOwnSets(title string, s Settings, a setsAPI, m module) (Driver, error) {
	m.lib, m.set = ownSets{a}, whole
	return newLibdns(title, s, m)
}

// ListZones lists the zones of the account.
func (o ownSets) ListZones(ctx context.Context) ([]libdns.Zone, error) {
	return zonesOf(o.zones(ctx))
}

// GetRecords returns the addresses of a zone.
func (o ownSets) GetRecords(ctx context.Context, zone string) ([]libdns.Record, error) {
	return recordsOf(o.list(ctx, zone))
}

// getSet returns one record set, where the service has that to ask for, else those of the zone.
func (o ownSets) getSet(ctx context.Context, zone, name, rrtype string) ([]libdns.Record, error) {
	if n, ok := o.setsAPI.(narrow); ok {
		return recordsOf(n.listSet(ctx, zone, name, rrtype))
	}
	return recordsOf(o.list(ctx, zone))
}

// AppendRecords adds records to the set that they are of.
func (o ownSets) AppendRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	if len(recs) == 0 {
		return nil, nil
	}
	held, err := o.getSet(ctx, zone, recs[0].RR().Name, recs[0].RR().Type)
	if err != nil {
		return nil, err
	}
	all := append([]libdns.Record(nil), recs...)
	for _, h := range held {
		if rr := h.RR(); rr.Name == recs[0].RR().Name && rr.Type == recs[0].RR().Type {
			all = append(all, h)
		}
	}
	_, err = o.SetRecords(ctx, zone, all)
	return recs, err
}

// SetRecords makes the set that the records are of hold just them.
func (o ownSets) SetRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	var set []entry
	for _, r := range recs {
		set = append(set, entryOf(r))
	}
	if len(set) == 0 {
		return nil, nil
	}
	return recs, o.put(ctx, zone, set)
}

// DeleteRecords deletes the sets that the records are of.
func (o ownSets) DeleteRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	for _, r := range recs {
		if err := o.drop(ctx, zone, r.RR().Name, r.RR().Type); err != nil {
			return nil, err
		}
	}
	return recs, nil
}
