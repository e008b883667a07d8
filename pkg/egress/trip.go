package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
)

// Why a trip's context ended.
var (
	errWhole   = errors.New("time for the whole exchange is over")
	errConnect = errors.New("time to connect is over")
	errLost    = errors.New("the local address is gone")
	errAgain   = errors.New("the request would go out a second time")
	errEnd     = errors.New("the exchange has ended")
)

// How far a trip has come, for the text of a timeout.
const (
	phaseStart int32 = iota
	phaseLookup
	phaseConnect
	phaseProxy
	phaseTLS
	phaseSend
	phaseAnswer
	phaseBody
)

// trip is one exchange in progress.
type trip struct {
	t     *Transport
	call  *Call
	ex    *Exchange // guarded by call.mu
	burst *burst    // guarded by t.mu; nil before enter
	host  string    // the service
	next  string    // who is dialled: the service or "the proxy HOST"
	plain bool      // http://

	ctx            context.Context // ends the whole trip, its dial included
	cancel         context.CancelCauseFunc
	connectBy      time.Time
	whole, connect *time.Timer

	phase atomic.Int32
	conn  atomic.Pointer[conn]
	// dialled is the connection that was last made for this exchange, whoever uses it then.
	dialled atomic.Pointer[conn]
	// What conn had read and written when this exchange got it. Set before conn.
	readMark, writtenMark int64
	ended                 atomic.Bool

	dialing []syscall.RawConn // guarded by t.mu
	lost    netip.Addr        // guarded by t.mu: which address of a dial is gone
}

// begin opens the record of a request and starts its clocks.
func (t *Transport) begin(req *http.Request) *trip {
	call := CallOf(req.Context())
	if call == nil {
		call = &Call{}
	}
	now := time.Now()
	tr := &trip{
		t: t, call: call, host: req.URL.Hostname(), plain: req.URL.Scheme == "http", connectBy: now.Add(t.opt.Connect),
		ex: &Exchange{Method: req.Method, Host: req.URL.Host, Path: req.URL.EscapedPath(), Started: now},
	}
	if tr.ex.Method == "" {
		tr.ex.Method = http.MethodGet
	}
	tr.next = tr.host
	if p := call.Path.Proxy; p != nil {
		tr.next = "the proxy " + p.Hostname()
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	tr.ctx, tr.cancel = httptrace.WithClientTrace(context.WithValue(ctx, tripKey{}, tr), tr.trace()), cancel
	call.mu.Lock()
	call.exchanges = append(call.exchanges, tr.ex)
	call.mu.Unlock()
	t.mu.Lock()
	t.trips[tr] = struct{}{}
	t.mu.Unlock()
	tr.connect = time.AfterFunc(t.opt.Connect, func() { cancel(errConnect) })
	tr.whole = time.AfterFunc(t.opt.Whole, func() {
		cancel(errWhole)
		if tr.phase.Load() == phaseBody { // the library may have forgotten its body
			_ = tr.fail(errWhole)
		}
	})
	return tr
}

// trace follows the request through net/http.
func (tr *trip) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) {
			if tr.onWire() {
				tr.cancel(errAgain)
			}
		},
		DNSStart:     func(httptrace.DNSStartInfo) { tr.reached(phaseLookup) },
		ConnectStart: func(string, string) { tr.reached(phaseConnect) },
		ConnectDone: func(_, _ string, err error) {
			if err == nil && tr.call.Path.Proxy != nil {
				tr.reached(phaseProxy)
			}
		},
		TLSHandshakeStart: func() { tr.reached(phaseTLS) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			switch {
			case err != nil:
			case tr.call.Path.Proxy != nil:
				tr.reached(phaseProxy) // if it was the proxy's; else the request follows at once
			default:
				// net/http may give it to another request than the one that dialled it, which
				// must then not take it along when it ends.
				if c := tr.dialled.Load(); c != nil && !c.disarm() {
					_ = c.Close() // the end came first: not a moment later, when it may be another's
				}
			}
		},
		GotConn: tr.got,
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				tr.phase.CompareAndSwap(phaseSend, phaseAnswer)
			}
		},
	}
}

// reached notes how far a dial has come. One that goes on behind a request which found another
// connection says nothing.
func (tr *trip) reached(phase int32) {
	if tr.conn.Load() == nil {
		tr.phase.Store(phase)
	}
}

// got takes over a connection for this exchange.
func (tr *trip) got(info httptrace.GotConnInfo) {
	c := ours(info.Conn)
	if tr.onWire() {
		_ = info.Conn.Close() // it was ready before the cancellation of GetConn was seen
		return
	}
	tr.connect.Stop()
	c.disarm()
	c.ready.Store(true)
	c.owner.Store(tr)
	tr.readMark, tr.writtenMark = c.read.Load(), c.written.Load()
	tr.conn.Store(c)
	tr.setLocal(c.local)
	tr.phase.Store(phaseSend)
}

// onWire says whether any byte of the request has left.
func (tr *trip) onWire() bool {
	c := tr.conn.Load()
	return c != nil && c.written.Load() > tr.writtenMark
}

func (tr *trip) setLocal(a netip.Addr) {
	tr.call.mu.Lock()
	tr.ex.Local = a
	tr.call.mu.Unlock()
}

// socket remembers a socket that begins to connect.
func (tr *trip) socket(rc syscall.RawConn) {
	tr.t.mu.Lock()
	tr.dialing = append(tr.dialing, rc)
	tr.t.mu.Unlock()
}

func (tr *trip) noSockets() {
	tr.t.mu.Lock()
	tr.dialing = nil
	tr.t.mu.Unlock()
}

// head records the response's head.
func (tr *trip) head(resp *http.Response) {
	tr.call.mu.Lock()
	tr.ex.Status = resp.StatusCode
	tr.ex.RetryAfter = retryAfter(resp.Header, tr.t.opt.Now())
	tr.ex.Sent = true
	tr.call.mu.Unlock()
}

// reject ends a trip before anything left.
func (tr *trip) reject(req *http.Request, err error) error {
	if req.Body != nil {
		_ = req.Body.Close() // a RoundTripper always closes it
	}
	return tr.fail(err)
}

// fail ends the trip with a failure and returns it for the library.
func (tr *trip) fail(err error) error {
	f := tr.explain(err)
	tr.finish(f)
	return f
}

// finish ends the trip: nil when a whole response arrived. The first call counts.
func (tr *trip) finish(f *failure) {
	if tr.ended.Swap(true) {
		return
	}
	tr.whole.Stop()
	tr.connect.Stop()
	if f != nil {
		// before leave, so that a failed connection is not taken for an idle one
		tr.cancel(f)
	}
	tr.call.mu.Lock()
	tr.ex.Took = time.Since(tr.ex.Started)
	tr.ex.Sent = tr.ex.Status != 0 || tr.onWire()
	if f != nil {
		tr.ex.Failure, tr.ex.Err = f.kind, f
		tr.ex.Truncated = tr.ex.Status != 0
	}
	tr.call.mu.Unlock()
	if c := tr.conn.Load(); c != nil {
		c.owner.CompareAndSwap(tr, nil)
	}
	tr.t.leave(tr)
	tr.cancel(errEnd)
}
