package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/wandns/wandns/scripts/bench/handshake/plan"
)

func curve(c elliptic.Curve) func() (crypto.Signer, error) {
	return func() (crypto.Signer, error) { return ecdsa.GenerateKey(c, rand.Reader) }
}

func modulus(bits int) func() (crypto.Signer, error) {
	return func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, bits) }
}

// keys are those of each chain, from the root to the leaf.
var keys = map[string][]func() (crypto.Signer, error){
	"ecdsa": {curve(elliptic.P384()), curve(elliptic.P256()), curve(elliptic.P256())},
	"mixed": {modulus(4096), curve(elliptic.P384()), curve(elliptic.P256())},
	"rsa":   {modulus(4096), modulus(2048), modulus(2048)},
}

// issued is a server's certificate, with its chain, and the root in PEM.
func issued(c plan.Chain) (tls.Certificate, []byte, error) {
	kinds := keys[c.Name]
	if kinds == nil {
		return tls.Certificate{}, nil, fmt.Errorf("no keys for the chain %q", c.Name)
	}
	var above crypto.Signer
	var parent *x509.Certificate
	var shown [][]byte
	var root []byte
	for i, kind := range kinds {
		key, err := kind()
		if err != nil {
			return tls.Certificate{}, nil, err
		}
		leaf := i == len(kinds)-1
		tmpl := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: fmt.Sprint(c.Name, " ", i)},
			NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
			BasicConstraintsValid: true, IsCA: !leaf, KeyUsage: x509.KeyUsageCertSign,
		}
		if leaf {
			tmpl.KeyUsage, tmpl.DNSNames = x509.KeyUsageDigitalSignature, []string{c.Name}
			tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}
		if parent == nil {
			parent, above = tmpl, key
		}
		der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), above)
		if err != nil {
			return tls.Certificate{}, nil, err
		}
		if i == 0 {
			root = der
		} else {
			shown = append([][]byte{der}, shown...)
		}
		if parent, err = x509.ParseCertificate(der); err != nil {
			return tls.Certificate{}, nil, err
		}
		above = key
	}
	return tls.Certificate{Certificate: shown, PrivateKey: above}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}), nil
}
