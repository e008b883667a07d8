package address_test

import (
	"math/rand"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/netwatch"
)

// wans is a world with WANs in these states, in order: "up" (an address and a route), "unrouted",
// "bare" (a route and no address), "down", "gone", and "main" (up, with its route in the main table
// only). The routes of the others are each in a table of its own, with mwan3 in the main one too.
func wans(mwan3 bool, states ...string) (s netwatch.Snapshot) {
	for i, state := range states {
		name := wanNames[i]
		l := netwatch.Link{Index: i + 2, Name: name, Up: true, Running: state != "down"}
		if state != "bare" {
			l.Addresses = []netwatch.Address{{Addr: wanAddrs[i]}}
		}
		if state == "up" || state == "bare" || state == "down" {
			// In a table of mwan3's, and one of the other family that must not count.
			s.Routes = append(s.Routes, netwatch.Route{Link: name, Table: i + 1})
		}
		if state == "main" || mwan3 && state != "unrouted" && state != "gone" {
			s.Routes = append(s.Routes, netwatch.Route{Link: name, Table: 254})
		}
		s.Routes = append(s.Routes, netwatch.Route{Link: name, IPv6: true, Table: 254})
		if state != "gone" {
			s.Links = append(s.Links, l)
		}
	}
	s.Routes = append(s.Routes, netwatch.Route{Table: 254}) // unreachable
	return s
}

var (
	wanNames = []string{"wan", "wanb", "lte"}
	wanAddrs = []netip.Addr{netip.MustParseAddr("192.88.99.1"), netip.MustParseAddr("192.88.100.1"), netip.MustParseAddr("192.88.101.1")}
)

