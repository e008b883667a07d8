//go:build go1.25

package publish_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
)

func TestPublisher_limits_a_flapping_address(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		last := ""
		for i := range 50 {
			last = fmt.Sprintf("192.88.99.%d", i+10)
			b.configure(s, want("a.example", last))
			after(200 * time.Millisecond)
		}
		if n := len(s.did()); n != 3 {
			t.Fatalf("%d requests in 10 s, want the burst of 3", n)
		}
		if st := b.state("a.example"); st.State != publish.Waiting || st.Reason == "" || st.Next.IsZero() {
			t.Fatalf("held back: %+v", st)
		}
		after(time.Minute)
		if n := len(s.did()); n != 1 || s.holds("a.example", "A") != last {
			t.Fatalf("%d requests, ends with %s", n, s.holds("a.example", "A"))
		}
		for i := range 3500 {
			b.configure(s, want("a.example", fmt.Sprintf("192.88.99.%d", i%250+1)))
			after(time.Second)
		}
		if n := len(s.did()); n > 20 {
			t.Fatalf("%d requests in an hour", n)
		}
	})
}

func TestPublisher_leaves_foreign_addresses_alone(t *testing.T) {
	others := []netip.Addr{netip.MustParseAddr("192.88.99.77"), netip.MustParseAddr("192.88.99.78")}
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.readable = true
		s.records["a.example A"] = others
		b.configure(s, want("a.example", addr1))
		b.configure(s, want("a.example", addr2))
		equal(t, "requests", s.did(), []string{"+0s read a.example A"})
		if st := b.state("a.example"); st.State != publish.Held || st.Hold.Code != publish.HoldForeign {
			t.Fatalf("state %+v", st)
		}
		w := want("a.example", addr2)
		w.Replace = true
		b.configure(s, w)
		if got := s.holds("a.example", "A"); got != addr2 {
			t.Fatalf("with leave to replace: %s", got)
		}
	})
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.readable = true
		b.configure(s, want("a.example", addr1+" "+addr2))
		b.configure(s, want("a.example", addr2+" "+addr3))
		if got := s.holds("a.example", "A"); got != addr2+","+addr3 {
			t.Fatalf("our own set of two: %s", got)
		}
	})
}

func TestPublisher_one_family_takes_the_other_along(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.info.Limits = provider.Limits{Joint: true, MaxHostnames: 20, MaxAddresses: 1}
		b.configure(s, want("a.example", addr1), want("a.example", "2a00::1"), want("b.example", addr1))
		equal(t, "first", s.did(), []string{"+0s set a.example A " + addr1 + " & a.example AAAA 2a00::1 & b.example A " + addr1})
		b.configure(s, want("a.example", addr1), want("a.example", "2a00::2"), want("b.example", addr1))
		equal(t, "IPv6 alone changes", s.did(), []string{"+0s set a.example AAAA 2a00::2 & a.example A " + addr1})
		for _, e := range b.took() {
			if e.Kind == publish.Unchanged {
				t.Fatalf("the family that went along is no surprise: %+v", e)
			}
		}
	})
}

func TestPublisher_counts_no_change_in_a_row(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		rows := []int{}
		for i := range 3 {
			addr := fmt.Sprintf("192.88.99.%d", i+1)
			s.records["a.example A"] = []netip.Addr{netip.MustParseAddr(addr)}
			b.configure(s, want("a.example", addr))
			for _, e := range b.took() {
				if e.Kind == publish.Unchanged {
					rows = append(rows, e.Row)
				}
			}
		}
		if fmt.Sprint(rows) != "[1 2 3]" {
			t.Fatalf("rows %v", rows)
		}
	})
}

func TestPublisher_refreshes_only_when_asked(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		w := want("a.example", addr1)
		w.Refresh = 25 * 24 * time.Hour
		b.configure(s, w)
		s.did()
		after(26 * 24 * time.Hour)
		equal(t, "after 26 days", s.did(), []string{"+600h0m0s set a.example A " + addr1})
		b.resolver = &dns{s, false}
		b.reboot()
		b.configure(s, w)
		equal(t, "at the reboot", s.did(), nil)
		after(6 * 24 * time.Hour)
		equal(t, "a fifth later", s.did(), []string{"+744h0m0s set a.example A " + addr1})
	})
}

func TestPublisher_deletes_only_when_told(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		b.configure(s, want("a.example", addr1))
		s.did()
		w := want("a.example", "")
		b.configure(s, w)
		after(time.Hour)
		equal(t, "nothing known", s.did(), nil)
		if st := b.state("a.example"); st.State != publish.Idle || join(st.Published) != addr1 {
			t.Fatalf("state %+v", st)
		}
		w.Delete = true
		b.configure(s, w)
		b.configure(s, w)
		equal(t, "told", s.did(), []string{"+1h0m0s delete a.example A"})
	})
}

func TestPublisher_waits_while_blocked(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		b.Block("waiting for the clock")
		b.configure(s, want("a.example", addr1))
		after(time.Hour)
		equal(t, "blocked", s.did(), nil)
		if st := b.state("a.example"); st.State != publish.Waiting || st.Reason != "waiting for the clock" {
			t.Fatalf("state %+v", st)
		}
		b.Block("")
		synctest.Wait()
		equal(t, "free", s.did(), []string{"+1h0m0s set a.example A " + addr1})
	})
}

func TestPublisher_a_service_that_cannot_be_read_for_a_reason(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.readable = true
		s.readErr = &provider.Refusal{Result: provider.Result{Outcome: provider.RefusedCredentials, Word: "HTTP 401", Text: "token", Whole: true}}
		b.configure(s, want("a.example", addr1), want("b.example", addr1))
		after(time.Hour)
		equal(t, "401 on reading", s.did(), []string{"+0s read a.example A"})
	})
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.readable, s.readErr = true, errors.New("no route")
		b.configure(s, want("a.example", addr1))
		s.mu.Lock()
		s.readErr = nil
		s.mu.Unlock()
		after(7 * time.Second)
		if s.holds("a.example", "A") != addr1 {
			t.Fatalf("not tried again: %q", s.did())
		}
	})
}
