package double

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/wandns/wandns/scripts/lab"
)

// Front is the HTTPS server in front of the doubles: it shows each host name's certificate and
// hands its requests to the double that answers to that name.
type Front struct {
	ca     *lab.CA
	byHost map[string]Service
	server *http.Server

	mu        sync.Mutex
	certs     map[string]*tls.Certificate
	listeners []net.Listener
	strays    []string
	handshook int
	serving   sync.WaitGroup
}

// NewFront makes a front whose certificates ca issues.
func NewFront(ca *lab.CA, services ...Service) *Front {
	f := &Front{ca: ca, byHost: map[string]Service{}, certs: map[string]*tls.Certificate{}}
	for _, s := range services {
		for _, h := range s.Hosts() {
			f.byHost[h] = s
		}
	}
	f.server = &http.Server{
		Handler:           f,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0), // failed handshakes are what tests are about
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: f.certificate},
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){}, // HTTP/1.1, as the router speaks
	}
	return f
}

// Listen serves on addresses such as "127.0.0.1:443", "[::1]:443", "127.0.0.1:0".
func (f *Front) Listen(addrs ...string) error {
	for _, a := range addrs {
		l, err := net.Listen("tcp", a)
		if err != nil {
			return fmt.Errorf("the front listens on %s: %w", a, err)
		}
		f.Serve(l)
	}
	return nil
}

// Serve serves on a listener, which Close closes.
func (f *Front) Serve(l net.Listener) {
	f.mu.Lock()
	f.listeners = append(f.listeners, l)
	f.mu.Unlock()
	f.serving.Add(1)
	go func() {
		defer f.serving.Done()
		_ = f.server.ServeTLS(l, "", "") // ends with Close
	}()
}

// Addrs are the addresses it listens on, in the order of Listen.
func (f *Front) Addrs() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, l := range f.listeners {
		out = append(out, l.Addr().String())
	}
	return out
}

// DialContext connects to the front whatever the address is: for clients that need no /etc/hosts.
func (f *Front) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	addrs := f.Addrs()
	if len(addrs) == 0 {
		return nil, errors.New("the front does not listen")
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", addrs[0])
}

// Hosts are the names of all doubles, sorted.
func (f *Front) Hosts() []string {
	var out []string
	for h := range f.byHost {
		out = append(out, h)
	}
	sort.Strings(out)
	return out
}

// HostsFile is an /etc/hosts that sends every double's name, and that of the redirect fault,
// to these addresses ("127.0.0.1", "::1").
func (f *Front) HostsFile(addrs ...string) string {
	var b strings.Builder
	b.WriteString("127.0.0.1 localhost\n::1 localhost\n")
	for _, a := range addrs {
		fmt.Fprintf(&b, "%s %s elsewhere.example\n", a, strings.Join(f.Hosts(), " "))
	}
	return b.String()
}

// Certify makes the front show a certificate of its authority for names, valid in v, to clients
// that ask for host: another name, or one that has expired. Without names it forgets that.
func (f *Front) Certify(host string, v lab.Validity, names ...string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(names) == 0 {
		delete(f.certs, host)
		return nil
	}
	c, err := f.ca.Issue(v, names...)
	if err != nil {
		return fmt.Errorf("issuing a certificate for %s: %w", host, err)
	}
	f.certs[host] = &c
	return nil
}

// Handshakes is how many TLS handshakes were begun.
func (f *Front) Handshakes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.handshook
}

// Strays are requests for hosts that no double answers to; a redirect that was followed is one.
func (f *Front) Strays() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.strays...)
}

// Complaints are those of all doubles and the strays.
func (f *Front) Complaints() []string {
	var out []string
	seen := map[Service]bool{}
	for _, h := range f.Hosts() {
		if s := f.byHost[h]; !seen[s] {
			seen[s] = true
			out = append(out, s.Complaints()...)
		}
	}
	for _, s := range f.Strays() {
		out = append(out, "a request for a host that is not ours: "+s)
	}
	return out
}

// Close stops listening, breaks the connections and waits until the listeners have ended.
func (f *Front) Close() error {
	err := f.server.Close()
	f.serving.Wait()
	return err
}

// ServeHTTP hands the request to its host's double.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if s, ok := f.byHost[host]; ok {
		s.ServeHTTP(w, r)
		return
	}
	f.mu.Lock()
	f.strays = append(f.strays, r.Method+" "+host)
	f.mu.Unlock()
	http.Error(w, "nobody here", http.StatusMisdirectedRequest)
}

func (f *Front) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.handshook++
	name := hello.ServerName
	if name == "" {
		name = "localhost"
	}
	if c := f.certs[name]; c != nil {
		return c, nil
	}
	c, err := f.ca.Issue(lab.Validity{}, name)
	if err != nil {
		return nil, err
	}
	f.certs[name] = &c
	return &c, nil
}
