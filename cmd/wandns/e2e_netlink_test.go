package main_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/site"
)

// frozen says whether every thread of a process is stopped.
func frozen(t testing.TB, pid int) bool {
	t.Helper()
	files, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/stat")
	must(t, err)
	for _, f := range files {
		text, err := os.ReadFile(f)
		must(t, err)
		_, state, _ := strings.Cut(string(text), ") ")
		if !strings.HasPrefix(state, "T") {
			return false
		}
	}
	return len(files) > 0
}

func TestDaemon_overflow_of_events_loses_no_change(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	p.configure(record("home", "duck", ipv4Only, "home.duckdns.org"))
	p.renumber("", wan1)
	d := p.start()
	n := p.line(d, 0, "published", bare(wan1))

	// While the daemon stands still, its receive buffer (208 KiB, some 250 messages) overflows
	// for certain; the change of the WAN comes last, so its messages are among the lost ones.
	p.halt(d)
	isp := device(t, "isp")
	h, err := netlink.NewHandle(syscall.NETLINK_ROUTE)
	must(t, err)
	defer h.Close()
	for i := range 2500 {
		a := lab.Addr("10.0.0.0/32")
		a.IP = []byte{10, 0, byte(i >> 8), byte(i)}
		must(t, h.AddrAdd(isp, a))
		must(t, h.AddrDel(isp, a))
	}
	p.renumber(wan1, "192.88.100.2/24")
	must(t, d.Signal(syscall.SIGCONT))
	n = p.line(d, n, "published", "address=192.88.100.2")

	// The same socket goes on telling.
	p.renumber("192.88.100.2/24", "192.88.101.3/24")
	p.line(d, n, "published", "address=192.88.101.3")
	p.stop(d)
	for word, want := range map[string]int{"netlink-overflow": 1, "netlink-lost": 0, "netlink-reopened": 0} {
		if got := strings.Count(strings.Join(d.Lines(), "\n"), word); got != want {
			t.Errorf("%s was said %d times, want %d", word, got, want)
		}
	}
	p.asked(p.DuckDNS, "GET domains=home.duckdns.org ip="+bare(wan1), "GET domains=home.duckdns.org ip=192.88.100.2", "GET domains=home.duckdns.org ip=192.88.101.3")
}

// subscription takes hold of a process's subscribed rtnetlink socket: what is done to it here is
// done to the process's own.
func subscription(t testing.TB, pid int) *os.File {
	t.Helper()
	process, err := unix.PidfdOpen(pid, 0)
	must(t, err)
	defer unix.Close(process)
	numbers, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/fd")
	must(t, err)
	var found []*os.File
	for _, number := range numbers {
		n, err := strconv.Atoi(number.Name())
		must(t, err)
		fd, err := unix.PidfdGetfd(process, n, 0)
		if errors.Is(err, unix.EBADF) { // closed since the directory was read
			continue
		}
		must(t, err)
		f := os.NewFile(uintptr(fd), "rtnetlink")
		sa, err := unix.Getsockname(fd)
		if nl, ok := sa.(*unix.SockaddrNetlink); err == nil && ok && nl.Groups != 0 {
			found = append(found, f)
			continue
		}
		must(t, f.Close())
	}
	if len(found) != 1 {
		t.Fatalf("%d subscribed sockets, want 1", len(found))
	}
	return found[0]
}

// halt stops the daemon between two instructions, all of it.
func (p *place) halt(d *site.Process) {
	p.t.Helper()
	must(p.t, d.Signal(syscall.SIGSTOP))
	p.eventually("the daemon stands still", func() bool { return frozen(p.t, d.PID()) })
}

func TestDaemon_subscription_lost_under_it_is_opened_again(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	p.configure(record("home", "duck", ipv4Only, "home.duckdns.org"))
	p.renumber("", wan1)
	d := p.start()
	n := p.line(d, 0, "published", bare(wan1))
	lost := subscription(t, d.PID())
	defer lost.Close()

	// One event is still in the socket when it stops being a subscription; the change of the
	// WAN is no longer told of.
	p.halt(d)
	must(t, netlink.AddrAdd(device(t, "isp"), lab.Addr("10.0.0.1/32")))
	for _, group := range []int{unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR, unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE} {
		must(t, unix.SetsockoptInt(int(lost.Fd()), unix.SOL_NETLINK, unix.NETLINK_DROP_MEMBERSHIP, group))
	}
	p.renumber(wan1, "192.88.100.2/24")
	must(t, d.Signal(syscall.SIGCONT))
	p.line(d, n, "netlink-lost")
	p.line(d, n, "netlink-reopened")
	n = p.line(d, n, "published", "address=192.88.100.2")

	// Another socket goes on telling.
	p.renumber("192.88.100.2/24", "192.88.101.3/24")
	p.line(d, n, "published", "address=192.88.101.3")
	must(t, subscription(t, d.PID()).Close())
	p.stop(d)
	p.asked(p.DuckDNS, "GET domains=home.duckdns.org ip="+bare(wan1), "GET domains=home.duckdns.org ip=192.88.100.2", "GET domains=home.duckdns.org ip=192.88.101.3")
}
