package nameserver

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// errLame says that servers answered, and none of them serves the name's zone.
var errLame = errors.New("the name servers do not serve the zone")

// search is one Lookup under way.
type search struct {
	r *Resolver
	q dnsmessage.Question
}

// ask puts the question to the servers of a zone, until one answers with authority.
func (s *search) ask(ctx context.Context, zone string, servers []netip.Addr, depth int) ([]netip.Addr, error) {
	var trouble, lame error
	for _, server := range servers {
		a, err := s.exchange(ctx, server)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		switch {
		case err != nil:
			trouble = fmt.Errorf("%v: %w", server, err)
		case a.kind == authoritative:
			return a.addrs, nil
		case a.kind == alias:
			return nil, fmt.Errorf("%w of %s", ErrAlias, a.target)
		case a.kind == malformed:
			trouble = fmt.Errorf("%v: the answer is malformed", server)
		case a.kind == referral && depth < maxReferrals && a.zone != zone && below(a.zone, zone):
			return s.follow(ctx, a, depth+1)
		default:
			lame = fmt.Errorf("%w: %v says %s", errLame, server, a.text)
		}
	}
	if trouble != nil { // a server that was not heard may be the one that knows
		return nil, trouble
	}
	if lame == nil {
		lame = errLame
	}
	return nil, lame
}

// follow asks the servers that a referral names.
func (s *search) follow(ctx context.Context, a answer, depth int) ([]netip.Addr, error) {
	servers, err := s.r.addresses(ctx, a.hosts, a.glue)
	if err != nil {
		return nil, fmt.Errorf("finding the name servers of %s: %w", a.zone, err)
	}
	addrs, err := s.ask(ctx, a.zone, servers, depth)
	if err == nil || errors.Is(err, ErrAlias) {
		s.r.remember(a.zone, servers)
	}
	return addrs, err
}

// exchange asks one server: over UDP, over TCP when the answer was cut, and without EDNS when
// the server is too old for it.
func (s *search) exchange(ctx context.Context, server netip.Addr) (answer, error) {
	for _, edns := range [...]bool{true, false} {
		a, err := s.send(ctx, "udp", server, edns)
		if err == nil && a.kind == truncated {
			a, err = s.send(ctx, "tcp", server, edns)
			if err == nil && a.kind == truncated {
				a.kind = malformed
			}
		}
		if err != nil || a.kind != formatError {
			return a, err
		}
	}
	return answer{kind: malformed}, nil
}

// send is one query and its answer. Answers that do not fit the query are passed over: somebody
// else may have sent them. The socket is connected, so the kernel drops other sources.
func (s *search) send(ctx context.Context, network string, server netip.Addr, edns bool) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.r.opt.Wait)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, network, netip.AddrPortFrom(server, 53).String())
	if err != nil {
		return answer{}, plainly(err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })()
	id, msg, err := s.query(edns)
	if err != nil {
		return answer{}, err
	}
	if network == "tcp" {
		return s.stream(c, id, msg)
	}
	if _, err := c.Write(msg); err != nil {
		return answer{}, plainly(err)
	}
	buf := make([]byte, udpSize+1)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return answer{}, plainly(err)
		}
		if a, ok := parse(buf[:n], id, s.q); ok {
			return a, nil
		}
	}
}

// stream is a query over TCP: two bytes of length, then the message.
func (s *search) stream(c net.Conn, id uint16, msg []byte) (answer, error) {
	if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...)); err != nil {
		return answer{}, plainly(err)
	}
	var size [2]byte
	if _, err := io.ReadFull(c, size[:]); err != nil {
		return answer{}, plainly(err)
	}
	buf := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c, buf); err != nil {
		return answer{}, plainly(err)
	}
	a, ok := parse(buf, id, s.q)
	if !ok {
		return answer{}, errors.New("the answer is to another question")
	}
	return a, nil
}

// query is the message to send: no recursion asked, and an id that cannot be guessed.
func (s *search) query(edns bool) (id uint16, msg []byte, err error) {
	var random [2]byte
	if _, err = rand.Read(random[:]); err != nil {
		return 0, nil, err
	}
	id = binary.BigEndian.Uint16(random[:])
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: id}, Questions: []dnsmessage.Question{s.q}}
	if edns {
		var h dnsmessage.ResourceHeader
		if err = h.SetEDNS0(udpSize, dnsmessage.RCodeSuccess, false); err != nil {
			return 0, nil, err
		}
		m.Additionals = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.OPTResource{}}}
	}
	msg, err = m.Pack()
	return id, msg, err
}

// plainly takes the sockets' addresses out of an error: the server is named by who reports it.
func plainly(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		if op.Timeout() {
			return errors.New("no answer")
		}
		return op.Err
	}
	return err
}
