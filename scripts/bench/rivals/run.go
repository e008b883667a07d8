package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// sections are what can be measured by itself, in the order of the results.
var sections = []string{aboutChange, aboutStart, aboutIdle, aboutMemory, aboutSize}

// sizes are the numbers of records that memory is measured with.
var sizes = []int{1, 10, 100, 1000}

// How often the address changes. wandns has a device for each of its records, so that no limit on
// changes of one name is reached. A poller takes a period for each change, so several instances of
// it share them.
const (
	eventChanges = 200
	eventDevices = 20
	instances    = 4
)

// pollChanges are those of each instance: what three minutes hold, and no more than are needed.
func pollChanges(period time.Duration) int {
	return min(int(3*time.Minute/period), eventChanges/instances)
}

// How often the programs are started.
const (
	ownStarts   = 50
	rivalStarts = 10
)

// figures are all outcomes, by the names of the clients that are there.
type figures struct {
	change map[string]outcome // of all instances together
	start  map[string]outcome
	idle   map[string]outcome
	memory map[string]map[int]outcome
	failed map[string]map[int]error // where a client could not do with a number of records
	files  map[string]installed
}

func noFigures() figures {
	return figures{map[string]outcome{}, map[string]outcome{}, map[string]outcome{}, map[string]map[int]outcome{}, map[string]map[int]error{}, map[string]installed{}}
}

// measure measures the sections that are asked for. Where one task disturbs another they run one
// after the other.
func measure(ctx context.Context, o order) (figures, error) {
	f := noFigures()
	for _, section := range []struct {
		name string
		do   func(context.Context, order) error
	}{{aboutStart, f.begin}, {aboutChange, f.follow}, {aboutSize, f.weigh}, {aboutMemory, f.remember}, {aboutIdle, f.watch}} {
		if !slices.Contains(o.sections, section.name) {
			continue
		}
		if err := section.do(ctx, o); err != nil {
			return f, err
		}
	}
	return f, nil
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "rivals: "+format+"\n", args...) }

// begin measures starts.
func (f figures) begin(ctx context.Context, o order) (err error) {
	for _, c := range o.at.has(programs()) {
		n := rivalStarts
		if named(c).period == 0 {
			n = ownStarts
		}
		say("%d starts of %s", n, c)
		if f.start[c], err = perform(ctx, task{About: aboutStart, Client: c, Program: o.at[c], Records: 1, Starts: n}); err != nil {
			return err
		}
	}
	return nil
}

// follow measures changes of the address: one client after the other, until their periods are so
// long that they do next to nothing for most of the time.
func (f figures) follow(ctx context.Context, o order) error {
	var slow []task
	for _, name := range o.at.has(settings()) {
		t := task{About: aboutChange, Client: name, Program: o.at[name], Records: 1, Instances: instances}
		c := named(name)
		if c.period == 0 {
			t.Records, t.Changes, t.Instances = eventDevices, eventChanges, 1
		} else {
			t.Changes = pollChanges(c.period)
		}
		var shared []task
		for t.Instance = range t.Instances {
			shared = append(shared, t)
		}
		if c.period > 10*time.Second {
			slow = append(slow, shared...)
			continue
		}
		say("%d changes of the address, for %s", t.Changes*t.Instances, name)
		if err := f.together(ctx, shared); err != nil {
			return err
		}
	}
	say("changes of the address, for those that look every 30 s or less often")
	return f.together(ctx, slow)
}

// together has changes followed at the same time, and adds them up for each client.
func (f figures) together(ctx context.Context, tasks []task) error {
	outcomes, errs := all(ctx, tasks)
	for i, o := range outcomes {
		sum := f.change[tasks[i].Client]
		sum.FirstByte, sum.Request = append(sum.FirstByte, o.FirstByte...), append(sum.Request, o.Request...)
		sum.Requests += o.Requests
		sum.Handshakes += o.Handshakes
		f.change[tasks[i].Client] = sum
	}
	return errors.Join(errs...)
}

// weigh measures what programs take of a disk.
func (f figures) weigh(ctx context.Context, o order) error {
	say("the files of each")
	for _, c := range o.at.has(programs()) {
		out, err := perform(ctx, task{About: aboutSize, Client: c, Program: o.at[c], Records: 1})
		if err != nil {
			return err
		}
		if f.files[c], err = sizeOf(ctx, out.Files); err != nil {
			return err
		}
	}
	return nil
}

// remember measures memory, with many records by itself: they keep the processors busy. A client that
// cannot do with a number of records is no reason to stop.
func (f figures) remember(ctx context.Context, o order) error {
	for _, c := range o.at.has(images()) {
		f.memory[c], f.failed[c] = map[int]outcome{}, map[int]error{}
	}
	many := len(sizes) - 1
	for _, some := range [][]int{sizes[:many], sizes[many:]} {
		say("memory with up to %d records", some[len(some)-1])
		var tasks []task
		for c := range f.memory {
			for _, n := range some {
				tasks = append(tasks, task{About: aboutMemory, Client: c, Program: o.at[c], Records: n})
			}
		}
		outcomes, errs := all(ctx, tasks)
		for i, t := range tasks {
			f.memory[t.Client][t.Records], f.failed[t.Client][t.Records] = outcomes[i], errs[i]
		}
	}
	return errors.Join(ctx.Err(), f.failed[wandns][1])
}

// watch measures clients that have nothing to do, all at the same time.
func (f figures) watch(ctx context.Context, o order) error {
	say("%v without a change", o.idle)
	var tasks []task
	for _, c := range o.at.has(settings()) {
		tasks = append(tasks, task{About: aboutIdle, Client: c, Program: o.at[c], Records: 1, Watch: o.idle})
	}
	outcomes, errs := all(ctx, tasks)
	for i, out := range outcomes {
		f.idle[tasks[i].Client] = out
	}
	return errors.Join(errs...)
}

// all performs tasks at the same time, and returns what came of each.
func all(ctx context.Context, tasks []task) ([]outcome, []error) {
	outcomes, errs := make([]outcome, len(tasks)), make([]error, len(tasks))
	var wg sync.WaitGroup
	for i, t := range tasks {
		wg.Add(1)
		go func() {
			defer wg.Done()
			outcomes[i], errs[i] = perform(ctx, t)
		}()
	}
	wg.Wait()
	return outcomes, errs
}
