package nameserver_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/wandns/wandns/pkg/nameserver"
	"github.com/wandns/wandns/scripts/lab"
)

const (
	system = "127.0.0.1"  // BIND as the system's caching resolver
	root   = "127.0.0.10" // BIND with the root zone of this small Internet
	top    = "127.0.0.20" // BIND with the top-level domain test
	first  = "127.0.0.11" // the authority of example.test
	second = "127.0.0.12"
	child  = "127.0.0.13" // the authority of child.example.test
	nobody = "127.0.0.99" // nothing listens
)

const records = `
@ NS ns1
@ NS ns2
ns1 A 127.0.0.11
ns2 A 127.0.0.12
home A 192.0.2.7
home A 192.0.2.3
home AAAA 2001:db8::7
only4 A 192.0.2.4
*.wild A 192.0.2.5
www CNAME home
away CNAME other.test.
apex-alias CNAME other.test.
dead-alias CNAME nowhere.example.test.
*.alias CNAME home
mapped AAAA ::ffff:192.0.2.1
child NS ns.child
ns.child A 127.0.0.13
`

func bind(t *testing.T, d lab.DNS) *lab.NameServer {
	t.Helper()
	n, err := lab.StartBIND(t.TempDir(), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Stop)
	return n
}

// internet starts a root and a caching resolver, and makes the latter the system's.
func internet(t *testing.T, zones map[string][]string) {
	t.Helper()
	bind(t, lab.DNS{Address: root, Zones: map[string]string{".": lab.RootZone(root, zones)}})
	bind(t, lab.DNS{Address: system, Root: root})
	if err := lab.ReplaceFile("/etc/resolv.conf", "nameserver "+system+"\n"); err != nil {
		t.Fatal(err)
	}
}

type query struct{ name, host, rrtype, want string }

// check looks names up: want is a list of addresses, "none", "alias" or "error".
func check(t *testing.T, r *nameserver.Resolver, queries []query) {
	t.Helper()
	for _, c := range queries {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		addrs, err := r.Lookup(ctx, c.host, c.rrtype)
		cancel()
		got := strings.Trim(fmt.Sprint(addrs), "[]")
		switch {
		case errors.Is(err, nameserver.ErrAlias):
			got = "alias"
		case err != nil:
			got = "error"
		case len(addrs) == 0:
			got = "none"
		}
		if got != c.want {
			t.Errorf("%s: %s %s is %s (%v), want %s", c.name, c.host, c.rrtype, got, err, c.want)
		}
	}
}

var usual = []query{
	{"ipv4-sorted", "home.example.test", "A", "192.0.2.3 192.0.2.7"},
	{"ipv6", "home.example.test", "AAAA", "2001:db8::7"},
	{"upper-case-and-dot", "Home.Example.Test.", "A", "192.0.2.3 192.0.2.7"},
	{"no-such-name", "nowhere.example.test", "A", "none"},
	{"deep-and-no-such-name", "a.b.c.nowhere.example.test", "AAAA", "none"},
	{"name-without-that-type", "only4.example.test", "AAAA", "none"},
	{"zone-apex-without-addresses", "example.test", "A", "none"},
	{"below-a-wildcard", "any.wild.example.test", "A", "192.0.2.5"},
	{"the-wildcard-itself", "*.wild.example.test", "A", "192.0.2.5"},
	{"wildcard-without-that-type", "any.wild.example.test", "AAAA", "none"},
	{"alias", "www.example.test", "A", "alias"},
	{"alias-to-another-zones-apex", "apex-alias.example.test", "A", "alias"},
	{"alias-to-nothing", "dead-alias.example.test", "AAAA", "alias"},
	{"wildcard-alias", "any.alias.example.test", "A", "alias"},
	{"ipv4-in-ipv6", "mapped.example.test", "AAAA", "error"},
	{"delegated-child-zone", "host.child.example.test", "A", "192.0.2.77"},
	{"child-zone-without-the-name", "none.child.example.test", "A", "none"},
	{"domain-that-nobody-registered", "home.unregistered.test", "A", "none"},
	{"not-a-type", "home.example.test", "MX", "error"},
	{"not-a-name", "home..example.test", "A", "error"},
	{"label-too-long", strings.Repeat("x", 64) + ".example.test", "A", "error"},
}

