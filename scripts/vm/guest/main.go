// Guest is the first and only process (PID 1) of an emulated router: it starts wandns with a
// clock that is not set, sets the clock, changes the WAN's address, and says on the console
// what it saw. The host, scripts/vm, reads that and knows what reached the services.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/scripts/lab"
)

// say writes a line that the host looks for.
func say(format string, args ...any) { fmt.Printf("VM "+format+"\n", args...) }

func main() {
	if err := work(); err != nil {
		say("failed: %v", err)
	} else {
		say("done")
	}
	syscall.Sync()
	_ = syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF) // the host ends what goes on after this
	select {}
}

func work() error {
	for _, step := range []func() error{mounts, modules, network} {
		if err := step(); err != nil {
			return err
		}
	}
	return watch()
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

// The emulator's own network: it sends what goes to hostSide to the host's 127.0.0.1.
const (
	device    = "eth0"
	guestSide = "10.0.2.15/24"
	hostSide  = "10.0.2.2"
	firstWAN  = "192.88.99.1/32"
	secondWAN = "192.88.99.2/32"
)

func network() error {
	for _, name := range []string{"lo", device} {
		l, err := netlink.LinkByName(name)
		if err != nil {
			return fmt.Errorf("finding %s: %w", name, err)
		}
		if err := netlink.LinkSetUp(l); err != nil {
			return fmt.Errorf("setting %s up: %w", name, err)
		}
	}
	return address(guestSide, netlink.AddrAdd)
}

func address(cidr string, change func(netlink.Link, *netlink.Addr) error) error {
	l, err := netlink.LinkByName(device)
	if err != nil {
		return err
	}
	if err := change(l, lab.Addr(cidr)); err != nil {
		return fmt.Errorf("changing %s on %s: %w", cidr, device, err)
	}
	return nil
}

// patience is for an emulated processor on a busy host.
const patience = time.Minute

// wandns is the program and its log.
type wandns struct {
	cmd   *exec.Cmd
	lines chan string
}

func start() (*wandns, error) {
	w := &wandns{cmd: exec.Command("/wandns", "run"), lines: make(chan string, 1000)}
	log, err := w.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting wandns: %w", err)
	}
	go func() {
		defer close(w.lines)
		for s := bufio.NewScanner(log); s.Scan(); {
			fmt.Println("wandns:", s.Text())
			w.lines <- s.Text()
		}
	}()
	return w, nil
}

// await waits for a line that holds both parts.
func (w *wandns) await(a, b string) error {
	end := time.After(patience)
	for {
		select {
		case line, more := <-w.lines:
			if !more {
				return fmt.Errorf("wandns ended, waiting for %q", a)
			}
			if strings.Contains(line, a) && strings.Contains(line, b) {
				return nil
			}
		case <-end:
			return fmt.Errorf("no line of %q and %q in %v", a, b, patience)
		}
	}
}

func watch() error {
	say("the clock shows %s", time.Now().UTC().Format(time.DateTime))
	if err := address(firstWAN, netlink.AddrAdd); err != nil {
		return err
	}
	w, err := start()
	if err != nil {
		return err
	}
	for _, parts := range [][2]string{{"waiting for the clock", ""}, {"info address", ""}} {
		if err := w.await(parts[0], parts[1]); err != nil {
			return err
		}
	}
	host, err := hostTime()
	if err != nil {
		return err
	}
	say("sets the clock") // the host counts what was asked of it so far
	began, err := monotonic()
	if err != nil {
		return err
	}
	tv := syscall.NsecToTimeval(host.UnixNano())
	if err := syscall.Settimeofday(&tv); err != nil {
		return fmt.Errorf("setting the clock: %w", err)
	}
	if err := w.since(began, "the-clock-is-set", "the clock is set", ""); err != nil {
		return err
	}
	if err := w.since(began, "published-after-the-clock", "published", "192.88.99.1"); err != nil {
		return err
	}
	if began, err = monotonic(); err != nil {
		return err
	}
	if err := address(secondWAN, netlink.AddrAdd); err != nil {
		return err
	}
	if err := address(firstWAN, netlink.AddrDel); err != nil {
		return err
	}
	if err := w.since(began, "published-after-the-address", "published", "192.88.99.2"); err != nil {
		return err
	}
	memory(w.cmd.Process.Pid)
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := w.await("stopped", ""); err != nil {
		return err
	}
	return w.cmd.Wait()
}

// since says after how many milliseconds a line came.
func (w *wandns) since(began time.Duration, what, a, b string) error {
	if err := w.await(a, b); err != nil {
		return err
	}
	now, err := monotonic()
	if err != nil {
		return err
	}
	say("%s ms=%d", what, (now - began).Milliseconds())
	return nil
}

// monotonic is the kernel's clock that nobody sets.
func monotonic() (time.Duration, error) {
	var ts unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return time.Duration(ts.Nano()), err
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

// memory says what the kernel counts for a process.
func memory(pid int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // nothing to say then
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "VmRSS") || strings.HasPrefix(line, "RssAnon") {
			say("memory %s", strings.Join(strings.Fields(line), " "))
		}
	}
}
