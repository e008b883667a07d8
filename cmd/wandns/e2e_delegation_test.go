package main_test

import (
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/lan"
	"github.com/wandns/wandns/scripts/lab/nat"
	"github.com/wandns/wandns/scripts/lab/pd"
)

// county is a village whose prefix a real ISP delegates: a DHCPv6 server beyond wan.
type county struct {
	*village
	isp      *nat.Space
	server   *pd.Server
	client   *pd.Client
	prefixes []lan.Prefix // on the LAN, the newest first
}

func newCounty(t testing.TB, program, options string) *county {
	t.Helper()
	c := &county{village: newVillage(t, program, options)}
	var err error
	c.isp, err = nat.NewSpace()
	must(t, err)
	must(t, c.isp.Adopt("isp", "2a0e:97c0:ffff::1/64"))
	c.server, err = pd.Serve(c.isp, "isp", t.TempDir(), netip.MustParsePrefix(slash56(0)+"00::/56"))
	must(t, err)
	t.Cleanup(func() { must(t, c.server.Close()) })
	c.connect()
	t.Cleanup(func() { must(t, c.client.Close()) })
	return c
}

// connect starts a DHCPv6 client, as netifd does when the line is up.
func (c *county) connect() {
	c.t.Helper()
	var err error
	c.client, err = pd.Ask("wan", c.t.TempDir())
	must(c.t, err)
}

// drop is what netifd does when the line is down: the client ends, and the prefix leaves the LAN.
func (c *county) drop() {
	c.t.Helper()
	must(c.t, c.client.Close())
	for _, p := range c.prefixes {
		must(c.t, netlink.AddrDel(device(c.t, "lan"), routerIn(p)))
	}
	c.prefixes = nil
	must(c.t, c.Announce(lan.Prefix{Prefix: c.delegated + "00::/64", Valid: 2 * time.Hour}))
}

// await does with leases what netifd and odhcpd do, until there is one of the prefix that begins so,
// and says when that was on the LAN.
func (c *county) await(prefix string) (arrived time.Time) {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case l, ok := <-c.client.Leases():
			if !ok {
				c.t.Fatal("the DHCPv6 client has ended")
			}
			c.take(l)
			if l.Prefix.Addr() == netip.MustParseAddr(prefix+"00::") && l.Preferred > 0 {
				c.delegated, c.now = prefix, netip.MustParsePrefix(prefix+"00::/64")
				return time.Now()
			}
		case <-deadline:
			c.t.Fatalf("never delegated: %s00::/56", prefix)
		}
	}
}

// take gives the LAN what a lease says: an address in the prefix with its times. One that is gone
// stays for a while as a deprecated one.
func (c *county) take(l pd.Lease) {
	c.t.Helper()
	p := lan.Prefix{Prefix: l.Prefix.String(), Preferred: l.Preferred, Valid: max(l.Valid, 2*time.Hour)}
	is := func(o lan.Prefix) bool { return o.Prefix == p.Prefix }
	known := slices.ContainsFunc(c.prefixes, is)
	if !known && l.Preferred == 0 {
		return
	}
	must(c.t, netlink.AddrReplace(device(c.t, "lan"), routerIn(p)))
	c.prefixes = slices.Insert(slices.DeleteFunc(c.prefixes, is), 0, p)
	if old := len(c.prefixes) - 1; old > 1 { // before the one before is forgotten
		must(c.t, netlink.AddrDel(device(c.t, "lan"), routerIn(c.prefixes[old])))
		c.prefixes = c.prefixes[:old]
	}
	var announced []lan.Prefix
	for _, p := range c.prefixes {
		p.Prefix = strings.Replace(p.Prefix, "/56", "/64", 1)
		announced = append(announced, p)
	}
	must(c.t, c.Announce(announced...))
}

// routerIn is the router's address in a prefix, as netifd gives it to the interface.
func routerIn(p lan.Prefix) *netlink.Addr {
	a := checked(strings.Replace(p.Prefix, "::/", "::1/", 1))
	a.PreferedLft, a.ValidLft = int(p.Preferred.Seconds()), int(p.Valid.Seconds())
	return a
}

// written are the contents that the service was told since it forgot.
func (c *county) written() (list []string) {
	for _, r := range c.Cloudflare.Requests() {
		if _, content, ok := strings.Cut(r.Body, `"content":"`); ok {
			content, _, _ = strings.Cut(content, `"`)
			list = append(list, content)
		}
	}
	slices.Sort(list)
	return list
}

