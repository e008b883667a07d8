package lan

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/scripts/lab/nat"
)

// Kind is how a host makes its addresses.
type Kind struct {
	Stable  bool // of a secret (RFC 7217) instead of its MAC (EUI-64)
	Privacy bool // and temporary ones that it prefers (RFC 8981)
}

// Host is a host on a LAN.
type Host struct {
	Name string // of its device, and with "-port" behind it of the bridge's
	MAC  net.HardwareAddr
	Kind Kind
	lan  *LAN
	ns   *nat.Space
}

// Host makes a host, and switches it on. Its name is up to ten letters long.
func (l *LAN) Host(name, mac string, kind Kind) (*Host, error) {
	hw, err := net.ParseMAC(mac)
	if err != nil {
		return nil, err
	}
	ns, err := nat.NewSpace()
	if err != nil {
		return nil, err
	}
	h := &Host{Name: name, MAC: hw, Kind: kind, lan: l, ns: ns}
	return h, h.On()
}

// On connects the host to the LAN with a device that has no past.
func (h *Host) On() error {
	v := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: h.Name + "-port"}, PeerName: h.Name, PeerHardwareAddr: h.MAC, PeerNamespace: netlink.NsFd(h.ns.Fd())}
	if err := netlink.LinkAdd(v); err != nil {
		return fmt.Errorf("connecting host %s: %w", h.Name, err)
	}
	bridge, err := netlink.LinkByName(h.lan.name)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetMaster(v, bridge); err != nil {
		return err
	}
	if err := h.ns.Do(h.configure); err != nil {
		return fmt.Errorf("configuring host %s: %w", h.Name, err)
	}
	return netlink.LinkSetUp(v)
}

func (h *Host) configure() error {
	conf := filepath.Join("/proc/sys/net/ipv6/conf", h.Name)
	settings := [][2]string{{"forwarding", "0"}, {"accept_ra", "2"}, {"use_tempaddr", "0"}}
	if h.Kind.Privacy {
		settings[2][1] = "2"
	}
	if h.Kind.Stable { // writing the secret is what turns RFC 7217 on
		settings = append(settings, [2]string{"stable_secret", fmt.Sprintf("2001:db8::%02x%02x", h.MAC[4], h.MAC[5])})
	}
	for _, s := range settings {
		if err := os.WriteFile(filepath.Join(conf, s[0]), []byte(s[1]), 0); err != nil {
			return err
		}
	}
	l, err := netlink.LinkByName(h.Name)
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(l)
}

// Off disconnects the host: its device is gone, and its port of the bridge.
func (h *Host) Off() error {
	return h.ns.Do(func() error {
		l, err := netlink.LinkByName(h.Name)
		if err != nil {
			return err
		}
		return netlink.LinkDel(l)
	})
}

// Addresses are the addresses that the host has and uses, checked for duplicates.
func (h *Host) Addresses() (list []Address, err error) {
	err = h.ns.Do(func() error {
		all, err := addresses(h.Name)
		for _, a := range all {
			if a.Flags&(unix.IFA_F_TENTATIVE|unix.IFA_F_DADFAILED) == 0 {
				list = append(list, a)
			}
		}
		return err
	})
	return list, err
}

// Address is the host's address in a prefix that is temporary or is not; the zero Addr while it has
// none.
func (h *Host) Address(in netip.Prefix, temporary bool) (netip.Addr, error) {
	list, err := h.Addresses()
	for _, a := range list {
		if in.Contains(a.Addr) && (a.Flags&unix.IFA_F_TEMPORARY != 0) == temporary {
			return a.Addr, err
		}
	}
	return netip.Addr{}, err
}

// Talk sends a datagram to an address from one of the host's, or from the one that it prefers.
func (h *Host) Talk(from, to netip.Addr) error {
	return h.ns.Do(func() error { return talk(from, to) })
}

// Close switches the host off for good.
func (h *Host) Close() error { return h.ns.Close() }
