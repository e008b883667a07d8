package egress

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// systemBundles are where distributions keep all their authorities in one file: OpenWrt
// (ca-bundle), Debian and Alpine; OpenWrt and Alpine for LibreSSL programs; Fedora.
var systemBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/ssl/cert.pem",
	"/etc/pki/tls/certs/ca-bundle.crt",
}

// bundleLimit is the size of the biggest CA bundle that is read, in bytes. Mozilla's is 220 kB.
const bundleLimit = 2 << 20

// readRoots reads the bundle an account names, or the system's.
func readRoots(caFile, systemFile string) (*roots, error) {
	if caFile != "" {
		return readBundle(caFile)
	}
	places := systemBundles
	if systemFile != "" {
		places = []string{systemFile}
	}
	for _, name := range places {
		r, err := readBundle(name)
		if !errors.Is(err, fs.ErrNotExist) {
			return r, err
		}
	}
	return nil, &failure{
		kind: TLS, err: fs.ErrNotExist,
		text: "no CA certificates to verify servers with (looked for " + strings.Join(places, ", ") + "): install the package ca-bundle",
	}
}

func readBundle(name string) (*roots, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, bundleFailure(name, err)
	}
	if info.Size() > bundleLimit {
		return nil, bundleFailure(name, errors.New("bigger than 2 MiB"))
	}
	pem, err := os.ReadFile(name)
	if err != nil {
		return nil, bundleFailure(name, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, bundleFailure(name, errors.New("it holds no certificate in PEM form"))
	}
	return &roots{pool: pool, stamp: fmt.Sprint(name, "\x00", info.Size(), info.ModTime().UnixNano())}, nil
}

func bundleFailure(name string, err error) error {
	why := err
	var pe *fs.PathError
	if errors.As(err, &pe) {
		why = pe.Err
	}
	return &failure{kind: TLS, err: err, text: fmt.Sprintf("reading the CA bundle %s: %v", name, why)}
}

// sessions keeps the tickets of one CA bundle apart from those of others: resuming a session
// does not verify again, so an account must not resume what another bundle vouched for.
type sessions struct {
	of  string
	lru tls.ClientSessionCache
}

func (s sessions) Get(key string) (*tls.ClientSessionState, bool) {
	return s.lru.Get(s.of + "\x00" + key)
}
func (s sessions) Put(key string, c *tls.ClientSessionState) { s.lru.Put(s.of+"\x00"+key, c) }
