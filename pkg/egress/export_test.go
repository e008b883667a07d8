package egress

import (
	"crypto/x509"
	"io"
	"net/http"
	"time"
)

// RetryAfter shows the fuzzer how the header is read.
func RetryAfter(h http.Header, now time.Time) time.Duration { return retryAfter(h, now) }

// SubjectOf and ScanPEM show the fuzzers how a bundle is read.
func SubjectOf(der []byte) []byte { return subjectOf(der) }

func ScanPEM(from io.Reader, each func(der []byte) bool) error { return scanPEM(from, each) }

// VerifyChain is the verification of what a service shows, without memory.
func VerifyChain(bundle, host string, shown []*x509.Certificate, now time.Time) ([]*x509.Certificate, error) {
	return verifier{host: host, roots: &roots{file: bundle}}.chain(shown, now)
}
