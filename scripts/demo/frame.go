package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// introduce says what will be seen, and checks the configuration as a person would.
func (s *stage) introduce(ctx context.Context) error {
	version, err := s.command(ctx, "version")
	if err != nil {
		return err
	}
	if err := s.configure(configuration("")); err != nil {
		return err
	}
	if _, err := s.command(ctx, "check"); err != nil {
		return err
	}
	p := s.page
	p.line(p.paint(bold, strings.TrimSpace(version)) + ", the real program, on Linux " + release() + " in a network of its own.")
	p.line("")
	p.line("  home.example.org      A and AAAA   at Cloudflare, by its API")
	p.line("  myhome.duckdns.org    A            at DuckDNS")
	p.line("")
	p.line("The services are doubles on loopback, with real TLS. Times count from the cause of each step.")
	return nil
}

// release is the kernel's.
func release() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "of unknown release"
	}
	name, _, _ := bytes.Cut(u.Release[:], []byte{0})
	return string(name)
}

// sumUp shows how wandns itself sees the result, and what it took.
func (s *stage) sumUp(ctx context.Context, t tally) error {
	status, err := s.command(ctx, "status")
	if err != nil {
		return err
	}
	p := s.page
	p.line("")
	p.line(p.paint(bold, "$ wandns status"))
	p.line(strings.TrimRight(status, "\n"))
	p.line("")
	if n := t.needless(); n != 0 {
		return fmt.Errorf("%d updates told a service what it had already: %+v", n, t)
	}
	first := middle(t.timings, func(t timing) time.Duration { return t.first })
	confirmed := middle(t.timings, func(t timing) time.Duration { return t.confirmed })
	p.line(p.paint(bold, fmt.Sprintf("%d record changes. From the kernel's word to the first byte at the service: %s,", t.changes, span(first))))
	p.line(p.paint(bold, fmt.Sprintf("to confirmation: %s (medians of %d).", span(confirmed), len(t.timings))))
	p.line(fmt.Sprintf("%d requests: %d updates, %d of them refused, and %d to read first.", t.requests, t.updates, t.refused, t.requests-t.updates))
	p.line("Nothing was sent that was already true.")
	return nil
}
