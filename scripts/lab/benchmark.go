package lab

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// AloneBenchmark is Alone for a benchmark. It is run once, in the child; what the child reports
// by ReportMetric is reported by the parent as well:
//
//	if !lab.AloneBenchmark(b) {
//		return
//	}
func AloneBenchmark(b *testing.B) bool {
	b.Helper()
	if os.Getenv(insideEnv) == b.Name() {
		if err := Settle(); err != nil {
			b.Fatal(err)
		}
		return true
	}
	cmd := Command(insideEnv+"="+b.Name(), "-test.run=^$", "-test.bench=^"+b.Name()+"$", "-test.benchtime=1x")
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("in its own namespace: %v\n%s", err, out)
	}
	metrics := benchmarkLine(string(out), b.Name())
	if len(metrics) == 0 {
		b.Fatalf("in its own namespace: the benchmark did not run\n%s", out)
	}
	delete(metrics, "ns/op")
	b.ReportMetric(0, "ns/op") // not printed: it would be the time of the preparations
	for unit, value := range metrics {
		b.ReportMetric(value, unit)
	}
	return false
}

// benchmarkLine reads the result line of a benchmark: name, number of runs, then pairs of a
// value and its unit (https://go.dev/design/14313-benchmark-format).
func benchmarkLine(out, name string) map[string]float64 {
	metrics := map[string]float64{}
	for _, line := range strings.Split(out, "\n") {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[0] != name && !strings.HasPrefix(fields[0], name+"-") {
			continue
		}
		for i := 2; i+1 < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				metrics[fields[i+1]] = value
			}
		}
	}
	return metrics
}
