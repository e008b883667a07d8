package double

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Kind is how a fault goes wrong.
type Kind uint8

// The kinds.
const (
	Healthy  Kind = iota // no fault: in FailNext it lets one request through
	Answer               // answer Reply
	Reset                // reset the connection before any answer
	HalfHead             // reset the connection within the response head
	HalfBody             // send the head and half of the body that it announces, then reset
	Flood                // send Size bytes of body
	Drip                 // send the head, then one byte of body each Pause, until the client leaves
	Silence              // take the request and answer nothing until the client leaves
	Redirect             // 302 to Reply.Header["Location"]
)

// Fault is one misbehaviour of a service.
type Fault struct {
	Name  string // for tables of tests
	Kind  Kind
	Reply Reply
	Size  int           // of a Flood, in bytes
	Pause time.Duration // of a Drip
	// Applied: the service did what it was asked and then failed to say so. With an empty Reply
	// the bytes that go out (as far as they do) are the service's own answer.
	Applied bool
}

// Status is a fault that answers with an HTTP status and a body.
func Status(code int, body string) Fault {
	return Fault{Name: "http-" + strconv.Itoa(code), Kind: Answer, Reply: Reply{Status: code, Body: body}}
}

// After is the same fault with a Retry-After header of so many seconds.
func (f Fault) After(seconds int) Fault {
	f.Name += "-retry-after"
	header := map[string]string{"Retry-After": strconv.Itoa(seconds)}
	for k, v := range f.Reply.Header {
		header[k] = v
	}
	f.Reply.Header = header
	return f
}

// Once is the same fault where the service did what it was asked.
func (f Fault) Once() Fault {
	f.Name += "-applied"
	f.Applied = true
	return f
}

// HTMLPage is an error page as load balancers send them.
const HTMLPage = "<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>502</h1><script>alert(1)</script></body></html>\n"

// Faults are the misbehaviours that any service can show, by name.
func Faults() []Fault {
	html := map[string]string{"Content-Type": "text/html; charset=UTF-8"}
	return []Fault{
		Status(http.StatusUnauthorized, ""),
		Status(http.StatusForbidden, ""),
		Status(http.StatusNotFound, "not found\n"),
		Status(http.StatusTooManyRequests, "").After(120),
		Status(http.StatusInternalServerError, "oops\n"),
		{Name: "http-502-html", Kind: Answer, Reply: Reply{Status: http.StatusBadGateway, Header: html, Body: HTMLPage}},
		Status(http.StatusServiceUnavailable, ""),
		Status(http.StatusServiceUnavailable, "").After(300),
		{Name: "reset-before-answer", Kind: Reset},
		{Name: "reset-in-head", Kind: HalfHead},
		{Name: "reset-in-body", Kind: HalfBody},
		{Name: "body-of-20-mb", Kind: Flood, Size: 20 << 20},
		{Name: "body-drips", Kind: Drip, Pause: 20 * time.Millisecond},
		{Name: "no-answer", Kind: Silence},
		{Name: "redirect-elsewhere", Kind: Redirect, Reply: Reply{Header: map[string]string{"Location": "https://elsewhere.example/"}}},
		{Name: "empty-body", Kind: Answer, Reply: Reply{Status: http.StatusOK}},
		{Name: "garbage", Kind: Answer, Reply: Reply{Status: http.StatusOK, Body: "\x00\xff\x1b[31m}{]["}},
		{Name: "html-with-200", Kind: Answer, Reply: Reply{Status: http.StatusOK, Header: html, Body: HTMLPage}},
	}
}

// Named is the fault of Faults with that name; it panics when there is none.
func Named(name string) Fault {
	for _, f := range Faults() {
		if f.Name == name {
			return f
		}
	}
	panic("no fault is called " + name)
}

func (f *Fault) perform(w http.ResponseWriter, r *http.Request, reply Reply) {
	switch f.Kind {
	case Reset:
		reset(w, "")
	case HalfHead:
		reset(w, "HTTP/1.1 200 OK\r\nContent-Ty")
	case HalfBody:
		if reply.Body == "" {
			reply.Body = `{"success":true,`
		}
		half := (len(reply.Body) + 1) / 2
		reset(w, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(len(reply.Body)+1)+"\r\n\r\n"+reply.Body[:half])
	case Flood:
		flood(w, f.Size)
	case Drip:
		drip(w, r, f.Pause)
	case Silence:
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // returning would answer 200, which a client that is just leaving may still read
	case Redirect:
		reply.Status = http.StatusFound
		write(w, reply)
	default:
		write(w, reply)
	}
}

// reset sends text as it is, then breaks the connection without a TLS goodbye.
func reset(w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(conn, text) // the client may have left
	raw := net.Conn(conn)
	if t, ok := conn.(*tls.Conn); ok {
		raw = t.NetConn()
	}
	if t, ok := raw.(*net.TCPConn); ok && text == "" {
		_ = t.SetLinger(0) // so that Close sends RST; with text on its way the FIN lets it arrive
	}
	_ = raw.Close()
}

func flood(w http.ResponseWriter, size int) {
	w.Header().Set("Content-Length", strconv.Itoa(size))
	chunk := strings.Repeat("x", 32<<10)
	for size > 0 {
		n := min(size, len(chunk))
		if _, err := io.WriteString(w, chunk[:n]); err != nil {
			return
		}
		size -= n
	}
}

func drip(w http.ResponseWriter, r *http.Request, pause time.Duration) {
	control := http.NewResponseController(w)
	tick := time.NewTicker(max(pause, time.Millisecond))
	defer tick.Stop()
	for {
		if _, err := io.WriteString(w, " "); err != nil || control.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler) // returning would end the body as if it were whole
		}
	}
}
