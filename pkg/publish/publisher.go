package publish

import (
	"context"
	"maps"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// Options are what a Publisher needs from its surroundings.
type Options struct {
	RunDir  string // state between restarts; must exist
	HoldDir string // bans between reboots; must exist
	BootID  string // the kernel's name for this boot
	// SinceBoot is the boot clock (CLOCK_BOOTTIME): what is kept in RunDir is timed by it.
	SinceBoot func() time.Duration
	Resolver  Resolver // nil: the DNS is not asked
	// OnEvent is told of everything that happened, in order for each account, from several
	// goroutines. It must not call the Publisher.
	OnEvent func(Event)
	// OnChange is called after something in Status may have changed; it must not block.
	OnChange func()
	// Warn takes what the owner should read once about files.
	Warn func(string)
}

// Publisher publishes: one worker for each account.
type Publisher struct {
	journal  journal
	flash    flash
	salt     []byte
	resolver Resolver
	onEvent  func(Event)
	onChange func()

	mu      sync.Mutex
	ctx     context.Context // of Run; nil before
	ended   bool
	workers map[string]*running
	ending  map[string]chan struct{} // done of the workers that were told to end
	wg      sync.WaitGroup

	block atomic.Pointer[string] // why nothing may be sent; nil when it may
}

// running is a worker and how to end it.
type running struct {
	*worker
	cancel context.CancelFunc
	done   chan struct{}
}

// New makes a Publisher that does nothing before Configure and Run.
func New(o Options) *Publisher {
	p := &Publisher{
		journal:  journal{dir: o.RunDir, boot: o.BootID, now: o.SinceBoot, warn: o.Warn},
		flash:    flash{dir: o.HoldDir, warn: o.Warn},
		resolver: o.Resolver, onEvent: o.OnEvent, onChange: o.OnChange,
		workers: map[string]*running{}, ending: map[string]chan struct{}{},
	}
	p.flash.load()
	p.salt = p.flash.salt
	if p.salt == nil {
		p.salt = p.journal.salt()
		p.flash.salt = p.salt
	}
	return p
}

// Salt is what account fingerprints are to be made with, so that nobody can try out passwords
// on the files that keep them. It stays the same as long as any fingerprint is kept.
func (p *Publisher) Salt() []byte { return p.salt }

// Run publishes until ctx is done; requests under way get a moment to end. It returns nil.
func (p *Publisher) Run(ctx context.Context) error {
	p.mu.Lock()
	p.ctx = ctx
	for _, w := range p.workers {
		p.start(w)
	}
	p.mu.Unlock()
	<-ctx.Done()
	p.mu.Lock()
	p.ended = true // no worker starts from now on
	p.mu.Unlock()
	p.wg.Wait()
	return nil
}

// start lets a worker work; with p.mu held.
func (p *Publisher) start(w *running) {
	if p.ctx == nil || p.ended {
		return
	}
	ctx, cancel := context.WithCancel(p.ctx)
	w.cancel = cancel
	done, before := make(chan struct{}), p.ending[w.name]
	w.done = done
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		defer close(done)
		defer cancel()
		if before != nil { // an account that went and came back: one request at a time
			<-before
		}
		w.run(ctx)
	}()
}

// Configure says what should be, all of it: accounts and record sets that are not in it are
// forgotten (their names stay as they are). What is unchanged keeps its state and its Service.
func (p *Publisher) Configure(accounts []Account, wants []Want) {
	byAccount := map[string][]Want{}
	for _, want := range wants {
		byAccount[want.Account] = append(byAccount[want.Account], want)
	}
	prints := map[string]string{}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range accounts {
		prints[a.Name] = a.Fingerprint
		w := p.workers[a.Name]
		if w == nil {
			w = &running{worker: p.newWorker(a, byAccount[a.Name])}
			p.workers[a.Name] = w
			p.start(w)
			continue
		}
		w.configure(a, byAccount[a.Name])
	}
	for name := range maps.Clone(p.workers) {
		if _, ok := prints[name]; !ok {
			p.end(name)
		}
	}
	p.flash.only(prints)
	p.changed()
}

// end ends a worker and forgets its state; with p.mu held.
func (p *Publisher) end(name string) {
	w := p.workers[name]
	delete(p.workers, name)
	if w.cancel == nil {
		p.journal.remove(name)
		return
	}
	w.cancel()
	if p.ended {
		return // everything ends; the state stays for the next start
	}
	p.ending[name] = w.done
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		<-w.done
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.ending[name] == w.done {
			delete(p.ending, name)
		}
		if p.workers[name] == nil {
			p.journal.remove(name)
		}
	}()
}

// NetworkChanged says that the way to the Internet may be another one: what was in trouble is
// tried again at once.
func (p *Publisher) NetworkChanged() {
	p.each(func(w *worker) { w.networkChanged(time.Now()) })
}

// Update is a person's wish: the record's sets are made certain of now, whatever holds them,
// except that a service which said when to come back is obeyed. An empty record means all. It
// returns how many record sets that are.
func (p *Publisher) Update(record string) int {
	n := 0
	p.each(func(w *worker) { n += w.force(record) })
	return n
}

// Block keeps everything from being sent, for this reason; an empty reason ends that.
func (p *Publisher) Block(reason string) {
	if old := p.blocked(); old == reason {
		return
	}
	if reason == "" {
		p.block.Store(nil)
	} else {
		p.block.Store(&reason)
	}
	p.each(func(*worker) {})
}

// blocked is the reason why nothing may be sent, or empty.
func (p *Publisher) blocked() string {
	if r := p.block.Load(); r != nil {
		return *r
	}
	return ""
}

// each does something to every worker and wakes it.
func (p *Publisher) each(f func(*worker)) {
	p.mu.Lock()
	workers := slices.Collect(maps.Values(p.workers))
	p.mu.Unlock()
	for _, w := range workers {
		f(w.worker)
		w.poke()
	}
	p.changed()
}

func (p *Publisher) changed() {
	if p.onChange != nil {
		p.onChange()
	}
}

func (p *Publisher) tell(e Event) {
	if p.onEvent != nil {
		p.onEvent(e)
	}
}

// Status tells how every record set stands, sorted by account, hostname and type.
func (p *Publisher) Status() []Status {
	p.mu.Lock()
	workers := slices.Collect(maps.Values(p.workers))
	p.mu.Unlock()
	var out []Status
	for _, w := range workers {
		out = append(out, w.status(p.blocked())...)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Target.compare(out[j].Target) < 0 })
	return out
}

// History is what happened to a record's sets, oldest first.
func (p *Publisher) History(record string) []Event {
	p.mu.Lock()
	workers := slices.Collect(maps.Values(p.workers))
	p.mu.Unlock()
	var out []Event
	for _, w := range workers {
		out = append(out, w.history(record)...)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Time.Before(out[j].Time) })
	return out
}
