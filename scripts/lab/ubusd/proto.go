package ubusd

import (
	"bytes"
	"slices"
	"sort"
	"strings"

	"github.com/wandns/wandns/pkg/ubus"
)

// forwarded is the pseudo status of a request that somebody else will answer, or nobody.
const forwarded = ^ubus.Status(0)

// receive deals with one frame of a client (ubusd_proto.c). s.mu is held, here and below.
func (s *Server) receive(c *client, h ubus.Header, body []byte) {
	a, err := ubus.ParseAttrs(body)
	if err != nil {
		a = ubus.Attrs{} // ubusd goes on with what it understood; nobody relies on it
	}
	status := ubus.InvalidCommand
	switch h.Kind {
	case ubus.KindPing:
		var e ubus.Encoder
		e.Begin(ubus.Header{Kind: ubus.KindData, Seq: h.Seq, Peer: h.Peer})
		_ = e.End()
		c.sendRaw(e.Bytes())
		status = ubus.OK
	case ubus.KindLookup:
		status = s.lookup(c, h, &a)
	case ubus.KindInvoke:
		status = s.invoke(c, h, &a)
	case ubus.KindAddObject:
		status = s.addObject(c, h, &a)
	case ubus.KindRemoveObject:
		status = s.removeObject(c, h, &a)
	case ubus.KindSubscribe:
		status = s.subscribe(c, &a)
	case ubus.KindUnsubscribe:
		status = s.unsubscribe(c, &a)
	case ubus.KindNotify:
		status = s.notify(c, h, &a)
	case ubus.KindStatus, ubus.KindData:
		s.respond(c, h, &a, body)
		return
	}
	if status != forwarded {
		c.send(ubus.Header{Kind: ubus.KindStatus, Seq: h.Seq, Peer: h.Peer}, func(e *ubus.Encoder) {
			e.Uint32(ubus.AttrStatus, uint32(status))
		})
	}
}

func (s *Server) byPath(path string) *object {
	for _, o := range s.objects {
		if o.path == path && path != "" {
			return o
		}
	}
	return nil
}

func (s *Server) lookup(c *client, h ubus.Header, a *ubus.Attrs) ubus.Status {
	pattern, exact := "*", false
	if a.Has(ubus.AttrObjPath) {
		pattern = string(a.Text(ubus.AttrObjPath))
		exact = !strings.HasSuffix(pattern, "*")
		if pattern == "" {
			return ubus.InvalidArgument
		}
	}
	var found []*object
	for _, o := range s.objects {
		if o.path != "" && matches(pattern, o.path) {
			found = append(found, o)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].path < found[j].path })
	for _, o := range found {
		s.describe(c, h, o)
	}
	if len(found) == 0 && (exact || pattern != "*") {
		return ubus.NotFound
	}
	return ubus.OK
}

// describe sends an object with the methods that the client may call, or nothing.
func (s *Server) describe(c *client, h ubus.Header, o *object) {
	if o.typ == nil {
		return
	}
	all, err := ubus.ParseMessage(o.typ.signature)
	if err != nil {
		return
	}
	allowed := encode(func(b *ubus.Builder) {
		for m := range all.Fields() {
			if c.rules.mayCall(o.path, m.Name()) {
				b.Field(m.Name(), m)
			}
		}
	})
	if allowed.Empty() && !all.Empty() {
		return
	}
	c.send(ubus.Header{Kind: ubus.KindData, Seq: h.Seq, Peer: h.Peer}, func(e *ubus.Encoder) {
		e.Text(ubus.AttrObjPath, o.path)
		e.Uint32(ubus.AttrObjID, o.id)
		e.Uint32(ubus.AttrObjType, o.typ.id)
		e.Fields(ubus.AttrSignature, func(b *ubus.Builder) { b.Message(allowed) })
	})
}

