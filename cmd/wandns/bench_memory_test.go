package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/site"
)

// build386 builds the release for 386, which stands in for a 32-bit router: it runs here without
// an emulator, whose memory would count.
func build386(b *testing.B) {
	b.Helper()
	if strings.HasSuffix(os.Getenv(releaseEnv), "-386") {
		return
	}
	script, dir := filepath.Join("..", "..", "scripts", "build.sh"), b.TempDir()
	if out, err := exec.Command("sh", script, "build", "-o", dir, "386").CombinedOutput(); err != nil {
		b.Fatalf("building the release: %v\n%s", err, out)
	}
	b.Setenv(releaseEnv, filepath.Join(dir, "wandns-386"))
}

const systemBundle = "/etc/ssl/certs/ca-certificates.crt"

// trustAll makes the lab's authority one of all that the system trusts, as on a router.
func (p *place) trustAll(system []byte) {
	p.t.Helper()
	if n := strings.Count(string(system), "BEGIN CERTIFICATE"); n < 100 {
		p.t.Fatalf("%d authorities in %s: that is not what a router has", n, systemBundle)
	}
	must(p.t, lab.ReplaceFile(systemBundle, string(system)+string(p.CA.Bundle())))
}

// allHave waits until every name has an address and all are at rest.
func (p *place) allHave(addr string, names int) {
	p.t.Helper()
	p.eventually(fmt.Sprintf("%d names have %s", names, addr), func() bool {
		s, _, err := daemon.ReadStatus(p.RunDir)
		if err != nil {
			return false // not written yet
		}
		n := 0
		for _, r := range s.Records {
			for _, name := range r.Names {
				if name.State == "current" && fmt.Sprint(name.Published) == "["+addr+"]" {
					n++
				}
			}
		}
		return n == names
	})
}

func reportMemory(b *testing.B, pid int, when string) {
	b.Helper()
	rss, anonymous := memory(b, pid)
	b.ReportMetric(float64(rss), "KiB-rss-"+when)
	b.ReportMetric(float64(anonymous), "KiB-anon-"+when)
}

// BenchmarkMemory20Updates is one record that follows 20 changes of the WAN's address, each an
// HTTPS update with all of the system's authorities in the bundle, in the 32-bit release.
func BenchmarkMemory20Updates(b *testing.B) {
	build386(b)
	if !lab.AloneBenchmark(b) {
		return
	}
	system, err := os.ReadFile(systemBundle)
	must(b, err)
	p := newPlace(b)
	p.trustAll(system)
	p.configure(record("home", "cf", ipv4Only+";"+ownAddress+"; option rate_burst '10'; option rate_interval '5s'", "home.example.org"))
	d := p.startProgram(os.Getenv(releaseEnv))
	p.settled(d.PID())
	reportMemory(b, d.PID(), "start")
	last := ""
	for i := range 20 {
		p.renumber(last, wanAddress(i))
		last = wanAddress(i)
		p.allHave(bare(last), 1)
		if i == 0 {
			p.settled(d.PID())
			reportMemory(b, d.PID(), "1")
		}
	}
	p.settled(d.PID())
	reportMemory(b, d.PID(), "20")
	b.ReportMetric(float64(peak(b, d.PID())), "KiB-rss-peak")
	p.stop(d)
}

// BenchmarkMemoryOfRecords is how memory grows with the number of records, at 20 accounts of
// four services, after all were updated twice.
func BenchmarkMemoryOfRecords(b *testing.B) {
	build386(b)
	if !lab.AloneBenchmark(b) {
		return
	}
	system, err := os.ReadFile(systemBundle)
	must(b, err)
	services := []struct{ name, domain, options string }{
		{"cloudflare", "example.org", "option token '" + site.CloudflareToken + "'"},
		{"duckdns", "duckdns.org", "option token '" + site.DuckToken + "'"},
		{"noip", "ddns.net", "option username '" + site.User + "'\n\toption password '" + site.Password + "'"},
		{"dynu", "dynu.net", "option username '" + site.User + "'\n\toption password '" + site.Password + "'"},
	}
	var names []string
	for i := range 1000 {
		names = append(names, fmt.Sprintf("r%d.%s", i, services[i%len(services)].domain))
	}
	p := newPlaceWith(b, names...)
	p.trustAll(system)
	for _, records := range []int{1, 10, 100, 1000} {
		var config strings.Builder
		for i := range 20 {
			s := services[i%len(services)]
			fmt.Fprintf(&config, "\nconfig account 'a%d'\n\toption provider '%s'\n\t%s\n", i, s.name, s.options)
		}
		for i, name := range names[:records] {
			config.WriteString(record("r"+strconv.Itoa(i), fmt.Sprintf("a%d", i%20), ipv4Only+";"+ownAddress, name))
		}
		must(b, p.Configure(config.String()))
		must(b, os.RemoveAll(p.RunDir))
		must(b, os.Mkdir(p.RunDir, 0o755))
		p.renumber("", wanAddress(0))
		d := p.startProgram(os.Getenv(releaseEnv))
		p.allHave(bare(wanAddress(0)), records)
		p.renumber(wanAddress(0), wanAddress(1))
		p.allHave(bare(wanAddress(1)), records)
		p.settled(d.PID())
		reportMemory(b, d.PID(), strconv.Itoa(records)+"-records")
		b.ReportMetric(float64(peak(b, d.PID())), "KiB-peak-"+strconv.Itoa(records)+"-records")
		p.stop(d)
		p.renumber(wanAddress(1), "")
	}
}
