package discover

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/wandns/wandns/pkg/address"
)

// STUN messages and attributes (RFC 8489 sections 5, 14 and 18.3).
const (
	stunBinding     = 0x0001
	stunSuccess     = 0x0101
	stunError       = 0x0111
	stunCookie      = 0x2112a442
	stunHeader      = 20
	stunMapped      = 0x0001
	stunXORMapped   = 0x0020
	stunFingerprint = 0x8028
	stunPrintXOR    = 0x5354554e
)

// stunKnown are the attributes below 0x8000 that a response may hold; any other one there means
// something that we must understand and do not. The lower ones are from RFC 3489, whose servers
// still answer.
var stunKnown = [...]uint16{stunMapped, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0b, 0x14, 0x15, 0x1c, 0x1e, stunXORMapped}

// The times of a STUN question (RFC 8489 section 6.2.1): sent at 0 s, 0.5 s and 1.5 s, given up
// at 3.5 s. The RFC would go on for 40 s, but there are other servers to ask.
var stunWaits = [...]time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}

// txid is a transaction id.
type txid [12]byte

// stunRequest is a Binding request without attributes.
func stunRequest(id txid) []byte {
	b := make([]byte, stunHeader)
	binary.BigEndian.PutUint16(b, stunBinding)
	binary.BigEndian.PutUint32(b[4:], stunCookie)
	copy(b[8:], id[:])
	return b
}

var (
	errNotOurs   = errors.New("not an answer to this question")
	errSTUN      = errors.New("the server refused")
	errMalformed = errors.New("a malformed answer")
	// A resolver with DNS64 (RFC 6147) makes up IPv6 addresses for servers that have none.
	errNAT64 = errors.New("reached through NAT64 only, which shows an IPv4 address of the ISP's")
)

// parseSTUN reads a Binding response. errNotOurs is for a datagram that says nothing about the
// transaction: the wait goes on. Any other error ends it.
func parseSTUN(b []byte, id txid) (netip.Addr, error) {
	if len(b) < stunHeader || binary.BigEndian.Uint32(b[4:]) != stunCookie || txid(b[8:20]) != id {
		return netip.Addr{}, errNotOurs
	}
	switch binary.BigEndian.Uint16(b) {
	case stunSuccess:
	case stunError:
		return netip.Addr{}, errSTUN
	default:
		return netip.Addr{}, errNotOurs
	}
	length := int(binary.BigEndian.Uint16(b[2:]))
	if length%4 != 0 || length != len(b)-stunHeader {
		return netip.Addr{}, errMalformed
	}
	return stunAddress(b, id)
}

// stunAddress reads the attributes of a message whose length is right. Of several addresses
// the XORed one counts, which no helpful router on the way can have rewritten.
func stunAddress(whole []byte, id txid) (netip.Addr, error) {
	var plain, xored netip.Addr
	for b := whole[stunHeader:]; len(b) > 0; {
		if len(b) < 4 {
			return netip.Addr{}, errMalformed
		}
		kind, size := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		padded := 4 + (size+3)/4*4
		if padded > len(b) {
			return netip.Addr{}, errMalformed
		}
		value, ok := b[4:4+size], true
		switch {
		case kind == stunXORMapped && !xored.IsValid():
			xored, ok = stunAddr(value, id, true)
		case kind == stunMapped && !plain.IsValid():
			plain, ok = stunAddr(value, id, false)
		case kind == stunFingerprint: // the last attribute, over all that is before it
			ok = size == 4 && len(b) == padded &&
				binary.BigEndian.Uint32(value) == crc32.ChecksumIEEE(whole[:len(whole)-len(b)])^stunPrintXOR
		case kind < 0x8000:
			ok = stunMayHold(kind)
		}
		if !ok {
			return netip.Addr{}, errMalformed
		}
		b = b[padded:]
	}
	if xored.IsValid() {
		return xored, nil
	}
	if plain.IsValid() {
		return plain, nil
	}
	return netip.Addr{}, errMalformed
}

