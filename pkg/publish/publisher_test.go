//go:build go1.25

package publish_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
)

const (
	addr1 = "192.88.99.1"
	addr2 = "192.88.99.2"
	addr3 = "192.88.99.3"
)

// bubble runs f with a fake clock and a publisher that has started.
func bubble(t *testing.T, f func(t *testing.T, b *bench, s *service)) {
	t.Helper()
	b := newBench(t)
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		b.t = t
		b.start()
		defer func() { b.stop() }()
		f(t, b, s)
	})
}

func TestPublisher_sends_only_what_is_not_true(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		b.configure(s, want("home.example", addr1))
		equal(t, "first", s.did(), []string{"+0s set home.example A " + addr1})
		b.configure(s, want("home.example", addr1))
		b.NetworkChanged()
		after(48 * time.Hour)
		equal(t, "unchanged for two days", s.did(), nil)

		b.stop()
		b.start()
		b.configure(s, want("home.example", addr1))
		equal(t, "after a restart", s.did(), nil)
		b.configure(s, want("home.example", addr1), want("other.example", addr1))
		equal(t, "a record added", s.did(), []string{"+48h0m0s set other.example A " + addr1})
		b.configure(s, want("other.example", addr1))
		b.configure(s)
		after(time.Hour)
		equal(t, "records removed", s.did(), nil)
	})
}

func TestPublisher_after_a_reboot_asks_the_name_servers_first(t *testing.T) {
	for _, c := range []struct {
		name, held string
		down       bool
		want       []string
	}{
		{"name-holds-it-already", addr1, false, nil},
		{"name-holds-another", addr2, false, []string{"+0s set home.example A " + addr1}},
		{"name-does-not-exist", "", false, []string{"+0s set home.example A " + addr1}},
		{"name-servers-are-silent", addr1, true, []string{"+0s set home.example A " + addr1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				if c.held != "" {
					s.records["home.example A"] = []netip.Addr{netip.MustParseAddr(c.held)}
				}
				b.t, b.resolver = t, &dns{s, c.down}
				b.start()
				defer b.stop()
				b.configure(s, want("home.example", addr1))
				equal(t, "requests", s.did(), c.want)
				if st := b.state("home.example"); st.State != publish.Current {
					t.Fatalf("state %+v", st)
				}
			})
		})
	}
}

func TestPublisher_asks_once_when_credentials_are_refused(t *testing.T) {
	badauth := provider.Result{Outcome: provider.RefusedCredentials, Word: "badauth", Text: "wrong password", Whole: true, Sent: true}
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.answer(badauth)
		b.configure(s, want("a.example", addr1), want("b.example", addr1))
		b.configure(s, want("a.example", addr2), want("b.example", addr2))
		b.NetworkChanged()
		after(23 * time.Hour)
		equal(t, "on the first day", s.did(), []string{"+0s set a.example A " + addr1})
		if st := b.state("b.example"); st.State != publish.Held || st.Hold.Code != publish.HoldCredentials || st.Reason == "" {
			t.Fatalf("the other name of the account: %+v", st)
		}
		b.stop()
		b.start()
		b.configure(s, want("a.example", addr2), want("b.example", addr2))
		equal(t, "after a restart", s.did(), nil)
		s.answer(badauth)
		after(2 * time.Hour)
		if got := s.did(); len(got) != 1 || !strings.HasPrefix(got[0], "+24h") {
			t.Fatalf("once a day: %q", got)
		}
		s.answer(badauth)
		if n := b.Update("b"); n != 1 {
			t.Fatalf("a person asked for %d record sets, want 1", n)
		}
		synctest.Wait()
		equal(t, "a person asks", s.did(), []string{"+25h0m0s set b.example A " + addr2})
		b.configureAs("f2", s, want("a.example", addr2), want("b.example", addr2))
		if got := s.did(); len(got) != 2 {
			t.Fatalf("a new password: %q", got)
		}
	})
}

func TestPublisher_a_ban_outlives_restart_and_reboot(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.answer(provider.Result{Outcome: provider.Banned, Word: "abuse", Text: "banned", Sent: true})
		b.configure(s, want("a.example", addr1), want("b.example", addr1))
		b.stop()
		b.start()
		b.configure(s, want("a.example", addr2), want("b.example", addr1))
		b.reboot()
		b.configure(s, want("a.example", addr2), want("b.example", addr1))
		after(40 * 24 * time.Hour)
		equal(t, "in forty days", s.did(), []string{"+0s set a.example A " + addr1})

		b.Update("a")
		synctest.Wait()
		if got := s.did(); len(got) != 2 {
			t.Fatalf("a person asked and it was lifted: %q", got)
		}
		text, err := os.ReadFile(filepath.Join(b.etc, "holds.json"))
		if err != nil || strings.Contains(string(text), "acc") {
			t.Fatalf("the ban is still written down: %s %v", text, err)
		}
	})
}

