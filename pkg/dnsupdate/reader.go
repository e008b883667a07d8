package dnsupdate

import (
	"encoding/binary"
	"strings"
)

// reader walks through a message. What is not there is bad, and zeros.
type reader struct {
	msg []byte
	at  int
	bad bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.msg)-r.at {
		r.bad = true
		return make([]byte, n)
	}
	r.at += n
	return r.msg[r.at-n : r.at]
}

// name reads a domain name: lower case, a dot at the end.
func (r *reader) name() string {
	var out []byte
	at, end := r.at, 0 // end is behind the first pointer
	for hops := 0; hops <= 128; hops++ {
		if at >= len(r.msg) {
			break
		}
		n := int(r.msg[at])
		switch {
		case n == 0:
			if end == 0 {
				end = at + 1
			}
			r.at = end
			return strings.ToLower(string(out)) + rootDot(len(out))
		case n < 64 && at+1+n <= len(r.msg):
			out = append(append(out, r.msg[at+1:at+1+n]...), '.')
			at += 1 + n
			continue
		case n >= 192 && at+1 < len(r.msg):
			if end == 0 {
				end = at + 2
			}
			at = (n&63)<<8 | int(r.msg[at+1])
			continue
		}
		break
	}
	r.bad = true
	return ""
}

func rootDot(n int) string {
	if n == 0 {
		return "."
	}
	return ""
}

// record is one resource record.
type record struct {
	owner       string // lower case, a dot at the end
	kind, class uint16
	ttl         uint32
	data        []byte
}

func (r *reader) record() (x record) {
	x.owner = r.name()
	fixed := r.take(10)
	x.kind, x.class, x.ttl = binary.BigEndian.Uint16(fixed), binary.BigEndian.Uint16(fixed[2:]), binary.BigEndian.Uint32(fixed[4:])
	x.data = r.take(int(binary.BigEndian.Uint16(fixed[8:])))
	return x
}

// questions passes over the first section, whose length the header says.
func (r *reader) questions() {
	for range binary.BigEndian.Uint16(r.msg[4:]) {
		if r.bad {
			return
		}
		r.name()
		r.take(4)
	}
}
