package ubusd_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/scripts/lab/ubusd"
)

const recordings = "../../../pkg/ubus/testdata"

// The unprivileged user of the recordings that have one.
var rules = map[string]*ubusd.Rules{
	"07b-errors-unprivileged": {User: "nobody", Group: "nogroup",
		Access: map[string]ubusd.Access{"system": {Methods: []string{"board", "info"}}}},
	"07c-acl-allows": {User: "nobody", Group: "nogroup",
		Access: map[string]ubusd.Access{
			"system": {Methods: []string{"board", "info"}}, "network.interface": {Methods: []string{"dump"}}, "uci": {Methods: []string{"*"}}},
		Subscribe: []string{"network.interface"}, Publish: []string{"wandnstest"}, Listen: []string{"wandns*"}, Send: []string{"wandns*"}},
}

// TestServer_says_what_the_real_one_said plays the clients of each recording against the
// double, with the same ids, and compares every byte that comes back.
func TestServer_says_what_the_real_one_said(t *testing.T) {
	for _, name := range []string{
		"01-hello", "02-list", "03-lookup-verbose", "03b-lookup-wildcard", "04-call-interface-dump", "05-call-wan-status",
		"05b-call-service-list", "05c-ping-and-bad-type", "06-call-all-types", "07-errors", "07b-errors-unprivileged",
		"07c-acl-allows", "08-subscribe-interface", "08b-subscribe-address-only", "09-publish", "10-notify", "10b-notify-no-reply",
		"11-events", "12-disconnect-in-call",
	} {
		t.Run(name, func(t *testing.T) {
			rec, err := ubusd.Load(filepath.Join(recordings, name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			dir, err := os.MkdirTemp("", "bus")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			s, err := ubusd.Start(dir + "/s")
			if err != nil {
				t.Fatal(err)
			}
			defer s.Stop()
			p := &player{t: t, s: s, rec: rec, conns: map[string]*conn{}, owners: map[uint32]*conn{}}
			p.others()
			s.SetRules(rules[name])
			for i := range rec.Frames {
				p.step(i)
				if t.Failed() {
					t.Fatalf("that was frame %d: %+v", i, rec.Frames[i])
				}
			}
		})
	}
}

// A player plays the clients of one recording, and those that were not recorded but must
// have been there.
type player struct {
	t      *testing.T
	s      *ubusd.Server
	rec    *ubusd.Recording
	conns  map[string]*conn
	owners map[uint32]*conn // of objects that were there before, by object id
	sent   int
}

type conn struct {
	net.Conn
	id uint32
}

func (p *player) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *player) dial(id uint32) *conn {
	p.t.Helper()
	p.s.NextIDs(id)
	c, err := net.Dial("unix", p.s.Path())
	p.check(err)
	p.t.Cleanup(func() { c.Close() })
	return &conn{c, id}
}

func (p *player) read(c *conn) []byte {
	p.t.Helper()
	p.check(c.SetReadDeadline(time.Now().Add(10 * time.Second)))
	var head [ubus.HeaderSize]byte
	_, err := io.ReadFull(c, head[:])
	p.check(err)
	_, n, err := ubus.ParseHeader(&head)
	p.check(err)
	body := make([]byte, n)
	_, err = io.ReadFull(c, body)
	p.check(err)
	return append(head[:], body...)
}

// write sends a frame and waits until the server has dealt with it.
func (p *player) write(c *conn, frame []byte) {
	p.t.Helper()
	_, err := c.Write(frame)
	p.check(err)
	p.sent++
	p.await(func() bool { return p.s.Frames() >= p.sent })
}

func (p *player) await(so func() bool) {
	p.t.Helper()
	tick, deadline := time.NewTicker(time.Millisecond), time.After(10*time.Second)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			p.t.Fatal("the server does not get on")
		}
	}
}

// others puts on the bus what the recorded clients found there: objects that lookups describe
// and that no recorded client added.
func (p *player) others() {
	known := map[string]bool{}
	for _, f := range p.rec.Frames {
		h, a, err := f.Parse()
		if f.Hex == "" {
			continue
		}
		p.check(err)
		path := string(a.Text(ubus.AttrObjPath))
		switch {
		case h.Kind == ubus.KindAddObject && p.granted(f):
			known[path] = true
		case f.Dir == "s2c" && h.Kind == ubus.KindData && path != "" && !known[path]:
			known[path] = true
			c := p.dial(p.notifier(a.Uint32(ubus.AttrObjID)))
			p.read(c)
			p.s.NextIDs(a.Uint32(ubus.AttrObjID), a.Uint32(ubus.AttrObjType))
			var e ubus.Encoder
			e.Begin(ubus.Header{Kind: ubus.KindAddObject, Seq: 1})
			e.Text(ubus.AttrObjPath, path)
			e.Raw(ubus.AttrSignature, a.Bytes(ubus.AttrSignature))
			p.check(e.End())
			p.write(c, e.Bytes())
			p.read(c)
			p.read(c)
			p.owners[a.Uint32(ubus.AttrObjID)] = c
		}
	}
	if p.rec.Name == "07b-errors-unprivileged" || p.rec.Name == "07-errors" { // hidden, or only its name is used
		p.addBare("network.interface", 1688980110)
		p.addBare("network", 5)
	}
}

