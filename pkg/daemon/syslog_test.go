package daemon_test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/daemon"
)

// listen is a syslog daemon that has just started.
func listen(t *testing.T, path string) *net.UnixConn {
	t.Helper()
	_ = os.Remove(path) // as logd does: the socket of its predecessor may be there
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func heard(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	b := make([]byte, 4096)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// logd cuts the priority off, then 16 bytes for the time.
func TestSystemLogger_each_line_has_its_own_priority(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	logd := listen(t, path)
	var fallback bytes.Buffer
	l := daemon.NewSystemLogger(path, &fallback)
	l.SetLevel(daemon.Debug)
	// The facility is daemon, 3; the severities are 3, 4, 6 and 7 (RFC 3164).
	for level, priority := range map[daemon.Level]string{daemon.Error: "<27>", daemon.Warn: "<28>", daemon.Info: "<30>", daemon.Debug: "<31>"} {
		l.Log(level, "published", "hostname", "home.example.org")
		got := heard(t, logd)
		rest, ok := strings.CutPrefix(got, priority)
		if !ok || len(rest) < 17 {
			t.Fatalf("%v: %q", level, got)
		}
		if _, err := time.Parse(time.Stamp+" ", rest[:16]); err != nil {
			t.Errorf("%v: %v", level, err)
		}
		if want := "wandns[" + strconv.Itoa(os.Getpid()) + "]: published hostname=home.example.org"; rest[16:] != want {
			t.Errorf("%v: %q, want %q", level, rest[16:], want)
		}
	}
	if fallback.Len() > 0 {
		t.Errorf("standard error has %q as well", fallback.String())
	}
}

func TestSystemLogger_nothing_is_lost_while_logd_restarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	var fallback bytes.Buffer
	l := daemon.NewSystemLogger(path, &fallback)
	l.Log(daemon.Info, "before logd")
	first := listen(t, path)
	l.Log(daemon.Info, "with logd")
	if got := heard(t, first); !strings.HasSuffix(got, ": with logd") {
		t.Errorf("the first heard %q", got)
	}
	_ = first.Close()
	l.Log(daemon.Warn, "without logd")
	second := listen(t, path)
	l.Log(daemon.Info, "with logd again")
	if got := heard(t, second); !strings.HasSuffix(got, ": with logd again") {
		t.Errorf("the second heard %q", got)
	}
	if got, want := fallback.String(), "info before logd\nwarn without logd\n"; got != want {
		t.Errorf("standard error has %q, want %q", got, want)
	}
}

func TestSystemLogger_a_stuck_logd_does_not_stop_the_daemon(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	logd := listen(t, path)
	var fallback bytes.Buffer
	l := daemon.NewSystemLogger(path, &fallback)
	const many = 5000 // more than the kernel keeps for a datagram socket
	for i := range many {
		l.Log(daemon.Info, "line", "number", strconv.Itoa(i))
	}
	kept := 0
	for text := ""; !strings.HasSuffix(text, "line after"); kept++ {
		text = heard(t, logd)
		if kept == 0 { // there is room again
			l.Log(daemon.Info, "line after")
		}
		if strings.Contains(text, "lines of the log were lost") {
			if !strings.HasPrefix(text, "<28>") {
				t.Errorf("not a warning: %q", text)
			}
			if !strings.Contains(text, ": "+strconv.Itoa(many-kept)+" lines") {
				t.Errorf("%d lines came: %q", kept, text)
			}
			return
		}
	}
	t.Fatal("nobody said that lines were lost")
}

func TestSystemLogger_a_long_line_is_cut_where_logd_would(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	logd := listen(t, path)
	l := daemon.NewSystemLogger(path, os.Stderr)
	l.Log(daemon.Info, "held", "reason", strings.Repeat("x", 5000))
	if got := heard(t, logd); len(got) >= 1100 || !strings.HasSuffix(got, "xx…") {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-10:])
	}
}
