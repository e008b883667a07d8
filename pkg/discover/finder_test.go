//go:build go1.25

package discover_test

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/discover"
)

func TestFinder_finds_at_once_and_follows_within_the_interval(t *testing.T) {
	within(t, func(b *bench) {
		if v := b.View("wan", address.IPv4); v.Pending || v.Text == "" {
			b.Errorf("before it is asked: %+v", v)
		}
		b.Ask(behind("x"), false)
		if !b.View("wan", address.IPv4).Pending {
			b.Error("it is not pending")
		}
		b.wait(100 * time.Millisecond)
		b.sees(before)
		if n := total(b.stun); n != 2 {
			b.Errorf("%d were asked, two do", n)
		}
		b.wait(time.Hour)
		if n := total(b.stun) - 2; n < 27 || n > 34 {
			b.Errorf("in an hour without a change %d questions were asked, want one in two minutes", n)
		}
		for try := 0; try < 20; try++ {
			b.wait(time.Duration(rand.Intn(240)) * time.Second)
			now := []string{after, before}[try%2]
			b.all(now)
			b.wait(132*time.Second + 100*time.Millisecond)
			b.sees(now)
		}
		if n := total(b.echo); n != 0 {
			b.Errorf("the echoes were asked %d times", n)
		}
	})
}

func TestFinder_is_not_moved_by_one(t *testing.T) {
	for _, bad := range []string{lie, "192.168.9.9", "100.64.1.1", "", "silence", "flip"} {
		t.Run("says-"+bad, func(t *testing.T) {
			within(t, func(b *bench) {
				b.stun[0].say(bad)
				b.Ask(behind("x"), false)
				b.wait(700 * time.Millisecond)
				b.sees(before)
				for i := 0; i < 300; i++ {
					if bad == "flip" {
						b.stun[0].say(fmt.Sprintf("192.88.97.%d", i%250))
					}
					b.wait(time.Minute)
					b.sees(before)
				}
				b.all(after)
				b.stun[0].say(bad)
				b.wait(133 * time.Second)
				b.sees(after)
				if b.changes != 2 {
					b.Errorf("%d changes were told, want 2", b.changes)
				}
			})
		})
	}
}

// One that goes on saying what was, delays a change but cannot prevent it.
func TestFinder_a_witness_that_never_notices_only_delays(t *testing.T) {
	within(t, func(b *bench) {
		b.Ask(behind("x"), false)
		b.wait(time.Second)
		b.all(after)
		b.stun[2].say(before)
		b.wait(time.Hour)
		b.sees(after)
	})
}

func TestFinder_disagreement_is_no_address(t *testing.T) {
	within(t, func(b *bench) {
		for i, w := range append(b.stun, b.echo...) {
			w.say(fmt.Sprintf("192.88.97.%d", i+1))
		}
		b.Ask(behind("x"), false)
		b.wait(10 * time.Second)
		b.sees("")
		if v := b.View("wan", address.IPv4); v.Pending || v.Text == "" {
			b.Errorf("the view gives no reason: %+v", v)
		}
		b.all(before) // and it is tried again soon
		b.wait(time.Minute)
		b.sees(before)
	})
}

func TestFinder_echoes_stand_in_rarely(t *testing.T) {
	within(t, func(b *bench) {
		for _, w := range b.stun {
			w.say("silence")
		}
		b.Ask(behind("x"), false)
		b.wait(6 * time.Second)
		b.sees(before)
		if n := total(b.echo); n != 2 {
			b.Errorf("%d echoes were asked, two agree", n)
		}
		b.wait(time.Hour)
		if n := total(b.echo) - 2; n < 5 || n > 7 {
			b.Errorf("echoes were asked %d times in an hour, want one in ten minutes", n)
		}
	})
}

