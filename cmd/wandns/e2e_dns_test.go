// After a reboot nobody remembers what was published: where the service cannot be read, real name
// servers are asked, those of the name's own zone.
package main_test

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/pkg/publish"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/site"
)

// A small Internet on loopback.
const (
	cache     = "127.0.0.1"  // of /etc/resolv.conf: BIND as a caching resolver
	rootDNS   = "127.0.0.10" // BIND with the root zone
	authority = "127.0.0.11" // BIND with the services' zones
)

// zoneOf is a service's zone with these records.
func zoneOf(records string) string {
	return "@ NS ns1\nns1 A " + authority + "\n" + records + "\n"
}

// dnsCase is what the DNS holds when the router boots at wan1 and wanV6.
type dnsCase struct {
	name    string
	before  string // records when the cache is filled; empty: it is not
	records string // records now
	down    bool   // the zones' name servers do not answer
	held    bool   // the A records hold what is not ours as well
	want    tally
}

func TestReboot_asks_the_zones_own_name_servers(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	right := "home A " + bare(wan1) + "\nhome AAAA " + bare(wanV6)
	other := "home A 192.0.2.99\nhome AAAA 2001:db8::99"
	for _, c := range []dnsCase{
		{name: "holds-the-address-already", records: right},
		{name: "cache-still-has-the-old-one", before: other, records: right},
		{name: "cache-still-has-no-such-name", before: "other A 192.0.2.1", records: right},
		{name: "holds-another", records: other, want: tally{duck: 2, noip: 1}},
		{name: "cache-still-has-ours-and-the-zone-another", before: right, records: other, want: tally{duck: 2, noip: 1}},
		{name: "one-family-is-another", records: "home A 192.0.2.99\nhome AAAA " + bare(wanV6), want: tally{duck: 1, noip: 1}},
		{name: "one-family-is-not-there", records: "home A " + bare(wan1), want: tally{duck: 1, noip: 1}},
		{name: "no-such-name", records: "other A 192.0.2.1", want: tally{duck: 2, noip: 1}},
		{name: "holds-ours-and-another", records: right + "\nhome A 192.0.2.99", held: true},
		{name: "name-servers-unreachable", records: right, down: true, want: tally{duck: 2, noip: 1}},
	} {
		t.Run(c.name, c.run)
	}
}

func (c dnsCase) run(t *testing.T) {
	first := c.before
	if first == "" {
		first = c.records
	}
	own := internet(t, first)
	p := newPlaceWith(t, "home.duckdns.org", "home.ddns.net")
	t.Cleanup(func() { p.must(unplug("wan")) })
	if c.before != "" {
		was := throughCache(t)
		p.must(own.SetZone("duckdns.org", zoneOf(c.records)))
		p.must(own.SetZone("ddns.net", zoneOf(c.records)))
		if now := throughCache(t); now != was {
			t.Fatalf("the cache says %q and said %q: it is none", now, was)
		}
	}
	if c.down {
		own.Stop()
	}
	p.writeConfig(debug + site.Accounts() + record("ducks", "duck", quick, "home.duckdns.org") + record("noips", "noip", quick, "home.ddns.net"))
	p.renumber("", wan1)
	p.renumber("", wanV6)
	states := []publish.State{publish.Current}
	if c.held {
		states = append(states, publish.Held)
	}
	d := p.start()
	p.awaitRest(d, time.Time{}, states...)
	p.stop(d)
	if got := p.tally(); got != c.want {
		t.Errorf("requests %+v, want %+v; the daemon wrote:\n%s", got, c.want, strings.Join(d.Lines(), "\n"))
	}
	for _, hostname := range []string{"home.duckdns.org", "home.ddns.net"} {
		a, aaaa := p.name(hostname, "A"), p.name(hostname, "AAAA")
		if c.held != (a.State == publish.Held && a.Code == string(publish.HoldForeign)) {
			t.Errorf("%s: %+v, held: want %v", hostname, a, c.held)
		}
		if !aaaa.Known || len(aaaa.Published) != 1 || aaaa.Published[0].String() != bare(wanV6) {
			t.Errorf("%s: %+v, want %s published", hostname, aaaa, bare(wanV6))
		}
	}
	if c.want != (tally{}) || c.held {
		return
	}
	p.must(os.RemoveAll(p.RunDir)) // a reboot of the same router
	d = p.start()
	p.awaitRest(d, time.Time{})
	p.stop(d)
	if got := p.tally(); got != (tally{}) {
		t.Errorf("after one more reboot these requests were made: %+v", got)
	}
}

// internet starts the name servers; the services' zones hold these records.
func internet(t *testing.T, records string) (own *lab.NameServer) {
	t.Helper()
	zones := map[string][]string{"duckdns.org": {authority}, "ddns.net": {authority}}
	bind := func(d lab.DNS) *lab.NameServer {
		n, err := lab.StartBIND(t.TempDir(), d)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(n.Stop)
		return n
	}
	bind(lab.DNS{Address: rootDNS, Zones: map[string]string{".": lab.RootZone(rootDNS, zones)}})
	own = bind(lab.DNS{Address: authority, Zones: map[string]string{"duckdns.org": zoneOf(records), "ddns.net": zoneOf(records)}})
	bind(lab.DNS{Address: cache, Root: rootDNS})
	return own
}

// throughCache is what a program that asks the router's resolver is told of both names.
func throughCache(t *testing.T) (text string) {
	t.Helper()
	r := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(cache, "53"))
	}}
	for _, name := range []string{"home.duckdns.org.", "home.ddns.net."} {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		addrs, err := r.LookupHost(ctx, name)
		cancel()
		var d *net.DNSError
		if err != nil && !(errors.As(err, &d) && d.IsNotFound) {
			t.Fatal(err)
		}
		slices.Sort(addrs)
		text += name + " " + strings.Join(addrs, " ") + "\n"
	}
	return text
}

// unplug removes a device and its peer.
func unplug(device string) error {
	l, err := netlink.LinkByName(device)
	if err != nil {
		return err
	}
	return netlink.LinkDel(l)
}
