package dnsupdate

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// exchangeTime is how long one message may take, with its connection and all repetitions.
const exchangeTime = 10 * time.Second

// Server is a name server that takes updates. Its methods may be called from several goroutines.
type Server struct {
	Addr string // host:port
	UDP  bool   // else TCP
	Key  *Key   // nil: nothing is signed
	// Dial makes the connections.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Now is the wall clock; nil means time.Now.
	Now func() time.Time
}

// Refused is a server's answer that is no success.
type Refused struct {
	RCode uint16    // RFC 2136 section 2.2: 5 refused, 9 not authoritative or not signed well, …
	TSIG  uint16    // RFC 8945 section 3: what was wrong with the signature; 0 for nothing
	Clock time.Time // the server's, when TSIG is BadTime
	Alias bool      // a CNAME stands at the name
	// Unsigned: a key was used, and the answer says nothing of whether the server knows it.
	Unsigned bool
}

// What can be wrong with a signature.
const (
	BadSig  = badSig  // the secret is another
	BadKey  = badKey  // the server does not know the key
	BadTime = badTime // the clocks differ
)

// rcodes are the mnemonics of RFC 6895 section 2.3.
var rcodes = [...]string{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"}

// Word is the field's name for it.
func (r *Refused) Word() string {
	switch {
	case r.TSIG == badSig:
		return "BADSIG"
	case r.TSIG == badKey:
		return "BADKEY"
	case r.TSIG == badTime:
		return "BADTIME"
	case int(r.RCode) < len(rcodes):
		return rcodes[r.RCode]
	}
	return fmt.Sprintf("RCODE%d", r.RCode)
}

func (r *Refused) Error() string { return "the name server says " + r.Word() }

// Failed is trouble on the way. Sent: the message went out, and what came of it is not known.
type Failed struct {
	Sent bool
	Err  error
}

func (f *Failed) Error() string { return f.Err.Error() }
func (f *Failed) Unwrap() error { return f.Err }

// Replace makes a record set hold just these addresses, or deletes it when there are none. ttl is
// in seconds.
func (s *Server) Replace(ctx context.Context, zone, name, rrtype string, addrs []netip.Addr, ttl uint32) error {
	id := randomID()
	a, err := s.exchange(ctx, updateMessage(id, zone, name, rrtype, addrs, ttl), id, opUpdate, name)
	if err != nil {
		return err
	}
	if a.rcode != 0 {
		return &Refused{RCode: a.rcode, Alias: a.rcode == yxrrset} // the only prerequisite
	}
	return nil
}

// Read returns the addresses that a record set holds and their TTL in seconds; none and nil when
// there is no such record set. Where a wildcard covers the name, it holds what the wildcard does.
func (s *Server) Read(ctx context.Context, name, rrtype string) (addrs []netip.Addr, ttl uint32, err error) {
	a, err := s.ask(ctx, name, typeOf(rrtype))
	if err != nil {
		return nil, 0, err
	}
	if a.alias {
		return nil, 0, &Refused{RCode: yxrrset, Alias: true}
	}
	return a.addrs, a.ttl, nil
}

// Zone returns the zone of the server's that a name is in, without a dot at the end.
func (s *Server) Zone(ctx context.Context, name string) (string, error) {
	for up := name; up != ""; _, up, _ = strings.Cut(up, ".") {
		a, err := s.ask(ctx, up, typeSOA)
		if err != nil {
			return "", err
		}
		if a.alias {
			continue // what else is in the answer may be about where it leads
		}
		if a.zone == "" || a.zone != canonicalZone(up) && !strings.HasSuffix(canonicalZone(up), "."+a.zone) {
			break
		}
		return a.zone, nil
	}
	return "", &Refused{RCode: notAuth}
}

func canonicalZone(name string) string { return strings.TrimSuffix(canonical(name), ".") }

// Ping asks the server for a zone with the key: the error says whether it takes that. Without a zone
// (".") a server may refuse before it looks at the key.
func (s *Server) Ping(ctx context.Context, zone string) error {
	id := randomID()
	_, err := s.exchange(ctx, question(id, zone, typeSOA), id, 0, zone)
	return err
}

// ask is a question that the server must know the answer to.
func (s *Server) ask(ctx context.Context, name string, t uint16) (a reply, err error) {
	id := randomID()
	if a, err = s.exchange(ctx, question(id, name, t), id, 0, name); err != nil {
		return a, err
	}
	switch {
	case a.rcode != 0 && a.rcode != 3: // no such name
		return a, &Refused{RCode: a.rcode}
	case !a.authoritative:
		return a, &Refused{RCode: notAuth}
	}
	return a, nil
}

func randomID() uint16 {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails on Linux: getrandom(2)
	return binary.BigEndian.Uint16(b[:])
}

// exchange sends a message and returns the answer to it. By UDP it is sent again while none comes: an
// update that arrives twice changes nothing the second time.
func (s *Server) exchange(ctx context.Context, msg []byte, id, opcode uint16, name string) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, exchangeTime)
	defer cancel()
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	var mac []byte
	if s.Key != nil {
		msg, mac = s.Key.sign(nil, msg, now())
	}
	read := func(got []byte) (reply, bool, error) {
		rest, sig, err := split(got)
		if err != nil {
			return reply{}, false, err
		}
		a, ok := parse(rest, id, opcode, name)
		if !ok {
			return a, false, errMalformed
		}
		return a, true, s.judge(a, sig, mac, rest, now())
	}
	if s.UDP {
		a, err := s.datagram(ctx, msg, read)
		if err != nil || !a.truncated {
			return a, err
		}
	}
	return s.stream(ctx, msg, read)
}

