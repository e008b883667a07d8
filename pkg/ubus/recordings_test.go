package ubus_test

import (
	"bytes"
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/scripts/lab/ubusd"
)

// eachFrame goes through every frame of every recording.
func eachFrame(t *testing.T, do func(t *testing.T, f ubusd.Frame, raw []byte)) {
	t.Helper()
	files, _ := filepath.Glob("testdata/*.json")
	if len(files) < 20 {
		t.Fatalf("%d recordings, want 20", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			rec, err := ubusd.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range rec.Frames {
				if f.Hex == "" {
					continue
				}
				raw, err := f.Bytes()
				if err != nil {
					t.Fatalf("frame %d: %v", i, err)
				}
				do(t, f, raw)
				if t.Failed() {
					t.Fatalf("that was frame %d: %s", i, f.Hex)
				}
			}
		})
	}
}

// field is a field as the recordings spell it out.
type field struct {
	Name  string
	Type  string
	Value json.RawMessage
}

func fieldList(t *testing.T, raw json.RawMessage) (list []field) {
	t.Helper()
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func value[T any](t *testing.T, raw json.RawMessage) (v T) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return v
}

// build encodes fields from their spelling.
func build(t *testing.T, b *ubus.Builder, list []field) {
	for _, f := range list {
		switch f.Type {
		case "array":
			b.Array(f.Name, func(b *ubus.Builder) { build(t, b, fieldList(t, f.Value)) })
		case "table":
			b.Table(f.Name, func(b *ubus.Builder) { build(t, b, fieldList(t, f.Value)) })
		case "string":
			b.Text(f.Name, value[string](t, f.Value))
		case "int64":
			b.Int64(f.Name, value[int64](t, f.Value))
		case "int32":
			b.Int32(f.Name, int32(value[int64](t, f.Value)))
		case "int16":
			b.Int16(f.Name, value[int16](t, f.Value))
		case "int8":
			b.Int8(f.Name, value[int8](t, f.Value))
		case "double":
			b.Double(f.Name, value[float64](t, f.Value))
		case "unspec":
			if string(f.Value) != `""` && string(f.Value) != "null" {
				t.Errorf("unspec %s", f.Value)
			}
			b.Null(f.Name)
		default:
			t.Errorf("type %q", f.Type)
		}
	}
}

// encodeDecoded makes the frame again from its spelling.
func encodeDecoded(t *testing.T, d ubusd.Decoded) []byte {
	var e ubus.Encoder
	e.Begin(ubus.Header{Version: d.Version, Kind: ubus.Kind(d.TypeID), Seq: d.Seq, Peer: d.Peer})
	for _, a := range d.Attrs {
		switch a.ID {
		case ubus.AttrObjPath, ubus.AttrMethod, ubus.AttrUser, ubus.AttrGroup:
			e.Text(a.ID, value[string](t, a.Value))
		case ubus.AttrData, ubus.AttrSignature:
			e.Fields(a.ID, func(b *ubus.Builder) { build(t, b, fieldList(t, a.Value)) })
		case ubus.AttrActive, ubus.AttrNoReply:
			e.Flag(a.ID, value[int](t, a.Value) != 0)
		case ubus.AttrSubscribers:
			var ids ubus.Encoder
			ids.Begin(ubus.Header{})
			for _, id := range value[[]uint32](t, a.Value) {
				ids.Uint32(0, id)
			}
			e.Raw(a.ID, ids.Bytes()[ubus.HeaderSize:])
		default:
			e.Uint32(a.ID, value[uint32](t, a.Value))
		}
	}
	if err := e.End(); err != nil {
		t.Fatal(err)
	}
	return e.Bytes()
}

func TestEncoder_makes_every_recorded_frame_byte_for_byte(t *testing.T) {
	eachFrame(t, func(t *testing.T, f ubusd.Frame, raw []byte) {
		if got := encodeDecoded(t, f.Decoded); !bytes.Equal(got, raw) {
			t.Errorf("encoded %x", got)
		}
	})
}

