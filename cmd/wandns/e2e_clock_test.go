// A router has no clock at boot: until it is set, no certificate can be checked.
package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/pkg/publish"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// farAhead is a build time in the year 2251, as long in digits as that of today.
const farAhead = "8888888888"

// builtAhead builds the program with a build time that no clock shows yet.
func builtAhead(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "wandns-ahead")
	if err := build(program, farAhead, "-race"); err != nil {
		t.Fatal(err)
	}
	return program
}

// rebuilt is a copy of a program of builtAhead with another build time. Linking takes as long as
// it takes; this moment is exact.
func rebuilt(t *testing.T, program string, at time.Time) (copied string) {
	t.Helper()
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	stamp := []byte(strconv.FormatInt(at.Unix(), 10))
	if len(stamp) != len(farAhead) || bytes.Count(text, []byte(farAhead)) == 0 {
		t.Fatalf("no place for the build time %s in the program", stamp)
	}
	copied = filepath.Join(t.TempDir(), "wandns-soon")
	if err := os.WriteFile(copied, bytes.ReplaceAll(text, []byte(farAhead), stamp), 0o755); err != nil {
		t.Fatal(err)
	}
	return copied
}

func TestClock_before_the_build_date_is_waited_for(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	program := builtAhead(t)
	p.writeConfig(household())
	p.renumber("", wan1)
	p.renumber("", wanV6)
	built := time.Now().Truncate(time.Second).Add(8 * time.Second)
	d := p.startProgram(rebuilt(t, program, built))
	n := p.line(d, 0, "warn", "waiting for the clock", time.Now().UTC().Format("2006-"))
	var s daemon.Status
	p.eventually("the status says that it waits", func() bool {
		var err error
		s, _, err = daemon.ReadStatus(p.RunDir)
		return err == nil && s.PID == d.PID() && len(s.Records) == 4 && rest(s, []publish.State{publish.Waiting})
	})
	if !time.Now().Before(built) {
		t.Fatal("this machine is too busy for the test: the time came before the program had begun")
	}
	if !strings.Contains(s.Waiting, "clock") {
		t.Fatalf("status %+v, want one that waits for the clock", s)
	}
	for _, r := range s.Records {
		for _, name := range r.Names {
			if !strings.Contains(name.Reason, "clock") {
				t.Fatalf("%s waits because of %q", name.Hostname, name.Reason)
			}
		}
	}
	if out, exit := p.command("status"); exit != 0 || !strings.Contains(out, "waiting for the clock") {
		t.Fatalf("status exits with %d: %s", exit, out)
	}
	p.renumber(wan1, "192.88.100.2/24") // what happens meanwhile is not lost
	p.line(d, n, "the clock is set")
	if late := time.Since(built); late < 0 || late > time.Second {
		t.Errorf("it went on %v after the time had come, want within a second", late)
	}
	p.awaitRest(d, built)
	p.stop(d)
	p.holds(p.Cloudflare.Holds("home.example.org", "A"), "192.88.100.2")
	first := time.Time{}
	for _, requests := range [][]double.Request{p.Cloudflare.Requests(), p.DuckDNS.Requests(), p.NoIP.Requests(), p.Dynu.Requests()} {
		if len(requests) == 0 {
			t.Fatal("a service was not asked")
		}
		if at := requests[0].At; first.IsZero() || at.Before(first) {
			first = at
		}
	}
	if late := first.Sub(built); late < 0 || late > time.Second {
		t.Errorf("the first request came %v after the time, want within a second", late)
	}
	t.Logf("first request %v after the time had come", first.Sub(built))
}

func TestClock_that_is_never_set(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	program := builtAhead(t)
	p.writeConfig(household())
	p.renumber("", wan1)
	once, err := p.StartPowerless(program, "once")
	p.must(err)
	if err := once.Wait(); err == nil {
		t.Error("once exits with 0 although nothing could be published")
	}
	if out := strings.Join(once.Lines(), "\n"); !strings.Contains(out, "\nwaiting for the clock") {
		t.Errorf("once does not print what it waits for: %s", out)
	}
	d := p.startProgram(program)
	p.line(d, 0, "waiting for the clock")
	waiting := []publish.State{publish.Waiting, publish.Idle}
	p.awaitRest(d, time.Time{}, waiting...)
	for range 3 {
		if out, exit := p.command("update"); exit != 0 {
			t.Fatalf("update exits with %d: %s", exit, out)
		}
		if out, exit := p.command("update", "home"); exit != 0 {
			t.Fatalf("update exits with %d: %s", exit, out)
		}
		p.rehup(d, "configuration read")
	}
	if s := p.barrier(d, waiting...); !strings.Contains(s.Waiting, "clock") {
		t.Errorf("status %+v", s)
	}
	p.stop(d)
	if n := p.Front.Handshakes(); n != 0 || p.tally() != (tally{}) {
		t.Errorf("%d TLS handshakes and requests %+v with a clock that is not set", n, p.tally())
	}
}
