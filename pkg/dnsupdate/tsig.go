package dnsupdate

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"hash"
	"strings"
	"time"
)

// Key is a TSIG key that the server has too.
type Key struct {
	Name      string // as the server calls it; a dot at the end and the case make no difference
	Algorithm string // one of Algorithms
	Secret    []byte
}

// algorithms are those of RFC 8945 section 6 that may still be used.
var algorithms = []struct {
	name string
	hash func() hash.Hash
}{
	{"hmac-sha256", sha256.New},
	{"hmac-sha512", sha512.New},
	{"hmac-sha384", sha512.New384},
	{"hmac-sha224", sha256.New224},
	{"hmac-sha1", sha1.New},
}

// Algorithms are the names of the algorithms that a key can have, the usual one first.
func Algorithms() []string {
	names := make([]string, len(algorithms))
	for i, a := range algorithms {
		names[i] = a.name
	}
	return names
}

const (
	typeTSIG  = 250
	classNone = 254
	classAny  = 255

	fudge = 300 // seconds that the clocks may differ

	badSig  = 16
	badKey  = 17
	badTime = 18
)

// signature is a TSIG record.
type signature struct {
	key, algorithm string // names, lower case, a dot at the end
	time           uint64 // Unix seconds
	fudge          uint16
	mac            []byte
	id             uint16
	err            uint16
	other          []byte
}

var errMalformed = errors.New("the answer is malformed")

// sum is the MAC of a message, after the MAC of the request when it is an answer.
func (k *Key) sum(request, msg []byte, s *signature) []byte {
	h := hmac.New(k.hash(), k.Secret)
	if request != nil {
		h.Write(binary.BigEndian.AppendUint16(nil, uint16(len(request))))
		h.Write(request)
	}
	h.Write(msg)
	v := appendName(nil, s.key)
	v = append(v, 0, classAny, 0, 0, 0, 0)
	v = appendName(v, s.algorithm)
	v = s.appendTime(v)
	v = binary.BigEndian.AppendUint16(v, s.err)
	v = binary.BigEndian.AppendUint16(v, uint16(len(s.other)))
	h.Write(append(v, s.other...))
	return h.Sum(nil)
}

func (k *Key) hash() func() hash.Hash {
	for _, a := range algorithms {
		if a.name == k.Algorithm {
			return a.hash
		}
	}
	return sha256.New
}

func (s *signature) appendTime(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(s.time>>32))
	b = binary.BigEndian.AppendUint32(b, uint32(s.time))
	return binary.BigEndian.AppendUint16(b, s.fudge)
}

// sign appends a TSIG record to a message, and returns its MAC. request is the MAC of the message
// that it answers; nil for a question.
func (k *Key) sign(request, msg []byte, now time.Time) (signed, mac []byte) {
	s := signature{key: canonical(k.Name), algorithm: canonical(k.Algorithm), time: uint64(now.Unix()), fudge: fudge}
	mac = k.sum(request, msg, &s)
	data := appendName(nil, s.algorithm)
	data = s.appendTime(data)
	data = binary.BigEndian.AppendUint16(data, uint16(len(mac)))
	data = append(data, mac...)
	data = append(data, msg[0], msg[1], 0, 0, 0, 0) // original id, no error, nothing else
	signed = appendName(append([]byte(nil), msg...), s.key)
	signed = append(signed, 0, typeTSIG, 0, classAny, 0, 0, 0, 0)
	signed = binary.BigEndian.AppendUint16(signed, uint16(len(data)))
	signed = append(signed, data...)
	binary.BigEndian.PutUint16(signed[10:], binary.BigEndian.Uint16(signed[10:])+1)
	return signed, mac
}

// check says whether an answer is signed with the key; rest is the message without the signature.
func (k *Key) check(request, rest []byte, s *signature, now time.Time) error {
	if s == nil {
		return errors.New("the answer is not signed with the key")
	}
	if s.key != canonical(k.Name) || s.algorithm != canonical(k.Algorithm) || !hmac.Equal(k.sum(request, rest, s), s.mac) {
		return errors.New("the answer is signed with another key")
	}
	if d := int64(s.time) - now.Unix(); s.err != badTime && max(d, -d) > int64(s.fudge) {
		return errors.New("the answer is signed at another time than it is here")
	}
	return nil
}

// split takes the TSIG record, which is the last of a message, off it; nil when there is none.
func split(msg []byte) (rest []byte, s *signature, err error) {
	if len(msg) < 12 {
		return nil, nil, errMalformed
	}
	r := reader{msg: msg, at: 12}
	records := 0
	for i := 6; i < 12; i += 2 {
		records += int(binary.BigEndian.Uint16(msg[i:]))
	}
	r.questions()
	for n := range records {
		start := r.at
		x := r.record()
		if r.bad {
			return nil, nil, errMalformed
		}
		if x.kind != typeTSIG {
			continue
		}
		s, err = parseSignature(msg, r.at-len(x.data), r.at)
		if err != nil || n != records-1 || r.at != len(msg) {
			return nil, nil, errMalformed
		}
		s.key = x.owner
		rest = append([]byte(nil), msg[:start]...)
		binary.BigEndian.PutUint16(rest[10:], binary.BigEndian.Uint16(rest[10:])-1)
		binary.BigEndian.PutUint16(rest, s.id)
		return rest, s, nil
	}
	return msg, nil, nil
}

func parseSignature(msg []byte, from, to int) (*signature, error) {
	r := reader{msg: msg[:to], at: from}
	s := &signature{algorithm: r.name()}
	t := r.take(8)
	s.time = uint64(binary.BigEndian.Uint16(t))<<32 | uint64(binary.BigEndian.Uint32(t[2:]))
	s.fudge = binary.BigEndian.Uint16(t[6:])
	s.mac = r.take(int(binary.BigEndian.Uint16(r.take(2))))
	t = r.take(4)
	s.id, s.err = binary.BigEndian.Uint16(t), binary.BigEndian.Uint16(t[2:])
	s.other = r.take(int(binary.BigEndian.Uint16(r.take(2))))
	if r.bad || r.at != to {
		return nil, errMalformed
	}
	return s, nil
}

// canonical is the form that names are compared and signed in.
func canonical(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) + "." }

// appendName appends a name in the form of the wire, without compression.
func appendName(b []byte, name string) []byte {
	for _, label := range strings.Split(strings.TrimSuffix(name, "."), ".") {
		if label != "" {
			b = append(append(b, byte(len(label))), label...)
		}
	}
	return append(b, 0)
}
