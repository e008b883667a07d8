// Package pid1 is for the programs that are the first and only process of an emulated machine
// (package machine): it brings the machine up and speaks to the host. Nothing comes in but the
// kernel; what Say is given goes out on the console.
package pid1

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/machine"
)

// Device is the machine's network card.
const Device = "eth0"

// Say writes a line that the host looks for.
func Say(format string, args ...any) { fmt.Printf(machine.Mark+format+"\n", args...) }

// Run brings the machine up, does the work, says how that ended and switches the machine off.
func Run(work func() error) {
	var err error
	for _, step := range []func() error{mounts, modules, network, work} {
		if err = step(); err != nil {
			break
		}
	}
	if err != nil {
		Say("failed: %v", err)
	} else {
		Say("done")
	}
	syscall.Sync()
	_ = syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF) // the host ends what goes on after this
	select {}
}

func mounts() error {
	for _, m := range [][2]string{{"proc", "/proc"}, {"sysfs", "/sys"}, {"tmpfs", "/tmp"}, {"tmpfs", "/var/run"}} {
		if err := os.MkdirAll(m[1], 0o755); err != nil {
			return err
		}
		if err := syscall.Mount(m[0], m[1], m[0], 0, ""); err != nil {
			return fmt.Errorf("mounting %s: %w", m[1], err)
		}
	}
	return nil
}

// modules loads the kernel's modules below /modules, in the order of their names.
func modules() error {
	files, err := filepath.Glob("/modules/*.ko")
	sort.Strings(files)
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(f.Fd()), "", 0)
		_ = f.Close()
		if err != nil {
			return fmt.Errorf("loading %s: %w", path, err)
		}
	}
	return err
}

func network() error {
	for _, name := range []string{"lo", Device} {
		l, err := await(name)
		if err != nil {
			return err
		}
		if err := netlink.LinkSetUp(l); err != nil {
			return fmt.Errorf("setting %s up: %w", name, err)
		}
	}
	return Address(machine.GuestSide, netlink.AddrAdd)
}

// await waits for a device: a driver may find it a moment after it was loaded.
func await(name string) (l netlink.Link, err error) {
	for range 100 {
		if l, err = netlink.LinkByName(name); err == nil {
			return l, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil, fmt.Errorf("finding %s: %w", name, err)
}

// Address gives Device an address (netlink.AddrAdd) or takes it away (netlink.AddrDel).
func Address(cidr string, change func(netlink.Link, *netlink.Addr) error) error {
	l, err := netlink.LinkByName(Device)
	if err != nil {
		return err
	}
	if err := change(l, lab.Addr(cidr)); err != nil {
		return fmt.Errorf("changing %s on %s: %w", cidr, Device, err)
	}
	return nil
}

// Shout sends one UDP packet to a port of the host, which tells it the moment better than the
// console does.
func Shout(port int, text string) error {
	c, err := net.Dial("udp", net.JoinHostPort(machine.HostSide, strconv.Itoa(port)))
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write([]byte(text))
	return err
}

// SetClock sets the clock to the host's time at boot.
func SetClock() error {
	now, err := hostTime()
	if err != nil {
		return err
	}
	tv := syscall.NsecToTimeval(now.UnixNano())
	if err := syscall.Settimeofday(&tv); err != nil {
		return fmt.Errorf("setting the clock: %w", err)
	}
	return nil
}

// hostTime is the time of the kernel's command line: now=SECONDS.
func hostTime() (time.Time, error) {
	text, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return time.Time{}, err
	}
	for _, word := range strings.Fields(string(text)) {
		if value, ok := strings.CutPrefix(word, "now="); ok {
			seconds, err := strconv.ParseInt(value, 10, 64)
			return time.Unix(seconds, 0), err
		}
	}
	return time.Time{}, fmt.Errorf("no now= in %q", text)
}

// Monotonic is the kernel's clock that nobody sets.
func Monotonic() (time.Duration, error) {
	var ts unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return time.Duration(ts.Nano()), err
}
