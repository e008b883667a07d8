package lab

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

var errNoSOA = errors.New("no SOA record in the answer")

// askSerial asks a server for the serial number of a zone.
func askSerial(server, zone string) (uint32, error) {
	answers, err := ask(server, zone, dnsmessage.TypeSOA)
	if err != nil {
		return 0, err
	}
	for _, r := range answers {
		if soa, ok := r.Body.(*dnsmessage.SOAResource); ok {
			return soa.Serial, nil
		}
	}
	return 0, errNoSOA
}

// Ask asks a server what it answers for a name and type, A or AAAA: sorted, and the TTL in seconds.
func Ask(server, name, rrtype string) (addrs []string, ttl uint32, err error) {
	t := dnsmessage.TypeA
	if rrtype == "AAAA" {
		t = dnsmessage.TypeAAAA
	}
	answers, err := ask(server, name, t)
	for _, r := range answers {
		switch b := r.Body.(type) {
		case *dnsmessage.AResource:
			addrs, ttl = append(addrs, netip.AddrFrom4(b.A).String()), r.Header.TTL
		case *dnsmessage.AAAAResource:
			addrs, ttl = append(addrs, netip.AddrFrom16(b.AAAA).String()), r.Header.TTL
		}
	}
	slices.Sort(addrs)
	return addrs, ttl, err
}

func ask(server, name string, t dnsmessage.Type) ([]dnsmessage.Resource, error) {
	n, err := dnsmessage.NewName(strings.TrimSuffix(name, ".") + ".")
	if err != nil {
		return nil, err
	}
	q := dnsmessage.Message{Header: dnsmessage.Header{ID: 1}, Questions: []dnsmessage.Question{{Name: n, Type: t, Class: dnsmessage.ClassINET}}}
	msg, err := q.Pack()
	if err != nil {
		return nil, err
	}
	c, err := net.DialTimeout("udp", net.JoinHostPort(server, "53"), time.Second)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		return nil, err
	}
	if _, err := c.Write(msg); err != nil {
		return nil, err
	}
	buf := make([]byte, 4096)
	size, err := c.Read(buf)
	if err != nil {
		return nil, err
	}
	var m dnsmessage.Message
	if err := m.Unpack(buf[:size]); err != nil {
		return nil, err
	}
	return m.Answers, nil
}
