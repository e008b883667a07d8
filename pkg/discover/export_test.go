package discover

import "net/netip"

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
