package main_test

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/lan"
	"github.com/wandns/wandns/scripts/lab/site"
)

// hostRecords are records of hosts on the LAN, one in each subnet, the even ones named by their MAC.
func hostRecords(n int) (sections string, names, parts []string) {
	for i := 0; i < n; i++ {
		name := fmt.Sprintf("host%d.example.org", i)
		by, part := fmt.Sprintf("option host_id '::%x:1'", 0x100+i), fmt.Sprintf("::%x:1", 0x100+i)
		if i%2 == 0 {
			by, part = fmt.Sprintf("option mac '00:16:3e:00:01:%02x'", i), fmt.Sprintf(":216:3eff:fe00:1%02x", i)
		}
		sections += record(fmt.Sprintf("host%d", i), "cf", fmt.Sprintf("option source 'host'; list interface 'lan'; option subnet_id '%x'; %s", i, by), name)
		names, parts = append(names, name), append(parts, part)
	}
	return sections, names, parts
}

// village is a LAN with a /56, of which records name 20 hosts. The first of them is there: its
// kernel makes itself an address of what radvd announces.
type village struct {
	*home
	d            *site.Process
	real         *lan.Host
	names, parts []string
	lines        int
	delegated    string // the first 56 bits of the prefix
}

// newVillage starts a program there whose records have these options too.
func newVillage(t testing.TB, program, options string) *village {
	t.Helper()
	v := &village{home: newHome(t)}
	v.real = v.host("host0", "00:16:3e:00:01:00", lan.Kind{Privacy: true})
	var sections string
	sections, v.names, v.parts = hostRecords(20)
	v.configure(strings.ReplaceAll(sections, "\toption source", "\t"+options+"\n\toption source"))
	v.d = v.startProgram(program)
	return v
}

// move gives the LAN the /56 that begins so, as netifd does when the ISP delegates another, and
// returns when all is quiet again. arrived is when the prefix was there.
func (v *village) move(to string) (arrived time.Time) {
	v.t.Helper()
	device := device(v.t, "lan")
	v.Cloudflare.Forget()
	must(v.t, netlink.AddrAdd(device, checked(to+"00::1/56")))
	arrived = time.Now()
	if v.delegated != "" {
		deprecated := lab.Addr(v.delegated + "00::1/56")
		deprecated.ValidLft = 7200
		must(v.t, netlink.AddrReplace(device, deprecated))
	}
	v.published(to)
	announced := []lan.Prefix{{Prefix: to + "00::/64", Preferred: time.Hour, Valid: 2 * time.Hour}}
	if v.delegated != "" {
		must(v.t, netlink.AddrDel(device, lab.Addr(v.delegated+"00::1/56")))
		announced = append(announced, lan.Prefix{Prefix: v.delegated + "00::/64", Valid: 2 * time.Hour})
	}
	must(v.t, v.Announce(announced...))
	v.delegated, v.now = to, netip.MustParsePrefix(to+"00::/64")
	v.eventually("all is quiet", func() bool { return v.name(v.names[19], "AAAA").State == "current" })
	return arrived
}

// published waits until all names hold the addresses in the prefix that begins so.
func (v *village) published(in string) {
	v.t.Helper()
	from := v.lines
	for i, name := range v.names {
		v.lines = max(v.lines, v.line(v.d, from, "published", name, "address="+v.address(in, i)+" "))
	}
	for i, name := range v.names {
		v.holds(v.Cloudflare.Holds(name, "AAAA"), v.address(in, i))
	}
}

// wrote checks that the service was written to once for each name since it forgot, and returns when
// it was for the last time.
func (v *village) wrote() (last time.Time) {
	v.t.Helper()
	writes := 0
	for _, r := range v.Cloudflare.Requests() {
		if r.Method != "GET" {
			writes++
			last = r.At
		}
	}
	if writes != len(v.names) {
		v.t.Errorf("%d writes for %d hosts", writes, len(v.names))
	}
	return last
}

func (v *village) address(prefix string, host int) string {
	return lab.Addr(fmt.Sprintf("%s%02x%s/64", prefix, host, v.parts[host])).IP.String()
}

func TestHosts_20_records_move_in_one_step_with_the_prefix(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := newVillage(t, os.Getenv(programEnv), "")
	v.move("2a0e:97c0:0:ab")
	for _, next := range []string{"2a0e:97c0:0:cd", "2a0e:97c0:1:ef"} { // a third would wait for rate_interval
		v.move(next)
		v.wrote()
		// What was published before the host had it is what its kernel makes.
		stays, temporary := v.settled(v.real)
		v.holds(v.Cloudflare.Holds(v.names[0], "AAAA"), stays.String())
		if temporary == stays || !temporary.IsValid() {
			t.Errorf("the host's temporary address is %v", temporary)
		}
	}
	v.stop(v.d)
}
