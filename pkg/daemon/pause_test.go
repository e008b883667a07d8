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
		now := time.Now()
		w.Wrote(now, now)
		if d := due(); d != time.Second {
			t.Fatalf("the second waits %v", d)
		}
		now = time.Now()
		w.Wrote(now.Add(-time.Second), now)
		if d := due(); d != 20*time.Second {
			t.Fatalf("after one that took a second: %v", d)
		}
	})
}