// notifier is the client id of an object's owner, from its notifications where there are some.
func (p *player) notifier(object uint32) uint32 {
	for _, f := range p.rec.Frames {
		if h, a, err := f.Parse(); f.Dir == "s2c" && err == nil && h.Kind == ubus.KindInvoke && a.Flag(ubus.AttrNoReply) {
			return h.Peer
		}
	}
	return object ^ 1
}

func (p *player) addBare(path string, id uint32) {
	if p.owners[id] != nil {
		return
	}
	c := p.dial(id ^ 1)
	p.read(c)
	p.s.NextIDs(id, id+1)
	var e ubus.Encoder
	e.Begin(ubus.Header{Kind: ubus.KindAddObject, Seq: 1})
	e.Text(ubus.AttrObjPath, path)
	e.Fields(ubus.AttrSignature, func(b *ubus.Builder) { b.Table("dump", nil) })
	p.check(e.End())
	p.write(c, e.Bytes())
	p.read(c)
	p.read(c)
	p.owners[id] = c
}

// granted says whether the recorded server agreed to what a frame asks for.
func (p *player) granted(asked ubusd.Frame) bool {
	return p.answer(asked) != nil
}

// answer is the DATA that the recorded server gave to a request.
func (p *player) answer(asked ubusd.Frame) *ubus.Attrs {
	h, _, _ := asked.Parse()
	at := slices.IndexFunc(p.rec.Frames, func(f ubusd.Frame) bool { return f.Hex == asked.Hex && f.Conn == asked.Conn })
	for _, f := range p.rec.Frames[at+1:] {
		if f.Conn != asked.Conn || f.Dir != "s2c" || f.Hex == "" {
			continue
		}
		if g, a, err := f.Parse(); err == nil && g.Seq == h.Seq && g.Peer == h.Peer && g.Kind == ubus.KindData {
			return &a
		}
	}
	return nil
}

func (p *player) step(i int) {
	f := p.rec.Frames[i]
	c := p.conns[f.Conn]
	switch {
	case f.Event == "eof":
		if f.Dir == "c2s" {
			n := p.s.Clients()
			c.Close()
			p.await(func() bool { return p.s.Clients() < n })
		}
		return
	case f.Hex == "":
		p.t.Fatal("an event that cannot be played")
	}
	raw, err := f.Bytes()
	p.check(err)
	h, a, err := f.Parse()
	p.check(err)
	if f.Dir == "c2s" {
		if got := p.answer(f); h.Kind == ubus.KindAddObject && got != nil {
			p.s.NextIDs(got.Uint32(ubus.AttrObjID))
			if got.Has(ubus.AttrObjType) {
				p.s.NextIDs(got.Uint32(ubus.AttrObjType))
			}
		}
		p.write(c, raw)
		return
	}
	switch {
	case h.Kind == ubus.KindHello:
		c = p.dial(h.Peer)
		p.conns[f.Conn] = c
	case h.Kind == ubus.KindInvoke && h.Peer != 0:
		p.unrecordedCaller(h, &a)
	case (h.Kind == ubus.KindData || h.Kind == ubus.KindStatus) && p.owners[h.Peer] != nil && a.Has(ubus.AttrObjID):
		out := bytes.Clone(raw) // the owner of the object answers
		binary.BigEndian.PutUint32(out[4:], c.id)
		p.write(p.owners[h.Peer], out)
	}
	got := p.read(c)
	if h.Kind == ubus.KindInvoke && h.Peer == 0 {
		copy(got[2:4], raw[2:4]) // the server's own counter
	}
	if !bytes.Equal(got, raw) {
		p.t.Errorf("the double says %x", got)
	}
}

// unrecordedCaller makes the call or the notification that a recorded client got from somebody
// who was not recorded.
func (p *player) unrecordedCaller(h ubus.Header, a *ubus.Attrs) {
	for _, c := range p.conns {
		if c.id == h.Peer {
			return
		}
	}
	var e ubus.Encoder
	if a.Flag(ubus.AttrNoReply) {
		for id, owner := range p.owners {
			if owner.id == h.Peer {
				e.Begin(ubus.Header{Kind: ubus.KindNotify, Seq: h.Seq, Peer: id})
				e.Uint32(ubus.AttrObjID, id)
				e.Text(ubus.AttrMethod, string(a.Text(ubus.AttrMethod)))
				e.Raw(ubus.AttrData, a.Bytes(ubus.AttrData))
				e.Flag(ubus.AttrNoReply, true)
				p.check(e.End())
				p.write(owner, e.Bytes())
				return
			}
		}
	}
	c := p.dial(h.Peer)
	p.read(c)
	e.Begin(ubus.Header{Kind: ubus.KindInvoke, Seq: h.Seq, Peer: a.Uint32(ubus.AttrObjID)})
	e.Uint32(ubus.AttrObjID, a.Uint32(ubus.AttrObjID))
	e.Text(ubus.AttrMethod, string(a.Text(ubus.AttrMethod)))
	e.Raw(ubus.AttrData, a.Bytes(ubus.AttrData))
	p.check(e.End())
	p.write(c, e.Bytes())
}
