package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/nat"
)

// inDoubt is what the log says of an address that waits for those outside.
const inDoubt = "whether the Internet sees"

// move gives the router an address in place of another, and the default route that goes with it.
func (w *world) move(from, to string) {
	w.t.Helper()
	w.renumber(from, to)
	must(w.t, nat.Route("0.0.0.0/0", gate(to), "wan"))
}

func TestDoubt_a_public_address_waits_once(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	w.configure(asking() + record("home", "cf", ipv4Only, "home.example.org"))
	w.move("", plain1)
	d := w.start()
	n := w.line(d, 0, "published", "address="+bare(plain1))
	doubts := func() (n int) {
		for _, l := range d.Lines() {
			if strings.Contains(l, inDoubt) {
				n++
			}
		}
		return n
	}
	if doubts() != 1 {
		t.Errorf("the first address was in doubt %d times", doubts())
	}
	w.move(plain1, plain2)
	w.line(d, n, "published", "address="+bare(plain2))
	if doubts() != 1 {
		t.Error("a second address of the same network was in doubt")
	}
	w.eventually("the second address is checked all the same", func() bool {
		i := w.iface("wan")
		return i.Outside != nil && i.Outside.String() == bare(plain2) && i.NAT == address.NATNone
	})
	w.stop(d)
	// The address that a name holds goes on being right while it is asked about again.
	d = w.start()
	w.line(d, 0, "started")
	w.eventually("it is asked about again", func() bool { return w.status().PID == d.PID() && w.iface("wan").Outside != nil })
	if doubts() != 0 {
		t.Error("what is published is in doubt after a restart")
	}
	w.stop(d)
	if got := len(w.Cloudflare.Holds("home.example.org", "A")); got != 1 {
		t.Errorf("the name holds %d addresses", got)
	}
}

// Where those outside do not answer, an address is published all the same, and soon.
func TestDoubt_ends_without_an_answer(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newWorld(t)
	w.configure(asking() + record("home", "cf", ipv4Only, "home.example.org"))
	must(t, w.modem.Block("udp"))
	w.move("", plain1)
	d := w.start()
	n := w.line(d, 0, inDoubt)
	began := time.Now()
	n = w.line(d, n, "published", "address="+bare(plain1))
	if took := time.Since(began); took > patience/4 { // a second of it is the limit, the rest this machine's
		t.Errorf("it waited for %v", took)
	}
	w.move(plain1, plain2)
	n = w.line(d, n, "info address", "address="+bare(plain2))
	// An ISP that does NAT is found out as soon as somebody answers.
	must(t, w.modem.Unblock())
	must(t, w.modem.Masquerade("up"))
	w.line(d, n, "no address", "looks public")
	w.stop(d)
	w.holds(w.Cloudflare.Holds("home.example.org", "A"), bare(plain2))
}
