//go:build go1.25

package publish_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
)

// service is a provider in memory: it holds what it was told, answers as it was told to, and
// remembers every request.
type service struct {
	info     provider.Info
	readable bool

	mu      sync.Mutex
	records map[string][]netip.Addr // "host type"
	answers []provider.Result       // for the next sets, one each; then Confirmed
	lose    bool                    // the answer says unknown although the set was taken
	readErr error
	log     []string // "+5s set a.example A 192.88.99.1"
	started time.Time
	onSet   func()
	slow    time.Duration
}

func newService() *service {
	return &service{records: map[string][]netip.Addr{}, started: time.Now()}
}

func (s *service) Info() *provider.Info { return &s.info }

func (s *service) note(format string, args ...any) {
	at := time.Since(s.started).Round(time.Second)
	s.log = append(s.log, "+"+at.String()+" "+fmt.Sprintf(format, args...))
}

func (s *service) Set(ctx context.Context, _ string, sets []provider.RecordSet) []provider.Result {
	if s.onSet != nil {
		s.onSet()
	}
	if s.slow > 0 {
		select {
		case <-time.After(s.slow):
		case <-ctx.Done():
			return make([]provider.Result, len(sets))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var results []provider.Result
	var names []string
	for _, set := range sets {
		names = append(names, set.Hostname+" "+set.Type+" "+join(set.Addrs))
		r := provider.Result{Outcome: provider.Confirmed, Sent: true}
		if len(s.answers) > 0 {
			r, s.answers = s.answers[0], s.answers[1:]
		}
		key := set.Hostname + " " + set.Type
		if r.Outcome == provider.Confirmed || s.lose && r.Outcome == provider.Unknown {
			r.Unchanged = slices.Equal(s.records[key], set.Addrs)
			s.records[key] = set.Addrs
		}
		results = append(results, r)
	}
	s.note("set %s", strings.Join(names, " & "))
	return results
}

func (s *service) Read(_ context.Context, _, hostname, rrtype string) ([]netip.Addr, error) {
	if !s.readable {
		return nil, provider.ErrUnreadable
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note("read %s %s", hostname, rrtype)
	return s.records[hostname+" "+rrtype], s.readErr
}

func (s *service) Delete(_ context.Context, _, hostname, rrtype string) provider.Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note("delete %s %s", hostname, rrtype)
	delete(s.records, hostname+" "+rrtype)
	return provider.Result{Outcome: provider.Confirmed, Sent: true}
}

// did takes the log.
func (s *service) did() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.log
	s.log = nil
	return l
}

func (s *service) answer(r ...provider.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append(s.answers, r...)
}

func (s *service) holds(hostname, rrtype string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return join(s.records[hostname+" "+rrtype])
}

// dns is a resolver that answers from a service's records, or does not.
type dns struct {
	*service
	down bool
}

func (d *dns) Lookup(_ context.Context, hostname, rrtype string) ([]netip.Addr, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		return nil, errors.New("no name server answers")
	}
	return d.records[hostname+" "+rrtype], nil
}

func join(addrs []netip.Addr) string {
	s := make([]string, len(addrs))
	for i, a := range addrs {
		s[i] = a.String()
	}
	return strings.Join(s, ",")
}

// bench is a Publisher with its surroundings, inside a synctest bubble.
type bench struct {
	t        *testing.T
	run, etc string
	boot     string
	bootTime time.Time
	resolver publish.Resolver

	*publish.Publisher
	cancel context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	events []publish.Event
	warned []string
}

// newBench must be called before the bubble: it makes the directories.
func newBench(t *testing.T) *bench {
	return &bench{t: t, run: t.TempDir(), etc: t.TempDir(), boot: "boot-1"}
}

func (b *bench) start() {
	if b.bootTime.IsZero() {
		b.bootTime = time.Now().Add(-time.Hour)
	}
	b.Publisher = publish.New(publish.Options{
		RunDir: b.run, HoldDir: b.etc, BootID: b.boot, Resolver: b.resolver,
		SinceBoot: func() time.Duration { return time.Since(b.bootTime) },
		OnEvent: func(e publish.Event) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.events = append(b.events, e)
		},
		Warn: func(s string) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.warned = append(b.warned, s)
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel, b.done = cancel, make(chan struct{})
	go func() {
		defer close(b.done)
		if err := b.Run(ctx); err != nil {
			b.t.Error(err)
		}
	}()
	synctest.Wait()
}

func (b *bench) stop() {
	b.cancel()
	<-b.done
}

// reboot forgets nothing but what a reboot forgets; here the run directory survives, as it may
// on a plain Linux.
func (b *bench) reboot() {
	b.stop()
	b.boot += "+"
	b.bootTime = time.Now()
	b.start()
}

func (b *bench) took() []publish.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.events
	b.events = nil
	return e
}

func want(host, addrs string) publish.Want {
	w := publish.Want{
		Target: publish.Target{Account: "acc", Hostname: host, Type: "A"}, Record: strings.SplitN(host, ".", 2)[0],
		Burst: 3, Every: 30 * time.Second,
	}
	for _, s := range strings.Fields(addrs) {
		a := netip.MustParseAddr(s)
		if a.Is6() {
			w.Type = "AAAA"
		}
		w.Addrs = append(w.Addrs, a)
	}
	return w
}

func (b *bench) configure(s *service, wants ...publish.Want) { b.configureAs("f1", s, wants...) }

func (b *bench) configureAs(fingerprint string, s *service, wants ...publish.Want) {
	b.Configure([]publish.Account{{Name: "acc", Fingerprint: fingerprint, Service: s}}, wants)
	synctest.Wait()
}

func (b *bench) state(host string) publish.Status {
	for _, s := range b.Status() {
		if s.Hostname == host {
			return s
		}
	}
	b.t.Fatalf("no status of %s", host)
	return publish.Status{}
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func after(d time.Duration) {
	<-time.After(d) // in the bubble: no time passes outside
	synctest.Wait()
}
