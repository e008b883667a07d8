//go:build !minimal

package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/provider"
)

func TestRSAKey(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	pkcs8 := text("PRIVATE KEY", der, err)
	pkcs1 := text("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key), nil)
	der, err = x509.MarshalPKCS8PrivateKey(other)
	for _, c := range []struct {
		name, text string
		good       bool
	}{
		{"pkcs8", pkcs8, true},
		{"pkcs1", pkcs1, true},
		{"one-line", strings.ReplaceAll(pkcs8, "\n", ""), true},
		{"one-line-with-blanks", strings.ReplaceAll(pkcs8, "\n", " "), true},
		{"line-ends-of-json", strings.ReplaceAll(pkcs8, "\n", `\n`), true},
		{"line-ends-of-windows", strings.ReplaceAll(pkcs1, "\n", "\r\n"), true},
		{"elliptic-curve", text("PRIVATE KEY", der, err), false},
		{"public", strings.ReplaceAll(pkcs8, "PRIVATE", "PUBLIC"), false},
		{"cut-short", pkcs8[:len(pkcs8)/2], false},
		{"a-byte-less", strings.Replace(pkcs1, "-----\n", "-----\nAAAA", 1), false},
		{"empty", "", false},
		{"token", "0123456789abcdef", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := provider.RSAKey(c.text)
			if (err == nil) != c.good || c.good && !got.Equal(key) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func FuzzRSAKey(f *testing.F) {
	f.Add("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n")
	f.Add("PRIVATE KEY-----MA==-----END")
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := provider.RSAKey(text); err == nil && key.Validate() != nil {
			t.Error("a key that is none")
		}
	})
}
