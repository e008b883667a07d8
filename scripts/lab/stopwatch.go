package lab

import (
	"net"
	"slices"
	"sync"
	"time"
)

// Stopwatch is a listener that notes when each connection brings its bytes.
type Stopwatch struct {
	net.Listener
	mu    sync.Mutex
	reads map[string][]time.Time // by the client's address and port
}

// NewStopwatch listens through l.
func NewStopwatch(l net.Listener) *Stopwatch {
	return &Stopwatch{Listener: l, reads: map[string][]time.Time{}}
}

// Accept is that of net.Listener.
func (s *Stopwatch) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &timedConn{c, s}, nil
}

type timedConn struct {
	net.Conn
	s *Stopwatch
}

func (c *timedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		now, from := time.Now(), c.RemoteAddr().String()
		c.s.mu.Lock()
		c.s.reads[from] = append(c.s.reads[from], now)
		c.s.mu.Unlock()
	}
	return n, err
}

// First is when the first bytes after a moment came over the connection from an address.
func (s *Stopwatch) First(from string, after time.Time) (at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reads := s.reads[from]
	i := slices.IndexFunc(reads, after.Before)
	if i < 0 {
		return at, false
	}
	return reads[i], true
}
