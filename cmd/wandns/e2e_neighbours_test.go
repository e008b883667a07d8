package main_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/lan"
)

// home is a place with a LAN, whose hosts get their prefix from a real radvd.
type home struct {
	*place
	*lan.LAN
	old, now netip.Prefix // what the router has on the LAN
}

func newHome(t testing.TB) *home {
	t.Helper()
	h := &home{place: newPlace(t)}
	var err error
	h.LAN, err = lan.New("lan", t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, h.LAN.Close()) })
	return h
}

func (h *home) host(name, mac string, kind lan.Kind) *lan.Host {
	h.t.Helper()
	host, err := h.LAN.Host(name, mac, kind)
	must(h.t, err)
	h.t.Cleanup(func() { _ = host.Close() })
	return host
}

// router is the router's address in a prefix.
func router(p netip.Prefix) netip.Addr { return p.Addr().Next() }

// rotate gives the LAN a new prefix and deprecates the one before, as netifd and odhcpd do when the
// ISP delegates another. That before the old one is withdrawn.
func (h *home) rotate(to string) {
	h.t.Helper()
	older := h.old
	h.old, h.now = h.now, netip.MustParsePrefix(to)
	device := device(h.t, "lan")
	announced := []lan.Prefix{{Prefix: to, Preferred: time.Hour, Valid: 2 * time.Hour}}
	must(h.t, netlink.AddrAdd(device, checked(netip.PrefixFrom(router(h.now), 64).String())))
	if h.old.IsValid() {
		deprecated := lab.Addr(netip.PrefixFrom(router(h.old), 64).String())
		deprecated.ValidLft = 7200
		must(h.t, netlink.AddrReplace(device, deprecated))
		announced = append(announced, lan.Prefix{Prefix: h.old.String(), Valid: 2 * time.Hour})
	}
	if older.IsValid() {
		must(h.t, netlink.AddrDel(device, lab.Addr(netip.PrefixFrom(router(older), 64).String())))
	}
	must(h.t, h.Announce(announced...))
}

// settled waits until a host has made its addresses in the prefix.
func (h *home) settled(host *lan.Host) (stays, temporary netip.Addr) {
	h.t.Helper()
	h.eventually(host.Name+" has its addresses in "+h.now.String(), func() bool {
		var err error
		stays, err = host.Address(h.now, false)
		must(h.t, err)
		temporary, err = host.Address(h.now, true)
		must(h.t, err)
		return stays.IsValid() && temporary.IsValid() == host.Kind.Privacy
	})
	return stays, temporary
}

// talks makes a host say something to the router, from the address that it prefers.
func (h *home) talks(host *lan.Host) { must(h.t, host.Talk(netip.Addr{}, router(h.now))) }

// reboots switches a host off and on.
func (h *home) reboots(host *lan.Host) {
	h.t.Helper()
	must(h.t, host.Off())
	must(h.t, host.On())
	h.settled(host)
	h.talks(host)
}

func neighbourRecord(name, options string) string {
	return record(name, "cf", "option source 'neighbour'; list interface 'lan'; "+options, name+".example.org")
}

func TestNeighbours_are_followed_through_reboots_and_prefixes(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHome(t)
	leases := filepath.Join(t.TempDir(), "dhcp.leases")
	h.configure("config wandns 'main'\n\toption log_level 'debug'\n\tlist lease_file '" + leases + "'\n" +
		neighbourRecord("laptop", "option mac '00:16:3e:00:00:01'") + neighbourRecord("nas", "option host_name 'nas'"))
	d := h.start()
	n := h.line(d, 0, "no address", "record=nas", "called nas")
	h.rotate("2a0e:97c0:1::/64")
	laptop := h.host("laptop", "00:16:3e:00:00:01", lan.Kind{Privacy: true})
	nas := h.host("nas", "00:16:3e:00:00:02", lan.Kind{Stable: true})
	must(t, os.WriteFile(leases, []byte("1763978400 00:16:3e:00:00:02 192.168.1.7 NAS *\n"), 0o644))
	n = h.line(d, n, "no address", "record=nas", "00:16:3e:00:00:02")

	var right []string
	var temporaries []netip.Addr
	follow := func(what string) {
		t.Helper()
		_, temporary := h.settled(laptop)
		temporaries = append(temporaries, temporary)
		h.settled(nas)
		h.talks(laptop)
		h.talks(nas)
		for _, host := range []*lan.Host{laptop, nas} {
			stays, _ := h.settled(host)
			h.eventually(fmt.Sprintf("%s: the service has %v of %s", what, stays, host.Name), func() bool {
				return slices.Equal(h.Cloudflare.Holds(host.Name+".example.org", "AAAA"), []string{stays.String()})
			})
			if !slices.Contains(right, stays.String()) {
				right = append(right, stays.String())
			}
		}
	}
	follow("at first")
	h.reboots(laptop)
	h.reboots(nas)
	follow("after a reboot")
	h.rotate("2a0e:97c0:2::/64")
	follow("with a new prefix")
	h.reboots(laptop)
	h.reboots(nas)
	follow("after a reboot in the new prefix")
	h.rotate("2a0e:97c0:3::/64")
	follow("with a third prefix")
	h.stop(d)

	if len(right) != 6 || slices.Contains(temporaries, netip.Addr{}) {
		t.Fatalf("stable %v, temporary %v: the test shows little", right, temporaries)
	}
	var sent []string
	for _, r := range h.Cloudflare.Requests() {
		if _, content, ok := strings.Cut(r.Body, `"content":"`); ok {
			content, _, _ = strings.Cut(content, `"`)
			sent = append(sent, content)
		}
	}
	slices.Sort(sent)
	slices.Sort(right)
	if !slices.Equal(sent, right) {
		t.Errorf("sent were %v; want %v, each once, and none of the temporary %v", sent, right, temporaries)
	}
	_ = n
}
