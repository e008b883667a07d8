// Package nat is the world outside a router: other network namespaces joined by veth pairs,
// NAT by the kernel's own nftables between them, and STUN, NAT-PMP and echo servers beyond. It
// must be used inside a namespace of lab.Alone or lab.Command.
package nat

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/scripts/lab"
)

// Space is a network namespace with its loopback device up, which forwards between its devices.
type Space struct{ file *os.File }

// NewSpace makes a namespace. It lasts until Close, and as long as sockets of it are open.
func NewSpace() (*Space, error) {
	var s Space
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("making a network namespace: %w", err)
		}
		f, err := os.Open("/proc/thread-self/ns/net")
		s.file = f
		return err
	})
	if err != nil {
		return nil, err
	}
	return &s, s.Do(func() error {
		lo, err := netlink.LinkByName("lo")
		if err != nil {
			return err
		}
		for _, f := range []string{"ipv4/ip_forward", "ipv6/conf/all/forwarding", "ipv4/conf/all/promote_secondaries"} {
			if err := os.WriteFile("/proc/sys/net/"+f, []byte("1"), 0); err != nil {
				return err
			}
		}
		return netlink.LinkSetUp(lo)
	})
}

// Fd is the namespace's descriptor, for the kernel's calls that take one.
func (s *Space) Fd() int { return int(s.file.Fd()) }

// Close lets the namespace go.
func (s *Space) Close() error { return s.file.Close() }

// Do runs f in the namespace. Sockets that it opens stay there.
func (s *Space) Do(f func() error) error {
	return onThread(func() error {
		if err := unix.Setns(int(s.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("entering a network namespace: %w", err)
		}
		return f()
	})
}

// onThread runs f on a thread that may change its namespace and comes back. (A thread that ended
// instead would take the processes along that were once started from it: Pdeathsig.)
func onThread(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer home.Close()
	err = f()
	if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back != nil {
		panic("lost in a network namespace: " + back.Error())
	}
	return err
}

// Join makes a device called name here whose other end is the device peer in s, both up, and
// gives peer its addresses.
func (s *Space) Join(name, peer string, peerAddrs ...string) error {
	if _, err := lab.Veth(name, peer); err != nil {
		return err
	}
	return s.Adopt(peer, peerAddrs...)
}

// Adopt takes a device of the current namespace into s, up and with addresses.
func (s *Space) Adopt(peer string, peerAddrs ...string) error {
	l, err := netlink.LinkByName(peer)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetNsFd(l, int(s.file.Fd())); err != nil {
		return fmt.Errorf("moving %s away: %w", peer, err)
	}
	return s.Do(func() error {
		l, err := netlink.LinkByName(peer)
		if err != nil {
			return err
		}
		if err := netlink.LinkSetUp(l); err != nil {
			return err
		}
		return AddAddrs(peer, peerAddrs...)
	})
}

// AddAddrs gives a device of the current namespace addresses.
func AddAddrs(device string, addrs ...string) error {
	l, err := netlink.LinkByName(device)
	if err != nil {
		return err
	}
	for _, a := range addrs {
		if err := netlink.AddrAdd(l, lab.Addr(a)); err != nil {
			return fmt.Errorf("adding %s to %s: %w", a, device, err)
		}
	}
	return nil
}

// DropAddr takes an address from a device of the current namespace.
func DropAddr(device, addr string) error {
	l, err := netlink.LinkByName(device)
	if err != nil {
		return err
	}
	return netlink.AddrDel(l, lab.Addr(addr))
}

// Route sends what goes to a network ("0.0.0.0/0") by a gateway, in the current namespace.
func Route(network, gateway, device string) error { return RouteMetric(network, gateway, device, 0) }

// RouteMetric is Route with a metric: beside it, others to the network can stand.
func RouteMetric(network, gateway, device string, metric int) error {
	l, err := netlink.LinkByName(device)
	if err != nil {
		return err
	}
	_, dst, err := net.ParseCIDR(network)
	if err != nil {
		return err
	}
	err = netlink.RouteReplace(&netlink.Route{Dst: dst, Gw: net.ParseIP(gateway), LinkIndex: l.Attrs().Index, Priority: metric})
	if err != nil {
		return fmt.Errorf("routing %s by %s: %w", network, gateway, err)
	}
	return nil
}

// Masquerade makes the namespace do NAT for all IPv4 that leaves by a device (nftables), but for
// what comes from the networks in except. It goes in place of what an earlier call said.
func (s *Space) Masquerade(device string, except ...string) error {
	rules := ""
	for _, n := range except {
		rules += "ip saddr " + n + " accept; "
	}
	return s.nft("table ip nat {}; delete table ip nat; table ip nat { chain out { type nat hook postrouting priority 100; " + rules + "oifname \"" + device + "\" masquerade; }; }")
}

// Block drops all that is forwarded in a protocol ("udp"), until Unblock.
func (s *Space) Block(protocol string) error {
	return s.nft("table inet block { chain drops { type filter hook forward priority 0; meta l4proto " + protocol + " drop; }; }")
}

// Unblock ends Block.
func (s *Space) Unblock() error { return s.nft("delete table inet block") }

func (s *Space) nft(script string) error {
	return s.Do(func() error {
		cmd := exec.Command("nft", "-f", "-")
		cmd.Stdin = strings.NewReader(script)
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("nft: %w\n%s", err, out)
		}
		return nil
	})
}
