//go:build go1.25

package netwatch_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/pkg/netwatch"
)

// fake is a kernel whose world is a number: the ifindex of its only link.
type fake struct {
	netwatch.Scripted
	began  time.Time
	show   func(world int32) netwatch.Snapshot // if not nil, what the number means instead
	err    error                               // with which dumps fail
	world  atomic.Int32
	fails  atomic.Int32 // so many dumps fail
	refuse atomic.Int32 // so many subscriptions fail

	mu     sync.Mutex // guards all following fields
	events *netwatch.ScriptedEvents
	dumps  []time.Duration // when each dump was, since the beginning
	opened []time.Duration // the same of subscriptions
}

func (k *fake) snapshot() netwatch.Snapshot {
	if k.show != nil {
		return k.show(k.world.Load())
	}
	return netwatch.Snapshot{Links: []netwatch.Link{{Index: int(k.world.Load()), Name: "wan"}}}
}

// event is a message (nil) or an error that the socket receives.
func (k *fake) event(err error) {
	k.mu.Lock()
	c := k.events.C
	k.mu.Unlock()
	c <- err
}

func (k *fake) when(times *[]time.Duration) []time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(*times)
}

// started runs a Watcher in the bubble of a synctest, with the first snapshot fetched.
func started(t *testing.T, cfg netwatch.Config, k *fake) *netwatch.Watcher {
	t.Helper()
	k.began = time.Now()
	k.world.Store(1)
	k.Dump = func() (netwatch.Snapshot, error) {
		k.mu.Lock()
		k.dumps = append(k.dumps, time.Since(k.began))
		k.mu.Unlock()
		if k.fails.Add(-1) >= 0 {
			return netwatch.Snapshot{}, k.err
		}
		return k.snapshot(), nil
	}
	k.Subscribe = func() (*netwatch.ScriptedEvents, error) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.opened = append(k.opened, time.Since(k.began))
		if k.refuse.Add(-1) >= 0 {
			return nil, errors.New("no more descriptors")
		}
		k.events = netwatch.NewScriptedEvents()
		return k.events, nil
	}
	w := netwatch.NewScripted(cfg, &k.Scripted)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	if s := <-w.Snapshots(); !s.Equal(k.snapshot()) || !s.FirstEvent.IsZero() {
		t.Errorf("first snapshot %+v", s)
	}
	synctest.Wait()
	return w
}

func nothing(t *testing.T, w *netwatch.Watcher) {
	t.Helper()
	synctest.Wait()
	select {
	case s := <-w.Snapshots():
		t.Errorf("told %+v", s)
	default:
	}
}

const ms = time.Millisecond

func TestWatcher_waits_for_quiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{}
		w := started(t, netwatch.Config{}, k)
		k.event(nil)
		k.world.Store(2)
		time.Sleep(30 * ms)
		k.event(nil)
		s := <-w.Snapshots()
		if got := time.Since(k.began); got != 80*ms || !s.FirstEvent.Equal(k.began) {
			t.Errorf("told after %v, first event at %v", got, s.FirstEvent.Sub(k.began))
		}
	})
}

func TestWatcher_flood_cannot_put_it_off(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{}
		w := started(t, netwatch.Config{}, k)
		for i := 0; i < 195; i++ {
			k.event(nil)
			time.Sleep(10 * ms)
		}
		nothing(t, w)
		got := k.when(&k.dumps)
		for i := 1; i < len(got); i++ {
			// A wait begins with the first event after the last dump.
			if gap := got[i] - got[i-1]; gap < 500*ms || gap > 510*ms {
				t.Errorf("dumps at %v; want one every 500 ms", got)
			}
		}
		if len(got) != 4 {
			t.Errorf("dumps at %v; want the first and three in 1.95 s", got)
		}
	})
}

func TestWatcher_idle_asks_every_ten_minutes_only(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{}
		w := started(t, netwatch.Config{}, k)
		time.Sleep(25 * time.Minute)
		nothing(t, w)
		if want, got := []time.Duration{0, 10 * time.Minute, 20 * time.Minute}, k.when(&k.dumps); !slices.Equal(got, want) {
			t.Errorf("dumps at %v; want %v", got, want)
		}
		k.world.Store(2) // unannounced
		s := <-w.Snapshots()
		if got := time.Since(k.began); got != 30*time.Minute || !s.FirstEvent.IsZero() {
			t.Errorf("told after %v, first event %v", got, s.FirstEvent)
		}
	})
}

