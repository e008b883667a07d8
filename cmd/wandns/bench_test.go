package main_test

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
)

// stopwatch is a listener that notes when each connection brings its bytes.
type stopwatch struct {
	net.Listener
	mu    sync.Mutex
	reads map[string][]time.Time // by the client's address and port
}

func (s *stopwatch) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &timedConn{c, s}, nil
}

type timedConn struct {
	net.Conn
	s *stopwatch
}

func (c *timedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		now, from := time.Now(), c.RemoteAddr().String()
		c.s.mu.Lock()
		c.s.reads[from] = append(c.s.reads[from], now)
		c.s.mu.Unlock()
	}
	return n, err
}

// first is when the first bytes after a moment came over the connection from an address.
func (s *stopwatch) first(from string, after time.Time) (at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reads := s.reads[from]
	i := slices.IndexFunc(reads, after.Before)
	if i < 0 {
		return at, false
	}
	return reads[i], true
}

const (
	benchmarkChanges = 200
	benchmarkDevices = 20 // each with a record of its own, so that no limit on changes is reached
)

// BenchmarkKernelEventToProvider measures 200 replacements of an IPv4 address: from just before
// the kernel is asked for the first of the two address messages to the first byte at the
// service (of the TLS handshake, or of the request where a connection is still open) and to
// its first whole request. 50 ms of it are the quiet time. The reply is awaited each time.
func BenchmarkKernelEventToProvider(b *testing.B) {
	buildRelease(b)
	if !lab.AloneBenchmark(b) {
		return
	}
	p := newPlace(b)
	l, err := net.Listen("tcp", "127.0.0.2:443")
	must(b, err)
	watch := &stopwatch{Listener: l, reads: map[string][]time.Time{}}
	p.Front.Serve(watch)
	must(b, lab.ReplaceFile("/etc/hosts", p.Front.HostsFile("127.0.0.2")))
	address := func(device, change int) string { return fmt.Sprintf("192.88.%d.%d/32", 100+device, 1+change) }
	var sections strings.Builder
	for i := range benchmarkDevices {
		device := fmt.Sprintf("wan%d", i)
		_, err := lab.Veth(device, fmt.Sprintf("isp%d", i))
		must(b, err)
		must(b, netlink.AddrAdd(deviceOf(b, i), lab.Addr(address(i, 0))))
		sections.WriteString(record(device, "cf", ipv4Only+";"+ownAddress+"; option rate_burst '10'; list interface '"+device+"'", device+".example.org"))
	}
	p.configure(sections.String())
	d := p.startProgram(os.Getenv(releaseEnv))
	for i := range benchmarkDevices {
		p.line(d, 0, "published", fmt.Sprintf("wan%d.example.org", i), "address="+bare(address(i, 0)))
	}
	p.settled(d.PID())

	var bytes, requests []float64
	lines := 0
	for n := range benchmarkChanges {
		i, change := n%benchmarkDevices, 1+n/benchmarkDevices
		device := deviceOf(b, i)
		p.Cloudflare.Forget()
		began := time.Now()
		must(b, netlink.AddrAdd(device, lab.Addr(address(i, change))))
		must(b, netlink.AddrDel(device, lab.Addr(address(i, change-1))))
		lines = p.line(d, lines, "published", fmt.Sprintf("wan%d.example.org", i), "address="+bare(address(i, change)))
		sent := p.Cloudflare.Requests()
		first, ok := watch.first(sent[0].Remote, began)
		if !ok {
			b.Fatalf("nothing came from %s", sent[0].Remote)
		}
		bytes, requests = append(bytes, ms(first.Sub(began))), append(requests, ms(sent[0].At.Sub(began)))
	}
	p.stop(d)
	report := func(what string, x []float64) {
		slices.Sort(x)
		b.ReportMetric(x[len(x)/2], "ms-"+what+"-median")
		b.ReportMetric(x[len(x)*99/100], "ms-"+what+"-p99")
	}
	report("first-byte", bytes)
	report("request", requests)
}

func deviceOf(t testing.TB, i int) netlink.Link { return device(t, fmt.Sprintf("wan%d", i)) }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Benchmark500Records measures one WAN change with 500 records at 20 accounts: the time until
// every service has the new address, and the daemon's memory before and after it.
func Benchmark500Records(b *testing.B) {
	buildRelease(b)
	if !lab.AloneBenchmark(b) {
		return
	}
	f := crowdRun(b)
	b.ReportMetric(ms(f.took), "ms-all")
	for unit, kib := range map[string]int{
		"KiB-rss-before": f.rss, "KiB-anon-before": f.anonymous, "KiB-rss-after": f.rssAfter, "KiB-anon-after": f.anonymousAfter, "KiB-rss-peak": f.peak,
	} {
		b.ReportMetric(float64(kib), unit)
	}
}
