package publish

import (
	"math/rand/v2"
	"time"
)

// How long to wait, where the service did not say.
const (
	firstRetry = 5 * time.Second
	lastRetry  = 30 * time.Minute
	slowDown   = time.Minute // asked to slow down, not told for how long
	askAgain   = 24 * time.Hour
	// networkRetry keeps a flapping network from retrying faster than this.
	networkRetry = time.Second
)

// backoff is the wait after so many failures in a row: 5 s, doubling to 30 min, give or take
// a fifth, so that a provider's outage does not end with everybody at once.
func backoff(failures int, first time.Duration) time.Duration {
	d := first
	for i := 1; i < failures && d < lastRetry; i++ {
		d *= 2
	}
	d = min(d, lastRetry)
	return d - d/5 + time.Duration(rand.Int64N(int64(2*d/5)+1))
}
