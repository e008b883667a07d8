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
