package egress_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/scripts/lab"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

const secretQuery = "/update?token=open-sesame"

func TestTransport_a_good_answer_is_recorded(t *testing.T) {
	r := newRig(t, egress.Options{})
	var agent, encoding, proto string
	s := r.serve(func(w http.ResponseWriter, req *http.Request) {
		agent, encoding, proto = req.UserAgent(), req.Header.Get("Accept-Encoding"), req.Proto
		w.Header().Set("Retry-After", "7")
		fmt.Fprint(w, "good 192.0.2.7")
	})
	call := &egress.Call{}
	got, err := r.get(call, s.URL+secretQuery)
	if err != nil || got != "good 192.0.2.7" {
		t.Fatalf("%q, %v", got, err)
	}
	ex := last(t, call)
	if ex.Status != 200 || !ex.Sent || ex.Truncated || ex.Failure != egress.None || ex.Err != nil {
		t.Errorf("exchange %+v", ex)
	}
	if string(ex.Answer) != got || ex.Path != "/update" || ex.RetryAfter != 7*time.Second || ex.Local.String() != "127.0.0.1" || ex.Took <= 0 {
		t.Errorf("exchange %+v", ex)
	}
	if agent != "wandns/test" || encoding != "" || proto != "HTTP/1.1" {
		t.Errorf("the service saw agent %q, encoding %q, %s", agent, encoding, proto)
	}
}

func TestTransport_without_a_call_is_guarded_too(t *testing.T) {
	r := newRig(t, egress.Options{})
	resp, err := (&http.Client{Transport: r.egress}).Get("http://127.0.0.1:1/")
	if err == nil {
		resp.Body.Close()
		t.Fatal("plain http went out")
	}
}

