package publish

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/wandns/wandns/pkg/provider"
)

// lookupTimeout bounds asking the name servers for one record set.
const lookupTimeout = 5 * time.Second

// dnsPause is how long name servers are left alone after they could not be asked.
const dnsPause = time.Minute

// readFirst asks what the names hold, where that is needed before something is sent: always
// where the service can be read (a change must not destroy what is not ours), else at the
// name servers when nothing is known, or after an answer was lost. It returns what is left to send.
func (w *worker) readFirst(ctx context.Context, b *batch) []turn {
	var left []turn
	for i, t := range b.turns {
		if t.along {
			left = append(left, t)
			continue
		}
		started := time.Now()
		current, err := b.service.Read(ctx, b.device, t.want.Hostname, t.want.Type)
		if errors.Is(err, provider.ErrUnreadable) {
			if w.lookup(ctx, t) {
				left = append(left, t)
			}
			continue
		}
		if err != nil {
			w.answer(b, t, answer{res: readResult(err), addrs: t.want.Addrs, again: t.again, took: time.Since(started)})
			if w.gateShut() {
				return nil // the others of the batch wait with the account
			}
			continue
		}
		if w.found(t, current) {
			left = append(left, b.turns[i])
		}
	}
	return left
}

// readResult is the result for a name whose record set could not be read: the service's own
// refusal, or trouble. Nothing was changed, so nothing counts as sent.
func readResult(err error) provider.Result {
	var refusal *provider.Refusal
	if !errors.As(err, &refusal) {
		return provider.Result{Outcome: provider.Trouble, Text: err.Error()}
	}
	res := refusal.Result
	if res.Outcome == provider.Unknown || res.Outcome == provider.Confirmed {
		res.Outcome = provider.Trouble
	}
	res.Sent, res.NotSent = false, false
	return res
}

func (w *worker) gateShut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gate.hold != nil || w.gate.next.After(time.Now())
}

// lookup asks the name servers about an item whose state is not known. True: send it.
func (w *worker) lookup(ctx context.Context, t turn) bool {
	w.mu.Lock()
	ask := !t.it.known && w.p.resolver != nil && !time.Now().Before(w.dnsDown)
	w.mu.Unlock()
	if !ask {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	current, err := w.p.resolver.Lookup(ctx, t.want.Hostname, t.want.Type)
	if err != nil {
		w.mu.Lock()
		w.dnsDown = time.Now().Add(dnsPause)
		w.mu.Unlock()
		return true
	}
	return w.found(t, current)
}

// found takes over what a name holds. True: it is not what it should be, and may be changed.
func (w *worker) found(t turn, current []netip.Addr) bool {
	current = union(current, nil)
	now, wall := time.Now(), time.Now().Round(0)
	w.mu.Lock()
	it := t.it
	foreign := it.foreign(current)
	refresh := it.known && !it.forced && it.settled() // it is due although nothing changed
	matches := slices.Equal(current, t.want.Addrs) && it.fitted() || t.want.Delete && len(current) == 0
	var event Event
	switch {
	case len(current) > 1 && len(foreign) > 0 && !t.want.Replace:
		// What we know stays as it was: taken over, these addresses would count as ours next time.
		it.known = false
		event = it.holdForeign(foreign, now, wall)
	case matches && !refresh:
		it.read(now, current)
		asked := it.forced
		it.forced, it.unknown, it.hold, it.next, it.failures, it.reason = false, 0, nil, time.Time{}, 0, ""
		it.outcome = provider.Confirmed
		event = Event{Time: wall, Target: t.want.Target, Record: t.want.Record, Kind: Confirmed,
			Addrs: current, Outcome: provider.Confirmed, Asked: asked}
		it.remember(event)
	default:
		it.read(now, current)
		w.mu.Unlock()
		return true
	}
	w.mu.Unlock()
	w.p.tell(event)
	return false
}

// send makes the call and judges its answers.
func (w *worker) send(ctx context.Context, b *batch) {
	wall, started := time.Now().Round(0), time.Now()
	sets := make([]provider.RecordSet, len(b.turns))
	w.mu.Lock()
	for i, t := range b.turns {
		sets[i] = provider.RecordSet{Hostname: t.want.Hostname, Type: t.want.Type, Addrs: t.want.Addrs, Extras: t.want.Extras}
		t.it.begin(wall, t.want.Addrs)
	}
	w.mu.Unlock()
	w.save() // before the request: after a kill -9 nothing must look certain that is not
	w.p.changed()

	var results []provider.Result
	if b.remove {
		for _, t := range b.turns {
			results = append(results, b.service.Delete(ctx, b.device, t.want.Hostname, t.want.Type))
		}
	} else {
		results = b.service.Set(ctx, b.device, sets)
	}
	took := time.Since(started)
	for i, t := range b.turns {
		a := answer{addrs: t.want.Addrs, extras: t.want.Extras, again: t.again, along: t.along, took: took, res: provider.Result{Outcome: provider.Unknown, Sent: true}}
		if i < len(results) {
			a.res = results[i]
		}
		w.answer(b, t, a)
	}
}

// answer applies a result and tells of it.
func (w *worker) answer(b *batch, t turn, a answer) {
	w.mu.Lock()
	if w.fingerprint != b.mark { // the account changed meanwhile: whose answer this is, nobody knows
		t.it.sending, t.it.known = false, false
		w.mu.Unlock()
		return
	}
	event, quiet := t.it.apply(&w.gate, a, time.Now(), time.Now().Round(0))
	banned := w.gate.hold
	w.mu.Unlock()
	if banned == nil || banned.Code == HoldBanned {
		w.p.flash.keep(w.name, b.mark, banned)
	}
	if !quiet {
		w.p.tell(event)
	}
}
