// Demo shows wandns at work. In comes the program; out goes a timeline of what the kernel said,
// what was sent, and what the records are now, and exit status 0 when every step came out right.
//
// Nothing is simulated but the world around the router: the program is the real one, on a real
// configuration file and a real kernel network (in namespaces of its own, so that this machine's
// is not touched), and the services are doubles of scripts/lab with real TLS. What wandns is
// believed to do is looked up at those doubles and in the kernel, not in what it says itself.
//
//	demo [--wandns PATH] [--log]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// options are what the command line says.
type options struct {
	wandns string
	log    bool
}

// Exit statuses: of the demo, and of its inner process where the kernel does not let it have
// the network it needs.
const (
	exitFailed  = 1
	exitUsage   = 2
	exitRefused = 3
)

// patience is how long everything together may take before it is taken for stuck.
const patience = 90 * time.Second

func main() {
	var o options
	flags := flag.NewFlagSet("demo", flag.ExitOnError)
	flags.StringVar(&o.wandns, "wandns", "", "the program to show (`path`)")
	flags.BoolVar(&o.log, "log", false, "also print every line of the daemon's log")
	_ = flags.Parse(os.Args[1:]) // ends the program when it fails
	if flags.NArg() > 0 || o.wandns == "" {
		fmt.Fprintln(os.Stderr, "usage: demo --wandns PATH [--log]")
		os.Exit(exitUsage)
	}
	if dir := os.Getenv(dirEnv); dir != "" {
		os.Exit(inside(o, dir))
	}
	os.Exit(outside(o))
}

// outside gives the inner process a directory and a network, and removes what it leaves.
func outside(o options) int {
	if err := usable(o.wandns); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		return exitFailed
	}
	dir, err := os.MkdirTemp("", "wandns-demo-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		return exitFailed
	}
	defer os.RemoveAll(dir)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM) // the inner process hears of it, too, and ends

	err = enter(dir, os.Args[1:])
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() != exitRefused:
		return exitFailed // it said why
	}
	fmt.Fprintln(os.Stderr, explain(err))
	return exitFailed
}

// usable says what is wrong with a program before anything is set up for it.
func usable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("the program to show: %w", err)
	case info.IsDir() || info.Mode()&0o111 == 0:
		return fmt.Errorf("the program to show: %s is no program", path)
	}
	return nil
}

// inside plays the scenario in the namespaces.
func inside(o options, dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()

	if err := settle(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
			return exitRefused
		}
		return exitFailed
	}
	path, err := filepath.Abs(o.wandns)
	if err == nil {
		err = show(ctx, path, dir, o.log)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		return exitFailed
	}
	return 0
}

// show sets the stage, plays every step and sums up.
func show(ctx context.Context, program, dir string, log bool) (err error) {
	p := newPage(os.Stdout, log)
	s, err := newStage(ctx, program, dir, p)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, s.close())
	}()
	if err := s.introduce(ctx); err != nil {
		return err
	}
	var total tally
	for i, st := range scenario() {
		if err := s.play(ctx, i+1, st, &total); err != nil {
			return err
		}
	}
	return s.sumUp(ctx, total)
}
