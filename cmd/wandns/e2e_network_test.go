package main_test

import (
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// device finds a device as it is now.
func device(t testing.TB, name string) netlink.Link {
	t.Helper()
	l, err := netlink.LinkByName(name)
	must(t, err)
	return l
}

// six lists the IPv6 addresses of a device with their flags, in the kernel's order.
func six(t testing.TB, name string) (addrs []netip.Addr, flags []int) {
	t.Helper()
	list, err := netlink.AddrList(device(t, name), netlink.FAMILY_V6)
	must(t, err)
	for _, a := range list {
		addr, ok := netip.AddrFromSlice(a.IP)
		if !ok {
			t.Fatalf("the kernel lists %v", a)
		}
		addrs, flags = append(addrs, addr), append(flags, a.Flags)
	}
	return addrs, flags
}

// withFlags is the first IPv6 address of a device that has all flags of with and none of without.
func withFlags(t testing.TB, name string, with, without int) (found netip.Addr) {
	t.Helper()
	addrs, flags := six(t, name)
	i := slices.IndexFunc(flags, func(f int) bool { return f&with == with && f&without == 0 })
	if i >= 0 {
		found = addrs[i]
	}
	return found
}

// checked is an address that the kernel checks for duplicates, as it does on a router.
func checked(cidr string) *netlink.Addr {
	a := lab.Addr(cidr)
	a.Flags = 0
	return a
}

func sysctl(t testing.TB, name, value string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join("/proc/sys/net", name), []byte(value), 0o644))
}

// surrounded is a service with something around the serving of each request.
type surrounded struct {
	double.Service
	around func(r *http.Request, serve func())
}

func (s surrounded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.around(r, func() { s.Service.ServeHTTP(w, r) })
}

// meet has around called for each request that arrives at a service, which sees it when around
// calls serve. To be called before the daemon starts.
func (p *place) meet(around func(r *http.Request, serve func())) {
	p.t.Helper()
	var services []double.Service
	for _, s := range []double.Service{p.Cloudflare, p.DuckDNS, p.NoIP, p.Dynu} {
		services = append(services, surrounded{s, around})
	}
	front := double.NewFront(p.CA, services...)
	must(p.t, front.Listen("127.0.0.2:443"))
	p.t.Cleanup(func() { must(p.t, front.Close()) })
	must(p.t, lab.ReplaceFile("/etc/hosts", front.HostsFile("127.0.0.2")))
}

// asked writes requests down as a person would: method, and what of the rest tells them apart.
func asked(requests []double.Request) []string {
	out := []string{}
	for _, r := range requests {
		what := r.Method
		for _, key := range []string{"name", "name.exact", "type", "hostname", "domains", "myip", "myipv6", "ip", "ipv6"} {
			if v := r.Query.Get(key); v != "" {
				what += " " + strings.TrimSuffix(key, ".exact") + "=" + v
			}
		}
		if _, content, ok := strings.Cut(r.Body, `"content":"`); ok {
			content, _, _ = strings.Cut(content, `"`)
			what += " content=" + content
		}
		out = append(out, what)
	}
	return out
}

