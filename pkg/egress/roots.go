package egress

import (
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

// roots are a CA bundle that was looked at. Its certificates are read when one is asked for.
type roots struct {
	file  string
	stamp string // tells one state of one bundle from another
}

// readRoots looks at the bundle an account names, or the system's.
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
	found := false
	err = readCertificates(name, func(der []byte) bool {
		found = subjectOf(der) != nil
		return !found
	})
	if err == nil && !found {
		err = errors.New("it holds no certificate in PEM form")
	}
	if err != nil {
		return nil, bundleFailure(name, err)
	}
	return &roots{file: name, stamp: fmt.Sprint(name, "\x00", info.Size(), info.ModTime().UnixNano())}, nil
}

func bundleFailure(name string, err error) error {
	why := err
	var pe *fs.PathError
	if errors.As(err, &pe) {
		why = pe.Err
	}
	return &failure{kind: TLS, err: err, text: fmt.Sprintf("reading the CA bundle %s: %v", name, why)}
}