func TestWatcher_slow_reader_gets_the_newest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{}
		w := started(t, netwatch.Config{}, k)
		for k.world.Load() < 9 {
			k.world.Add(1)
			k.event(nil) // never blocks for long
			time.Sleep(time.Second)
		}
		s := <-w.Snapshots()
		if s.Links[0].Index != 9 || !s.FirstEvent.Equal(k.began) {
			t.Errorf("told %+v; want the newest, since the first event not yet told", s)
		}
		nothing(t, w)

		// There and back again is no news for who did not look.
		k.world.Store(10)
		k.event(nil)
		time.Sleep(time.Second)
		k.world.Store(9)
		k.event(nil)
		time.Sleep(time.Second)
		nothing(t, w)
	})
}

func TestWatcher_hint_counts_as_an_event(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{}
		w := started(t, netwatch.Config{}, k)
		time.Sleep(time.Minute)
		k.world.Store(2)
		w.Hint()
		if s := <-w.Snapshots(); !s.FirstEvent.Equal(k.began.Add(time.Minute)) || time.Since(k.began) != time.Minute+50*ms {
			t.Errorf("told at %v, first event %v", time.Since(k.began), s.FirstEvent)
		}
	})
}

func TestWatcher_interrupted_dump_is_never_told(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{err: nl.ErrDumpInterrupted}
		w := started(t, netwatch.Config{}, k)
		k.world.Store(2)
		k.fails.Store(3)
		k.event(nil)
		<-w.Snapshots()
		if got := time.Since(k.began); got != 50*ms || w.Counters().Interrupted != 3 {
			t.Errorf("told after %v, %+v; want the fourth try at once", got, w.Counters())
		}
		k.world.Store(3)
		k.fails.Store(7) // five, a pause, two more
		event := time.Now()
		k.event(nil)
		s := <-w.Snapshots()
		if got := time.Since(event); got != 150*ms || !s.FirstEvent.Equal(event) {
			t.Errorf("told after %v, first event %v before", got, time.Since(s.FirstEvent))
		}
	})
}

func TestWatcher_failing_dump_is_tried_again_ever_more_slowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard []string
		k := &fake{err: errors.New("out of memory")}
		w := started(t, netwatch.Config{Notice: func(what string, _ error) { heard = append(heard, what) }}, k)
		k.world.Store(2)
		k.fails.Store(11)
		k.event(nil)
		s := <-w.Snapshots()
		var gaps []time.Duration
		dumps := k.when(&k.dumps)
		for i := 2; i < len(dumps); i++ {
			gaps = append(gaps, dumps[i]-dumps[i-1])
		}
		want := []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms, 12800 * ms, 25600 * ms, 30 * time.Second, 30 * time.Second}
		if !slices.Equal(gaps, want) || !s.FirstEvent.Equal(k.began) {
			t.Errorf("pauses %v, first event %v", gaps, s.FirstEvent.Sub(k.began))
		}
		if !slices.Equal(heard, []string{netwatch.NoticeDumpFailed, netwatch.NoticeDumpWorking}) {
			t.Errorf("notices %v", heard)
		}
	})
}

func TestWatcher_overflow_keeps_the_socket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var heard []string
		k := &fake{}
		w := started(t, netwatch.Config{Notice: func(what string, _ error) { heard = append(heard, what) }}, k)
		k.world.Store(2)
		k.event(unix.ENOBUFS)
		<-w.Snapshots()
		if len(k.when(&k.opened)) != 1 || w.Counters().Overflows != 1 || !slices.Equal(heard, []string{netwatch.NoticeOverflow}) {
			t.Errorf("opened at %v, %+v, notices %v", k.when(&k.opened), w.Counters(), heard)
		}
	})
}

func TestWatcher_failed_socket_is_reopened_with_pauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{}
		w := started(t, netwatch.Config{}, k)
		k.refuse.Store(4)
		k.world.Store(2) // with the socket gone, nobody says so
		k.event(unix.EBADF)
		if <-w.Snapshots(); time.Since(k.began) != 150*ms {
			t.Errorf("told after %v; want the first attempt to reopen to mark the world dirty", time.Since(k.began))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []time.Duration{0, 100 * ms, 300 * ms, 700 * ms, 1500 * ms, 3100 * ms}; !slices.Equal(k.when(&k.opened), want) {
			t.Errorf("opened at %v; want %v", k.when(&k.opened), want)
		}
		k.world.Store(3)
		k.event(nil)
		<-w.Snapshots()
		if got := w.Counters().Reopened; got != 1 {
			t.Errorf("reopened %d times", got)
		}
	})
}

func TestWatcher_without_a_socket_from_the_start(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &fake{}
		k.refuse.Store(1)
		w := started(t, netwatch.Config{}, k)
		k.world.Store(2)
		<-w.Snapshots()
		if w.Counters().Reopened != 1 {
			t.Errorf("%+v", w.Counters())
		}
	})
}
