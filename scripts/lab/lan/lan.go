// Package lan is a network behind a router: a bridge of the current namespace on which radvd
// (Debian: radvd) announces prefixes, and hosts in namespaces of their own whose kernels make
// themselves addresses of them (SLAAC, RFC 4862). It must be used inside a namespace of lab.Alone
// or lab.Command.
package lan

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
)

// LAN is a bridge with a router's radvd on it.
type LAN struct {
	name  string
	dir   string // of radvd's files
	radvd *lab.Program
}

// New makes the bridge, up, and the current namespace a router. radvd's files go to dir.
func New(name, dir string) (*LAN, error) {
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/all/forwarding", []byte("1"), 0); err != nil {
		return nil, err
	}
	b := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: name}}
	if err := netlink.LinkAdd(b); err != nil {
		return nil, fmt.Errorf("adding bridge %s: %w", name, err)
	}
	return &LAN{name: name, dir: dir}, netlink.LinkSetUp(b)
}

// Prefix is what is announced. Preferred 0 deprecates it.
type Prefix struct {
	Prefix           string // "2001:db8::/64"
	Preferred, Valid time.Duration
}

// Announce makes radvd announce these prefixes from now on, at once.
func (l *LAN) Announce(prefixes ...Prefix) error {
	text := "interface " + l.name + " {\n\tAdvSendAdvert on;\n\tMinRtrAdvInterval 3;\n\tMaxRtrAdvInterval 4;\n"
	for _, p := range prefixes {
		text += fmt.Sprintf("\tprefix %s { AdvPreferredLifetime %d; AdvValidLifetime %d; };\n", p.Prefix, int(p.Preferred.Seconds()), int(p.Valid.Seconds()))
	}
	file := filepath.Join(l.dir, "radvd.conf")
	// As a whole: radvd may be reading it because of the announcement before.
	if err := os.WriteFile(file+".new", []byte(text+"};\n"), 0o600); err != nil {
		return err
	}
	if err := os.Rename(file+".new", file); err != nil {
		return err
	}
	if l.radvd != nil {
		return l.radvd.Signal(syscall.SIGHUP)
	}
	var err error
	l.radvd, err = lab.Start("radvd", "-n", "-m", "stderr", "-C", file, "-p", filepath.Join(l.dir, "radvd.pid"))
	return err
}

// Close ends radvd, and tells what it said when it had ended before.
func (l *LAN) Close() error {
	if l.radvd == nil {
		return nil
	}
	return l.radvd.End()
}

// Address is an address that a host's kernel has.
type Address struct {
	netip.Addr
	Flags int // IFA_F_TEMPORARY and so on
}

// addresses are the IPv6 addresses of a device of the current namespace.
func addresses(device string) ([]Address, error) {
	l, err := netlink.LinkByName(device)
	if err != nil {
		return nil, err
	}
	list, err := netlink.AddrList(l, netlink.FAMILY_V6)
	var out []Address
	for _, a := range list {
		addr, _ := netip.AddrFromSlice(a.IP)
		out = append(out, Address{addr, a.Flags})
	}
	return out, err
}

// talk sends a datagram from an address, or from the one that the kernel takes.
func talk(from, to netip.Addr) error {
	var local *net.UDPAddr
	if from.IsValid() {
		local = &net.UDPAddr{IP: from.AsSlice()}
	}
	c, err := net.DialUDP("udp6", local, &net.UDPAddr{IP: to.AsSlice(), Port: 9})
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write([]byte("?"))
	return err
}
