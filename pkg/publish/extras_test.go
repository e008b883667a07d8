//go:build go1.25

package publish_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
)

// What a record says beside its addresses is told to the service once, and again when it changes;
// never because somebody changed it there.
func TestPublisher_tells_extras_when_they_change(t *testing.T) {
	b := newBench(t)
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.readable = true
		s.records["home.example A"] = want("home.example", addr1).Addrs
		b.t = t
		b.start()
		defer func() { b.stop() }()
		with := func(e provider.Extras) publish.Want {
			w := want("home.example", addr1)
			w.Extras = e
			return w
		}
		const read, set = "read home.example A", "set home.example A " + addr1
		hour := provider.Extras{TTL: time.Hour}
		for _, step := range []struct {
			name string
			do   func()
			want []string
		}{
			{"the address is there, the option is new", func() { b.configure(s, with(hour)) }, []string{read, set}},
			{"nothing changed", func() { b.configure(s, with(hour)); b.NetworkChanged() }, nil},
			{"after a restart", func() { b.stop(); b.start(); b.configure(s, with(hour)) }, nil},
			{"another value", func() { b.configure(s, with(provider.Extras{TTL: time.Hour, Proxied: provider.On})) }, []string{read, set}},
			{"left to the service", func() { b.configure(s, with(provider.Extras{})) }, nil},
			{"said again", func() { b.configure(s, with(hour)) }, []string{read, set}},
			{"a person asks", func() { b.Update("home") }, []string{read, set}},
			{"after a reboot", func() { b.stop(); b.boot = "boot-2"; b.start(); b.configure(s, with(hour)) }, []string{read, set}},
			{"the answer is lost", func() {
				s.answer(provider.Result{Outcome: provider.Unknown, Sent: true})
				b.configure(s, with(provider.Extras{Comment: "x"}))
			}, []string{read, set, read, set}},
		} {
			step.do()
			after(time.Hour)
			var got []string
			for _, l := range s.did() {
				_, what, _ := strings.Cut(l, " ")
				got = append(got, what)
			}
			equal(t, step.name, got, step.want)
		}
	})
}
