//go:build go1.25

package discover_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/discover"
)

// own is the question whether an address of the device itself is what the Internet sees.
func own(addr string) []discover.Question {
	return []discover.Question{{Device: "wan", Family: address.IPv4, Local: addr, Own: netip.MustParseAddr(addr)}}
}

// doubted says whether the device's address is in doubt.
func (b *bench) doubted() bool { return b.View("wan", address.IPv4).Doubt }

func TestFinder_a_public_address_is_in_doubt_once_in_a_network(t *testing.T) {
	within(t, func(b *bench) {
		b.Ask(own(before), false)
		if !b.doubted() {
			b.Error("a first address is in no doubt")
		}
		b.wait(31 * time.Millisecond) // one answer takes 30 ms
		b.sees(before)
		if b.doubted() || total(b.stun) != 1 || b.changes != 1 {
			b.Errorf("in doubt: %v after %d questions and %d changes; one who sees it will do", b.doubted(), total(b.stun), b.changes)
		}
		b.Ask(own(before), true)
		b.wait(24 * time.Hour)
		if n := total(b.stun); n != 1 {
			b.Errorf("%d questions in a day without a change, want the first", n)
		}
		b.all(after)
		b.Ask(own(after), false)
		b.sees("") // what was seen of the old address says nothing of the new one
		if b.doubted() {
			b.Error("the next address in the same network is in doubt")
		}
		b.wait(2 * time.Second)
		if total(b.stun) != 1 {
			b.Error("the check did not wait for the publishing")
		}
		b.wait(2 * time.Second)
		b.sees(after)
		b.all("25.1.2.3")
		b.Ask(own("25.1.2.3"), false)
		if !b.doubted() {
			b.Error("an address in another network is in no doubt")
		}
		b.wait(time.Second)
		b.Ask(nil, false) // the line is down for a while
		b.Ask(own("25.9.9.9"), false)
		if b.doubted() {
			b.Error("what a device had is forgotten")
		}
	})
}

func TestFinder_what_looks_public_and_is_not(t *testing.T) {
	within(t, func(b *bench) {
		b.Ask(own("25.1.2.3"), false)
		b.wait(40 * time.Millisecond)
		b.sees("")
		if !b.doubted() {
			b.Error("one alone is believed that another address is seen")
		}
		b.wait(40 * time.Millisecond)
		b.sees(before)
		n := total(b.stun)
		b.wait(time.Hour)
		if again := total(b.stun) - n; again < 5 || again > 7 {
			b.Errorf("%d questions in an hour, want one in ten minutes: the ISP may end it", again)
		}
		b.Ask(own("25.1.2.4"), false)
		if !b.doubted() {
			b.Error("the next address where NAT was is in no doubt")
		}
		b.all("silence") // it is not published for want of an answer, for as long as is sensible
		b.wait(29 * time.Second)
		if !b.doubted() {
			b.Error("where NAT was, silence is believed")
		}
		b.wait(2 * time.Second)
		if b.doubted() {
			b.Error("where NAT was, silence keeps an address back for ever")
		}
		b.all("25.1.2.4")
		b.wait(2 * time.Minute)
		b.sees("25.1.2.4")
		// A network that was good and is not any more.
		b.Ask(own("25.1.2.5"), false)
		b.all(after)
		b.wait(5 * time.Second)
		b.sees(after)
		b.Ask(own("25.1.2.6"), false)
		if !b.doubted() {
			b.Error("a network stays trusted although the Internet saw something else")
		}
	})
}

func TestFinder_a_doubt_never_outlasts_a_second(t *testing.T) {
	for _, bad := range []string{"silence", "", "disagree"} {
		t.Run("says-"+bad, func(t *testing.T) {
			within(t, func(b *bench) {
				b.all(bad)
				if bad == "disagree" {
					for i, w := range b.stun {
						w.say(fmt.Sprintf("192.88.97.%d", i+1))
					}
				}
				b.Ask(own(before), false)
				began := time.Now()
				for i := 0; b.doubted(); i++ {
					b.wait(10 * time.Millisecond)
					if i%7 == 0 { // something local goes on changing
						q := own(before)
						q[0].Local = fmt.Sprint(i)
						b.Ask(q, false)
					}
				}
				if took := time.Since(began); took > 1010*time.Millisecond {
					b.Errorf("in doubt for %v", took)
				}
				if b.changes != 1 {
					b.Errorf("%d changes were told, want that of its end", b.changes)
				}
				b.Ask(own("25.1.2.3"), false)
				if b.doubted() {
					b.Error("where nobody answers, the next address waits too")
				}
				b.all("25.1.2.3")
				b.wait(time.Minute)
				b.sees("25.1.2.3")
				b.Ask(own(before), false)
				if !b.doubted() {
					b.Error("who answers again is not waited for")
				}
			})
		})
	}
}

// The address of a WAN often comes a moment before its default route.
func TestFinder_a_doubt_goes_on_when_the_route_comes(t *testing.T) {
	within(t, func(b *bench) {
		b.all("")
		b.Ask(own(before), false)
		b.wait(31 * time.Millisecond * 4)
		if b.doubted() {
			b.Error("nobody can be asked, and it waits")
		}
		b.all(after)
		q := own(before)
		q[0].Local = "and a route"
		b.Ask(q, false)
		if !b.doubted() {
			b.Error("now that they can be asked, nobody waits")
		}
		b.wait(100 * time.Millisecond)
		b.sees(after)
	})
}

func TestFinder_a_liar_cannot_hide_a_public_address(t *testing.T) {
	for i := 0; i < 20; i++ { // whoever is asked first
		within(t, func(b *bench) {
			b.stun[0].say(lie)
			b.Ask(own(before), false)
			b.wait(100 * time.Millisecond)
			b.sees(before)
		})
	}
}

func TestFinder_source_outside_with_a_public_address(t *testing.T) {
	within(t, func(b *bench) {
		needed := func(addr string) []discover.Question {
			q := own(addr)
			q[0].Needed = true
			return q
		}
		b.Ask(needed(before), false)
		b.wait(time.Second)
		b.sees(before)
		b.Ask(needed("192.88.99.9"), false) // in a network that is trusted
		b.wait(100 * time.Millisecond)
		b.sees(before) // at once, and by the echoes too where it comes to that
		b.wait(time.Minute)
		b.all(after) // with nothing local changing
		b.wait(133 * time.Second)
		b.sees(after)
		for _, w := range b.stun {
			w.say("silence")
		}
		b.Ask(needed("192.88.99.10"), false)
		b.wait(10 * time.Second)
		b.sees(after)
		if total(b.echo) == 0 {
			b.Error("the echoes were not asked")
		}
	})
}

func TestFinder_a_check_that_nobody_answers_is_given_up(t *testing.T) {
	within(t, func(b *bench) {
		b.all("")
		b.Ask(own(before), false)
		b.wait(time.Hour)
		n := total(b.stun)
		b.wait(24 * time.Hour)
		if n == 0 || n > 4*7 || total(b.stun) != n || total(b.echo) != 0 {
			b.Errorf("%d, then %d questions, and %d to echoes", n, total(b.stun), total(b.echo))
		}
	})
}
