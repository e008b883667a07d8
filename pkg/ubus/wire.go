package ubus

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// A Kind is what a frame on the socket is for (enum ubus_msg_type).
type Kind uint8

// The kinds of frames.
const (
	KindHello        Kind = iota // the server's first word: Peer is our client id
	KindStatus                   // the end of an answer
	KindData                     // a part of an answer
	KindPing                     //
	KindLookup                   //
	KindInvoke                   // a call; towards us also a notification or an event
	KindAddObject                //
	KindRemoveObject             //
	KindSubscribe                //
	KindUnsubscribe              // towards us: a subscribed object is gone
	KindNotify                   // towards us: the first subscriber came or the last one went
	KindMonitor                  //
)

// An Attr is a part of a frame (enum ubus_msg_attr).
type Attr uint8

// The attributes.
const (
	AttrStatus      Attr = 1  // u32
	AttrObjPath     Attr = 2  // string
	AttrObjID       Attr = 3  // u32
	AttrMethod      Attr = 4  // string
	AttrObjType     Attr = 5  // u32
	AttrSignature   Attr = 6  // fields
	AttrData        Attr = 7  // fields
	AttrTarget      Attr = 8  // u32
	AttrActive      Attr = 9  // u8
	AttrNoReply     Attr = 10 // u8
	AttrSubscribers Attr = 11 // blobs
	AttrUser        Attr = 12 // string
	AttrGroup       Attr = 13 // string

	attrCount = 14
)

// attrShape is what an attribute must look like: a size in bytes, or one of these.
const (
	shapeAny    = -1
	shapeString = -2
)

var attrShapes = [attrCount]int{
	shapeAny, 4, shapeString, 4, shapeString, 4, shapeAny, shapeAny, 4, 1, 1, shapeAny, shapeString, shapeString,
}

// HeaderSize is the size in bytes of what stands before a frame's attributes, with the length
// of these.
const HeaderSize = 12

// A Header is the beginning of a frame.
type Header struct {
	Version uint8 // 0
	Kind    Kind
	Seq     uint16 // chosen by the one who asks, copied into the answers
	Peer    uint32 // an object or a client, see the kinds
}

// ParseHeader reads a header and the number of bytes that follow it. An error means that the
// stream cannot be followed any further.
func ParseHeader(b *[HeaderSize]byte) (h Header, body int, err error) {
	h = Header{b[0], Kind(b[1]), binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint32(b[4:])}
	n := blobHead(binary.BigEndian.Uint32(b[8:])).len()
	if n < headSize {
		return h, 0, fmt.Errorf("%w: frame of length %d", ErrMalformed, n)
	}
	return h, n - headSize, nil
}

// Attrs are the attributes of a frame by their ids. Those that are there have the right shape:
// four bytes where a number of four bytes belongs, a NUL at the end of a string.
type Attrs struct {
	at [attrCount][]byte
}

// ParseAttrs reads what follows a header. Attributes of unknown ids are skipped. What is in
// DATA is not looked at: Attrs.Message does that.
func ParseAttrs(body []byte) (a Attrs, err error) {
	for len(body) > 0 {
		h, payload, rest, ok := nextBlob(body)
		if !ok || h.extended() {
			return Attrs{}, fmt.Errorf("%w: attribute cut short %d bytes before the end", ErrMalformed, len(body))
		}
		if id := h.id(); id < attrCount {
			if a.at[id] != nil || !attrShapeOK(id, payload) {
				return Attrs{}, fmt.Errorf("%w: attribute %d twice or of a wrong shape", ErrMalformed, id)
			}
			a.at[id] = payload
		}
		body = rest
	}
	return a, nil
}

func attrShapeOK(id uint32, payload []byte) bool {
	switch want := attrShapes[id]; want {
	case shapeAny:
		return true
	case shapeString:
		return bytes.IndexByte(payload, 0) == len(payload)-1 && len(payload) > 0
	default:
		return len(payload) == want
	}
}

// Has says whether the attribute is there.
func (a *Attrs) Has(id Attr) bool { return a.at[id] != nil }

