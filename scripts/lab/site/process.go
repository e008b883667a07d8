package site

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Process is a running wandns and what it wrote.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error

	mu      sync.Mutex
	log     []string
	changed chan struct{} // closed and replaced at each line
}

// Start runs a program with the site's options after its own. It dies with its parent.
func (s *Site) Start(program string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(program, append(args, s.Args()...)...), done: make(chan struct{}), changed: make(chan struct{})}
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "GORACE=halt_on_error=1 atexit_sleep_ms=10"}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdout, p.cmd.Stderr = w, w
	err = p.cmd.Start()
	_ = w.Close() // the child has its own
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	go p.read(r)
	return p, nil
}

// powerless runs a program as procd runs the daemon, with no capability and no way to get one:
// root in a test's user namespace has them all.
var powerless = []string{
	"setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--securebits=+noroot,+noroot_locked", "--no-new-privs", "--",
}

// StartPowerless is Start for a program that may do nothing that another user may not.
func (s *Site) StartPowerless(program string, args ...string) (*Process, error) {
	command := slices.Concat(powerless, []string{program}, args)
	return s.Start(command[0], command[1:]...)
}

func (p *Process) read(r io.ReadCloser) {
	defer r.Close()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p.mu.Lock()
		p.log = append(p.log, lines.Text())
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
	}
	p.err = p.cmd.Wait()
	close(p.done)
}

// Lines are what it wrote so far.
func (p *Process) Lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.log...)
}

// AwaitLine waits for a line that holds all the parts, after the first skip lines, and returns
// how many lines there were up to it.
func (p *Process) AwaitLine(ctx context.Context, skip int, parts ...string) (int, error) {
	for {
		p.mu.Lock()
		lines, changed := p.log, p.changed
		p.mu.Unlock()
		for i := min(skip, len(lines)); i < len(lines); i++ {
			if holds(lines[i], parts) {
				return i + 1, nil
			}
		}
		select {
		case <-changed:
		case <-p.done:
			return 0, fmt.Errorf("it ended (%v) without a line of %q:\n%s", p.err, parts, strings.Join(lines, "\n"))
		case <-ctx.Done():
			return 0, fmt.Errorf("no line of %q: %w\n%s", parts, ctx.Err(), strings.Join(lines, "\n"))
		}
	}
}

func holds(line string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(line, part) {
			return false
		}
	}
	return true
}

// PID is its process number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Wait waits for its end and returns how it ended: nil for exit status 0.
func (p *Process) Wait() error {
	<-p.done
	return p.err
}

// Stop ends it with a signal and waits.
func (p *Process) Stop(s os.Signal) error {
	if err := p.Signal(s); err != nil {
		return err
	}
	return p.Wait()
}
