package nat

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// PMP is a router's NAT-PMP server (RFC 6886), with PCP's ANNOUNCE (RFC 6887).
type PMP struct {
	conn    *net.UDPConn
	serving sync.WaitGroup

	mu       sync.Mutex
	external netip.Addr
	pcpOnly  bool
	asked    int
}

// ListenPMP serves on a device's address in the current namespace ("192.168.1.1"), out of that
// device for multicast.
func ListenPMP(addr, device, external string) (*PMP, error) {
	config := net.ListenConfig{Control: func(_, _ string, rc syscall.RawConn) error {
		return rc.Control(func(fd uintptr) { _ = unix.BindToDevice(int(fd), device) })
	}}
	pc, err := config.ListenPacket(context.Background(), "udp4", net.JoinHostPort(addr, "5351"))
	if err != nil {
		return nil, err
	}
	p := &PMP{conn: pc.(*net.UDPConn), external: netip.MustParseAddr(external)}
	p.serving.Add(1)
	go p.serve()
	return p, nil
}

// PCPOnly makes it refuse NAT-PMP (RFC 6887 section 9: the answer has the version that it speaks)
// and tell the external address in answers to PEER (section 12.2).
func (p *PMP) PCPOnly() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pcpOnly = true
}

// Close ends the server.
func (p *PMP) Close() error {
	err := p.conn.Close()
	p.serving.Wait()
	return err
}

// Asked is how often the external address was asked for.
func (p *PMP) Asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// Announce changes the external address and tells everybody on the link (RFC 6886 section 3.2.1).
func (p *PMP) Announce(external string) error {
	p.mu.Lock()
	p.external = netip.MustParseAddr(external)
	msg := p.answer()
	p.mu.Unlock()
	_, err := p.conn.WriteToUDPAddrPort(msg, netip.MustParseAddrPort("224.0.0.1:5350"))
	return err
}

func (p *PMP) serve() {
	defer p.serving.Done()
	buf := make([]byte, 1500)
	for {
		n, from, err := p.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		p.mu.Lock()
		var msg []byte
		switch {
		case n == 2 && buf[0] == 0 && buf[1] == 0 && p.pcpOnly:
			msg = make([]byte, 24)
			msg[0], msg[1], msg[3] = 2, 0x80, 1 // UNSUPP_VERSION
		case n == 80 && buf[0] == 2 && buf[1] == 2 && p.pcpOnly && peerOf(buf, from):
			p.asked++
			external := p.external.As16()
			msg = append([]byte(nil), buf[:80]...)
			msg[1] = 0x82
			copy(msg[8:24], make([]byte, 16))
			copy(msg[44:60], external[:])
		case n == 2 && buf[0] == 0 && buf[1] == 0:
			p.asked++
			msg = p.answer()
		case n == 24 && buf[0] == 2 && buf[1] == 0:
			msg = make([]byte, 24)
			msg[0], msg[1], msg[11] = 2, 0x80, 1
		}
		p.mu.Unlock()
		if msg != nil {
			_, _ = p.conn.WriteToUDPAddrPort(msg, from)
		}
	}
}

// peerOf says whether a PEER request is about the socket that it came from, as it must be (RFC 6887
// sections 8.1 and 12.1), for UDP and for a while.
func peerOf(b []byte, from netip.AddrPort) bool {
	return netip.AddrFrom16([16]byte(b[8:24])).Unmap() == from.Addr().Unmap() && binary.BigEndian.Uint16(b[40:]) == from.Port() &&
		b[36] == 17 && binary.BigEndian.Uint32(b[4:]) > 0
}

// answer is the external address. The caller has the lock.
func (p *PMP) answer() []byte {
	b := []byte{0, 128, 0, 0}
	b = binary.BigEndian.AppendUint32(b, 1000)
	return append(b, p.external.AsSlice()...)
}
