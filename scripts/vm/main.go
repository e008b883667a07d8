// Vm shows the release binary at work on an emulated router with 64 MB, whose clock shows the
// year 2000 at boot. It must wait, send nothing, go on as soon as the clock is set, and turn
// each change of address, on a real network driver, into one HTTPS request. The service is a
// double with real TLS on this machine. The figures are an emulator's: for comparing, not for
// promising.
//
//	vm -board mips -qemu qemu-system-mipsel -kernel FILE -guest FILE -wandns FILE MODULE.ko...
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/machine"
	"github.com/wandns/wandns/scripts/vm/plan"
)

const (
	insideEnv = "WANDNS_VM_INSIDE"
	token     = "a7c4d0ad-114e-40ef-ba1d-d217904a50f2"
	hostname  = "home.duckdns.org"
	limit     = 3 * time.Minute // for all; a boot takes 5 to 15 s
)

func main() {
	m := machine.Machine{Files: files()}
	var wandns string
	flag.StringVar(&m.Board, "board", "mips", "the machine: "+strings.Join(machine.Boards(), ", "))
	flag.StringVar(&m.QEMU, "qemu", "qemu-system-mipsel", "the emulator")
	flag.StringVar(&m.Kernel, "kernel", "", "kernel image")
	flag.StringVar(&m.Init, "guest", "", "scripts/vm/guest, built for the machine")
	flag.StringVar(&wandns, "wandns", "", "wandns, built for the machine")
	flag.Parse()
	m.Programs = map[string]string{"wandns": wandns}
	m.Modules = flag.Args()
	var err error
	if os.Getenv(insideEnv) == "" { // port 443 of a loopback of its own needs no root
		cmd := lab.Command(insideEnv+"=1", os.Args[1:]...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		err = cmd.Run()
	} else {
		err = inside(&m)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vm:", err)
		os.Exit(1)
	}
}

// files are those of the machine that are texts, without the CA bundle.
func files() map[string][]byte {
	return map[string][]byte{
		"etc/config/wandns": []byte(config),
		"etc/hosts":         []byte("127.0.0.1 localhost\n" + machine.HostSide + " www.duckdns.org\n"),
	}
}

// config is the machine's /etc/config/wandns.
const config = `config wandns 'main'
	option log_level 'debug'

config account 'duck'
	option provider 'duckdns'
	option token '` + token + `'

config record 'home'
	option account 'duck'
	list hostname '` + hostname + `'
	list interface 'eth0'
	list family 'ipv4'
	option rate_burst '10'
`

func inside(m *machine.Machine) error {
	if err := lab.Settle(); err != nil {
		return err
	}
	ca, err := lab.NewCA()
	if err != nil {
		return err
	}
	m.Files["etc/ssl/certs/ca-certificates.crt"] = ca.Bundle()
	h := &host{duck: double.NewDuckDNS(token, hostname), seen: map[string][]int{}, shouts: map[string]time.Time{}}
	h.front = double.NewFront(ca, h.duck)
	l, err := net.Listen("tcp", "127.0.0.1:443")
	if err != nil {
		return err
	}
	h.watch = lab.NewStopwatch(l)
	h.front.Serve(h.watch)
	defer h.front.Close()
	ears, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: plan.Port})
	if err != nil {
		return err
	}
	listened := make(chan struct{})
	go func() {
		defer close(listened)
		h.listen(ears)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	h.began = time.Now()
	err = m.Boot(ctx, h.hear)
	_ = ears.Close() // ends listen
	<-listened
	if err != nil {
		return err
	}
	if err := h.judge(); err != nil {
		return err
	}
	h.report(m.Board)
	return nil
}
