package main

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// watchKernel writes down what changes on a device, with an own eye on the kernel: quicker than
// the daemon's, since it is after each event and not after the result.
func watchKernel(ctx context.Context, j *journal, device string) error {
	w := netwatch.New(netwatch.Config{Quiet: time.Millisecond})
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	var old netwatch.Snapshot
	select {
	case old = <-w.Snapshots():
	case err := <-ended:
		return err
	}
	go func() {
		for {
			select {
			case s := <-w.Snapshots():
				j.add(kernelRows(old, s, device)...)
				old = s
			case <-ctx.Done():
				return
			}
		}
	}()
	return nil
}

func kernelRows(old, s netwatch.Snapshot, device string) (rows []row) {
	for _, c := range s.Since(old) {
		if c.Link == device && !c.Addr.IsLinkLocalUnicast() {
			rows = append(rows, row{kind: fromKernel, at: s.FirstEvent, change: c, usable: usableAddrs(s, device)})
		}
	}
	return rows
}

// usableAddrs are the addresses of a device that a name could hold, whatever their class.
func usableAddrs(s netwatch.Snapshot, device string) (addrs []netip.Addr) {
	l, ok := s.LinkByName(device)
	if !ok || !l.Usable() {
		return nil
	}
	for _, a := range l.Addresses {
		if a.Flags&(netwatch.Tentative|netwatch.DADFailed|netwatch.Deprecated) == 0 {
			addrs = append(addrs, a.Addr)
		}
	}
	return addrs
}

// watchService writes down the requests that a service gets.
func watchService(ctx context.Context, j *journal, name string, s double.Service, door *door) {
	seen := 0
	for {
		var fresh []double.Request
		err := s.Await(ctx, func(all []double.Request) bool {
			fresh = all[seen:]
			return len(fresh) > 0
		})
		if err != nil {
			return
		}
		seen += len(fresh)
		for _, r := range fresh {
			j.add(row{kind: fromService, at: r.At, service: name, request: r, first: door.firstByte(r.Remote)})
		}
	}
}

// watchLog writes down what the daemon logs, with the time at which it was read, until it ends.
func watchLog(j *journal, p *site.Process) {
	for n := 0; ; {
		next, err := p.AwaitLine(context.Background(), n)
		if err != nil {
			return
		}
		j.add(row{kind: fromDaemon, at: time.Now(), line: p.Lines()[n]})
		n = next
	}
}

// door is a listener that remembers when the first byte of each connection came in: the
// beginning of the TLS handshake.
type door struct {
	net.Listener
	mu    sync.Mutex
	first map[string]time.Time // by the client's address and port
}

func newDoor(addr string) (*door, error) {
	l, err := net.Listen("tcp", addr)
	return &door{Listener: l, first: map[string]time.Time{}}, err
}

// Accept takes the next connection.
func (d *door) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &visitor{Conn: c, door: d}, nil
}

func (d *door) firstByte(remote string) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.first[remote]
}

type visitor struct {
	net.Conn
	door *door
	once sync.Once
}

// Read notes when the first bytes came.
func (v *visitor) Read(b []byte) (int, error) {
	n, err := v.Conn.Read(b)
	v.once.Do(func() {
		v.door.mu.Lock()
		defer v.door.mu.Unlock()
		v.door.first[v.RemoteAddr().String()] = time.Now()
	})
	return n, err
}
