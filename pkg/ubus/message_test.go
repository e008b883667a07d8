package ubus_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/scripts/lab/ubusd"
)

func TestParseMessage_refuses_what_does_not_fit(t *testing.T) {
	for name, text := range map[string]string{
		"head-cut-short":             "830000",
		"length-below-its-head":      "83000003",
		"length-zero":                "00000000",
		"length-beyond-the-end":      "85000010 0001 6100",
		"padding-beyond-the-end":     "8300000d 0001 6100 61626364 00",
		"name-beyond-the-end":        "83000008 00ff 6100",
		"name-without-nul":           "83000010 0001 6161 61616100 61616100",
		"name-with-nul-inside":       "8300000c 0003 6100 6200 0000",
		"no-room-for-a-name":         "83000006 0000 0000",
		"string-empty":               "83000008 0001 6100",
		"string-without-end":         "8300000c 0001 6100 61616161",
		"int32-of-two-bytes":         "8500000a 0001 6100 0001 0000",
		"int32-of-eight-bytes":       "85000010 0001 6100 00000000 00000001",
		"bool-of-four-bytes":         "8700000c 0001 6100 00000001",
		"double-of-four-bytes":       "8800000c 0001 6100 00000001",
		"unknown-type":               "8900000c 0001 6100 00000001",
		"table-member-beyond-table":  "82000010 0001 6100 85000010 0001 6200 00000001",
		"table-with-rest":            "8200000a 0001 6100 0000 0000",
		"array-element-cut-short":    "8100000c 0001 6100 8500000c",
		"second-field-cut-short":     "8700000c 0001 6100 01000000 8500",
		"broken-string-in-the-depth": "8200001c 0001 6100 81000014 0001 6200 8300000c 0000 0000 61616161",
	} {
		t.Run(name, func(t *testing.T) {
			b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			if m, err := ubus.ParseMessage(b); !errors.Is(err, ubus.ErrMalformed) {
				t.Fatalf("read %s, %v", m, err)
			}
		})
	}
}

func TestParseMessage_takes_array_elements_without_a_name(t *testing.T) {
	b, _ := hex.DecodeString("81000010" + "00016100" + "05000008" + "0000002a")
	m, err := ubus.ParseMessage(b)
	if err != nil || m.String() != `{"a":[42]}` {
		t.Fatalf("%s, %v", m, err)
	}
}

func nested(levels int) func(*ubus.Builder) {
	return func(b *ubus.Builder) {
		if levels > 0 {
			b.Table("t", nested(levels-1))
		}
	}
}

func TestDepth_is_limited_both_ways(t *testing.T) {
	deepest, err := ubus.NewMessage(nested(ubus.MaxDepth))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ubus.NewMessage(nested(ubus.MaxDepth + 1)); !errors.Is(err, ubus.ErrMalformed) {
		t.Fatalf("writing one level more: %v", err)
	}
	// The same message with one more table around it, as no Builder makes it.
	body := []byte{0x82, 0, 0, 8, 0, 1, 't', 0}
	var e ubus.Encoder
	e.Begin(ubus.Header{})
	e.Fields(ubus.AttrData, func(b *ubus.Builder) { b.Message(deepest) })
	inner := e.Bytes()[ubus.HeaderSize+4:]
	body = append(body, inner...)
	body[2], body[3] = byte(len(body)>>8), byte(len(body))
	if _, err := ubus.ParseMessage(inner); err != nil {
		t.Fatal(err)
	}
	if _, err := ubus.ParseMessage(body); !errors.Is(err, ubus.ErrMalformed) {
		t.Fatalf("reading one level more: %v", err)
	}
}

func TestBuilder_limits(t *testing.T) {
	big := strings.Repeat("x", ubus.MaxMessage/2)
	for name, build := range map[string]func(*ubus.Builder){
		"text-too-large":       func(b *ubus.Builder) { b.Text("a", big); b.Text("b", big) },
		"in-a-table":           func(b *ubus.Builder) { b.Table("t", func(b *ubus.Builder) { b.Text("a", big+big) }) },
		"name-too-long":        func(b *ubus.Builder) { b.Bool(strings.Repeat("n", math.MaxUint16+1), true) },
		"error-before-is-kept": func(b *ubus.Builder) { b.Text("a", big+big); b.Bool("b", true) },
	} {
		t.Run(name, func(t *testing.T) {
			if m, err := ubus.NewMessage(build); !errors.Is(err, ubus.ErrTooLarge) || !m.Empty() {
				t.Fatalf("%d bytes of JSON, %v", len(m.String()), err)
			}
		})
	}
	if m, err := ubus.NewMessage(func(b *ubus.Builder) { b.Text("a\x00b", "c\x00d") }); err != nil || m.String() != `{"a":"c"}` {
		t.Fatalf("NUL bytes: %s, %v", m, err)
	}
}

