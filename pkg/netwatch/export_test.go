package netwatch

import (
	"time"

	"golang.org/x/sys/unix"
)

// Scripted is a kernel that does what a test says.
type Scripted struct {
	Subscribe func() (*ScriptedEvents, error)
	Dump      func() (Snapshot, error)
}

func (s *Scripted) subscribe(int) (events, error) {
	e, err := s.Subscribe()
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (s *Scripted) dump([]MAC) (Snapshot, error) { return s.Dump() }

// ScriptedEvents is a subscription: an error sent on C is what receive returns, nil is an event, and
// IPv4Event one of an IPv4 address or default route.
type ScriptedEvents struct {
	C      chan error
	Closed chan struct{}
}

// NewScriptedEvents makes one that is open.
func NewScriptedEvents() *ScriptedEvents {
	return &ScriptedEvents{C: make(chan error), Closed: make(chan struct{})}
}

// IPv4Event is no error.
const IPv4Event = unix.Errno(0)

func (e *ScriptedEvents) receive() (relevant, ipv4 bool, err error) {
	select {
	case err := <-e.C:
		if err == IPv4Event {
			return true, true, nil
		}
		return err == nil, false, err
	case <-e.Closed:
		return false, false, errClosed
	}
}

type closedError struct{}

func (closedError) Error() string { return "closed" }

var errClosed = closedError{}

func (e *ScriptedEvents) neighbours([]MAC, []Neighbour) error { return nil }

func (e *ScriptedEvents) alive() bool { return true }

func (e *ScriptedEvents) close() {
	select {
	case <-e.Closed:
	default:
		close(e.Closed)
	}
}

// NewScripted is New on a scripted kernel.
func NewScripted(cfg Config, k *Scripted) *Watcher { return newWatcher(cfg, k) }

// CloseSocket closes the event socket under the Watcher, once it is open.
func CloseSocket(w *Watcher) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.events == nil {
		return false
	}
	w.events.close()
	return true
}

// Build makes a snapshot of message bodies.
func Build(now time.Time, links, addresses, routes [][]byte) Snapshot {
	return BuildWith(nil, nil, now, links, addresses, routes)
}

// BuildWith is Build with neighbours, of whom some are wanted.
func BuildWith(wanted []MAC, neighbours [][]byte, now time.Time, links, addresses, routes [][]byte) Snapshot {
	b := &builder{now: now, wanted: wanted}
	for _, m := range links {
		b.addLink(m)
	}
	for _, m := range addresses {
		b.addAddress(m)
	}
	for _, m := range routes {
		b.addRoute(m)
	}
	for _, m := range neighbours {
		b.addNeighbour(m)
	}
	return b.snapshot(now)
}

// Relevant is whether an event datagram leads to a dump.
func Relevant(datagram []byte) bool { return isRelevant(datagram) }

// IPv4 is whether an event datagram may lead to an early look.
func IPv4(datagram []byte) bool { return isIPv4(datagram) }

// Replaces is whether b only has other IPv4 addresses than a.
func Replaces(a, b Snapshot) bool { return b.replaces(a) }

// Dump asks the real kernel once.
func Dump() error {
	_, err := rtnetlink{}.dump(nil)
	return err
}
