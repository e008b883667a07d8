//go:build go1.25

package publish_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
)

// Having seen somebody else's addresses once does not make them ours: not when they are looked
// at again because a person asks, a day has passed, or the router has started again.
func TestPublisher_leaves_foreign_addresses_alone_however_often_it_looks(t *testing.T) {
	others := []netip.Addr{netip.MustParseAddr("192.88.99.77"), netip.MustParseAddr("192.88.99.78")}
	for name, again := range map[string]func(b *bench){
		"a-person-asks": func(b *bench) { b.Update("") },
		"a-day-passes":  func(*bench) { after(25 * time.Hour) },
		"reboot":        func(b *bench) { b.reboot() },
		"restart-then-a-person-asks": func(b *bench) {
			b.stop()
			b.start()
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, b *bench, s *service) {
				s.readable = true
				s.records["a.example A"] = others
				b.configure(s, want("a.example", addr1))
				for range 3 {
					again(b)
					b.configure(s, want("a.example", addr1))
					b.Update("a")
					synctest.Wait()
					if st := b.state("a.example"); st.State != publish.Held || st.Hold.Code != publish.HoldForeign {
						t.Fatalf("state %+v", st)
					}
					if got := s.holds("a.example", "A"); got != "192.88.99.77,192.88.99.78" {
						t.Fatalf("the name holds %s", got)
					}
				}
			})
		})
	}
}

// A service that says "slow down" without saying for how long is left alone for a while,
// whatever the network does; a person may ask it.
func TestPublisher_slows_down_over_network_changes(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.answer(provider.Result{Outcome: provider.SlowDown, Word: "HTTP 429", Whole: true, Sent: true})
		b.configure(s, want("a.example", addr1))
		after(10 * time.Second)
		b.NetworkChanged()
		b.stop()
		b.start()
		b.configure(s, want("a.example", addr2))
		b.NetworkChanged()
		after(10 * time.Second)
		equal(t, "before the time", s.did(), []string{"+0s set a.example A " + addr1})
		b.Update("")
		synctest.Wait()
		equal(t, "when a person asks", s.did(), []string{"+20s set a.example A " + addr2})
	})
}
