package ubus

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// DefaultPaths is where ubusd listens: since OpenWrt 21.02, and before.
var DefaultPaths = [...]string{"/var/run/ubus/ubus.sock", "/var/run/ubus.sock"}

// A Client is our place on the bus. The zero value is ready for use. Set the fields before Run
// and leave them alone then.
type Client struct {
	// Path is the socket of ubusd; empty means the first of DefaultPaths that answers.
	Path string

	// Report, when not nil, is told what nobody waits for: that ubusd cannot be reached (once,
	// not at each attempt), that the connection was lost, that an object was not let onto the
	// bus or a subscription refused (once until the reason changes), that a handler panicked,
	// that notifications were lost. It is called from several goroutines and must not block.
	Report func(error)

	// MaxReceive is the longest message that is read, in bytes: 0 means MaxMessage. Longer ones
	// are skipped.
	MaxReceive int

	mu      sync.Mutex
	running bool
	session *session // nil while not connected
	items   []*item  // what should be on the bus, in the order it was asked for
}

// helloTimeout is how long ubusd may take for its first word, which it sends at once.
const helloTimeout = 5 * time.Second

// Run keeps the client on the bus until the context ends, and returns the context's error. See
// Backoff for how it waits between attempts. It returns when every goroutine has ended, so a
// handler that ignores its context keeps it. A Client runs once at a time.
func (c *Client) Run(ctx context.Context) error {
	if err := c.setRunning(true); err != nil {
		return err
	}
	defer c.setRunning(false)
	var wait Backoff
	told := false // about attempts that failed since the last connection
	for ctx.Err() == nil {
		lasted, err := c.connect(ctx)
		if ctx.Err() != nil {
			break
		}
		if lasted > 0 || !told {
			c.report(err)
		}
		told = true
		sleep(ctx, wait.Next(lasted))
	}
	return ctx.Err()
}

// Connected says whether there is a connection now.
func (c *Client) Connected() bool { return c.current() != nil }

func (c *Client) setRunning(on bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if on && c.running {
		return errors.New("this ubus client runs already")
	}
	c.running = on
	return nil
}

func (c *Client) current() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

func (c *Client) report(err error) {
	if c.Report != nil && err != nil {
		c.Report(err)
	}
}

// connect makes one connection and serves it to its end. lasted is how long it stood after
// ubusd greeted us, 0 when it did not; the error says why it ended.
func (c *Client) connect(ctx context.Context) (lasted time.Duration, err error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return 0, fmt.Errorf("connecting to ubusd: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	in := bufio.NewReaderSize(conn, 4096)
	if err := greeting(conn, in); err != nil {
		return 0, fmt.Errorf("ubusd did not greet us: %w", err)
	}
	began := time.Now()
	err = newSession(ctx, c, conn).serve(in)
	return max(time.Since(began), 1), fmt.Errorf("connection to ubusd lost: %w", err)
}

func (c *Client) dial(ctx context.Context) (conn net.Conn, err error) {
	paths := DefaultPaths[:]
	if c.Path != "" {
		paths = []string{c.Path}
	}
	var d net.Dialer
	var first error
	for _, path := range paths {
		if conn, err = d.DialContext(ctx, "unix", path); err == nil {
			return conn, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// greeting reads HELLO.
func greeting(conn net.Conn, in io.Reader) error {
	if err := conn.SetReadDeadline(time.Now().Add(helloTimeout)); err != nil {
		return err
	}
	var head [HeaderSize]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return fmt.Errorf("%w (it hangs up on a user who is not in /etc/passwd or a group that is not in /etc/group)", err)
	}
	h, body, err := ParseHeader(&head)
	if err != nil {
		return err
	}
	if h.Version != 0 || h.Kind != KindHello || body > MaxMessage {
		return fmt.Errorf("%w: version %d, kind %d", ErrMalformed, h.Version, h.Kind)
	}
	if _, err := io.CopyN(io.Discard, in, int64(body)); err != nil {
		return err
	}
	return conn.SetReadDeadline(time.Time{})
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
