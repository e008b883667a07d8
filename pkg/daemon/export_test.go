package daemon

import (
	"context"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/publish"
)

var (
	WaitForClock = waitForClock
	Lock         = lock
	TakeWishes   = takeWishes
)

// Follower runs one record's family through decisions as the daemon does.
type Follower struct {
	Config *config.Config
	Family address.Family
	// Unnamed: netifd has not answered yet.
	Unnamed bool
	last    choice
}

// Next is what is wanted after a decision at a time.
func (f *Follower) Next(d address.Decision, now time.Time) ([]publish.Want, time.Time) {
	f.last = f.last.follow(d, !f.Unnamed, now)
	return wants(f.Config, map[part]choice{{f.Config.Records[0].Name, f.Family}: f.last}, now)
}

// StatusWriter is the pause between two writings of the status.
type StatusWriter struct{ w *statusWriter }

func NewStatusWriter() StatusWriter { return StatusWriter{newStatusWriter()} }

// Due waits for the writing after a change.
func (s StatusWriter) Due(ctx context.Context) error {
	s.w.changed(time.Now())
	select {
	case <-s.w.timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s StatusWriter) Wrote(started, ended time.Time) { s.w.wrote(started, ended) }

// ReadOnlyParts are the starts and sizes of what readOnlyParts found.
func ReadOnlyParts(maps string) (parts [][2]uintptr) {
	for _, r := range readOnlyParts(maps) {
		parts = append(parts, [2]uintptr{r.start, r.size})
	}
	return parts
}
