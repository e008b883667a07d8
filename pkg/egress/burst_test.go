package egress_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/egress"
)

func openSockets(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, fd := range fds {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

func TestTransport_one_connection_in_a_burst_none_after_it(t *testing.T) {
	r := newRig(t, egress.Options{})
	s := r.serve(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ok":true}`+"\n") })
	sockets, routines := openSockets(t), runtime.NumGoroutine()
	call := &egress.Call{}
	for range 5 {
		req, _ := http.NewRequestWithContext(call.Context(context.Background()), http.MethodGet, s.URL, nil)
		resp, err := (&http.Client{Transport: r.egress}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var v struct{ OK bool }
		if err := json.NewDecoder(resp.Body).Decode(&v); err != nil || !v.OK { // stops before the end
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if n := s.conns.Load(); n != 1 {
		t.Errorf("%d connections for 5 requests", n)
	}
	for _, ex := range call.Exchanges() {
		if ex.Failure != egress.None || ex.Truncated {
			t.Errorf("exchange %+v", ex)
		}
	}
	r.egress.Release()
	eventually(t, "no socket left", func() bool { return openSockets(t) <= sockets })
	eventually(t, "no goroutine left", func() bool { return runtime.NumGoroutine() <= routines })
}

func TestTransport_burst_ends_by_itself(t *testing.T) {
	r := newRig(t, egress.Options{Keep: 50 * time.Millisecond})
	s := r.serve(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	sockets, routines := openSockets(t), runtime.NumGoroutine()
	if _, err := r.get(&egress.Call{}, s.URL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "no socket left", func() bool { return openSockets(t) <= sockets })
	eventually(t, "no goroutine left", func() bool { return runtime.NumGoroutine() <= routines })
}

func TestTransport_roots_are_dropped_after_the_burst_and_tickets_kept(t *testing.T) {
	r := newRig(t, egress.Options{})
	s := r.serve(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	if _, err := r.get(&egress.Call{}, s.URL); err != nil {
		t.Fatal(err)
	}
	r.egress.Release()
	if _, err := r.get(&egress.Call{}, s.URL); err != nil {
		t.Fatal(err)
	}
	if s.conns.Load() != 2 || s.resumed.Load() != 1 {
		t.Errorf("%d connections, %d resumed; want the second to resume", s.conns.Load(), s.resumed.Load())
	}
	// The bundle is read again: with another authority in it nothing is trusted any more, not
	// even by a ticket. While the burst lasts the old roots would still count.
	if err := os.WriteFile(r.bundle, newRig(t, egress.Options{}).ca.Bundle(), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := r.get(&egress.Call{}, s.URL); err != nil {
		t.Fatalf("within the burst: %v", err)
	}
	r.egress.Release()
	call := &egress.Call{}
	if _, err := r.get(call, s.URL); err == nil {
		t.Fatal("old roots were kept after the burst")
	}
	wantFailure(t, last(t, call), egress.TLS, "authority")
}

func TestTransport_release_during_a_request(t *testing.T) {
	r := newRig(t, egress.Options{})
	s := r.serve(func(w http.ResponseWriter, _ *http.Request) {
		r.egress.Release()
		fmt.Fprint(w, "ok")
	})
	sockets := openSockets(t)
	if got, err := r.get(&egress.Call{}, s.URL); err != nil || got != "ok" {
		t.Fatalf("%q, %v", got, err)
	}
	eventually(t, "no socket left", func() bool { return openSockets(t) <= sockets })
}

// A server may close a connection that it kept just as the next request is on its way. net/http
// would send such a request again without a word; here each request is one on the wire.
func TestTransport_never_sends_a_request_twice(t *testing.T) {
	r := newRig(t, egress.Options{})
	var requests atomic.Int64
	s := r.serve(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 2 {
			reset(w, "")
			return
		}
		fmt.Fprint(w, "ok")
	})
	if _, err := r.get(&egress.Call{}, s.URL); err != nil {
		t.Fatal(err)
	}
	call := &egress.Call{}
	if _, err := r.get(call, s.URL); err == nil {
		t.Fatal("no error")
	}
	ex := last(t, call)
	wantFailure(t, ex, egress.Interrupted, "connection")
	if !ex.Sent || ex.Status != 0 || requests.Load() != 2 || len(call.Exchanges()) != 1 {
		t.Errorf("%d requests arrived; %+v", requests.Load(), ex)
	}
}

func TestTransport_forgotten_body_ends_with_the_time_limit(t *testing.T) {
	r := newRig(t, egress.Options{Whole: 200 * time.Millisecond})
	s := r.serve(drip)
	sockets := openSockets(t)
	call := &egress.Call{}
	req, _ := http.NewRequestWithContext(call.Context(context.Background()), http.MethodGet, s.URL, nil)
	resp, err := r.egress.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "a recorded end", func() bool { return last(t, call).Failure == egress.Timeout })
	if ex := last(t, call); !ex.Truncated || ex.Status != 200 {
		t.Errorf("exchange %+v", ex)
	}
	eventually(t, "no socket left", func() bool { return openSockets(t) <= sockets })
	resp.Body.Close()
}

func TestTransport_redirect_on_the_same_host_is_followed(t *testing.T) {
	r := newRig(t, egress.Options{})
	s := r.serve(func(w http.ResponseWriter, req *http.Request) {
		if len(req.URL.Path) < 4 {
			http.Redirect(w, req, req.URL.Path+"x", http.StatusFound)
			return
		}
		fmt.Fprint(w, "there")
	})
	call := &egress.Call{}
	if got, err := r.get(call, s.URL+"/"); err != nil || got != "there" {
		t.Fatalf("%q, %v", got, err)
	}
	if n := len(call.Exchanges()); n != 4 {
		t.Errorf("%d exchanges", n)
	}
}

func TestTransport_early_hints_are_not_the_answer(t *testing.T) {
	r := newRig(t, egress.Options{})
	s := r.serve(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, "late")
	})
	call := &egress.Call{}
	if got, err := r.get(call, s.URL); err != nil || got != "late" || last(t, call).Status != 202 {
		t.Fatalf("%q, %v, %+v", got, err, call.Exchanges())
	}
}

func TestTransport_retry_after(t *testing.T) {
	for _, c := range []struct {
		name, value, date string
		want              time.Duration
	}{
		{"seconds", "120", "", 2 * time.Minute},
		{"none", "", "", 0},
		{"zero", "0", "", 0},
		{"more-than-a-day", "999999", "", 24 * time.Hour},
		{"more-than-a-number", "99999999999999999999999999", "", 24 * time.Hour},
		{"negative", "-5", "", 0},
		{"number-and-junk", "12x", "", 0},
		{"date-by-the-services-clock", "Mon, 01 Jan 2001 00:10:00 GMT", "Mon, 01 Jan 2001 00:00:00 GMT", 10 * time.Minute},
		{"date-in-the-past", "Mon, 01 Jan 2001 00:00:00 GMT", "Mon, 01 Jan 2001 00:10:00 GMT", 0},
		{"date-far-away", "Wed, 01 Jan 2031 00:00:00 GMT", "Mon, 01 Jan 2001 00:10:00 GMT", 24 * time.Hour},
		{"junk", "soon", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, egress.Options{})
			s := r.serve(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", c.value)
				if c.date != "" {
					w.Header().Set("Date", c.date)
				}
				w.WriteHeader(http.StatusServiceUnavailable)
			})
			call := &egress.Call{}
			if _, err := r.get(call, s.URL); err != nil {
				t.Fatal(err)
			}
			if ex := last(t, call); ex.RetryAfter != c.want || ex.Status != 503 {
				t.Errorf("%v, status %d; want %v", ex.RetryAfter, ex.Status, c.want)
			}
		})
	}
}

// BenchmarkTransport_request_with_145_roots is one update as it is on a router: the bundle read,
// a connection made (resuming the TLS session or not), an answer, everything dropped.
func BenchmarkTransport_request_with_145_roots(b *testing.B) {
	system, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		resume bool
		roots  []byte // besides the lab's
	}{{"full-handshake", false, system}, {"resumed", true, system}, {"full-handshake-1-root-for-comparison", false, nil}} {
		b.Run(c.name, func(b *testing.B) {
			r := newRig(b, egress.Options{})
			if err := os.WriteFile(r.bundle, append(bytes.Clone(c.roots), r.ca.Bundle()...), 0o644); err != nil {
				b.Fatal(err)
			}
			s := r.serve(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
			b.ReportAllocs()
			for range b.N {
				if !c.resume {
					r.egress = egress.New(egress.Options{SystemCAFile: r.bundle})
				}
				if _, err := r.get(&egress.Call{}, s.URL); err != nil {
					b.Fatal(err)
				}
				r.egress.Release()
			}
		})
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120", "")
	f.Add("Mon, 01 Jan 2001 00:10:00 GMT", "Mon, 01 Jan 2001 00:00:00 GMT")
	f.Add("99999999999999999999999999", "junk")
	f.Fuzz(func(t *testing.T, value, date string) {
		h := http.Header{"Retry-After": {value}, "Date": {date}}
		if d := egress.RetryAfter(h, time.Unix(1e9, 0)); d < 0 || d > 24*time.Hour {
			t.Errorf("%q at %q: %v", value, date, d)
		}
	})
}

// Twenty accounts at once, while bursts end and addresses are checked: nobody loses a request.
func TestTransport_many_accounts_at_once(t *testing.T) {
	r := newRig(t, egress.Options{Keep: time.Millisecond})
	s := r.serve(func(w http.ResponseWriter, req *http.Request) { fmt.Fprint(w, req.URL.Path) })
	sockets := openSockets(t)
	errs := make(chan error, 20)
	for account := range 20 {
		go func() {
			call := &egress.Call{}
			for n := range 10 {
				path := fmt.Sprintf("/%d/%d", account, n)
				got, err := r.get(call, s.URL+path)
				if err == nil && got != path {
					err = fmt.Errorf("%s was answered with %q", path, got)
				}
				if err != nil {
					errs <- err
					return
				}
				if n%3 == 0 {
					r.egress.Release()
				}
				r.egress.AddressesLost(func(netip.Addr) bool { return true })
			}
			errs <- nil
		}()
	}
	for range 20 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	r.egress.Release()
	eventually(t, "no socket left", func() bool { return openSockets(t) <= sockets })
}
