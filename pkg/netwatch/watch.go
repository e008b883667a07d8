// Package netwatch tells what addresses this machine has, and tells again as soon as that
// changes.
//
// In come rtnetlink messages; out go Snapshots: every link with its addresses, their flags and
// lifetimes, every default route, and when asked for, which addresses certain hosts on a link
// have. Events are hints, snapshots are the truth: whatever
// event comes, the Watcher waits until events have been quiet for a moment, asks the kernel
// for everything, and compares. Only a difference is told. So a message that is lost, comes
// twice or out of order does no harm, and nothing is kept from one snapshot to the next.
//
// A change mostly comes in parts, which is why it waits. One that is whole as soon as it is seen is
// told before: that another IPv4 address has taken the place of one, and nothing else differs.
//
// No privilege is needed. Sources: rtnetlink(7), netlink(7) on lost messages,
// include/uapi/linux/if_addr.h and rtnetlink.h, RFC 4429 (optimistic addresses).
package netwatch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Config says how a Watcher behaves. The zero value is right for a router.
type Config struct {
	// Quiet is how long there must have been no event before the kernel is asked: 50 ms.
	Quiet time.Duration
	// Early is how long there must have been none before a look whether all there is to it is that
	// addresses were replaced: 1 ms.
	Early time.Duration
	// MaxWait is how long events that never pause can put that off: 500 ms.
	MaxWait time.Duration
	// Resync is how often the kernel is asked although there was no event: 10 min. It finds
	// what the kernel does not announce.
	Resync time.Duration
	// ReceiveBuffer is the event socket's SO_RCVBUF in bytes; 0 leaves the kernel's default.
	ReceiveBuffer int
	// Notice, if not nil, hears of rare things, by one of the words below. It is called from
	// the Watcher's goroutines, and must not wait.
	Notice func(what string, err error)
}

// The words that Notice is given.
const (
	NoticeOverflow    = "netlink-overflow"     // events were lost; a snapshot is taken anyway
	NoticeLost        = "netlink-lost"         // the event socket failed and is opened again
	NoticeReopened    = "netlink-reopened"     // it is open again
	NoticeDumpFailed  = "netlink-dump-failed"  // the kernel could not be asked; tried again later
	NoticeDumpWorking = "netlink-dump-working" // and now it could
)

// Pauses between attempts, the first and the longest; each is twice the one before.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 30 * time.Second
)

// dumpTries is how often a dump that the kernel marks as interrupted is asked for at once.
const dumpTries = 5

// Counters count what a Watcher did since it was made. They wrap.
type Counters struct {
	Events      uint32 // messages that could matter
	Overflows   uint32 // times that the kernel dropped messages (ENOBUFS)
	Reopened    uint32 // times that the event socket was opened again
	Dumps       uint32 // times that the kernel was asked for everything
	Interrupted uint32 // answers thrown away because the tables changed meanwhile
}

// Watcher watches the kernel. Make one with New and give it a goroutine with Run.
type Watcher struct {
	cfg    Config
	kernel kernel
	out    chan Snapshot
	poke   chan struct{} // holds one: the world has become dirty

	mu       sync.Mutex // guards all following fields
	dirty    bool
	first    time.Time // the first and the last event since the world became dirty
	last     time.Time
	overflow error // not nil: messages were lost since then

	early     int       // early looks since the world became dirty
	addressed time.Time // the last event of an IPv4 address or default route
	seen      time.Time // the same before the latest early look
	alert     bool      // the next such event is to wake observe
	asked     bool      // a snapshot is wanted, be it news or not
	events    events
	wanted    []MAC // whose addresses the snapshots hold
	counters  Counters
}

// New makes a Watcher. Nothing happens before Run.
func New(cfg Config) *Watcher { return newWatcher(cfg, rtnetlink{}) }

func newWatcher(cfg Config, k kernel) *Watcher {
	for _, d := range [...]struct {
		value *time.Duration
		usual time.Duration
	}{{&cfg.Quiet, 50 * time.Millisecond}, {&cfg.Early, time.Millisecond}, {&cfg.MaxWait, 500 * time.Millisecond}, {&cfg.Resync, 10 * time.Minute}} {
		if *d.value <= 0 {
			*d.value = d.usual
		}
	}
	if cfg.Notice == nil {
		cfg.Notice = func(string, error) {}
	}
	return &Watcher{cfg: cfg, kernel: k, out: make(chan Snapshot), poke: make(chan struct{}, 1)}
}

