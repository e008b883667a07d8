// The program is killed in the middle of everything, and always goes on from what is true.
package main_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/pkg/publish"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

const (
	kills     = 200
	perBatch  = 8                      // kills before the dust is let settle; an hour's 20 updates of a name are not reached
	killAfter = 250 * time.Millisecond // at the latest: a round of updates is over by then
)

// dice are seeded random numbers for several goroutines.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func (d *dice) upTo(most time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Duration(d.r.Int64N(int64(most) + 1))
}

// pause waits, or until the client leaves.
func (d *dice) pause(ctx context.Context, _ double.Request) {
	select {
	case <-time.After(d.upTo(8 * time.Millisecond)):
	case <-ctx.Done():
	}
}

func TestKill_at_any_moment_loses_nothing(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := &dice{r: rand.New(rand.NewPCG(seed, 1))}
	var names []string
	for batch := range kills / perBatch {
		for n := range 2 {
			names = append(names, fmt.Sprintf("home%d-%d.duckdns.org", batch, n))
		}
	}
	p := newPlaceWith(t, names...)
	p.Cloudflare.Pace(random.pause, random.pause)
	p.DuckDNS.Pace(random.pause, random.pause)
	line := &wanLine{p: p, dice: random, at: wan1}
	p.renumber("", line.at)
	requests := 0
	var d *site.Process
	for batch := range kills / perBatch {
		duck := names[2*batch : 2*batch+2]
		cf := []string{fmt.Sprintf("home%d-0.example.org", batch), fmt.Sprintf("home%d-1.example.org", batch)}
		p.writeConfig(debug + site.Accounts() + record("ducks", "duck", ipv4Only+quick, duck...) + record("clouds", "cf", ipv4Only+quick, cf...))
		for range perBatch {
			p.killOnce(line)
		}
		d = p.start()
		line.settle(d)
		for _, name := range duck {
			if got := p.DuckDNS.Records()[name][0]; got != bare(line.at) {
				t.Fatalf("batch %d: DuckDNS holds %s for %s, want %s", batch, got, name, line.at)
			}
		}
		for _, name := range cf {
			p.holds(p.Cloudflare.Holds(name, "A"), bare(line.at))
		}
		p.must(d.Signal(syscall.SIGKILL))
		_ = d.Wait() // killed
		p.unharmed(d)
		requests += len(p.Cloudflare.Requests()) + len(p.DuckDNS.Requests())
		p.Cloudflare.Forget()
		p.DuckDNS.Forget()
	}
	t.Logf("%d requests", requests)
	d = p.start()
	p.awaitRest(d, time.Time{})
	p.stop(d)
	before := p.tally()
	d = p.start()
	p.awaitRest(d, time.Time{})
	p.stop(d)
	if got := p.tally().since(before); got != (tally{}) {
		t.Fatalf("all was settled, and a restart made requests: %+v", got)
	}
	p.unharmed(d)
	if left, err := filepath.Glob(filepath.Join(p.RunDir, ".new-*")); err != nil || len(left) > 0 {
		t.Fatalf("half-written files are left: %v, %v", left, err)
	}
}

// wanLine is a WAN whose address the ISP changes.
type wanLine struct {
	p    *place
	dice *dice
	at   string
}

// move gives the WAN another address, one of a handful, or takes its own away and gives it back.
func (l *wanLine) move() {
	l.p.t.Helper()
	to := fmt.Sprintf("192.88.%d.2/24", 100+l.dice.upTo(3))
	if to == l.at {
		l.p.renumber(l.at, "")
		l.p.renumber("", l.at)
		return
	}
	l.p.renumber(l.at, to)
	l.at = to
}

// settle moves the WAN to another address under a running daemon and waits until it is known
// and the daemon says that every name holds it.
func (l *wanLine) settle(d *site.Process) {
	l.p.t.Helper()
	l.p.line(d, 0, "info address")
	for was := l.at; l.at == was; {
		l.move()
	}
	var s daemon.Status
	l.p.eventually("all names hold the new address", func() bool {
		var err error
		s, _, err = daemon.ReadStatus(l.p.RunDir)
		return err == nil && s.PID == d.PID() && rest(s, []publish.State{publish.Current}) && wants(s, bare(l.at))
	})
}

// wants says that a status wants an address for every name.
func wants(s daemon.Status, addr string) bool {
	for _, r := range s.Records {
		for _, n := range r.Names {
			if len(n.Wanted) != 1 || n.Wanted[0].String() != addr {
				return false
			}
		}
	}
	return len(s.Records) > 0
}

// killOnce starts the program, moves the address at some moment, and kills at another.
func (p *place) killOnce(line *wanLine) {
	p.t.Helper()
	d, err := p.StartPowerless(os.Getenv(programEnv), "run")
	p.must(err)
	moves, ends := time.After(line.dice.upTo(killAfter)), time.After(line.dice.upTo(killAfter))
	for {
		select {
		case <-moves:
			line.move()
		case <-ends:
			p.must(d.Signal(syscall.SIGKILL))
			_ = d.Wait() // killed
			p.unharmed(d)
			return
		}
	}
}

// unharmed says that nothing that the daemon found on its disk was broken.
func (p *place) unharmed(d *site.Process) {
	p.t.Helper()
	for _, dir := range []string{p.RunDir, p.HoldDir} {
		bad, err := filepath.Glob(filepath.Join(dir, "*.bad"))
		if err != nil || len(bad) > 0 {
			p.t.Fatalf("files that could not be read were set aside: %v, %v", bad, err)
		}
	}
	for _, l := range d.Lines() {
		for _, sign := range []string{"set aside", "could not be", "DATA RACE", "panic:", "fatal error:", "error "} {
			if strings.Contains(l, sign) && !strings.Contains(l, "not published") {
				p.t.Fatalf("the daemon wrote %q", l)
			}
		}
	}
}
