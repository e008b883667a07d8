package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// errSilent says that no answer came in time.
var errSilent = errors.New("no answer")

// bindTo keeps a socket to a device, or fails: what another WAN shows is no answer.
func bindTo(device string) func(network, addr string, rc syscall.RawConn) error {
	return func(_, _ string, rc syscall.RawConn) error {
		var err error
		if cerr := rc.Control(func(fd uintptr) { err = unix.BindToDevice(int(fd), device) }); cerr != nil {
			return cerr
		}
		if err != nil {
			return fmt.Errorf("binding to device %s: %w", device, err)
		}
		return nil
	}
}

// dial connects a UDP socket out of a device. The server is an address, not a name.
func dial(ctx context.Context, device, server string) (net.Conn, error) {
	d := net.Dialer{Control: bindTo(device)}
	return d.DialContext(ctx, "udp", server)
}

// exchange sends a request once and waits for an answer that parse does not call errNotOurs.
func exchange[T any](ctx context.Context, c net.Conn, request, buf []byte, wait time.Duration, parse func([]byte) (T, error)) (T, error) {
	var none T
	if err := c.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return none, err
	}
	if ctx.Err() != nil {
		return none, ctx.Err() // the deadline that its end set is gone
	}
	if _, err := c.Write(request); err != nil {
		return none, unwrapped(err)
	}
	for {
		n, err := c.Read(buf)
		switch {
		case ctx.Err() != nil:
			return none, ctx.Err()
		case errors.Is(err, os.ErrDeadlineExceeded):
			return none, errSilent
		case err != nil:
			return none, unwrapped(err)
		}
		if answer, err := parse(buf[:n]); !errors.Is(err, errNotOurs) {
			return answer, err
		}
	}
}

// unwrapped takes addresses and ports out of an error, which would make each one different.
func unwrapped(err error) error {
	var code syscall.Errno
	if errors.As(err, &code) {
		return code
	}
	return err
}

// operator is who runs a host, as far as its name tells: the last two labels. Where names have
// three, two operators are taken for one, which errs to the safe side.
func operator(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if net.ParseIP(host) != nil {
		return host
	}
	if i := strings.LastIndexByte(host, '.'); i >= 0 {
		host = host[strings.LastIndexByte(host[:i], '.')+1:]
	}
	if host == "icanhazip.com" {
		return "cloudflare.com" // who has run it since 2021
	}
	return host
}
