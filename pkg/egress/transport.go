package egress

import (
	"context"
	"crypto/tls"
	"net/http"
	"sync"
	"time"
)

// The limits of one exchange.
const (
	connectLimit = 10 * time.Second
	wholeLimit   = 20 * time.Second
	keepFor      = 2 * time.Second // connections and roots after the last exchange
	headLimit    = 64 << 10
	bodyLimit    = 256 << 10
	ticketLimit  = 16 // TLS sessions remembered
)

// Options say how a Transport works. The zero value is good for tests of other rooms; a router
// sets UserAgent.
type Options struct {
	// UserAgent is sent with every request, whatever the library wanted.
	UserAgent string
	// SystemCAFile is the PEM bundle for accounts that name none. Empty: the first that exists
	// of the places where OpenWrt, Debian, Alpine and Fedora keep theirs.
	SystemCAFile string
	// Connect limits name lookup, TCP, proxy and TLS together; 0 means 10 s.
	Connect time.Duration
	// Whole limits an exchange from its start to the end of the body; 0 means 20 s.
	Whole time.Duration
	// Keep is how long connections and roots stay after the last exchange; 0 means 2 s.
	Keep time.Duration
	// Now is the wall clock that certificates are judged by; nil means time.Now.
	Now func() time.Time
}

// Transport is an http.RoundTripper. Make one with New; any number of goroutines may use it.
type Transport struct {
	opt      Options
	tickets  tls.ClientSessionCache
	verdicts verdicts
	strays   strays

	mu    sync.Mutex
	burst *burst             // nil when nothing is kept
	trips map[*trip]struct{} // exchanges in progress
	conns map[*conn]struct{} // open connections, idle ones too
}

// New makes a Transport. It opens and reads nothing before the first request.
func New(o Options) *Transport {
	if o.Connect <= 0 {
		o.Connect = connectLimit
	}
	if o.Whole <= 0 {
		o.Whole = wholeLimit
	}
	if o.Keep <= 0 {
		o.Keep = keepFor
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Transport{
		opt: o, tickets: tls.NewLRUClientSessionCache(ticketLimit),
		trips: map[*trip]struct{}{}, conns: map[*conn]struct{}{},
	}
}

// RoundTrip sends one request. A request without a Call goes by the default Path, and is
// guarded all the same.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = t.strays.adopt(req)
	tr := t.begin(req)
	if why := refuse(req, tr.call.Path); why != "" {
		return nil, tr.reject(req, &failure{kind: Refused, text: why})
	}
	way, err := t.enter(tr)
	if err != nil {
		return nil, tr.reject(req, err)
	}
	resp, err := way.RoundTrip(tr.outgoing(req))
	if err != nil {
		return nil, tr.fail(err)
	}
	tr.phase.Store(phaseBody)
	tr.head(resp)
	if resp.StatusCode == http.StatusSwitchingProtocols {
		_ = resp.Body.Close()
		return nil, tr.fail(&failure{kind: Interrupted, text: tr.host + " switched to another protocol, unasked"})
	}
	resp.Body = newBody(tr, resp)
	return resp, nil
}

// outgoing is the request as it leaves: ours is the User-Agent, and nobody asks for compression.
func (tr *trip) outgoing(req *http.Request) *http.Request {
	out := req.WithContext(tr.ctx)
	out.Header = req.Header.Clone()
	if out.Header == nil {
		out.Header = http.Header{}
	}
	out.Header.Set("User-Agent", tr.t.opt.UserAgent)
	out.Header.Del("Accept-Encoding")
	return out
}

// Release ends the burst now: idle connections are closed and the roots dropped. Exchanges in
// progress go on, and their connections are closed as they end.
func (t *Transport) Release() {
	t.mu.Lock()
	b := t.burst
	t.burst = nil
	if b != nil {
		b.over = true
	}
	t.mu.Unlock()
	if b != nil {
		b.closeIdle()
	}
}

// tripKey finds the trip of a dial: net/http keeps a request's context values for it, but not
// its cancellation.
type tripKey struct{}

func tripFrom(ctx context.Context) *trip {
	tr, _ := ctx.Value(tripKey{}).(*trip)
	return tr
}