func TestPublisher_a_ban_ends_with_other_options_while_off(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.answer(provider.Result{Outcome: provider.Banned, Word: "abuse", Text: "banned", Sent: true})
		b.configure(s, want("a.example", addr1))
		b.reboot()
		b.configureAs("f2", s, want("a.example", addr1))
		if got := s.did(); len(got) != 2 {
			t.Fatalf("requests %q", got)
		}
	})
}

func TestPublisher_waits_as_told(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.answer(provider.Result{Outcome: provider.SlowDown, Word: "911", RetryAfter: 30 * time.Minute, Whole: true, Sent: true})
		b.configure(s, want("a.example", addr1), want("b.example", addr1))
		b.NetworkChanged()
		b.Update("")
		synctest.Wait()
		after(10 * time.Minute)
		b.stop()
		b.start()
		b.configure(s, want("a.example", addr2), want("b.example", addr1))
		equal(t, "before the time", s.did(), []string{"+0s set a.example A " + addr1})
		after(20 * time.Minute)
		if got := s.did(); len(got) != 2 || !strings.HasPrefix(got[0], "+30m") {
			t.Fatalf("at the time: %q", got)
		}
	})
}

func TestPublisher_backs_off_while_there_is_trouble(t *testing.T) {
	down := provider.Result{Outcome: provider.Trouble, Text: "no route"}
	bubble(t, func(t *testing.T, b *bench, s *service) {
		for range 100 {
			s.answer(down)
		}
		b.configure(s, want("a.example", addr1), want("b.example", addr1))
		var gaps []time.Duration
		last := time.Now()
		for range 12 {
			st := b.state("a.example")
			if next := b.state("b.example").Next; next.Before(st.Next) {
				st.Next = next
			}
			after(time.Until(st.Next) + time.Second)
			gaps = append(gaps, time.Since(last))
			last = time.Now()
		}
		for i, gap := range gaps {
			ideal := min(5*time.Second<<i, 30*time.Minute)
			if gap < ideal*8/10 || gap > ideal*12/10+2*time.Second {
				t.Fatalf("gap %d is %v, want about %v (all: %v)", i, gap, ideal, gaps)
			}
		}
		if got := s.did(); len(got) != 13 {
			t.Fatalf("%d requests: %q", len(got), got)
		}
		b.NetworkChanged()
		after(time.Second)
		if got := s.did(); len(got) != 1 {
			t.Fatalf("when the network changed: %q", got)
		}
		s.mu.Lock()
		s.answers = nil
		s.mu.Unlock()
		after(10 * time.Minute)
		if s.holds("a.example", "A") != addr1 || s.holds("b.example", "A") != addr1 {
			t.Fatal("not published when the trouble was over")
		}
	})
}

func TestPublisher_resends_once_when_the_answer_was_lost(t *testing.T) {
	lost := provider.Result{Outcome: provider.Unknown, Sent: true}
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.answer(lost)
		b.configure(s, want("a.example", addr1))
		equal(t, "unreadable", s.did(), []string{"+0s set a.example A " + addr1, "+0s set a.example A " + addr1})
		for _, e := range b.took() {
			if e.Kind == publish.Unchanged {
				t.Fatal("a resent value that the service had already is no surprise")
			}
		}
		after(time.Hour)
		s.answer(lost, lost)
		b.configure(s, want("a.example", addr2))
		if got := s.did(); len(got) != 2 {
			t.Fatalf("lost twice: %q", got)
		}
		if st := b.state("a.example"); st.State != publish.Waiting {
			t.Fatalf("lost twice: %+v", st)
		}
	})
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.readable, s.lose = true, true
		s.answer(lost)
		b.configure(s, want("a.example", addr1))
		equal(t, "readable", s.did(), []string{"+0s read a.example A", "+0s set a.example A " + addr1, "+0s read a.example A"})
	})
}

// What was sent without an answer may be there. When the address comes back to the old one,
// the old one must be sent again although it was the last that was confirmed.
func TestPublisher_trusts_nothing_after_a_lost_answer(t *testing.T) {
	for name, r := range map[string]provider.Result{
		"lost":          {Outcome: provider.Unknown, Sent: true},
		"gateway-error": {Outcome: provider.Trouble, Word: "HTTP 502", Sent: true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, b *bench, s *service) {
				b.configure(s, want("a.example", addr1))
				s.did()
				s.answer(r, r)
				s.onSet = func() { s.records["a.example A"] = []netip.Addr{netip.MustParseAddr(addr2)} }
				b.configure(s, want("a.example", addr2))
				s.onSet = nil
				b.stop()
				b.start()
				b.configure(s, want("a.example", addr1))
				after(time.Hour)
				if got := s.holds("a.example", "A"); got != addr1 {
					t.Fatalf("the name holds %s", got)
				}
			})
		})
	}
}

