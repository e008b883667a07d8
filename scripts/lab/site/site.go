// Package site is a place to run wandns in: a router's network namespace with a WAN, services
// on loopback with real TLS that answer to their real names, and the real program on a real
// configuration file. It must be used inside a namespace of lab.Alone or lab.Command. The
// end-to-end tests, the demo and the benchmarks are built on it.
package site

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// Credentials of every site: what must never be seen anywhere.
const (
	CloudflareToken = "cf+T0ken/with=odd%chars&0123456789abcdef"
	DuckToken       = "a7c4d0ad-114e-40ef-ba1d-d217904a50f2"
	User            = "owner@example.org"
	Password        = "p&ss w/ört+d%41"
)

// Site is the place.
type Site struct {
	Dir             string // run/, etc/ and the configuration are below
	CA              *lab.CA
	Front           *double.Front
	Cloudflare      *double.Cloudflare
	DuckDNS         *double.DuckDNS
	NoIP, Dynu      *double.Dyndns2
	ConfigFile      string
	RunDir, HoldDir string
	BundleFile      string // PEM of the authority that vouches for the services
}

// New makes a site below dir, with the services on 127.0.0.1:443 and [::1]:443 and an empty
// network beside: use lab.Veth for a WAN.
func New(dir string, zones, names []string) (*Site, error) {
	ca, err := lab.NewCA()
	if err != nil {
		return nil, err
	}
	s := &Site{
		Dir: dir, CA: ca, BundleFile: filepath.Join(dir, "ca.pem"),
		Cloudflare: double.NewCloudflare(CloudflareToken, zones...),
		DuckDNS:    double.NewDuckDNS(DuckToken, names...),
		NoIP:       double.NewNoIP(User, Password, names...),
		Dynu:       double.NewDynu(User, Password, names...),
		ConfigFile: filepath.Join(dir, "wandns"), RunDir: filepath.Join(dir, "run"), HoldDir: filepath.Join(dir, "etc"),
	}
	s.Front = double.NewFront(ca, s.Cloudflare, s.DuckDNS, s.NoIP, s.Dynu)
	if err := s.Front.Listen("127.0.0.1:443", "[::1]:443"); err != nil {
		return nil, err
	}
	return s, errors.Join(
		os.Mkdir(s.RunDir, 0o755), os.Mkdir(s.HoldDir, 0o755),
		lab.ReplaceFile("/etc/hosts", s.Front.HostsFile("127.0.0.1")),
		replaceIfThere("/etc/resolv.conf", "nameserver 127.0.0.1\n"), // which is also what counts without it
		s.trust(),
	)
}

// trust makes the lab's authority the one that the system trusts. On a system that trusts nobody
// (no ca-certificates), the configuration has to name BundleFile.
func (s *Site) trust() error {
	return errors.Join(
		os.WriteFile(s.BundleFile, s.CA.Bundle(), 0o644),
		replaceIfThere("/etc/ssl/certs/ca-certificates.crt", string(s.CA.Bundle())),
	)
}

// replaceIfThere is lab.ReplaceFile for a file that a small system may not have.
func replaceIfThere(path, text string) error {
	err := lab.ReplaceFile(path, text)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Accounts is the part of a configuration that every site's services need.
func Accounts() string {
	return `
config account 'cf'
	option provider 'cloudflare'
	option token '` + CloudflareToken + `'

config account 'duck'
	option provider 'duckdns'
	option token '` + DuckToken + `'

config account 'noip'
	option provider 'noip'
	option username '` + User + `'
	option password '` + Password + `'

config account 'dynu'
	option provider 'dynu'
	option username '` + User + `'
	option password '` + Password + `'
`
}

// Configure writes the configuration file as a whole.
func (s *Site) Configure(text string) error {
	return os.WriteFile(s.ConfigFile, []byte(text), 0o600)
}

// Args are the options that make wandns use the site's files.
func (s *Site) Args() []string {
	return []string{"--config", s.ConfigFile, "--run-dir", s.RunDir, "--hold-dir", s.HoldDir}
}

// Renumber replaces an address of a device the way an ISP does: the new one comes, the old one
// goes, the link stays up. An empty old or new one is left out.
func Renumber(device, from, to string) error {
	l, err := netlink.LinkByName(device)
	if err != nil {
		return err
	}
	if to != "" {
		if err := netlink.AddrAdd(l, lab.Addr(to)); err != nil {
			return fmt.Errorf("adding %s to %s: %w", to, device, err)
		}
	}
	if from != "" {
		if err := netlink.AddrDel(l, lab.Addr(from)); err != nil {
			return fmt.Errorf("removing %s from %s: %w", from, device, err)
		}
	}
	return nil
}

// Close stops the services.
func (s *Site) Close() error { return s.Front.Close() }
