//go:build go1.25

package daemon_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/wandns/wandns/pkg/daemon"
)

func TestStatusWriter_never_becomes_the_main_work(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := daemon.NewStatusWriter()
		ctx := t.Context()
		due := func() time.Duration {
			from := time.Now()
			if err := w.Due(ctx); err != nil {
				t.Fatal(err)
			}
			return time.Since(from)
		}
		if d := due(); d != 0 {
			t.Fatalf("the first waits %v", d)
		}
		for took, want := range map[time.Duration]time.Duration{
			0:                      time.Second,
			20 * time.Millisecond:  time.Second,
			200 * time.Millisecond: 4 * time.Second,
			3 * time.Second:        10 * time.Second, // the router was busy with something else
		} {
			now := time.Now()
			w.Wrote(now.Add(-took), now)
			if d := due(); d != want {
				t.Errorf("after one that took %v the next waits %v, want %v", took, d, want)
			}
		}
	})
}
