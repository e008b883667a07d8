package daemon

import (
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// systemLog sends lines to a syslog daemon on this machine: OpenWrt's logd, or any other that
// listens at /dev/log. There is no connection that could break: each line finds its way anew,
// also when the syslog daemon has been restarted.
//
// procd would log what a service writes to standard error as well, but every line of it as an
// error (instance.c), so that nobody could tell a published address from a failure.
type systemLog struct {
	path string

	mu   sync.Mutex
	fd   int // 0: none yet
	lost int // lines that there was no room for
}

// priorities are those of RFC 3164 for the facility daemon (3).
var priorities = [...]int{Error: 3<<3 | 3, Warn: 3<<3 | 4, Info: 3<<3 | 6, Debug: 3<<3 | 7}

// maxLine is how much of a line logd takes, in bytes (LOG_LINE_SIZE in its log/syslog.h is 1024).
const maxLine = 1000

// write never waits: a line for which a busy syslog daemon has no room is dropped and counted.
// It returns false when nobody listens.
func (s *systemLog) write(level Level, text string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost > 0 && s.send(Warn, strconv.Itoa(s.lost)+" lines of the log were lost: the system's log was too busy", now) == nil {
		s.lost = 0
	}
	switch s.send(level, text, now) {
	case nil:
		return true
	case unix.EAGAIN:
		s.lost++
		return true
	}
	return false
}

// send sends one line. logd strips the first 16 bytes, which are the time.
func (s *systemLog) send(level Level, text string, now time.Time) error {
	if s.fd == 0 {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			return err
		}
		s.fd = fd
	}
	if len(text) > maxLine {
		text = text[:maxLine] + "…"
	}
	line := "<" + strconv.Itoa(priorities[level]) + ">" + now.Format(time.Stamp) + " wandns[" + strconv.Itoa(os.Getpid()) + "]: " + text
	return unix.Sendto(s.fd, []byte(line), unix.MSG_NOSIGNAL, &unix.SockaddrUnix{Name: s.path})
}
