package lease_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/lease"
	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/scripts/lab/ubusd"
)

var (
	nas     = netwatch.MAC{0x00, 0x16, 0x3e, 0x12, 0x34, 0x56}
	printer = netwatch.MAC{0x02, 0x16, 0x3e, 0xab, 0xcd, 0xef}
)

// As dnsmasq 2.90 writes it, with leases of both families.
const file = `1763978400 00:16:3e:12:34:56 192.168.1.7 NAS ff:12:34:56:00:01:00:01:2c
1763978400 02:16:3e:ab:cd:ef 192.168.1.8 * 01:02:16:3e:ab:cd:ef
0 02:16:3e:ab:cd:ef 192.168.1.9 printer.lan *
1763978400 06-00:16:3e:12:34:56:00:00 192.168.1.10 odd *
duid 00:01:00:01:2c:00:00:01:00:16:3e:12:34:56
1763978400 1055798358 fd00::7 six 00:01:00:01:2c:00:00:01:02:16:3e:ab:cd:ef
1763978400 1055798359 fd00::8 seven 00:03:00:01:00:16:3e:12:34:56
1763978400 1055798360 fd00::9 eight 00:04:00:16:3e:12:34:56:00:16:3e:12:34:56:00:16:3e:12
`

func TestTable_of_dnsmasq(t *testing.T) {
	for name, want := range map[string][]netwatch.MAC{
		"nas": {nas}, "printer": {printer}, "printer.lan": {printer}, "six": {printer}, "seven": {nas},
		"odd": nil, "eight": nil, "nas.lan": nil, "": nil,
	} {
		table := lease.NewTable("another", name)
		table.Dnsmasq([]byte(file))
		if got := table.Hosts(name); !slices.Equal(got, want) || table.Hosts("another") != nil {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestTable_of_dnsmasq_refuses_what_makes_no_sense(t *testing.T) {
	for name, line := range map[string]string{
		"no-name":      "1763978400 00:16:3e:12:34:56 192.168.1.7",
		"too-much":     "1763978400 00:16:3e:12:34:56 192.168.1.7 nas * *",
		"no-time":      "soon 00:16:3e:12:34:56 192.168.1.7 nas *",
		"no-mac":       "1763978400 00:16:3e:12:34 192.168.1.7 nas *",
		"another-name": "1763978400 00:16:3e:12:34:56 192.168.1.7 <b>nas</b> *",
		"zero":         "1763978400 00:00:00:00:00:00 192.168.1.7 nas *",
	} {
		table := lease.NewTable("nas")
		if table.Dnsmasq([]byte(line + "\n")); table.Hosts("nas") != nil {
			t.Errorf("%s: %v", name, table)
		}
	}
}

func TestTable_one_name_of_two_hosts(t *testing.T) {
	table := lease.NewTable("nas")
	table.Dnsmasq([]byte("1 00:16:3e:12:34:56 192.168.1.7 nas *\n2 00:16:3e:12:34:56 192.168.1.8 nas *\n3 02:16:3e:ab:cd:ef 192.168.1.9 Nas *\n"))
	if !slices.Equal(table.Hosts("nas"), []netwatch.MAC{nas, printer}) {
		t.Errorf("%v", table)
	}
}

// A laptop in the Wi-Fi has a DUID that was made of its Ethernet card.
func TestTable_a_mac_in_a_duid_is_a_guess(t *testing.T) {
	wired, wifi := `{"duid":"000100012c00000102163eabcdef","hostname":"laptop"}`, "1 00:16:3e:12:34:56 192.168.1.7 laptop *\n"
	table := lease.NewTable("laptop")
	table.Odhcpd(message(t, wired))
	if !slices.Equal(table.Hosts("laptop"), []netwatch.MAC{printer}) {
		t.Errorf("by its DUID alone: %v", table.Hosts("laptop"))
	}
	table.Dnsmasq([]byte(wifi + "1 7 fd00::7 laptop 00:03:00:01:02:16:3e:ab:cd:ef\n"))
	if !slices.Equal(table.Hosts("laptop"), []netwatch.MAC{nas}) {
		t.Errorf("with a lease of IPv4: %v", table.Hosts("laptop"))
	}
}

// As odhcpd answers (its ubus.c: handle_dhcpv4_leases, handle_dhcpv6_leases).
const (
	answer4 = `{"device":{"br-lan":{"leases":[
 {"mac":"00163e123456","hostname":"nas","accept-reconf":false,"flags":["bound"],"address":"192.168.1.7","valid":43188},
 {"mac":"00163e","hostname":"cut","address":"192.168.1.8","valid":1},
 {"mac":"02163eabcdef","hostname":"","address":"192.168.1.9","valid":1}]}}}`
	answer6 = `{"device":{"br-lan":{"leases":[
 {"duid":"000100012c00000102163eabcdef","iaid":1,"hostname":"printer","assigned":2499,"flags":["bound"],"ipv6-addr":[{"address":"fd00::9c3","preferred-lifetime":-1,"valid-lifetime":-1}],"valid":43100},
 {"duid":"0004001122","iaid":1,"hostname":"unknown","valid":1}]},"guest":{"leases":7}}}`
)

func message(t *testing.T, text string) ubus.Message {
	t.Helper()
	m, err := ubusd.JSON(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTable_of_odhcpd(t *testing.T) {
	table := lease.NewTable("nas", "printer", "cut", "unknown", "")
	table.Odhcpd(message(t, answer4))
	table.Odhcpd(message(t, answer6))
	if !slices.Equal(table.Hosts("nas"), []netwatch.MAC{nas}) || !slices.Equal(table.Hosts("printer"), []netwatch.MAC{printer}) || table.Hosts("cut") != nil || table.Hosts("unknown") != nil {
		t.Errorf("%v", table)
	}
	for _, odd := range []string{`{}`, `{"device":[]}`, `{"device":{"lan":[]}}`, `{"device":{"lan":{"leases":[1,"x",[]]}}}`, `{"device":{"lan":{"leases":[{"hostname":7,"mac":[]}]}}}`} {
		table := lease.NewTable("", "x", "nas")
		if table.Odhcpd(message(t, odd)); table.Hosts("x") != nil || table.Hosts("") != nil {
			t.Errorf("%s: %v", odd, table)
		}
	}
}

func FuzzDnsmasq(f *testing.F) {
	f.Add([]byte(file))
	f.Add([]byte("1 00:16:3e:12:34:56 192.168.1.7 nas *"))
	f.Fuzz(func(t *testing.T, text []byte) {
		table := lease.NewTable("nas", "printer", "n")
		table.Dnsmasq(text)
		for _, name := range []string{"nas", "printer", "n"} {
			macs := table.Hosts(name)
			if slices.Contains(macs, netwatch.MAC{}) || len(macs) > 0 && !strings.Contains(strings.ToLower(string(text)), name) {
				t.Fatalf("%q: %v", name, macs)
			}
		}
	})
}

func FuzzOdhcpd(f *testing.F) {
	f.Add([]byte("\x82\x00\x00\x20\x00\x06device\x00\x00\x82\x00\x00\x14\x00\x03lan\x00\x00\x00\x81\x00\x00\x0c\x00\x06leases\x00\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ubus.ParseMessage(raw)
		if err != nil {
			return
		}
		table := lease.NewTable("nas", "")
		table.Odhcpd(m)
		if slices.Contains(table.Hosts("nas"), netwatch.MAC{}) {
			t.Fatalf("%v", table)
		}
	})
}

func TestIsName(t *testing.T) {
	for name, want := range map[string]bool{
		"nas": true, "NAS.lan": true, "a_b-c": true, "": false, "*": false, "-nas": false, "nas.": false, "my nas": false, "<b>": false,
		"na\x1bs": false, "näs": false, strings.Repeat("n", 253): true, strings.Repeat("n", 254): false,
	} {
		if got := lease.IsName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// rig is Leases at work on a file that may be there.
type rig struct {
	*lease.Leases
	t    *testing.T
	file string
	news chan struct{}
}

func newRig(t *testing.T, client *ubus.Client) *rig {
	t.Helper()
	r := &rig{t: t, file: filepath.Join(t.TempDir(), "dhcp.leases"), news: make(chan struct{}, 1)}
	r.Leases = lease.New(client, func() {
		select {
		case r.news <- struct{}{}:
		default:
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) write(text string) {
	r.t.Helper()
	if err := os.WriteFile(r.file, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// until refreshes after each piece of news until a name is these hosts'.
func (r *rig) until(name string, want ...netwatch.MAC) {
	r.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		r.Refresh(context.Background())
		if slices.Equal(r.Hosts(name), want) {
			return
		}
		select {
		case <-r.news:
		case <-deadline:
			r.t.Fatalf("%s is %v, want %v", name, r.Hosts(name), want)
		}
	}
}

func TestLeases_follow_the_file(t *testing.T) {
	r := newRig(t, nil)
	r.Configure([]string{r.file}, []string{"nas"})
	if r.Refresh(context.Background()) && len(r.Hosts("nas")) != 0 {
		t.Fatal("something out of nothing")
	}
	r.write("1 00:16:3e:12:34:56 192.168.1.7 nas *\n") // which makes the file
	r.until("nas", nas)
	if r.Refresh(context.Background()) {
		t.Error("the same is called news")
	}
	r.write("1 02:16:3e:ab:cd:ef 192.168.1.7 nas *\n") // as dnsmasq does, in the file
	r.until("nas", printer)
	other := filepath.Join(filepath.Dir(r.file), "new")
	if err := os.WriteFile(other, []byte("1 00:16:3e:12:34:56 192.168.1.7 nas *\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, r.file); err != nil { // another file by the name
		t.Fatal(err)
	}
	r.until("nas", nas)
	r.write("") // the lease has ended: the host may sleep
	r.write("1 02:16:3e:ab:cd:ef 192.168.1.7 printer *\n")
	r.Configure([]string{r.file}, []string{"nas", "printer"})
	r.until("printer", printer)
	r.until("nas", nas)
	r.Configure([]string{r.file}, []string{"printer"})
	r.until("nas")
}

func TestLeases_of_odhcpd(t *testing.T) {
	server, err := ubusd.Start(filepath.Join(t.TempDir(), "ubus.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	server.Provide("dhcp",
		ubusd.Method{Name: "ipv4leases", Answer: ubusd.Fixed(message(t, answer4))}, ubusd.Method{Name: "ipv6leases", Answer: ubusd.Fixed(message(t, answer6))})
	client := &ubus.Client{Path: server.Path()}
	joined := make(chan struct{}, 1)
	client.Subscribe(ubus.Subscription{Object: "dhcp", Joined: func() { joined <- struct{}{} }})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = client.Run(ctx) // ends with ctx
	}()
	defer func() { cancel(); <-done }()
	<-joined
	r := newRig(t, client)
	r.Configure(nil, []string{"nas", "printer", "nobody"})
	r.until("nas", nas)
	r.until("printer", printer)
	r.until("nobody")
}
