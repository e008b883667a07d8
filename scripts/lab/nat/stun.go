package nat

import (
	"encoding/binary"
	"hash/crc32"
	"net"
	"net/netip"
	"sync"
)

// Fault is what is wrong with a server.
type Fault int

// The faults.
const (
	None      Fault = iota
	Silent          // never answers
	Lying           // says an address of its own choice
	Private         // says a private address
	WrongID         // answers another transaction
	Refusing        // answers with an error
	Truncated       // cuts its answer short
	Legacy          // speaks RFC 3489: MAPPED-ADDRESS and attributes of its day only
	Elsewhere       // answers from another port, lying
)

// STUN is a STUN server (RFC 8489) that can be faulty.
type STUN struct {
	conn, other *net.UDPConn
	serving     sync.WaitGroup

	mu    sync.Mutex
	fault Fault
	lie   netip.Addr
	from  []netip.AddrPort
}

// ListenSTUN serves on an address in the current namespace ("192.88.98.1:3478").
func ListenSTUN(addr string) (*STUN, error) {
	a, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	s := &STUN{}
	if s.conn, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(a)); err != nil {
		return nil, err
	}
	if s.other, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a.Addr(), 0))); err != nil {
		_ = s.conn.Close()
		return nil, err
	}
	s.serving.Add(1)
	go s.serve()
	return s, nil
}

// Close ends the server.
func (s *STUN) Close() error {
	err := s.conn.Close()
	s.serving.Wait()
	_ = s.other.Close()
	return err
}

// Addr is where it serves.
func (s *STUN) Addr() string { return s.conn.LocalAddr().String() }

// Set makes it faulty; lie is for Lying and Elsewhere.
func (s *STUN) Set(f Fault, lie string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
	s.lie = netip.Addr{}
	if lie != "" {
		s.lie = netip.MustParseAddr(lie)
	}
}

// From is who has asked so far.
func (s *STUN) From() []netip.AddrPort {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]netip.AddrPort(nil), s.from...)
}

func (s *STUN) serve() {
	defer s.serving.Done()
	buf := make([]byte, 1500)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if n != 20 || binary.BigEndian.Uint32(buf) != 0x00010000 || binary.BigEndian.Uint32(buf[4:]) != 0x2112a442 {
			continue
		}
		s.mu.Lock()
		s.from = append(s.from, from)
		fault, lie := s.fault, s.lie
		s.mu.Unlock()
		s.answer(buf[8:20], from, fault, lie)
	}
}

func (s *STUN) answer(id []byte, from netip.AddrPort, fault Fault, lie netip.Addr) {
	seen, by := from, s.conn
	switch fault {
	case Silent:
		return
	case Lying:
		seen = netip.AddrPortFrom(lie, from.Port())
	case Elsewhere:
		seen, by = netip.AddrPortFrom(lie, from.Port()), s.other
	case Private:
		seen = netip.MustParseAddrPort("192.168.7.7:7")
	case WrongID:
		id = append([]byte{id[0] ^ 1}, id[1:]...)
	}
	msg := Answer(id, seen, fault)
	if fault == Truncated {
		msg = msg[:len(msg)-3]
	}
	_, _ = by.WriteToUDPAddrPort(msg, from) // like any datagram, it may be lost
}

// Answer builds a Binding response.
func Answer(id []byte, seen netip.AddrPort, fault Fault) []byte {
	b := []byte{1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}
	b = append(b, id...)
	switch fault {
	case Refusing:
		b[0], b[1] = 1, 0x11
		b = append(b, 0, 9, 0, 8, 0, 0, 4, 20, 'b', 'a', 'd', ' ')
	case Legacy:
		b = append(b, addressAttr(0x0001, seen, nil)...)
		b = append(b, addressAttr(0x0004, seen, nil)...)
		b = append(b, addressAttr(0x0005, seen, nil)...)
	default:
		b = append(b, 0x80, 0x22, 0, 3, 'l', 'a', 'b', 0) // SOFTWARE
		b = append(b, addressAttr(0x0020, seen, b[4:20])...)
	}
	if fault == Legacy {
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)-20))
		return b
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)-20+8))
	return binary.BigEndian.AppendUint32(append(b, 0x80, 0x28, 0, 4), crc32.ChecksumIEEE(b)^0x5354554e)
}

// addressAttr is an address attribute, XORed when there is a mask.
func addressAttr(kind uint16, a netip.AddrPort, mask []byte) []byte {
	family, ip, port := byte(1), a.Addr().AsSlice(), a.Port()
	if len(ip) == 16 {
		family = 2
	}
	if mask != nil {
		port ^= 0x2112
		for i := range ip {
			ip[i] ^= mask[i]
		}
	}
	b := binary.BigEndian.AppendUint16(nil, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(4+len(ip)))
	b = append(b, 0, family)
	b = binary.BigEndian.AppendUint16(b, port)
	return append(b, ip...)
}
