package main_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// releaseEnv tells the child processes where the program is as routers get it.
const releaseEnv = "WANDNS_TEST_RELEASE"

var releaseOnce sync.Once

// buildRelease builds the program as it is released, without the race detector: what is measured is
// measured on this. It is called before the test goes into its namespace.
func buildRelease(t testing.TB) {
	t.Helper()
	if os.Getenv(releaseEnv) != "" {
		return
	}
	releaseOnce.Do(func() {
		script := filepath.Join("..", "..", "scripts", "build.sh")
		target, err := exec.Command("sh", script, "host").Output()
		must(t, err)
		name, dir := strings.TrimSpace(string(target)), filepath.Dir(os.Getenv(programEnv))
		if out, err := exec.Command("sh", script, "build", "-o", dir, name).CombinedOutput(); err != nil {
			t.Fatalf("building the release: %v\n%s", err, out)
		}
		must(t, os.Setenv(releaseEnv, filepath.Join(dir, "wandns-"+name)))
	})
	if os.Getenv(releaseEnv) == "" {
		t.Fatal("the release could not be built")
	}
}

// arrived waits for a request to arrive.
func (p *place) arrived(requests <-chan string) string {
	p.t.Helper()
	select {
	case r := <-requests:
		return r
	case <-time.After(patience):
		p.t.Fatal("no request arrived")
		return ""
	}
}

// wanAddress is the i-th of many addresses, each in a subnet of its own.
func wanAddress(i int) string { return fmt.Sprintf("192.88.%d.7/24", 100+i) }

func TestDaemon_newer_address_overtakes_a_queued_one(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	arrivals, release := make(chan string, 100), make(chan struct{})
	p.meet(func(r *http.Request, serve func()) {
		arrivals <- r.URL.Query().Get("ip")
		<-release
		serve()
	})
	p.configure(record("home", "duck", ipv4Only, "home.duckdns.org"))
	p.renumber("", wanAddress(0))
	d := p.start()
	if got := p.arrived(arrivals); got != bare(wanAddress(0)) {
		t.Fatalf("the first request is for %q", got)
	}
	n := 0
	for i := range 5 { // while the service thinks
		p.renumber(wanAddress(i), wanAddress(i+1))
		n = p.line(d, n, "info address", "address="+bare(wanAddress(i+1)))
	}
	close(release)
	p.line(d, n, "published", "address="+bare(wanAddress(5)))
	p.stop(d)
	p.asked(p.DuckDNS, "GET domains=home.duckdns.org ip="+bare(wanAddress(0)), "GET domains=home.duckdns.org ip="+bare(wanAddress(5)))
}

func TestDaemon_flapping_wan_makes_few_requests_and_ends_right(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	const changes, burst, every = 50, 3, 5 * time.Second
	const limits = ipv4Only + "; option rate_burst '3'; option rate_interval '5s'"
	p := newPlace(t)
	p.configure(record("home", "duck", limits, "home.duckdns.org") + record("www", "cf", limits, "home.example.org"))
	p.renumber("", wanAddress(0))
	d := p.start()
	p.line(d, 0, "published", "home.duckdns.org", bare(wanAddress(0)))
	tick := time.NewTicker(10 * time.Second / changes)
	defer tick.Stop()
	for i := range changes {
		<-tick.C
		p.renumber(wanAddress(i), wanAddress(i+1))
	}
	last := bare(wanAddress(changes))
	for _, name := range []string{"home.duckdns.org", "home.example.org"} {
		p.line(d, 0, "published", name, "address="+last)
	}
	// What is over is over: the next thing sent is the next change.
	p.renumber(wanAddress(changes), wanAddress(changes+1))
	last = bare(wanAddress(changes + 1))
	for _, name := range []string{"home.duckdns.org", "home.example.org"} {
		p.line(d, 0, "published", name, "address="+last)
	}
	p.stop(d)

	var duck, cloudflare []time.Time
	for _, r := range p.DuckDNS.Requests() {
		duck = append(duck, r.At)
	}
	for _, r := range p.Cloudflare.Requests() {
		if r.Method != http.MethodGet {
			cloudflare = append(cloudflare, r.At)
		}
	}
	for service, sent := range map[string][]time.Time{"DuckDNS": duck, "Cloudflare": cloudflare} {
		t.Logf("%s: %d requests for %d changes within %v", service, len(sent), changes+2, sent[len(sent)-1].Sub(sent[0]))
		for i := range sent {
			for j := i + burst; j < len(sent); j++ {
				if least := time.Duration(j-i-burst+1) * every; sent[j].Sub(sent[i]) < least {
					t.Errorf("%s: %d requests within %v, less than %v", service, j-i+1, sent[j].Sub(sent[i]), least)
				}
			}
		}
	}
	p.holds(p.Cloudflare.Holds("home.example.org", "A"), last)
	if got := p.DuckDNS.Records()["home.duckdns.org"]; got != [2]string{last, ""} {
		t.Errorf("DuckDNS holds %q", got)
	}
}

// crowd is 500 records at 20 accounts, five at each service: names[i] are those of account i.
const crowdAccounts, crowdRecords = 20, 500

