package main

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/machine"
	"github.com/wandns/wandns/scripts/vm/plan"
)

// host is this side: the service, and what was heard of the machine.
type host struct {
	front *double.Front
	duck  *double.DuckDNS
	watch *lab.Stopwatch
	began time.Time // power on

	clock      string           // what the machine's clock showed
	handshakes int              // before the clock was set
	end        string           // the machine's last word
	seen       map[string][]int // what it measured, in its order

	mu     sync.Mutex
	shouts map[string]time.Time // when it was about to take an address
}

// listen notes what the machine shouts, until the socket is closed.
func (h *host) listen(ears *net.UDPConn) {
	text := make([]byte, 100)
	for {
		n, err := ears.Read(text)
		if err != nil {
			return
		}
		h.mu.Lock()
		h.shouts[string(text[:n])] = time.Now()
		h.mu.Unlock()
	}
}

// hear takes a line of the console, and says whether more is wanted.
func (h *host) hear(line string) bool {
	fmt.Println(line)
	said, ok := strings.CutPrefix(line, machine.Mark)
	if !ok {
		return true
	}
	word, rest, _ := strings.Cut(said, " ")
	_, value, _ := strings.Cut(rest, "=")
	if n, err := strconv.Atoi(value); err == nil {
		h.seen[word] = append(h.seen[word], n)
		return true
	}
	switch word {
	case "the":
		h.clock = rest
	case "sets":
		h.handshakes = h.front.Handshakes()
	case "done", "failed:":
		h.end = said
		return false
	}
	return true
}

// within are the milliseconds that a step may take. They are for an emulated processor on a busy
// machine and catch what hangs: who does not see that the clock was set would wait for years.
// On an idle machine it is a tenth of these.
var within = map[string]int{
	plan.Started:   20000,
	plan.Ready:     20000,
	plan.ClockSeen: 10000,
	plan.Published: 40000,
	plan.Changed:   20000,
}

// judge says what is not as it must be, and completes what was measured.
func (h *host) judge() error {
	var wrong []error
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if h.end != "done" {
		complain("the machine did not come to its end: %q", h.end)
	}
	if h.handshakes != 0 {
		complain("before the clock was set the service saw %d TLS handshakes", h.handshakes)
	}
	if !strings.Contains(h.clock, "shows 2000-01-01") {
		complain("the machine's clock was set already: %q", h.clock)
	}
	for what, most := range within {
		if n := len(h.seen[what]); n == 0 || slices.Max(h.seen[what]) > most {
			complain("%s: %d ms, want some of %d at the most", what, h.seen[what], most)
		}
	}
	requests := h.duck.Requests()
	if len(requests) != plan.Changes+1 {
		complain("%d requests, want one for each of %d addresses", len(requests), plan.Changes+1)
	}
	for i, r := range requests {
		if got := r.Query.Get("ip"); got != plan.WAN(i) {
			complain("request %d is for %q, want %s", i+1, got, plan.WAN(i))
		}
	}
	for _, c := range h.front.Complaints() {
		complain("the service complains: %s", c)
	}
	if len(wrong) == 0 {
		wrong = append(wrong, h.time(requests))
	}
	return errors.Join(wrong...)
}

// time adds what the host measured.
func (h *host) time(requests []double.Request) error {
	h.seen[plan.Boot] = []int{int(requests[0].At.Sub(h.began).Milliseconds())}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, r := range requests[1:] {
		shouted, ok := h.shouts[plan.WAN(i+1)]
		if !ok {
			return fmt.Errorf("the machine took %s and did not shout", plan.WAN(i+1))
		}
		first, ok := h.watch.First(r.Remote, shouted)
		if !ok {
			return fmt.Errorf("nothing came from %s after %s was taken", r.Remote, plan.WAN(i+1))
		}
		h.seen[plan.FirstByte] = append(h.seen[plan.FirstByte], int(first.Sub(shouted).Milliseconds()))
	}
	return nil
}

// report prints a line for each figure: board, figure, unit, number of values, median, maximum.
func (h *host) report(board string) {
	for _, what := range []string{plan.Boot, plan.Started, plan.Ready, plan.ClockSeen, plan.Published, plan.FirstByte, plan.Changed, "VmHWM", "VmRSS", "RssAnon"} {
		values, unit := slices.Sorted(slices.Values(h.seen[what])), "ms"
		if strings.HasPrefix(what, "Vm") || strings.HasPrefix(what, "Rss") {
			unit = "KiB"
		}
		if n := len(values); n > 0 {
			fmt.Printf("FIGURE %-4s %-26s %-3s n=%d median=%d max=%d\n", board, what, unit, n, values[n/2], values[n-1])
		}
	}
}
