package main_test

import (
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/nat"
	"github.com/wandns/wandns/scripts/lab/site"
)

// twoWANs is a router with two ISPs, each a namespace, and the services behind both:
//
//	router --wan--- ISP A ---\
//	       --wanb-- ISP B --- Internet: the services, at one address
type twoWANs struct {
	*place
	wans []*uplink
}

// uplink is one of the WANs.
type uplink struct {
	t              *testing.T
	name, addr, gw string
	metric         int
	isp            *nat.Space
}

const servicesAt = "192.88.98.1"

func newTwoWANs(t *testing.T) *twoWANs {
	t.Helper()
	w := &twoWANs{place: newPlace(t)}
	internet, err := nat.NewSpace()
	must(t, err)
	must(t, internet.Do(func() error { return nat.AddAddrs("lo", servicesAt+"/32") }))
	_, err = lab.Veth("wanb", "ispb")
	must(t, err)
	for i, u := range []*uplink{
		{t: t, name: "wan", addr: "192.88.99.1/24", gw: "192.88.99.254", metric: 10},
		{t: t, name: "wanb", addr: "192.88.100.1/24", gw: "192.88.100.254", metric: 20},
	} {
		u.isp, err = nat.NewSpace()
		must(t, err)
		inside, outside := []string{"isp", "ispb"}[i], []string{"192.88.96.1", "192.88.97.1"}[i]
		far := strings.TrimSuffix(outside, "1") + "254"
		must(t, u.isp.Adopt(inside, u.gw+"/24"))
		must(t, u.isp.Do(func() error { return internet.Join("up", "down"+u.name, far+"/24") }))
		must(t, u.isp.Do(func() error { return nat.AddAddrs("up", outside+"/24") }))
		must(t, u.isp.Do(func() error { return nat.Route("0.0.0.0/0", far, "up") }))
		must(t, internet.Do(func() error { return nat.Route(lab.Addr(u.addr).IPNet.String(), outside, "down"+u.name) }))
		w.wans = append(w.wans, u)
	}
	must(t, internet.Do(func() error { return w.Front.Listen(servicesAt + ":443") }))
	must(t, lab.ReplaceFile("/etc/hosts", w.Front.HostsFile(servicesAt)))
	return w
}

// is brings a WAN into a state: "up", "unrouted", "bare" (no address) or "unplugged".
func (u *uplink) is(state string) {
	u.t.Helper()
	l, peer := device(u.t, u.name), map[string]string{"wan": "isp", "wanb": "ispb"}[u.name]
	must(u.t, u.isp.Do(func() error {
		p, err := netlink.LinkByName(peer)
		if err != nil {
			return err
		}
		if state == "unplugged" {
			return netlink.LinkSetDown(p)
		}
		return netlink.LinkSetUp(p)
	}))
	addrs, err := netlink.AddrList(l, netlink.FAMILY_V4)
	must(u.t, err)
	for i := range addrs {
		must(u.t, netlink.AddrDel(l, &addrs[i]))
	}
	if state != "bare" {
		must(u.t, nat.AddAddrs(u.name, u.addr))
	}
	if state == "up" {
		must(u.t, nat.RouteMetric("0.0.0.0/0", u.gw, u.name, u.metric))
	}
}

// decided is the last address that the daemon says it has chosen, empty for none.
func decided(d *site.Process) string {
	last := "?"
	for _, line := range d.Lines() {
		if rest, ok := strings.CutPrefix(line, "info address "); ok {
			last = strings.Fields(rest[strings.Index(rest, "address="):])[0][len("address="):]
		} else if strings.HasPrefix(line, "info no address ") {
			last = ""
		}
	}
	return last
}

// leftRight counts the requests that came to a service from each WAN, and complains of one that
// carried the address of a WAN and came by another.
func (w *twoWANs) leftRight(requests []double.Request) map[string]int {
	w.t.Helper()
	count := map[string]int{}
	for _, r := range requests {
		i := slices.IndexFunc(w.wans, func(u *uplink) bool { return strings.HasPrefix(r.Remote, bare(u.addr)+":") })
		if i < 0 {
			w.t.Errorf("a request came from %s", r.Remote)
			continue
		}
		if about := r.Query.Get("ip"); about != bare(w.wans[i].addr) {
			w.t.Errorf("a request about %q came from %s", about, r.Remote)
		}
		count[w.wans[i].name]++
	}
	return count
}

const wansRecord = ipv4Only + "; list interface 'wan'; list interface 'wanb'"

// bindAll binds the requests of every account to the WAN that they speak for.
func (w *twoWANs) bindAll(options string) {
	w.t.Helper()
	must(w.t, w.Configure(strings.ReplaceAll(site.Accounts(), "\toption provider ", "\toption bind '1'\n\toption provider ")+
		record("home", "duck", options, "home.duckdns.org")))
}