func stunMayHold(kind uint16) bool {
	for _, k := range stunKnown {
		if k == kind {
			return true
		}
	}
	return false
}

// stunAddr reads (XOR-)MAPPED-ADDRESS (RFC 8489 sections 14.1 and 14.2).
func stunAddr(v []byte, id txid, xored bool) (netip.Addr, bool) {
	if len(v) < 4 {
		return netip.Addr{}, false
	}
	size := map[byte]int{1: 4, 2: 16}[v[1]]
	if size == 0 || len(v) != 4+size {
		return netip.Addr{}, false
	}
	raw := [16]byte{}
	copy(raw[:], v[4:])
	if xored {
		mask := [16]byte{}
		binary.BigEndian.PutUint32(mask[:], stunCookie)
		copy(mask[4:], id[:])
		for i := range raw {
			raw[i] ^= mask[i]
		}
	}
	a, ok := netip.AddrFromSlice(raw[:size])
	return a.Unmap(), ok
}

// STUN is a STUN server as a witness. Make one with NewSTUN.
type STUN struct {
	host, port string

	mu    sync.Mutex
	known map[address.Family]netip.Addr // the last address of its name that worked
}

// NewSTUN makes a witness of a server "host:port", as CheckServer takes it.
func NewSTUN(server string) *STUN {
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		host, port = strings.Trim(server, "[]"), "3478" // RFC 8489 section 18.6
	}
	return &STUN{host: host, port: port, known: map[address.Family]netip.Addr{}}
}

// Operator is who runs the server.
func (s *STUN) Operator() string { return operator(s.host) }

// Ask sends a Binding request out of device and returns the address that the server saw.
func (s *STUN) Ask(ctx context.Context, device string, f address.Family) (netip.Addr, error) {
	server, err := s.resolve(ctx, f)
	if err != nil {
		return netip.Addr{}, err
	}
	seen, err := askSTUN(ctx, device, f, net.JoinHostPort(server.String(), s.port))
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%s: %w", s.host, err)
	}
	s.mu.Lock()
	s.known[f] = server
	s.mu.Unlock()
	return seen, nil
}

// resolveLimit is how long the system's resolver may take before the remembered address is used.
const resolveLimit = 2 * time.Second

// resolve finds an address of the server's name. A router that lost its DNS still knows the last.
func (s *STUN) resolve(ctx context.Context, f address.Family) (netip.Addr, error) {
	if a, err := netip.ParseAddr(s.host); err == nil {
		if address.FamilyOf(a.Unmap()) != f {
			return netip.Addr{}, fmt.Errorf("%s is not an %s address", s.host, f)
		}
		return a.Unmap(), nil
	}
	network := "ip4"
	if f == address.IPv6 {
		network = "ip6"
	}
	timed, cancel := context.WithTimeout(ctx, resolveLimit)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(timed, network, s.host)
	if err == nil {
		for _, a := range found {
			if address.Classify(a.Unmap()) != address.Translation {
				return a.Unmap(), nil
			}
		}
		err = errNAT64
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.known[f]; ok {
		return a, nil
	}
	return netip.Addr{}, fmt.Errorf("the name %s cannot be resolved: %w", s.host, err)
}

// askSTUN is one transaction. The socket is connected, so that the kernel drops what comes from
// elsewhere and tells when nobody listens there.
func askSTUN(ctx context.Context, device string, f address.Family, server string) (netip.Addr, error) {
	conn, err := dial(ctx, device, server)
	if err != nil {
		return netip.Addr{}, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	var id txid
	if _, err := rand.Read(id[:]); err != nil {
		return netip.Addr{}, err
	}
	request, buf := stunRequest(id), make([]byte, 1500)
	for _, wait := range stunWaits {
		seen, err := exchange(ctx, conn, request, buf, wait, func(b []byte) (netip.Addr, error) { return parseSTUN(b, id) })
		if errors.Is(err, errSilent) {
			continue
		}
		if err == nil && address.FamilyOf(seen) != f {
			err = errNAT64
		}
		return seen, err
	}
	return netip.Addr{}, errSilent
}
