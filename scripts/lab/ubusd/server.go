// Package ubusd is a double of OpenWrt's ubusd for tests: a real server on a unix socket that
// answers as ubusd does, byte for byte as far as recorded conversations show it, and that can
// be restarted, hold back answers, and treat its clients as an unprivileged user.
package ubusd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"

	"github.com/wandns/wandns/pkg/ubus"
)

// A Server is the double. Its methods may be called from several goroutines.
type Server struct {
	path string

	mu       sync.Mutex
	listener net.Listener
	readers  sync.WaitGroup
	rules    *Rules
	chosen   []uint32 // ids to give out next
	lastID   uint32
	eventSeq uint16
	frames   int
	clients  map[uint32]*client
	objects  map[uint32]*object
	own      []*Object // what Provide put there, in its order
}

// A client is one connection.
type client struct {
	conn  net.Conn
	id    uint32
	rules *Rules // nil is root
	out   chan []byte
	gone  chan struct{}
}

// An object is something with an id, of a client or of the server.
type object struct {
	id          uint32
	path        string // may be empty
	typ         *objectType
	client      *client // nil for the server's own
	own         *Object
	patterns    []string  // of events it wants
	subscribers []*object // the newest first
	seq         uint16    // of what the server tells its owner
}

type objectType struct {
	id        uint32
	uses      int
	signature []byte
}

// Start listens at path.
func Start(path string) (*Server, error) {
	s := &Server{path: path, lastID: 1024}
	return s, s.listen()
}

// Path is the socket.
func (s *Server) Path() string { return s.path }

func (s *Server) listen() error {
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	l, err := net.Listen("unix", s.path)
	if err != nil {
		return fmt.Errorf("double of ubusd: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener, s.clients, s.objects = l, map[uint32]*client{}, map[uint32]*object{}
	for _, o := range s.own {
		s.place(o)
	}
	s.readers.Add(1)
	go s.accept(l)
	return nil
}

// Stop ends the server as a crash would: its clients see an end of file, the socket is gone.
// What Provide put there comes back with Restart.
func (s *Server) Stop() {
	s.mu.Lock()
	if s.listener != nil {
		s.listener.Close()
		s.listener = nil
	}
	for _, c := range s.clients {
		c.conn.Close()
	}
	s.mu.Unlock()
	s.readers.Wait()
}

// Restart is Stop and a new start: every id is another one.
func (s *Server) Restart() error {
	s.Stop()
	return s.listen()
}

// SetRules makes clients that connect from now on an unprivileged user with these rules, or
// root with nil.
func (s *Server) SetRules(r *Rules) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = r
}

// ReloadRules changes the rules of the clients that are there too, as a HUP does, and tells.
func (s *Server) ReloadRules(r *Rules) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = r
	for _, c := range s.clients {
		c.rules = r
	}
	s.event(nil, "ubus.acl.sequence", encode(func(b *ubus.Builder) { b.Int("sequence", 1) }))
}

// NextIDs chooses the ids that are given out next, to whatever asks first.
func (s *Server) NextIDs(ids ...uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chosen = append(s.chosen, ids...)
}

// Clients is how many connections there are.
func (s *Server) Clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.clients)
}

// Frames is how many messages the server has dealt with.
func (s *Server) Frames() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frames
}

func (s *Server) newID() uint32 {
	if len(s.chosen) > 0 {
		id := s.chosen[0]
		s.chosen = s.chosen[1:]
		return id
	}
	s.lastID = s.lastID*1664525 + 1013904223 | 1<<31 // different each time, and negative as an int32
	return s.lastID
}

func (s *Server) accept(l net.Listener) {
	defer s.readers.Done()
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.listener != l { // stopped meanwhile
			s.mu.Unlock()
			conn.Close()
			return
		}
		c := &client{conn: conn, id: s.newID(), rules: s.rules, out: make(chan []byte, 1024), gone: make(chan struct{})}
		s.clients[c.id] = c
		c.send(ubus.Header{Kind: ubus.KindHello, Peer: c.id}, nil)
		s.readers.Add(2)
		s.mu.Unlock()
		go s.serve(c)
		go func() { defer s.readers.Done(); c.write() }()
	}
}

// write sends what is queued. Like ubusd, the server never waits for a slow client.
func (c *client) write() {
	for {
		select {
		case frame := <-c.out:
			if _, err := c.conn.Write(frame); err != nil {
				return
			}
		case <-c.gone:
			return
		}
	}
}

// send queues a frame; when there is no room it is lost, as with ubusd.
func (c *client) send(h ubus.Header, fill func(*ubus.Encoder)) {
	var e ubus.Encoder
	e.Begin(h)
	if fill != nil {
		fill(&e)
	}
	if e.End() == nil {
		c.sendRaw(e.Bytes())
	}
}

func (c *client) sendRaw(frame []byte) {
	select {
	case c.out <- frame:
	default:
	}
}

func (s *Server) serve(c *client) {
	defer s.readers.Done()
	in := bufio.NewReader(c.conn)
	for {
		h, body, err := readFrame(in)
		if err != nil {
			break
		}
		s.mu.Lock()
		s.receive(c, h, body)
		s.frames++
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave(c)
}

func readFrame(in io.Reader) (h ubus.Header, body []byte, err error) {
	var head [ubus.HeaderSize]byte
	if _, err = io.ReadFull(in, head[:]); err != nil {
		return h, nil, err
	}
	h, n, err := ubus.ParseHeader(&head)
	if err != nil || n+4 > ubus.MaxMessage {
		return h, nil, errors.New("bad frame")
	}
	body = make([]byte, n)
	_, err = io.ReadFull(in, body)
	return h, body, err
}

// leave removes a client with all that it had.
func (s *Server) leave(c *client) {
	c.conn.Close()
	close(c.gone)
	delete(s.clients, c.id)
	for _, o := range s.objects {
		if o.client == c {
			s.remove(o)
		}
	}
}

func encode(build func(*ubus.Builder)) ubus.Message {
	m, err := ubus.NewMessage(build)
	if err != nil {
		panic(err) // the server's own few fields
	}
	return m
}
