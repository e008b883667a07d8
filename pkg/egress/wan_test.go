package egress_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/scripts/lab"
)

const serviceAddr = "203.0.113.80"

// isp is the other end of a WAN: a network namespace with the service's address in it, and a
// listener that counts.
type isp struct {
	net.Listener
	accepted atomic.Int64
}

func (i *isp) Accept() (net.Conn, error) {
	c, err := i.Listener.Accept()
	if err == nil {
		i.accepted.Add(1)
	}
	return c, err
}

// wan makes a WAN device with an address, whose other end is an ISP of its own.
func wan(t *testing.T, name, ours string, metric int) *isp {
	t.Helper()
	v, err := lab.Veth(name, "p"+name)
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.AddrAdd(v, lab.Addr(ours+"/24")); err != nil {
		t.Fatal(err)
	}
	i, err := elsewhere(name, ours)
	if err != nil {
		t.Fatal(err)
	}
	gw := netip.MustParseAddr(ours).As4()
	gw[3] = 1
	err = netlink.RouteAdd(&netlink.Route{LinkIndex: v.Attrs().Index, Gw: net.IP(gw[:]), Priority: metric})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// elsewhere moves the peer of a WAN into a new network namespace and listens there.
func elsewhere(name, ours string) (*isp, error) {
	type made struct {
		tid int
		err error
	}
	born, moved, done := make(chan made), make(chan struct{}), make(chan error)
	i := &isp{}
	go func() {
		runtime.LockOSThread() // the thread dies with the goroutine; the sockets keep the namespace
		err := syscall.Unshare(syscall.CLONE_NEWNET)
		born <- made{syscall.Gettid(), err}
		<-moved
		done <- i.settle(name, ours)
	}()
	m := <-born
	if m.err != nil {
		return nil, m.err
	}
	ns, err := os.Open(fmt.Sprintf("/proc/self/task/%d/ns/net", m.tid))
	if err != nil {
		return nil, err
	}
	defer ns.Close()
	peer, err := netlink.LinkByName("p" + name)
	if err != nil {
		return nil, err
	}
	if err := netlink.LinkSetNsFd(peer, int(ns.Fd())); err != nil {
		return nil, err
	}
	close(moved)
	return i, <-done
}

// settle gives the ISP's side its addresses.
func (i *isp) settle(name, ours string) error {
	peer, err := netlink.LinkByName("p" + name)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(peer); err != nil {
		return err
	}
	gw := ours[:strings.LastIndexByte(ours, '.')] + ".1/24"
	for _, a := range []string{gw, serviceAddr + "/32"} {
		if err := netlink.AddrAdd(peer, lab.Addr(a)); err != nil {
			return err
		}
	}
	i.Listener, err = net.Listen("tcp4", serviceAddr+":443")
	return err
}

// serveOn answers with the name of the WAN that a request came by.
func (r *rig) serveOn(i *isp, answer string, h http.HandlerFunc) {
	r.t.Helper()
	if h == nil {
		h = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }
	}
	s := r.serveUnstarted(h, serviceAddr)
	s.Listener.Close()
	s.Listener = i
	s.StartTLS()
	r.t.Cleanup(s.Close)
}

