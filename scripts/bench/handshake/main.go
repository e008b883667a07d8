// Handshake counts what an HTTPS request costs an emulated 24Kc, in instructions: in a program
// built as Go comes and in one built as the release is, with three kinds of chains, as Go's
// defaults ask and as wandns does. Servers with real TLS are on this machine's loopback.
//
//	handshake -qemu qemu-system-mipsel -kernel FILE -plain FILE -release FILE MODULE.ko...
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wandns/wandns/scripts/bench/handshake/plan"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/machine"
)

const (
	insideEnv = "WANDNS_HANDSHAKE_INSIDE"
	limit     = 5 * time.Minute // for one boot and its work
)

// builds are the two programs, in the order of the table.
var builds = []string{"plain", "release"}

func main() {
	m := machine.Machine{Board: "mips", Counted: true}
	guests := map[string]*string{}
	flag.StringVar(&m.QEMU, "qemu", "qemu-system-mipsel", "the emulator")
	flag.StringVar(&m.Kernel, "kernel", "", "kernel image")
	for _, b := range builds {
		guests[b] = flag.String(b, "", "the guest, "+b+" build")
	}
	flag.Parse()
	m.Modules = flag.Args()
	var err error
	if os.Getenv(insideEnv) == "" { // a loopback of its own
		cmd := lab.Command(insideEnv+"=1", os.Args[1:]...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		err = cmd.Run()
	} else {
		err = inside(m, guests)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "handshake:", err)
		os.Exit(1)
	}
}

// figures are the medians: of a build, a chain and a way.
type figures map[[3]string]time.Duration

func inside(m machine.Machine, guests map[string]*string) error {
	if err := lab.Settle(); err != nil {
		return err
	}
	hosts := "127.0.0.1 localhost\n"
	var roots []byte
	var stops []func()
	defer func() {
		for _, stop := range stops {
			stop()
		}
	}()
	for _, c := range plan.Chains {
		root, stop, err := serve(c)
		if err != nil {
			return err
		}
		stops = append(stops, stop)
		roots = append(roots, root...)
		hosts += machine.HostSide + " " + c.Name + "\n"
	}
	m.Files = map[string][]byte{"etc/hosts": []byte(hosts), "etc/ssl/certs/ca-certificates.crt": roots}
	all := figures{}
	for _, b := range builds {
		m.Init = *guests[b]
		if err := boot(&m, b, all); err != nil {
			return fmt.Errorf("%s build: %w", b, err)
		}
	}
	all.print(os.Stdout)
	return nil
}

// serve answers at the chain's port until stop.
func serve(c plan.Chain) (root []byte, stop func(), err error) {
	cert, root, err := issued(c)
	if err != nil {
		return nil, nil, err
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)))
	if err != nil {
		return nil, nil, err
	}
	s := &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "good 192.0.2.1\n") }),
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{cert}},
		ReadHeaderTimeout: time.Minute,
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.ServeTLS(l, "", "") // ends with Close
	}()
	return root, func() { _ = s.Close(); <-done }, nil
}

// boot runs one program, and adds the medians of what it says.
func boot(m *machine.Machine, build string, all figures) error {
	seen := map[[3]string][]time.Duration{}
	end := ""
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := m.Boot(ctx, func(line string) bool {
		said, ok := strings.CutPrefix(line, machine.Mark)
		if !ok {
			return true
		}
		if words := strings.Fields(said); len(words) == 3 && strings.HasPrefix(words[2], "ns=") {
			if ns, err := strconv.ParseInt(words[2][3:], 10, 64); err == nil {
				key := [3]string{build, words[0], words[1]}
				seen[key] = append(seen[key], time.Duration(ns))
				return true
			}
		}
		end = said
		return false
	})
	if err != nil {
		return err
	}
	if end != "done" {
		return errors.New("the machine did not come to its end: " + end)
	}
	for key, s := range seen {
		slices.Sort(s)
		all[key] = s[len(s)/2]
	}
	return nil
}

// print writes a table: millions of instructions, and the share of what Go's defaults take.
func (f figures) print(out io.Writer) {
	fmt.Fprintf(out, "One HTTPS request on an emulated 24Kc: millions of instructions, median of %d, and the share of Go's defaults in a plain build.\n\n", plan.Rounds)
	fmt.Fprintf(out, "%-8s%-10s", "chain", "build")
	for _, way := range plan.Ways {
		fmt.Fprintf(out, "%18s", way)
	}
	fmt.Fprintln(out)
	for _, c := range plan.Chains {
		whole := f[[3]string{builds[0], c.Name, plan.Defaults}]
		for _, b := range builds {
			fmt.Fprintf(out, "%-8s%-10s", c.Name, b)
			for _, way := range plan.Ways {
				d := f[[3]string{b, c.Name, way}]
				fmt.Fprintf(out, "%11.1f (%2.0f %%)", float64(d/machine.PerInstruction)/1e6, 100*float64(d)/float64(whole))
			}
			fmt.Fprintln(out)
		}
	}
	fmt.Fprintln(out)
	for _, c := range plan.Chains {
		fmt.Fprintf(out, "%-8s%s\n", c.Name, c.Like)
	}
}