// Snapshots gives the first snapshot as soon as Run has it, then one whenever the world
// differs from the last one given. Who is slow gets the newest, never a queue. There is one
// reader; the channel is never closed.
func (w *Watcher) Snapshots() <-chan Snapshot { return w.out }

// Hint says that something else than the kernel (netifd, over ubus) thinks that the world has
// changed. It counts as an event. It may be called at any time from anywhere, and never waits.
func (w *Watcher) Hint() { w.mark(time.Now(), nil, false) }

// Look is Hint by somebody who wants a snapshot now: one follows even if there is nothing new in it.
func (w *Watcher) Look() {
	w.mu.Lock()
	w.asked = true
	w.mu.Unlock()
	w.Hint()
}

// Neighbours says of which hosts on a link the snapshots hold the addresses; before, and with none,
// the kernel's neighbour table is not looked at. The list is the Watcher's from now on. It may be
// called at any time from anywhere.
func (w *Watcher) Neighbours(wanted []MAC) {
	w.mu.Lock()
	same := slices.Equal(w.wanted, wanted)
	if !same {
		w.wanted = wanted
		w.listenFor(nil) // before the dump: what comes in between is then an event
	}
	w.mu.Unlock()
	if !same {
		w.Hint()
	}
}

// listenFor has the event socket tell of neighbours that are wanted and not known. w.mu is held.
func (w *Watcher) listenFor(known []Neighbour) {
	if w.events == nil {
		return
	}
	if err := w.events.neighbours(w.wanted, known); err != nil {
		w.events.close() // pump then opens another one
	}
}

// Counters returns the counts so far.
func (w *Watcher) Counters() Counters {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counters
}

// Run watches until ctx ends, which is no error; there is no other end. It returns after its
// goroutines have. Call it once.
func (w *Watcher) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	// Subscribe before the first dump: what changes in between is then an event, not a loss.
	source, err := w.kernel.subscribe(w.cfg.ReceiveBuffer)
	if err != nil {
		w.cfg.Notice(NoticeLost, err)
	}
	var pump sync.WaitGroup
	pump.Add(1)
	go func() {
		defer pump.Done()
		w.pump(ctx, source)
	}()
	w.observe(ctx)
	cancel()
	pump.Wait()
	return nil
}

// mark notes that the world may have changed, and wakes observe if it does not know yet; an event of an
// IPv4 address or default route does as well if it is the first one since then or since the last early
// look.
func (w *Watcher) mark(now time.Time, overflow error, ipv4 bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counters.Events++
	if overflow != nil {
		w.overflow = overflow
		w.counters.Overflows++
	}
	w.last = now
	if ipv4 {
		w.addressed = now
	}
	if w.dirty && !(w.alert && ipv4) {
		return
	}
	if !w.dirty {
		w.dirty, w.first, w.early = true, now, 0
	}
	w.alert = w.early < earlyLooks && !ipv4
	select {
	case w.poke <- struct{}{}:
	default:
	}
}

// pump turns messages into marks, and opens the socket again when it fails. source is nil
// when it could not be opened.
func (w *Watcher) pump(ctx context.Context, source events) {
	pause := firstPause
	for {
		if source != nil {
			heard, err := w.listen(ctx, source)
			if ctx.Err() != nil {
				return
			}
			w.cfg.Notice(NoticeLost, err)
			if heard {
				pause = firstPause
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)

		var err error
		if source, err = w.kernel.subscribe(w.cfg.ReceiveBuffer); err != nil {
			source = nil
		} else {
			w.mu.Lock()
			w.counters.Reopened++
			w.mu.Unlock()
			w.cfg.Notice(NoticeReopened, nil)
		}
		// Nobody knows what was missed. Where subscribing is impossible, this is polling.
		w.mark(time.Now(), nil, false)
	}
}

// listen marks the world for each message until the source fails or ctx ends. It closes the
// source, and says whether anything was heard of it.
func (w *Watcher) listen(ctx context.Context, source events) (heard bool, err error) {
	w.setEvents(source)
	defer w.setEvents(nil)
	stop := context.AfterFunc(ctx, source.close)
	defer source.close()
	defer stop()
	for {
		relevant, ipv4, err := source.receive()
		switch {
		case errors.Is(err, unix.ENOBUFS):
			w.mark(time.Now(), err, false)
		case err != nil:
			return heard, err
		case relevant:
			w.mark(time.Now(), nil, ipv4)
		}
		heard = true
	}
}

func (w *Watcher) setEvents(e events) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = e
	if len(w.wanted) > 0 {
		w.listenFor(nil)
	}
}

