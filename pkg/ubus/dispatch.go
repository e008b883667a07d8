package ubus

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// A task is something that the dispatcher does: run a handler for a request, or, without a
// request, tell a subscription that it has begun.
type task struct {
	it  *item
	req *Request
}

// A queue holds what has come in and was not dealt with yet. It has limits, because the reader
// may not wait: while it waited, ubusd would throw away whatever came next.
type queue struct {
	mu    sync.Mutex
	tasks []task
	bytes int
	some  chan struct{}
}

// The limits of a queue.
const (
	maxTasks = 64
	maxBytes = MaxMessage
)

func (q *queue) init() { q.some = make(chan struct{}, 1) }

// put is false when the queue is full. A task without a request always finds room: there is
// at most one of those for each subscription and connection, and one for each loss.
func (q *queue) put(t task) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.req != nil {
		if len(q.tasks) >= maxTasks || q.bytes+t.req.size > maxBytes && len(q.tasks) > 0 {
			return false
		}
		q.bytes += t.req.size
	}
	q.tasks = append(q.tasks, t)
	select {
	case q.some <- struct{}{}:
	default:
	}
	return true
}

func (q *queue) take() (t task, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.tasks) == 0 {
		return task{}, false
	}
	t = q.tasks[0]
	copy(q.tasks, q.tasks[1:]) // at most 64: cheaper than growing a new slice
	q.tasks[len(q.tasks)-1] = task{}
	q.tasks = q.tasks[:len(q.tasks)-1]
	if t.req != nil {
		q.bytes -= t.req.size
	}
	return t, true
}

// invoked takes in a call, a notification or an event.
func (s *session) invoked(h Header, a *Attrs) (kept bool) {
	s.c.mu.Lock()
	it := s.objects[a.Uint32(AttrObjID)]
	s.c.mu.Unlock()
	if it == nil {
		return false // removed meanwhile; ubusd would drop an answer
	}
	r := &Request{
		session: s, object: a.Uint32(AttrObjID), seq: h.Seq, peer: h.Peer,
		silent: a.Flag(AttrNoReply) || h.Peer == 0, // an event comes from the server itself, peer 0
		user:   a.Text(AttrUser), group: a.Text(AttrGroup),
		size: len(a.Bytes(AttrData)),
	}
	var err error
	if r.Args, err = a.Message(AttrData); err != nil || !a.Has(AttrMethod) || !a.Has(AttrData) {
		r.Finish(&StatusError{Code: InvalidArgument})
		return false
	}
	if it.patterns != nil && h.Peer != 0 {
		r.Finish(&StatusError{Code: PermissionDenied}) // events come from ubusd: this one is made up
		return false
	}
	r.Method = it.methodName(a.Text(AttrMethod))
	if it.inReader != nil {
		it.inReader(s, r.Method, r.Args)
		r.Finish(nil)
		return false
	}
	if !s.tasks.put(task{it, r}) {
		s.overrun(it, r)
	}
	return true
}

// overrun deals with a request for which there is no room.
func (s *session) overrun(it *item, r *Request) {
	r.Finish(&StatusError{Code: NoMemory})
	if it.object != nil {
		return // the caller knows now
	}
	s.c.mu.Lock()
	first := !it.lost
	it.lost = true
	s.c.mu.Unlock()
	if first {
		s.c.report(fmt.Errorf("%s: handlers are too slow, messages were lost", it))
		s.tasks.put(task{it: it})
	}
}

// dispatch runs handlers until the session ends.
func (s *session) dispatch() {
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.tasks.some:
		}
		for t, ok := s.tasks.take(); ok && s.ctx.Err() == nil; t, ok = s.tasks.take() {
			s.run(t)
		}
	}
}

// run does one task. A panic of a handler ends that task and nothing else.
func (s *session) run(t task) {
	s.c.mu.Lock()
	removed := t.it.removed
	if t.req == nil {
		t.it.lost = false
	}
	s.c.mu.Unlock()
	var err error
	if removed {
		err = &StatusError{Code: NotFound}
	} else {
		err = s.handle(t)
	}
	if t.req != nil && (err != nil || !t.req.isDeferred()) {
		t.req.Finish(err)
	}
}

func (s *session) handle(t task) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &StatusError{Code: UnknownError}
			s.c.report(fmt.Errorf("%s: handler panicked at %s: %v", t.it, panicSite(), v))
		}
	}()
	return t.it.handle(s.ctx, t.req)
}

// panicSite is the file and line of the code that panicked, for the deferred function that
// recovers.
func panicSite() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}