func TestEncoder_takes_back_a_frame_that_failed(t *testing.T) {
	var e ubus.Encoder
	e.Begin(ubus.Header{Kind: ubus.KindData, Seq: 1})
	e.Fields(ubus.AttrData, func(b *ubus.Builder) { b.Text("a", strings.Repeat("x", ubus.MaxMessage)) })
	if err := e.End(); !errors.Is(err, ubus.ErrTooLarge) {
		t.Fatal(err)
	}
	e.Begin(ubus.Header{Kind: ubus.KindStatus, Seq: 1})
	e.Uint32(ubus.AttrStatus, 9)
	if err := e.End(); err != nil {
		t.Fatal(err)
	}
	if want := "0001000100000000" + "0000000c" + "01000008" + "00000009"; hex.EncodeToString(e.Bytes()) != want {
		t.Fatalf("%x, want %s", e.Bytes(), want)
	}
}

func TestParseAttrs_refuses_what_does_not_fit(t *testing.T) {
	for name, text := range map[string]string{
		"cut-short":         "0300000800",
		"number-too-short":  "0300000600010000",
		"string-empty":      "02000004",
		"string-no-end":     "0200000861616161",
		"string-nul-inside": "0200000861006100",
		"flag-of-four":      "0900000800000001",
		"twice":             "0300000800000001" + "0300000800000002",
		"extended":          "8300000800000001",
		"trailing":          "0300000800000001" + "0000",
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := hex.DecodeString(text)
			if _, err := ubus.ParseAttrs(b); !errors.Is(err, ubus.ErrMalformed) {
				t.Fatalf("error %v", err)
			}
		})
	}
	b, _ := hex.DecodeString("7f00000800000001" + "0300000800000007")
	a, err := ubus.ParseAttrs(b)
	if err != nil || a.Uint32(ubus.AttrObjID) != 7 {
		t.Fatalf("an attribute of the future: %v, %v", a.Uint32(ubus.AttrObjID), err)
	}
}

func TestField_of_another_type_is_not_ok(t *testing.T) {
	m, err := ubus.NewMessage(func(b *ubus.Builder) {
		b.Text("s", "1")
		b.Int("i", 1<<31)
		b.Int("n", -1)
		b.Bool("b", true)
		b.Double("d", 0.5)
		b.Null("z")
		b.Texts("a", []string{"x", "y"})
		b.Int16("h", -7)
		b.Int8("c", -1)
	})
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]ubus.Type{"s": ubus.String, "i": ubus.Int64, "n": ubus.Int32, "b": ubus.Bool, "d": ubus.Double,
		"z": ubus.Any, "a": ubus.Array, "h": ubus.Int16, "c": ubus.Int8}
	for name, typ := range types {
		f := m.Get(name)
		_, isText := f.Text()
		_, isInt := f.Int()
		_, isBool := f.Bool()
		_, isFloat := f.Float()
		integer := typ >= ubus.Int64 && typ <= ubus.Int8
		if !f.Exists() || f.Type() != typ || isText != (typ == ubus.String) || isInt != integer ||
			isBool != (typ == ubus.Bool) || isFloat != (integer || typ == ubus.Double) || f.Members().Empty() != (typ != ubus.Array) {
			t.Errorf("%s: %v text %v int %v bool %v float %v", name, f.Type(), isText, isInt, isBool, isFloat)
		}
	}
	if f := m.Get("absent"); f.Exists() || f.Name() != "" {
		t.Error("found what is not there")
	}
	if want := `{"s":"1","i":2147483648,"n":-1,"b":true,"d":0.5,"z":null,"a":["x","y"],"h":-7,"c":true}`; m.String() != want {
		t.Errorf("%s\nwant %s", m, want)
	}
}

func TestJSON_both_ways(t *testing.T) {
	for name, c := range map[string]struct{ in, out string }{
		"as-the-command-types-it": {`{"i":-5,"l":1099511627776,"d":2.5,"b":false,"n":null,"s":"hé"}`, ""},
		"nested":                  {`{"t":{"a":[1,"two",[3],{"k":"v"},[],{}]}}`, ""},
		"empty":                   {`{}`, ""},
		"order-is-kept":           {`{"z":1,"a":2}`, ""},
		"int32-edges":             {`{"a":-2147483648,"b":2147483647,"c":2147483648}`, ""},
		"exponent-is-a-double":    {`{"a":1e3}`, `{"a":1000}`},
		"escapes":                 {`{"a":"\"\\\n\u0001\u00e9"}`, `{"a":"\"\\\u000a\u0001é"}`},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := ubusd.JSON(c.in)
			if err != nil {
				t.Fatal(err)
			}
			want := c.out
			if want == "" {
				want = c.in
			}
			if m.String() != want {
				t.Fatalf("%s, want %s", m, want)
			}
		})
	}
	deep := strings.Repeat(`{"a":`, ubus.MaxDepth+2) + "1" + strings.Repeat("}", ubus.MaxDepth+2)
	for name, in := range map[string]string{
		"no-object": `[1]`, "nothing": ``, "cut-short": `{"a":[1,`, "rest": `{} {}`, "too-large": `{"a":99999999999999999999}`,
		"infinite": `{"a":1e999}`, "too-deep": deep, "mismatch": `{"a":[1}`,
	} {
		if m, err := ubusd.JSON(in); err == nil {
			t.Errorf("%s: read as %s", name, m)
		}
	}
}