func TestDelegation_20_hosts_move_with_the_prefix_that_the_isp_delegates(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	c := newCounty(t, os.Getenv(programEnv), "option rate_burst '10'")
	move := func(to string) {
		t.Helper()
		c.await(to)
		c.published(to)
		c.wrote()
		stays, temporary := c.settled(c.real)
		c.holds(c.Cloudflare.Holds(c.names[0], "AAAA"), stays.String())
		if temporary == stays || !temporary.IsValid() {
			t.Errorf("the host's temporary address is %v", temporary)
		}
		var right []string
		for i := range c.names {
			right = append(right, c.address(to, i))
		}
		slices.Sort(right)
		if got := c.written(); !slices.Equal(got, right) {
			t.Errorf("written were %v; want %v", got, right)
		}
		c.Cloudflare.Forget()
	}
	move(slash56(0))
	must(t, c.server.TakeOver(netip.MustParsePrefix(slash56(1)+"00::/56")))
	move(slash56(1))
	addrs, flags := six(t, "lan")
	if i := slices.Index(addrs, netip.MustParseAddr(slash56(0)+"00::1")); i < 0 || flags[i]&0x20 == 0 { // IFA_F_DEPRECATED
		t.Errorf("the first prefix is not there as a deprecated one: %v %x", addrs, flags)
	}
	// The line drops, and comes back with another prefix.
	c.drop()
	n := c.line(c.d, c.lines, "no address", "record=host19")
	if got := c.written(); len(got) != 0 {
		t.Errorf("without a prefix, %v was written", got)
	}
	must(t, c.server.TakeOver(netip.MustParsePrefix(slash56(2)+"00::/56")))
	c.connect()
	c.lines = n
	move(slash56(2))
	c.stop(c.d)
}

func TestDelegation_neighbours_follow_the_prefix_that_the_isp_delegates(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	c := newCounty(t, os.Getenv(programEnv), "")
	laptop := c.host("laptop", "00:16:3e:00:00:01", lan.Kind{Privacy: true})
	nas := c.host("nas", "00:16:3e:00:00:02", lan.Kind{Stable: true})
	c.stop(c.d)
	c.configure(neighbourRecord("laptop", "option mac '00:16:3e:00:00:01'") + neighbourRecord("nas", "option mac '00:16:3e:00:00:02'"))
	c.d = c.start()
	var right []string
	follow := func(to string) {
		t.Helper()
		c.await(to)
		for _, host := range []*lan.Host{laptop, nas} {
			stays, _ := c.settled(host)
			c.talks(host)
			c.eventually("the service has "+stays.String(), func() bool {
				return slices.Equal(c.Cloudflare.Holds(host.Name+".example.org", "AAAA"), []string{stays.String()})
			})
			right = append(right, stays.String())
		}
	}
	follow(slash56(0))
	must(t, c.server.TakeOver(netip.MustParsePrefix(slash56(1)+"00::/56")))
	follow(slash56(1))
	c.stop(c.d)
	slices.Sort(right)
	if got := c.written(); !slices.Equal(got, right) {
		t.Errorf("written were %v; want %v, each once", got, right)
	}
}

// BenchmarkHosts20Delegated is BenchmarkHosts20Rotate with prefixes that a real ISP delegates.
func BenchmarkHosts20Delegated(b *testing.B) {
	buildRelease(b)
	if !lab.AloneBenchmark(b) {
		return
	}
	c := newCounty(b, os.Getenv(releaseEnv), "option rate_burst '10'")
	c.await(slash56(0))
	c.published(slash56(0))
	var took []float64
	for n := range delegations {
		if n > 0 && n%rotationsEach == 0 {
			c.restart(os.Getenv(releaseEnv))
		}
		c.Cloudflare.Forget()
		must(b, c.server.TakeOver(netip.MustParsePrefix(slash56(n+1)+"00::/56")))
		arrived := c.await(slash56(n + 1))
		c.published(slash56(n + 1))
		took = append(took, ms(c.wrote().Sub(arrived)))
		c.eventually("all is quiet", func() bool { return c.name(c.names[19], "AAAA").State == "current" })
	}
	c.stop(c.d)
	reportRotations(b, took)
}