// judge looks at what an answer says of the signature, and at its own.
func (s *Server) judge(a reply, sig *signature, mac, rest []byte, now time.Time) error {
	if s.Key == nil {
		return nil
	}
	if sig != nil && sig.err != 0 && len(sig.mac) == 0 || sig == nil && a.rcode != 0 {
		refused := &Refused{RCode: a.rcode, Unsigned: sig == nil}
		if sig != nil {
			refused.TSIG = sig.err
		}
		return refused
	}
	if err := s.Key.check(mac, rest, sig, now); err != nil {
		return err
	}
	if sig.err == 0 {
		return nil
	}
	refused := &Refused{RCode: a.rcode, TSIG: sig.err}
	if len(sig.other) == 6 {
		refused.Clock = time.Unix(int64(binary.BigEndian.Uint16(sig.other))<<32|int64(binary.BigEndian.Uint32(sig.other[2:])), 0)
	}
	return refused
}

// datagram is an exchange over UDP. What does not fit is passed over: somebody else may have sent it.
func (s *Server) datagram(ctx context.Context, msg []byte, read func([]byte) (reply, bool, error)) (reply, error) {
	c, err := s.connect(ctx, "udp")
	if err != nil {
		return reply{}, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })()
	buf := make([]byte, 1<<16)
	var last error = context.DeadlineExceeded
	for wait := time.Second; ctx.Err() == nil; wait *= 2 {
		if _, err := c.Write(msg); err != nil {
			return reply{}, failed(false, err)
		}
		if err := c.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return reply{}, failed(true, err)
		}
		for ctx.Err() == nil {
			n, err := c.Read(buf)
			if err != nil {
				last = err
				break
			}
			a, ok, err := read(buf[:n])
			var refused *Refused
			if ok && (err == nil || errors.As(err, &refused)) {
				return a, err
			}
		}
		if !isTimeout(last) {
			break
		}
	}
	return reply{}, failed(true, last)
}

// stream is an exchange over TCP: two bytes of length, then the message.
func (s *Server) stream(ctx context.Context, msg []byte, read func([]byte) (reply, bool, error)) (reply, error) {
	c, err := s.connect(ctx, "tcp")
	if err != nil {
		return reply{}, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })()
	if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...)); err != nil {
		return reply{}, failed(true, err)
	}
	var size [2]byte
	if _, err := io.ReadFull(c, size[:]); err != nil {
		return reply{}, failed(true, err)
	}
	buf := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c, buf); err != nil {
		return reply{}, failed(true, err)
	}
	a, _, err := read(buf)
	var refused *Refused
	if err != nil && !errors.As(err, &refused) {
		err = &Failed{Sent: true, Err: err}
	}
	return a, err
}

func (s *Server) connect(ctx context.Context, network string) (net.Conn, error) {
	c, err := s.Dial(ctx, network, s.Addr)
	if err != nil {
		return nil, failed(false, err)
	}
	return c, nil
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// failed is a failure in words without the sockets' addresses.
func failed(sent bool, err error) *Failed {
	var op *net.OpError
	sent = sent && !errors.Is(err, syscall.ECONNREFUSED)
	switch {
	case isTimeout(err):
		err = errors.New("no answer")
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("the connection was closed")
	case errors.As(err, &op):
		err = op.Err
	}
	return &Failed{Sent: sent, Err: err}
}
