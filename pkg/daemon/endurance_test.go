package daemon_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/site"
	"github.com/wandns/wandns/scripts/lab/ubusd"
)

// What a year may bring, in a few seconds. A name is updated 20 times in an hour and no more, so
// there are many, and others after each reload, which forgets the ones before.
const (
	accounts        = 10
	namesPerAccount = 20 // of one record, and in one request
	burst           = 10 // updates of a name in a row
)

// A year of changes leaves nothing behind in the whole daemon: a real kernel, real TLS, a bus, and a
// configuration that is another one after every ten changes.
func TestDaemon_10000_updates_leave_nothing_behind(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	y := newYear(t)
	y.pass(2) // each configuration once: what is made once is there
	y.rests()
	heap, routines := y.heap(), runtime.NumGoroutine()
	const updates = 10000
	y.pass(updates / burst / accounts / namesPerAccount)
	y.rests()
	eventually(t, "as few goroutines as before", func() bool { return runtime.NumGoroutine() <= routines })
	const slack = 256 << 10 // 26 bytes for each update
	var now uint64
	if !becomes(func() bool { now = y.heap(); return now <= heap+slack }) {
		t.Errorf("%d bytes of heap before, %d after", heap, now)
	}
}

// year is a daemon in this process, with all that it works with.
type year struct {
	*site.Site
	t      *testing.T
	reload chan struct{}
	turn   int // configurations so far
	change int // addresses so far
}

func newYear(t *testing.T) *year {
	var names []string
	for set := range 2 {
		for i := range accounts * namesPerAccount {
			names = append(names, nameOf(set, i))
		}
	}
	s, err := site.New(t.TempDir(), nil, names)
	must(t, err)
	_, err = lab.Veth("wan", "isp")
	must(t, err)
	server, err := ubusd.Start(filepath.Join(s.Dir, "ubus.sock"))
	must(t, err)
	dump, err := ubusd.JSON(`{"interface":[{"interface":"wan","up":true,"available":true,"l3_device":"wan"}]}`)
	must(t, err)
	server.Provide("network.interface", ubusd.Method{Name: "dump", Answer: ubusd.Fixed(dump)})
	door := egress.New(egress.Options{UserAgent: "wandns/test (+https://example.org)"})
	http.DefaultTransport = door // of this test's own process

	y := &year{Site: s, t: t, reload: make(chan struct{})}
	y.configure()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- daemon.New(daemon.Options{
			ConfigPath: s.ConfigFile, ConfigName: s.ConfigFile, RunDir: s.RunDir, HoldDir: s.HoldDir,
			Log: daemon.NewLogger(io.Discard, false), Lookup: provider.Lookup, Door: door, Bus: &ubus.Client{Path: server.Path()}, Reload: y.reload,
		}).Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		must(t, <-ended)
		server.Stop()
		for _, c := range s.Front.Complaints() {
			t.Errorf("a service complains: %s", c)
		}
		must(t, s.Close())
	})
	return y
}

func nameOf(set, i int) string { return fmt.Sprintf("h%d-%d.dynu.net", set, i) }

// set is which of the two sets of names is in the configuration.
func (y *year) set() int { return y.turn % 2 }

func (y *year) configure() {
	var b strings.Builder
	for n := range accounts {
		fmt.Fprintf(&b, "config account 'a%d'\n\toption provider 'dynu'\n\toption username '%s'\n\toption password '%s'\n\n", n, site.User, site.Password)
		fmt.Fprintf(&b, "config record 'r%d'\n\toption account 'a%d'\n\tlist interface 'wan'\n\tlist family 'ipv4'\n\toption source 'interface'\n\toption rate_burst '%d'\n", n, n, burst)
		for i := range namesPerAccount {
			fmt.Fprintf(&b, "\tlist hostname '%s'\n", nameOf(y.set(), n*namesPerAccount+i))
		}
		b.WriteString("\n")
	}
	must(y.t, y.Configure(b.String()))
}

// pass lets the address change and reloads, for a number of configurations.
func (y *year) pass(configurations int) {
	for range configurations {
		if y.turn > 0 {
			y.configure()
			y.reload <- struct{}{}
			y.agreed() // the first update of each name is to the address that is there
		}
		for range burst - min(y.turn, 1) {
			y.renumber()
			y.agreed()
		}
		y.Dynu.Forget()
		y.turn++
	}
}

func (y *year) renumber() {
	was := ""
	if y.change > 0 {
		was = y.address() + "/32"
	}
	y.change++
	must(y.t, site.Renumber("wan", was, y.address()+"/32"))
}

func (y *year) address() string { return fmt.Sprintf("192.88.99.%d", y.change) }

// agreed waits until the service has the address for all names.
func (y *year) agreed() {
	want := y.address()
	eventually(y.t, "all names have "+want, func() bool {
		for i := range accounts * namesPerAccount {
			if a, _ := y.Dynu.Holds(nameOf(y.set(), i)); a.String() != want {
				return false
			}
		}
		return true
	})
}

// rests waits until the daemon says that all is done, after which it gives back what it needs no more.
func (y *year) rests() {
	want := fmt.Sprintf("%q", y.address())
	eventually(y.t, "a status in which all names are current", func() bool {
		text, err := os.ReadFile(filepath.Join(y.RunDir, "status.json"))
		return err == nil && strings.Count(string(text), `"state":"current"`) == accounts*namesPerAccount && strings.Contains(string(text), want)
	})
}

// heap is how many bytes of it are in use, without what the service remembers.
func (y *year) heap() uint64 {
	y.Dynu.Forget()
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // the first only moves pools aside
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// becomes waits for what other goroutines bring about, and says whether it came.
func becomes(ok func() bool) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			return false
		}
	}
	return true
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	if !becomes(ok) {
		t.Fatalf("waited in vain for: %s", what)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
