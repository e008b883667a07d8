package dnsupdate

import "time"

// Split and Parse show the tests what becomes of an answer.
func Split(msg []byte) (rest, mac []byte, key string, err error) {
	rest, s, err := split(msg)
	if s != nil {
		mac, key = s.mac, s.key
	}
	return rest, mac, key, err
}

func Parse(msg []byte, id, opcode uint16, name string) (addresses int, zone string, ok bool) {
	a, ok := parse(msg, id, opcode, name)
	return len(a.addrs), a.zone, ok
}

// SignAnswer signs as a server does.
func (k *Key) SignAnswer(request, msg []byte, now time.Time) []byte {
	signed, _ := k.sign(request, msg, now)
	return signed
}
