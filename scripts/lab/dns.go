package lab

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
)

// DNS says what a name server does. It listens on UDP and TCP port 53 of Address, so it runs in
// a namespace of its own (Alone).
type DNS struct {
	Address string // literal: "127.0.0.53"
	// Zones it has authority for, by name ("example.test", "." for the root): resource records in
	// the form of a zone file, NS records included. The SOA record is added.
	Zones map[string]string
	// Root makes it (BIND only) a caching resolver that starts at this address of a root server.
	Root string
	// Keys are TSIG keys that it knows. The first one may update every zone.
	Keys []TSIG
	// Options are more statements for BIND's options block.
	Options string
}

// TSIG is a key as name servers are configured with it.
type TSIG struct{ Name, Algorithm, Secret string }

// NameServer is a real BIND, Knot or PowerDNS that runs until Stop.
type NameServer struct {
	dns    DNS
	dir    string
	cmd    *exec.Cmd
	log    bytes.Buffer
	ended  chan struct{}
	serial uint32
}

// StartBIND runs named (Debian: bind9) with its files in dir, and returns when it answers.
func StartBIND(dir string, d DNS) (*NameServer, error) {
	n := &NameServer{dns: d, dir: dir, serial: 1}
	return n, n.start(n.bindConfig(), "named", "-g", "-n", "1", "-c")
}

// StartKnot runs knotd (Debian: knot) with its files in dir, and returns when it answers.
func StartKnot(dir string, d DNS) (*NameServer, error) {
	n := &NameServer{dns: d, dir: dir, serial: 1}
	return n, n.start(n.knotConfig(), "knotd", "-c")
}

// RootZone is the zone of a root server at an address, which delegates each zone (by name) to
// servers at the addresses given, called ns1.NAME, ns2.NAME and so on.
func RootZone(root string, zones map[string][]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ". NS a.root.\na.root. %s %s\n", typeOf(root), root)
	for name, addrs := range zones {
		for i, a := range addrs {
			host := fmt.Sprintf("ns%d.%s.", i+1, name)
			fmt.Fprintf(&b, "%s. NS %s\n%s %s %s\n", name, host, host, typeOf(a), a)
		}
	}
	return b.String()
}

func typeOf(addr string) string {
	if strings.Contains(addr, ":") {
		return "AAAA"
	}
	return "A"
}

// SetZone replaces a zone's records and returns when they are served.
func (n *NameServer) SetZone(name, records string) error {
	n.dns.Zones[name] = records
	n.serial++
	if err := n.writeZones(); err != nil {
		return err
	}
	if err := n.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		return err
	}
	return n.wait("zone "+name+" to be loaded", func() bool {
		serial, err := askSerial(n.dns.Address, name)
		return err == nil && serial == n.serial
	})
}

// Stop ends the server.
func (n *NameServer) Stop() {
	_ = n.cmd.Process.Kill() // it may have ended by itself
	<-n.ended
}

func (n *NameServer) start(config string, program string, args ...string) error {
	if err := ownAddress(n.dns.Address); err != nil {
		return err
	}
	if err := n.writeZones(); err != nil {
		return err
	}
	file := filepath.Join(n.dir, program+".conf")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		return err
	}
	if err := n.run(program, append(args, file)...); err != nil {
		return err
	}
	return n.wait("an answer", n.answers)
}

func (n *NameServer) run(program string, args ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		path = "/usr/sbin/" + program
	}
	n.cmd = exec.Command(path, args...)
	n.cmd.Dir = n.dir
	n.cmd.Stdout, n.cmd.Stderr = &n.log, &n.log
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := n.cmd.Start(); err != nil {
		return err
	}
	n.ended = make(chan struct{})
	go func() {
		_ = n.cmd.Wait() // how it ended is in its log
		close(n.ended)
	}()
	return nil
}

