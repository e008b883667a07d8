package ubus

import (
	"context"
	"errors"
)

// An ObjectInfo is what the bus knows of an object.
type ObjectInfo struct {
	Path    string
	ID      uint32 // until its program or ubusd restarts
	TypeID  uint32
	Methods []Method // those that this user may call; without Handle
}

// maxObjects is how many objects one Lookup takes. A router has 20 to 100.
const maxObjects = 4096

// Lookup finds objects: one by its path, all that begin alike by a trailing "*", and all by "".
// Only those are seen of which this user may call a method. When there is none the error is a
// *StatusError with NotFound; otherwise as with Call.
func (c *Client) Lookup(ctx context.Context, path string) ([]ObjectInfo, error) {
	s := c.current()
	if s == nil {
		return nil, explain(ErrNotConnected, "look up "+path)
	}
	ctx, cancel := withTimeout(ctx, callTimeout)
	defer cancel()
	list, err := s.lookup(ctx, path)
	if err == nil && len(list) == 0 {
		err = &StatusError{Code: NotFound, Hidden: path != ""}
	}
	return list, explain(err, "look up "+path)
}

func (s *session) lookup(ctx context.Context, path string) (list []ObjectInfo, err error) {
	p := &pending{data: func(a *Attrs) error {
		if len(list) >= maxObjects {
			return errors.New("too many objects on the bus")
		}
		sig, err := a.Message(AttrSignature)
		if err != nil || !a.Has(AttrObjPath) || !a.Has(AttrObjID) {
			return ErrMalformed
		}
		list = append(list, ObjectInfo{
			Path: string(a.Text(AttrObjPath)), ID: a.Uint32(AttrObjID), TypeID: a.Uint32(AttrObjType),
			Methods: parseSignature(sig),
		})
		return nil
	}}
	a, err := s.ask(ctx, Header{Kind: KindLookup}, p, func(e *Encoder) {
		if path != "" {
			e.Text(AttrObjPath, path)
		}
	})
	if err == nil && a.status != OK {
		err = &StatusError{Code: a.status}
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

func parseSignature(sig Message) (methods []Method) {
	for f := range sig.Fields() {
		m := Method{Name: f.Name()}
		for arg := range f.Members().Fields() {
			t, _ := arg.Int()
			m.Params = append(m.Params, Param{arg.Name(), Type(t)})
		}
		methods = append(methods, m)
	}
	return methods
}

// appendSignature appends the methods of an object as `ubus -v list` shows them.
func appendSignature(b *Builder, methods []Method) {
	for _, m := range methods {
		b.Table(m.Name, func(b *Builder) {
			for _, p := range m.Params {
				b.Int32(p.Name, int32(p.Type))
			}
		})
	}
}