// testZone is the top-level domain: it delegates to the authorities.
const testZone = `
@ NS ns1
ns1 A 127.0.0.20
example NS ns1.example
example NS ns2.example
ns1.example A 127.0.0.11
ns2.example A 127.0.0.12
other NS ns1.other
ns1.other A 127.0.0.13
`

func tld(t *testing.T) {
	t.Helper()
	bind(t, lab.DNS{Address: top, Zones: map[string]string{"test": testZone}})
	internet(t, map[string][]string{"test": {top}})
}

func childZone() map[string]string {
	return map[string]string{
		"child.example.test": "@ NS ns\nns A 127.0.0.13\nhost A 192.0.2.77\n",
		"late.example.test":  "@ NS ns\nns A 127.0.0.13\nhost A 192.0.2.78\nwww CNAME host\n",
		"other.test":         "@ NS ns1\nns1 A 127.0.0.13\n@ A 192.0.2.9\n",
	}
}

func TestResolver_with_BIND(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	tld(t)
	zones := map[string]string{"example.test": records}
	one := bind(t, lab.DNS{Address: first, Zones: zones})
	two := bind(t, lab.DNS{Address: second, Zones: map[string]string{"example.test": records}})
	kid := bind(t, lab.DNS{Address: child, Zones: childZone()})
	r := nameserver.New(nameserver.Options{})
	check(t, r, usual)

	// The system's resolver has the old value in its cache by now; the authority is what counts.
	if _, err := net.DefaultResolver.LookupHost(context.Background(), "home.example.test."); err != nil {
		t.Fatal(err)
	}
	moved := strings.ReplaceAll(records, "192.0.2.7", "192.0.2.8")
	for _, n := range []*lab.NameServer{one, two} {
		if err := n.SetZone("example.test", moved); err != nil {
			t.Fatal(err)
		}
	}
	cached, err := net.DefaultResolver.LookupNetIP(context.Background(), "ip4", "home.example.test.")
	if err != nil || !strings.Contains(fmt.Sprint(cached), "192.0.2.7") {
		t.Fatalf("the cache is not old: %v, %v", cached, err)
	}
	check(t, r, []query{{"changed-behind-the-cache", "home.example.test", "A", "192.0.2.3 192.0.2.8"}})

	// A zone delegated since: the cache says there is none, its parent's servers refer to it.
	check(t, r, []query{{"before-the-delegation", "host.late.example.test", "A", "none"}})
	moved += "late NS ns.late\nns.late A 127.0.0.13\n"
	for _, n := range []*lab.NameServer{one, two} {
		if err := n.SetZone("example.test", moved); err != nil {
			t.Fatal(err)
		}
	}
	check(t, r, []query{
		{"delegated-since", "host.late.example.test", "A", "192.0.2.78"},
		{"delegated-since-alias", "www.late.example.test", "A", "alias"},
		{"delegated-since-remembered", "none.late.example.test", "A", "none"},
	})

	// An answer too big for UDP is fetched over TCP.
	var many strings.Builder
	var want []string
	for i := range 90 {
		a := netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", 0x1000+i))
		fmt.Fprintf(&many, "many AAAA %v\n", a)
		want = append(want, a.String())
	}
	for _, n := range []*lab.NameServer{one, two} {
		if err := n.SetZone("example.test", moved+many.String()); err != nil {
			t.Fatal(err)
		}
	}
	check(t, r, []query{{"answer-too-big-for-udp", "many.example.test", "AAAA", strings.Join(want, " ")}})

	// One server down: the other knows. All down: an error, and no guess.
	one.Stop()
	check(t, r, []query{{"one-server-down", "only4.example.test", "A", "192.0.2.4"}})
	kid.Stop()
	check(t, r, []query{{"the-childs-servers-down", "host.child.example.test", "A", "error"}})
	two.Stop()
	check(t, nameserver.New(nameserver.Options{Wait: 200 * time.Millisecond}), []query{{"all-servers-down", "only4.example.test", "A", "error"}})
}

