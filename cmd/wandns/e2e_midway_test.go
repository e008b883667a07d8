// Reloads and stops while a request is under way: its answer is not lost, and no second request
// overtakes it.
package main_test

import (
	"context"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// brake holds the requests of a service until they are released, and sees whether two are
// under way at once.
type brake struct {
	arrived chan double.Request
	release chan struct{}
	now     atomic.Int32
	most    atomic.Int32
}

// hold makes a service hold its requests from now on.
func hold(c *double.Common) *brake {
	b := &brake{arrived: make(chan double.Request, 16), release: make(chan struct{}, 16)}
	c.Pace(func(ctx context.Context, r double.Request) {
		if n := b.now.Add(1); n > b.most.Load() {
			b.most.Store(n)
		}
		b.arrived <- r
		select {
		case <-b.release:
		case <-ctx.Done():
		}
	}, func(context.Context, double.Request) { b.now.Add(-1) })
	return b
}

// next waits for a request to arrive.
func (p *place) next(b *brake) {
	p.t.Helper()
	select {
	case <-b.arrived:
	case <-time.After(patience):
		p.t.Fatal("no request arrives")
	}
}

func TestReload_while_a_request_is_under_way(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	base := debug + site.Accounts()
	home := record("home", "duck", ipv4Only+quick, "home.duckdns.org")
	p.writeConfig(base + home)
	p.renumber("", wan1)
	d := p.start()
	p.awaitRest(d, time.Time{})
	other := strings.Replace(base, "\toption token '"+site.DuckToken, "\toption ca_file '/etc/ssl/certs/ca-certificates.crt'\n\toption token '"+site.DuckToken, 1)
	at := wan1
	for i, c := range []struct {
		name    string
		configs []string // read one after the other while the request is under way
		move    string   // to which the address moves then
		want    int
	}{
		{"nothing-changed", []string{base + home, base + home, base + home}, "", 1},
		{"record-removed", []string{base}, "", 1},
		{"record-removed-and-added", []string{base, base + home}, "", 2},
		{"account-changed", []string{other + home}, "", 2},
		// The answer is the account's after all.
		{"account-changed-to-and-fro", []string{other + home, base + home}, "", 1},
		{"newer-address", nil, "192.88.103.200/24", 2},
	} {
		p.hup(d, base+home)
		p.barrier(d)
		before := p.tally()
		b := hold(&p.DuckDNS.Common)
		to := "192.88." + string(rune('0'+i)) + ".9/24"
		p.renumber(at, to)
		at = to
		p.next(b)
		for _, text := range c.configs {
			p.hup(d, text)
		}
		if c.move != "" {
			seen := len(d.Lines())
			p.renumber(at, c.move)
			at = c.move
			p.line(d, seen, "info address", bare(at))
		}
		for range 8 {
			b.release <- struct{}{}
		}
		p.barrier(d)
		got := p.tally().since(before)
		if got != (tally{duck: c.want}) || b.most.Load() != 1 {
			t.Errorf("%s: requests %+v, want %d at DuckDNS; %d at once", c.name, got, c.want, b.most.Load())
		}
		if held := p.DuckDNS.Records()["home.duckdns.org"][0]; held != bare(at) {
			t.Fatalf("%s: DuckDNS holds %s, want %s", c.name, held, at)
		}
		p.DuckDNS.Pace(nil, nil)
	}
	p.stop(d)
}

func TestStop_while_a_request_is_under_way(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	p.writeConfig(debug + site.Accounts() + record("home", "duck", ipv4Only+quick, "home.duckdns.org"))
	p.renumber("", wan1)
	b := hold(&p.DuckDNS.Common)
	d := p.start()
	p.next(b)
	if err := d.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	b.release <- struct{}{}
	if err := d.Wait(); err != nil {
		t.Fatal(err)
	}
	d = p.start()
	p.awaitRest(d, time.Time{})
	p.stop(d)
	if n := len(p.DuckDNS.Requests()); n != 1 {
		t.Fatalf("%d requests, want the one that was under way when it was stopped", n)
	}
}
