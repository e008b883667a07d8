// Guest is the first and only process (PID 1) of an emulated router: it asks the host's servers
// over TLS in several ways, and says what each took of the processor.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/scripts/bench/handshake/plan"
	"github.com/wandns/wandns/scripts/lab/machine/pid1"
)

const bundle = "/etc/ssl/certs/ca-certificates.crt"

func main() { pid1.Run(work) }

func work() error {
	daemon.Frugal() // as the daemon runs
	// go.mod names an old release for its language; what is compared with are the defaults of today.
	if err := os.Setenv("GODEBUG", "tlsmlkem=1"); err != nil {
		return err
	}
	if err := pid1.SetClock(); err != nil {
		return err
	}
	text, err := os.ReadFile(bundle)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return errors.New("no certificate in " + bundle)
	}
	for _, chain := range plan.Chains {
		for _, way := range plan.Ways {
			if err := count(chain, way, pool); err != nil {
				return fmt.Errorf("%s, %s: %w", chain.Name, way, err)
			}
		}
	}
	return nil
}

// count asks the chain's server as often as the plan says, and once before that.
func count(chain plan.Chain, way string, pool *x509.CertPool) error {
	url := "https://" + net.JoinHostPort(chain.Name, strconv.Itoa(chain.Port)) + "/"
	door := egress.New(egress.Options{SystemCAFile: bundle})
	for i := range plan.Rounds + 1 {
		var by http.RoundTripper
		switch way {
		case plan.Defaults:
			by = &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool}}
		case plan.X25519:
			by = &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool, CurvePreferences: []tls.CurveID{tls.X25519}}}
		case plan.First:
			door = egress.New(egress.Options{SystemCAFile: bundle})
			by = door
		case plan.Later:
			by = door
		}
		runtime.GC()
		before, err := processor()
		if err != nil {
			return err
		}
		if err := ask(by, url); err != nil {
			return err
		}
		door.Release()
		after, err := processor()
		if err != nil {
			return err
		}
		if i > 0 { // what is done once in the life of a program is no part of it
			pid1.Say("%s %s ns=%d", chain.Name, way, after-before)
		}
	}
	return nil
}

func ask(by http.RoundTripper, url string) error {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := by.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// processor is what this process has had of it, the kernel's work for it included.
func processor() (time.Duration, error) {
	var ts unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts)
	return time.Duration(ts.Nano()), err
}