func TestResolver_with_Knot(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	tld(t)
	zones := map[string]string{"example.test": records}
	for _, at := range []string{first, second} {
		n, err := lab.StartKnot(t.TempDir(), lab.DNS{Address: at, Zones: zones})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(n.Stop)
	}
	n, err := lab.StartKnot(t.TempDir(), lab.DNS{Address: child, Zones: childZone()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Stop)
	check(t, nameserver.New(nameserver.Options{}), usual)
}

// Lame delegations: the first server of the zone does not serve it.
func TestResolver_passes_over_lame_servers(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	tld(t)
	lame := bind(t, lab.DNS{Address: first, Zones: map[string]string{"else.test": "@ NS ns1.else.test.\nns1 A 127.0.0.11\n"}})
	bind(t, lab.DNS{Address: second, Zones: map[string]string{"example.test": records}})
	r := nameserver.New(nameserver.Options{})
	home := []query{{"one-server-lame", "home.example.test", "A", "192.0.2.3 192.0.2.7"}}
	check(t, r, home)
	check(t, r, home)
	lame.Stop()
	check(t, r, home)
}

// A whole Internet that does not answer is an error, never "none".
func TestResolver_system_resolver_down(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	if err := lab.ReplaceFile("/etc/resolv.conf", "nameserver "+nobody+"\noptions attempts:1 timeout:1\n"); err != nil {
		t.Fatal(err)
	}
	check(t, nameserver.New(nameserver.Options{}), []query{{"nobody-to-ask", "home.example.test", "A", "error"}})
}

// forger answers like a name server whose answers others try to forge: bad ones come before the
// good one, and each would be believed by a careless client.
func forger(t *testing.T, address string) {
	t.Helper()
	pc, err := net.ListenPacket("udp4", address+":53")
	if err != nil {
		t.Fatal(err)
	}
	other, err := net.ListenPacket("udp4", address+":0") // another source port
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close(); other.Close() })
	go func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			if !strings.HasPrefix(m.Questions[0].Name.String(), "home.") || m.Questions[0].Type != dnsmessage.TypeA {
				if b, err := honest(m).Pack(); err == nil {
					_, _ = pc.WriteTo(b, from)
				}
				continue
			}
			forge(m, func(b []byte) { _, _ = other.WriteTo(b, from) }, "wrong source")
			forge(m, func(b []byte) { _, _ = pc.WriteTo(b, from) }, "")
		}
	}()
}

// honest is what the resolver of the system gets: who the zone's name server is and where.
func honest(m dnsmessage.Message) *dnsmessage.Message {
	q := m.Questions[0]
	out := &dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
	add := func(body dnsmessage.ResourceBody) {
		h := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}
		out.Answers = append(out.Answers, dnsmessage.Resource{Header: h, Body: body})
	}
	switch q.Name.String() + q.Type.String() {
	case "forged.test.TypeNS":
		add(&dnsmessage.NSResource{NS: dnsmessage.MustNewName("ns1.forged.test.")})
	case "ns1.forged.test.TypeA":
		add(&dnsmessage.AResource{A: [4]byte{127, 0, 0, 66}})
	}
	return out
}

func forge(m dnsmessage.Message, send func([]byte), only string) {
	q := m.Questions[0]
	reply := func(addr byte, change func(*dnsmessage.Message)) {
		out := dnsmessage.Message{
			Header:    dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true},
			Questions: []dnsmessage.Question{q},
			Answers: []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60},
				Body:   &dnsmessage.AResource{A: [4]byte{192, 0, 2, addr}},
			}},
		}
		change(&out)
		if b, err := out.Pack(); err == nil {
			send(b)
		}
	}
	if only != "" {
		reply(66, func(*dnsmessage.Message) {})
		return
	}
	send([]byte("junk"))
	reply(67, func(o *dnsmessage.Message) { o.ID++ })
	reply(68, func(o *dnsmessage.Message) { o.Response = false })
	reply(69, func(o *dnsmessage.Message) { o.Questions[0].Name = dnsmessage.MustNewName("bank.example.test.") })
	reply(70, func(o *dnsmessage.Message) { o.Questions[0].Type = dnsmessage.TypeMX })
	reply(71, func(o *dnsmessage.Message) { o.Questions = nil })
	reply(1, func(*dnsmessage.Message) {})
}

func TestResolver_forged_answers_are_passed_over(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	internet(t, map[string][]string{"forged.test": {"127.0.0.66"}})
	forger(t, "127.0.0.66")
	r := nameserver.New(nameserver.Options{})
	check(t, r, []query{{"forged", "home.forged.test", "A", "192.0.2.1"}})
}
