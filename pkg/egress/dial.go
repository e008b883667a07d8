package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
)

// earlyLimit is how much a connection may bring before it is ready for a request: TLS
// certificates, a proxy's answer. Go bounds the first but not the second.
const earlyLimit = 512 << 10

// conn is a TCP connection that knows whose it is and what went through it.
type conn struct {
	*net.TCPConn
	t       *Transport
	local   netip.Addr
	owner   atomic.Pointer[trip] // the exchange that uses it; nil while idle
	read    atomic.Int64         // bytes
	written atomic.Int64         // bytes
	ready   atomic.Bool          // proxy and TLS are done
	disarm  func() bool          // it no longer ends with the exchange that dialled it
}

// dialer makes connections for a way, out of device when that is not empty.
func (t *Transport) dialer(device string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		tr := tripFrom(ctx)
		d := net.Dialer{
			Deadline:  tr.connectBy, // shared out among the addresses of a name
			KeepAlive: -1,
			Control: func(_, _ string, rc syscall.RawConn) error {
				tr.socket(rc)
				return bind(rc, device)
			},
		}
		// net/http detaches a dial from the request that wants it; here it ends with it.
		nc, err := d.DialContext(tr.ctx, network, addr)
		defer tr.noSockets()
		if err != nil {
			return nil, err
		}
		return t.adopt(tr, nc.(*net.TCPConn)), nil
	}
}

// Dial connects to a server that does not speak HTTP (a name server that takes updates) by the way
// that requests of ctx's call take: out of its device, or not at all. A proxy cannot carry it.
func Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	var path Path
	if call := CallOf(ctx); call != nil {
		path = call.Path
	}
	if path.Proxy != nil {
		return nil, &failure{kind: Refused, text: "a proxy for HTTP cannot carry this; take the option proxy out of the account"}
	}
	d := net.Dialer{
		Timeout:  connectLimit,
		Resolver: &net.Resolver{PreferGo: true},
		Control:  func(_, _ string, rc syscall.RawConn) error { return bind(rc, path.Device) },
	}
	return d.DialContext(ctx, network, addr)
}

// adopt counts a new connection among ours.
func (t *Transport) adopt(tr *trip, tc *net.TCPConn) *conn {
	c := &conn{TCPConn: tc, t: t, local: addrOf(tc.LocalAddr())}
	c.owner.Store(tr)
	t.mu.Lock()
	t.conns[c] = struct{}{}
	t.mu.Unlock()
	tr.setLocal(c.local)
	c.disarm = context.AfterFunc(tr.ctx, func() { _ = c.Close() })
	tr.dialled.Store(c)
	return c
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	if total := c.read.Add(int64(n)); total > earlyLimit && !c.ready.Load() {
		return n, &failure{kind: TooLarge, text: "more than 512 KiB before the connection was ready"}
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.TCPConn.Write(p)
	c.written.Add(int64(n))
	return n, err
}

func (c *conn) Close() error {
	c.t.mu.Lock()
	delete(c.t.conns, c)
	c.t.mu.Unlock()
	return c.TCPConn.Close()
}

// ours finds the conn below the layers of TLS.
func ours(nc net.Conn) *conn {
	for {
		switch c := nc.(type) {
		case *conn:
			return c
		case interface{ NetConn() net.Conn }:
			nc = c.NetConn()
		default:
			return nil
		}
	}
}

// bind ties a socket to a device, or fails: a request never leaves by another WAN instead.
func bind(rc syscall.RawConn, device string) error {
	if device == "" {
		return nil
	}
	if len(device) >= syscall.IFNAMSIZ { // the kernel would cut the name and take another device
		return &failure{kind: Connect, text: fmt.Sprintf("binding to device %.32q: a device name has at the most 15 bytes", device)}
	}
	var err error
	if cerr := rc.Control(func(fd uintptr) { err = syscall.BindToDevice(int(fd), device) }); cerr != nil {
		return cerr
	}
	if err == nil {
		return nil
	}
	why := err.Error()
	switch {
	case errors.Is(err, syscall.ENODEV):
		why = "there is no such device now"
	case errors.Is(err, syscall.EPERM):
		why = "not permitted (Linux before 5.7 lets only root do this)"
	}
	return &failure{kind: Connect, err: err, text: fmt.Sprintf("binding to device %s: %s", device, why)}
}

// AddressesLost ends what can no longer work: every connection whose local address is not alive
// any more is closed, and a dial in progress is given up when the kernel chose such an address
// for it. Their exchanges fail at once with AddressLost. A dial from an address that lives, or
// a request that is still looking up a name, goes on. Loopback addresses always live. alive is
// given addresses without a zone, 4in6 unmapped.
func (t *Transport) AddressesLost(alive func(netip.Addr) bool) {
	gone := func(a netip.Addr) bool {
		a = a.Unmap().WithZone("")
		return a.IsValid() && !a.IsUnspecified() && !a.IsLoopback() && !alive(a)
	}
	var conns []*conn
	var dials []*trip
	t.mu.Lock()
	for c := range t.conns {
		if gone(c.local) {
			conns = append(conns, c)
		}
	}
	for tr := range t.trips {
		for _, rc := range tr.dialing {
			if a := chosen(rc); gone(a) {
				dials = append(dials, tr)
				tr.lost = a
				break
			}
		}
	}
	t.mu.Unlock()
	for _, tr := range dials {
		tr.cancel(errLost)
	}
	for _, c := range conns {
		if tr := c.owner.Load(); tr != nil {
			tr.cancel(errLost)
		}
		_ = c.SetLinger(0) // nobody would hear the goodbye, and the kernel would repeat it for minutes
		_ = c.Close()
	}
}

// chosen is the local address of a socket that is connecting; invalid before there is one.
func chosen(rc syscall.RawConn) (a netip.Addr) {
	_ = rc.Control(func(fd uintptr) {
		switch sa, _ := syscall.Getsockname(int(fd)); sa := sa.(type) {
		case *syscall.SockaddrInet4:
			a = netip.AddrFrom4(sa.Addr)
		case *syscall.SockaddrInet6:
			a = netip.AddrFrom16(sa.Addr)
		}
	})
	return a
}

func addrOf(a net.Addr) netip.Addr {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}
