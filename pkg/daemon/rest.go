package daemon

import (
	"runtime"
	"runtime/debug"

	"github.com/wandns/wandns/pkg/publish"
)

// Frugal makes the process as small as a router wants it, at a cost in speed that only a crowd
// of records would notice. Call it once, at the start.
//
// One processor at a time: work is waiting for the network, and what the runtime keeps for each
// processor costs 150 kB. A collection when the heap has grown by half, and first at 2 MB, not
// by double and at 4 MB. Both follow the size of the configuration; a fixed limit would make the
// collector run without end in a big one.
func Frugal() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(50)
}

// rest gives memory back once a burst of work is over: what the heap no longer needs, and the
// program's own pages. It collects three times: a pool (sync.Pool) is empty after the second
// collection, and each halves the stacks that grew in a TLS handshake, one for each account.
func (d *Daemon) rest() {
	for _, st := range d.pub.Status() {
		if st.State == publish.Updating {
			return
		}
	}
	d.o.Door.Release()
	for range 2 {
		runtime.GC()
	}
	debug.FreeOSMemory()
	d.code.yield()
}
