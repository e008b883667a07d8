package ubus_test

import (
	"context"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/wandns/wandns/pkg/ubus"
)

// A peer is a server made by hand: it greets, answers the client's own housekeeping, and lets
// the test answer the rest.
type peer struct {
	*net.UnixConn
	t *testing.T
}

// handmade runs a client against a server made by hand. answer gets each INVOKE and LOOKUP;
// everything else is granted.
func handmade(t *testing.T, c *ubus.Client, answer func(p *peer, h ubus.Header, a *ubus.Attrs)) {
	t.Helper()
	dir, err := os.MkdirTemp("", "bus")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", dir+"/s")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan bool)
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			(&peer{conn.(*net.UnixConn), t}).serve(answer)
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	c.Path = dir + "/s"
	run(t, c) // ends before the listener
}

func (p *peer) serve(answer func(*peer, ubus.Header, *ubus.Attrs)) {
	p.send(ubus.Header{Kind: ubus.KindHello, Peer: 4711}, nil)
	for id := uint32(2000); ; id++ {
		var head [ubus.HeaderSize]byte
		if _, err := io.ReadFull(p, head[:]); err != nil {
			return
		}
		h, n, err := ubus.ParseHeader(&head)
		if err != nil {
			p.t.Error(err)
			return
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(p, body); err != nil {
			return
		}
		a, err := ubus.ParseAttrs(body)
		if err != nil {
			p.t.Error(err)
		}
		switch {
		case h.Kind == ubus.KindAddObject:
			p.send(ubus.Header{Kind: ubus.KindData, Seq: h.Seq}, func(e *ubus.Encoder) { e.Uint32(ubus.AttrObjID, id) })
			p.status(h, 0)
		case h.Kind == ubus.KindInvoke && h.Peer == 1: // registers for events
			p.status(h, 0)
		case h.Kind == ubus.KindLookup:
			p.send(ubus.Header{Kind: ubus.KindData, Seq: h.Seq}, func(e *ubus.Encoder) {
				e.Text(ubus.AttrObjPath, string(a.Text(ubus.AttrObjPath)))
				e.Uint32(ubus.AttrObjID, 1999)
				e.Uint32(ubus.AttrObjType, 3)
			})
			p.status(h, 0)
		default:
			answer(p, h, &a)
		}
	}
}

func (p *peer) send(h ubus.Header, fill func(*ubus.Encoder)) {
	var e ubus.Encoder
	e.Begin(h)
	if fill != nil {
		fill(&e)
	}
	if err := e.End(); err != nil {
		p.t.Error(err)
	}
	p.write(e.Bytes())
}

func (p *peer) status(h ubus.Header, code uint32) {
	h.Kind = ubus.KindStatus
	p.send(h, func(e *ubus.Encoder) { e.Uint32(ubus.AttrStatus, code) })
}

func (p *peer) write(b []byte) {
	if _, err := p.Write(b); err != nil {
		p.t.Log(err) // the client may hang up
	}
}

// frame is a frame with any body.
func frame(h ubus.Header, body string) []byte {
	n := len(body) + 4
	return append([]byte{h.Version, byte(h.Kind), byte(h.Seq >> 8), byte(h.Seq),
		byte(h.Peer >> 24), byte(h.Peer >> 16), byte(h.Peer >> 8), byte(h.Peer),
		0, byte(n >> 16), byte(n >> 8), byte(n)}, body...)
}

// What another program sends through ubusd may be broken in every way. It costs that program
// its own call, and us nothing.
func TestHostile_answers_cost_one_call_and_no_connection(t *testing.T) {
	huge := strings.Repeat("\x00", ubus.MaxMessage+100)
	for name, write := range map[string]func(p *peer, h ubus.Header){
		"data-not-blobs":   func(p *peer, h ubus.Header) { h.Kind = ubus.KindData; p.write(frame(h, "rubbish")) },
		"data-not-aligned": func(p *peer, h ubus.Header) { h.Kind = ubus.KindData; p.write(frame(h, "\x03\x00\x00\x05x")) },
		"data-broken-inside": func(p *peer, h ubus.Header) {
			h.Kind = ubus.KindData
			p.write(frame(h, "\x07\x00\x00\x0c\x83\x00\x00\xffabcd"))
		},
		"data-too-long":      func(p *peer, h ubus.Header) { h.Kind = ubus.KindData; p.write(frame(h, huge)) },
		"data-of-version-7":  func(p *peer, h ubus.Header) { h.Kind, h.Version = ubus.KindData, 7; p.write(frame(h, "")) },
		"status-without-one": func(p *peer, h ubus.Header) { h.Kind = ubus.KindStatus; p.write(frame(h, "")) },
		"status-of-two-bytes": func(p *peer, h ubus.Header) {
			h.Kind = ubus.KindStatus
			p.write(frame(h, "\x01\x00\x00\x06\x00\x00\x00\x00"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var said reports
			c := &ubus.Client{Report: said.add}
			handmade(t, c, func(p *peer, h ubus.Header, a *ubus.Attrs) {
				if string(a.Text(ubus.AttrMethod)) == "good" {
					p.status(h, 0)
					return
				}
				write(p, h)
			})
			if got, err := call(t, c, "other", "bad", ""); err == nil || ubus.StatusOf(err) == ubus.TimedOut {
				t.Errorf("broken answer taken as %s, %v", got, err)
			}
			if got, err := call(t, c, "other", "good", ""); err != nil {
				t.Errorf("the next call: %s, %v", got, err)
			}
			if said.have("lost") {
				t.Errorf("reports %q", said.list)
			}
		})
	}
}

func TestHostile_messages_that_nobody_asked_for_are_ignored(t *testing.T) {
	var said reports
	c := &ubus.Client{Report: said.add}
	got := make(chan string, 8)
	c.Listen("x", func(id string, _ ubus.Message) { got <- id })
	handmade(t, c, func(p *peer, h ubus.Header, _ *ubus.Attrs) {
		for kind := range 256 {
			for _, id := range []uint32{0, 1, 2000, 2001, 77} {
				for _, body := range []string{"", "rubbish", "\x03\x00\x00\x08\x00\x00\x07\xd1"} {
					if kind != int(ubus.KindStatus) && kind != int(ubus.KindData) {
						p.write(frame(ubus.Header{Kind: ubus.Kind(kind), Seq: h.Seq, Peer: id}, body))
					}
				}
			}
		}
		for _, seq := range []uint16{h.Seq + 1, 0, 9999} { // answers to nothing
			p.status(ubus.Header{Seq: seq, Peer: h.Peer}, 0)
			p.status(ubus.Header{Seq: h.Seq, Peer: h.Peer + 1}, 0)
		}
		// A made-up event: real ones come from the server, with peer 0.
		for id := uint32(2000); id < 2020; id++ { // one of them is the listener's
			p.send(ubus.Header{Kind: ubus.KindInvoke, Seq: 1, Peer: 99}, func(e *ubus.Encoder) {
				e.Uint32(ubus.AttrObjID, id)
				e.Text(ubus.AttrMethod, "made up")
				e.Fields(ubus.AttrData, nil)
			})
		}
		p.status(h, 5)
	})
	_, err := call(t, c, "other", "method", "")
	wantStatus(t, err, ubus.NoData)
	if said.have("lost") || len(got) != 0 {
		t.Errorf("reports %q, %d events", said.list, len(got))
	}
}

func TestHostile_length_below_the_head_ends_the_connection(t *testing.T) {
	var said reports
	c := &ubus.Client{Report: said.add}
	handmade(t, c, func(p *peer, _ ubus.Header, _ *ubus.Attrs) {
		p.write([]byte{0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3})
	})
	_, err := call(t, c, "other", "method", "")
	if ubus.StatusOf(err) != ubus.ConnectionFailed {
		t.Errorf("error %v", err)
	}
	await(t, "a report", func() bool { return said.have("length 3") })
}

// A descriptor that travels with an answer must not pile up in the daemon.
func TestHostile_descriptors_are_closed(t *testing.T) {
	var ends [2]int
	if err := syscall.Pipe2(ends[:], syscall.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	reading := os.NewFile(uintptr(ends[0]), "pipe")
	defer reading.Close()
	c := &ubus.Client{}
	handmade(t, c, func(p *peer, h ubus.Header, _ *ubus.Attrs) {
		var e ubus.Encoder
		e.Begin(ubus.Header{Kind: ubus.KindStatus, Seq: h.Seq, Peer: h.Peer})
		e.Uint32(ubus.AttrStatus, 0)
		if err := e.End(); err != nil {
			t.Error(err)
		}
		if _, _, err := p.WriteMsgUnix(e.Bytes(), syscall.UnixRights(ends[1]), nil); err != nil {
			t.Error(err)
		}
		syscall.Close(ends[1])
	})
	if _, err := call(t, c, "other", "method", ""); err != nil {
		t.Fatal(err)
	}
	end := make(chan error, 1)
	go func() { _, err := reading.Read(make([]byte, 1)); end <- err }()
	if err := next(t, "the end of the pipe", end); err != io.EOF {
		t.Errorf("read %v: somebody still has the other end", err)
	}
}

// The frames that the client writes are those of the C library.
func TestClient_writes_what_was_recorded(t *testing.T) {
	wrote := make(chan ubus.Header, 8)
	attrs := make(chan string, 8)
	c := &ubus.Client{}
	handmade(t, c, func(p *peer, h ubus.Header, a *ubus.Attrs) {
		wrote <- h
		attrs <- string(a.Bytes(ubus.AttrMethod)) + string(a.Bytes(ubus.AttrData))
		p.status(h, 0)
	})
	if _, err := c.Call(context.Background(), "network.interface", "dump", nil); err != nil {
		t.Fatal(err)
	}
	if h := <-wrote; h.Kind != ubus.KindInvoke || h.Peer != 1999 || <-attrs != "dump\x00" {
		t.Errorf("wrote %+v", h)
	}
}
