//go:build go1.25

package discover_test

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/discover"
)

// fake is a witness that says what it is told to.
type fake struct {
	operator string
	delay    time.Duration

	mu    sync.Mutex
	says  string // an address; "" for an error; "silence" for no answer at all
	asked int
}

func (f *fake) Operator() string { return f.operator }

func (f *fake) Ask(ctx context.Context, _ string, _ address.Family) (netip.Addr, error) {
	f.mu.Lock()
	f.asked++
	says, delay := f.says, f.delay
	f.mu.Unlock()
	if says == "silence" {
		delay = 3500 * time.Millisecond
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return netip.Addr{}, ctx.Err()
	case <-timer.C:
	}
	a, err := netip.ParseAddr(says)
	if err != nil {
		return netip.Addr{}, errors.New("nothing")
	}
	return a, nil
}

func (f *fake) say(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.says = text
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

// modem is a router upstream.
type modem struct {
	external  string
	announced chan func()
}

func (m *modem) External(context.Context, string, netip.Addr) (discover.Told, error) {
	if m.external == "" {
		return discover.Told{}, errors.New("silent")
	}
	return discover.Told{Answered: true, External: netip.MustParseAddr(m.external)}, nil
}

func (m *modem) Listen(ctx context.Context, _ string, _ netip.Addr, announced func()) error {
	select {
	case m.announced <- announced:
	case <-ctx.Done():
	}
	<-ctx.Done()
	return nil
}

// bench is a finder with four STUN witnesses and two echoes.
type bench struct {
	*testing.T
	*discover.Finder
	stun, echo []*fake
	modem      *modem
	changes    int
	mu         sync.Mutex
}

const (
	before = "192.88.99.1"
	after  = "192.88.99.2"
	lie    = "192.88.97.66"
)

var gateway = netip.MustParseAddr("192.168.1.1")

func behind(local string) []discover.Question {
	return []discover.Question{{Device: "wan", Family: address.IPv4, Local: local, Behind: true, Gateway: gateway}}
}

// within runs a test in a bubble of fake time, with a finder at work.
func within(t *testing.T, f func(*bench)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{T: t, modem: &modem{announced: make(chan func(), 1)}}
		b.Finder = discover.New(b.modem, func() { b.mu.Lock(); b.changes++; b.mu.Unlock() })
		var stun, echo []discover.Witness
		for _, name := range []string{"a", "b", "c", "d"} {
			w := &fake{operator: name, says: before, delay: 30 * time.Millisecond}
			b.stun, stun = append(b.stun, w), append(stun, w)
		}
		for _, name := range []string{"e", "f"} {
			w := &fake{operator: name, says: before, delay: 300 * time.Millisecond}
			b.echo, echo = append(b.echo, w), append(echo, w)
		}
		b.Configure(discover.Config{Tiers: [][]discover.Witness{stun, echo}, Interval: 2 * time.Minute})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); _ = b.Finder.Run(ctx) }()
		f(b)
		cancel()
		<-ended // and the bubble sees to it that no goroutine is left
	})
}

func (b *bench) wait(d time.Duration) {
	time.Sleep(d) // of the bubble: takes no time
	synctest.Wait()
}

func (b *bench) sees(want string) {
	b.Helper()
	v := b.View("wan", address.IPv4)
	got := ""
	if v.Addr.IsValid() {
		got = v.Addr.String()
	}
	if got != want {
		b.Errorf("it sees %q (%+v), want %q", got, v, want)
	}
}

func (b *bench) all(says string) {
	for _, w := range append(append([]*fake{}, b.stun...), b.echo...) {
		w.say(says)
	}
}

func total(list []*fake) (n int) {
	for _, w := range list {
		n += w.count()
	}
	return n
}
