package publish

import (
	"cmp"
	"slices"
	"time"

	"github.com/wandns/wandns/pkg/provider"
)

// newWorker makes the worker of an account with what was kept of it.
func (p *Publisher) newWorker(a Account, wants []Want) *worker {
	w := &worker{
		p: p, name: a.Name, wake: make(chan struct{}, 1),
		service: a.Service, fingerprint: a.Fingerprint, items: map[Target]*item{},
	}
	w.want(wants)
	if saved, ok := p.journal.load(a.Name); ok {
		w.restore(saved)
	}
	if h := p.flash.hold(a.Name, a.Fingerprint); h != nil {
		w.gate.hold = h
	}
	return w
}

// configure takes over a new list. An account with other options may be another account: its
// holds and waits are over, and what it holds is not certain.
func (w *worker) configure(a Account, wants []Want) {
	w.mu.Lock()
	if w.fingerprint != a.Fingerprint {
		w.fingerprint, w.service = a.Fingerprint, a.Service
		w.gate.open()
		for _, it := range w.items {
			it.known, it.hold, it.next, it.told, it.failures, it.unknown, it.same = false, nil, time.Time{}, false, 0, 0, 0
			it.extras = provider.Extras{}
		}
	}
	forgotten := w.want(wants)
	w.mu.Unlock()
	if forgotten {
		w.save()
	}
	w.poke()
}

// want brings the items in line with a list; with w.mu held. It says whether items went.
func (w *worker) want(wants []Want) (forgotten bool) {
	keep := make(map[Target]bool, len(wants))
	for _, want := range wants {
		keep[want.Target] = true
		it := w.items[want.Target]
		if it == nil {
			it = &item{}
			w.items[want.Target] = it
			w.order = append(w.order, it)
		}
		if it.hold != nil && it.hold.Code == HoldForeign && want.Replace {
			it.hold, it.next = nil, time.Time{}
		}
		it.want = want
		if want.Extras == (provider.Extras{}) {
			it.extras = want.Extras // said again later, it counts as new
		}
	}
	if len(keep) == len(w.items) {
		return false
	}
	for target := range w.items {
		if !keep[target] {
			delete(w.items, target)
		}
	}
	w.order = slices.DeleteFunc(w.order, func(it *item) bool { return !keep[it.want.Target] })
	return true
}

// networkChanged opens the waits that trouble made.
func (w *worker) networkChanged(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	soon := later(now, w.gate.attempt.Add(networkRetry))
	retry := func(hold *Hold, asked bool, next *time.Time, failures *int) {
		if hold == nil && !asked && next.After(soon) {
			*next, *failures = soon, 0
		}
	}
	retry(w.gate.hold, w.gate.told || w.gate.slow, &w.gate.next, &w.gate.failures)
	for _, it := range w.items {
		retry(it.hold, it.told, &it.next, &it.failures)
	}
	w.dnsDown = time.Time{}
}

// force marks the items of a record (empty: of all) as asked for by a person.
func (w *worker) force(record string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, it := range w.items {
		if record != "" && it.want.Record != record {
			continue
		}
		n++
		if len(it.want.Addrs) > 0 || it.want.Delete {
			it.forced, it.known, it.extras = true, false, provider.Extras{}
		}
	}
	w.dnsDown = time.Time{}
	return n
}

// status tells how the items stand.
func (w *worker) status(block string) []Status {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Status, 0, len(w.items))
	for _, it := range w.items {
		s := Status{
			Target: it.want.Target, Record: it.want.Record, Wanted: it.want.Addrs, Published: it.published,
			Known: it.known, Changed: it.changed, Attempt: it.attempt, Outcome: it.outcome, Word: it.word, Reason: it.reason,
		}
		w.stand(it, &s, block, now)
		out = append(out, s)
	}
	return out
}

// stand finds an item's state, and why.
func (w *worker) stand(it *item, s *Status, block string, now time.Time) {
	act, at := it.act(now, &w.gate)
	hold := it.hold
	if hold == nil {
		hold = w.gate.hold
	}
	if at.After(now) {
		s.Next = at.Round(0)
	}
	switch {
	case it.sending:
		s.State = Updating
	case len(it.want.Addrs) == 0 && !it.want.Delete:
		s.State = Idle
	case it.settled() && !it.forced:
		s.State = Current
	case hold != nil && !it.forced:
		s.State, s.Hold, s.Reason = Held, hold, hold.Text
	case block != "":
		s.State, s.Reason = Waiting, block
	case act != nothing:
		s.State = Updating
	default:
		s.State = Waiting
		if open, _ := it.opens(now, &w.gate); !open.After(now) {
			s.Reason = "the address changes too often; the next update is held back so that the service does not ban us"
		}
	}
}

func (w *worker) history(record string) []Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Event
	for _, it := range w.items {
		if it.want.Record == record {
			out = append(out, it.history...)
		}
	}
	return out
}

func (t Target) compare(o Target) int {
	return cmp.Or(cmp.Compare(t.Account, o.Account), cmp.Compare(t.Hostname, o.Hostname), cmp.Compare(t.Type, o.Type))
}
