package daemon

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/lease"
	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/pkg/wholefile"
)

// Door is what the daemon tells the way out to the Internet.
type Door interface {
	// AddressesLost ends what leaves from an address that is not alive any more.
	AddressesLost(alive func(netip.Addr) bool)
	// Release lets go of everything that is kept between requests which follow each other.
	Release()
}

// Options are what a Daemon needs.
type Options struct {
	ConfigPath string
	ConfigName string // the file that people edit, of which ConfigPath is a copy; the same where it is none
	RunDir     string // made when it is not there
	HoldDir    string // for bans; made when it is not there
	Version    string
	Built      time.Time // a clock that shows less is not set
	Log        *Logger
	Lookup     config.Lookup
	Services   func() ([]*provider.Info, error) // all that there are; with the error, those that can be used
	Resolver   publish.Resolver
	Door       Door
	Bus        *ubus.Client    // the place on ubus, not yet running; nil: there is none
	Reload     <-chan struct{} // read the configuration again
	Wishes     <-chan struct{} // somebody left a wish in the run directory
}

// Daemon is wandns at work. Make one with New, give it a goroutine with Run.
type Daemon struct {
	o       Options
	pid     int
	started time.Time
	pub     *publish.Publisher
	watch   *netwatch.Watcher
	dirty   chan struct{} // of size 1: the publisher's status may have changed

	// What follows belongs to the loop.
	cfg       *config.Config
	cfgError  string
	services  map[string]opened
	choices   map[part]choice
	snap      netwatch.Snapshot
	haveSnap  bool
	decisions map[part][]publish.Event
	blocked   string
	code      program
	statusOut *statusWriter
	deletion  *time.Timer // fires when time alone changes what is wanted
	outside   outside
	leases    *lease.Leases
	leased    chan struct{} // of size 1: the leases may have changed
	seeking   bool          // neighbours
	netifdDue *time.Timer   // fires when netifd has had its time to answer
	patient   bool          // netifd may yet answer for the first time

	bus        bus
	changes    atomic.Uint64 // counts markDirty
	statusText []byte        // the status as JSON, of statusOf changes
	statusOf   uint64
}

// opened is an account that is ready, and what it was opened with.
type opened struct {
	fingerprint string
	service     *provider.Service
}

// New makes a Daemon.
func New(o Options) *Daemon {
	d := &Daemon{
		o: o, pid: os.Getpid(), started: time.Now(), dirty: make(chan struct{}, 1),
		cfg: &config.Config{}, services: map[string]opened{}, choices: map[part]choice{},
		decisions: map[part][]publish.Event{}, statusOut: newStatusWriter(), outside: newOutside(),
		deletion: time.NewTimer(time.Hour), netifdDue: time.NewTimer(netifdTimeout), patient: o.Bus != nil,
	}
	d.deletion.Stop()
	d.join(o.Bus)
	d.leased = make(chan struct{}, 1)
	d.leases = lease.New(o.Bus, func() { poke(d.leased) })
	d.watch = netwatch.New(netwatch.Config{Notice: d.notice})
	return d
}

// Run works until ctx is done. It fails only when it cannot begin: ErrRunning, or a run
// directory that cannot be used.
func (d *Daemon) Run(ctx context.Context) error {
	return d.work(ctx, func(ctx context.Context, clock <-chan error) {
		d.o.Log.Log(Info, "started", "version", d.o.Version, "config", d.o.ConfigPath)
		d.loop(ctx, clock)
		d.o.Log.Log(Info, "stopped")
	})
}

// work runs all parts for as long as loop does.
func (d *Daemon) work(ctx context.Context, loop func(context.Context, <-chan error)) error {
	held, err := d.begin()
	if err != nil {
		return err
	}
	defer held.Close()
	ctx, cancel := context.WithCancel(ctx)
	var parts sync.WaitGroup
	for _, run := range []func(context.Context) error{d.pub.Run, d.watch.Run, d.bus.run, d.outside.finder.Run, d.leases.Run} {
		parts.Add(1)
		go func() {
			defer parts.Done()
			_ = run(ctx) // they end with ctx only, and then without an error
		}()
	}
	clock := d.waitForClock(ctx)
	d.reload(ctx)
	loop(ctx, clock)
	close(d.bus.done)
	cancel()
	parts.Wait()
	d.bus.tries.Wait() // they end with their connection
	d.writeStatus()
	return nil
}

