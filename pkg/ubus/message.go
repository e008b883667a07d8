package ubus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Type is the type of a field, as it stands on the wire (enum blobmsg_type of libubox).
type Type uint8

// The types. There is no unsigned one: object ids above 2^31 travel as negative Int32.
const (
	Any    Type = 0 // in a signature: any type will do; as a field: null
	Array  Type = 1
	Table  Type = 2
	String Type = 3
	Int64  Type = 4
	Int32  Type = 5
	Int16  Type = 6
	Int8   Type = 7
	Double Type = 8

	Bool = Int8 // the bus has no other boolean
)

// String is the name in libubox's spelling, in lower case.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "unknown"
}

var typeNames = [...]string{"unspec", "array", "table", "string", "int64", "int32", "int16", "int8", "double"}

// wireSizes are the exact sizes of values; -1 is any.
var wireSizes = [...]int{-1, -1, -1, -1, 8, 4, 2, 1, 8}

// MaxDepth is how many tables and arrays may stand inside each other, in what is read and in
// what is written. netifd uses five.
const MaxDepth = 32

// ErrMalformed is the reason why a message was not understood: a length that does not fit,
// a string without an end, nesting beyond MaxDepth.
var ErrMalformed = errors.New("malformed ubus message")

// A Message is the arguments or the answer of a call, a notification or an event: fields, in
// their order, as they came off the wire. It was checked from end to end when it was made, so
// reading it cannot fail. The zero Message has no fields. A Message may be kept and read by
// several goroutines; nobody changes it.
type Message struct{ fields []byte }

// ParseMessage takes encoded fields, as they stand in a DATA attribute. The Message keeps b.
// The error is ErrMalformed with the position.
func ParseMessage(b []byte) (Message, error) {
	if err := checkFields(b, 0); err != nil {
		return Message{}, err
	}
	return Message{b}, nil
}

// Empty says that there are no fields.
func (m Message) Empty() bool { return len(m.fields) == 0 }

// Fields goes through the fields in their order.
func (m Message) Fields() func(yield func(Field) bool) {
	return func(yield func(Field) bool) {
		for rest := m.fields; len(rest) > 0; {
			var f Field
			f, rest, _ = nextField(rest)
			if !yield(f) {
				return
			}
		}
	}
}

// Get returns the first field with the name. One that is not there has no name and Exists is false.
func (m Message) Get(name string) Field {
	for rest := m.fields; len(rest) > 0; {
		var f Field
		f, rest, _ = nextField(rest)
		if string(f.name) == name {
			return f
		}
	}
	return Field{}
}

// A Field is one named value. The elements of an array are Fields with an empty name.
type Field struct {
	exists bool
	typ    Type
	name   []byte
	value  []byte
}

// Exists is false for what Message.Get did not find. A null exists.
func (f Field) Exists() bool { return f.exists }

// Type is the type of the value.
func (f Field) Type() Type { return f.typ }

// Name is the name, empty in an array.
func (f Field) Name() string { return string(f.name) }

// Text is the value of a String; ok is false for every other type. It ends at the first NUL
// byte, as it does for every C program on the bus.
func (f Field) Text() (s string, ok bool) {
	if f.typ != String {
		return "", false
	}
	return string(f.text()), true
}

func (f Field) text() []byte {
	return f.value[:bytes.IndexByte(f.value, 0)] // checkFields saw the NUL
}

// Int is the value of any integer type, Bool included; ok is false for every other type.
func (f Field) Int() (v int64, ok bool) {
	switch f.typ {
	case Int8:
		return int64(int8(f.value[0])), true
	case Int16:
		return int64(int16(binary.BigEndian.Uint16(f.value))), true
	case Int32:
		return int64(int32(binary.BigEndian.Uint32(f.value))), true
	case Int64:
		return int64(binary.BigEndian.Uint64(f.value)), true
	}
	return 0, false
}

// Bool is the value of an Int8, which is what the bus has for booleans; ok is false for every
// other type.
func (f Field) Bool() (v, ok bool) {
	return f.typ == Int8 && f.value[0] != 0, f.typ == Int8
}

// Float is the value of a Double or of an integer; ok is false for every other type.
func (f Field) Float() (v float64, ok bool) {
	if f.typ == Double {
		return math.Float64frombits(binary.BigEndian.Uint64(f.value)), true
	}
	n, ok := f.Int()
	return float64(n), ok
}

// Members are the fields of a Table or the elements of an Array; none for every other type.
func (f Field) Members() Message {
	if f.typ != Table && f.typ != Array {
		return Message{}
	}
	return Message{f.value}
}

// checkFields walks encoded fields to the end, all levels down.
func checkFields(b []byte, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("%w: more than %d levels", ErrMalformed, MaxDepth)
	}
	for len(b) > 0 {
		f, rest, ok := nextField(b)
		if !ok {
			return fmt.Errorf("%w: field cut short %d bytes before the end", ErrMalformed, len(b))
		}
		switch f.typ {
		case Array, Table:
			if err := checkFields(f.value, depth+1); err != nil {
				return err
			}
		case String:
			if len(f.value) == 0 || f.value[len(f.value)-1] != 0 {
				return fmt.Errorf("%w: string %q without an end", ErrMalformed, f.name)
			}
		default:
			if want := wireSizes[f.typ]; want >= 0 && len(f.value) != want {
				return fmt.Errorf("%w: %v %q of %d bytes", ErrMalformed, f.typ, f.name, len(f.value))
			}
		}
		b = rest
	}
	return nil
}

// nextField cuts the first field off b. It looks at the shape of this field only; ok is false
// when that is wrong.
func nextField(b []byte) (f Field, rest []byte, ok bool) {
	head, value, rest, ok := nextBlob(b)
	if !ok || head.id() > uint32(Double) {
		return Field{}, nil, false
	}
	f = Field{exists: true, typ: Type(head.id()), value: value}
	if !head.extended() {
		return f, rest, true
	}
	if len(value) < 3 {
		return Field{}, nil, false
	}
	n := int(binary.BigEndian.Uint16(value))
	if named := align(2 + n + 1); named <= len(value) && value[2+n] == 0 {
		f.name, f.value = value[2:2+n], value[named:]
		return f, rest, bytes.IndexByte(f.name, 0) < 0
	}
	return Field{}, nil, false
}

// A blobHead is the first four bytes of a blob: bit 31 a name follows, bits 30 to 24 the id,
// bits 23 to 0 the length with these four bytes and without padding.
type blobHead uint32

const (
	headSize = 4
	extended = 1 << 31
	lenMask  = 1<<24 - 1
)

func (h blobHead) id() uint32     { return uint32(h) >> 24 & 0x7f }
func (h blobHead) extended() bool { return h&extended != 0 }
func (h blobHead) len() int       { return int(h & lenMask) }

// nextBlob cuts the first blob with its padding off b.
func nextBlob(b []byte) (h blobHead, payload, rest []byte, ok bool) {
	if len(b) < headSize {
		return 0, nil, nil, false
	}
	h = blobHead(binary.BigEndian.Uint32(b))
	if h.len() < headSize || align(h.len()) > len(b) {
		return 0, nil, nil, false
	}
	return h, b[headSize:h.len()], b[align(h.len()):], true
}

// align rounds up to the next multiple of four, where the next blob begins.
func align(n int) int { return (n + 3) &^ 3 }
