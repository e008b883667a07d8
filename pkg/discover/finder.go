package discover

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/wandns/wandns/pkg/address"
)

// Question is what must be known of a device.
type Question struct {
	Device string
	Family address.Family
	// Local is all that is local to it, in any form: when it becomes another, it is asked anew.
	Local string
	// Gateway is the next router, when that may know: behind NAT. Else the zero Addr.
	Gateway netip.Addr
	// Behind says that only those outside know the address: they are asked again and again.
	// Without it, they are asked once whether they see the device's own address.
	Behind bool
	// Own is the device's own address that looks public, which those outside are to confirm. Not
	// with Behind.
	Own netip.Addr
	// Needed says that what those outside see is published, whatever the device's own address is.
	Needed bool
}

// The times of asking. Minimum and default of the interval are the configuration's.
const (
	// settle is how long the check of a public address waits that is as good as known to be one:
	// publishing it comes first.
	settle = 3 * time.Second
	// pause is the least time between two rounds when only something elsewhere changed, or the
	// router upstream announces and announces.
	pause = 5 * time.Second
	// jitter is the part of the interval, 1/jitter, by which it may be shorter or longer.
	jitter = 10
	// rarely is how many times longer the interval is when only HTTPS servers answer: they cost
	// TLS, and their owners more.
	rarely = 5
	// soon is when it is tried again when nobody could be asked; then after twice as long, and so
	// on to the interval. A check of a public address is given up after so many tries.
	soon  = 2 * time.Second
	tries = 6
)

// Config says whom to ask, and how often.
type Config struct {
	// Tiers are the witnesses; those of a later tier are asked when the earlier gave no verdict.
	// Of a check whether a public address is seen, only the first is asked.
	Tiers [][]Witness
	// Interval is the time between rounds behind NAT.
	Interval time.Duration
}

// Finder finds out what is asked for. Make one with New, give it a goroutine with Run.
type Finder struct {
	upstream Upstream
	changed  func()
	wake     chan struct{}

	mu       sync.Mutex
	config   Config
	subjects map[subjectKey]*subject
	lines    map[subjectKey]*line
}

type subjectKey struct {
	device string
	family address.Family
}

// subject is one question and what is known. Guarded by Finder.mu.
type subject struct {
	q        Question
	view     address.View
	line     *line
	due      time.Time          // of the next round; the zero Time for none
	doubt    time.Time          // when view.Doubt ends at the latest
	last     time.Time          // when the last round began
	stale    bool               // something local changed since what is known was seen
	failed   int                // rounds without a verdict in a row
	stop     context.CancelFunc // of the round in progress; nil when there is none
	unlisten context.CancelFunc // of the listener; nil when there is none
}

// New makes a Finder. changed is called whenever a view has changed, from any goroutine; it
// must not block.
func New(upstream Upstream, changed func()) *Finder {
	return &Finder{
		upstream: upstream, changed: changed, wake: make(chan struct{}, 1), subjects: map[subjectKey]*subject{}, lines: map[subjectKey]*line{},
	}
}

// Configure sets whom to ask. What is being asked goes on.
func (f *Finder) Configure(c Config) {
	f.mu.Lock()
	f.config = c
	f.mu.Unlock()
}

// Ask replaces the list of what must be known. A question that is new, or whose Local is, is
// asked at once; hint says that something else changed on this machine, so that all behind NAT
// are asked soon. What is not in the list any more is forgotten.
func (f *Finder) Ask(list []Question, hint bool) {
	now := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	keep := map[subjectKey]bool{}
	for _, q := range list {
		key := subjectKey{q.Device, q.Family}
		keep[key] = true
		s := f.subjects[key]
		switch {
		case s == nil:
			s = &subject{q: q, view: address.View{Pending: true}, line: f.line(key)}
			f.subjects[key] = s
			s.begin(now)
		case s.q != q:
			s.renew(q)
			s.begin(now)
		case hint && s.hidden():
			s.sooner(later(now, s.last.Add(pause)))
		}
	}
	for key, s := range f.subjects {
		if !keep[key] {
			s.end()
			delete(f.subjects, key)
		}
	}
	f.nudge()
}

func (f *Finder) line(key subjectKey) *line {
	l := f.lines[key]
	if l == nil {
		l = &line{}
		f.lines[key] = l
	}
	return l
}

// renew takes over a question under new circumstances. What was seen behind NAT stays in view
// until those outside say something else; what was seen of a public address goes, because the
// device says itself which one it has now.
func (s *subject) renew(q Question) {
	s.end()
	if !q.Behind || !s.view.Addr.IsValid() {
		s.view = address.View{Pending: true}
	}
	if s.q.Own != q.Own {
		s.doubt = time.Time{}
	}
	s.q, s.stale, s.failed = q, true, 0
	s.view.Upstream = netip.Addr{}
}

// hidden says that nothing local tells of a change of what is seen.
func (s *subject) hidden() bool {
	return s.q.Behind || s.view.Addr.IsValid() && s.q.Own.IsValid() && s.view.Addr != s.q.Own
}

