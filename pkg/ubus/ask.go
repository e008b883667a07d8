package ubus

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A pending is a request that ubusd or an object still has to answer.
type pending struct {
	peer uint32 // copied into every answer
	// data and ok are called by the reader with c.mu held, for each DATA and for STATUS 0.
	data func(*Attrs) error
	ok   func()
	done chan answer
}

// An answer is how a request ended.
type answer struct {
	status Status
	server bool  // ubusd itself says so, not the object
	err    error // no status: the connection ended, the answer made no sense
}

// maxPending is how many requests may wait at the same time.
const maxPending = 1024

// ask sends a request and waits for its end. p has its data and ok set or not.
func (s *session) ask(ctx context.Context, h Header, p *pending, fill func(*Encoder)) (answer, error) {
	p.peer = h.Peer
	p.done = make(chan answer, 1)
	var err error
	if h.Seq, err = s.enter(p); err != nil {
		return answer{}, err
	}
	e := getEncoder()
	e.Begin(h)
	if fill != nil {
		fill(e)
	}
	if err = e.End(); err == nil {
		err = s.send(e.Bytes())
	}
	putEncoder(e)
	if err != nil {
		s.leave(h.Seq, p)
		return answer{}, err
	}
	select {
	case a := <-p.done:
		return a, a.err
	case <-ctx.Done():
		s.leave(h.Seq, p)
		return answer{}, ctx.Err()
	}
}

// enter gives the request a number that no other waiting one has.
func (s *session) enter(p *pending) (seq uint16, err error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.ended {
		return 0, ErrNotConnected
	}
	if len(s.pending) >= maxPending {
		return 0, errors.New("too many ubus calls at the same time")
	}
	seq = s.nextSeq()
	s.pending[seq] = p
	return seq, nil
}

// nextSeq needs c.mu.
func (s *session) nextSeq() uint16 {
	for {
		s.seq++
		if s.pending[s.seq] == nil && s.seq != 0 {
			return s.seq
		}
	}
}

func (s *session) leave(seq uint16, p *pending) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.pending[seq] == p {
		delete(s.pending, seq)
	}
}

// answered takes a STATUS or DATA to the request that it answers. Answers that nobody waits
// for any more are normal.
func (s *session) answered(h Header, a *Attrs, err error) (kept bool) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	p := s.pending[h.Seq]
	if p == nil || p.peer != h.Peer {
		return false
	}
	if err == nil && h.Kind == KindData {
		if p.data == nil {
			return false
		}
		if err = p.data(a); err == nil {
			return true
		}
	}
	if err == nil && !a.Has(AttrStatus) {
		err = fmt.Errorf("%w: end of an answer without a status", ErrMalformed)
	}
	delete(s.pending, h.Seq)
	status := Status(a.Uint32(AttrStatus))
	if err == nil && status == OK && p.ok != nil {
		p.ok()
	}
	p.done <- answer{status, !a.Has(AttrObjID), err}
	return false
}

// callTimeout ends calls whose context has no deadline. It is that of the ubus command.
const callTimeout = 30 * time.Second

// Call calls a method of another program's object and returns its answer; an answer without
// data is the empty Message. args, which may be nil, appends the arguments; it is called again
// when the object turns out to have moved.
//
// Errors: a *StatusError when the bus or the object answered with a status (NotFound also for
// an object that is hidden from this user, TimedOut also for our own deadline: an object whose
// program dies during the call never answers); ErrNotConnected at once when there is no
// connection, and when it ends; ErrMalformed; ErrTooLarge; the context's error when it was
// cancelled. Without a deadline in the context a call ends after 30 s.
//
// A handler must not call a method of its own client's objects: it would wait for itself.
func (c *Client) Call(ctx context.Context, object, method string, args func(*Builder)) (Message, error) {
	m, err := c.call(ctx, object, method, args)
	if err != nil {
		return Message{}, explain(err, "call "+object+" "+method)
	}
	return m, nil
}

func (c *Client) call(ctx context.Context, object, method string, args func(*Builder)) (Message, error) {
	s := c.current()
	if s == nil {
		return Message{}, ErrNotConnected
	}
	ctx, cancel := withTimeout(ctx, callTimeout)
	defer cancel()
	for {
		id, known, err := s.idOf(ctx, object)
		if err != nil {
			return Message{}, err
		}
		m, a, err := s.invoke(ctx, id, method, args)
		if err == nil && a.status == OK {
			return m, nil
		}
		if err != nil || a.server && a.status == NotFound {
			s.forget(object, id)
		}
		if err != nil {
			return Message{}, err
		}
		if !known || !a.server || a.status != NotFound {
			return Message{}, &StatusError{Code: a.status}
		}
	}
}

// idOf finds an object's id. known says that it comes from an earlier answer and may be out of date.
func (s *session) idOf(ctx context.Context, object string) (id uint32, known bool, err error) {
	s.c.mu.Lock()
	id, known = s.ids[object]
	s.c.mu.Unlock()
	if known {
		return id, true, nil
	}
	list, err := s.lookup(ctx, object)
	if err != nil {
		return 0, false, err
	}
	for _, o := range list {
		if o.Path == object {
			s.c.mu.Lock()
			if len(s.ids) >= 64 {
				clear(s.ids) // somebody asks for ever new names: remember afresh
			}
			s.ids[object] = o.ID
			s.c.mu.Unlock()
			return o.ID, false, nil
		}
	}
	return 0, false, &StatusError{Code: NotFound, Hidden: true} // status 0 and no data
}

func (s *session) forget(object string, id uint32) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.ids[object] == id {
		delete(s.ids, object)
	}
}

// invoke calls a method of an object by its id.
func (s *session) invoke(ctx context.Context, id uint32, method string, args func(*Builder)) (m Message, a answer, err error) {
	p := &pending{data: func(a *Attrs) (err error) {
		m, err = a.Message(AttrData) // one is the rule; of several the last one counts
		return err
	}}
	a, err = s.ask(ctx, Header{Kind: KindInvoke, Peer: id}, p, func(e *Encoder) {
		e.Uint32(AttrObjID, id)
		e.Text(AttrMethod, method)
		e.Fields(AttrData, args)
	})
	return m, a, err
}

// eventObject is ubusd's own object that registers and sends events.
const eventObject = 1

// Event sends an event to everybody who listens for its id. The error is like that of Call;
// ids that begin with "ubus." are the server's own.
func (c *Client) Event(ctx context.Context, id string, args func(*Builder)) error {
	s := c.current()
	if s == nil {
		return explain(ErrNotConnected, "send event "+id)
	}
	ctx, cancel := withTimeout(ctx, callTimeout)
	defer cancel()
	_, a, err := s.invoke(ctx, eventObject, "send", func(b *Builder) {
		b.Text("id", id)
		b.Table("data", args)
	})
	if err == nil && a.status != OK {
		err = &StatusError{Code: a.status}
	}
	return explain(err, "send event "+id)
}

func withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}

// explain adds what was being done, and turns a deadline into the status that stands for it.
func explain(err error, op string) error {
	var s *StatusError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &s):
		s.Op = op
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", &StatusError{Code: TimedOut, Op: op}, err)
	}
	return fmt.Errorf("%s: %w", op, err)
}
