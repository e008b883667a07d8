package dnsupdate

import (
	"encoding/binary"
	"net/netip"
	"strings"
)

const (
	opUpdate = 5

	typeA, typeCNAME, typeSOA, typeAAAA = 1, 5, 6, 28

	classIN = 1

	yxrrset = 7
	notAuth = 9
)

// updateMessage is the message that makes a record set hold these addresses, or none. A record
// without data says something about a whole record set (RFC 2136 sections 2.4 and 2.5).
func updateMessage(id uint16, zone, name, rrtype string, addrs []netip.Addr, ttl uint32) []byte {
	about := func(msg []byte, class, t uint16) []byte {
		msg = append(appendName(msg, canonical(name)), 0, byte(t))
		return append(binary.BigEndian.AppendUint16(msg, class), 0, 0, 0, 0, 0, 0)
	}
	prerequisites := min(len(addrs), 1)
	msg := header(id, opUpdate, prerequisites, 1+len(addrs))
	msg = append(appendName(msg, canonical(zone)), 0, typeSOA, 0, classIN)
	if prerequisites > 0 {
		msg = about(msg, classNone, typeCNAME)
	}
	t := typeOf(rrtype)
	msg = about(msg, classAny, t)
	for _, a := range addrs {
		data := a.AsSlice()
		msg = about(msg, classIN, t)
		binary.BigEndian.PutUint32(msg[len(msg)-6:], ttl)
		msg[len(msg)-1] = byte(len(data))
		msg = append(msg, data...)
	}
	return msg
}

// header begins a message with one question (or zone), and says how many records follow.
func header(id uint16, opcode byte, answers, authorities int) []byte {
	return []byte{byte(id >> 8), byte(id), opcode << 3, 0, 0, 1, 0, byte(answers), 0, byte(authorities), 0, 0}
}

// question is the message that asks for a record set.
func question(id uint16, name string, t uint16) []byte {
	return append(appendName(header(id, 0, 0, 0), canonical(name)), 0, byte(t), 0, classIN)
}

func typeOf(rrtype string) uint16 {
	if rrtype == "AAAA" {
		return typeAAAA
	}
	return typeA
}

// reply is an answer as far as it matters here.
type reply struct {
	rcode         uint16
	authoritative bool
	truncated     bool
	alias         bool   // a CNAME stands at the name
	zone          string // owner of the SOA record, without the dot at the end
	addrs         []netip.Addr
	ttl           uint32
}

// parse reads an answer to a message. ok is false when it is to another one.
func parse(msg []byte, id, opcode uint16, name string) (a reply, ok bool) {
	if len(msg) < 12 {
		return a, false
	}
	bits := binary.BigEndian.Uint16(msg[2:])
	if bits>>15 == 0 || binary.BigEndian.Uint16(msg) != id || bits>>11&15 != opcode {
		return a, false
	}
	a = reply{rcode: bits & 15, authoritative: bits>>10&1 == 1, truncated: bits>>9&1 == 1}
	if opcode == opUpdate || a.truncated {
		return a, true
	}
	r := reader{msg: msg, at: 12}
	r.questions()
	answers, authorities := binary.BigEndian.Uint16(msg[6:]), binary.BigEndian.Uint16(msg[8:])
	for range answers {
		if x := r.record(); x.owner == canonical(name) {
			a.take(x)
		}
	}
	for range authorities {
		if x := r.record(); x.kind == typeSOA && a.zone == "" {
			a.take(x)
		}
	}
	if r.bad {
		return reply{}, false
	}
	return a, true
}

// take reads one record.
func (a *reply) take(x record) {
	addr, fits := netip.AddrFromSlice(x.data)
	switch {
	case x.class != classIN:
	case x.kind == typeSOA:
		a.zone = strings.TrimSuffix(x.owner, ".")
	case x.kind == typeCNAME:
		a.alias = true
	case fits && (x.kind == typeA && addr.Is4() || x.kind == typeAAAA && addr.Is6()):
		a.addrs, a.ttl = append(a.addrs, addr), x.ttl
	}
}
