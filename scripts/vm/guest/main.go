// Guest is the first and only process (PID 1) of an emulated router: it starts wandns with a
// clock that is not set, sets the clock, changes the WAN's address, and says on the console
// what it saw. The host, scripts/vm, reads that and knows what reached the services.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab/machine/pid1"
	"github.com/wandns/wandns/scripts/vm/plan"
)

func main() { pid1.Run(work) }

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
			w.lines <- s.Text()
			fmt.Println("wandns:", s.Text())
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

func work() error {
	pid1.Say("the clock shows %s", time.Now().UTC().Format(time.DateTime))
	if err := pid1.Address(plan.WAN(0)+"/32", netlink.AddrAdd); err != nil {
		return err
	}
	if err := versions(); err != nil {
		return err
	}
	began, err := pid1.Monotonic()
	if err != nil {
		return err
	}
	w, err := start()
	if err != nil {
		return err
	}
	if err := w.await("waiting for the clock", ""); err != nil {
		return err
	}
	if err := w.since(began, plan.Ready, "info address", plan.WAN(0)); err != nil {
		return err
	}
	pid1.Say("sets the clock") // the host counts what was asked of it so far
	if began, err = pid1.Monotonic(); err != nil {
		return err
	}
	if err := pid1.SetClock(); err != nil {
		return err
	}
	if err := w.since(began, plan.ClockSeen, "the clock is set", ""); err != nil {
		return err
	}
	if err := w.since(began, plan.Published, "published", plan.WAN(0)); err != nil {
		return err
	}
	for i := range plan.Changes {
		if err := w.change(plan.WAN(i), plan.WAN(i+1)); err != nil {
			return err
		}
	}
	time.Sleep(plan.Rest)
	memory(w.cmd.Process.Pid)
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := w.await("stopped", ""); err != nil {
		return err
	}
	return w.cmd.Wait()
}

// versions runs the program to its end some times, which is what starting it costs.
func versions() error {
	for range 5 {
		began, err := pid1.Monotonic()
		if err != nil {
			return err
		}
		if err := exec.Command("/wandns", "version").Run(); err != nil {
			return fmt.Errorf("wandns version: %w", err)
		}
		now, err := pid1.Monotonic()
		if err != nil {
			return err
		}
		pid1.Say("%s ms=%d", plan.Started, (now - began).Milliseconds())
	}
	return nil
}

// change replaces the WAN's address, and waits until that is published.
func (w *wandns) change(from, to string) error {
	began, err := pid1.Monotonic()
	if err != nil {
		return err
	}
	if err := pid1.Shout(plan.Port, to); err != nil {
		return err
	}
	if err := pid1.Address(to+"/32", netlink.AddrAdd); err != nil {
		return err
	}
	if err := pid1.Address(from+"/32", netlink.AddrDel); err != nil {
		return err
	}
	return w.since(began, plan.Changed, "published", to)
}

// since says after how many milliseconds a line came.
func (w *wandns) since(began time.Duration, what, a, b string) error {
	if err := w.await(a, b); err != nil {
		return err
	}
	now, err := pid1.Monotonic()
	if err != nil {
		return err
	}
	pid1.Say("%s ms=%d", what, (now - began).Milliseconds())
	return nil
}

// memory says what the kernel counts for a process.
func memory(pid int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // nothing to say then
	for _, line := range strings.Split(string(text), "\n") {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "VmHWM", "VmRSS", "RssAnon":
			pid1.Say("%s kB=%s", name, strings.Fields(value)[0])
		}
	}
}