func TestJSON_of_what_JSON_cannot_say(t *testing.T) {
	m, err := ubus.NewMessage(func(b *ubus.Builder) {
		b.Double("nan", math.NaN())
		b.Double("inf", math.Inf(1))
		b.Text("bytes", "a\xffb")
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "{\"nan\":null,\"inf\":null,\"bytes\":\"a\ufffdb\"}"; m.String() != want || !json.Valid([]byte(m.String())) {
		t.Fatalf("%s, want %s", m, want)
	}
}

func TestStatus_names(t *testing.T) {
	for code, want := range map[ubus.Status]string{
		ubus.OK: "UBUS_STATUS_OK", ubus.PermissionDenied: "UBUS_STATUS_PERMISSION_DENIED",
		ubus.SystemError: "UBUS_STATUS_SYSTEM_ERROR", 14: "UBUS_STATUS_14", math.MaxUint32: "UBUS_STATUS_4294967295",
	} {
		if code.String() != want {
			t.Errorf("%d is %s, want %s", uint32(code), code, want)
		}
	}
}

// seeds are the payloads of all recorded DATA and SIGNATURE attributes, or whole frames.
func seeds(f *testing.F, whole bool) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, file := range files {
		rec, err := ubusd.Load(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, fr := range rec.Frames {
			if fr.Hex == "" {
				continue
			}
			raw, _ := fr.Bytes()
			_, a, err := fr.Parse()
			if err != nil {
				f.Fatal(err)
			}
			if whole {
				f.Add(raw)
			} else {
				f.Add(a.Bytes(ubus.AttrData))
			}
		}
	}
}

func FuzzBlobmsg(f *testing.F) {
	seeds(f, false)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ubus.ParseMessage(b)
		if err != nil {
			return
		}
		text := m.AppendJSON(nil)
		if !json.Valid(text) {
			t.Fatalf("JSON %q", text)
		}
		again, err := ubus.NewMessage(func(b *ubus.Builder) { copyFields(b, m) })
		if err != nil {
			return // a name is given to every element: it may get too large
		}
		if got := again.AppendJSON(nil); !bytes.Equal(got, text) {
			t.Fatalf("built again: %s, was %s", got, text)
		}
	})
}

// copyFields builds a message again, value by value.
func copyFields(b *ubus.Builder, m ubus.Message) {
	for f := range m.Fields() {
		n, _ := f.Int()
		switch f.Type() {
		case ubus.Array:
			b.Array(f.Name(), func(b *ubus.Builder) { copyFields(b, f.Members()) })
		case ubus.Table:
			b.Table(f.Name(), func(b *ubus.Builder) { copyFields(b, f.Members()) })
		case ubus.String:
			s, _ := f.Text()
			b.Text(f.Name(), s)
		case ubus.Int8:
			b.Int8(f.Name(), int8(n))
		case ubus.Int16:
			b.Int16(f.Name(), int16(n))
		case ubus.Int32:
			b.Int32(f.Name(), int32(n))
		case ubus.Int64:
			b.Int64(f.Name(), n)
		case ubus.Double:
			v, _ := f.Float()
			b.Double(f.Name(), v)
		default:
			b.Null(f.Name())
		}
	}
}

func FuzzMessage(f *testing.F) {
	seeds(f, true)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < ubus.HeaderSize {
			return
		}
		h, n, err := ubus.ParseHeader((*[ubus.HeaderSize]byte)(b))
		if err != nil || n > len(b)-ubus.HeaderSize {
			return
		}
		a, err := ubus.ParseAttrs(b[ubus.HeaderSize : ubus.HeaderSize+n])
		if err != nil {
			return
		}
		var e ubus.Encoder
		e.Begin(h)
		for id := ubus.AttrStatus; id <= ubus.AttrGroup; id++ {
			_, _, _ = a.Uint32(id), a.Flag(id), a.Text(id)
			if a.Has(id) {
				e.Raw(id, a.Bytes(id))
			}
		}
		if err := e.End(); err != nil {
			return
		}
		again, err := ubus.ParseAttrs(e.Bytes()[ubus.HeaderSize:])
		if err != nil {
			t.Fatalf("written again: %v", err)
		}
		for id := ubus.AttrStatus; id <= ubus.AttrGroup; id++ {
			if again.Has(id) != a.Has(id) || !bytes.Equal(again.Bytes(id), a.Bytes(id)) {
				t.Fatalf("attribute %d: %x, was %x", id, again.Bytes(id), a.Bytes(id))
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	f.Add(`{"a":[1,"two",{"b":null}],"c":1e3,"d":-0.0,"":99999999999}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ubusd.JSON(text)
		if err != nil {
			return
		}
		if !json.Valid([]byte(text)) || !json.Valid([]byte(m.String())) {
			t.Fatalf("%q became %q", text, m)
		}
	})
}
