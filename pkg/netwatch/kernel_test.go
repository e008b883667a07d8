package netwatch_test

import (
	"context"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/scripts/lab"
)

const patience = 20 * time.Second // how long a test waits before it gives up

// recorder runs a Watcher on the real kernel and keeps what it says.
type recorder struct {
	*netwatch.Watcher
	t    *testing.T
	news chan struct{}

	mu   sync.Mutex
	seen []netwatch.Snapshot
}

func record(t *testing.T, cfg netwatch.Config) *recorder {
	t.Helper()
	r := &recorder{Watcher: netwatch.New(cfg), t: t, news: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		if err := r.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	go func() {
		defer wg.Done()
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-r.Snapshots():
				r.mu.Lock()
				r.seen = append(r.seen, s)
				r.mu.Unlock()
				select {
				case r.news <- struct{}{}:
				default:
				}
			}
		}
	}()
	t.Cleanup(func() { cancel(); wg.Wait() })
	r.until("the first snapshot", func(netwatch.Snapshot) bool { return true })
	return r
}

func (r *recorder) all() []netwatch.Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen
}

// until waits for a latest snapshot of a certain kind.
func (r *recorder) until(what string, good func(netwatch.Snapshot) bool) netwatch.Snapshot {
	r.t.Helper()
	deadline := time.After(patience)
	for {
		var last netwatch.Snapshot
		if all := r.all(); len(all) > 0 {
			last = all[len(all)-1]
			if good(last) {
				return last
			}
		}
		select {
		case <-r.news:
		case <-deadline:
			r.t.Fatalf("waited in vain for %s; the last snapshot: %+v; %+v", what, last, r.Counters())
		}
	}
}

// eventually polls a condition that nothing announces.
func eventually(t *testing.T, what string, good func() bool) {
	t.Helper()
	deadline, tick := time.After(patience), time.NewTicker(2*time.Millisecond)
	defer tick.Stop()
	for !good() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sysctl sets a value under /proc/sys/net of the test's own network.
func sysctl(t *testing.T, path, value string) {
	t.Helper()
	must(t, os.WriteFile("/proc/sys/net/"+path, []byte(value), 0o644))
}

// wan makes the pair of devices wan and isp, without link-local addresses, so that nothing
// happens by itself.
func wan(t *testing.T) netlink.Link {
	t.Helper()
	sysctl(t, "ipv6/conf/default/addr_gen_mode", "1")
	v, err := lab.Veth("wan", "isp")
	must(t, err)
	return v
}

func addresses(s netwatch.Snapshot, dev string) (a []netip.Addr) {
	l, _ := s.LinkByName(dev)
	for _, x := range l.Addresses {
		a = append(a, x.Addr)
	}
	return a
}

func address(s netwatch.Snapshot, dev, addr string) (netwatch.Address, bool) {
	l, _ := s.LinkByName(dev)
	for _, x := range l.Addresses {
		if x.Addr == netip.MustParseAddr(addr) {
			return x, true
		}
	}
	return netwatch.Address{}, false
}

func has(dev, addr string) func(netwatch.Snapshot) bool {
	return func(s netwatch.Snapshot) bool { _, ok := address(s, dev, addr); return ok }
}

func hasFlags(dev, addr string, set, unset netwatch.Flags) func(netwatch.Snapshot) bool {
	return func(s netwatch.Snapshot) bool {
		a, ok := address(s, dev, addr)
		return ok && a.Flags&set == set && a.Flags&unset == 0
	}
}

func usable(dev string, want bool) func(netwatch.Snapshot) bool {
	return func(s netwatch.Snapshot) bool {
		l, ok := s.LinkByName(dev)
		return ok && l.Running && l.Usable() == want
	}
}

// link finds a device for a change.
func link(t *testing.T, name string) netlink.Link {
	t.Helper()
	l, err := netlink.LinkByName(name)
	must(t, err)
	return l
}

func defaultRoute(l netlink.Link, gateway string) *netlink.Route {
	gw := netip.MustParseAddr(gateway)
	dst := lab.Addr("0.0.0.0/0").IPNet
	if gw.Is6() {
		dst = lab.Addr("::/0").IPNet
	}
	return &netlink.Route{LinkIndex: l.Attrs().Index, Dst: dst, Gw: gw.AsSlice()}
}
