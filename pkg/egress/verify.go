package egress

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"sync"
	"time"
)

// How certificates are verified. crypto/tls would want every authority of the bundle parsed
// before it connects: 145 of them cost a router more time than the handshake, and 1 MB. So its
// own verification is off (InsecureSkipVerify) and this one runs in its place, on every
// connection, resumed ones too (VerifyConnection). The judge is the same, x509's Verify, with
// the name, the clock and the certificates that the service sent; only the pool is smaller: the
// authorities that one of those certificates names. Verify would not have looked at any other.
//
// The signatures of a chain are as good tomorrow as today. A chain that was found good for a
// host is remembered by its hash and not computed again until it expires or the bundle changes:
// on a MIPS router that is two thirds of a handshake. That the service holds the key of its
// certificate is proven by TLS each time.
type verifier struct {
	t     *Transport
	host  string // as in the URL; a literal address is one too
	roots *roots
}

func (v verifier) verify(cs tls.ConnectionState) error {
	certs := cs.PeerCertificates
	if len(certs) == 0 || v.host == "" { // TLS does not let that happen
		return &failure{kind: TLS, text: "the service showed no certificate"}
	}
	now := v.t.opt.Now()
	sum := v.hash(certs)
	if v.t.verdicts.stands(v.name(), &sum, now) {
		return nil
	}
	chain, err := v.chain(certs, now)
	if err != nil {
		v.sessions().Put(v.host, nil) // or the same would be resumed again
		return &tls.CertificateVerificationError{UnverifiedCertificates: certs, Err: err}
	}
	v.t.verdicts.add(v.name(), sum, chain)
	return nil
}

// chain does the work: from the first certificate to an authority of the bundle.
func (v verifier) chain(certs []*x509.Certificate, now time.Time) ([]*x509.Certificate, error) {
	pool, err := v.roots.issuersOf(certs)
	if err != nil {
		return nil, err
	}
	o := x509.VerifyOptions{DNSName: v.host, CurrentTime: now, Roots: pool, Intermediates: x509.NewCertPool()}
	for _, c := range certs[1:] {
		o.Intermediates.AddCert(c)
	}
	chains, err := certs[0].Verify(o)
	if err != nil {
		return nil, err
	}
	return chains[0], nil
}

// name is what a verdict and a ticket are good for: a host by the authorities of one bundle.
func (v verifier) name() string { return v.roots.stamp + "\x00" + v.host }

func (v verifier) sessions() sessions { return sessions{v.roots.stamp, v.t} }

func (v verifier) hash(certs []*x509.Certificate) (sum [sha256.Size]byte) {
	h := sha256.New()
	put := func(b []byte) {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
		h.Write(b)
	}
	put([]byte(v.name()))
	for _, c := range certs {
		put(c.Raw)
	}
	h.Sum(sum[:0])
	return sum
}

// verdicts are the chains that were found good, the last few. The zero value has none.
type verdicts struct {
	mu   sync.Mutex
	good [32]verdict
	next int
}

type verdict struct {
	name        string
	sum         [sha256.Size]byte
	from, until time.Time
}

// stands says that a chain was found good for a name and has not expired; without a sum, that
// any chain was.
func (k *verdicts) stands(name string, sum *[sha256.Size]byte, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.good {
		g := &k.good[i]
		if g.name == name && (sum == nil || g.sum == *sum) && !now.Before(g.from) && !now.After(g.until) {
			return true
		}
	}
	return false
}

// add remembers a chain for as long as all of its certificates are valid.
func (k *verdicts) add(name string, sum [sha256.Size]byte, chain []*x509.Certificate) {
	g := verdict{name: name, sum: sum, from: chain[0].NotBefore, until: chain[0].NotAfter}
	for _, c := range chain[1:] {
		if c.NotBefore.After(g.from) {
			g.from = c.NotBefore
		}
		if c.NotAfter.Before(g.until) {
			g.until = c.NotAfter
		}
	}
	k.mu.Lock()
	k.good[k.next] = g
	k.next = (k.next + 1) % len(k.good)
	k.mu.Unlock()
}

// sessions keeps the tickets of one CA bundle apart from those of others, and gives none that
// would bring back a certificate which has expired since.
type sessions struct {
	of string
	t  *Transport
}

func (s sessions) Get(host string) (*tls.ClientSessionState, bool) {
	name := s.of + "\x00" + host
	if !s.t.verdicts.stands(name, nil, s.t.opt.Now()) {
		return nil, false
	}
	return s.t.tickets.Get(name)
}

func (s sessions) Put(host string, c *tls.ClientSessionState) { s.t.tickets.Put(s.of+"\x00"+host, c) }
