package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// wanDevice is the router's side of the WAN, ispDevice the other end of the cable.
const (
	wanDevice = "wan"
	ispDevice = "isp"
)

// stopPatience is how long procd waits before it kills.
const stopPatience = 5 * time.Second

// The names of the services, as people know them.
const (
	cloudflare = "Cloudflare"
	duckdns    = "DuckDNS"
	noip       = "No-IP"
)

// name is a record set at a service.
type name struct{ service, host, rrtype string }

func (n name) String() string { return n.host + " " + n.rrtype }

// The record sets of the demo.
var (
	homeA    = name{cloudflare, "home.example.org", "A"}
	homeAAAA = name{cloudflare, "home.example.org", "AAAA"}
	duckA    = name{duckdns, "myhome.duckdns.org", "A"}
	nasA     = name{noip, "nas.ddns.net", "A"}

	names = []name{homeA, homeAAAA, duckA, nasA}
)

// world is what record sets hold. One that holds nothing is not in it.
type world map[name]netip.Addr

// stage is everything that the steps act on.
type stage struct {
	*site.Site
	program  string
	services map[string]double.Service
	front    *double.Front
	page     *page
	journal  *journal
	daemon   *site.Process
	right    world // what the services should hold by now
}

// newStage makes the WAN and the services, and begins to watch. The daemon does not run yet.
func newStage(ctx context.Context, program, dir string, p *page) (*stage, error) {
	sit, err := site.New(dir, []string{"example.org"}, []string{duckA.host, nasA.host})
	if err != nil {
		return nil, fmt.Errorf("setting up the services: %w", err)
	}
	s := &stage{
		Site: sit, program: program, page: p, journal: newJournal(), right: world{},
		services: map[string]double.Service{cloudflare: sit.Cloudflare, duckdns: sit.DuckDNS, noip: sit.NoIP},
	}
	if err := s.openDoor(ctx); err != nil {
		return nil, err
	}
	if err := layCable(); err != nil {
		return nil, err
	}
	if err := watchKernel(ctx, s.journal, wanDevice); err != nil {
		return nil, err
	}
	return s, nil
}

// layCable makes the WAN and the ISP's end of it, which makes no addresses for itself: what
// changes on this router is what the steps change.
func layCable() error {
	if _, err := lab.Veth(wanDevice, ispDevice); err != nil {
		return err
	}
	isp, err := netlink.LinkByName(ispDevice)
	if err != nil {
		return err
	}
	const none = 1 // IN6_ADDR_GEN_MODE_NONE of include/uapi/linux/if_link.h
	if err := netlink.LinkSetIP6AddrGenMode(isp, none); err != nil {
		return fmt.Errorf("keeping %s from making addresses: %w", ispDevice, err)
	}
	return nil
}

// openDoor puts the services behind a door that times them.
func (s *stage) openDoor(ctx context.Context) error {
	const address = "127.0.0.2"
	s.front = double.NewFront(s.CA, s.Cloudflare, s.DuckDNS, s.NoIP)
	d, err := newDoor(address + ":443")
	if err != nil {
		return err
	}
	s.front.Serve(d)
	for n, service := range s.services {
		go watchService(ctx, s.journal, n, service, d)
	}
	return lab.ReplaceFile("/etc/hosts", s.front.HostsFile(address))
}

// start starts the daemon.
func (s *stage) start() error {
	d, err := s.Start(s.program, "run", "--ubus", "none")
	if err != nil {
		return fmt.Errorf("starting %s: %w", s.program, err)
	}
	s.daemon = d
	go watchLog(s.journal, d)
	return nil
}

// stop ends the daemon as procd does.
func (s *stage) stop() error {
	if s.daemon == nil {
		return nil
	}
	d := s.daemon
	s.daemon = nil
	ended := make(chan error, 1)
	go func() { ended <- d.Stop(syscall.SIGTERM) }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("stopping wandns: %w", err)
		}
		return nil
	case <-time.After(stopPatience):
		_ = d.Signal(syscall.SIGKILL) // it dies with us in any case
		return fmt.Errorf("wandns did not end within %v of SIGTERM", stopPatience)
	}
}

func (s *stage) close() error {
	return errors.Join(s.stop(), s.front.Close(), s.Close())
}

// command runs another command of the program and returns what it prints.
func (s *stage) command(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, s.program, append(args, s.Args()...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TZ=UTC"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("wandns %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// holds is what the services really have.
func (s *stage) holds() world {
	w := world{}
	put := func(n name, text string) {
		if a, err := netip.ParseAddr(text); err == nil {
			w[n] = a
		}
	}
	for _, n := range []name{homeA, homeAAAA} {
		put(n, strings.Join(s.Cloudflare.Holds(n.host, n.rrtype), " ")) // two are no address, and so found to be wrong
	}
	put(duckA, s.DuckDNS.Records()[duckA.host][0])
	a, _ := s.NoIP.Holds(nasA.host)
	put(nasA, a.String())
	return w
}

// wan finds the WAN device as it is now.
func wan() (netlink.Link, error) { return netlink.LinkByName(wanDevice) }