func TestTransport_bound_to_a_device_leaves_by_it_or_fails(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	one, two := wan(t, "wan1", "198.51.100.7", 10), wan(t, "wan2", "192.0.2.7", 20)
	r := newRig(t, egress.Options{Connect: time.Second})
	r.serveOn(one, "wan1", nil)
	r.serveOn(two, "wan2", nil)
	for _, c := range []struct{ device, by, from string }{
		{"", "wan1", "198.51.100.7"}, {"wan2", "wan2", "192.0.2.7"}, {"wan1", "wan1", "198.51.100.7"},
	} {
		call := &egress.Call{Path: egress.Path{Device: c.device}}
		got, err := r.get(call, "https://"+serviceAddr)
		if err != nil || got != c.by || last(t, call).Local.String() != c.from {
			t.Fatalf("device %q: %q, %v, %+v", c.device, got, err, call.Exchanges())
		}
	}
	r.egress.Release()
	ones, twos := one.accepted.Load(), two.accepted.Load()
	l, err := netlink.LinkByName("wan2")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkSetDown(l); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		device string
		words  []string
	}{
		{"wan2", nil},
		{"pppoe-wan", []string{"pppoe-wan", "no such device"}},
		{"wan1-and-a-name-too-long", []string{"15 bytes"}},
	} {
		call := &egress.Call{Path: egress.Path{Device: c.device}}
		if got, err := r.get(call, "https://"+serviceAddr); err == nil {
			t.Fatalf("device %q: %q came by another way", c.device, got)
		}
		ex := last(t, call)
		if c.device == "wan2" && ex.Failure == egress.Timeout {
			continue // a device that is down may also swallow packets
		}
		wantFailure(t, ex, egress.Connect, c.words...)
	}
	if one.accepted.Load() != ones || two.accepted.Load() != twos {
		t.Errorf("connections came by: wan1 %d, wan2 %d", one.accepted.Load()-ones, two.accepted.Load()-twos)
	}
}

func TestTransport_AddressesLost_ends_what_hangs(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	i := wan(t, "wan1", "198.51.100.7", 10)
	r := newRig(t, egress.Options{})
	arrived := make(chan struct{}, 10)
	r.serveOn(i, "", func(_ http.ResponseWriter, req *http.Request) {
		arrived <- struct{}{}
		if req.URL.Path == "/hang" {
			<-req.Context().Done()
		}
	})
	lost := netip.MustParseAddr("198.51.100.7")
	for _, c := range []struct {
		name, addr string
		sent       bool
		ready      func(call *egress.Call)
	}{
		{"while-waiting-for-an-answer", "https://" + serviceAddr + "/hang", true, func(*egress.Call) { <-arrived }},
		{"while-connecting", "https://198.51.100.99/", false, func(*egress.Call) {
			eventually(t, "a socket that connects", func() bool {
				b, err := os.ReadFile("/proc/thread-self/net/tcp")
				return err == nil && strings.Contains(string(b), "636433C6:01BB 02") // to 198.51.100.99:443, SYN_SENT
			})
		}},
	} {
		call := &egress.Call{}
		end := make(chan error, 1)
		go func() {
			_, err := r.get(call, c.addr)
			end <- err
		}()
		c.ready(call)
		r.egress.AddressesLost(func(netip.Addr) bool { return true })
		select {
		case err := <-end:
			t.Fatalf("%s: ended though every address lives: %v", c.name, err)
		default:
		}
		r.egress.AddressesLost(func(a netip.Addr) bool { return a != lost })
		if err := <-end; err == nil {
			t.Fatalf("%s: no error", c.name)
		}
		ex := last(t, call)
		wantFailure(t, ex, egress.AddressLost, "198.51.100.7")
		if ex.Sent != c.sent || ex.Took > 4*time.Second {
			t.Errorf("%s: %+v", c.name, ex)
		}
	}
	// An idle connection goes as well: the next request makes a new one.
	if _, err := r.get(&egress.Call{}, "https://"+serviceAddr+"/"); err != nil {
		t.Fatal(err)
	}
	before := i.accepted.Load()
	r.egress.AddressesLost(func(netip.Addr) bool { return false })
	if _, err := r.get(&egress.Call{}, "https://"+serviceAddr+"/"); err != nil || i.accepted.Load() != before+1 {
		t.Errorf("%v, %d new connections", err, i.accepted.Load()-before)
	}
}

func TestTransport_unreachable_and_names(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	if err := lab.ReplaceFile("/etc/resolv.conf", "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n"); err != nil {
		t.Fatal(err)
	}
	stop := namesThatAreNot(t)
	r := newRig(t, egress.Options{})
	for _, c := range []struct {
		name, addr string
		kind       egress.Failure
		words      []string
	}{
		{"no-route", "https://192.0.2.1/", egress.Connect, []string{"192.0.2.1", "unreachable"}},
		{"no-such-host", "https://nowhere.example.test/", egress.NameResolution, []string{"nowhere.example.test", "no such host"}},
		{"name-server-trouble", "https://broken.example.test/", egress.NameResolution, []string{"broken.example.test"}},
	} {
		call := &egress.Call{}
		if _, err := r.get(call, c.addr+"?token=open-sesame"); err == nil {
			t.Fatalf("%s: no error", c.name)
		}
		wantFailure(t, last(t, call), c.kind, c.words...)
	}
	stop()
	call := &egress.Call{}
	if _, err := r.get(call, "https://nobody-to-ask.example.test/"); err == nil {
		t.Fatal("no error")
	}
	wantFailure(t, last(t, call), egress.NameResolution, "nobody-to-ask")
}

