package ubusd

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/wandns/wandns/pkg/ubus"
)

// A Recording is a recorded conversation: see pkg/ubus/testdata.
type Recording struct {
	Name   string
	What   string
	Frames []Frame
}

// A Frame is one message of it, or the end of a connection.
type Frame struct {
	Dir     string // c2s, s2c
	Conn    string
	Event   string // eof, connect-error; then there are no bytes
	Hex     string
	Decoded Decoded
}

// Decoded is what somebody else made of the bytes.
type Decoded struct {
	Version uint8
	TypeID  uint8 `json:"type_id"`
	Seq     uint16
	Peer    uint32
	Attrs   []struct {
		ID    ubus.Attr
		Value json.RawMessage
		JSON  json.RawMessage `json:"json"`
	}
}

// Load reads a recording.
func Load(file string) (*Recording, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var r Recording
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &r, nil
}

// Bytes are the frame's bytes.
func (f Frame) Bytes() ([]byte, error) { return hex.DecodeString(f.Hex) }

// Parse reads the frame.
func (f Frame) Parse() (h ubus.Header, a ubus.Attrs, err error) {
	b, err := f.Bytes()
	if err != nil {
		return h, a, err
	}
	if len(b) < ubus.HeaderSize {
		return h, a, fmt.Errorf("frame of %d bytes", len(b))
	}
	h, n, err := ubus.ParseHeader((*[ubus.HeaderSize]byte)(b))
	if err == nil && n != len(b)-ubus.HeaderSize {
		err = fmt.Errorf("frame of %d bytes says %d", len(b), n+ubus.HeaderSize)
	}
	if err != nil {
		return h, a, err
	}
	a, err = ubus.ParseAttrs(b[ubus.HeaderSize:])
	return h, a, err
}