// begin takes the run directory and makes the publisher.
func (d *Daemon) begin() (held *os.File, err error) {
	if held, err = lock(d.o.RunDir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(d.o.HoldDir, 0o755); err != nil {
		d.o.Log.Log(Warn, "bans cannot be kept over a reboot", "error", err.Error())
	}
	wholefile.Tidy(d.o.RunDir) // of a process that was killed; the lock says that it is gone
	wholefile.Tidy(d.o.HoldDir)
	d.code = ownProgram()
	_ = os.Remove(filepath.Join(d.o.RunDir, wishFile)) // a wish of somebody who asked an earlier process
	d.pub = publish.New(publish.Options{
		RunDir: d.o.RunDir, HoldDir: d.o.HoldDir, BootID: bootID(), SinceBoot: sinceBoot,
		Resolver: d.o.Resolver, OnEvent: d.event, OnChange: d.markDirty,
		Warn: func(text string) { d.o.Log.Log(Warn, text) },
	})
	return held, nil
}

// loop is the one place where things change.
func (d *Daemon) loop(ctx context.Context, clock <-chan error) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-d.watch.Snapshots():
			d.look(ctx, s)
		case <-d.o.Reload:
			d.reload(ctx)
		case <-d.o.Wishes:
			d.wishes()
		case err := <-clock:
			clock = nil
			d.clockSet(err)
		case ask := <-d.bus.asks:
			ask()
		case <-d.bus.moved:
			d.askNetifd(ctx)
		case <-d.outside.news:
			d.decide()
		case <-d.netifdDue.C:
			d.withoutNetifd()
		case <-d.leased:
			d.askLeases(ctx)
		case <-d.deletion.C:
			d.timePassed()
		case <-d.dirty:
			if d.haveSnap { // before, there is nothing to tell
				d.statusOut.changed(time.Now())
			}
		case <-d.statusOut.timer.C:
			d.writeStatus()
			d.rest()
		}
	}
}

// look takes over a snapshot.
func (d *Daemon) look(ctx context.Context, s netwatch.Snapshot) {
	first := !d.haveSnap
	moved := false
	if !first {
		delta := s.Since(d.snap)
		moved = d.ways(delta)
		for _, c := range delta {
			d.o.Log.Log(Debug, "kernel", "change", c.String())
		}
	}
	d.snap, d.haveSnap = s, true
	if !first {
		d.o.Door.AddressesLost(alive(s))
	}
	d.refreshNames(ctx)
	d.leases.Refresh(ctx)
	d.decide()
	if moved {
		d.askOutside(true)
		d.pub.NetworkChanged()
	}
}

// ways says whether a difference may mean another way to the Internet: it is of a device that a
// record uses, or of a default route. A guest on the Wi-Fi is no reason to try again what is in
// trouble.
func (d *Daemon) ways(delta netwatch.Delta) bool {
	if delta.Has(netwatch.RouteAdded) || delta.Has(netwatch.RouteRemoved) || delta.Has(netwatch.RouteOrder) {
		return true
	}
	used := map[string]bool{}
	for i := range d.cfg.Records {
		for _, name := range d.cfg.Records[i].Interfaces {
			used[d.device(name)] = true
		}
	}
	for _, c := range delta {
		if used[c.Link] && c.What != netwatch.NeighbourAdded && c.What != netwatch.NeighbourRemoved {
			return true
		}
	}
	return false
}

// askNetifd decides again when netifd says something new about devices.
func (d *Daemon) askNetifd(ctx context.Context) {
	named := d.refreshNames(ctx)
	if d.leases.Refresh(ctx) || named {
		d.decide()
	}
}

// refreshNames asks netifd for the devices of interfaces, and says whether that is news.
func (d *Daemon) refreshNames(ctx context.Context) bool {
	if d.bus.netifd == nil || !d.bus.client.Connected() {
		return false
	}
	changed, err := d.bus.netifd.Refresh(ctx)
	if err != nil {
		d.o.Log.Log(Debug, "netifd does not answer", "error", err.Error())
		return false
	}
	d.patient = false
	return changed
}

// withoutNetifd goes on when netifd has had its time to answer.
func (d *Daemon) withoutNetifd() {
	if d.patient && d.bus.client.Connected() {
		d.o.Log.Log(Warn, "netifd does not answer on ubus: until it does, an interface's name is taken for its device's, and no record is deleted")
	}
	d.patient = false
	d.decide()
}

// devices is how an interface's name leads to its device; nil: it is the device's.
func (d *Daemon) devices() address.Devices {
	if d.bus.netifd == nil {
		return nil
	}
	return d.bus.netifd.Device
}

// alive tells whether a request can still leave from an address.
func alive(s netwatch.Snapshot) func(netip.Addr) bool {
	have := map[netip.Addr]bool{}
	for _, l := range s.Links {
		for _, a := range l.Addresses {
			have[a.Addr] = true
		}
	}
	return func(a netip.Addr) bool { return a.IsLoopback() || have[a.Unmap().WithZone("")] }
}

