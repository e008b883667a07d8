//go:build go1.25

package publish_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
)

// A router that is up for years leaves nothing behind: 10,000 updates of 20 names, with trouble,
// accounts that come and go, wishes and restarts in between.
func TestPublisher_10000_updates_leave_nothing_behind(t *testing.T) {
	const names, rounds = 20, 500
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.info.Limits.MaxHostnames = names
		round := 0
		follow := func(rounds int) (updates int) {
			for range rounds {
				round++
				b.changeAll(s, round, names)
				for _, line := range s.did() {
					if _, sets, ok := strings.Cut(line, " set "); ok {
						updates += 1 + strings.Count(sets, " & ")
					}
				}
				b.took()
			}
			synctest.Wait()
			return updates
		}
		follow(60) // histories are full, and so is what is remembered of an hour
		heap, routines, kept := liveHeap(), runtime.NumGoroutine(), bytesBelow(t, b.run)
		if n := follow(rounds); n < names*rounds {
			t.Fatalf("only %d updates", n)
		}
		if n := runtime.NumGoroutine(); n > routines {
			t.Errorf("%d goroutines before, %d after", routines, n)
		}
		const slack = 128 << 10 // less than 14 bytes for each update
		if now := liveHeap(); now > heap+slack {
			t.Errorf("%d bytes of heap before, %d after", heap, now)
		}
		if now := bytesBelow(t, b.run); now > kept+kept/5 { // numbers that count time have more digits
			t.Errorf("%d bytes of state before, %d after", kept, now)
		}
		if len(b.warned) != 0 {
			t.Errorf("warned: %q", b.warned)
		}
	})
}

// changeAll gives all names another address, and lets five minutes pass in which something else
// may happen as well.
func (b *bench) changeAll(s *service, round, names int) {
	address := fmt.Sprintf("192.88.%d.%d", round/250, 1+round%250)
	accounts := []publish.Account{{Name: "acc", Fingerprint: "f1", Service: s}}
	var wants []publish.Want
	for i := range names {
		wants = append(wants, want(fmt.Sprintf("r%d.example", i), address))
	}
	switch round % 10 {
	case 2: // another account is there for one round
		w := want("guest.example", address)
		w.Account = fmt.Sprintf("guest%d", round)
		accounts = append(accounts, publish.Account{Name: w.Account, Fingerprint: "f1", Service: s})
		wants = append(wants, w)
	case 4:
		s.answer(provider.Result{Outcome: provider.Trouble, Text: "connection refused"})
	case 6:
		b.stop()
		b.start()
	}
	b.Configure(accounts, wants)
	synctest.Wait()
	switch round % 10 {
	case 5:
		b.NetworkChanged()
	case 7:
		b.Update("r3")
	}
	after(5 * time.Minute)
}

// liveHeap is how many bytes of the heap are in use.
func liveHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // the first only moves pools aside
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// bytesBelow is the size of all files in a directory.
func bytesBelow(t *testing.T, dir string) (n int64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		n += info.Size()
	}
	return n
}