// ownAddress gives lo a loopback address of its own: BIND listens on addresses that devices have.
func ownAddress(addr string) error {
	a, err := netip.ParseAddr(addr)
	if err != nil || !a.IsLoopback() || a == netip.AddrFrom4([4]byte{127, 0, 0, 1}) {
		return err
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	err = netlink.AddrAdd(lo, Addr(netip.PrefixFrom(a, a.BitLen()).String()))
	if err != nil && !errors.Is(err, syscall.EEXIST) {
		return fmt.Errorf("giving lo the address %s: %w", addr, err)
	}
	return nil
}

// answers says that every zone is served; a resolver answers when it answers at all.
func (n *NameServer) answers() bool {
	if n.dns.Root != "" {
		_, err := askSerial(n.dns.Address, "localhost")
		return err == nil || errors.Is(err, errNoSOA)
	}
	for name := range n.dns.Zones {
		if serial, err := askSerial(n.dns.Address, name); err != nil || serial != n.serial {
			return false
		}
	}
	return true
}

func (n *NameServer) wait(what string, ok func() bool) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-n.ended:
			return fmt.Errorf("%s ended while waiting for %s:\n%s", n.cmd.Path, what, n.log.String())
		case <-deadline:
			n.Stop() // then its log is whole
			return fmt.Errorf("%s at %s: %s never came:\n%s", n.cmd.Path, n.dns.Address, what, n.log.String())
		}
	}
	return nil
}

func zoneFile(name string) string {
	if name == "." {
		return "root.zone"
	}
	return name + ".zone"
}

func (n *NameServer) writeZones() error {
	for name, records := range n.dns.Zones {
		origin := strings.TrimSuffix(name, ".") + "."
		text := fmt.Sprintf("$ORIGIN %s\n$TTL 300\n@ SOA ns.invalid. hostmaster.invalid. %d 3600 600 86400 300\n%s\n", origin, n.serial, records)
		if err := os.WriteFile(filepath.Join(n.dir, zoneFile(name)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (n *NameServer) bindConfig() string {
	var b strings.Builder
	recursion := "no"
	if n.dns.Root != "" {
		recursion = "yes; allow-recursion { any; }"
	}
	v4, v6 := n.dns.Address, "none"
	if strings.Contains(v4, ":") {
		v4, v6 = v6, v4
	}
	fmt.Fprintf(&b, `options {
	directory %q; managed-keys-directory %q;
	pid-file none; session-keyfile none; lock-file none;
	listen-on { %s; }; listen-on-v6 { %s; };
	recursion %s; allow-query { any; };
	dnssec-validation no; qname-minimization off; empty-zones-enable no; notify no;
	%s
};
controls { };
`, n.dir, n.dir, v4, v6, recursion, n.dns.Options)
	update := ""
	for i, k := range n.dns.Keys {
		fmt.Fprintf(&b, "key %q { algorithm %s; secret %q; };\n", k.Name, k.Algorithm, k.Secret)
		if i == 0 {
			update = fmt.Sprintf("allow-update { key %q; };", k.Name)
		}
	}
	if n.dns.Root != "" {
		hints := filepath.Join(n.dir, "hints")
		text := ". 3600000 NS a.root.\na.root. 3600000 " + typeOf(n.dns.Root) + " " + n.dns.Root + "\n"
		if err := os.WriteFile(hints, []byte(text), 0o644); err != nil {
			return "// " + err.Error() // named then says that it has no hints
		}
		fmt.Fprintf(&b, "zone \".\" { type hint; file %q; };\n", hints)
	}
	for name := range n.dns.Zones {
		fmt.Fprintf(&b, "zone %q { type primary; file %q; check-names ignore; %s };\n", name, zoneFile(name), update)
	}
	return b.String()
}

func (n *NameServer) knotConfig() string {
	var b strings.Builder
	fmt.Fprintf(&b, "server:\n  rundir: %q\n  listen: %s@53\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n", n.dir, n.dns.Address)
	fmt.Fprintf(&b, "database:\n  storage: %q\nlog:\n  - target: stderr\n    any: info\n", n.dir)
	acl := ""
	for i, k := range n.dns.Keys {
		if i == 0 {
			b.WriteString("key:\n")
			acl = "    acl: update\n"
		}
		fmt.Fprintf(&b, "  - id: %s\n    algorithm: %s\n    secret: %s\n", k.Name, k.Algorithm, k.Secret)
	}
	if acl != "" {
		fmt.Fprintf(&b, "acl:\n  - id: update\n    key: %s\n    action: update\n", n.dns.Keys[0].Name)
	}
	fmt.Fprintf(&b, "template:\n  - id: default\n    storage: %q\n    zonefile-sync: -1\n    journal-content: none\n%szone:\n", n.dir, acl)
	for name := range n.dns.Zones {
		fmt.Fprintf(&b, "  - domain: %q\n    file: %q\n", name, zoneFile(name))
	}
	return b.String()
}
