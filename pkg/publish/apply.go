package publish

import (
	"net/netip"
	"slices"
	"time"

	"github.com/wandns/wandns/pkg/provider"
)

// answer is a result and what it answers.
type answer struct {
	addrs  []netip.Addr // what was sent; none for a deletion
	extras provider.Extras
	res    provider.Result
	// again: the service may have had this already (a request resent, a person's, a refresh, a
	// name that went along): "no change" is no surprise.
	again bool
	along bool // see turn.along
	took  time.Duration
}

// apply moves an item and its account's gate on after an answer, and says what happened.
// quiet is true for what nobody needs to hear of.
func (it *item) apply(acc *gate, a answer, now, wall time.Time) (e Event, quiet bool) {
	defer func() { it.sending = false }()
	if a.res.NotSent {
		it.undo()
		return Event{}, true
	}
	if a.res.Sent {
		it.limit.add(now)
	}
	acc.attempt = now
	it.outcome, it.word, it.reason = a.res.Outcome, a.res.Word, a.res.Text
	e = Event{
		Time: wall, Target: it.want.Target, Record: it.want.Record, Kind: Failed, Addrs: a.addrs,
		Outcome: a.res.Outcome, Word: a.res.Word, Text: a.res.Text, Took: a.took, Asked: it.forced,
	}
	switch a.res.Outcome {
	case provider.Confirmed:
		quiet = it.confirm(acc, a, now, wall, &e)
	case provider.RefusedCredentials, provider.RefusedRequest, provider.Banned:
		it.undo()
		it.forced, it.unknown = false, 0
		e.Kind = HeldBack
		it.refuse(acc, a.res, now, wall)
	case provider.SlowDown:
		it.undo()
		it.forced, it.unknown = false, 0
		acc.failures++
		acc.told, acc.slow = a.res.RetryAfter > 0, true
		acc.next = now.Add(wait(a.res.RetryAfter, acc.failures, slowDown))
	case provider.Trouble:
		if !a.res.Sent {
			it.undo()
		}
		it.trouble(acc, a.res.RetryAfter, now)
	default:
		it.lost(acc, now)
	}
	if e.Kind == Failed {
		e.Next = max(0, later(it.next, acc.next).Sub(now))
	}
	it.remember(e)
	return e, quiet
}

// confirm takes over what the service confirmed.
func (it *item) confirm(acc *gate, a answer, now, wall time.Time, e *Event) (quiet bool) {
	had := slices.Equal(it.published, a.addrs)
	it.known, it.published, it.sent, it.confirmed = true, a.addrs, nil, now
	it.hold, it.next, it.told, it.failures, it.unknown, it.forced = nil, time.Time{}, false, 0, 0, false
	it.reason, it.extras = "", a.extras
	acc.open()
	if !had {
		it.changed = wall
	}
	switch {
	case len(a.addrs) == 0:
		e.Kind, it.extras = Deleted, provider.Extras{}
	case a.res.Unchanged && !a.again:
		it.same++
		e.Kind, e.Row = Unchanged, it.same
		return false
	case had:
		e.Kind = Confirmed
	default:
		e.Kind = Published
	}
	it.same = 0
	return had && a.along
}

// refuse holds the item, or the account when the answer is about it. Two names in a row whose
// credentials are refused, and none accepted since, are about the account too.
func (it *item) refuse(acc *gate, res provider.Result, now, wall time.Time) {
	h := &Hold{Code: HoldRequest, Text: res.Text, Word: res.Word, Since: wall}
	whole := res.Whole
	switch res.Outcome {
	case provider.Banned:
		h.Code, whole = HoldBanned, true
	case provider.RefusedCredentials:
		h.Code = HoldCredentials
		acc.refused++
		whole = whole || acc.refused >= 2
	}
	if whole {
		acc.hold, acc.next, acc.told, acc.slow = h, now.Add(askAgain), false, false
		return
	}
	it.hold, it.next, it.told = h, now.Add(askAgain), false
}

func (it *item) trouble(acc *gate, retryAfter time.Duration, now time.Time) {
	it.unknown = 0
	it.failures++
	acc.failures++
	it.told, acc.told, acc.slow = retryAfter > 0, retryAfter > 0, false
	it.next = now.Add(wait(retryAfter, it.failures, firstRetry))
	acc.next = now.Add(wait(retryAfter, acc.failures, firstRetry))
}

// lost deals with an answer that was lost: once it is asked or sent again at once.
func (it *item) lost(acc *gate, now time.Time) {
	it.unknown++
	if it.unknown > 1 {
		it.trouble(acc, 0, now)
	}
}

// wait is what the service asked for, else ours.
func wait(told time.Duration, failures int, first time.Duration) time.Duration {
	if told > 0 {
		return told
	}
	return backoff(failures, first)
}

// holdForeign leaves a record set alone that holds somebody else's addresses.
func (it *item) holdForeign(foreign []netip.Addr, now, wall time.Time) Event {
	text := "the name already holds addresses that are not ours (" + addrText(foreign) +
		"); set option replace '1' to replace them, or remove them at the provider"
	it.hold = &Hold{Code: HoldForeign, Text: text, Since: wall}
	it.next, it.told, it.forced = now.Add(askAgain), false, false
	it.reason, it.word, it.outcome = text, "", provider.RefusedRequest
	e := Event{Time: wall, Target: it.want.Target, Record: it.want.Record, Kind: HeldBack,
		Addrs: it.want.Addrs, Outcome: it.outcome, Text: text}
	it.remember(e)
	return e
}

func addrText(addrs []netip.Addr) string {
	const most = 4
	s := ""
	for i, a := range addrs {
		if i == most {
			return s + ", …"
		}
		if i > 0 {
			s += ", "
		}
		s += a.String()
	}
	return s
}
