package egress_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/scripts/lab"
)

const systemBundle = "/etc/ssl/certs/ca-certificates.crt"

// scanned are the certificates that we see in a text, standard those that Go's own reader sees.
func scanned(t *testing.T, text []byte) (all [][]byte) {
	t.Helper()
	err := egress.ScanPEM(bytes.NewReader(text), func(der []byte) bool {
		all = append(all, bytes.Clone(der))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func standard(text []byte) (all [][]byte) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return all
		}
		if block.Type == "CERTIFICATE" && len(block.Headers) == 0 {
			all = append(all, block.Bytes)
		}
		text = rest
	}
}

func TestBundle_reads_as_the_standard_library_does(t *testing.T) {
	system, err := os.ReadFile(systemBundle)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	one := string(ca.Bundle())
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"the-systems", string(system), 100},
		{"comments-between", "# first\n" + one + "\nSubject: CN=x\n=====\n" + one, 2},
		{"line-ends-of-windows", strings.ReplaceAll(one, "\n", "\r\n"), 1},
		{"blanks-at-line-ends", strings.ReplaceAll(one, "\n", " \t\n"), 1},
		{"no-newline-at-the-end", strings.TrimRight(one, "\n"), 1},
		{"a-key-before-it", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" + one, 1},
		{"all-in-one-line", strings.NewReplacer("-----\n", "-----\n", "\n-----", "\n-----", "\n", "").Replace(one), 1},
		{"another-kind-of-certificate", strings.ReplaceAll(one, "CERTIFICATE", "TRUSTED CERTIFICATE"), 0},
		{"cut-off", one[:len(one)/2], 0},
		{"cut-off-and-another", one[:len(one)/2] + "\n" + one, 1},
		{"not-base64", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", 0},
		{"empty", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, want := scanned(t, []byte(c.text)), standard([]byte(c.text))
			if len(got) != len(want) || len(got) < c.want || c.want < 100 && len(got) > c.want {
				t.Fatalf("%d certificates, the standard library sees %d; want %d", len(got), len(want), c.want)
			}
			for i := range got {
				if !bytes.Equal(got[i], want[i]) {
					t.Errorf("certificate %d differs", i)
				}
			}
		})
	}
}

func TestBundle_finds_every_subject_of_the_systems(t *testing.T) {
	system, err := os.ReadFile(systemBundle)
	if err != nil {
		t.Fatal(err)
	}
	for _, der := range scanned(t, system) {
		wantSubject(t, der)
	}
}

func wantSubject(t *testing.T, der []byte) {
	t.Helper()
	subject := egress.SubjectOf(der)
	if c, err := x509.ParseCertificate(der); err == nil && !bytes.Equal(subject, c.RawSubject) {
		t.Errorf("subject %x, the standard library says %x", subject, c.RawSubject)
	}
}

// What the standard library takes for a certificate, we find the subject of.
func FuzzSubjectOf(f *testing.F) {
	system, err := os.ReadFile(systemBundle)
	if err != nil {
		f.Fatal(err)
	}
	for i, der := range standard(system) {
		if i%12 == 0 {
			f.Add(der)
		}
	}
	f.Add([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0x30, 0x02, 0x30, 0x80})
	f.Fuzz(wantSubject)
}

func FuzzScanPEM(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAAw\n-----END CERTIFICATE-----\n"))
	f.Add(bytes.Repeat([]byte("-----BEGIN CERTIFICATE-----\n"), 3))
	f.Add(append([]byte("-----BEGIN CERTIFICATE-----\n"), bytes.Repeat([]byte("A"), 40<<10)...))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, der := range scanned(t, text) {
			if len(der) > 24<<10 || !bytes.Contains(text, []byte("-----END CERTIFICATE-----")) {
				t.Errorf("%d bytes of certificate in %q", len(der), text)
			}
		}
	})
}
