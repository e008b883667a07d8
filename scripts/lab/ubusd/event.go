package ubusd

import (
	"slices"
	"strings"

	"github.com/wandns/wandns/pkg/ubus"
)

// eventObject is the server's own object for events.
const eventObject = 1

// eventCall is a call of it (ubusd_event.c).
func (s *Server) eventCall(c *client, method string, a *ubus.Attrs) ubus.Status {
	args, err := a.Message(ubus.AttrData)
	if err != nil || !a.Has(ubus.AttrData) {
		return ubus.InvalidArgument
	}
	switch method {
	case "register":
		return s.register(c, args)
	case "send":
		id, ok := args.Get("id").Text()
		data := args.Get("data")
		switch {
		case !ok || data.Type() != ubus.Table:
			return ubus.InvalidArgument
		case strings.HasPrefix(id, "ubus.") || !c.rules.may(sending, id):
			return ubus.PermissionDenied
		}
		s.event(c, id, data.Members())
		return ubus.OK
	}
	return ubus.InvalidCommand
}

func (s *Server) register(c *client, args ubus.Message) ubus.Status {
	n, okID := args.Get("object").Int()
	pattern, okPattern := args.Get("pattern").Text()
	o := s.objects[uint32(n)]
	switch {
	case !okID || !okPattern:
		return ubus.InvalidArgument
	case o == nil:
		return ubus.NotFound
	case o.client != c || pattern == "" || !c.rules.may(listening, strings.TrimSuffix(pattern, "*")):
		return ubus.PermissionDenied
	}
	o.patterns = append(o.patterns, pattern)
	return ubus.OK
}

// event sends an event to who listens for it, but not back to its sender.
func (s *Server) event(from *client, id string, data ubus.Message) {
	for _, o := range s.objects {
		if o.client == nil || o.client == from ||
			!slices.ContainsFunc(o.patterns, func(p string) bool { return matches(p, id) }) {
			continue
		}
		s.eventSeq++
		o.client.send(ubus.Header{Kind: ubus.KindInvoke, Seq: s.eventSeq}, func(e *ubus.Encoder) {
			e.Uint32(ubus.AttrObjID, o.id)
			e.Text(ubus.AttrMethod, id)
			e.Fields(ubus.AttrData, func(b *ubus.Builder) { b.Message(data) })
		})
	}
}

func (s *Server) objectEvent(o *object, id string) {
	if o.path == "" {
		return
	}
	s.event(nil, id, encode(func(b *ubus.Builder) {
		b.Int32("id", int32(o.id))
		b.Text("path", o.path)
	}))
}

// Event sends an event as another program would.
func (s *Server) Event(id string, build func(*ubus.Builder)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.event(nil, id, encode(build))
}
