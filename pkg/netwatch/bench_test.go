package netwatch_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/scripts/lab"
)

const benchEnv = "WANDNS_NETWATCH_BENCH"

// latencies is what the child of the benchmark writes, in milliseconds: from just before the
// address change was asked for, and from its first event, to the snapshot at the reader; and
// what one dump of everything takes.
type latencies struct{ ChangeMedian, ChangeP99, EventMedian, EventP99, Dump float64 }

// TestMain lets the benchmark run this program again in a network of its own, where it
// changes addresses and measures.
func TestMain(m *testing.M) {
	if os.Getenv(benchEnv) == "" {
		os.Exit(m.Run())
	}
	l, err := measure(200)
	if err != nil {
		panic(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(l); err != nil {
		panic(err)
	}
}

// BenchmarkAddressChange measures 200 address changes on a veth device with the usual quiet
// time of 50 ms.
func BenchmarkAddressChange(b *testing.B) {
	for i := 0; i < b.N; i++ {
		cmd := lab.Command(benchEnv + "=1")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		var l latencies
		if err := json.Unmarshal(out, &l); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		b.ReportMetric(l.ChangeMedian, "ms-change-median")
		b.ReportMetric(l.ChangeP99, "ms-change-p99")
		b.ReportMetric(l.EventMedian, "ms-event-median")
		b.ReportMetric(l.EventP99, "ms-event-p99")
		b.ReportMetric(l.Dump, "ms-dump")
	}
}

func measure(changes int) (l latencies, err error) {
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/addr_gen_mode", []byte("1"), 0o644); err != nil {
		return l, err
	}
	v, err := lab.Veth("wan", "isp")
	if err != nil {
		return l, err
	}
	w := netwatch.New(netwatch.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	for { // until the links have come up
		if s := <-w.Snapshots(); usable("wan", true)(s) {
			break
		}
	}
	var change, event []float64
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	for i := 0; i < changes; i++ {
		a := []*netlink.Addr{lab.Addr("192.88.99.7/24"), lab.Addr("192.88.98.7/24")}
		began := time.Now()
		if i > 0 {
			if err := netlink.AddrDel(v, a[(i+1)%2]); err != nil {
				return l, err
			}
		}
		if err := netlink.AddrAdd(v, a[i%2]); err != nil {
			return l, err
		}
		s := <-w.Snapshots()
		change, event = append(change, ms(time.Since(began))), append(event, ms(time.Since(s.FirstEvent)))
	}
	const dumps = 100
	began := time.Now()
	for i := 0; i < dumps; i++ {
		if err := netwatch.Dump(); err != nil {
			return l, err
		}
	}
	l.Dump = ms(time.Since(began)) / dumps
	l.ChangeMedian, l.ChangeP99 = quantiles(change)
	l.EventMedian, l.EventP99 = quantiles(event)
	cancel()
	return l, <-ended
}

func quantiles(x []float64) (median, p99 float64) {
	slices.Sort(x)
	return x[len(x)/2], x[len(x)*99/100]
}
