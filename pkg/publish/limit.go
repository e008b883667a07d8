package publish

import "time"

// limiter holds back a record set that changes too often: burst sends at once, then one in
// every interval, and never more than perHour in an hour. The zero value has sent nothing.
type limiter struct {
	sent []time.Time // of the last hour, oldest first
}

const perHour = 20

// next is the earliest time at which one more may be sent: now or later.
//
// The burst is a bucket of tokens, one back in every interval, replayed over what was sent.
func (l *limiter) next(now time.Time, burst int, every time.Duration) time.Time {
	l.forget(now)
	at := now
	if len(l.sent) >= perHour {
		at = later(at, l.sent[len(l.sent)-perHour].Add(time.Hour))
	}
	if burst < 1 || every <= 0 {
		return at
	}
	var full time.Time // when the bucket is full again
	span := time.Duration(burst) * every
	for _, t := range l.sent {
		full = later(full, t).Add(every)
	}
	return later(at, full.Add(every-span))
}

func (l *limiter) add(now time.Time) { l.sent = append(l.sent, now) }

func (l *limiter) forget(now time.Time) {
	for len(l.sent) > 0 && now.Sub(l.sent[0]) >= time.Hour {
		l.sent = l.sent[1:]
	}
	if len(l.sent) == 0 {
		l.sent = nil
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
