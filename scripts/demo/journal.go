package main

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/scripts/lab/double"
)

// kind is who a row of the journal comes from.
type kind uint8

const (
	fromKernel  kind = iota // a difference that the kernel told of
	fromService             // a request that arrived
	fromDaemon              // a line of the daemon's log
)

// row is one thing that happened. The fields below at belong to one kind each.
type row struct {
	kind kind
	at   time.Time

	change netwatch.Change
	usable []netip.Addr // addresses of the WAN that could be published since then

	service string
	request double.Request
	first   time.Time // when the first byte of the connection came

	line string
}

// journal collects rows from several goroutines.
type journal struct {
	mu      sync.Mutex
	rows    []row
	changed chan struct{} // closed and replaced at each row
}

func newJournal() *journal { return &journal{changed: make(chan struct{})} }

func (j *journal) add(rows ...row) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rows = append(j.rows, rows...)
	close(j.changed)
	j.changed = make(chan struct{})
}

// since is what came after the first so many rows, and what tells of more.
func (j *journal) since(skip int) ([]row, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]row(nil), j.rows[skip:]...), j.changed
}

func (j *journal) len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.rows)
}

// await waits until the rows after the first so many satisfy is.
func (j *journal) await(ctx context.Context, skip int, is func([]row) bool) error {
	for {
		rows, changed := j.since(skip)
		if is(rows) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// quiet waits until nothing has happened for a time: whatever was still to come has come.
func (j *journal) quiet(ctx context.Context, lasting time.Duration) error {
	for {
		_, changed := j.since(0)
		select {
		case <-changed:
		case <-time.After(lasting):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
