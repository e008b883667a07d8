package egress_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/scripts/lab"
)

// service is a real TLS server on loopback, with a count of its connections.
type service struct {
	*httptest.Server
	conns   atomic.Int64 // accepted so far
	resumed atomic.Int64 // requests on resumed TLS sessions
}

// rig is an authority, a bundle with it, and a transport that trusts it.
type rig struct {
	t      testing.TB
	ca     *lab.CA
	bundle string
	egress *egress.Transport
}

func newRig(t testing.TB, o egress.Options) *rig {
	t.Helper()
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, ca: ca, bundle: filepath.Join(t.TempDir(), "ca.pem")}
	if err := os.WriteFile(r.bundle, ca.Bundle(), 0o644); err != nil {
		t.Fatal(err)
	}
	if o.SystemCAFile == "" {
		o.SystemCAFile = r.bundle
	}
	if o.UserAgent == "" {
		o.UserAgent = "wandns/test"
	}
	r.egress = egress.New(o)
	t.Cleanup(r.egress.Release)
	return r
}

// serve starts a TLS service for 127.0.0.1 and localhost.
func (r *rig) serve(h http.HandlerFunc) *service {
	return r.serveAs(lab.Validity{}, h, "127.0.0.1", "localhost")
}

func (r *rig) serveAs(v lab.Validity, h http.HandlerFunc, names ...string) *service {
	r.t.Helper()
	s := r.prepare(v, h, names...)
	s.StartTLS()
	r.t.Cleanup(s.Close)
	return s
}

// serveUnstarted is for a service that gets a listener of its own.
func (r *rig) serveUnstarted(h http.HandlerFunc, names ...string) *service {
	r.t.Helper()
	return r.prepare(lab.Validity{}, h, names...)
}

func (r *rig) prepare(v lab.Validity, h http.HandlerFunc, names ...string) *service {
	r.t.Helper()
	cert, err := r.ca.Issue(v, names...)
	if err != nil {
		r.t.Fatal(err)
	}
	s := &service{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.TLS != nil && req.TLS.DidResume {
			s.resumed.Add(1)
		}
		h(w, req)
	}))
	s.Config.ErrorLog = quiet()
	s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		if st == http.StateNew {
			s.conns.Add(1)
		}
	}
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	return s
}

// get fetches an address under a call and reads the whole body.
func (r *rig) get(call *egress.Call, addr string) (string, error) {
	return r.getWith(context.Background(), call, addr)
}

func (r *rig) getWith(ctx context.Context, call *egress.Call, addr string) (string, error) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(call.Context(ctx), http.MethodGet, addr, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: r.egress}).Do(req)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(resp.Body)
	if cerr := resp.Body.Close(); cerr != nil && err == nil {
		err = cerr
	}
	return string(b), err
}

// last is the last exchange of a call.
func last(t *testing.T, call *egress.Call) egress.Exchange {
	t.Helper()
	all := call.Exchanges()
	if len(all) == 0 {
		t.Fatal("no exchange was recorded")
	}
	return all[len(all)-1]
}

// wantFailure checks kind and text of a failure: one line, with these words, and no secret.
func wantFailure(t *testing.T, ex egress.Exchange, kind egress.Failure, words ...string) {
	t.Helper()
	if ex.Failure != kind || ex.Err == nil {
		t.Fatalf("failure %d (%v), want %d", ex.Failure, ex.Err, kind)
	}
	text := ex.Err.Error()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q does not say %q", text, w)
		}
	}
	if strings.ContainsAny(text, "\n\r?") || strings.Contains(text, "sesame") || len(text) > 300 {
		t.Errorf("unfit for people: %q", text)
	}
}

// eventually waits for a condition that another process or goroutine brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			buf := make([]byte, 1<<20)
			t.Fatalf("never came: %s\n%s", what, buf[:runtime.Stack(buf, true)])
		}
	}
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func isCanceled(err error) bool { return errors.Is(err, context.Canceled) }
