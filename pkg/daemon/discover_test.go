package daemon_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/pkg/netwatch"
)

// asks parses records and says what is asked outside: "wan ipv4 behind gateway".
func asks(t *testing.T, s netwatch.Snapshot, records ...string) []string {
	t.Helper()
	text := "config account 'cf'\n\toption provider 'cloudflare'\n\toption token '0123456789012345678901234567890123456789'\n"
	for i, r := range records {
		text += fmt.Sprintf("config record 'r%d'\n\toption account 'cf'\n\tlist hostname 'h%d.example.org'\n\tlist interface 'wan'\n", i, i)
		for _, o := range strings.Split(r, ";") {
			text += "\t" + strings.TrimSpace(o) + "\n"
		}
	}
	var out []string
	for _, q := range daemon.Questions(parse(t, text), s, func(iface string) string { return strings.TrimPrefix(iface, "no") }) {
		line := q.Device + " " + q.Family.String()
		if q.Behind {
			line += " behind"
		}
		if q.Gateway.IsValid() {
			line += " gateway"
		}
		if q.Own.IsValid() {
			line += " own " + q.Own.String()
		}
		if q.Needed {
			line += " needed"
		}
		out = append(out, line)
	}
	return out
}

func TestQuestions_nobody_is_asked_without_need(t *testing.T) {
	gate := netip.MustParseAddr("192.168.1.1")
	wan := func(addrs ...string) netwatch.Snapshot {
		l := netwatch.Link{Name: "wan", Up: true, Running: true}
		for _, a := range addrs {
			l.Addresses = append(l.Addresses, netwatch.Address{Addr: netip.MustParseAddr(a)})
		}
		return netwatch.Snapshot{Links: []netwatch.Link{l}, Routes: []netwatch.Route{{Link: "wan", Gateway: gate}, {Link: "wan", IPv6: true}}}
	}
	down := wan("192.168.1.2")
	down.Links[0].Running = false
	for _, c := range []struct {
		name    string
		world   netwatch.Snapshot
		records []string
		want    []string
	}{
		{"public-is-checked-once", wan("192.88.99.7", "2a00::1"), []string{"option source 'auto'"}, []string{"wan ipv4 own 192.88.99.7"}},
		{"public-wanted-from-outside-by-the-second", wan("192.88.99.7"), []string{"option source 'auto'", "option source 'outside'"}, []string{"wan ipv4 own 192.88.99.7 needed"}},
		{"double-nat", wan("192.168.1.2"), []string{"option source 'auto'"}, []string{"wan ipv4 behind gateway"}},
		{"cgnat-is-asked-about-once", wan("100.64.1.2"), []string{"option source 'auto'"}, []string{"wan ipv4"}},
		{"cgnat-wanted", wan("100.64.1.2"), []string{"option source 'outside'"}, []string{"wan ipv4 behind needed"}},
		{"cgnat-wanted-by-the-second", wan("100.64.1.2"), []string{"option source 'auto'", "option source 'outside'"}, []string{"wan ipv4 behind needed"}},
		{"cgnat-wanted-by-the-first", wan("100.64.1.2"), []string{"option source 'outside'", "option source 'auto'"}, []string{"wan ipv4 behind needed"}},
		{"private-published", wan("192.168.1.2"), []string{"option publish_private '1'"}, nil},
		{"interface", wan("192.168.1.2"), []string{"option source 'interface'"}, nil},
		{"disabled", wan("192.168.1.2"), []string{"option enabled '0'"}, nil},
		{"ipv6-only", wan("192.168.1.2", "2a00::1"), []string{"list family 'ipv6'"}, nil},
		{"ipv6-outside", wan("2a00::1"), []string{"option source 'outside'"}, []string{"wan ipv6 own 2a00::1 needed"}},
		{"ipv6-outside-ula", wan("fd00::1"), []string{"option source 'outside'"}, []string{"wan ipv6 behind needed"}},
		{"link-local-only", wan("fe80::1"), []string{"option source 'outside'"}, nil},
		{"not-connected", down, []string{"option source 'outside'"}, nil},
		{"no-device", wan("192.168.1.2"), []string{"list interface 'no'"}, []string{"wan ipv4 behind gateway"}},
		{"static", wan("192.168.1.2"), []string{"option source 'static'; list address '192.88.99.1'"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := asks(t, c.world, c.records...); !slices.Equal(got, c.want) {
				t.Errorf("asks %q, want %q", got, c.want)
			}
		})
	}
}

func TestQuestions_are_others_when_something_local_is(t *testing.T) {
	cfg := parse(t, deleting)
	local := func(s netwatch.Snapshot) string {
		q := daemon.Questions(cfg, s, func(iface string) string { return iface })
		if len(q) != 1 || q[0].Family != address.IPv4 {
			t.Fatalf("asks %+v", q)
		}
		return q[0].Local
	}
	with := func(addr, gateway string) netwatch.Snapshot {
		return netwatch.Snapshot{
			Links:  []netwatch.Link{{Name: "wan", Up: true, Running: true, Addresses: []netwatch.Address{{Addr: netip.MustParseAddr(addr)}}}},
			Routes: []netwatch.Route{{Link: "wan", Gateway: netip.MustParseAddr(gateway)}, {Link: "lan", Gateway: netip.MustParseAddr("10.0.0.1")}},
		}
	}
	base := with("192.168.1.2", "192.168.1.1")
	if local(base) != local(with("192.168.1.2", "192.168.1.1")) {
		t.Error("nothing changed, and it is another question")
	}
	for name, s := range map[string]netwatch.Snapshot{"address": with("192.168.1.3", "192.168.1.1"), "route": with("192.168.1.2", "192.168.1.254")} {
		if local(base) == local(s) {
			t.Errorf("another %s, and the same question", name)
		}
	}
}
