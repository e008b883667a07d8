package ubus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// settleTimeout is how long ubusd may take to answer one step of the keeper.
const settleTimeout = 5 * time.Second

// The keeper tries again what is missing after 1 s, doubling to a minute. That is for a user
// who may not hear the bus's own events; others are woken by those.
const (
	firstSettle = time.Second
	lastSettle  = time.Minute
)

// keep brings what is on the bus in line with what should be there, now and whenever the
// session is kicked.
func (s *session) keep() {
	watch := s.watcher()
	wait := firstSettle
	for s.ctx.Err() == nil {
		s.settleOne(watch)
		var again <-chan time.Time
		if s.settleAll() > 0 {
			again = time.After(wait)
		} else {
			wait = firstSettle
		}
		select {
		case <-s.ctx.Done():
		case <-s.wake:
		case <-again:
			wait = min(2*wait, lastSettle)
		}
	}
}

// settleAll returns how many items are not in place.
func (s *session) settleAll() (missing int) {
	s.c.mu.Lock()
	items := slices.Clone(s.c.items)
	s.c.mu.Unlock()
	for _, it := range items {
		if !s.settleOne(it) {
			missing++
		}
	}
	return missing
}

func (s *session) settleOne(it *item) (ok bool) {
	s.c.mu.Lock()
	ready, removed, id := it.ready, it.removed, it.id
	s.c.mu.Unlock()
	ctx, cancel := context.WithTimeout(s.ctx, settleTimeout)
	defer cancel()
	if removed {
		return s.drop(ctx, it, id)
	}
	if ready {
		return true
	}
	err := it.settle(ctx, s)
	if s.ctx.Err() != nil {
		return false
	}
	text := ""
	if err = explain(err, it.name); err != nil {
		text = err.Error()
	}
	isNew := false
	_ = s.note(func() { isNew, it.told = text != it.told, text })
	if isNew {
		s.c.report(err)
	}
	return err == nil
}

// drop takes an item off the bus and out of the client.
func (s *session) drop(ctx context.Context, it *item, id uint32) bool {
	if id != 0 {
		_, err := s.request(ctx, KindRemoveObject, &pending{}, func(e *Encoder) { e.Uint32(AttrObjID, id) })
		var status *StatusError
		if err != nil && !errors.As(err, &status) {
			return false
		}
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	delete(s.objects, id)
	s.c.forget(it)
	return true
}

// request asks ubusd itself. A status other than OK is an error.
func (s *session) request(ctx context.Context, k Kind, p *pending, fill func(*Encoder)) (answer, error) {
	a, err := s.ask(ctx, Header{Kind: k}, p, fill)
	if err == nil && a.status != OK {
		err = &StatusError{Code: a.status}
	}
	return a, err
}

// addObject makes the item an object of the bus; without a name if it is none to others.
func (it *item) addObject(ctx context.Context, s *session) error {
	p := &pending{
		// The id is known before the next frame is read, which may be a call.
		data: func(a *Attrs) error {
			if it.id = a.Uint32(AttrObjID); it.id == 0 {
				return fmt.Errorf("%w: object without an id", ErrMalformed)
			}
			s.objects[it.id] = it
			return nil
		},
		ok: func() { it.ready = it.object != nil && it.id != 0 },
	}
	_, err := s.request(ctx, KindAddObject, p, func(e *Encoder) {
		if it.object != nil {
			e.Text(AttrObjPath, it.object.Name)
			e.Fields(AttrSignature, func(b *Builder) { appendSignature(b, it.object.Methods) })
		}
	})
	return err
}

// objectID is the id of an item without a name, which it is given when it has none.
func (it *item) objectID(ctx context.Context, s *session) (uint32, error) {
	id := func() uint32 {
		s.c.mu.Lock()
		defer s.c.mu.Unlock()
		return it.id
	}
	if id() == 0 {
		if err := it.addObject(ctx, s); err != nil {
			return 0, err
		}
	}
	if id() == 0 {
		return 0, fmt.Errorf("%w: object without an id", ErrMalformed)
	}
	return id(), nil
}

func (it *item) subscribe(ctx context.Context, s *session) error {
	id, err := it.objectID(ctx, s)
	if err != nil {
		return err
	}
	target, known, err := s.idOf(ctx, it.sub.Object)
	if err != nil {
		return err
	}
	p := &pending{ok: func() {
		it.ready, it.target = true, target
		s.tasks.put(task{it: it})
	}}
	_, err = s.request(ctx, KindSubscribe, p, func(e *Encoder) {
		e.Uint32(AttrObjID, id)
		e.Uint32(AttrTarget, target)
	})
	if err != nil {
		s.forget(it.sub.Object, target)
	}
	if err != nil && known {
		return it.subscribe(ctx, s) // the id was out of date: ask for it
	}
	return err
}

// register registers the patterns that ubusd does not have yet. Each goes out once: ubusd
// keeps every one it is given, the same one twice if it is told twice.
func (it *item) register(ctx context.Context, s *session) error {
	id, err := it.objectID(ctx, s)
	if err != nil {
		return err
	}
	s.c.mu.Lock()
	patterns := it.patterns[it.registered:]
	s.c.mu.Unlock()
	for _, pattern := range patterns {
		_, a, err := s.invoke(ctx, eventObject, "register", func(b *Builder) {
			b.Int32("object", int32(id))
			b.Text("pattern", pattern)
		})
		if err == nil && a.status != OK {
			err = &StatusError{Code: a.status}
		}
		if err != nil {
			return err
		}
		if err := s.note(func() { it.registered++ }); err != nil {
			return err
		}
	}
	return s.note(func() { it.ready = true })
}

// note changes what an item knows of this connection, unless that has ended and the item
// already knows nothing again.
func (s *session) note(change func()) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.ended {
		return ErrNotConnected
	}
	change()
	return nil
}

// watcher listens for what may let a missing item succeed. A user whose access control does
// not allow to listen for these events waits for the timer instead.
func (s *session) watcher() *item {
	it := &item{
		c: s.c, name: "listener for changes on the bus",
		patterns: []string{"ubus.object.add", "ubus.acl.sequence", "ubus.object.remove"},
		inReader: (*session).busChanged,
	}
	it.settle = it.register
	return it
}

// busChanged looks whether an object that came or went, or a new access control, matters.
func (s *session) busChanged(_ string, args Message) {
	path, ok := args.Get("path").Text()
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if ok {
		delete(s.ids, path)
	} else {
		clear(s.ids)
	}
	for _, it := range s.c.items {
		concerns := !ok || it.object != nil && it.object.Name == path || it.sub != nil && it.sub.Object == path
		if concerns && !it.ready {
			s.kick()
			return
		}
	}
}