func (p *place) asked(s double.Service, want ...string) {
	p.t.Helper()
	if got := asked(s.Requests()); !slices.Equal(got, want) {
		p.t.Errorf("requests\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

const ipv6Only = "list family 'ipv6'"

func TestDaemon_ipv6_publishes_only_what_lasts(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	const good, ula, old = "2a0e:97c0:2::1", "fd12:3456:789a:1::1", "2a0e:97c0:9::1"
	p := newPlace(t)
	sysctl(t, "ipv6/conf/wan/use_tempaddr", "2")
	p.meet(func(r *http.Request, serve func()) {
		addrs, flags := six(t, "wan")
		i := slices.Index(addrs, netip.MustParseAddr(good))
		if i < 0 || flags[i]&unix.IFA_F_TENTATIVE != 0 {
			t.Errorf("%s %s came before the kernel had finished its check: %v %x", r.Method, r.URL, addrs, flags)
		}
		serve()
	})
	p.configure(record("home", "cf", ipv6Only, "home.example.org"))
	wan := device(t, "wan")
	p.eventually("a link-local address", func() bool {
		return withFlags(t, "wan", unix.IFA_F_PERMANENT, unix.IFA_F_TENTATIVE).IsLinkLocalUnicast()
	})
	d := p.start()
	n := p.line(d, 0, "no address", "family=ipv6", "link-local")

	// The one that lasts comes first and the others after it: the kernel lists the newest of a
	// scope first, and link-local ones always last.
	managed := checked(good + "/64")
	managed.Flags = unix.IFA_F_MANAGETEMPADDR
	managed.PreferedLft, managed.ValidLft = 3600, 7200
	must(t, netlink.AddrAdd(wan, managed))
	n = p.line(d, n, "no address", "family=ipv6", strings.TrimSuffix(good, ":1")) // it, or the temporary one that follows it
	must(t, netlink.AddrAdd(wan, lab.Addr(ula+"/64")))
	deprecated := lab.Addr(old + "/64")
	deprecated.ValidLft = 3600
	must(t, netlink.AddrAdd(wan, deprecated))
	n = p.line(d, n, "published", "home.example.org", "type=AAAA", "address="+good)
	p.holds(p.Cloudflare.Holds("home.example.org", "AAAA"), good)

	var temporary netip.Addr
	p.eventually("a temporary address made by the kernel", func() bool {
		temporary = withFlags(t, "wan", unix.IFA_F_TEMPORARY, unix.IFA_F_TENTATIVE)
		return temporary.IsValid()
	})
	if got := withFlags(t, "wan", unix.IFA_F_DEPRECATED, 0); got != netip.MustParseAddr(old) {
		t.Fatalf("deprecated is %v, want %s", got, old)
	}
	addrs, _ := six(t, "wan")
	last := slices.Index(addrs, netip.MustParseAddr(good))
	for _, a := range []netip.Addr{netip.MustParseAddr(ula), netip.MustParseAddr(old), temporary} {
		if i := slices.Index(addrs, a); i < 0 || i > last {
			t.Errorf("%v must be listed before %s, or this shows nothing: %v", a, good, addrs)
		}
	}

	// When it is deprecated too, only addresses are left that must not be published, with the
	// temporary one as good as new. The name stays.
	before := len(p.Cloudflare.Requests())
	managed.PreferedLft = 0
	must(t, netlink.AddrReplace(wan, managed))
	fresh := checked(temporary.String() + "/64")
	fresh.PreferedLft, fresh.ValidLft = 3600, 7200
	must(t, netlink.AddrReplace(wan, fresh))
	if got := withFlags(t, "wan", unix.IFA_F_TEMPORARY, unix.IFA_F_TENTATIVE|unix.IFA_F_DEPRECATED); got != temporary {
		t.Fatalf("temporary is %v, want %v", got, temporary)
	}
	p.line(d, n, "no address", "family=ipv6")
	p.eventually("the status tells of it", func() bool { return p.name("home.example.org", "AAAA").State == "idle" })
	p.stop(d)
	p.holds(p.Cloudflare.Holds("home.example.org", "AAAA"), good)
	p.holds(p.Cloudflare.Holds("home.example.org", "A"))
	if after := p.Cloudflare.Requests(); len(after) != before {
		t.Errorf("requests after the address had gone: %q", asked(after[before:]))
	}
	if st := p.name("home.example.org", "AAAA"); len(st.Wanted) != 0 || st.Code != "deprecated" {
		t.Errorf("status %+v", st)
	}
}

func TestDaemon_ipv6_prefix_rotation_leaves_the_a_record_alone(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	const first, second = "2a0e:97c0:1::7", "2a0e:97c0:2::7"
	p := newPlace(t)
	p.configure(record("home", "cf", "", "home.example.org") + record("nas", "noip", "", "nas.ddns.net") +
		record("box", "dynu", "", "home.dynu.net"))
	p.renumber("", wan1)
	p.renumber("", first+"/64")
	d := p.start()
	n := 0
	for _, name := range []string{"home.example.org", "nas.ddns.net", "home.dynu.net"} {
		for _, part := range []string{"type=A address=" + bare(wan1), "type=AAAA address=" + first} {
			n = max(n, p.line(d, 0, "published", name, part))
		}
	}
	p.Cloudflare.Forget()
	p.NoIP.Forget()
	p.Dynu.Forget()
	home := p.Cloudflare.Records()

	// As routers are told of it: the old prefix is deprecated, the new one is there, and is
	// checked for duplicates; some time later the old one goes.
	wan := device(t, "wan")
	deprecated := lab.Addr(first + "/64")
	deprecated.ValidLft = 7200
	must(t, netlink.AddrReplace(wan, deprecated))
	must(t, netlink.AddrAdd(wan, checked(second+"/64")))
	for _, name := range []string{"home.example.org", "nas.ddns.net", "home.dynu.net"} {
		p.line(d, n, "published", name, "type=AAAA", "address="+second)
	}
	n = len(d.Lines())
	must(t, netlink.AddrDel(wan, lab.Addr(first+"/64")))
	// What comes after it shows that it made no request.
	p.renumber(wan1, "192.88.100.2/24")
	for _, name := range []string{"home.example.org", "nas.ddns.net", "home.dynu.net"} {
		p.line(d, n, "published", name, "type=A", "address=192.88.100.2")
	}
	p.stop(d)

	p.asked(p.Cloudflare, // read by us, so that nothing foreign is lost, and by the library for the ID
		"GET name=home.example.org type=AAAA", "PATCH content="+second,
		"GET name=home.example.org type=A", "PATCH content=192.88.100.2")
	p.asked(p.NoIP, // takes both families or none
		"GET hostname=nas.ddns.net myip="+bare(wan1)+","+second,
		"GET hostname=nas.ddns.net myip=192.88.100.2,"+second)
	p.asked(p.Dynu,
		"GET hostname=home.dynu.net myip=no myipv6="+second,
		"GET hostname=home.dynu.net myip=192.88.100.2 myipv6=no")
	for _, r := range p.Cloudflare.Records() {
		was := home[slices.IndexFunc(home, func(o double.CloudflareRecord) bool { return o.ID == r.ID })]
		if len(home) != 2 || r.Version != was.Version+1 {
			t.Errorf("%+v has become %+v; want one write of each", was, r)
		}
	}
	if a, aaaa := p.NoIP.Holds("nas.ddns.net"); a.String() != "192.88.100.2" || aaaa.String() != second {
		t.Errorf("No-IP holds %v and %v", a, aaaa)
	}
	if strings.Contains(strings.Join(d.Lines(), "\n"), "nothing changed") {
		t.Error("what went along was reported as an update without a change")
	}
}

// tunnel makes a point-to-point device as pppd does: it is there as long as its file is open.
func tunnel(t testing.TB, name, local, peer string) *netlink.Tuntap {
	t.Helper()
	l := &netlink.Tuntap{LinkAttrs: netlink.LinkAttrs{Name: name}, Mode: netlink.TUNTAP_MODE_TUN, NonPersist: true, Queues: 1}
	must(t, netlink.LinkAdd(l))
	must(t, netlink.LinkSetUp(l))
	if local != "" {
		a := lab.Addr(local)
		a.Peer = lab.Addr(peer).IPNet
		must(t, netlink.AddrAdd(l, a))
	}
	return l
}

func TestDaemon_ppp_publishes_the_local_address_across_reconnects(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	const peer = "192.88.101.1"
	p := newPlace(t)
	p.configure(record("home", "duck", ipv4Only+"; list interface 'pppoe-wan'", "home.duckdns.org"))
	d := p.start()
	n := p.line(d, 0, "no address", "pppoe-wan")
	var indexes []int
	for i, local := range []string{"192.88.99.7", "192.88.99.8", "192.88.99.8", "192.88.99.9"} {
		l := tunnel(t, "pppoe-wan", local+"/32", peer+"/32")
		index := device(t, "pppoe-wan").Attrs().Index
		if slices.Contains(indexes, index) {
			t.Fatalf("ifindex %d again: this shows nothing", index)
		}
		indexes = append(indexes, index)
		n = p.line(d, n, "info address", "address="+local, "device=pppoe-wan")
		if i != 2 { // it came back with the address that is published
			n = p.line(d, n, "published", "home.duckdns.org", "address="+local)
		}
		must(t, l.Fds[0].Close())
		n = p.line(d, n, "no address", "pppoe-wan")
		must(t, tunnel(t, "other"+strconv.Itoa(i), "", "").Fds[0].Close()) // takes the next ifindex
	}
	p.stop(d)
	p.asked(p.DuckDNS, "GET domains=home.duckdns.org ip=192.88.99.7", "GET domains=home.duckdns.org ip=192.88.99.8", "GET domains=home.duckdns.org ip=192.88.99.9")
	if got := p.DuckDNS.Records()["home.duckdns.org"]; got != [2]string{"192.88.99.9", ""} {
		t.Errorf("the service holds %q", got)
	}
}
