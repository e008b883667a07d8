package egress

import (
	"net/http"
	"time"
)

// RetryAfter shows the fuzzer how the header is read.
func RetryAfter(h http.Header, now time.Time) time.Duration { return retryAfter(h, now) }
