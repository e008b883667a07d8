// Package machine boots an emulated router-class machine: a kernel, a file system in RAM and one
// program as its first process, in QEMU. Comes in: what the machine is made of. Goes out: each
// line that its first process says on the console.
//
// The machine's network is QEMU's own: 10.0.2.2 there is this machine's loopback, or that of the
// namespace which Boot is called in.
package machine

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Mark begins the lines that a machine's first process means for the host.
const Mark = "VM "

// HostSide is the host's loopback, as the machine sees it; GuestSide its own address.
const (
	HostSide  = "10.0.2.2"
	GuestSide = "10.0.2.15/24"
)

// boards are the machines that there are. Neither starts with the right time: the clock of most
// routers is not set at boot.
var boards = map[string]struct {
	console string
	args    []string
}{
	// A MIPS 24Kc, little endian, without FPU: as in the cheapest routers of the last ten years.
	"mips": {"ttyS0", []string{"-M", "malta", "-cpu", "24Kc", "-vga", "none", "-netdev", "user,id=n0", "-device", "pcnet,netdev=n0,romfile="}},
	// An ARMv7 Cortex-A7, one core.
	"arm": {"ttyAMA0", []string{"-M", "virt", "-cpu", "cortex-a7", "-netdev", "user,id=n0", "-device", "virtio-net-device,netdev=n0"}},
}

// Boards are the names of the machines that Board may be.
func Boards() []string { return []string{"mips", "arm"} }

// Machine is what a machine is made of.
type Machine struct {
	Board    string            // of Boards
	QEMU     string            // the emulator's program
	Kernel   string            // its image
	Modules  []string          // kernel modules, put into /modules in this order
	Init     string            // the first process: a static program
	Programs map[string]string // path in the machine, without the first slash, to a file here
	Files    map[string][]byte // the same, to a text
	Counted  bool              // the machine's clock counts instructions; five times as slow
}

// PerInstruction is what one instruction takes on the clock of a Counted machine, caches and
// waiting left out (QEMU's -icount): good for comparing, not for telling the time of a router.
const PerInstruction = 2 * time.Nanosecond

// Boot runs the machine with 64 MB of RAM until ctx ends or hear returns false. It hears every
// line of the console. The emulator's exit status means nothing, so there is none.
func (m *Machine) Boot(ctx context.Context, hear func(line string) (more bool)) error {
	board, ok := boards[m.Board]
	if !ok {
		return fmt.Errorf("no board %q; there are: %s", m.Board, strings.Join(Boards(), ", "))
	}
	dir, err := os.MkdirTemp("", "wandns-vm")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	image := filepath.Join(dir, "initrd")
	if err := m.initrd(image); err != nil {
		return fmt.Errorf("making the machine's files: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rtc := "base=2000-01-01T00:00:00"
	var counted []string
	if m.Counted { // without clock=vm the kernel calibrates one clock by another, and gets it wrong
		rtc, counted = rtc+",clock=vm", []string{"-icount", "shift=1"}
	}
	args := append(append(counted, board.args...), "-m", "64", "-nographic", "-no-reboot", "-kernel", m.Kernel, "-initrd", image,
		"-rtc", rtc, "-append", "console="+board.console+" quiet panic=-1 now="+strconv.FormatInt(time.Now().Unix(), 10))
	cmd := exec.CommandContext(ctx, m.QEMU, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	for s := bufio.NewScanner(out); s.Scan(); {
		if !hear(strings.TrimRight(s.Text(), "\r")) {
			cancel() // what the machine does to switch itself off is of no interest
		}
	}
	_ = cmd.Wait()
	return nil
}
