package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
	"github.com/wandns/wandns/scripts/lab/ubusd"
)

// The router's network: wan is behind nothing, its addresses are public ones.
const (
	wan4  = "192.88.99.7/24"
	wan6  = "2a00:1::7/64"
	names = 100 // that the service knows, for a long page
)

// router is the machine that the page is of: the site with its services, the bus, and the daemon.
type router struct {
	*site.Site
	program string
	bus     *ubusd.Server
	client  *ubus.Client
	stop    context.CancelFunc
	done    chan struct{}

	mu     sync.Mutex
	daemon *site.Process
	dump   string // what netifd says
}

func newRouter(dir, program string) (*router, error) {
	known := []string{"home.duckdns.org", "nas.duckdns.org"}
	for i := range names {
		known = append(known, fmt.Sprintf("n%d.duckdns.org", i))
	}
	s, err := site.New(dir, []string{"example.org"}, known)
	if err != nil {
		return nil, err
	}
	if _, err := lab.Veth("wan", "isp"); err != nil {
		return nil, err
	}
	for _, a := range []string{wan4, wan6} {
		if err := site.Renumber("wan", "", a); err != nil {
			return nil, err
		}
	}
	bus, err := ubusd.Start(filepath.Join(dir, "ubus.sock"))
	if err != nil {
		return nil, err
	}
	r := &router{Site: s, program: program, bus: bus, client: &ubus.Client{Path: bus.Path()}, done: make(chan struct{}),
		dump: `{"interface":[{"interface":"loopback","up":true,"l3_device":"lo","route":[]},` +
			`{"interface":"lan","up":true,"available":true,"l3_device":"br-lan","route":[]},` +
			`{"interface":"wan","up":true,"available":true,"l3_device":"wan","route":[{"target":"0.0.0.0","mask":0,"nexthop":"192.88.99.1"}]},` +
			`{"interface":"wan6","up":true,"available":true,"l3_device":"wan","route":[{"target":"::","mask":0,"nexthop":"fe80::1"}]}]}`}
	bus.Provide("network.interface", ubusd.Method{Name: "dump", Answer: func(ubus.Message) (ubus.Status, ubus.Message) {
		m, err := ubusd.JSON(r.dump)
		if err != nil {
			return ubus.UnknownError, m
		}
		return ubus.OK, m
	}})
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	go func() {
		defer close(r.done)
		_ = r.client.Run(ctx) // ends with ctx
	}()
	return r, r.Configure("config wandns 'main'\n")
}

func (r *router) close() {
	_ = r.halt()
	r.stop()
	<-r.done
	r.bus.Stop()
	_ = r.Close()
}

// start starts the daemon unless it runs.
func (r *router) start() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.daemon != nil {
		return nil
	}
	p, err := r.Start(r.program, "run", "--ubus", r.bus.Path())
	if err == nil {
		r.daemon = p
	}
	return err
}

// halt ends the daemon if it runs.
func (r *router) halt() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.daemon == nil {
		return nil
	}
	p := r.daemon
	r.daemon = nil
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.Wait()
}

// reload lets the daemon read the configuration again, starting it if need be, as procd does.
func (r *router) reload() error {
	r.mu.Lock()
	p := r.daemon
	r.mu.Unlock()
	if p == nil {
		return r.start()
	}
	return p.Signal(syscall.SIGHUP)
}

// restore gives wan its first addresses and takes others away.
func (r *router) restore() error {
	l, err := netlink.LinkByName("wan")
	if err != nil {
		return err
	}
	addrs, err := netlink.AddrList(l, netlink.FAMILY_V4)
	if err != nil {
		return err
	}
	first := false
	for _, a := range addrs {
		if a.IPNet.String() == wan4 {
			first = true
			continue
		}
		if err := netlink.AddrDel(l, &a); err != nil {
			return err
		}
	}
	if first {
		return nil
	}
	return site.Renumber("wan", "", wan4)
}

func emptied(dir string) error {
	return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o755))
}

// logged are the daemon's lines as logd keeps them.
func (r *router) logged() []map[string]any {
	lines := []map[string]any{{"msg": "dnsmasq[7]: of another program", "id": 0, "priority": 30, "source": 0, "time": time.Now().UnixMilli()}}
	r.mu.Lock()
	p := r.daemon
	r.mu.Unlock()
	if p == nil {
		return lines
	}
	for i, l := range p.Lines() {
		lines = append(lines, map[string]any{"msg": fmt.Sprintf("wandns[%d]: %s", p.PID(), l), "id": i + 1, "priority": 30, "source": 0,
			"time": time.Now().UnixMilli()})
	}
	return lines
}

// control is what a test does to the router beside the page.
func (r *router) control(what, argument string) error {
	switch what {
	case "configure":
		return r.Configure(argument)
	case "forget": // as after a first boot
		return errors.Join(emptied(r.RunDir), emptied(r.HoldDir))
	case "start":
		return r.start()
	case "halt":
		return r.halt()
	case "reload":
		return r.reload()
	case "bus-stop":
		r.bus.Stop()
		return nil
	case "bus-start":
		return r.bus.Restart()
	case "renumber":
		var move [2]string
		if err := json.Unmarshal([]byte(argument), &move); err != nil {
			return err
		}
		return site.Renumber("wan", move[0], move[1])
	case "address": // back to what it was in the beginning
		return r.restore()
	case "answer": // of the service, to every request from now on; empty: its own again
		if argument == "" {
			r.DuckDNS.Fail(nil)
			return nil
		}
		r.DuckDNS.Fail(&double.Fault{Kind: double.Answer, Reply: double.Reply{Body: argument}})
		return nil
	case "rival":
		return os.WriteFile(filepath.Join(r.Dir, "ddns"), []byte(argument), 0o600)
	}
	return errors.New("no such control: " + what)
}