func (s *subject) end() {
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
	if s.unlisten != nil {
		s.unlisten()
		s.unlisten = nil
	}
}

// View is what is known of a device.
func (f *Finder) View(device string, family address.Family) address.View {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.subjects[subjectKey{device, family}]; s != nil {
		return s.view
	}
	return address.View{Text: "nobody was asked"}
}

func (f *Finder) nudge() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Run asks until ctx is done, and waits for all it started.
func (f *Finder) Run(ctx context.Context) error {
	var parts sync.WaitGroup
	defer parts.Wait()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Stop()
		next, news := f.startDue(ctx, &parts)
		if !next.IsZero() {
			timer.Reset(time.Until(next))
		}
		if news {
			f.changed()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-f.wake:
		case <-timer.C:
		}
	}
}

// startDue starts the rounds that are due and ends the doubts that have lasted long enough. It
// returns when the next one is, and whether a view has changed.
func (f *Finder) startDue(ctx context.Context, parts *sync.WaitGroup) (next time.Time, news bool) {
	now := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.subjects {
		if s.doubtOver(now) {
			news = true
		}
		if s.view.Doubt && (next.IsZero() || s.doubt.Before(next)) {
			next = s.doubt
		}
		if s.stop != nil || s.due.IsZero() {
			continue
		}
		if !s.due.After(now) {
			f.start(ctx, parts, s, now)
			continue
		}
		if next.IsZero() || s.due.Before(next) {
			next = s.due
		}
	}
	return next, news
}

// start begins a round. The caller has the lock.
func (f *Finder) start(ctx context.Context, parts *sync.WaitGroup, s *subject, now time.Time) {
	mine, stop := context.WithCancel(ctx)
	s.stop, s.last, s.due = stop, now, time.Time{}
	r := &round{q: s.q, known: s.view.Addr, tiers: slices.Clone(f.config.Tiers), upstream: f.upstream}
	if !r.known.IsValid() {
		r.known = s.q.Own // that it is what the device itself says, one may confirm
	}
	if !s.q.Behind && !s.q.Needed {
		r.tiers = r.tiers[:min(1, len(r.tiers))]
	}
	parts.Add(1)
	go func() {
		defer parts.Done()
		defer stop()
		r.run(mine)
		f.mu.Lock()
		current := mine.Err() == nil // else its question is not asked any more
		news := current && f.ended(s, r)
		if current && r.told.Answered && s.unlisten == nil {
			f.listen(ctx, parts, s)
		}
		f.mu.Unlock()
		if news {
			f.changed()
		}
		f.nudge()
	}()
}

// ended takes over what a round found, and says whether that is news. The caller has the lock.
func (f *Finder) ended(s *subject, r *round) bool {
	was := s.view
	s.stop = nil
	doubt := s.judge(r.verdict)
	if r.verdict.IsValid() {
		s.failed, s.stale = 0, false
		s.view = address.View{Addr: r.verdict, Upstream: r.told.External}
	} else {
		s.failed++
		if was.Addr.IsValid() && !s.stale {
			s.view.Upstream = r.told.External // else nobody said otherwise
		} else {
			s.view = address.View{Upstream: r.told.External, Text: r.why().Error(), Doubt: doubt}
		}
	}
	if s.due.IsZero() {
		if wait := s.wait(f.config.Interval, r.lastTier); wait > 0 {
			s.due = time.Now().Add(spread(wait))
		}
	}
	return s.view != was
}

// wait is the time to the next round when nothing local happens; 0 for never.
func (s *subject) wait(interval time.Duration, lastTier int) time.Duration {
	switch {
	case !s.view.Addr.IsValid() && s.failed <= tries:
		return min(interval, soon<<(s.failed-1))
	case !s.hidden() && (!s.q.Needed || s.view.Addr.IsValid()):
		return 0
	case s.q.Own.IsValid() && !s.q.Needed:
		return rarely * interval // nothing is published, and may be again
	case lastTier > 0 && s.failed == 0:
		return rarely * interval
	}
	return interval
}

// spread makes a wait longer or shorter, so that not all routers ask at the same moment.
func spread(d time.Duration) time.Duration {
	half := d / jitter
	return d - half + time.Duration(rand.Int64N(int64(2*half)+1))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// listen waits for announcements of a router that answered. The caller has the lock.
func (f *Finder) listen(ctx context.Context, parts *sync.WaitGroup, s *subject) {
	ctx, s.unlisten = context.WithCancel(ctx)
	device, gateway := s.q.Device, s.q.Gateway
	parts.Add(1)
	go func() {
		defer parts.Done()
		_ = f.upstream.Listen(ctx, device, gateway, func() { // without it, the next round shows the change
			f.mu.Lock()
			if ctx.Err() == nil {
				s.sooner(later(time.Now(), s.last.Add(pause)))
			}
			f.mu.Unlock()
			f.nudge()
		})
	}()
}

// sooner makes a round due at a time, unless one is before that.
func (s *subject) sooner(t time.Time) {
	if s.due.IsZero() || t.Before(s.due) {
		s.due = t
	}
}
