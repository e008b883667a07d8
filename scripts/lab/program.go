package lab

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// Program is a server or client of somebody else that runs until it is ended. What it writes is kept
// for the case that it ends before that.
type Program struct {
	cmd   *exec.Cmd
	said  bytes.Buffer
	ended chan struct{}
}

// Start starts a program in the current namespaces. Commands of the administrator are found for
// other people as well. It dies with its parent.
func Start(name string, args ...string) (*Program, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		path = "/usr/sbin/" + name
	}
	p := &Program{cmd: exec.Command(path, args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is told by its state
		close(p.ended)
	}()
	return p, nil
}

// Signal sends a signal.
func (p *Program) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Ended is closed when the program has ended.
func (p *Program) Ended() <-chan struct{} { return p.ended }

// End kills the program. It fails when that has ended by itself before, and tells what it wrote.
func (p *Program) End() error {
	select {
	case <-p.ended:
		return fmt.Errorf("%s ended by itself (%v):\n%s", p.cmd.Path, p.cmd.ProcessState, p.said.String())
	default:
	}
	_ = p.cmd.Process.Kill() // it may end this very moment
	<-p.ended
	return nil
}
