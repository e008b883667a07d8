// Vm shows the release binary at work on an emulated router: MIPS with 64 MB, whose clock shows
// the year 2000 at boot. It must wait, send nothing, go on as soon as the clock is set,
// and follow a change of address. The service is a double with real TLS on this machine.
//
//	vm --qemu qemu-system-mipsel --kernel FILE --guest FILE --wandns FILE MODULE.ko...
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

const (
	insideEnv = "WANDNS_VM_INSIDE"
	token     = "a7c4d0ad-114e-40ef-ba1d-d217904a50f2"
	hostname  = "home.duckdns.org"
	limit     = 3 * time.Minute // for all; a boot takes 5 to 15 s
)

// within are the milliseconds that a step may take. They are for an emulated processor on a busy
// machine and catch what hangs: who does not see that the clock was set would wait for years.
// On an idle machine it is a tenth of these.
var within = map[string]int{
	"the-clock-is-set":            5000,
	"published-after-the-clock":   20000,
	"published-after-the-address": 10000,
}

// files are what goes into the machine.
type files struct {
	qemu, kernel, guest, wandns string
	modules                     []string
}

func main() {
	var f files
	flag.StringVar(&f.qemu, "qemu", "qemu-system-mipsel", "the emulator")
	flag.StringVar(&f.kernel, "kernel", "", "kernel image")
	flag.StringVar(&f.guest, "guest", "", "scripts/vm/guest, built for the machine")
	flag.StringVar(&f.wandns, "wandns", "", "wandns, built for the machine")
	flag.Parse()
	f.modules = flag.Args()
	var err error
	if os.Getenv(insideEnv) == "" { // port 443 of a loopback of its own needs no root
		cmd := lab.Command(insideEnv+"=1", os.Args[1:]...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		err = cmd.Run()
	} else {
		err = inside(f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vm:", err)
		os.Exit(1)
	}
}

func inside(f files) error {
	if err := lab.Settle(); err != nil {
		return err
	}
	ca, err := lab.NewCA()
	if err != nil {
		return err
	}
	duck := double.NewDuckDNS(token, hostname)
	front := double.NewFront(ca, duck)
	if err := front.Listen("127.0.0.1:443"); err != nil {
		return err
	}
	defer front.Close()
	dir, err := os.MkdirTemp("", "wandns-vm")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	image := filepath.Join(dir, "initrd")
	if err := initrd(image, f, ca.Bundle()); err != nil {
		return fmt.Errorf("making the machine's files: %w", err)
	}
	seen, err := boot(f, image, front)
	if err != nil {
		return err
	}
	return judge(seen, front, duck)
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
`

// boot runs the machine and collects what it says.
func boot(f files, image string, front *double.Front) (seen map[string]string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, f.qemu, "-M", "malta", "-cpu", "24Kc", "-m", "64", "-nographic", "-vga", "none",
		"-no-reboot", "-rtc", "base=2000-01-01T00:00:00", "-kernel", f.kernel, "-initrd", image,
		"-append", "console=ttyS0 quiet panic=-1 now="+strconv.FormatInt(time.Now().Unix(), 10),
		"-netdev", "user,id=n0", "-device", "pcnet,netdev=n0,romfile=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	seen = map[string]string{}
	for s := bufio.NewScanner(out); s.Scan(); {
		line := strings.TrimRight(s.Text(), "\r")
		fmt.Println(line)
		words := strings.SplitN(line, " ", 3)
		if words[0] != "VM" || len(words) < 2 {
			continue
		}
		seen[words[1]] = strings.Join(words[2:], "")
		if words[1] == "sets" {
			seen["handshakes"] = strconv.Itoa(front.Handshakes())
		}
		if words[1] == "done" || words[1] == "failed:" {
			cancel() // what the machine does to switch itself off is of no interest
		}
	}
	_ = cmd.Wait() // the emulator's exit status means nothing: what was said does
	return seen, nil
}

// judge says what is not as it must be.
func judge(seen map[string]string, front *double.Front, duck *double.DuckDNS) error {
	var wrong []error
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if _, ok := seen["done"]; !ok {
		complain("the machine did not come to its end: %s", seen["failed:"])
	}
	if seen["handshakes"] != "0" {
		complain("before the clock was set the service saw %q TLS handshakes, want 0", seen["handshakes"])
	}
	if clock := seen["the"]; !strings.Contains(clock, "shows 2000-01-01") {
		complain("the machine's clock was set already: %q", clock)
	}
	for what, most := range within {
		ms, err := strconv.Atoi(strings.TrimPrefix(seen[what], "ms="))
		if err != nil || ms > most {
			complain("%s: %q, want %d ms at the most", what, seen[what], most)
		}
	}
	if got := duck.Records()[hostname][0]; got != "192.88.99.2" {
		complain("the service holds %q, want 192.88.99.2", got)
	}
	if n := len(duck.Requests()); n != 2 {
		complain("%d requests, want one for each address", n)
	}
	for _, c := range front.Complaints() {
		complain("the service complains: %s", c)
	}
	return errors.Join(wrong...)
}