// decide chooses every record's addresses and tells the publisher what should be.
func (d *Daemon) decide() {
	if !d.haveSnap || d.patient {
		return // not knowing is no reason to do anything
	}
	now := time.Now()
	d.askOutside(false)
	var better time.Time
	if d.cfg.Main.Enabled {
		if len(d.choices) == 0 { // what the names hold counts in the first choice already
			list, _ := wants(d.cfg, nil, now)
			d.pub.Configure(d.accounts(), list)
		}
		better = d.choose(now)
		d.tellNATs()
	} else {
		d.choices = map[part]choice{}
		d.seek(nil, nil)
	}
	accounts := d.accounts()
	list, again := wants(d.cfg, d.choices, now)
	if !d.cfg.Main.Enabled {
		accounts, list = nil, nil
	}
	d.pub.Configure(accounts, list)
	d.deletion.Stop()
	if again = address.Sooner(again, better); !again.IsZero() {
		d.deletion.Reset(again.Sub(now))
	}
	d.markDirty()
}

// choose makes the choice of each part, and says when time alone changes one.
func (d *Daemon) choose(now time.Time) (again time.Time) {
	var wanted []netwatch.MAC
	var ask []netip.Addr
	next := map[part]choice{}
	published := d.publishedNow()
	named := d.bus.netifd == nil || d.bus.netifd.Known()
	for i := range d.cfg.Records {
		r := &d.cfg.Records[i]
		if !r.Enabled {
			continue
		}
		rule := d.rule(r)
		if rule.Source == address.Neighbour && rule.Nameless == address.Available && !slices.Contains(wanted, rule.MAC) {
			wanted = append(wanted, rule.MAC)
		}
		var doubtful *address.Decision // about IPv4, which comes first
		for _, family := range r.Families {
			p := part{r.Name, family}
			was := d.choices[p]
			decision, memory, due := was.memory.Choose(d.snap, rule, family, published[p], d.devices(), d.outside.finder.View, now)
			if doubtful != nil && decision.Available() && texts(decision.Addrs) != texts(published[p]) {
				decision = *doubtful // many services take both in one request
			}
			if decision.Code == address.NotYetKnown && d.doubt(r) {
				doubtful = &decision
			}
			c := was.follow(decision, named, now)
			c.memory, again = memory, address.Sooner(again, due)
			ask = append(ask, memory.Ask()...)
			c.told = d.decided(p, was.told, c.Decision, now)
			next[p] = c
		}
	}
	d.choices = next
	d.seek(wanted, ask)
	return again
}

// publishedNow is what each part's names hold: among equal addresses those stay.
func (d *Daemon) publishedNow() map[part][]netip.Addr {
	out := map[part][]netip.Addr{}
	for _, st := range d.pub.Status() {
		p := part{st.Record, familyOf(st.Type)}
		out[p] = append(out[p], st.Published...)
	}
	return out
}

// wishes carries out what people asked for.
func (d *Daemon) wishes() {
	for _, record := range takeWishes(d.o.RunDir) {
		d.wish(record)
	}
}

// wish updates a record (empty: all) now and says how many record sets that are.
func (d *Daemon) wish(record string) int {
	n := d.pub.Update(record)
	d.o.Log.Log(Info, "update asked for", "record", record)
	if n == 0 {
		d.o.Log.Log(Warn, "there is no such record to update", "record", record)
	}
	return n
}

// waitForClock blocks all publishing while the clock is not set. The channel tells when it is.
func (d *Daemon) waitForClock(ctx context.Context) <-chan error {
	if !time.Now().Before(d.o.Built) {
		return nil
	}
	d.blocked = "waiting for the clock: it shows " + time.Now().UTC().Format(time.DateOnly) +
		", which is before this program was built, so no certificate can be checked"
	d.pub.Block(d.blocked)
	d.o.Log.Log(Warn, d.blocked)
	set := make(chan error, 1)
	go func() { set <- waitForClock(ctx, d.o.Built) }()
	return set
}

func (d *Daemon) clockSet(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	if err != nil {
		d.o.Log.Log(Warn, "the clock cannot be watched; going on without", "error", err.Error())
	} else {
		d.o.Log.Log(Info, "the clock is set")
	}
	d.blocked = ""
	d.pub.Block("")
	d.markDirty()
}

func (d *Daemon) markDirty() {
	d.changes.Add(1)
	poke(d.dirty)
}

// poke leaves a word in a channel of size 1, if there is none yet.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
