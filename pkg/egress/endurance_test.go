package egress_test

import (
	"fmt"
	"net/http"
	"runtime"
	"testing"

	"github.com/wandns/wandns/pkg/egress"
)

// A year of updates leaves nothing behind: 10,000 of them, in bursts, at more services than
// there is room for tickets, some of which fail.
func TestTransport_10000_updates_leave_nothing_behind(t *testing.T) {
	r := newRig(t, egress.Options{})
	var services []*service
	for range 40 {
		services = append(services, r.serve(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	}
	updates := func(n int) {
		for i := range n {
			s := services[i/25%len(services)]
			call := &egress.Call{}
			if got, err := r.get(call, s.URL); err != nil || got != "ok" {
				t.Fatalf("update %d: %q, %v", i, got, err)
			}
			switch i % 50 {
			case 24, 49:
				r.egress.Release()
			case 30:
				if _, err := r.get(call, "https://127.0.0.1:1/"); err == nil {
					t.Fatal("no error")
				}
			}
		}
		r.egress.Release()
	}
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // the first only moves pools aside
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	updates(2000)
	eventually(t, "few goroutines", func() bool { return runtime.NumGoroutine() < 200 })
	heap, routines, sockets := live(), runtime.NumGoroutine(), openSockets(t)
	updates(10000)
	eventually(t, "as few goroutines and sockets as before", func() bool {
		return runtime.NumGoroutine() <= routines && openSockets(t) <= sockets
	})
	const slack = 256 << 10 // buffers that the server keeps, more or fewer
	if now := live(); now > heap+slack {
		t.Errorf("%d bytes of heap after 2,000 updates, %d after 10,000 more", heap, now)
	}
}