func TestPublisher_trusts_what_it_knew_after_a_refusal(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		b.configure(s, want("a.example", addr1))
		s.answer(provider.Result{Outcome: provider.Trouble, Text: "no route"})
		b.configure(s, want("a.example", addr2))
		b.configure(s, want("a.example", addr1))
		after(time.Hour)
		equal(t, "requests", s.did(), []string{"+0s set a.example A " + addr1, "+0s set a.example A " + addr2})
	})
}

func TestPublisher_a_newer_address_overtakes_a_queued_one(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		s.slow = 5 * time.Second
		b.configure(s, want("a.example", addr1))
		b.configure(s, want("a.example", addr2))
		b.configure(s, want("a.example", addr3))
		after(time.Minute)
		equal(t, "requests", s.did(), []string{"+5s set a.example A " + addr1, "+10s set a.example A " + addr3})
	})
}

// The file must never claim more certainty than there is at that moment: that is what a
// kill -9 leaves behind.
func TestPublisher_writes_down_doubt_before_it_sends(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench, s *service) {
		b.configure(s, want("a.example", addr1))
		doubt := false
		s.onSet = func() {
			text, err := os.ReadFile(filepath.Join(b.run, "account-acc.json"))
			if err != nil {
				t.Error(err)
			}
			doubt = strings.Contains(string(text), `"known":false`) && strings.Contains(string(text), addr2)
		}
		b.configure(s, want("a.example", addr2))
		if !doubt {
			t.Fatal("while the request was under way the state file was sure of itself")
		}
	})
}

func TestPublisher_sets_a_bad_state_file_aside(t *testing.T) {
	for name, text := range map[string]string{
		"half": `{"version":1,"boot":"boot-1","items":[{"host`, "empty": "", "newer": `{"version":99}`,
		"family": `{"version":1,"items":[{"hostname":"a.example","type":"A","published":["2a00::1"]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			path := filepath.Join(b.run, "account-acc.json")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				b.t = t
				b.start()
				defer b.stop()
				b.configure(s, want("a.example", addr1))
				if s.holds("a.example", "A") != addr1 || len(b.warned) != 1 {
					t.Fatalf("published %q, warned %q", s.holds("a.example", "A"), b.warned)
				}
				if kept, err := os.ReadFile(path + ".bad"); err != nil || string(kept) != text {
					t.Fatalf("set aside: %q %v", kept, err)
				}
			})
		})
	}
}

// Whatever happens in between, the name ends right and no service is asked too often.
func TestPublisher_ends_right_after_any_history(t *testing.T) {
	outcomes := []provider.Result{
		{Outcome: provider.Confirmed, Sent: true}, {Outcome: provider.Confirmed, Sent: true},
		{Outcome: provider.Unknown, Sent: true}, {Outcome: provider.Trouble, Text: "x"},
		{Outcome: provider.Trouble, Sent: true}, {Outcome: provider.SlowDown, Sent: true, RetryAfter: time.Minute},
	}
	for seed := range uint64(150) {
		b := newBench(t)
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			s := newService()
			s.readable, s.lose = r.IntN(2) == 0, r.IntN(2) == 0
			b.t, b.resolver = t, &dns{s, r.IntN(3) == 0}
			b.start()
			defer b.stop()
			addr := addr1
			for range 40 {
				s.answer(outcomes[r.IntN(len(outcomes))])
				switch r.IntN(6) {
				case 0:
					b.stop()
					b.start()
				case 1:
					b.NetworkChanged()
				case 2:
					b.Update("")
				default:
					addr = fmt.Sprintf("192.88.99.%d", r.IntN(4)+1)
				}
				b.configure(s, want("a.example", addr))
				after(time.Duration(r.IntN(40)) * time.Second)
			}
			s.mu.Lock()
			s.answers = nil
			s.mu.Unlock()
			if n := len(s.did()); n > 160 {
				t.Fatalf("seed %d: %d requests", seed, n)
			}
			after(2 * time.Hour)
			if got := s.holds("a.example", "A"); got != addr {
				t.Fatalf("seed %d: the name holds %q, want %q; %+v", seed, got, addr, b.state("a.example"))
			}
			s.did()
			after(24 * time.Hour)
			equal(t, "then it is quiet", s.did(), nil)
		})
	}
}
