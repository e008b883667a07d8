package provider

import (
	"errors"

	"github.com/libdns/libdns"
)

// tally keeps what became of each (hostname, type) while a SetRecords call goes on.
type tally struct {
	results map[string]map[string]Result // by hostname and type
	stop    *Result                      // why nothing more is sent
	failure error                        // of the request that failed on the way or by its status
}

func (t *tally) put(host, rrtype string, r Result) {
	if t.results == nil {
		t.results = map[string]map[string]Result{}
	}
	if t.results[host] == nil {
		t.results[host] = map[string]Result{}
	}
	t.results[host][rrtype] = r
}

// take keeps the results of an answered request. One that is about the account ends the batch.
func (t *tally) take(u Update, r Reading) {
	for i, h := range u.Hostnames {
		for _, f := range []struct {
			rrtype string
			asked  bool
			result Result
		}{{"A", u.IPv4.IsValid(), r.Verdicts[i].IPv4}, {"AAAA", u.IPv6.IsValid(), r.Verdicts[i].IPv6}} {
			if !f.asked {
				continue
			}
			t.put(h, f.rrtype, f.result)
			if f.result.Whole && f.result.Outcome != Confirmed {
				stop := f.result
				t.stop = &stop
			}
		}
	}
}

// failed ends the batch by a request that has no result of its own.
func (t *tally) failed(err error) {
	t.failure = err
	t.stop = &Result{Outcome: Trouble, Text: "an earlier request to the service failed"}
}

// notSent marks what a batch that ended early did not get to.
func (t *tally) notSent(u Update) {
	r := *t.stop
	r.NotSent, r.Sent = true, false
	for _, h := range u.Hostnames {
		if u.IPv4.IsValid() {
			t.put(h, "A", r)
		}
		if u.IPv6.IsValid() {
			t.put(h, "AAAA", r)
		}
	}
}

// result is what SetRecords returns: see template.
func (t *tally) result(names []*wanted) ([]libdns.Record, error) {
	var recs []libdns.Record
	errs := []error{t.failure}
	for _, w := range names {
		of := t.results[w.hostname]
		a, hasA := of["A"]
		aaaa, hasAAAA := of["AAAA"]
		if hasA && a.Outcome == Confirmed {
			recs = append(recs, libdns.Address{Name: w.relative, IP: w.ipv4})
		}
		if hasAAAA && aaaa.Outcome == Confirmed {
			recs = append(recs, libdns.Address{Name: w.relative, IP: w.ipv6})
		}
		switch {
		case hasA && hasAAAA && a != aaaa:
			errs = append(errs, &Refusal{w.hostname, "A", a}, &Refusal{w.hostname, "AAAA", aaaa})
		case hasA:
			errs = append(errs, t.refusal(w.hostname, a))
		case hasAAAA:
			errs = append(errs, t.refusal(w.hostname, aaaa))
		}
	}
	return recs, errors.Join(errs...)
}

// refusal is the *Refusal for all that was asked of a name, nil when it needs none: it was
// plainly confirmed, and no failure leaves doubt what became of it.
func (t *tally) refusal(host string, r Result) error {
	if r.Outcome == Confirmed && !r.Unchanged && t.failure == nil {
		return nil
	}
	return &Refusal{Hostname: host, Result: r}
}

// unprintable says that a character has no place in a header or a log line.
func unprintable(r rune) bool { return r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) }
