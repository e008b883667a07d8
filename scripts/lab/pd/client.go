package pd

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/scripts/lab"
)

// Lease is what a server said of a prefix: with Preferred 0, that it is deprecated, and with
// Valid 0 that it is gone.
type Lease struct {
	Prefix           netip.Prefix
	Preferred, Valid time.Duration
}

// Client is a router's DHCPv6 client.
type Client struct {
	dhclient *lab.Program
	pipe     *os.File
	leases   chan Lease
	reading  sync.WaitGroup
}

// What dhclient runs at each event (dhclient-script(8)). The prefix is in a variable that depends
// on the event.
const script = `#!/bin/sh
case $reason in
BOUND6 | RENEW6 | REBIND6) echo "$new_ip6_prefix $new_preferred_life $new_max_life" ;;
DEPREF6) echo "$cur_ip6_prefix 0 $cur_max_life" ;;
EXPIRE6 | RELEASE6 | STOP6) echo "$old_ip6_prefix 0 0" ;;
esac >>'%s'
`

// room is for more leases than a test leaves unread.
const room = 1 << 12

// Ask asks for a prefix by a device, for as long as the client is there. Its files go to dir.
func Ask(device, dir string) (*Client, error) {
	if err := ready(device); err != nil {
		return nil, err
	}
	run, pipe := filepath.Join(dir, "dhclient-script"), filepath.Join(dir, "dhclient-events")
	if err := os.WriteFile(run, fmt.Appendf(nil, script, pipe), 0o700); err != nil {
		return nil, err
	}
	_ = os.Remove(pipe) // of an earlier client
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		return nil, err
	}
	// Both ends, so that it does not end when the script does.
	f, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	c := &Client{pipe: f, leases: make(chan Lease, room)}
	c.dhclient, err = lab.Start("dhclient", "-6", "-P", "-d", "-cf", os.DevNull, "-sf", run,
		"-lf", filepath.Join(dir, "dhclient.leases"), "-pf", filepath.Join(dir, "dhclient.pid"), device)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	c.reading.Add(1)
	go c.read()
	return c, nil
}

// Leases tells each event of a prefix, renewals too, in order. It ends with the client.
func (c *Client) Leases() <-chan Lease { return c.leases }

func (c *Client) read() {
	defer c.reading.Done()
	defer close(c.leases)
	for lines := bufio.NewScanner(c.pipe); lines.Scan(); {
		var prefix string
		var preferred, valid int
		if _, err := fmt.Sscan(lines.Text(), &prefix, &preferred, &valid); err != nil {
			continue // an event without a prefix
		}
		if p, err := netip.ParsePrefix(prefix); err == nil {
			c.leases <- Lease{p, time.Duration(preferred) * time.Second, time.Duration(valid) * time.Second}
		}
	}
}

// Close ends the client without a word to the server, as when the line drops. It tells what the
// client said when that had ended before.
func (c *Client) Close() error {
	err := c.dhclient.End()
	_ = c.pipe.Close()
	c.reading.Wait()
	return err
}

// ready waits until a device has a link-local address that is checked for duplicates: DHCPv6 is
// spoken from there.
func ready(device string) error {
	for range 400 {
		list, err := addresses(device)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(a netlink.Addr) bool { return a.IP.IsLinkLocalUnicast() && a.Flags&unix.IFA_F_TENTATIVE == 0 }) {
			return nil
		}
		<-time.After(50 * time.Millisecond)
	}
	return fmt.Errorf("%s has no link-local address to ask from", device)
}

// network is that of the first IPv6 address of a device of the current namespace which is not
// link-local.
func network(device string) (netip.Prefix, error) {
	list, err := addresses(device)
	for _, a := range list {
		addr, _ := netip.AddrFromSlice(a.IP)
		bits, _ := a.Mask.Size()
		if !addr.IsLinkLocalUnicast() {
			return netip.PrefixFrom(addr, bits).Masked(), nil
		}
	}
	return netip.Prefix{}, fmt.Errorf("%s has no IPv6 address: %w", device, err)
}

func addresses(device string) ([]netlink.Addr, error) {
	l, err := netlink.LinkByName(device)
	if err != nil {
		return nil, err
	}
	return netlink.AddrList(l, netlink.FAMILY_V6)
}
