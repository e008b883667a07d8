package discover

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// NAT-PMP (RFC 6886 sections 3.1 and 3.2) and PCP (RFC 6887 sections 7, 12 and 14.1).
const (
	pmpServer    = "5351"
	pmpClients   = ":5350" // where announcements go: 224.0.0.1
	pmpResponse  = 128
	pmpSize      = 12
	pcpVersion   = 2
	pcpAnnounce  = 0x80 // response, opcode ANNOUNCE
	pcpSize      = 24
	pcpPeer      = 2
	pcpPeerSize  = 80
	pcpSizeLimit = 1100
)

// pmpWaits are the first two times of RFC 6886 section 3.1. It would go on for two minutes; a
// router that is there answers within milliseconds.
var pmpWaits = [...]time.Duration{250 * time.Millisecond, 500 * time.Millisecond}

// Told is what a router upstream said.
type Told struct {
	Answered bool       // it speaks NAT-PMP or PCP, so it may announce changes
	External netip.Addr // its own outside address; the zero Addr when it did not say
}

// parsePMP reads what a NAT-PMP or PCP server sends, asked or unasked. more says that an answer
// in the other protocol may tell more.
func parsePMP(b []byte) (told Told, more bool, err error) {
	if len(b) < 2 {
		return Told{}, false, errNotOurs
	}
	switch {
	case b[0] == 0 && b[1] == pmpResponse && len(b) == pmpSize:
		told.Answered = true
		if binary.BigEndian.Uint16(b[2:]) == 0 {
			told.External = netip.AddrFrom4([4]byte(b[8:12]))
		}
		if told.External.IsUnspecified() {
			told.External = netip.Addr{}
		}
		return told, false, nil
	case b[0] == 0 && b[1] >= pmpResponse && len(b) >= 4 && binary.BigEndian.Uint16(b[2:]) != 0:
		return Told{Answered: true}, true, nil // an error, which may be as short as 8 bytes
	case b[0] == pcpVersion && b[1] == pcpAnnounce && len(b) >= pcpSize && len(b) <= pcpSizeLimit && len(b)%4 == 0:
		return Told{Answered: true}, true, nil
	}
	return Told{}, false, errNotOurs
}

// pcpRequest asks a PCP server to show itself.
func pcpRequest(own netip.Addr) []byte {
	b := make([]byte, pcpSize)
	b[0] = pcpVersion
	client := own.As16()
	copy(b[8:], client[:])
	return b
}

// peerRequest asks a PCP server by which address a packet would leave that own sends to the
// Internet: that of TURN's anycast (RFC 8155), to which none is sent. PCP has no other question for
// the outside address that would not open a port: a PEER mapping lets nobody in but that peer.
func peerRequest(own netip.AddrPort, nonce txid) []byte {
	b := append(pcpRequest(own.Addr()), nonce[:]...)
	b[1], b[7] = pcpPeer, 60 // for a minute
	b = append(b, unix.IPPROTO_UDP, 0, 0, 0, byte(own.Port()>>8), byte(own.Port()), 0, 0)
	unknown, peer := netip.AddrFrom16([16]byte{10: 0xff, 11: 0xff}).As16(), netip.AddrFrom4([4]byte{192, 0, 0, 10}).As16()
	b = append(b, unknown[:]...)
	b = append(b, 3478>>8, 3478&0xff, 0, 0)
	return append(b, peer[:]...)
}

var errRefused = errors.New("the router upstream does not say")

// parsePeer reads the answer to peerRequest: the address that the router would use.
func parsePeer(b []byte, nonce txid) (netip.Addr, error) {
	if len(b) < pcpPeerSize || len(b) > pcpSizeLimit || b[0] != pcpVersion || b[1] != pcpPeer|0x80 || txid(b[24:36]) != nonce {
		return netip.Addr{}, errNotOurs
	}
	a := netip.AddrFrom16([16]byte(b[44:60])).Unmap()
	if b[3] != 0 || !a.Is4() || a.IsUnspecified() {
		return netip.Addr{}, errRefused
	}
	return a, nil
}

// Router is the next router, by NAT-PMP and PCP.
type Router struct{}

// External asks the gateway of a device for its own outside address.
func (Router) External(ctx context.Context, device string, gateway netip.Addr) (Told, error) {
	c, err := dial(ctx, device, net.JoinHostPort(gateway.String(), pmpServer))
	if err != nil {
		return Told{}, err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	var all Told
	var own netip.AddrPort
	pcp := false
	if local, ok := c.LocalAddr().(*net.UDPAddr); ok {
		own = local.AddrPort()
	}
	buf := make([]byte, pcpSizeLimit+1)
	for _, wait := range pmpWaits {
		if _, err := c.Write(pcpRequest(own.Addr())); err != nil {
			return all, unwrapped(err)
		}
		_, err := exchange(ctx, c, []byte{0, 0}, buf, wait, func(b []byte) (struct{}, error) {
			told, more, err := parsePMP(b)
			if err == nil {
				pcp = pcp || b[0] == pcpVersion
				all.Answered, all.External = true, told.External
			}
			if more {
				err = errNotOurs // wait for the rest
			}
			return struct{}{}, err
		})
		if err != nil && !errors.Is(err, errSilent) {
			return all, err
		}
		if all.Answered {
			break
		}
	}
	if !all.Answered {
		return all, errSilent
	}
	if pcp && !all.External.IsValid() {
		all.External = askPeer(ctx, c, own, buf)
	}
	return all, nil
}

// askPeer asks a router that speaks PCP and did not tell by NAT-PMP: MiniUPnPd keeps an address to
// itself there that is not public, and that is just what shows carrier-grade NAT. The zero Addr when
// it does not say.
func askPeer(ctx context.Context, c net.Conn, own netip.AddrPort, buf []byte) netip.Addr {
	var nonce txid
	if _, err := rand.Read(nonce[:]); err != nil {
		return netip.Addr{}
	}
	a, _ := exchange(ctx, c, peerRequest(own, nonce), buf, pmpWaits[0], func(b []byte) (netip.Addr, error) { return parsePeer(b, nonce) })
	return a
}

// Listen calls announced whenever the gateway of a device announces that its address changed or
// that it started anew, until ctx is done.
func (Router) Listen(ctx context.Context, device string, gateway netip.Addr, announced func()) error {
	config := net.ListenConfig{Control: func(network, addr string, rc syscall.RawConn) error {
		var err error
		if cerr := rc.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) }); cerr != nil {
			return cerr
		}
		return errors.Join(err, bindTo(device)(network, addr, rc))
	}}
	pc, err := config.ListenPacket(ctx, "udp4", pmpClients) // every host is a member of 224.0.0.1 by itself
	if err != nil {
		return fmt.Errorf("listening for announcements of the router upstream: %w", err)
	}
	defer pc.Close()
	stop := context.AfterFunc(ctx, func() { _ = pc.Close() })
	defer stop()
	buf := make([]byte, pcpSizeLimit+1)
	for {
		n, from, err := pc.(*net.UDPConn).ReadFromUDPAddrPort(buf)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("listening for announcements of the router upstream: %w", err)
		}
		if from.Addr().Unmap() != gateway {
			continue
		}
		if _, _, err := parsePMP(buf[:n]); err == nil {
			announced()
		}
	}
}
