package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/scripts/lab"
)

// memory is what a process holds, in KiB: resident, and of that its own (not backed by a file).
func memory(t testing.TB, pid int) (rss, anonymous int) {
	t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
	must(t, err)
	for _, line := range strings.Split(string(text), "\n") {
		var n int
		if _, err := fmt.Sscanf(line, "Rss: %d kB", &n); err == nil {
			rss = n
		}
		if _, err := fmt.Sscanf(line, "Anonymous: %d kB", &n); err == nil {
			anonymous = n
		}
	}
	if rss == 0 || anonymous == 0 {
		t.Fatalf("no figures in %s", text)
	}
	return rss, anonymous
}

// switches is how often the threads of a process were put to sleep so far, which is how often
// they were woken.
func switches(t testing.TB, pid int) (n int) {
	t.Helper()
	files, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/status")
	must(t, err)
	for _, f := range files {
		text, err := os.ReadFile(f)
		must(t, err)
		_, rest, _ := strings.Cut(string(text), "\nvoluntary_ctxt_switches:\t")
		count, _, _ := strings.Cut(rest, "\n")
		one, err := strconv.Atoi(count)
		must(t, err)
		n += one
	}
	return n
}

// peak is the most memory that a process ever had resident, in KiB.
func peak(t testing.TB, pid int) int {
	t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	must(t, err)
	_, rest, _ := strings.Cut(string(text), "\nVmHWM:")
	fields := strings.Fields(rest)
	n, err := strconv.Atoi(fields[0])
	must(t, err)
	return n
}

// settled waits until nothing has happened in a process for 3 s.
func (p *place) settled(pid int) {
	p.t.Helper()
	last, since := switches(p.t, pid), time.Now()
	p.eventually("the daemon comes to rest", func() bool {
		if n := switches(p.t, pid); n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) > 3*time.Second
	})
}

// ownAddress makes a record ask nobody outside. There is nobody in these tests, and it would be
// tried some times, with pauses that grow.
const ownAddress = "option source 'interface'"

func TestDaemon_idle_does_next_to_nothing(t *testing.T) {
	t.Parallel()
	buildRelease(t)
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	p.configure(record("home", "cf", ownAddress, "home.example.org") + record("www", "duck", ownAddress, "home.duckdns.org") +
		record("nas", "noip", ownAddress, "nas.ddns.net") + record("box", "dynu", ownAddress, "home.dynu.net"))
	p.renumber("", wan1)
	p.renumber("", "2a0e:97c0:1::7/64")
	d := p.startProgram(os.Getenv(releaseEnv))
	for _, name := range []string{"home.example.org", "home.duckdns.org", "nas.ddns.net", "home.dynu.net"} {
		p.line(d, 0, "published", name, "type=A ")
		p.line(d, 0, "published", name, "type=AAAA")
	}
	p.settled(d.PID())
	if rss, anonymous := memory(t, d.PID()); 2*(rss-anonymous) > peak(t, d.PID()) {
		t.Errorf("%d KiB of the program's pages are still mapped at rest, of %d resident at the most", rss-anonymous, peak(t, d.PID()))
	}
	requests, lines := p.requests(), len(d.Lines())

	const watched = time.Minute
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	began, before := time.Now(), switches(t, d.PID())
	wakeUps, last := 0, before
	for time.Since(began) < watched {
		<-tick.C
		if n := switches(t, d.PID()); n != last {
			t.Logf("after %v: %d threads woke", time.Since(began).Round(100*time.Millisecond), n-last)
			wakeUps, last = wakeUps+1, n
		}
	}
	t.Logf("%d wake-ups and %d switches of threads in %v", wakeUps, last-before, watched)
	if wakeUps > 3 {
		t.Errorf("woke %d times in %v; want 3 at the most", wakeUps, watched)
	}
	if n := p.requests() - requests; n != 0 {
		t.Errorf("made %d requests while nothing changed", n)
	}
	if said := d.Lines()[lines:]; len(said) != 0 {
		t.Errorf("said %q while nothing changed", said)
	}
	p.stop(d)
}