// observe looks when events have gone quiet, early for what is whole at once, when the slow resync is
// due, and again some time after a look that failed; and delivers what it saw.
func (w *Watcher) observe(ctx context.Context) {
	var news delivery
	look := time.NewTimer(0) // the first one at once
	defer look.Stop()
	resync := time.NewTimer(w.cfg.Resync)
	defer resync.Stop()
	pause := time.Duration(0) // since a look failed
	for {
		var out chan Snapshot
		if news.waiting {
			out = w.out
		}
		select {
		case <-ctx.Done():
			return
		case out <- news.newest:
			news.delivered()
			continue
		case <-w.poke:
			look.Reset(w.cfg.Early) // or later: unsettled says
			continue
		case <-look.C:
			wait, early := w.unsettled(time.Now())
			if early && news.any {
				w.lookEarly(&news)
				wait, _ = w.unsettled(time.Now())
			}
			if wait > 0 {
				look.Reset(wait)
				continue
			}
		case <-resync.C:
		}
		resync.Reset(w.cfg.Resync)
		s, asked, err := w.look()
		if err != nil {
			if pause == 0 {
				w.cfg.Notice(NoticeDumpFailed, err)
			}
			pause = max(firstPause, min(2*pause, longestPause))
			look.Reset(pause)
			continue
		}
		if pause > 0 {
			w.cfg.Notice(NoticeDumpWorking, nil)
			pause = 0
		}
		news.offer(s, asked)
	}
}

// look takes a snapshot. When that fails, the events that led to it are not forgotten.
func (w *Watcher) look() (s Snapshot, asked bool, err error) {
	w.mu.Lock()
	asked = w.asked
	first, overflow, source, wanted := w.first, w.overflow, w.events, w.wanted
	w.dirty, w.first, w.overflow, w.alert, w.seen = false, time.Time{}, nil, false, w.addressed
	select {
	case <-w.poke: // a mark that this look answers
	default:
	}
	w.mu.Unlock()

	if overflow != nil {
		w.cfg.Notice(NoticeOverflow, overflow)
	}
	if source != nil && !source.alive() {
		source.close() // pump then opens another one
	}
	s, err = w.dump(wanted)
	s.FirstEvent = first

	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.asked = w.asked && !asked
	}
	if err == nil && len(wanted) > 0 && slices.Equal(wanted, w.wanted) {
		w.listenFor(s.Neighbours)
	}
	if err != nil && !first.IsZero() {
		w.first = first
		if !w.dirty {
			w.dirty, w.last = true, first
		}
	}
	return s, asked, err
}

// dump asks the kernel, several times when tables change under it. It does so in a goroutine
// of its own, because the library's receive grows a stack to 128 KiB, which goes with it.
func (w *Watcher) dump(wanted []MAC) (Snapshot, error) {
	var s Snapshot
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; i < dumpTries; i++ {
			s, err = w.kernel.dump(wanted)
			interrupted := errors.Is(err, nl.ErrDumpInterrupted)
			w.mu.Lock()
			w.counters.Dumps++
			if interrupted {
				w.counters.Interrupted++
			}
			w.mu.Unlock()
			if !interrupted {
				return
			}
		}
	}()
	<-done
	return s, err
}

// delivery holds what the reader has and what it should get.
type delivery struct {
	last    Snapshot // given to the reader
	any     bool     // whether there was one
	newest  Snapshot // to be given
	waiting bool     // whether there is one
	asked   bool     // and it is to be given, news or not
}

// offer takes a newer snapshot. What the reader has not fetched is replaced by it, and
// keeps the time of its first event; what is no news any more is withdrawn, unless it was asked
// for.
func (d *delivery) offer(s Snapshot, asked bool) {
	d.asked = d.asked || asked
	if d.any && !d.asked && s.Equal(d.last) {
		d.waiting, d.newest = false, Snapshot{}
		return
	}
	if d.waiting && !d.newest.FirstEvent.IsZero() {
		s.FirstEvent = d.newest.FirstEvent
	}
	d.newest, d.waiting = s, true
}

func (d *delivery) delivered() {
	d.last, d.any = d.newest, true
	d.newest, d.waiting, d.asked = Snapshot{}, false, false
}