func TestMemory_failover_and_return(t *testing.T) {
	type at struct {
		second int
		states []string
		want   string // device, or a code
	}
	rule := address.Rule{Interfaces: wanNames[:2], Failback: 30 * time.Second}
	for _, c := range []struct {
		name  string
		steps []at
	}{
		{"first-at-start", []at{{0, []string{"up", "up"}, "wan"}}},
		{"leaves-at-once", []at{{0, []string{"up", "up"}, "wan"}, {1, []string{"down", "up"}, "wanb"}}},
		{"no-route-is-as-bad-as-no-address", []at{{0, []string{"unrouted", "up"}, "wanb"}, {1, []string{"bare", "up"}, "wanb"}, {2, []string{"gone", "up"}, "wanb"}}},
		{"returns-after-the-wait", []at{{0, []string{"down", "up"}, "wanb"}, {10, []string{"up", "up"}, "wanb"}, {39, []string{"up", "up"}, "wanb"}, {40, []string{"up", "up"}, "wan"}}},
		{"the-wait-begins-anew", []at{{0, []string{"down", "up"}, "wanb"}, {10, []string{"up", "up"}, "wanb"}, {35, []string{"unrouted", "up"}, "wanb"},
			{36, []string{"up", "up"}, "wanb"}, {65, []string{"up", "up"}, "wanb"}, {66, []string{"up", "up"}, "wan"}}},
		{"returns-at-once-when-the-other-fails", []at{{0, []string{"down", "up"}, "wanb"}, {10, []string{"up", "up"}, "wanb"}, {11, []string{"up", "down"}, "wan"}}},
		{"both-fail", []at{{0, []string{"up", "up"}, "wan"}, {1, []string{"down", "down"}, "link-down"}, {2, []string{"down", "up"}, "wanb"}}},
		{"no-routes-anywhere-stays", []at{{0, []string{"down", "up"}, "wanb"}, {1, []string{"unrouted", "unrouted"}, "wanb"}}},
		{"no-routes-at-start", []at{{0, []string{"unrouted", "unrouted"}, "wan"}}},
		{"one-with-an-address-is-enough-without-routes", []at{{0, []string{"gone", "unrouted"}, "wanb"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m address.Memory
			for _, s := range c.steps {
				var d address.Decision
				d, m, _ = m.Choose(wans(false, s.states...), rule, address.IPv4, nil, nil, nil, epoch.Add(time.Duration(s.second)*time.Second))
				got := d.Device
				if !d.Available() {
					got = string(d.Code)
				}
				if got != s.want {
					t.Fatalf("after %d s with %v: %s (%v), want %s", s.second, s.states, got, d, s.want)
				}
			}
		})
	}
}

// mwan3 finds a WAN offline, and takes its route out of its table.
func TestMemory_follows_mwan3(t *testing.T) {
	rule := address.Rule{Interfaces: wanNames[:2]}
	var m address.Memory
	for _, c := range []struct {
		states []string
		want   string
	}{
		{[]string{"up", "up"}, "192.88.99.1"},
		{[]string{"main", "up"}, "192.88.100.1"},
		{[]string{"up", "up"}, "192.88.99.1"},
		{[]string{"up", "main"}, "192.88.99.1"},
		{[]string{"main", "main"}, "192.88.99.1"}, // it manages neither, as far as can be told
		{[]string{"down", "main"}, "192.88.100.1"},
	} {
		var d address.Decision
		if d, m, _ = m.Choose(wans(true, c.states...), rule, address.IPv4, nil, nil, nil, epoch); d.String() != c.want {
			t.Errorf("%v: %v, want %s", c.states, d, c.want)
		}
	}
	// The same tables without copies in the main one are somebody's policy routing.
	s := wans(false, "up", "main")
	rule.Interfaces = []string{"wanb", "wan"}
	if d, _, _ := (address.Memory{}).Choose(s, rule, address.IPv4, nil, nil, nil, epoch); d.String() != "192.88.100.1" {
		t.Errorf("a route in the main table does not count: %v", d)
	}
}

func TestMemory_one_device_needs_no_route(t *testing.T) {
	for _, ifaces := range [][]string{{"wan"}, {"wan", "wan6"}} {
		d, _, _ := address.Memory{}.Choose(wans(false, "unrouted"), address.Rule{Interfaces: ifaces}, address.IPv4, nil,
			func(string) (string, string, bool) { return "wan", "", true }, nil, epoch)
		if d.String() != "192.88.99.1" {
			t.Errorf("%v: %v", ifaces, d)
		}
	}
}

// logbook is the reference: it writes everything down, and finds out from that.
type logbook struct {
	times  []time.Time
	good   [][]bool
	using  int
	usable []bool
}

func (l *logbook) note(now time.Time, states []string, mwan3 bool) {
	good, usable := make([]bool, len(states)), make([]bool, len(states))
	copied := func(s string) bool { return mwan3 && (s == "up" || s == "bare" || s == "down") }
	for i, s := range states {
		good[i] = s == "up" || s == "main" && !slices.ContainsFunc(states, copied)
		usable[i] = s == "up" || s == "unrouted" || s == "main"
	}
	l.times, l.good, l.usable = append(l.times, now), append(l.good, good), usable
}

// goodFor is how long a WAN has been good without a break, -1 when it is not.
func (l *logbook) goodFor(i int) time.Duration {
	last := len(l.times) - 1
	long := time.Duration(-1)
	for k := last; k >= 0 && l.good[k][i]; k-- {
		long = l.times[last].Sub(l.times[k])
	}
	return long
}

// decide says which WAN it is, -1 for none.
func (l *logbook) decide(wait time.Duration) int {
	inUse := l.using >= 0 && l.goodFor(l.using) >= 0
	for i := range l.usable {
		if g := l.goodFor(i); g >= 0 && (!inUse || i == l.using || i < l.using && g >= wait) {
			l.using = i
			return i
		}
	}
	if l.using >= 0 && l.usable[l.using] {
		return l.using
	}
	if i := slices.Index(l.usable, true); i >= 0 {
		l.using = i
		return i
	}
	return -1
}

func TestMemory_failover_agrees_with_a_logbook(t *testing.T) {
	all := []string{"up", "up", "up", "unrouted", "bare", "down", "gone", "main"}
	moves, returns, early := 0, 0, 0
	for seed := int64(0); seed < 2000; seed++ {
		r := rand.New(rand.NewSource(seed))
		rule := address.Rule{Interfaces: wanNames[:2+r.Intn(2)], Failback: time.Duration(r.Intn(4)) * 10 * time.Second}
		states := make([]string, len(rule.Interfaces))
		for i := range states {
			states[i] = all[r.Intn(len(all))]
		}
		book, mwan3 := &logbook{using: -1}, r.Intn(2) == 0
		var m address.Memory
		var again time.Time
		now, last := epoch, -1
		for step := 0; step < 60; step++ {
			next := now.Add(time.Duration(r.Intn(25)) * time.Second)
			if woken := !again.IsZero() && again.Before(next); woken {
				now = again // the daemon's timer comes first
			} else {
				now = next
				states[r.Intn(len(states))] = all[r.Intn(len(all))]
			}
			book.note(now, states, mwan3)
			want := book.decide(rule.Failback)
			var d address.Decision
			d, m, again = m.Choose(wans(mwan3, states...), rule, address.IPv4, nil, nil, nil, now)
			got := slices.Index(wanAddrs, append(d.Addrs, netip.Addr{})[0])
			if got != want {
				t.Fatalf("sequence %d, step %d, %v: WAN %d (%v), want %d", seed, step, states, got, d, want)
			}
			if !again.IsZero() && !again.After(now) {
				t.Fatalf("sequence %d, step %d: look again at %v, and it is %v", seed, step, again, now)
			}
			if got >= 0 && states[got] != "up" && states[got] != "main" && slices.Contains(states, "up") {
				t.Fatalf("sequence %d, step %d: took %v of %v", seed, step, d, states)
			}
			switch {
			case got > last:
				moves++
			case got < last && got >= 0:
				returns++
			case !again.IsZero():
				early++ // a better one is good, and is waited for
			}
			last = got
		}
	}
	if t.Logf("%d moves, %d returns, %d waits", moves, returns, early); min(moves, returns, early) < 2000 {
		t.Error("hardly anything happened: the test shows little")
	}
}

func TestMemory_an_outside_view_in_the_making_moves_nothing(t *testing.T) {
	view := address.View{Addr: netip.MustParseAddr("192.88.97.1")}
	outside := func(device string, _ address.Family) address.View {
		if device == "wan" {
			return view
		}
		return address.View{Addr: netip.MustParseAddr("192.88.97.2")}
	}
	rule := address.Rule{Interfaces: wanNames[:2], Source: address.SeenOutside}
	d, m, _ := address.Memory{}.Choose(wans(false, "up", "up"), rule, address.IPv4, nil, nil, outside, epoch)
	if d.Device != "wan" {
		t.Fatalf("%v", d)
	}
	view = address.View{Pending: true}
	if d, m, _ = m.Choose(wans(false, "up", "up"), rule, address.IPv4, nil, nil, outside, epoch); d.Code != address.NotYetKnown {
		t.Fatalf("while it is asked: %v", d)
	}
	view = address.View{Text: "nobody answers"}
	if d, _, _ = m.Choose(wans(false, "up", "up"), rule, address.IPv4, nil, nil, outside, epoch); d.Device != "wanb" {
		t.Fatalf("when nobody answers: %v", d)
	}
}
