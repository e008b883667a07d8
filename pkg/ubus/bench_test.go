package ubus_test

import (
	"context"
	"io"
	"net"
	"os"
	"testing"

	"github.com/wandns/wandns/pkg/ubus"
)

// appendStatus is a status as a daemon with five records would give it.
func appendStatus(b *ubus.Builder) {
	b.Text("version", "1.0.0")
	b.Int("uptime", 86400)
	b.Array("records", func(b *ubus.Builder) {
		for range 5 {
			b.Table("", func(b *ubus.Builder) {
				b.Text("record", "home")
				b.Text("hostname", "home.example.org")
				b.Text("account", "cloudflare")
				b.Array("addresses", func(b *ubus.Builder) { b.Text("", "203.0.113.7"); b.Text("", "2001:db8::7") })
				b.Bool("published", true)
				b.Int("since", 1795404648)
				b.Text("outcome", "confirmed")
				b.Null("error")
			})
		}
	})
}

// BenchmarkStatus is a call of a method of ours as LuCI makes it every two seconds: from the
// INVOKE in the socket to the answer in the socket. The other side allocates nothing.
func BenchmarkStatus(b *testing.B) {
	dir, err := os.MkdirTemp("", "bus")
	if err != nil {
		b.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("unix", dir+"/s")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	c := &ubus.Client{Path: dir + "/s"}
	c.Publish(ubus.Object{Name: "wandns", Methods: []ubus.Method{{Name: "status",
		Handle: func(_ context.Context, r *ubus.Request) error { return r.Reply(appendStatus) }}}})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	conn, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	p := &benchPeer{Conn: conn, b: b}
	p.publish()

	var e ubus.Encoder
	e.Begin(ubus.Header{Kind: ubus.KindInvoke, Seq: 2, Peer: 4242})
	e.Uint32(ubus.AttrObjID, 2000)
	e.Text(ubus.AttrMethod, "status")
	e.Text(ubus.AttrUser, "root")
	e.Text(ubus.AttrGroup, "root")
	e.Fields(ubus.AttrData, nil)
	if err := e.End(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		p.write(e.Bytes())
		p.read() // DATA
		p.read() // STATUS
	}
	b.StopTimer()
	cancel()
	<-done
}

type benchPeer struct {
	net.Conn
	b    *testing.B
	head [ubus.HeaderSize]byte
	body [8192]byte
}

func (p *benchPeer) write(frame []byte) {
	if _, err := p.Write(frame); err != nil {
		p.b.Fatal(err)
	}
}

func (p *benchPeer) read() (ubus.Header, int) {
	if _, err := io.ReadFull(p, p.head[:]); err != nil {
		p.b.Fatal(err)
	}
	h, n, err := ubus.ParseHeader(&p.head)
	if err != nil {
		p.b.Fatal(err)
	}
	if _, err := io.ReadFull(p, p.body[:n]); err != nil {
		p.b.Fatal(err)
	}
	return h, n
}

// publish greets and grants what the client wants, until its object is there.
func (p *benchPeer) publish() {
	reply := func(h ubus.Header, id ubus.Attr, v uint32) {
		var e ubus.Encoder
		e.Begin(h)
		e.Uint32(id, v)
		if err := e.End(); err != nil {
			p.b.Fatal(err)
		}
		p.write(e.Bytes())
	}
	var e ubus.Encoder
	e.Begin(ubus.Header{Kind: ubus.KindHello, Peer: 1})
	if err := e.End(); err != nil {
		p.b.Fatal(err)
	}
	p.write(e.Bytes())
	for object := uint32(1999); object < 2001; {
		h, n := p.read()
		if a, err := ubus.ParseAttrs(p.body[:n]); err == nil && h.Kind == ubus.KindAddObject {
			if a.Has(ubus.AttrObjPath) {
				object = 2000
			}
			reply(ubus.Header{Kind: ubus.KindData, Seq: h.Seq, Peer: h.Peer}, ubus.AttrObjID, object)
			if a.Has(ubus.AttrObjPath) {
				object = 2001
			}
		}
		reply(ubus.Header{Kind: ubus.KindStatus, Seq: h.Seq, Peer: h.Peer}, ubus.AttrStatus, 0)
	}
}

// BenchmarkEncode is the encoding alone.
func BenchmarkEncode(b *testing.B) {
	var e ubus.Encoder
	b.ReportAllocs()
	for range b.N {
		e.Reset()
		e.Begin(ubus.Header{Kind: ubus.KindData})
		e.Fields(ubus.AttrData, appendStatus)
		if err := e.End(); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(e.Bytes())))
}