// Each of these is a service that behaves badly; the reason must be one that a person understands.
func TestTransport_bad_services(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name      string
		kind      egress.Failure
		words     []string
		status    int
		sent      bool
		truncated bool
		valid     lab.Validity
		names     []string
		handler   http.HandlerFunc
	}{
		{name: "20-MB-of-body", kind: egress.TooLarge, words: []string{"256 KiB"}, status: 200, sent: true, truncated: true, handler: flood},
		{name: "20-MB-announced", kind: egress.TooLarge, words: []string{"256 KiB"}, status: 200, sent: true, truncated: true,
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "20971520")
				flood(w, nil)
			}},
		{name: "huge-head", kind: egress.TooLarge, words: []string{"64 KiB"}, sent: true, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 100<<10))
		}},
		{name: "slow-drip-body", kind: egress.Timeout, words: []string{"reading the answer"}, status: 200, sent: true, truncated: true, handler: drip},
		{name: "no-answer", kind: egress.Timeout, words: []string{"waiting for the answer"}, sent: true,
			handler: func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }},
		{name: "redirect-to-another-host", kind: egress.Refused, words: []string{"another host", "localhost"},
			handler: func(w http.ResponseWriter, req *http.Request) {
				http.Redirect(w, req, strings.Replace("https://"+req.Host+secretQuery, "127.0.0.1", "localhost", 1), http.StatusFound)
			}},
		{name: "redirect-to-plain-http", kind: egress.Refused, words: []string{"plain http"},
			handler: func(w http.ResponseWriter, req *http.Request) {
				http.Redirect(w, req, "http://"+req.Host+secretQuery, http.StatusFound)
			}},
		{name: "redirect-to-another-port", kind: egress.Refused, words: []string{"another port"},
			handler: func(w http.ResponseWriter, req *http.Request) {
				http.Redirect(w, req, "https://127.0.0.1:1"+secretQuery, http.StatusFound)
			}},
		{name: "redirect-for-ever", kind: egress.Refused, words: []string{"again and again"},
			handler: func(w http.ResponseWriter, req *http.Request) { http.Redirect(w, req, secretQuery, http.StatusFound) }},
		{name: "certificate-for-another-name", kind: egress.TLS, words: []string{"another name", "www.example.org", "and 2 more"},
			names: []string{"www.example.org", "b.example.org", "c.example.org", "d.example.org", "e.example.org", "f.example.org"}},
		{name: "certificate-expired", kind: egress.ClockWrong, words: []string{"expired on 2026-11-01", "2026-11-23 08:00"},
			valid: lab.Validity{NotBefore: now.AddDate(-1, 0, 0), NotAfter: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}},
		{name: "certificate-not-yet-valid", kind: egress.ClockWrong, words: []string{"not valid before 2027-01-02", "2026-11-23 08:00"},
			valid: lab.Validity{NotBefore: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC), NotAfter: now.AddDate(1, 0, 0)}},
		{name: "reset-before-answer", kind: egress.Interrupted, words: []string{"connection"}, sent: true,
			handler: func(w http.ResponseWriter, _ *http.Request) { reset(w, "") }},
		{name: "reset-in-mid-answer", kind: egress.Interrupted, words: []string{"connection"}, status: 200, sent: true, truncated: true,
			handler: func(w http.ResponseWriter, _ *http.Request) {
				reset(w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ngood")
			}},
		{name: "not-http", kind: egress.Interrupted, sent: true,
			handler: func(w http.ResponseWriter, _ *http.Request) { reset(w, "SSH-2.0-dropbear\r\n\r\n") }},
		{name: "another-protocol-unasked", kind: egress.Interrupted, words: []string{"another protocol"}, status: 101, sent: true, truncated: true,
			handler: func(w http.ResponseWriter, _ *http.Request) {
				reset(w, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, egress.Options{Whole: 700 * time.Millisecond, Now: func() time.Time { return now }})
			if c.names == nil {
				c.names = []string{"127.0.0.1", "localhost"}
			}
			s := r.serveAs(c.valid, c.handler, c.names...)
			call := &egress.Call{}
			if _, err := r.get(call, s.URL+secretQuery); err == nil {
				t.Fatal("no error")
			}
			ex := last(t, call)
			wantFailure(t, ex, c.kind, c.words...)
			if ex.Status != c.status || ex.Sent != c.sent || ex.Truncated != c.truncated {
				t.Errorf("status %d sent %v truncated %v, want %d %v %v", ex.Status, ex.Sent, ex.Truncated, c.status, c.sent, c.truncated)
			}
			if ex.Took > 5*time.Second {
				t.Errorf("took %v", ex.Took)
			}
		})
	}
}

func flood(w http.ResponseWriter, _ *http.Request) {
	block := bytes.Repeat([]byte("x"), 64<<10)
	for i := 0; i < 320; i++ {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// drip sends a byte at a time, for as long as somebody listens.
func drip(w http.ResponseWriter, req *http.Request) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_, _ = w.Write([]byte("."))
			w.(http.Flusher).Flush()
		case <-req.Context().Done():
			return
		}
	}
}

// reset sends text and then breaks the TCP connection.
func reset(w http.ResponseWriter, text string) {
	nc, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(nc, text)
	if tc, ok := nc.(*tls.Conn); ok && text == "" {
		_ = tc.NetConn().(*net.TCPConn).SetLinger(0)
		_ = tc.NetConn().Close()
		return
	}
	_ = nc.(*tls.Conn).NetConn().Close() // without TLS's goodbye
}

func TestTransport_unknown_authority(t *testing.T) {
	r, other := newRig(t, egress.Options{}), newRig(t, egress.Options{})
	s := other.serve(func(http.ResponseWriter, *http.Request) {})
	call := &egress.Call{}
	if _, err := r.get(call, s.URL+secretQuery); err == nil {
		t.Fatal("no error")
	}
	wantFailure(t, last(t, call), egress.TLS, "authority", "wandns lab authority")
	// An account's own bundle is used instead of the system's, and what it vouched for does not count elsewhere.
	call = &egress.Call{Path: egress.Path{CAFile: other.bundle}}
	if _, err := r.get(call, s.URL); err != nil {
		t.Fatal(err)
	}
	r.egress.Release()
	call = &egress.Call{}
	if _, err := r.get(call, s.URL); err == nil {
		t.Fatal("a TLS session of another bundle was resumed")
	}
	wantFailure(t, last(t, call), egress.TLS, "authority")
}