func (s *Server) addObject(c *client, h ubus.Header, a *ubus.Attrs) ubus.Status {
	path := string(a.Text(ubus.AttrObjPath))
	if path != "" && (!c.rules.may(publishing, path) || s.byPath(path) != nil) {
		return ubus.InvalidArgument
	}
	o := &object{path: path, client: c}
	var typ uint32
	o.id = s.newID()
	switch {
	case a.Has(ubus.AttrSignature):
		if _, err := a.Message(ubus.AttrSignature); err != nil {
			return ubus.InvalidArgument
		}
		typ = s.newID()
		o.typ = &objectType{id: typ, uses: 1, signature: bytes.Clone(a.Bytes(ubus.AttrSignature))}
	case a.Has(ubus.AttrObjType):
		o.typ = s.typeByID(a.Uint32(ubus.AttrObjType))
	}
	s.put(o)
	c.send(ubus.Header{Kind: ubus.KindData, Seq: h.Seq, Peer: h.Peer}, func(e *ubus.Encoder) {
		e.Uint32(ubus.AttrObjID, o.id)
		if typ != 0 {
			e.Uint32(ubus.AttrObjType, typ)
		}
	})
	return ubus.OK
}

func (s *Server) typeByID(id uint32) *objectType {
	for _, o := range s.objects {
		if o.typ != nil && o.typ.id == id {
			o.typ.uses++
			return o.typ
		}
	}
	return nil
}

// put makes an object known, and tells who listens for that.
func (s *Server) put(o *object) {
	s.objects[o.id] = o
	s.objectEvent(o, "ubus.object.add")
}

// remove is put's opposite.
func (s *Server) remove(o *object) {
	delete(s.objects, o.id)
	s.objectEvent(o, "ubus.object.remove")
	for _, sub := range o.subscribers {
		sub.seq++
		sub.client.send(ubus.Header{Kind: ubus.KindUnsubscribe, Seq: sub.seq}, func(e *ubus.Encoder) {
			e.Uint32(ubus.AttrObjID, sub.id)
			e.Uint32(ubus.AttrTarget, o.id)
		})
	}
	if len(o.subscribers) > 0 {
		o.subscribers = nil
		s.tellActive(o)
	}
	for _, target := range s.objects {
		s.drop(target, o)
	}
}

func (s *Server) removeObject(c *client, h ubus.Header, a *ubus.Attrs) ubus.Status {
	o := s.objects[a.Uint32(ubus.AttrObjID)]
	switch {
	case !a.Has(ubus.AttrObjID):
		return ubus.InvalidArgument
	case o == nil:
		return ubus.NotFound
	case o.client != c:
		return ubus.PermissionDenied
	}
	c.send(ubus.Header{Kind: ubus.KindData, Seq: h.Seq, Peer: h.Peer}, func(e *ubus.Encoder) {
		e.Uint32(ubus.AttrObjID, o.id)
		if o.typ != nil && o.typ.uses == 1 {
			e.Uint32(ubus.AttrObjType, o.typ.id)
		}
	})
	if o.typ != nil {
		o.typ.uses--
	}
	s.remove(o)
	return ubus.OK
}

func (s *Server) subscribe(c *client, a *ubus.Attrs) ubus.Status {
	sub, target := s.objects[a.Uint32(ubus.AttrObjID)], s.objects[a.Uint32(ubus.AttrTarget)]
	own := a.Uint32(ubus.AttrObjID) == eventObject // the server's own are objects too, of nobody
	switch {
	case !a.Has(ubus.AttrObjID) || !a.Has(ubus.AttrTarget) || own:
		return ubus.InvalidArgument
	case sub == nil:
		return ubus.NotFound
	case sub.client != c:
		return ubus.InvalidArgument
	case target == nil:
		return ubus.NotFound
	case target.client == c:
		return ubus.InvalidArgument
	case !c.rules.may(subscribing, target.path):
		return ubus.NotFound
	}
	target.subscribers = slices.Insert(target.subscribers, 0, sub)
	if len(target.subscribers) == 1 {
		s.tellActive(target)
	}
	return ubus.OK
}

func (s *Server) unsubscribe(c *client, a *ubus.Attrs) ubus.Status {
	sub, target := s.objects[a.Uint32(ubus.AttrObjID)], s.objects[a.Uint32(ubus.AttrTarget)]
	if sub != nil && sub.client != c {
		return ubus.InvalidArgument
	}
	if sub == nil || target == nil || !s.drop(target, sub) {
		return ubus.NotFound
	}
	return ubus.OK
}

// drop ends a subscription; it is false when there was none.
func (s *Server) drop(target, sub *object) bool {
	i := slices.Index(target.subscribers, sub)
	if i < 0 {
		return false
	}
	target.subscribers = slices.Delete(target.subscribers, i, i+1)
	if len(target.subscribers) == 0 {
		s.tellActive(target)
	}
	return true
}

