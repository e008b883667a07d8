package ubus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// ErrTooLarge says that a message would pass MaxMessage or a name 65535 bytes; ubusd throws
// out a client that sends one.
var ErrTooLarge = errors.New("ubus message too large")

// MaxMessage is the most that ubusd takes in one message, in bytes (UBUS_MAX_MSGLEN).
const MaxMessage = 1 << 20

// A Builder appends fields to a message, in the order of the calls. In an array the names are
// empty. Text and names end at their first NUL byte: the bus cannot carry one. What goes wrong
// (too large, too deep) shows at the end, in the error of the call that the fields were for.
//
// A Builder belongs to the function it was given to; it is not for keeping.
type Builder struct {
	buf   []byte
	start int // where the message that the limit counts for begins
	depth int
	err   error
}

// NewMessage builds a Message that stands by itself. build may be nil.
func NewMessage(build func(*Builder)) (Message, error) {
	var b Builder
	if build != nil {
		build(&b)
	}
	if b.err != nil {
		return Message{}, b.err
	}
	return Message{b.buf}, nil
}

// Text appends a String.
func (b *Builder) Text(name, s string) {
	s = untilNUL(s)
	at := b.open(String, name, len(s)+1)
	b.buf = append(b.buf, s...)
	b.buf = append(b.buf, 0)
	b.close(at)
}

// Bool appends a boolean.
func (b *Builder) Bool(name string, v bool) {
	at := b.open(Bool, name, 1)
	if v {
		b.buf = append(b.buf, 1)
	} else {
		b.buf = append(b.buf, 0)
	}
	b.close(at)
}

// Int appends an integer as the ubus command does it: an Int32 where it fits, else an Int64.
func (b *Builder) Int(name string, v int64) {
	if v == int64(int32(v)) {
		b.Int32(name, int32(v))
		return
	}
	b.Int64(name, v)
}

// Int8 appends an Int8; others will read it as a boolean.
func (b *Builder) Int8(name string, v int8) {
	at := b.open(Int8, name, 1)
	b.buf = append(b.buf, byte(v))
	b.close(at)
}

// Int16 appends an Int16.
func (b *Builder) Int16(name string, v int16) {
	at := b.open(Int16, name, 2)
	b.buf = binary.BigEndian.AppendUint16(b.buf, uint16(v))
	b.close(at)
}

// Int32 appends an Int32.
func (b *Builder) Int32(name string, v int32) {
	at := b.open(Int32, name, 4)
	b.buf = binary.BigEndian.AppendUint32(b.buf, uint32(v))
	b.close(at)
}

// Int64 appends an Int64.
func (b *Builder) Int64(name string, v int64) {
	at := b.open(Int64, name, 8)
	b.buf = binary.BigEndian.AppendUint64(b.buf, uint64(v))
	b.close(at)
}

// Double appends a Double.
func (b *Builder) Double(name string, v float64) {
	at := b.open(Double, name, 8)
	b.buf = binary.BigEndian.AppendUint64(b.buf, math.Float64bits(v))
	b.close(at)
}

// Null appends a field without a value.
func (b *Builder) Null(name string) { b.close(b.open(Any, name, 0)) }

// Table appends a table; members appends its fields.
func (b *Builder) Table(name string, members func(*Builder)) { b.nest(Table, name, members) }

// Array appends an array; elements appends its fields, each with an empty name.
func (b *Builder) Array(name string, elements func(*Builder)) { b.nest(Array, name, elements) }

// Texts appends an array of strings.
func (b *Builder) Texts(name string, list []string) {
	b.Array(name, func(b *Builder) {
		for _, s := range list {
			b.Text("", s)
		}
	})
}

// Field appends a field of another message as it is, under another name.
func (b *Builder) Field(name string, f Field) {
	at := b.open(f.typ, name, len(f.value))
	b.buf = append(b.buf, f.value...)
	b.close(at)
}

// Message appends all fields of another message.
func (b *Builder) Message(m Message) { b.raw(m.fields) }

func (b *Builder) nest(t Type, name string, members func(*Builder)) {
	if b.depth++; b.depth > MaxDepth && b.err == nil {
		b.err = fmt.Errorf("%w: more than %d levels", ErrMalformed, MaxDepth)
	}
	at := b.open(t, name, 0)
	if members != nil && b.err == nil {
		members(b)
	}
	b.close(at)
	b.depth--
}

// raw appends bytes that are encoded already.
func (b *Builder) raw(p []byte) {
	if b.room(len(p)) {
		b.buf = append(b.buf, p...)
	}
}

// open appends the head and the name of a field; close(at) ends it. size is how much the
// value will be at least, so that a message past the limit is found before it is stored.
func (b *Builder) open(t Type, name string, size int) (at int) {
	name = untilNUL(name)
	at = len(b.buf)
	if len(name) > math.MaxUint16 && b.err == nil {
		b.err = fmt.Errorf("%w: field name of %d bytes", ErrTooLarge, len(name))
	}
	if !b.room(headSize + len(name) + size) {
		return at
	}
	b.buf = binary.BigEndian.AppendUint32(b.buf, extended|uint32(t)<<24)
	b.buf = binary.BigEndian.AppendUint16(b.buf, uint16(len(name)))
	b.buf = append(b.buf, name...)
	b.buf = append(b.buf, 0)
	b.pad()
	return at
}

// close writes the length of what open began, and the padding after it. After an error it
// takes back what was appended: nothing of it will be sent.
func (b *Builder) close(at int) {
	if b.err != nil {
		b.buf = b.buf[:at]
		return
	}
	head := binary.BigEndian.Uint32(b.buf[at:])
	binary.BigEndian.PutUint32(b.buf[at:], head|uint32(len(b.buf)-at))
	b.pad()
}

// pad fills up with zeros to the next blob. Frames begin at multiples of four in buf, and a
// Builder of its own at 0.
func (b *Builder) pad() {
	for (len(b.buf)-b.start)&3 != 0 {
		b.buf = append(b.buf, 0)
	}
}

func (b *Builder) room(n int) bool {
	if b.err == nil && len(b.buf)-b.start+n > MaxMessage {
		b.err = fmt.Errorf("%w: more than %d bytes", ErrTooLarge, MaxMessage)
	}
	return b.err == nil
}

func untilNUL(s string) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}
