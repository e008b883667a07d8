package main_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/wandns/wandns/scripts/lab"
)

// The owner's own name server, a real BIND that takes updates signed with the router's key: a name
// that does not exist, changes, somebody else's addresses, and a server that comes back.
func TestUpdate_at_a_name_server_of_the_owner(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	const secret = "bDVV3mnUjAmGDCnsmrpRfLXA0Rmra0Y2xgiQYpq7e4w="
	p := newPlace(t)
	start := func() *lab.NameServer {
		t.Helper()
		n, err := lab.StartBIND(t.TempDir(), lab.DNS{
			Address: "127.0.0.1", Keys: []lab.TSIG{{Name: "router", Algorithm: "hmac-sha512", Secret: secret}},
			Zones: map[string]string{"home.test": "@ NS ns\nns A 127.0.0.1\npair A 192.88.1.1\npair A 192.88.1.2\n"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n := start()
	defer func() { n.Stop() }()
	serves := func(name string, want ...string) {
		t.Helper()
		p.eventually(name+" holds "+strings.Join(want, " "), func() bool {
			got, _, err := lab.Ask("127.0.0.1", name, "A")
			return err == nil && slices.Equal(got, want)
		})
	}
	config := func(options string) {
		p.configure("\nconfig account 'ns'\n\toption provider 'rfc2136'\n\toption server '127.0.0.1'\n\toption key_name 'router'\n" +
			"\toption key_algorithm 'hmac-sha512'\n\toption key_secret '" + secret + "'\n" +
			record("nas", "ns", ipv4Only, "nas.home.test") + record("pair", "ns", ipv4Only+options, "pair.home.test"))
	}
	config("")
	p.renumber("", addressOf(1))
	d := p.start()
	at := p.line(d, 0, "info published", "hostname=nas.home.test ", bare(addressOf(1)))
	serves("nas.home.test", bare(addressOf(1)))
	p.line(d, 0, "error held", "hostname=pair.home.test ", "192.88.1.1, 192.88.1.2")
	serves("pair.home.test", "192.88.1.1", "192.88.1.2")

	config("; option replace '1'")
	if err := d.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	serves("pair.home.test", bare(addressOf(1)))
	p.renumber(addressOf(1), addressOf(2))
	p.line(d, at, "info published", "hostname=nas.home.test ", bare(addressOf(2)))
	serves("nas.home.test", bare(addressOf(2)))

	n.Stop()
	p.renumber(addressOf(2), addressOf(3))
	p.line(d, at, "warn not published", "hostname=nas.home.test ", "connection refused")
	n = start()
	if out, exit := p.command("update", "nas"); exit != 0 {
		t.Fatalf("update exits with %d: %s", exit, out)
	}
	serves("nas.home.test", bare(addressOf(3)))
	if strings.Contains(strings.Join(d.Lines(), "\n"), secret) {
		t.Error("the log shows the key")
	}
}
