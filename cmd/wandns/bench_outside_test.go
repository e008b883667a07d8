package main_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/wandns/wandns/scripts/lab"
)

// BenchmarkOutsideView measures what asking those outside costs, where they are as near as the
// next namespace: behind NAT, from the start of the program to the address being known; with a
// public address in doubt, and with its next ones that are in none, from the kernel being asked
// for it to the first whole request at the service. 50 ms of the last two are the quiet time.
func BenchmarkOutsideView(b *testing.B) {
	buildRelease(b)
	if !lab.AloneBenchmark(b) {
		return
	}
	w := newWorld(b)
	w.configure(asking() + record("home", "cf", ipv4Only+"; option rate_burst '10'", "home.example.org"))
	report := func(what string, x []float64) {
		slices.Sort(x)
		b.ReportMetric(x[len(x)/2], "ms-"+what+"-median")
		b.ReportMetric(x[len(x)-1], "ms-"+what+"-most")
	}
	w.wire(routerWAN)
	var starts []float64
	for range 11 {
		began := time.Now()
		d := w.startProgram(os.Getenv(releaseEnv))
		w.line(d, 0, "info address", bare(natFirst))
		starts = append(starts, ms(time.Since(began)))
		w.stop(d)
	}
	report("start-to-address-behind-nat", starts)

	w.renumber(routerWAN, "")
	d := w.startProgram(os.Getenv(releaseEnv))
	n := w.line(d, 0, "info no address")
	var doubt, trusted []float64
	for i, addrs := 0, []string{plain1, plain2}; i < 9; i++ {
		from, to := addrs[(i+1)%2], addrs[i%2]
		if i == 0 {
			from = ""
		}
		w.Cloudflare.Forget()
		began := time.Now()
		w.move(from, to)
		n = w.line(d, n, "published", "address="+bare(to))
		took := ms(w.Cloudflare.Requests()[0].At.Sub(began))
		if i == 0 {
			doubt = append(doubt, took)
		} else {
			trusted = append(trusted, took)
		}
	}
	w.stop(d)
	report("public-in-doubt-to-request", doubt)
	report("public-trusted-to-request", trusted)
}
