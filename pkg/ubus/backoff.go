package ubus

import "time"

// Backoff says how long to wait before the next attempt to reach ubusd: 0.2 s, doubling to
// 5 s, and after a minute without success once in a minute. procd starts a dead ubusd again
// after about a second, and a machine that has no ubus is asked once in a minute, which costs
// one wake-up and two system calls. (Watching the directory for the socket would cost none,
// but code for every directory above it that may not exist yet either.)
//
// The zero Backoff is ready for use.
type Backoff struct {
	next   time.Duration
	waited time.Duration
}

// The steps of Backoff.
const (
	firstRetry   = 200 * time.Millisecond
	quickRetry   = 5 * time.Second
	quickFor     = time.Minute
	slowRetry    = time.Minute
	stableEnough = 10 * time.Second
)

// Next is how long to wait after an attempt that ended. lasted is how long its connection
// stood, 0 when there was none. Only one that stood 10 s begins again at 0.2 s: a server that
// throws us out at once must not be asked five times a second for ever.
func (b *Backoff) Next(lasted time.Duration) time.Duration {
	if lasted >= stableEnough || b.next == 0 {
		*b = Backoff{next: firstRetry}
	}
	wait := b.next
	b.waited += wait
	b.next = min(2*wait, quickRetry)
	if b.waited >= quickFor {
		b.next = slowRetry
	}
	return wait
}