// namesThatAreNot is a DNS server that knows no name, and is broken for names with "broken".
func namesThatAreNot(t *testing.T) (stop func()) {
	pc, err := net.ListenPacket("udp4", "127.0.0.1:53")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.RecursionAvailable, m.RCode, m.Additionals = true, true, dnsmessage.RCodeNameError, nil
			if strings.HasPrefix(m.Questions[0].Name.String(), "broken") {
				m.RCode = dnsmessage.RCodeServerFailure
			}
			if out, err := m.Pack(); err == nil {
				_, _ = pc.WriteTo(out, from)
			}
		}
	}()
	return func() { pc.Close() }
}

// proxy is a small real HTTP proxy: CONNECT with a password, and a count of tunnels.
func proxy(t *testing.T, tunnels *atomic.Int64) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go tunnel(c, tunnels)
		}
	}()
	return l.Addr().String()
}

func tunnel(c net.Conn, tunnels *atomic.Int64) {
	defer c.Close()
	req, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	if req.Header.Get("Proxy-Authorization") != "Basic bWU6b3Blbi1zZXNhbWU=" { // me:open-sesame
		io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
		return
	}
	to, err := net.Dial("tcp", req.URL.Host)
	if err != nil {
		io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return
	}
	defer to.Close()
	tunnels.Add(1)
	io.WriteString(c, "HTTP/1.1 200 Connected\r\n\r\n")
	go func() { io.Copy(to, c); to.(*net.TCPConn).CloseWrite() }()
	io.Copy(c, to)
}

func TestTransport_proxy(t *testing.T) {
	var tunnels atomic.Int64
	at := proxy(t, &tunnels)
	r := newRig(t, egress.Options{})
	s := r.serve(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	wrong, err := net.Listen("tcp", "127.0.0.1:0") // a proxy that hangs
	if err != nil {
		t.Fatal(err)
	}
	defer wrong.Close()
	for _, c := range []struct {
		name, proxy, addr string
		kind              egress.Failure
		words             []string
	}{
		{"tunnel", "http://me:open-sesame@" + at, s.URL, egress.None, nil},
		{"password-refused", "http://me:not-sesame@" + at, s.URL, egress.Connect, []string{"proxy", "407"}},
		{"service-unreachable-from-there", "http://me:open-sesame@" + at, "https://127.0.0.1:1/?t=open-sesame", egress.Connect, []string{"proxy", "502"}},
		{"proxy-down", "http://me:open-sesame@127.0.0.1:1", s.URL, egress.Connect, []string{"proxy", "127.0.0.1:1", "refused"}},
		{"proxy-hangs", "http://me:open-sesame@" + wrong.Addr().String(), s.URL, egress.Timeout, []string{"proxy"}},
		{"proxy-down-socks", "socks5://me:open-sesame@127.0.0.1:1", s.URL, egress.Connect, []string{"proxy", "refused"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.egress = egress.New(egress.Options{SystemCAFile: r.bundle, Connect: 500 * time.Millisecond})
			defer r.egress.Release()
			call := &egress.Call{Path: egress.Path{Proxy: mustURL(t, c.proxy)}}
			_, err := r.getWith(context.Background(), call, c.addr)
			if c.kind == egress.None {
				if err != nil || tunnels.Load() != 1 {
					t.Fatalf("%v, %d tunnels", err, tunnels.Load())
				}
				return
			}
			if err == nil {
				t.Fatal("no error")
			}
			wantFailure(t, last(t, call), c.kind, c.words...)
		})
	}
}