func TestTransport_bundle_trouble(t *testing.T) {
	for _, c := range []struct {
		name, system, account string
		words                 []string
	}{
		{"system-bundle-missing", "/nonexistent/ca.crt", "", []string{"install", "ca-bundle", "/nonexistent/ca.crt"}},
		{"account-bundle-missing", "", "/nonexistent/mine.pem", []string{"/nonexistent/mine.pem", "no such file"}},
		{"account-bundle-is-no-bundle", "", "/etc/hosts", []string{"/etc/hosts", "PEM"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, egress.Options{SystemCAFile: c.system})
			call := &egress.Call{Path: egress.Path{CAFile: c.account}}
			if _, err := r.get(call, "https://127.0.0.1:1/"); err == nil {
				t.Fatal("no error")
			}
			wantFailure(t, last(t, call), egress.TLS, c.words...)
		})
	}
}

func TestTransport_connect_failures(t *testing.T) {
	hung, err := net.Listen("tcp", "127.0.0.1:0") // accepts by the kernel and never speaks
	if err != nil {
		t.Fatal(err)
	}
	defer hung.Close()
	for _, c := range []struct {
		name, addr string
		kind       egress.Failure
		words      []string
	}{
		{"refused", "https://127.0.0.1:1/", egress.Connect, []string{"127.0.0.1:1", "refused"}},
		{"plain-http", "http://127.0.0.1:1/", egress.Refused, []string{"plain http", "insecure_http"}},
		{"other-scheme", "ftp://127.0.0.1:1/", egress.Refused, []string{"ftp"}},
		{"tls-handshake-hangs", "https://" + hung.Addr().String() + "/", egress.Timeout, []string{"TLS"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, egress.Options{Connect: 300 * time.Millisecond})
			call := &egress.Call{}
			if _, err := r.get(call, c.addr); err == nil {
				t.Fatal("no error")
			}
			ex := last(t, call)
			wantFailure(t, ex, c.kind, c.words...)
			if ex.Sent || ex.Status != 0 {
				t.Errorf("nothing can have been sent: %+v", ex)
			}
		})
	}
}

func TestTransport_caller_gives_up(t *testing.T) {
	r := newRig(t, egress.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	// Not until the end of the request's context: that comes with the client's close_notify, and
	// an answer could still arrive before its socket is closed.
	s := r.serve(func(http.ResponseWriter, *http.Request) { cancel(); <-over })
	call := &egress.Call{}
	_, err := r.getWith(ctx, call, s.URL)
	close(over)
	if !isCanceled(err) {
		t.Fatalf("error %v", err)
	}
	ex := last(t, call)
	wantFailure(t, ex, egress.Canceled, "waiting")
	if !ex.Sent {
		t.Error("the request went out")
	}
}

func TestTransport_insecure_http_is_an_accounts_choice(t *testing.T) {
	r := newRig(t, egress.Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{ErrorLog: quiet(), Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "plain") })}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	call := &egress.Call{Path: egress.Path{InsecureHTTP: true, CAFile: "/nonexistent"}} // and needs no bundle
	if got, err := r.get(call, "http://"+l.Addr().String()); err != nil || got != "plain" {
		t.Fatalf("%q, %v", got, err)
	}
	call = &egress.Call{}
	if _, err := r.get(call, "https://"+l.Addr().String()); err == nil {
		t.Fatal("TLS with a plain server")
	}
	wantFailure(t, last(t, call), egress.TLS, "does not speak TLS")
}
