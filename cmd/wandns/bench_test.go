package main_test

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
)

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
	watch := lab.NewStopwatch(l)
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
		first, ok := watch.First(sent[0].Remote, began)
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
