package main_test

import (
	"fmt"
	"net/netip"
	"os"
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

// newVillage starts a program there that has published the addresses in a first prefix.
func newVillage(t testing.TB, program string) *village {
	t.Helper()
	v := &village{home: newHome(t)}
	v.real = v.host("host0", "00:16:3e:00:01:00", lan.Kind{Privacy: true})
	var sections string
	sections, v.names, v.parts = hostRecords(20)
	v.configure(sections)
	v.d = v.startProgram(program)
	v.move("2a0e:97c0:0:ab")
	return v
}

// move gives the LAN the /56 that begins so, as netifd does when the ISP delegates another, and
// returns when all names hold the addresses in it, and how long that took.
func (v *village) move(to string) time.Duration {
	v.t.Helper()
	device := device(v.t, "lan")
	v.Cloudflare.Forget()
	began := time.Now()
	must(v.t, netlink.AddrAdd(device, checked(to+"00::1/56")))
	if v.delegated != "" {
		deprecated := lab.Addr(v.delegated + "00::1/56")
		deprecated.ValidLft = 7200
		must(v.t, netlink.AddrReplace(device, deprecated))
	}
	from := v.lines
	for i, name := range v.names {
		v.lines = max(v.lines, v.line(v.d, from, "published", name, "address="+v.address(to, i)+" "))
	}
	took := time.Since(began)
	for i, name := range v.names {
		v.holds(v.Cloudflare.Holds(name, "AAAA"), v.address(to, i))
	}
	announced := []lan.Prefix{{Prefix: to + "00::/64", Preferred: time.Hour, Valid: 2 * time.Hour}}
	if v.delegated != "" {
		must(v.t, netlink.AddrDel(device, lab.Addr(v.delegated+"00::1/56")))
		announced = append(announced, lan.Prefix{Prefix: v.delegated + "00::/64", Valid: 2 * time.Hour})
	}
	must(v.t, v.Announce(announced...))
	v.delegated, v.now = to, netip.MustParsePrefix(to+"00::/64")
	v.eventually("all is quiet", func() bool { return v.name(v.names[19], "AAAA").State == "current" })
	return took
}

func (v *village) address(prefix string, host int) string {
	return lab.Addr(fmt.Sprintf("%s%02x%s/64", prefix, host, v.parts[host])).IP.String()
}

func TestHosts_20_records_move_in_one_step_with_the_prefix(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := newVillage(t, os.Getenv(programEnv))
	for _, next := range []string{"2a0e:97c0:0:cd", "2a0e:97c0:1:ef"} { // a third would wait for rate_interval
		v.move(next)
		writes := 0
		for _, r := range v.Cloudflare.Requests() {
			if r.Method != "GET" {
				writes++
			}
		}
		if writes != len(v.names) {
			t.Errorf("%d writes for %d hosts", writes, len(v.names))
		}
		// What was published before the host had it is what its kernel makes.
		stays, temporary := v.settled(v.real)
		v.holds(v.Cloudflare.Holds(v.names[0], "AAAA"), stays.String())
		if temporary == stays || !temporary.IsValid() {
			t.Errorf("the host's temporary address is %v", temporary)
		}
	}
	v.stop(v.d)
}

// From the prefix on the interface to the last of 20 records confirmed by the service.
func BenchmarkHosts20Rotate(b *testing.B) {
	buildRelease(b)
	if !lab.AloneBenchmark(b) {
		return
	}
	v := newVillage(b, os.Getenv(releaseEnv))
	for i, next := range []string{"2a0e:97c0:0:cd", "2a0e:97c0:1:ef"} {
		b.ReportMetric(float64(v.move(next).Microseconds())/1000, fmt.Sprintf("ms/rotation-%d", i+1))
	}
	v.stop(v.d)
}
