package main_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/wandns/wandns/scripts/lab"
)

// Every daemon and command of these tests runs as procd runs it on a router: it may do nothing
// that another user may not. So what they show, they show of that.
func TestDaemon_works_without_any_capability(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	p.configure(record("home", "cf", ipv4Only, "home.example.org"))
	p.renumber("", wan1)
	d := p.start()
	p.line(d, 0, "published", "home.example.org")
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.PID()))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CapInh:\t0", "CapPrm:\t0", "CapEff:\t0", "CapBnd:\t0", "CapAmb:\t0", "NoNewPrivs:\t1"} {
		key, value, _ := strings.Cut(want, "\t")
		_, rest, found := strings.Cut(string(text), "\n"+key+"\t")
		got, _, _ := strings.Cut(rest, "\n")
		if short := strings.TrimLeft(got, "0"); !found || short != strings.TrimLeft(value, "0") {
			t.Errorf("%s is %q, want %s", key, got, value)
		}
	}
}