// Uint32 is the value of a u32 attribute, 0 when it is not there.
func (a *Attrs) Uint32(id Attr) uint32 {
	if len(a.at[id]) != 4 {
		return 0
	}
	return binary.BigEndian.Uint32(a.at[id])
}

// Flag is the value of a u8 attribute, false when it is not there.
func (a *Attrs) Flag(id Attr) bool { return len(a.at[id]) == 1 && a.at[id][0] != 0 }

// Text is the value of a string attribute without its NUL, nil when it is not there.
func (a *Attrs) Text(id Attr) []byte {
	if len(a.at[id]) == 0 {
		return nil
	}
	return a.at[id][:len(a.at[id])-1]
}

// Bytes is the payload of an attribute as it came, nil when it is not there.
func (a *Attrs) Bytes(id Attr) []byte { return a.at[id] }

// Message checks and returns the fields of DATA or SIGNATURE. They are part of the frame's
// bytes, not a copy.
func (a *Attrs) Message(id Attr) (Message, error) { return ParseMessage(a.at[id]) }

// An Encoder appends frames to a buffer, each with Begin, its attributes and End:
//
//	e.Begin(ubus.Header{Kind: ubus.KindStatus, Seq: seq, Peer: peer})
//	e.Uint32(ubus.AttrStatus, 0)
//	err := e.End()
type Encoder struct {
	b     Builder
	frame int // where the frame begins
}

// Bytes are the frames that ended well. They are valid until the next Begin or Reset.
func (e *Encoder) Bytes() []byte { return e.b.buf }

// Reset empties the buffer and keeps its memory.
func (e *Encoder) Reset() { e.b = Builder{buf: e.b.buf[:0]} }

// Begin begins a frame.
func (e *Encoder) Begin(h Header) {
	e.frame = len(e.b.buf)
	e.b.start, e.b.err = e.frame+HeaderSize-headSize, nil
	e.b.buf = append(e.b.buf, h.Version, byte(h.Kind))
	e.b.buf = binary.BigEndian.AppendUint16(e.b.buf, h.Seq)
	e.b.buf = binary.BigEndian.AppendUint32(e.b.buf, h.Peer)
	e.b.buf = append(e.b.buf, 0, 0, 0, 0)
}

// Uint32 appends a u32 attribute.
func (e *Encoder) Uint32(id Attr, v uint32) {
	at := e.open(id, 4)
	e.b.buf = binary.BigEndian.AppendUint32(e.b.buf, v)
	e.b.close(at)
}

// Flag appends a u8 attribute.
func (e *Encoder) Flag(id Attr, v bool) {
	at := e.open(id, 1)
	var c byte
	if v {
		c = 1
	}
	e.b.buf = append(e.b.buf, c)
	e.b.close(at)
}

// Text appends a string attribute.
func (e *Encoder) Text(id Attr, s string) {
	s = untilNUL(s)
	at := e.open(id, len(s)+1)
	e.b.buf = append(e.b.buf, s...)
	e.b.buf = append(e.b.buf, 0)
	e.b.close(at)
}

// Fields appends DATA or SIGNATURE; build, which may be nil, appends what is in it.
func (e *Encoder) Fields(id Attr, build func(*Builder)) {
	at := e.open(id, 0)
	if build != nil && e.b.err == nil {
		build(&e.b)
	}
	e.b.close(at)
}

// Raw appends an attribute with a payload that is encoded already.
func (e *Encoder) Raw(id Attr, payload []byte) {
	at := e.open(id, len(payload))
	e.b.raw(payload)
	e.b.close(at)
}

// End ends the frame. With an error (ErrTooLarge, ErrMalformed for nesting) the frame is taken
// back as if it had never begun.
func (e *Encoder) End() error {
	if e.b.room(0) {
		head := e.b.buf[e.b.start:]
		binary.BigEndian.PutUint32(head, uint32(len(head)))
		return nil
	}
	e.b.buf = e.b.buf[:e.frame]
	return e.b.err
}

func (e *Encoder) open(id Attr, size int) (at int) {
	at = len(e.b.buf)
	if e.b.room(headSize + size) {
		e.b.buf = binary.BigEndian.AppendUint32(e.b.buf, uint32(id)<<24)
	}
	return at
}