// tellActive tells the owner of an object whether it has subscribers.
func (s *Server) tellActive(o *object) {
	if o.client == nil {
		return
	}
	o.seq++
	o.client.send(ubus.Header{Kind: ubus.KindNotify, Seq: o.seq}, func(e *ubus.Encoder) {
		e.Uint32(ubus.AttrObjID, o.id)
		e.Flag(ubus.AttrActive, len(o.subscribers) > 0)
	})
}

func (s *Server) invoke(c *client, h ubus.Header, a *ubus.Attrs) ubus.Status {
	if !a.Has(ubus.AttrMethod) || !a.Has(ubus.AttrObjID) {
		return ubus.InvalidArgument
	}
	method := string(a.Text(ubus.AttrMethod))
	if a.Uint32(ubus.AttrObjID) == eventObject {
		return s.eventCall(c, method, a)
	}
	o := s.objects[a.Uint32(ubus.AttrObjID)]
	switch {
	case o == nil:
		return ubus.NotFound
	case !c.rules.mayCall(o.path, method):
		return ubus.PermissionDenied
	case o.own != nil:
		s.answerOwn(c, h, o, method, a)
	default:
		o.deliver(c.user(), ubus.Header{Seq: h.Seq, Peer: c.id}, method, a.Bytes(ubus.AttrData), false)
	}
	return forwarded
}

// deliver sends a call or a notification to the owner of an object.
func (o *object) deliver(user [2]string, h ubus.Header, method string, data []byte, noReply bool) {
	h.Kind = ubus.KindInvoke
	o.client.send(h, func(e *ubus.Encoder) {
		if noReply {
			e.Flag(ubus.AttrNoReply, true)
		}
		e.Uint32(ubus.AttrObjID, o.id)
		e.Text(ubus.AttrMethod, method)
		e.Text(ubus.AttrUser, user[0])
		e.Text(ubus.AttrGroup, user[1])
		if data != nil {
			e.Raw(ubus.AttrData, data)
		}
	})
}

func (c *client) user() [2]string {
	if c.rules == nil {
		return [2]string{"root", "root"}
	}
	return [2]string{c.rules.User, c.rules.Group}
}

// respond passes an answer on to the one who asked, as it came.
func (s *Server) respond(c *client, h ubus.Header, a *ubus.Attrs, body []byte) {
	o, to := s.objects[a.Uint32(ubus.AttrObjID)], s.clients[h.Peer]
	if o == nil || o.client != c || to == nil ||
		h.Kind == ubus.KindStatus && !a.Has(ubus.AttrStatus) || h.Kind == ubus.KindData && !a.Has(ubus.AttrData) {
		return
	}
	h.Peer = o.id
	var e ubus.Encoder
	e.Begin(h)
	frame := append(bytes.Clone(e.Bytes()), body...)
	n := uint32(len(frame) - 8)
	frame[8], frame[9], frame[10], frame[11] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	to.sendRaw(frame)
}

func (s *Server) notify(c *client, h ubus.Header, a *ubus.Attrs) ubus.Status {
	o := s.objects[a.Uint32(ubus.AttrObjID)]
	switch {
	case !a.Has(ubus.AttrMethod) || !a.Has(ubus.AttrObjID):
		return ubus.InvalidArgument
	case o == nil:
		return ubus.NotFound
	case o.client != c:
		return ubus.PermissionDenied
	}
	noReply := a.Flag(ubus.AttrNoReply)
	if !noReply {
		var ids ubus.Encoder
		ids.Begin(ubus.Header{})
		for _, sub := range o.subscribers {
			ids.Uint32(0, sub.id)
		}
		list := ids.Bytes()[ubus.HeaderSize:]
		c.send(ubus.Header{Kind: ubus.KindStatus, Seq: h.Seq, Peer: h.Peer}, func(e *ubus.Encoder) {
			e.Uint32(ubus.AttrObjID, o.id)
			e.Raw(ubus.AttrSubscribers, list)
			e.Uint32(ubus.AttrStatus, 0)
		})
	}
	for _, sub := range o.subscribers {
		sub.deliver(c.user(), ubus.Header{Seq: h.Seq, Peer: c.id}, string(a.Text(ubus.AttrMethod)), a.Bytes(ubus.AttrData), noReply)
	}
	return forwarded
}
