package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/nameserver"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/ubus"
)

// run is the daemon.
func run(i *invocation) error {
	daemon.Frugal()
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGINT)
	defer stop()
	if err := noNewPrivileges(); err != nil {
		return err
	}
	o := i.options()
	if i.syslog {
		o.Log = daemon.NewSystemLogger("/dev/log", i.err)
	}
	o.Reload = signals(unix.SIGHUP)
	o.Wishes = signals(unix.SIGUSR1)
	return daemon.New(o).Run(ctx)
}

// noNewPrivileges gives up for good, on every thread, what a set-user-ID program could give
// back. The daemon starts no program; neither shall whoever finds a hole in it. Where a
// service's jail has done so before, it changes nothing.
func noNewPrivileges() error {
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0)
	var err error
	switch errno {
	case 0:
		return nil
	case unix.ENOTSUP: // the race detector brings C with it, whose threads Go does not know
		err = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	default:
		err = errno
	}
	if err != nil {
		return fmt.Errorf("giving up privileges: %w", err)
	}
	return nil
}

// once is the daemon for one round.
func once(i *invocation) error {
	daemon.Frugal()
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGINT)
	defer stop()
	s, err := daemon.New(i.options()).Once(ctx)
	if errors.Is(err, daemon.ErrRunning) {
		return fmt.Errorf("%w; ask it with 'wandns update'", err)
	}
	if err != nil {
		return err
	}
	if err := i.show(s); err != nil {
		return err
	}
	if !allConfirmed(s) {
		return errNotDone
	}
	return nil
}

// options wires the parts together. From here on every request of any library goes through
// one door.
func (i *invocation) options() daemon.Options {
	door := egress.New(egress.Options{UserAgent: "wandns/" + version + " (+https://github.com/wandns/wandns)"})
	http.DefaultTransport = door
	return daemon.Options{
		ConfigPath: i.config, ConfigName: i.edited(), RunDir: i.runDir, HoldDir: i.holdDir, Version: version, Built: built(),
		Log: daemon.NewLogger(i.err, isTerminal(os.Stderr)), Lookup: i.catalog().Lookup, Services: i.catalog().All,
		Resolver: nameserver.New(nameserver.Options{}), Door: door,
		Bus: i.client(),
	}
}

// edited is the file that people edit.
func (i *invocation) edited() string {
	if i.original != "" {
		return i.original
	}
	return i.config
}

// catalog is the services that there are, with those that the owner of the router described.
func (i *invocation) catalog() provider.Catalog {
	return provider.Catalog{Dir: filepath.Join(i.holdDir, "services.d")}
}

// client is the place on the bus, nil on a machine that has none.
func (i *invocation) client() *ubus.Client {
	switch i.bus {
	case "none":
		return nil
	case "":
		for _, path := range ubus.DefaultPaths {
			if _, err := os.Stat(path); err == nil {
				return &ubus.Client{}
			}
		}
		return nil
	}
	return &ubus.Client{Path: i.bus}
}

// signals turns a signal into a channel that holds one.
func signals(s os.Signal) <-chan struct{} {
	in := make(chan os.Signal, 1)
	out := make(chan struct{}, 1)
	signal.Notify(in, s)
	go func() {
		for range in {
			select {
			case out <- struct{}{}:
			default:
			}
		}
	}()
	return out
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
