package ubus_test

import (
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/ubus"
)

func TestBackoff_is_quick_after_a_restart_and_slow_without_ubus(t *testing.T) {
	var b ubus.Backoff
	var total time.Duration
	var waits []time.Duration
	for range 25 {
		w := b.Next(0)
		total += w
		waits = append(waits, w)
	}
	if waits[0] != 200*time.Millisecond || waits[1] != 400*time.Millisecond {
		t.Errorf("begins with %v", waits[:2])
	}
	for i, w := range waits[:16] {
		if w > 5*time.Second {
			t.Errorf("attempt %d waits %v", i, w)
		}
	}
	if w := waits[24]; w != time.Minute {
		t.Errorf("at last it waits %v: more than the idle budget allows, or too little", w)
	}
	if w := b.Next(time.Hour); w != 200*time.Millisecond {
		t.Errorf("after a connection that stood: %v", w)
	}
}

func TestBackoff_does_not_hammer_a_server_that_throws_us_out(t *testing.T) {
	var b ubus.Backoff
	last := b.Next(time.Millisecond)
	for range 30 {
		w := b.Next(time.Millisecond)
		if w < last {
			t.Fatalf("%v after %v", w, last)
		}
		last = w
	}
	if last != time.Minute {
		t.Fatalf("at last %v", last)
	}
}
