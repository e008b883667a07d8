package ubus

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// A session is one connection to ubusd, from HELLO to its end. What is on the bus (ids,
// subscriptions) lives and dies with it.
type session struct {
	c      *Client
	conn   net.Conn
	ctx    context.Context // ends with the connection; handlers get it
	cancel context.CancelFunc

	writing sync.Mutex // held while a frame goes out: never together with c.mu

	// Under c.mu:
	seq     uint16
	pending map[uint16]*pending
	objects map[uint32]*item  // our objects by id
	ids     map[string]uint32 // other programs' objects by path, as last seen
	ended   bool

	attrs Attrs // of the frame that the reader deals with
	tasks queue
	wake  chan struct{} // something may be missing on the bus
}

// writeTimeout is how long ubusd may leave a frame unread. It reads whenever it can, so it
// hangs or is stopped; a frame that went out in part leaves nothing to do but to begin again.
const writeTimeout = 5 * time.Second

// keepBuffer is the largest read buffer that is kept for the next message, in bytes.
const keepBuffer = 16 << 10

func newSession(ctx context.Context, c *Client, conn net.Conn) *session {
	s := &session{
		c: c, conn: conn,
		pending: map[uint16]*pending{}, objects: map[uint32]*item{}, ids: map[string]uint32{},
		wake: make(chan struct{}, 1),
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.tasks.init()
	return s
}

// serve runs the three goroutines (this one reads) until the connection ends.
func (s *session) serve(in *bufio.Reader) error {
	s.c.mu.Lock()
	s.c.session = s
	s.c.mu.Unlock()
	var others sync.WaitGroup
	others.Add(2)
	go func() { defer others.Done(); s.keep() }()
	go func() { defer others.Done(); s.dispatch() }()
	err := s.read(in)
	s.end()
	others.Wait()
	return err
}

// end makes everybody let go of the session: pending calls, handlers, objects.
func (s *session) end() {
	s.cancel()
	s.conn.Close()
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.session = nil
	s.ended = true
	for seq, p := range s.pending {
		delete(s.pending, seq)
		p.done <- answer{err: ErrNotConnected}
	}
	for _, it := range s.c.items {
		it.gone()
	}
}

func (s *session) read(in *bufio.Reader) error {
	limit := s.c.MaxReceive
	if limit <= 0 {
		limit = MaxMessage
	}
	var head [HeaderSize]byte
	var buf []byte
	for {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return err
		}
		h, n, err := ParseHeader(&head)
		if err != nil {
			return err
		}
		if n > limit || h.Version != 0 {
			if _, err := in.Discard(n); err != nil {
				return err
			}
			s.skipped(h)
			continue
		}
		if cap(buf) < n {
			buf = make([]byte, max(n, 256))
		}
		if _, err := io.ReadFull(in, buf[:n]); err != nil {
			return err
		}
		if kept := s.receive(h, buf[:n]); kept || cap(buf) > keepBuffer {
			buf = nil
		}
	}
}

// skipped ends the call that a message belonged to which we could or would not read.
func (s *session) skipped(h Header) {
	if h.Kind == KindStatus || h.Kind == KindData {
		s.answered(h, &Attrs{}, fmt.Errorf("%w: too long or of version %d", ErrMalformed, h.Version))
	}
}

// receive deals with one frame. kept says that its bytes are still in use afterwards.
func (s *session) receive(h Header, body []byte) (kept bool) {
	var err error
	s.attrs, err = ParseAttrs(body)
	switch h.Kind {
	case KindStatus, KindData:
		return s.answered(h, &s.attrs, err)
	case KindInvoke:
		return err == nil && s.invoked(h, &s.attrs)
	case KindUnsubscribe:
		s.unsubscribed(&s.attrs)
	case KindNotify:
		s.listeners(&s.attrs)
	}
	return false
}

// listeners notes whether somebody listens to an object of ours.
func (s *session) listeners(a *Attrs) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if it := s.objects[a.Uint32(AttrObjID)]; it != nil && a.Has(AttrActive) {
		it.listened.Store(a.Flag(AttrActive))
	}
}

// unsubscribed notes that an object we subscribed to is gone.
func (s *session) unsubscribed(a *Attrs) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	it := s.objects[a.Uint32(AttrObjID)]
	if it != nil && it.ready && it.target == a.Uint32(AttrTarget) {
		it.ready, it.target = false, 0
		s.kick()
	}
}

// kick wakes the keeper.
func (s *session) kick() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake or will be
	}
}

// send writes frames. After an error the connection is closed: nobody knows how much went out.
func (s *session) send(frames []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	err := s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err == nil {
		_, err = s.conn.Write(frames)
	}
	if err != nil {
		s.conn.Close()
		return fmt.Errorf("%w: %v", ErrNotConnected, err)
	}
	return nil
}

// encoders holds buffers that are not in use. The garbage collector may empty it.
var encoders = sync.Pool{New: func() any { return new(Encoder) }}

func getEncoder() *Encoder {
	e, ok := encoders.Get().(*Encoder)
	if !ok {
		e = new(Encoder) // cannot be
	}
	e.Reset()
	return e
}

func putEncoder(e *Encoder) {
	if cap(e.b.buf) <= 4*keepBuffer {
		encoders.Put(e)
	}
}
