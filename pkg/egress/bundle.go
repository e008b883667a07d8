package egress

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"os"
)

// issuersOf parses the authorities of the bundle that one of the certificates names as its
// issuer, or that is itself the first of them (a service whose own certificate is in the bundle).
func (r *roots) issuersOf(certs []*x509.Certificate) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	err := readCertificates(r.file, func(der []byte) bool {
		if names(certs, subjectOf(der)) {
			if c, err := x509.ParseCertificate(bytes.Clone(der)); err == nil {
				pool.AddCert(c)
			}
		}
		return true
	})
	return pool, err
}

func names(certs []*x509.Certificate, subject []byte) bool {
	for _, c := range certs {
		if bytes.Equal(c.RawIssuer, subject) {
			return true
		}
	}
	return bytes.Equal(certs[0].RawSubject, subject)
}

// readCertificates calls each for the certificates of a PEM file (RFC 7468), until it says stop.
// It reads a little at a time and reuses der, so that the size of the bundle does not matter.
func readCertificates(name string, each func(der []byte) bool) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return scanPEM(f, each)
}

const (
	pemBegin = "-----BEGIN CERTIFICATE-----"
	pemEnd   = "-----END CERTIFICATE-----"
	pemLimit = 32 << 10 // bytes of text in one certificate; the biggest authorities have 3 kB
)

func scanPEM(from io.Reader, each func(der []byte) bool) error {
	in := bufio.NewReader(from)
	text, der := make([]byte, 0, 4096), make([]byte, 4096)
	inside := false
	for {
		line, err := in.ReadSlice('\n') // a piece of one when it is longer than the buffer
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return err
		}
		line = bytes.TrimSpace(line)
		switch {
		case string(line) == pemBegin:
			text, inside = text[:0], true
		case inside && string(line) == pemEnd:
			inside = false
			if n := base64.StdEncoding.DecodedLen(len(text)); n > len(der) {
				der = make([]byte, n)
			}
			if n, bad := base64.StdEncoding.Decode(der, text); bad == nil && !each(der[:n]) {
				return nil
			}
		case inside:
			text = append(text, line...)
			inside = len(text) <= pemLimit
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
}

// The tags of DER (X.690) on the way to a subject.
const (
	tagSequence = 0x30
	tagVersion  = 0xa0
)

// subjectOf finds the subject of a certificate without parsing the rest; nil when it is none.
//
//	Certificate ::= SEQUENCE { SEQUENCE { [0] version, serial, algorithm, issuer, validity, subject, … }, … }
//
// Source: RFC 5280, section 4.1.
func subjectOf(der []byte) []byte {
	tag, _, certificate, _ := element(der)
	if tag != tagSequence {
		return nil
	}
	tag, _, rest, _ := element(certificate)
	if tag != tagSequence {
		return nil
	}
	if tag, _, _, after := element(rest); tag == tagVersion {
		rest = after
	}
	for range 4 { // serial, algorithm, issuer, validity
		_, _, _, rest = element(rest)
	}
	tag, subject, _, _ := element(rest)
	if tag != tagSequence {
		return nil
	}
	return subject
}

// element takes the first element off some DER: its tag, all of it, what is in it, what follows.
// The tag is 0 when there is none.
func element(der []byte) (tag byte, whole, content, rest []byte) {
	if len(der) < 2 {
		return 0, nil, nil, nil
	}
	head, size := 2, int(der[1])
	if size >= 0x80 { // a long length: that many bytes of it follow
		n := size - 0x80
		if n == 0 || n > 3 || len(der) < 2+n {
			return 0, nil, nil, nil
		}
		head, size = 2+n, 0
		for _, b := range der[2:head] {
			size = size<<8 | int(b)
		}
	}
	if size > len(der)-head {
		return 0, nil, nil, nil
	}
	return der[0], der[:head+size], der[head : head+size], der[head+size:]
}
