// Package pd is prefix delegation (RFC 8415 section 6.3) between real programs: at the ISP, ISC's
// dhcpd (Debian: isc-dhcp-server) delegates a prefix; on the router, ISC's dhclient (Debian:
// isc-dhcp-client) asks for it, as odhcp6c does on OpenWrt. It must be used inside a namespace of
// lab.Alone or lab.Command.
package pd

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/nat"
)

// Server is the ISP's DHCPv6 server.
type Server struct {
	space       *nat.Space
	device, dir string
	dhcpd       *lab.Program
}

// Serve delegates a prefix to who asks on a device of a namespace, which has an address there. The
// server's files go to dir.
func Serve(space *nat.Space, device, dir string, prefix netip.Prefix) (*Server, error) {
	s := &Server{space: space, device: device, dir: dir}
	return s, s.start(prefix)
}

// Clients are to come back after a second, and to ask any server that there is: their prefix is good
// for two hours all the while.
const dhcpd = `authoritative;
default-lease-time 7200;
preferred-lifetime 3600;
option dhcp-renewal-time 1;
option dhcp-rebinding-time 1;
subnet6 %s { prefix6 %s %[2]s /%d; }
`

func (s *Server) start(prefix netip.Prefix) error {
	conf, leases := filepath.Join(s.dir, "dhcpd6.conf"), filepath.Join(s.dir, "dhcpd6.leases")
	return s.space.Do(func() error {
		if err := ready(s.device); err != nil {
			return err
		}
		link, err := network(s.device)
		if err != nil {
			return err
		}
		if err := os.WriteFile(conf, fmt.Appendf(nil, dhcpd, link, prefix.Masked().Addr(), prefix.Bits()), 0o600); err != nil {
			return err
		}
		if err := os.WriteFile(leases, nil, 0o600); err != nil {
			return err
		}
		s.dhcpd, err = lab.Start("dhcpd", "-6", "-f", "-d", "-cf", conf, "-lf", leases, "--no-pid", s.device)
		return err
	})
}

// TakeOver puts another server into the place of this one. It knows of no lease, and delegates
// another prefix: it tells whoever comes with the earlier one that this is good for nothing now.
func (s *Server) TakeOver(prefix netip.Prefix) error {
	if err := s.Close(); err != nil {
		return err
	}
	return s.start(prefix)
}

// Close ends the server, and tells what it said when it had ended before.
func (s *Server) Close() error { return s.dhcpd.End() }
