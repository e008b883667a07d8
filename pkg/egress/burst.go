package egress

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// way is what connections must share to be used by another request.
type way struct {
	host, caFile, proxy, device, network string

	plain bool // no TLS anywhere, so no roots are needed
}

// burst is what is kept while requests run and for a moment after: per way a net/http transport
// with its idle connections, per CA bundle a pool of roots. Guarded by Transport.mu.
type burst struct {
	ways    map[way]*http.Transport
	bundles map[string]*roots
	running int
	over    bool        // released: connections close as they become idle
	end     *time.Timer // runs while nothing else does
}

// enter joins the trip to the running burst, or starts one, and returns the transport of its way.
func (t *Transport) enter(tr *trip) (*http.Transport, error) {
	p := tr.call.Path
	w := way{host: tr.host, caFile: p.CAFile, device: p.Device, network: p.Network, plain: tr.plain}
	if p.Proxy != nil {
		w.proxy = p.Proxy.String()
		w.plain = w.plain && p.Proxy.Scheme != "https"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.burst == nil {
		t.burst = &burst{ways: map[way]*http.Transport{}, bundles: map[string]*roots{}}
	}
	b := t.burst
	if b.end != nil {
		b.end.Stop()
	}
	b.running++
	tr.burst = b
	if h := b.ways[w]; h != nil {
		return h, nil
	}
	h, err := t.open(b, w, p)
	if err != nil {
		return nil, err // tr.burst is left when the trip ends
	}
	b.ways[w] = h
	return h, nil
}

// open makes the transport of a way.
func (t *Transport) open(b *burst, w way, p Path) (*http.Transport, error) {
	h := &http.Transport{
		DialContext:            family(w.network, t.dialer(w.device)),
		DisableCompression:     true,
		MaxResponseHeaderBytes: headLimit,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        t.opt.Keep,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 only
		OnProxyConnectResponse: proxyAnswer,
	}
	if p.Proxy != nil {
		h.Proxy = http.ProxyURL(p.Proxy)
	}
	if !w.plain {
		r, err := t.rootsOf(b, w.caFile)
		if err != nil {
			return nil, err
		}
		h.TLSClientConfig = t.tlsConfig(r, w.host)
		if p.Proxy != nil && p.Proxy.Scheme == "https" {
			dial, toProxy := h.DialContext, t.tlsConfig(r, p.Proxy.Hostname())
			h.DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				nc, err := dial(ctx, network, addr)
				if err != nil {
					return nil, err
				}
				return tls.Client(nc, toProxy), nil // net/http shakes hands
			}
		}
	}
	return h, nil
}

// family keeps a dialer to one address family.
func family(network string, dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	if network == "" {
		return dial
	}
	return func(ctx context.Context, _, addr string) (net.Conn, error) { return dial(ctx, network, addr) }
}

// rootsOf looks at a CA bundle, once in a burst.
func (t *Transport) rootsOf(b *burst, caFile string) (*roots, error) {
	if r := b.bundles[caFile]; r != nil {
		return r, nil
	}
	r, err := readRoots(caFile, t.opt.SystemCAFile)
	if err != nil {
		return nil, err
	}
	b.bundles[caFile] = r
	return r, nil
}

// tlsConfig is the one place that says how we speak TLS with a host.
func (t *Transport) tlsConfig(r *roots, host string) *tls.Config {
	v := verifier{t, host, r}
	return &tls.Config{
		ServerName:         host,
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{"http/1.1"},
		Time:               t.opt.Now,
		ClientSessionCache: v.sessions(),
		InsecureSkipVerify: true, // because this does it:
		VerifyConnection:   v.verify,
		// Without the hybrid with ML-KEM, which protects what is said today against machines of
		// the future: here that is an address that DNS tells everybody. X25519 is the quickest.
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
	}
}

// leave takes the trip out of its burst. The last one to leave starts the clock that ends it.
func (t *Transport) leave(tr *trip) {
	t.mu.Lock()
	b := tr.burst
	delete(t.trips, tr)
	if b == nil {
		t.mu.Unlock()
		return
	}
	b.running--
	if b.running == 0 && !b.over {
		if b.end == nil {
			b.end = time.AfterFunc(t.opt.Keep, func() { t.expire(b) })
		} else {
			b.end.Reset(t.opt.Keep)
		}
	}
	over := b.over
	t.mu.Unlock()
	if over {
		b.closeIdle()
	}
}

// expire ends a burst that nothing was sent in for a while.
func (t *Transport) expire(b *burst) {
	t.mu.Lock()
	idle := t.burst == b && b.running == 0
	t.mu.Unlock()
	if idle {
		t.Release()
	}
}

// closeIdle closes the idle connections. net/http then also closes those that become idle later.
// Called when the burst is over, so that nobody adds a way.
func (b *burst) closeIdle() {
	if b.end != nil {
		b.end.Stop()
	}
	for _, h := range b.ways {
		h.CloseIdleConnections()
	}
}
