package dnsupdate_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/dnsupdate"
	"github.com/wandns/wandns/scripts/lab"
)

const secret = "bDVV3mnUjAmGDCnsmrpRfLXA0Rmra0Y2xgiQYpq7e4w="

func key(t testing.TB, name string) *dnsupdate.Key {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return &dnsupdate.Key{Name: name, Algorithm: "hmac-sha256", Secret: raw}
}

func dial(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, addr)
}

func replace(s *dnsupdate.Server, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	return s.Replace(ctx, "example.org", "home.example.org", "A", []netip.Addr{netip.MustParseAddr("192.88.99.1")}, 60)
}

// Every algorithm, at real servers.
func TestServer_algorithms(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	for name, start := range map[string]func(string, lab.DNS) (*lab.NameServer, error){"bind": lab.StartBIND, "knot": lab.StartKnot} {
		for _, algorithm := range dnsupdate.Algorithms() {
			t.Run(name+"/"+algorithm, func(t *testing.T) {
				n, err := start(t.TempDir(), lab.DNS{Address: "127.0.0.1", Keys: []lab.TSIG{{Name: "router", Algorithm: algorithm, Secret: secret}},
					Zones: map[string]string{"example.org": "@ NS ns\nns A 127.0.0.1\n"}})
				if err != nil {
					t.Fatal(err)
				}
				defer n.Stop()
				k := key(t, "Router.")
				k.Algorithm = algorithm
				s := &dnsupdate.Server{Addr: "127.0.0.1:53", Key: k, Dial: dial}
				if err := replace(s, 10*time.Second); err != nil {
					t.Fatal(err)
				}
				addrs, ttl, err := s.Read(context.Background(), "HOME.example.org", "A")
				if err != nil || len(addrs) != 1 || ttl != 60 {
					t.Errorf("read %v, %d, %v", addrs, ttl, err)
				}
				if zone, err := s.Zone(context.Background(), "a.b.example.org"); zone != "example.org" || err != nil {
					t.Errorf("zone %q, %v", zone, err)
				}
			})
		}
	}
}

// A router whose clock is wrong is told so, with the server's time.
func TestServer_clocks_that_differ(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	for name, start := range map[string]func(string, lab.DNS) (*lab.NameServer, error){"bind": lab.StartBIND, "knot": lab.StartKnot} {
		t.Run(name, func(t *testing.T) {
			n, err := start(t.TempDir(), lab.DNS{Address: "127.0.0.1", Keys: []lab.TSIG{{Name: "router", Algorithm: "hmac-sha256", Secret: secret}},
				Zones: map[string]string{"example.org": "@ NS ns\nns A 127.0.0.1\n"}})
			if err != nil {
				t.Fatal(err)
			}
			defer n.Stop()
			for _, c := range []struct {
				by   time.Duration
				good bool
			}{{0, true}, {4 * time.Minute, true}, {-4 * time.Minute, true}, {10 * time.Minute, false}, {-24 * time.Hour, false}} {
				s := &dnsupdate.Server{Addr: "127.0.0.1:53", Key: key(t, "router"), Dial: dial, Now: func() time.Time { return time.Now().Add(c.by) }}
				err := replace(s, 10*time.Second)
				var refused *dnsupdate.Refused
				switch {
				case c.good && err != nil:
					t.Errorf("%v: %v", c.by, err)
				case !c.good && (!errors.As(err, &refused) || refused.TSIG != dnsupdate.BadTime || refused.Word() != "BADTIME"):
					t.Errorf("%v: %v", c.by, err)
				case !c.good && time.Since(refused.Clock).Abs() > 2*time.Minute:
					t.Errorf("%v: the server's clock says %v", c.by, refused.Clock)
				}
			}
		})
	}
}

// answered is a message of a server's: the request with these bits of the header.
func answered(request []byte, bits uint16) []byte {
	rest, _, _, err := dnsupdate.Split(request)
	if err != nil {
		panic(err)
	}
	out := append([]byte(nil), rest...)
	binary.BigEndian.PutUint16(out[2:], binary.BigEndian.Uint16(out[2:])|bits)
	return out
}

const (
	response  = 1 << 15
	truncated = 1 << 9
	refused   = 5
)

// A name server on a socket of its own: it answers each message with what answers has for it.
func serve(t *testing.T, answers ...func(request []byte) [][]byte) *dnsupdate.Server {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 4096)
		for i := 0; ; i++ {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			for _, a := range answers[min(i, len(answers)-1)](buf[:n]) {
				if _, err := c.WriteTo(a, from); err != nil {
					return
				}
			}
		}
	}()
	t.Cleanup(func() { _ = c.Close(); <-done })
	return &dnsupdate.Server{Addr: c.LocalAddr().String(), UDP: true, Key: key(t, "router"), Dial: dial}
}