// sameFields compares what was read with its spelling.
func sameFields(t *testing.T, m ubus.Message, want []field) {
	n := 0
	for f := range m.Fields() {
		if n >= len(want) {
			t.Errorf("more than %d fields", len(want))
			return
		}
		w := want[n]
		n++
		if f.Name() != w.Name || f.Type().String() != w.Type {
			t.Errorf("field %q %v, want %q %s", f.Name(), f.Type(), w.Name, w.Type)
			return
		}
		sameValue(t, f, w)
	}
	if n != len(want) {
		t.Errorf("%d fields, want %d", n, len(want))
	}
}

func sameValue(t *testing.T, f ubus.Field, w field) {
	switch f.Type() {
	case ubus.Array, ubus.Table:
		sameFields(t, f.Members(), fieldList(t, w.Value))
	case ubus.String:
		if s, ok := f.Text(); !ok || s != value[string](t, w.Value) {
			t.Errorf("%s is %q, want %s", w.Name, s, w.Value)
		}
	case ubus.Double:
		if v, ok := f.Float(); !ok || math.Float64bits(v) != math.Float64bits(value[float64](t, w.Value)) {
			t.Errorf("%s is %v, want %s", w.Name, v, w.Value)
		}
	case ubus.Any:
	default:
		n, ok := f.Int()
		want := value[int64](t, w.Value)
		if f.Type() == ubus.Int32 {
			want = int64(int32(want))
		}
		if !ok || n != want {
			t.Errorf("%s is %d, want %d", w.Name, n, want)
		}
	}
}

func TestParse_reads_every_recorded_frame(t *testing.T) {
	eachFrame(t, func(t *testing.T, f ubusd.Frame, _ []byte) {
		h, a, err := f.Parse()
		if err != nil {
			t.Fatal(err)
		}
		d := f.Decoded
		if want := (ubus.Header{Version: d.Version, Kind: ubus.Kind(d.TypeID), Seq: d.Seq, Peer: d.Peer}); h != want {
			t.Errorf("header %+v, want %+v", h, want)
		}
		for _, w := range d.Attrs {
			switch w.ID {
			case ubus.AttrObjPath, ubus.AttrMethod, ubus.AttrUser, ubus.AttrGroup:
				if got := string(a.Text(w.ID)); got != value[string](t, w.Value) {
					t.Errorf("attribute %d is %q, want %s", w.ID, got, w.Value)
				}
			case ubus.AttrData, ubus.AttrSignature:
				m, err := a.Message(w.ID)
				if err != nil {
					t.Fatal(err)
				}
				sameFields(t, m, fieldList(t, w.Value))
				if w.JSON != nil {
					sameJSON(t, m, w.JSON)
				}
			case ubus.AttrActive, ubus.AttrNoReply:
				if a.Flag(w.ID) != (value[int](t, w.Value) != 0) {
					t.Errorf("attribute %d is %v", w.ID, a.Flag(w.ID))
				}
			case ubus.AttrSubscribers:
				if got := len(a.Bytes(w.ID)); got != 8*len(value[[]uint32](t, w.Value)) {
					t.Errorf("%d bytes of subscribers", got)
				}
			default:
				if got := a.Uint32(w.ID); got != value[uint32](t, w.Value) {
					t.Errorf("attribute %d is %d, want %s", w.ID, got, w.Value)
				}
			}
		}
	})
}

// sameJSON compares the message's JSON with what the recorder printed, as values.
func sameJSON(t *testing.T, m ubus.Message, want json.RawMessage) {
	a, b := value[any](t, m.AppendJSON(nil)), value[any](t, want)
	if !sameAny(a, b) {
		t.Errorf("JSON %s, want %s", m, want)
	}
}

func sameAny(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			if w, ok := b[k]; !ok || !sameAny(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !sameAny(a[i], b[i]) {
				return false
			}
		}
		return true
	case float64: // the recorder prints object ids unsigned
		b, ok := b.(float64)
		return ok && (a == b || a < 0 && a+math.MaxUint32+1 == b)
	case nil: // and an unspec as its bytes
		return b == nil || b == ""
	}
	return a == b
}
