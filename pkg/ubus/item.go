package ubus

import (
	"context"
	"slices"
	"sync/atomic"
)

// An item is something of ours that should be on the bus, whatever happens to ubusd: a
// published object, a subscription or a listener for events. Each is an object to ubusd; the
// last two have no name.
type item struct {
	c    *Client
	name string // for errors: "object wandns"

	object   *Object // one of these is set
	sub      *Subscription
	patterns []string // of events

	handle   func(ctx context.Context, r *Request) error   // in the dispatcher
	inReader func(s *session, method string, args Message) // instead, in the reader: quick, and quiet
	settle   func(ctx context.Context, s *session) error   // puts on the bus what is missing of it
	methods  map[string]*Method                            // of an object
	listened atomic.Bool                                   // an object has subscribers

	// Under c.mu:
	id         uint32 // on the bus; 0 while it is not there
	target     uint32 // of a subscription: the object's id
	registered int    // how many of patterns ubusd has
	ready      bool   // all of it is in place
	removed    bool   // nobody wants it any more
	lost       bool   // messages for it were thrown away, and it was not told yet
	told       string // the last error that was reported
}

func (it *item) String() string { return it.name }

// gone forgets what a connection knew; c.mu is held.
func (it *item) gone() {
	it.id, it.target, it.registered, it.ready, it.lost, it.told = 0, 0, 0, false, false, ""
	it.listened.Store(false)
}

// methodName returns name as a string, without making a new one where the object has it.
func (it *item) methodName(name []byte) string {
	if m := it.methods[string(name)]; m != nil {
		return m.Name
	}
	return string(name)
}

// add makes an item of the client.
func (c *Client) add(it *item) *item {
	it.c = c
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items = append(c.items, it)
	if c.session != nil {
		c.session.kick()
	}
	return it
}

// remove takes an item off the bus soon; its handlers do not begin any more.
func (it *item) remove() {
	it.c.mu.Lock()
	defer it.c.mu.Unlock()
	it.removed = true
	if it.c.session != nil {
		it.c.session.kick()
	} else {
		it.c.forget(it)
	}
}

// forget needs c.mu.
func (c *Client) forget(it *item) {
	c.items = slices.DeleteFunc(c.items, func(i *item) bool { return i == it })
}

// A Published is an object of ours.
type Published struct{ it *item }

// Publish puts an object on the bus and keeps it there, from the time that Run is connected;
// when it is refused (the name is taken, or the access control forbids it: ubusd says
// InvalidArgument to both) it is tried again when the bus tells of a change, and once in a
// minute. Client.Report gets the reason.
func (c *Client) Publish(o Object) *Published {
	it := &item{name: "object " + o.Name, object: &o, methods: make(map[string]*Method, len(o.Methods))}
	for i := range o.Methods {
		it.methods[o.Methods[i].Name] = &o.Methods[i]
	}
	it.handle = it.called
	it.settle = it.addObject
	return &Published{c.add(it)}
}

func (it *item) called(ctx context.Context, r *Request) error {
	m := it.methods[r.Method]
	if m == nil || m.Handle == nil {
		return &StatusError{Code: MethodNotFound}
	}
	if err := m.checkArgs(r.Args); err != nil {
		return err
	}
	return m.Handle(ctx, r)
}

// Ready says whether the object is on the bus now.
func (p *Published) Ready() bool {
	p.it.c.mu.Lock()
	defer p.it.c.mu.Unlock()
	return p.it.ready
}

// Listened says whether anybody subscribed to the object.
func (p *Published) Listened() bool { return p.it.listened.Load() }

// Notify sends a notification to the subscribers, without wanting answers. When there is
// none, or no connection, it does nothing, quickly, and does not call args. The error is
// ErrNotConnected, ErrTooLarge or ErrMalformed.
func (p *Published) Notify(method string, args func(*Builder)) error {
	it := p.it
	if !it.listened.Load() {
		return nil
	}
	it.c.mu.Lock()
	s, id := it.c.session, it.id
	if s == nil || id == 0 || it.removed {
		it.c.mu.Unlock()
		return nil
	}
	seq := s.nextSeq()
	it.c.mu.Unlock()

	e := getEncoder()
	defer putEncoder(e)
	e.Begin(Header{Kind: KindNotify, Seq: seq, Peer: id})
	e.Uint32(AttrObjID, id)
	e.Text(AttrMethod, method)
	e.Fields(AttrData, args)
	e.Flag(AttrNoReply, true)
	err := e.End()
	if err == nil {
		err = s.send(e.Bytes())
	}
	if err != nil {
		err = explain(err, "notify "+method)
	}
	return err
}

// Remove takes the object off the bus.
func (p *Published) Remove() { p.it.remove() }

// A Subscription is what we want to hear of an object of another program.
type Subscription struct {
	Object string

	// Notify is called for each notification, and its return answers those that want an answer.
	Notify func(method string, args Message)

	// Joined, when not nil, is called each time when notifications begin to come: at first,
	// after the object's program or ubusd restarted, and after some were lost because handlers
	// were slow. Whatever was read of the object earlier may be out of date.
	Joined func()
}

// Subscribe subscribes to an object and keeps doing so: when its program or ubusd restarts it
// subscribes again. An object that is not there yet is waited for. remove ends it.
func (c *Client) Subscribe(sub Subscription) (remove func()) {
	it := &item{name: "subscription to " + sub.Object, sub: &sub}
	it.handle = func(_ context.Context, r *Request) error {
		switch {
		case r != nil:
			sub.Notify(r.Method, r.Args)
		case sub.Joined != nil:
			sub.Joined()
		}
		return nil
	}
	it.settle = it.subscribe
	return c.add(it).remove
}

// Listen listens for events whose id is pattern, or begins with it when it ends in "*".
// Events that we send ourselves do not come back. remove ends it.
func (c *Client) Listen(pattern string, handle func(id string, args Message)) (remove func()) {
	it := &item{name: "listener for " + pattern, patterns: []string{pattern}}
	it.handle = func(_ context.Context, r *Request) error {
		if r != nil {
			handle(r.Method, r.Args)
		}
		return nil
	}
	it.settle = it.register
	return c.add(it).remove
}