func good(t *testing.T) func([]byte) [][]byte {
	return func(request []byte) [][]byte {
		_, mac, _, err := dnsupdate.Split(request)
		if err != nil {
			t.Error(err)
		}
		return [][]byte{key(t, "router").SignAnswer(mac, answered(request, response), time.Now())}
	}
}

func silent([]byte) [][]byte { return nil }

func TestServer_asks_again_when_a_datagram_is_lost(t *testing.T) {
	if err := replace(serve(t, silent, good(t)), 8*time.Second); err != nil {
		t.Error(err)
	}
}

// What somebody else sends makes no update succeed; the right answer behind it does.
func TestServer_believes_only_signed_answers(t *testing.T) {
	forged := func(request []byte) [][]byte {
		_, mac, _, err := dnsupdate.Split(request)
		if err != nil {
			t.Error(err)
		}
		plain := answered(request, response)
		other := key(t, "router")
		other.Secret = []byte("guessed")
		wrongID := append([]byte(nil), plain...)
		wrongID[0]++
		k := key(t, "router")
		changed := k.SignAnswer(mac, plain, time.Now())
		changed[3] |= 3
		return [][]byte{
			plain, other.SignAnswer(mac, plain, time.Now()), key(t, "nobody").SignAnswer(mac, plain, time.Now()),
			k.SignAnswer([]byte("another request"), plain, time.Now()), k.SignAnswer(mac, plain, time.Now().Add(-time.Hour)),
			k.SignAnswer(mac, wrongID, time.Now()), k.SignAnswer(mac, request[:12], time.Now()), changed, {}, request, plain[:11],
		}
	}
	var failed *dnsupdate.Failed
	if err := replace(serve(t, forged), 500*time.Millisecond); !errors.As(err, &failed) || !failed.Sent {
		t.Errorf("with forged answers alone: %v", err)
	}
	both := func(request []byte) [][]byte { return append(forged(request), good(t)(request)...) }
	if err := replace(serve(t, both), 8*time.Second); err != nil {
		t.Errorf("with the right one behind them: %v", err)
	}
	unsigned := func(request []byte) [][]byte { return [][]byte{answered(request, response|refused)} }
	var no *dnsupdate.Refused
	if err := replace(serve(t, unsigned), 8*time.Second); !errors.As(err, &no) || no.Word() != "REFUSED" || !no.Unsigned {
		t.Errorf("an unsigned refusal: %v", err)
	}
}

func TestServer_goes_on_by_tcp_when_the_answer_is_cut(t *testing.T) {
	s := serve(t, func(request []byte) [][]byte {
		_, mac, _, _ := dnsupdate.Split(request)
		return [][]byte{key(t, "router").SignAnswer(mac, answered(request, response|truncated), time.Now())}
	})
	l, err := net.Listen("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		var size [2]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		msg := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(c, msg); err != nil {
			return
		}
		a := good(t)(msg)[0]
		_, _ = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...)) // the test then fails
	}()
	if err := replace(s, 8*time.Second); err != nil {
		t.Error(err)
	}
}

// What is lost after it went out is not known; what never went out is.
func TestServer_says_whether_it_was_sent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, _ = c.Read(make([]byte, 1)) // and goes
			_ = c.Close()
		}
	}()
	s := &dnsupdate.Server{Addr: l.Addr().String(), Key: key(t, "router"), Dial: dial}
	var failed *dnsupdate.Failed
	if err := replace(s, 8*time.Second); !errors.As(err, &failed) || !failed.Sent {
		t.Errorf("closed after the message: %v", err)
	}
	_ = l.Close()
	if err := replace(s, 8*time.Second); !errors.As(err, &failed) || failed.Sent {
		t.Errorf("nobody listens: %v", err)
	}
}

func seeds(f *testing.F) {
	k := key(f, "router")
	request := append([]byte{0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, "\x04home\x07example\x03org\x00\x00\x01\x00\x01"...)
	f.Add(request)
	f.Add(k.SignAnswer(nil, request, time.Unix(1764064000, 0)))
	f.Add(answered(k.SignAnswer(nil, request, time.Unix(1764064000, 0)), response))
	f.Add(append(append([]byte(nil), request...), 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 88, 99, 1))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xc0, 0x0c, 0, 250, 0, 255})
}

func FuzzSplit(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, msg []byte) {
		rest, _, name, err := dnsupdate.Split(msg)
		if err != nil {
			return
		}
		if name == "" && len(rest) != len(msg) || name != "" && len(rest) >= len(msg) {
			t.Errorf("%d bytes of %d are left of a message signed by %q", len(rest), len(msg), name)
		}
	})
}

func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, msg []byte) {
		for _, opcode := range []uint16{0, 5} {
			n, zone, ok := dnsupdate.Parse(msg, 0x1234, opcode, "home.example.org")
			if !ok && (n > 0 || zone != "") || opcode == 5 && n > 0 {
				t.Errorf("%d addresses, zone %q of a message that is none: %v", n, zone, ok)
			}
		}
	})
}
