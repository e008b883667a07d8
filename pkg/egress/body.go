package egress

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// After a library has closed a body early, the rest is read for a moment, so that the connection
// can be used again: a JSON decoder stops before the end, and a TLS handshake costs far more.
const (
	drainBytes = 4 << 10
	drainTime  = 250 * time.Millisecond
)

// body hands the response body to the library: bounded, and its beginning kept.
type body struct {
	tr *trip
	rc io.ReadCloser

	mu   sync.Mutex
	left int64 // bytes until the limit; negative when the head announced more
	err  error // the end, once it was seen
}

func newBody(tr *trip, resp *http.Response) *body {
	b := &body{tr: tr, rc: resp.Body, left: bodyLimit}
	if resp.ContentLength > bodyLimit && resp.Request.Method != http.MethodHead {
		b.left = -1
	}
	return b
}

func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	if b.left < 0 {
		b.err = b.tooLarge()
		return 0, b.err
	}
	if int64(len(p)) > b.left {
		p = p[:b.left+1] // one more byte shows that there is more
	}
	n, err := b.rc.Read(p)
	if int64(n) > b.left {
		n, err = int(b.left), errTooLarge
	}
	b.left -= int64(n)
	b.tr.answer(p[:n])
	if err == io.EOF && b.tr.ctx.Err() != nil {
		err = io.ErrUnexpectedEOF // we hung up, and the service ended its answer for that
	}
	switch err {
	case nil:
	case io.EOF:
		b.err = err
		b.tr.finish(nil)
	case errTooLarge:
		b.err = b.tooLarge()
	default:
		b.err = b.tr.fail(err)
	}
	return n, b.err
}

// Close may come while another goroutine reads, to make it stop. It never fails: nothing is lost by
// then, and there is a library that ends the whole program when it does (libdns/porkbun).
func (b *body) Close() error {
	if !b.tr.ended.Load() && b.mu.TryLock() {
		if b.err == nil && b.left >= 0 {
			stop := time.AfterFunc(drainTime, func() { b.tr.cancel(errEnd) })
			_, _ = io.CopyN(io.Discard, b.rc, drainBytes)
			stop.Stop()
		}
		b.mu.Unlock()
	}
	_ = b.rc.Close()
	b.tr.finish(nil)
	return nil
}

var errTooLarge = fmt.Errorf("the answer is bigger than %d KiB", bodyLimit>>10)

func (b *body) tooLarge() error {
	return b.tr.fail(&failure{kind: TooLarge, text: errTooLarge.Error() + " (from " + b.tr.host + ")", err: errTooLarge})
}

// answer keeps the beginning of what the library read.
func (tr *trip) answer(p []byte) {
	tr.call.mu.Lock()
	defer tr.call.mu.Unlock()
	if room := AnswerSize - len(tr.ex.Answer); room > 0 {
		tr.ex.Answer = append(tr.ex.Answer, p[:min(room, len(p))]...)
	}
}

// retryAfterLimit is the longest wait that a service can ask for.
const retryAfterLimit = 24 * time.Hour

// retryAfter reads Retry-After: seconds, or a date, which counts from the response's own Date so
// that our clock does not matter (now is used when the response has none).
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if v[0] >= '0' && v[0] <= '9' {
		s, err := strconv.ParseUint(v, 10, 64)
		if err != nil && strings.Trim(v, "0123456789") != "" {
			return 0
		}
		if err != nil || s > uint64(retryAfterLimit/time.Second) { // too many digits are a long wait too
			return retryAfterLimit
		}
		return time.Duration(s) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if d, err := http.ParseTime(h.Get("Date")); err == nil {
		now = d
	}
	return min(max(at.Sub(now), 0), retryAfterLimit)
}