func crowd() (config string, names [][]string) {
	services := []struct{ name, domain, options string }{
		{"cloudflare", "example.org", "option token '" + site.CloudflareToken + "'"},
		{"duckdns", "duckdns.org", "option token '" + site.DuckToken + "'"},
		{"noip", "ddns.net", "option username '" + site.User + "'\n\toption password '" + site.Password + "'"},
		{"dynu", "dynu.net", "option username '" + site.User + "'\n\toption password '" + site.Password + "'"},
	}
	for i := range crowdAccounts {
		s, account := services[i%len(services)], "account"+strconv.Itoa(i)
		config += "\nconfig account '" + account + "'\n\toption provider '" + s.name + "'\n\t" + s.options + "\n"
		var own []string
		for j := range crowdRecords / crowdAccounts {
			name := fmt.Sprintf("a%dr%d", i, j)
			own = append(own, name+"."+s.domain)
			config += record(name, account, ipv4Only+";"+ownAddress, own[j])
		}
		names = append(names, own)
	}
	return config, names
}

// air is where requests are while they are with the services. It can keep all that come until
// so many are there together.
type air struct {
	mu        sync.Mutex
	now, most int
	meeting   int           // how many are to meet; 0: none
	met       chan struct{} // closed when they have
}

// meet makes the next n requests wait for each other.
func (a *air) meet(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.most, a.meeting, a.met = a.now, n, make(chan struct{})
}

func (a *air) around(_ *http.Request, serve func()) {
	a.mu.Lock()
	a.now++
	a.most = max(a.most, a.now)
	met := a.met
	if a.meeting > 0 && a.now >= a.meeting {
		a.meeting = 0
		close(met)
	}
	a.mu.Unlock()
	if met != nil {
		select {
		case <-met:
		case <-time.After(patience / 3): // the client gives up after 20 s
		}
	}
	serve()
	a.mu.Lock() // the answer leaves when this returns
	a.now--
	a.mu.Unlock()
}

// together says whether those that were to meet have met, and how many were ever there at once.
func (a *air) together() (met bool, most int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.meeting == 0, a.most
}

// crowdFigures are what a run of a crowd measured: memory in KiB, before and after one WAN
// change and at its highest, and how long that took until all services had the new address.
type crowdFigures struct {
	rss, anonymous           int
	rssAfter, anonymousAfter int
	peak                     int
	took                     time.Duration
	most                     int // requests at once
}

// crowdRun publishes 500 records at 20 accounts and changes the WAN's address once.
func crowdRun(t testing.TB) (f crowdFigures) {
	t.Helper()
	config, names := crowd()
	var known []string
	for _, own := range names {
		known = append(known, own...)
	}
	p := newPlaceWith(t, known...)
	var a air
	p.meet(a.around)
	must(t, p.Configure(config))
	p.renumber("", wanAddress(0))
	d := p.startProgram(os.Getenv(releaseEnv))
	p.eventually("all names have the first address", func() bool { return p.everywhere(names, bare(wanAddress(0))) })
	p.allCurrent()
	p.settled(d.PID())
	f.rss, f.anonymous = memory(t, d.PID())

	requests := p.requests()
	a.meet(crowdAccounts)
	began := time.Now()
	p.renumber(wanAddress(0), wanAddress(1))
	p.eventually("all names have the second address", func() bool { return p.everywhere(names, bare(wanAddress(1))) })
	f.took = time.Since(began)
	p.allCurrent()
	p.settled(d.PID())
	f.rssAfter, f.anonymousAfter = memory(t, d.PID())
	f.peak = peak(t, d.PID())
	met, most := a.together()
	if f.most = most; !met || most != crowdAccounts {
		t.Errorf("%d requests were there at once; want one of each of %d accounts", most, crowdAccounts)
	}
	// At Cloudflare a read by us, one by the library and a write for each name; at DuckDNS
	// one for each name; at No-IP and Dynu one for up to 20 names.
	const each = crowdAccounts / 4
	if got, want := p.requests()-requests, each*(2*25+25+2+2); got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
	p.stop(d)
	return f
}

// allCurrent waits for the daemon to say so of a crowd; it has then come to rest.
func (p *place) allCurrent() {
	p.t.Helper()
	p.eventually("all are current", func() bool {
		s, _, err := daemon.ReadStatus(p.RunDir)
		if err != nil {
			return false // not written yet
		}
		current := 0
		for _, r := range s.Records {
			if n := r.Names[0]; n.State == "current" && n.Known {
				current++
			}
		}
		return current == crowdRecords
	})
}

// requests is how many there were at all services.
func (p *place) requests() int {
	return len(p.Cloudflare.Requests()) + len(p.DuckDNS.Requests()) + len(p.NoIP.Requests()) + len(p.Dynu.Requests())
}

// everywhere says whether every name of a crowd holds an IPv4 address at its service.
func (p *place) everywhere(names [][]string, addr string) bool {
	held := map[string]string{}
	for _, r := range p.Cloudflare.Records() {
		held[r.Name] += r.Content
	}
	for name, r := range p.DuckDNS.Records() {
		held[name] += r[0]
	}
	for i, own := range names {
		for _, name := range own {
			a := held[name]
			if i%4 >= 2 {
				v4, _ := []*double.Dyndns2{p.NoIP, p.Dynu}[i%4-2].Holds(name)
				a = v4.String()
			}
			if a != addr {
				return false
			}
		}
	}
	return true
}

func TestDaemon_500_records_at_20_accounts_follow_one_change_together(t *testing.T) {
	t.Parallel()
	buildRelease(t)
	if !lab.Alone(t) {
		return
	}
	f := crowdRun(t)
	t.Logf("%d records at %d accounts: %v from the change until every service has it, %d requests at once", crowdRecords, crowdAccounts, f.took, f.most)
	t.Logf("memory, KiB: %d resident (%d anonymous) before, %d (%d) after, %d at its highest", f.rss, f.anonymous, f.rssAfter, f.anonymousAfter, f.peak)
}
