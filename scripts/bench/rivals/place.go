package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// place is a network with devices, services on loopback, and a client that keeps entries there.
type place struct {
	dir      string
	entries  []entry
	services map[string]*double.Dyndns2
	front    *double.Front
	watch    *lab.Stopwatch
	has      map[string]string // the address of each device, with its length
	changes  int
	bus      string // the socket of ubus, for wandns
	client   *exec.Cmd
	log      *journal
}

// ddnsGoWaitsFor is a name that ddns-go wants to be known before it begins. It sends nothing there.
const ddnsGoWaitsFor = "alidns.aliyuncs.com"

// newPlace makes the network and its services; the client trusts the authorities of the system, of
// which the lab's is one. Its files are below dir.
func newPlace(dir string, entries []entry) (*place, error) {
	ca, err := lab.NewCA()
	if err != nil {
		return nil, err
	}
	p := &place{dir: dir, entries: entries, services: map[string]*double.Dyndns2{}, has: map[string]string{}, bus: "none"}
	var behind []double.Service
	for _, s := range servers(entries) {
		p.services[s] = double.NewDyn(s, user, password, hostnames(entries, s)...)
		behind = append(behind, p.services[s])
	}
	p.front = double.NewFront(ca, behind...)
	l, err := net.Listen("tcp", "127.0.0.1:443")
	if err != nil {
		return nil, err
	}
	p.watch = lab.NewStopwatch(l)
	p.front.Serve(p.watch)
	system, err := os.ReadFile(bundle)
	if err != nil {
		return nil, err
	}
	hosts := p.front.HostsFile("127.0.0.1") + "127.0.0.1 " + ddnsGoWaitsFor + "\n"
	if err := errors.Join(lab.ReplaceFile("/etc/hosts", hosts), lab.ReplaceFile(bundle, string(system)+string(ca.Bundle()))); err != nil {
		return nil, err
	}
	for i, e := range entries {
		if p.has[e.device] != "" {
			continue
		}
		if _, err := lab.Veth(e.device, fmt.Sprintf("isp%d", i)); err != nil {
			return nil, err
		}
		if _, err := p.change(e.device); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// change gives a device another address, and says when the kernel was asked for it.
func (p *place) change(device string) (began time.Time, err error) {
	next := fmt.Sprintf("192.88.%d.%d/32", 100+p.changes/250, 1+p.changes%250)
	p.changes++
	began = time.Now()
	if err := site.Renumber(device, p.has[device], next); err != nil {
		return began, err
	}
	p.has[device] = next
	return began, nil
}

// start starts a client that knows nothing of earlier ones, and says when. It dies with this process.
func (p *place) start(c client, program string, env ...string) (began time.Time, err error) {
	state, err := os.MkdirTemp(p.dir, "state")
	if err != nil {
		return began, err
	}
	config := filepath.Join(p.dir, "configuration")
	if err := os.WriteFile(config, []byte(c.configuration(p.entries, c.period)), 0o600); err != nil {
		return began, err
	}
	words := c.command(program, config, state, c.period)
	if c.period == 0 {
		words = append(words, "--ubus", p.bus)
	}
	p.client = exec.Command(words[0], words[1:]...)
	p.client.Env = append(env, "PATH="+os.Getenv("PATH"))
	p.client.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	pipe, err := p.client.StdoutPipe()
	if err != nil {
		return began, err
	}
	p.client.Stderr = p.client.Stdout
	began = time.Now()
	if err := p.client.Start(); err != nil {
		return began, err
	}
	p.log = keep(bufio.NewScanner(pipe))
	return began, nil
}

// stop ends the client and waits. How it ended is its own affair.
func (p *place) stop() error {
	if err := p.client.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-p.log.ended // by whom the pipe is read, before Wait closes it
	_ = p.client.Wait()
	return nil
}

// right says that a service has the address that its hostname's device has.
func (p *place) right(e entry) bool {
	want := netip.MustParsePrefix(p.has[e.device]).Addr()
	a, _ := p.services[e.server].Holds(e.hostname)
	return a == want
}

// await waits until all services are right.
func (p *place) await(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		wrong := slices.IndexFunc(p.entries, func(e entry) bool { return !p.right(e) })
		if wrong < 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s is not right: %w\n%.2000s", p.entries[wrong].hostname, ctx.Err(), p.log.text())
		}
	}
}

// requests are those at all services, in order.
func (p *place) requests() (all []double.Request) {
	for _, s := range p.services {
		all = append(all, s.Requests()...)
	}
	slices.SortFunc(all, func(a, b double.Request) int { return a.At.Compare(b.At) })
	return all
}

// heard is when the first byte of a request came, after a moment.
func (p *place) heard(r double.Request, after time.Time) (time.Time, error) {
	at, ok := p.watch.First(r.Remote, after)
	if !ok {
		return at, fmt.Errorf("nothing came from %s", r.Remote)
	}
	return at, nil
}

// journal is what a client wrote, and when.
type journal struct {
	ended chan struct{}
	mu    sync.Mutex
	lines []line
}

type line struct {
	at   time.Time
	text string
}

// keep reads lines until they end.
func keep(from *bufio.Scanner) *journal {
	j := &journal{ended: make(chan struct{})}
	go func() {
		defer close(j.ended)
		for from.Scan() {
			at := time.Now()
			j.mu.Lock()
			j.lines = append(j.lines, line{at, from.Text()})
			j.mu.Unlock()
		}
	}()
	return j
}

// wrote is when the first line came that begins with some words.
func (j *journal) wrote(words string) (at time.Time, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := slices.IndexFunc(j.lines, func(l line) bool { return strings.HasPrefix(l.text, words) })
	if i < 0 {
		return at, false
	}
	return j.lines[i].at, true
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var b strings.Builder
	for _, l := range j.lines {
		b.WriteString(l.text + "\n")
	}
	return b.String()
}
