package ubusd

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/wandns/wandns/pkg/ubus"
)

// An Object plays another program's object, such as netifd's network.interface.
type Object struct {
	Path    string
	Methods []Method

	server *Server
}

// A Method of an Object.
type Method struct {
	Name   string
	Params []ubus.Param
	// Answer gives the status and, with OK, the data. Silence never answers.
	Answer func(args ubus.Message) (ubus.Status, ubus.Message)
}

// Silence is the status of a program that died during the call: nobody answers.
const Silence = forwarded

// Fixed answers always the same.
func Fixed(m ubus.Message) func(ubus.Message) (ubus.Status, ubus.Message) {
	return func(ubus.Message) (ubus.Status, ubus.Message) { return ubus.OK, m }
}

// Provide puts an object on the bus; it comes back by itself after Restart.
func (s *Server) Provide(path string, methods ...Method) *Object {
	o := &Object{Path: path, Methods: methods, server: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.own = append(s.own, o)
	s.place(o)
	return o
}

func (s *Server) place(o *Object) {
	sig := encode(func(b *ubus.Builder) {
		for _, m := range o.Methods {
			b.Table(m.Name, func(b *ubus.Builder) {
				for _, p := range m.Params {
					b.Int32(p.Name, int32(p.Type))
				}
			})
		}
	})
	var e ubus.Encoder
	e.Begin(ubus.Header{})
	e.Fields(ubus.AttrSignature, func(b *ubus.Builder) { b.Message(sig) })
	id := s.newID()
	s.put(&object{id: id, path: o.Path, own: o,
		typ: &objectType{id: s.newID(), uses: 1, signature: e.Bytes()[ubus.HeaderSize+4:]}})
}

// Remove takes the object off the bus, as when its program ends.
func (o *Object) Remove() {
	s := o.server
	s.mu.Lock()
	defer s.mu.Unlock()
	s.own = slices.DeleteFunc(s.own, func(i *Object) bool { return i == o })
	if on := s.byPath(o.Path); on != nil && on.own == o {
		s.remove(on)
	}
}

// Notify sends a notification as netifd does: without wanting answers.
func (o *Object) Notify(method string, data ubus.Message) {
	s := o.server
	s.mu.Lock()
	defer s.mu.Unlock()
	on := s.byPath(o.Path)
	if on == nil {
		return
	}
	var e ubus.Encoder
	e.Begin(ubus.Header{})
	e.Fields(ubus.AttrData, func(b *ubus.Builder) { b.Message(data) })
	for _, sub := range on.subscribers {
		s.eventSeq++
		sub.deliver([2]string{"root", "root"}, ubus.Header{Seq: s.eventSeq, Peer: 1}, method, e.Bytes()[ubus.HeaderSize+4:], true)
	}
}

// Subscribers is how many there are.
func (o *Object) Subscribers() int {
	s := o.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if on := s.byPath(o.Path); on != nil {
		return len(on.subscribers)
	}
	return 0
}

func (s *Server) answerOwn(c *client, h ubus.Header, o *object, method string, a *ubus.Attrs) {
	status, data := ubus.MethodNotFound, ubus.Message{}
	if i := slices.IndexFunc(o.own.Methods, func(m Method) bool { return m.Name == method }); i >= 0 {
		status = ubus.InvalidArgument
		if args, err := a.Message(ubus.AttrData); err == nil {
			status, data = o.own.Methods[i].Answer(args)
		}
	}
	if status == Silence {
		return
	}
	if status == ubus.OK && !data.Empty() {
		c.send(ubus.Header{Kind: ubus.KindData, Seq: h.Seq, Peer: o.id}, func(e *ubus.Encoder) {
			e.Uint32(ubus.AttrObjID, o.id)
			e.Fields(ubus.AttrData, func(b *ubus.Builder) { b.Message(data) })
		})
	}
	c.send(ubus.Header{Kind: ubus.KindStatus, Seq: h.Seq, Peer: o.id}, func(e *ubus.Encoder) {
		e.Uint32(ubus.AttrStatus, uint32(status))
		e.Uint32(ubus.AttrObjID, o.id)
	})
}

// JSON makes a message of a JSON object, by the rules of the ubus command.
func JSON(text string) (ubus.Message, error) {
	var bad error
	m, err := ubus.NewMessage(func(b *ubus.Builder) { bad = b.JSON(text) })
	return m, errors.Join(bad, err)
}

// File makes a message of a file: a JSON object, or a recorded conversation of which it is the
// data of the last DATA frame that the server sent.
func File(name string) (ubus.Message, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return ubus.Message{}, err
	}
	var rec Recording
	if err := json.Unmarshal(text, &rec); err != nil {
		return ubus.Message{}, fmt.Errorf("%s: %w", name, err)
	}
	if rec.Frames == nil {
		return JSON(string(text))
	}
	for _, f := range slices.Backward(rec.Frames) {
		if f.Dir != "s2c" || f.Hex == "" {
			continue
		}
		h, a, err := f.Parse()
		if err != nil {
			return ubus.Message{}, fmt.Errorf("%s: %w", name, err)
		}
		if h.Kind == ubus.KindData && a.Has(ubus.AttrData) {
			return a.Message(ubus.AttrData)
		}
	}
	return ubus.Message{}, fmt.Errorf("%s: no data in it", name)
}
