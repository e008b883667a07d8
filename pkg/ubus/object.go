package ubus

import (
	"context"
	"errors"
	"sync"
)

// An Object is what we publish.
type Object struct {
	Name    string
	Methods []Method
}

// A Method can be called by others.
type Method struct {
	Name   string
	Params []Param

	// Handle answers a call: r.Reply with the data, then return nil; an error answers with its
	// status (see StatusOf) and without data. A panic answers UnknownError. Handlers
	// run one after another: see Request.Defer. The context ends with the connection; Handle
	// must then return, since the client connects again only after it.
	Handle func(ctx context.Context, r *Request) error
}

// A Param is an argument that a method takes. A call that gives it another type is answered
// with InvalidArgument before Handle sees it. Whether it must be there is for Handle to say,
// and arguments that are not listed are let through: rpcd adds ubus_rpc_session to every call.
type Param struct {
	Name string
	Type Type
}

// accepts says whether an argument of type t will do. JSON does not know how wide a number
// should be, so a narrower integer is as good, and any integer for a Double.
func (p Param) accepts(t Type) bool {
	isInt := t == Int64 || t == Int32 || t == Int16
	switch p.Type {
	case Any, t:
		return true
	case Int64, Int32, Int16:
		return isInt && t > p.Type // they are numbered from wide to narrow
	case Double:
		return isInt
	}
	return false
}

func (m *Method) checkArgs(args Message) error {
	for _, p := range m.Params {
		if f := args.Get(p.Name); f.Exists() && !p.accepts(f.Type()) {
			return &StatusError{Code: InvalidArgument, Op: "argument " + p.Name}
		}
	}
	return nil
}

// A Request is a call of one of our methods, or a notification that wants an answer.
type Request struct {
	Method string
	Args   Message

	session     *session
	object      uint32
	seq         uint16
	peer        uint32
	silent      bool // nobody takes an answer
	user, group []byte
	size        int

	mu       sync.Mutex
	out      *Encoder // answer data that waits for the end of the call
	deferred bool
	finished bool
}

// User is the name of the user whose program calls, as ubusd saw it when it connected.
func (r *Request) User() string { return string(r.user) }

// Group is the name of that user's primary group.
func (r *Request) Group() string { return string(r.group) }

// Reply sets data for the answer. It is sent, in one piece with the status, when the call
// ends, unless it ends with an error. data may be nil. The error is ErrTooLarge or ErrMalformed.
func (r *Request) Reply(data func(*Builder)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.finished {
		return errors.New("the call has been answered")
	}
	if r.out == nil {
		r.out = getEncoder()
	}
	r.out.Begin(Header{Kind: KindData, Seq: r.seq, Peer: r.peer})
	r.out.Uint32(AttrObjID, r.object)
	r.out.Fields(AttrData, data)
	return r.out.End()
}

// Defer lets the handler return before the call is answered. Somebody must call Finish, or
// the caller waits until its own deadline.
func (r *Request) Defer() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.deferred = true
}

// Finish ends a deferred call with the status of err. Only the first Finish counts. That the
// caller or the connection is gone meanwhile is no error: ubusd does not tell.
func (r *Request) Finish(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.finished {
		return
	}
	r.finished = true
	e := r.out
	if e == nil {
		if r.silent {
			return
		}
		e = getEncoder()
	}
	r.out = nil
	if err != nil {
		e.Reset()
	}
	e.Begin(Header{Kind: KindStatus, Seq: r.seq, Peer: r.peer})
	e.Uint32(AttrStatus, uint32(StatusOf(err)))
	e.Uint32(AttrObjID, r.object)
	if e.End() == nil && !r.silent {
		_ = r.session.send(e.Bytes())
	}
	putEncoder(e)
}

func (r *Request) isDeferred() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.deferred
}
