// Package lease knows which host on the LAN has a name: the DHCP leases.
//
// In come dnsmasq's lease file and odhcpd's answers on ubus; out goes, for a name, the link-layer
// address of the host that has a lease by it. Hosts choose their names themselves, so nothing in a
// lease is believed but that: what does not look like a name or a MAC is left out.
//
// Sources: dnsmasq's lease.c (lease_update_file), odhcpd's ubus.c (ipv4leases, ipv6leases), RFC
// 8415 section 11 (DUIDs that hold a MAC).
package lease

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/pkg/ubus"
)

// Table is which hosts have the names that are wanted, in lower case: several where several hosts
// have leases by one.
type Table struct {
	names []string
	hosts []holders // of each name
}

// holders are the hosts with a name. The MAC in a DUID is only a guess: a host with two network
// cards has one DUID for both, made of the one that it had first, be it in use or not.
type holders struct{ told, guessed []netwatch.MAC }

func (h holders) best() []netwatch.MAC {
	if len(h.told) > 0 {
		return h.told
	}
	return h.guessed
}

// NewTable makes a table of names without hosts.
func NewTable(names ...string) *Table { return &Table{names, make([]holders, len(names))} }

// Hosts are the hosts that have a name.
func (t *Table) Hosts(name string) []netwatch.MAC {
	for i, n := range t.names {
		if n == name {
			return t.hosts[i].best()
		}
	}
	return nil
}

// add notes a lease, told to have a MAC or else with one in its DUID. A name with a domain stands
// without it as well.
func (t *Table) add(name string, told, inDUID netwatch.MAC) {
	name = strings.ToLower(name)
	first, _, _ := strings.Cut(name, ".")
	note := func(list []netwatch.MAC, m netwatch.MAC) []netwatch.MAC {
		if m == (netwatch.MAC{}) || slices.Contains(list, m) {
			return list
		}
		return append(list, m)
	}
	for i, n := range t.names {
		if n == name || n == first {
			h := &t.hosts[i]
			h.told, h.guessed = note(h.told, told), note(h.guessed, inDUID)
		}
	}
}

// IsName says whether a text can be the name of a host: "*", which stands for none in a lease, is
// not.
func IsName(s string) bool {
	return s != "" && len(s) <= 253 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == "" &&
		strings.Trim(s, "-.") == s
}

// Dnsmasq adds the leases of dnsmasq's file. A line is: expiry in Unix seconds, MAC, address, name
// or *, client ID or *; of IPv6: expiry, IAID, address, name, DUID.
func (t *Table) Dnsmasq(text []byte) {
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		f := strings.Fields(string(line))
		if len(f) != 5 || strings.Trim(f[0], "0123456789") != "" {
			continue
		}
		told, ok := parseMAC(f[1])
		var inDUID netwatch.MAC
		if !ok {
			inDUID, _ = fromDUID(strings.ReplaceAll(f[4], ":", ""))
		}
		t.add(f[3], told, inDUID)
	}
}

func parseMAC(s string) (m netwatch.MAC, ok bool) {
	hw, err := net.ParseMAC(s)
	if err != nil || len(hw) != len(m) {
		return m, false
	}
	return netwatch.MAC(hw), true
}

// fromDUID reads the MAC out of a DUID in hexadecimal: type 1 (link-layer and time) or 3
// (link-layer), hardware type 1 (Ethernet).
func fromDUID(duid string) (m netwatch.MAC, ok bool) {
	switch {
	case len(duid) == 28 && strings.HasPrefix(duid, "00010001"):
		return fromHex(duid[16:])
	case len(duid) == 20 && strings.HasPrefix(duid, "00030001"):
		return fromHex(duid[8:])
	}
	return m, false
}

// fromHex reads a MAC of twelve digits.
func fromHex(s string) (netwatch.MAC, bool) {
	if len(s) != 12 {
		return netwatch.MAC{}, false
	}
	return parseMAC(s[:4] + "." + s[4:8] + "." + s[8:])
}

// Odhcpd adds the leases of an answer of odhcpd, wherever in it they are: it has a list for each
// device.
func (t *Table) Odhcpd(m ubus.Message) {
	name, _ := m.Get("hostname").Text()
	hex, _ := m.Get("mac").Text()
	duid, _ := m.Get("duid").Text()
	told, _ := fromHex(hex)
	inDUID, _ := fromDUID(duid)
	t.add(name, told, inDUID)
	for f := range m.Fields() {
		t.Odhcpd(f.Members()) // which is as deep as a message can be: 32
	}
}

// Leases are the leases of the names that are wanted. Make them with New. Only Run may go on
// beside the other methods.
type Leases struct {
	*Table
	client  *ubus.Client // nil: there is no bus
	changed func()
	files   []string
	watcher watcher
}

// methods are what odhcpd answers by, as object "dhcp".
var methods = [...]string{"ipv4leases", "ipv6leases"}

// maxFile bounds what is read of a file, in bytes.
const maxFile = 1 << 20

// askTimeout is how long odhcpd may take to answer.
const askTimeout = 500 * time.Millisecond

// New makes Leases. changed is called, from a goroutine of Run's, when Refresh might bring news; it
// must not block.
func New(client *ubus.Client, changed func()) *Leases {
	return &Leases{Table: NewTable(), client: client, changed: changed, watcher: newWatcher()}
}

// Configure says in which files dnsmasq keeps its leases and which names count, in lower case.
// While there is none, no file is looked at.
func (l *Leases) Configure(files, names []string) {
	was := l.Table
	l.files, l.Table = files, NewTable(names...)
	for i, name := range names {
		l.hosts[i].told = was.Hosts(name)
	}
}

// Refresh reads the leases, and says whether a name that counts is another host's now. A name that
// has left the leases stays its last host's: a lease ends when a host sleeps.
func (l *Leases) Refresh(ctx context.Context) (changed bool) {
	if len(l.names) == 0 {
		return false
	}
	l.watcher.watch(l.files)
	now := NewTable(l.names...)
	for _, name := range l.files {
		now.Dnsmasq(read(name))
	}
	for _, method := range methods {
		l.ask(ctx, now, method)
	}
	for i, hosts := range now.hosts {
		if len(hosts.best()) == 0 {
			now.hosts[i] = l.hosts[i]
		} else if !slices.Equal(hosts.best(), l.hosts[i].best()) {
			changed = true
		}
	}
	l.Table = now
	return changed
}

func (l *Leases) ask(ctx context.Context, t *Table, method string) {
	if l.client == nil || !l.client.Connected() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if m, err := l.client.Call(ctx, "dhcp", method, nil); err == nil {
		t.Odhcpd(m)
	}
}

// read reads a file that may not be there.
func read(name string) []byte {
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, maxFile)) // half of it is better than nothing
	return text
}

// Run watches the files until ctx ends, which is no error.
func (l *Leases) Run(ctx context.Context) error { return l.watcher.run(ctx, l.changed) }
