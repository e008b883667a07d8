package publish

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/wandns/wandns/pkg/provider"
)

// worker publishes the record sets of one account, one request at a time.
type worker struct {
	p    *Publisher
	name string
	wake chan struct{} // of size 1

	mu          sync.Mutex // guards all that follows; never held during a request
	service     Service
	fingerprint string
	items       map[Target]*item
	order       []*item // the one asked longest ago first
	gate        gate
	dnsDown     time.Time // name servers could not be asked: not again before this
}

// callTimeout ends a call of a service, and with it one item's or batch's turn. A call is a few
// requests, each of which egress ends after 20 s.
const callTimeout = time.Minute

// stopTimeout is how long a request under way may go on when the program is asked to end: its
// answer is worth more than the wait. procd kills after 5 s.
const stopTimeout = 3 * time.Second

// run works until ctx is done.
func (w *worker) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		w.mu.Lock()
		b, at := w.plan(time.Now())
		w.mu.Unlock()
		if b != nil {
			w.execute(ctx, b)
			continue
		}
		timer.Stop()
		if !at.IsZero() {
			timer.Reset(time.Until(at))
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-timer.C:
		}
	}
}

func (w *worker) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// batch is what one call of the service can take.
type batch struct {
	remove  bool
	device  string
	turns   []turn
	hosts   map[string]bool // of the turns
	service Service
	mark    string // fingerprint of the account at that time
}

// turn is an item's part in a batch.
type turn struct {
	it    *item
	want  Want // as it was then
	again bool // see answer.again
	along bool // goes along because the service takes both families or none
}

// plan chooses what to do now, or says when to look again (zero: when woken).
func (w *worker) plan(now time.Time) (*batch, time.Time) {
	if w.p.blocked() != "" {
		return nil, time.Time{}
	}
	limits := w.service.Info().Limits
	b := &batch{service: w.service, mark: w.fingerprint, hosts: map[string]bool{}}
	var look time.Time
	for _, it := range w.order {
		act, at := it.act(now, &w.gate)
		switch {
		case act != nothing:
			b.take(it, act, limits)
		case !at.IsZero() && (look.IsZero() || at.Before(look)):
			look = at
		}
	}
	if len(b.turns) == 0 {
		return nil, look
	}
	if limits.Joint && !b.remove {
		b.turns = append(b.turns, w.siblings(b)...)
	}
	return b, look
}

// take adds an item to the batch if it goes with those that are in it and there is room.
func (b *batch) take(it *item, act action, limits provider.Limits) {
	if len(b.turns) == 0 {
		b.remove, b.device = act == remove, it.want.Device
	}
	fits := b.remove == (act == remove) && b.device == it.want.Device
	room := b.hosts[it.want.Hostname] && (limits.MaxHostnames > 1 || limits.Joint) || len(b.hosts) < max(1, limits.MaxHostnames)
	if !fits || !room {
		return
	}
	b.hosts[it.want.Hostname] = true
	again := it.forced || it.unknown > 0 || it.failures > 0 || it.settled() || !it.fitted()
	b.turns = append(b.turns, turn{it: it, want: it.want, again: again})
}

// siblings are the other families of the batch's names.
func (w *worker) siblings(b *batch) []turn {
	var out []turn
	for _, t := range b.turns {
		other := t.want.Target
		other.Type = map[string]string{"A": "AAAA", "AAAA": "A"}[other.Type]
		it := w.items[other]
		if it == nil || len(it.want.Addrs) == 0 || slices.ContainsFunc(b.turns, func(o turn) bool { return o.it == it }) {
			continue
		}
		out = append(out, turn{it: it, want: it.want, again: true, along: true})
	}
	return out
}

// execute takes a batch through reading, sending and judging.
func (w *worker) execute(ctx context.Context, b *batch) {
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(stopTimeout, cancel) })()

	b.turns = w.readFirst(call, b)
	sends := slices.ContainsFunc(b.turns, func(t turn) bool { return !t.along })
	if sends {
		w.send(call, b)
	}
	w.mu.Lock()
	w.rotate(b)
	w.mu.Unlock()
	w.save()
	w.p.changed()
}

// rotate puts the items of a batch last, so that one in trouble does not starve the others.
func (w *worker) rotate(b *batch) {
	for _, t := range b.turns {
		i := slices.Index(w.order, t.it)
		if i >= 0 && !t.it.settled() {
			w.order = append(slices.Delete(w.order, i, i+1), t.it)
		}
	}
}
