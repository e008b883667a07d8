package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"time"
)

// What a task may be about.
const (
	aboutChange = "change" // of the address, and when the service hears of it
	aboutIdle   = "idle"   // what the client does when nothing changes
	aboutMemory = "memory" // of the client at rest
	aboutSize   = "size"   // the files that the client cannot run without
	aboutStart  = "start"  // of the program, and when it is ready
)

// task is a measurement of a client in a network of its own.
type task struct {
	About, Client string
	Program       string // its path
	Dir           string // for its files
	Records       int
	Changes       int // of the address
	Starts        int // of the program
	// Instance is the number of this one among the Instances that share the moments of a period at
	// which the address changes.
	Instance, Instances int
	Watch               time.Duration // of the idle client
}

// outcome is what a task measured. Times are in seconds, memory is in KiB.
type outcome struct {
	FirstByte, Request   []float64 // after each change or start
	Ready                []float64 // after each start
	Requests, Handshakes int       // while idle, or for all changes
	CPU                  float64   // while idle
	WakeUps, Switches    int       // while idle
	Memory               memory
	Files                []string
}

// firstPatience is how long a client may take to publish all records when it starts.
const firstPatience = 2 * time.Minute

// rest is how long a client is left alone before changes begin, or its idling is watched.
const rest = 6 * time.Second

func (t task) do(ctx context.Context) (o outcome, err error) {
	entries := records(t.Records)
	c := named(t.Client)
	if t.About == aboutChange && c.period == 0 {
		entries = devices(t.Records)
	}
	p, err := newPlace(t.Dir, entries)
	if err != nil {
		return o, err
	}
	if t.About == aboutStart {
		o, err = t.starts(ctx, p)
	} else {
		o, err = t.atWork(ctx, p)
	}
	err = errors.Join(err, p.front.Close())
	// A rival may be less strict than the double, and is not here to be judged for it.
	if said := p.front.Complaints(); c.period == 0 && len(said) > 0 {
		err = errors.Join(err, fmt.Errorf("the service complains: %s", strings.Join(said, "; ")))
	}
	return o, err
}

// atWork measures a client that has published all records.
func (t task) atWork(ctx context.Context, p *place) (o outcome, err error) {
	var env []string
	if t.About == aboutSize {
		if env, err = tellModules(t.Dir); err != nil {
			return o, err
		}
	}
	if _, err := p.start(named(t.Client), t.Program, env...); err != nil {
		return o, err
	}
	first, cancel := context.WithTimeout(ctx, firstPatience)
	defer cancel()
	if err := p.await(first); err != nil {
		return o, err
	}
	switch pid := p.client.Process.Pid; t.About {
	case aboutChange:
		o, err = t.change(ctx, p)
	case aboutIdle:
		o, err = t.idle(ctx, p)
	case aboutMemory:
		o.Memory, err = atRest(ctx, pid)
	case aboutSize:
		o.Files, err = mappedBy(pid)
	}
	err = errors.Join(err, p.stop())
	if t.About == aboutSize && t.Client == ddclient && err == nil {
		var more []string
		more, err = modules(t.Dir)
		o.Files = append(append(o.Files, more...), t.Program)
	}
	return o, err
}

// change changes the address and takes the time until the service hears of it.
func (t task) change(ctx context.Context, p *place) (o outcome, err error) {
	if err := pause(ctx, rest); err != nil { // wandns has published, and is at rest
		return o, err
	}
	period := named(t.Client).period
	if period != 0 {
		// A poller looks in periods, which its last request shows: one that is made to tell it.
		if _, err := p.change(p.entries[0].device); err != nil {
			return o, err
		}
		if err := p.awaitFor(ctx, 2*period+time.Minute); err != nil {
			return o, err
		}
	}
	handshakes, asked := p.front.Handshakes(), len(p.requests())
	for n := range t.Changes {
		at := time.Now()
		if period != 0 {
			all := p.requests()
			at = all[len(all)-1].At
		}
		if err := pause(ctx, time.Until(at.Add(t.moment(n)))); err != nil {
			return o, err
		}
		before := len(p.requests())
		began, err := p.change(p.entries[n%len(p.entries)].device)
		if err != nil {
			return o, err
		}
		if err := p.awaitFor(ctx, 2*period+time.Minute); err != nil {
			return o, fmt.Errorf("change %d: %w", n+1, err)
		}
		first := p.requests()[before]
		heard, err := p.heard(first, began)
		if err != nil {
			return o, fmt.Errorf("change %d: %w", n+1, err)
		}
		o.FirstByte = append(o.FirstByte, heard.Sub(began).Seconds())
		o.Request = append(o.Request, first.At.Sub(began).Seconds())
	}
	err = pause(ctx, time.Second) // for what a client may ask after an update
	o.Requests, o.Handshakes = len(p.requests())-asked, p.front.Handshakes()-handshakes
	return o, err
}

// awaitFor is await with an end.
func (p *place) awaitFor(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return p.await(ctx)
}

// moment is how long after the last request the address changes. A poller's moments lie evenly in
// its period, over all instances: as if changes came at any time, with fewer of them needed.
// The others' are random, within 0.1 s.
func (t task) moment(n int) time.Duration {
	period := named(t.Client).period
	if period == 0 {
		return rand.N(100 * time.Millisecond)
	}
	all := t.Changes * t.Instances
	at := n*t.Instances + t.Instance
	return period * time.Duration(2*at+1) / time.Duration(2*all)
}

// atRest is the memory of a client once it has been the same for a while, which is longer than wandns
// waits before it gives back what it needs no more; or what it is after a minute.
func atRest(ctx context.Context, pid int) (m memory, err error) {
	const still, patience = 12, 60 // seconds
	for same, waited := 0, 0; same < still && waited < patience; waited++ {
		if err := pause(ctx, time.Second); err != nil {
			return m, err
		}
		now, err := memoryOf(pid)
		if err != nil {
			return m, err
		}
		if same++; now != m {
			same = 0
		}
		m = now
	}
	return m, nil
}

// glance is how often an idle client is looked at: what it does within that is one wake-up.
const glance = 100 * time.Millisecond

// idle watches the client while nothing changes.
func (t task) idle(ctx context.Context, p *place) (o outcome, err error) {
	if err := pause(ctx, rest); err != nil {
		return o, err
	}
	pid := p.client.Process.Pid
	first, err := activityOf(pid)
	if err != nil {
		return o, err
	}
	requests, last := len(p.requests()), first
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for end := time.Now().Add(t.Watch); time.Now().Before(end); {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return o, ctx.Err()
		}
		now, err := activityOf(pid)
		if err != nil {
			return o, err
		}
		if now.switches != last.switches {
			o.WakeUps++
		}
		last = now
	}
	o.CPU, o.Switches = (last.cpu - first.cpu).Seconds(), last.switches-first.switches
	o.Requests = len(p.requests()) - requests
	return o, p.client.Process.Signal(syscall.Signal(0)) // it is still there
}

// pause waits.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
