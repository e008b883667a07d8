package nat

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
)

// NAT64 is the prefix that stands for IPv4 inside IPv6 (RFC 6052).
const NAT64 = "64:ff9b::/96"

// Translate starts tayga (Debian: tayga), which translates between IPv4 and IPv6 (RFC 7915), behind
// a device of the current namespace, which is up then. statements are more of its configuration
// (tayga.conf(5)): "map 192.0.0.1 2a00:3::464" of a CLAT (RFC 6877). Routes lead to it. Its files go
// to dir.
func Translate(device, dir, statements string) (*lab.Program, error) {
	file := filepath.Join(dir, device+".conf")
	text := fmt.Sprintf("tun-device %s\nprefix %s\ndata-dir %s\n%s\n", device, NAT64, dir, statements)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	if err := netlink.LinkAdd(&netlink.Tuntap{LinkAttrs: netlink.LinkAttrs{Name: device}, Mode: netlink.TUNTAP_MODE_TUN, Flags: netlink.TUNTAP_DEFAULTS}); err != nil {
		return nil, fmt.Errorf("making the device %s: %w", device, err)
	}
	l, err := netlink.LinkByName(device)
	if err != nil {
		return nil, err
	}
	if err := netlink.LinkSetUp(l); err != nil {
		return nil, err
	}
	return lab.Start("tayga", "--nodetach", "-d", "--config", file)
}

// RouteInto sends what goes to a network by a device without a gateway, in the current namespace.
func RouteInto(network, device string) error {
	l, err := netlink.LinkByName(device)
	if err != nil {
		return err
	}
	dst, err := netlink.ParseIPNet(network)
	if err != nil {
		return err
	}
	if err := netlink.RouteReplace(&netlink.Route{Dst: dst, LinkIndex: l.Attrs().Index}); err != nil {
		return fmt.Errorf("routing %s into %s: %w", network, device, err)
	}
	return nil
}
