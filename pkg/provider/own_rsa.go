//go:build !minimal && !(no_transip && no_googleclouddns)

package provider

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"strings"
)

// rsaKey reads a private key as services hand it out: PEM (RFC 7468) of PKCS #8 or PKCS #1. A form of
// one line takes its line ends away, which harms nothing: only what is between the two lines of
// dashes counts.
func rsaKey(text string) (*rsa.PrivateKey, error) {
	wrong := errors.New(`it must be a private key: "-----BEGIN PRIVATE KEY-----", Base64, "-----END PRIVATE KEY-----"`)
	_, text, ok := strings.Cut(text, "PRIVATE KEY-----")
	text, _, closed := strings.Cut(text, "-----END")
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(strings.ReplaceAll(text, `\n`, "")), ""))
	if !ok || !closed || err != nil {
		return nil, wrong
	}
	// PKCS #8 is PKCS #1 in a wrapping that says that it is RSA (RFC 5958, section 2; RFC 8017,
	// appendix A.1). The standard library would link every other kind of key for it.
	var wrapping struct {
		Version   int
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key []byte
	}
	if rest, err := asn1.Unmarshal(der, &wrapping); err == nil && len(rest) == 0 {
		if !wrapping.Algorithm.ID.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}) {
			return nil, errors.New("it must be an RSA key")
		}
		der = wrapping.Key
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return nil, wrong
	}
	return key, nil
}

// rsaSign signs by RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2).
func rsaSign(key *rsa.PrivateKey, hash crypto.Hash, text []byte) ([]byte, error) {
	h := hash.New()
	h.Write(text)
	return rsa.SignPKCS1v15(nil, key, hash, h.Sum(nil))
}
