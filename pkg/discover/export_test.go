package discover

import (
	"context"
	"net"
	"net/netip"
)

var (
	ErrNotOurs = errNotOurs
	ParseEcho  = parseEcho
	ParsePMP   = parsePMP
	Operator   = operator
)

func ParseSTUN(b []byte, id [12]byte) (netip.Addr, error) { return parseSTUN(b, id) }

func STUNRequest(id [12]byte) []byte { return stunRequest(id) }

func ParsePeer(b []byte, nonce [12]byte) (netip.Addr, error) { return parsePeer(b, nonce) }

func PeerRequest(own netip.AddrPort, nonce [12]byte) []byte { return peerRequest(own, nonce) }

// AskPeer asks a gateway by PCP's PEER alone.
func AskPeer(ctx context.Context, device string, gateway netip.Addr) (netip.Addr, error) {
	c, err := dial(ctx, device, net.JoinHostPort(gateway.String(), pmpServer))
	if err != nil {
		return netip.Addr{}, err
	}
	defer c.Close()
	own, err := netip.ParseAddrPort(c.LocalAddr().String())
	return askPeer(ctx, c, own, make([]byte, pcpSizeLimit+1)), err
}
