package main_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/scripts/lab"
)

const (
	rotations     = 100
	delegations   = 40
	rotationsEach = 9 // of one run of the program: with the first prefix, as many as may follow each other at once
)

// slash56 is the first 56 bits of the n-th prefix.
func slash56(n int) string { return fmt.Sprintf("2a0e:97c0:%x:%x", 1+n/200, 0x11+n%200) }

// restart starts the village's program anew, as after a fresh installation.
func (v *village) restart(program string) {
	v.t.Helper()
	v.stop(v.d)
	must(v.t, os.RemoveAll(v.RunDir))
	must(v.t, os.Mkdir(v.RunDir, 0o755))
	v.d, v.lines = v.startProgram(program), 0
	v.eventually("the names are known to be current", func() bool {
		s, _, err := daemon.ReadStatus(v.RunDir)
		return err == nil && s.PID == v.d.PID() && v.name(v.names[19], "AAAA").State == "current"
	})
}

// reportRotations reports the time from a prefix on the LAN to the last of 20 requests at the service.
func reportRotations(b *testing.B, took []float64) {
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "ms-last-request-median")
	b.ReportMetric(took[len(took)*99/100], "ms-last-request-p99")
}

// BenchmarkHosts20Rotate measures 100 rotations of a /56: from the prefix being on the interface to
// the last of 20 records' requests at the service. 50 ms of it are the quiet time.
func BenchmarkHosts20Rotate(b *testing.B) {
	buildRelease(b)
	if !lab.AloneBenchmark(b) {
		return
	}
	v := newVillage(b, os.Getenv(releaseEnv), "option rate_burst '10'")
	v.move(slash56(0))
	var took []float64
	for n := range rotations {
		if n > 0 && n%rotationsEach == 0 {
			v.restart(os.Getenv(releaseEnv))
		}
		arrived := v.move(slash56(n + 1))
		took = append(took, ms(v.wrote().Sub(arrived)))
	}
	v.stop(v.d)
	reportRotations(b, took)
}
