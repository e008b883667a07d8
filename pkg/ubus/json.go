package ubus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendJSON appends the message as a JSON object to dst, in one line: Int8 as true and false,
// unspec as null, as the ubus command prints it. What JSON has no word for (NaN, infinities)
// becomes null, and bytes that are no UTF-8 become U+FFFD.
func (m Message) AppendJSON(dst []byte) []byte { return appendList(dst, m, '{', '}') }

// String is the message as JSON.
func (m Message) String() string { return string(m.AppendJSON(nil)) }

// AppendJSON appends the value of the field as JSON to dst, without its name.
func (f Field) AppendJSON(dst []byte) []byte {
	switch f.typ {
	case Table:
		return appendList(dst, f.Members(), '{', '}')
	case Array:
		return appendList(dst, f.Members(), '[', ']')
	case String:
		return appendJSONText(dst, f.text())
	case Bool:
		return strconv.AppendBool(dst, f.value[0] != 0)
	case Double:
		if v, _ := f.Float(); !math.IsNaN(v) && !math.IsInf(v, 0) {
			return strconv.AppendFloat(dst, v, 'g', -1, 64)
		}
		return append(dst, "null"...)
	}
	if n, ok := f.Int(); ok {
		return strconv.AppendInt(dst, n, 10)
	}
	return append(dst, "null"...)
}

func appendList(dst []byte, m Message, begin, end byte) []byte {
	dst = append(dst, begin)
	first := true
	for f := range m.Fields() {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if begin == '{' {
			dst = append(appendJSONText(dst, f.name), ':')
		}
		dst = f.AppendJSON(dst)
	}
	return append(dst, end)
}

func appendJSONText(dst, s []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for len(s) > 0 {
		c := s[0]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(s)
			dst = utf8.AppendRune(dst, r)
			s = s[n:]
			continue
		}
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
		s = s[1:]
	}
	return append(dst, '"')
}

// JSON appends the members of a JSON object, by the rules of the ubus command: integers become
// Int32 or, where that is too small, Int64; numbers with a fraction or an exponent Double;
// true and false Bool; null a field without a value. Numbers that no type holds are an error.
func (b *Builder) JSON(text string) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("not a JSON object")
	}
	if err := b.jsonMembers(d, true); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something stands after the JSON object")
	}
	return b.err
}

// jsonMembers appends what stands up to the closing bracket, and reads that too.
func (b *Builder) jsonMembers(d *json.Decoder, table bool) error {
	for d.More() {
		name := ""
		if table {
			t, err := d.Token()
			if err != nil {
				return err
			}
			name, _ = t.(string)
		}
		t, err := d.Token()
		if err != nil {
			return err
		}
		if err := b.jsonValue(d, name, t); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func (b *Builder) jsonValue(d *json.Decoder, name string, t json.Token) (err error) {
	switch v := t.(type) {
	case json.Delim:
		if b.depth >= MaxDepth {
			return fmt.Errorf("%w: more than %d levels", ErrMalformed, MaxDepth)
		}
		nested := func(b *Builder) { err = b.jsonMembers(d, v == '{') }
		if v == '{' {
			b.Table(name, nested)
		} else {
			b.Array(name, nested)
		}
	case string:
		b.Text(name, v)
	case bool:
		b.Bool(name, v)
	case json.Number:
		return b.jsonNumber(name, string(v))
	default:
		b.Null(name)
	}
	if err == nil {
		err = b.err // an error in the middle leaves the decoder in the middle: stop
	}
	return err
}

func (b *Builder) jsonNumber(name, digits string) error {
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		b.Int(name, n)
		return b.err
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || !strings.ContainsAny(digits, ".eE") {
		return fmt.Errorf("%s: %s is too large", name, digits)
	}
	b.Double(name, v)
	return b.err
}
