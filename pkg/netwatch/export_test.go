package netwatch

import "time"

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

// ScriptedEvents is a subscription: an error sent on C is what receive returns, nil is an event.
type ScriptedEvents struct {
	C      chan error
	Closed chan struct{}
}

// NewScriptedEvents makes one that is open.
func NewScriptedEvents() *ScriptedEvents {
	return &ScriptedEvents{C: make(chan error), Closed: make(chan struct{})}
}

func (e *ScriptedEvents) receive() (bool, error) {
	select {
	case err := <-e.C:
		return err == nil, err
	case <-e.Closed:
		return false, errClosed
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
func Relevant(datagram []byte) bool { return relevant(datagram) }

// Dump asks the real kernel once.
func Dump() error {
	_, err := rtnetlink{}.dump(nil)
	return err
}