func TestWANs_failover_and_return(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newTwoWANs(t)
	w.bindAll(wansRecord + "; option failback_wait '2s'; option rate_burst '10'")
	a, b := w.wans[0], w.wans[1]
	a.is("up")
	b.is("up")
	d := w.start()
	n := w.line(d, 0, "published", "address="+bare(a.addr))
	for i, state := range []string{"unplugged", "unrouted", "bare"} {
		a.is(state)
		n = w.line(d, n, "published", "address="+bare(b.addr))
		a.is("up")
		back := time.Now()
		n = w.line(d, n, "published", "address="+bare(a.addr))
		if took := time.Since(back); took < 1900*time.Millisecond { // the daemon sees it some milliseconds later
			t.Errorf("%s: it returned after %v, and has to wait for 2 s", state, took)
		}
		if got := len(w.DuckDNS.Requests()); got != 1+2*(i+1) {
			t.Errorf("%s: %d requests so far", state, got)
		}
	}
	w.stop(d)
	if got := w.leftRight(w.DuckDNS.Requests()); got["wan"] != 4 || got["wanb"] != 3 {
		t.Errorf("requests by WAN: %v", got)
	}
}

func TestWANs_200_random_sequences_end_where_they_should(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newTwoWANs(t)
	w.bindAll(wansRecord + "; option failback_wait '0'; option rate_burst '10'; option rate_interval '5s'")
	for _, u := range w.wans {
		u.is("up")
	}
	r := rand.New(rand.NewSource(20261123))
	ends := map[string]int{}
	for range 10 { // so often the program starts anew, since a name is updated 20 times in an hour at the most
		d := w.start()
		for i := range 20 {
			want := w.shuffle(r)
			w.eventually("a sequence ends with "+want, func() bool { return decided(d) == want })
			ends[want]++
			if i%4 == 3 && want != "" {
				w.eventually("the service ends with "+want, func() bool { return w.DuckDNS.Records()["home.duckdns.org"][0] == want })
			}
		}
		w.stop(d)
		must(t, os.RemoveAll(w.RunDir))
		must(t, os.Mkdir(w.RunDir, 0o755))
	}
	if len(ends) != 3 || min(ends[""], ends[bare(w.wans[0].addr)], ends[bare(w.wans[1].addr)]) < 20 {
		t.Errorf("the sequences end too much alike: %v", ends)
	}
	got := w.leftRight(w.DuckDNS.Requests())
	t.Logf("200 sequences ended: %v; requests by WAN: %v", ends, got)
	if got["wan"] < 10 || got["wanb"] < 10 {
		t.Errorf("too few requests to tell by which WAN they leave: %v", got)
	}
}

// shuffle brings the WANs through some states, and says which address counts in the end.
func (w *twoWANs) shuffle(r *rand.Rand) (want string) {
	w.t.Helper()
	all := []string{"up", "up", "unrouted", "bare", "unplugged"}
	states := []string{"", ""}
	for n := 2 + r.Intn(4); n > 0 || states[0] == "" || states[1] == ""; n-- {
		k := r.Intn(2)
		states[k] = all[r.Intn(len(all))]
		w.wans[k].is(states[k])
	}
	// Without any default route, it depends on the way there: see the tests of package address.
	if !slices.Contains(states, "up") && slices.Contains(states, "unrouted") {
		states[1] = "up"
		w.wans[1].is("up")
	}
	if k := slices.Index(states, "up"); k >= 0 {
		return bare(w.wans[k].addr)
	}
	return ""
}

func TestWANs_policy_all_holds_both(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	w := newTwoWANs(t)
	w.configure(record("home", "cf", wansRecord+"; option policy 'all'", "home.example.org"))
	a, b := w.wans[0], w.wans[1]
	a.is("up")
	b.is("up")
	d := w.start()
	both := []string{bare(a.addr), bare(b.addr)}
	n := w.line(d, 0, "published", "address="+strings.Join(both, ","))
	b.is("unplugged")
	n = w.line(d, n, "published", "address="+bare(a.addr)+" ")
	w.holds(w.Cloudflare.Holds("home.example.org", "A"), bare(a.addr))
	b.is("up")
	w.line(d, n, "published", "address="+strings.Join(both, ","))
	got := w.Cloudflare.Holds("home.example.org", "A")
	slices.Sort(got)
	slices.Sort(both)
	w.holds(got, both...)
	w.stop(d)
	// Who cannot hold two says so beforehand.
	w.configure(record("home", "duck", wansRecord+"; option policy 'all'", "home.duckdns.org"))
	if out, exit := w.command("check"); exit == 0 || !strings.Contains(out, "'failover'") {
		t.Errorf("check exits with %d: %s", exit, out)
	}
}