func TestFinder_local_changes_and_hints(t *testing.T) {
	within(t, func(b *bench) {
		b.Ask(behind("x"), false)
		b.wait(10 * time.Second)
		b.all(after)
		b.Ask(behind("y"), false)
		b.sees(before) // stays in view while it is asked
		b.wait(100 * time.Millisecond)
		b.sees(after)
		b.all(before)
		for i := 0; i < 100; i++ { // something flaps elsewhere
			b.Ask(behind("y"), true)
			b.wait(100 * time.Millisecond)
		}
		b.sees(before)
		if n := total(b.stun); n > 2+2+2+4 {
			b.Errorf("%d questions: a flapping device elsewhere makes a storm", n)
		}
		b.all("")
		b.Ask(behind("z"), false)
		b.wait(10 * time.Second)
		b.sees("") // what was seen under other circumstances is not known to be true now
		b.all(before)
		b.wait(time.Minute)
		b.sees(before)
		b.Ask(nil, false)
		if v := b.View("wan", address.IPv4); v.Addr.IsValid() {
			b.Errorf("what is not asked for is remembered: %+v", v)
		}
		n := total(b.stun)
		b.wait(time.Hour)
		if total(b.stun) != n {
			b.Error("what is not asked for is asked")
		}
	})
}

func TestFinder_a_blackout_changes_nothing(t *testing.T) {
	within(t, func(b *bench) {
		b.Ask(behind("x"), false)
		b.wait(time.Second)
		b.all("silence")
		b.wait(time.Hour)
		b.sees(before)
		b.all(after)
		b.wait(133 * time.Second)
		b.sees(after)
	})
}

func TestFinder_the_upstream_is_a_hint_and_announces(t *testing.T) {
	within(t, func(b *bench) {
		b.modem.external = lie
		b.Ask(behind("x"), false)
		b.wait(time.Second)
		b.sees(before)
		if v := b.View("wan", address.IPv4); v.Upstream.String() != lie {
			b.Errorf("the upstream's word is lost: %+v", v)
		}
		announce := <-b.modem.announced
		b.wait(10 * time.Second)
		b.all(after)
		announce()
		b.wait(100 * time.Millisecond)
		b.sees(after)
		n := total(b.stun)
		for i := 0; i < 100; i++ {
			announce()
			b.wait(100 * time.Millisecond)
		}
		if asked := total(b.stun) - n; asked > 3 {
			b.Errorf("%d questions after 100 announcements in 10 s", asked)
		}
	})
}

func TestFinder_one_operator_is_trusted_when_there_is_no_other(t *testing.T) {
	within(t, func(b *bench) {
		b.Configure(discover.Config{Tiers: [][]discover.Witness{{b.stun[0]}, {b.echo[0]}}, Interval: time.Minute})
		b.Ask(behind("x"), false)
		b.wait(time.Second)
		b.sees(before)
	})
}

// While at the most one of four operators is wrong at any time, nothing but the truth, or what
// was true a moment ago, is ever seen.
func TestFinder_random_faults(t *testing.T) {
	for seed := int64(0); seed < 20; seed++ {
		within(t, func(b *bench) {
			r := rand.New(rand.NewSource(seed))
			true_ := map[string]bool{before: true, "": true}
			b.Ask(behind("x"), false)
			for i := 0; i < 100; i++ {
				now := fmt.Sprintf("192.88.99.%d", r.Intn(5))
				true_[now] = true
				b.all(now)
				b.stun[r.Intn(4)].say([]string{lie, "silence", "", "10.1.1.1"}[r.Intn(4)])
				switch r.Intn(4) {
				case 0:
					b.Ask(behind(fmt.Sprint(i)), false)
				case 1:
					b.Ask(behind("x"), true)
				}
				b.wait(time.Duration(r.Intn(200)) * time.Second)
				v := b.View("wan", address.IPv4)
				if v.Addr.IsValid() && !true_[v.Addr.String()] {
					b.Fatalf("seed %d: it sees %v", seed, v.Addr)
				}
			}
			b.all(after)
			b.wait(5 * time.Minute)
			b.sees(after)
		})
	}
}
