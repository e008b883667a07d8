package main_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
)

// hostRecords are records of hosts on the LAN, one in each subnet, the odd ones named by their MAC.
func hostRecords(n int) (sections string, names, parts []string) {
	for i := 0; i < n; i++ {
		name := fmt.Sprintf("host%d.example.org", i)
		by, part := fmt.Sprintf("option host_id '::%x:1'", 0x100+i), fmt.Sprintf("::%x:1", 0x100+i)
		if i%2 == 1 {
			by, part = fmt.Sprintf("option mac '00:16:3e:00:01:%02x'", i), fmt.Sprintf(":216:3eff:fe00:1%02x", i)
		}
		sections += record(fmt.Sprintf("host%d", i), "cf", fmt.Sprintf("option source 'host'; list interface 'lan'; option subnet_id '%x'; %s", i, by), name)
		names, parts = append(names, name), append(parts, part)
	}
	return sections, names, parts
}

func TestHosts_20_records_move_in_one_step_with_the_prefix(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	_, err := lab.Veth("lan", "host")
	must(t, err)
	lan := device(t, "lan")
	sections, names, parts := hostRecords(20)
	p.configure(sections)
	// The time counts, so this is the program as it is shipped, without the race detector.
	program := filepath.Join(t.TempDir(), "wandns")
	must(t, build(program, "0"))
	d := p.startProgram(program)
	n := 0
	move := func(prefix string) {
		from := n
		for i, name := range names {
			want := lab.Addr(fmt.Sprintf("%s%02x%s/64", prefix, i, parts[i])).IP.String()
			n = max(n, p.line(d, from, "published", name, "address="+want+" "))
		}
		for i, name := range names {
			p.holds(p.Cloudflare.Holds(name, "AAAA"), lab.Addr(fmt.Sprintf("%s%02x%s/64", prefix, i, parts[i])).IP.String())
		}
	}
	must(t, netlink.AddrAdd(lan, checked("2a0e:97c0:0:ab00::1/56")))
	move("2a0e:97c0:0:ab")
	p.eventually("all is quiet", func() bool { return p.name(names[19], "AAAA").State == "current" })

	var took []time.Duration
	for i, next := range []string{"2a0e:97c0:0:cd", "2a0e:97c0:1:ef"} { // a third would wait for rate_interval
		old := []string{"2a0e:97c0:0:ab", "2a0e:97c0:0:cd"}[i]
		p.Cloudflare.Forget()
		began := time.Now()
		must(t, netlink.AddrAdd(lan, checked(next+"00::1/56")))
		deprecated := lab.Addr(old + "00::1/56")
		deprecated.ValidLft = 7200
		must(t, netlink.AddrReplace(lan, deprecated))
		move(next)
		took = append(took, time.Since(began))
		p.eventually("all is quiet", func() bool { return p.name(names[19], "AAAA").State == "current" })
		writes := 0
		for _, r := range p.Cloudflare.Requests() {
			if r.Method != "GET" {
				writes++
			}
		}
		if writes != len(names) {
			t.Errorf("%d writes for %d hosts", writes, len(names))
		}
		must(t, netlink.AddrDel(lan, lab.Addr(old+"00::1/56")))
	}
	t.Logf("from the prefix on the interface to the last of %d records: %v", len(names), took)
	if quickest := slices.Min(took); quickest > 300*time.Millisecond { // a busy machine may be slow once
		t.Errorf("the quickest rotation took %v", quickest)
	}
	p.stop(d)
}
