// Package double holds stand-ins for the services that wandns updates. Each is written from the
// service's own documentation, keeps records as the service does, and is strict: a request that
// the documentation does not allow is answered as the service would and remembered as a
// complaint, which fails the test that made it. Requests come in, answers and faults go out.
// Nothing here needs a testing.T, so the demo and the benchmarks use the same doubles.
package double

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Service is one double, behind a Front.
type Service interface {
	http.Handler
	// Hosts are the host names that the service answers to.
	Hosts() []string
	// Requests are those that arrived so far, in order, the faulty ones as well.
	Requests() []Request
	// Complaints say what was wrong about requests that the documentation does not allow.
	Complaints() []string
	// FailNext queues faults: each is the answer to one request, in order.
	FailNext(faults ...Fault)
	// Fail makes a fault the answer to every request until Fail(nil); queued ones come first.
	Fail(fault *Fault)
	// Await returns when done says so of the requests so far, or with the context's error.
	Await(ctx context.Context, done func([]Request) bool) error
}

// Request is one request as it arrived.
type Request struct {
	At     time.Time
	Method string
	Host   string
	Path   string
	Query  url.Values
	Header http.Header
	Body   string
	Remote string // address and port that it came from
}

// Reply is what a service answers.
type Reply struct {
	Status int // 0 means 200
	Header map[string]string
	Body   string
}

// Common is the part that every double has: the log, the complaints, the faults. A double
// embeds it and calls Serve from its ServeHTTP. The zero value is ready.
type Common struct {
	mu         sync.Mutex
	requests   []Request
	complaints []string
	queue      []Fault
	choose     func(Request) *Fault
	standing   *Fault
	changed    chan struct{} // closed and replaced at each request
	before     func(context.Context, Request)
	after      func(context.Context, Request)
}

// Pace makes the service slow: before is called ahead of each answer's making, after once the
// service has done what it was asked and not yet said so. Both may block, and should not for
// longer than their context, which ends when the client leaves. Nil ends that.
func (c *Common) Pace(before, after func(context.Context, Request)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before, c.after = before, after
}

// paced is answer at the service's pace.
func (c *Common) paced(ctx context.Context, answer func(Request) Reply) func(Request) Reply {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, after := c.before, c.after
	return func(r Request) Reply {
		if before != nil {
			before(ctx, r)
		}
		reply := answer(r)
		if after != nil {
			after(ctx, r)
		}
		return reply
	}
}

// maxBody is how much of a request body a double reads, in bytes.
const maxBody = 64 << 10

// Serve logs the request, then lets a fault or the service answer. answer is called with the
// double unlocked, and not at all when a fault without Applied is due.
func (c *Common) Serve(w http.ResponseWriter, r *http.Request, answer func(Request) Reply) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		c.Complain("reading the body of %s %s: %v", r.Method, r.URL.Path, err)
	}
	req := Request{
		At: time.Now(), Method: r.Method, Host: r.Host, Path: r.URL.Path, Query: r.URL.Query(),
		Header: r.Header.Clone(), Body: string(body), Remote: r.RemoteAddr,
	}
	if req.Header.Get("User-Agent") == "" || req.Header.Get("User-Agent") == "Go-http-client/1.1" {
		c.Complain("%s %s: User-Agent %q does not name the client", r.Method, r.URL.Path, req.Header.Get("User-Agent"))
	}
	fault := c.log(req)
	answer = c.paced(r.Context(), answer)
	if fault == nil {
		write(w, answer(req))
		return
	}
	reply := fault.Reply
	if fault.Applied {
		if told := answer(req); reply.Status == 0 && reply.Body == "" {
			reply = told
		}
	}
	fault.perform(w, r, reply)
}

// log keeps the request and takes the fault that is due for it, if any.
func (c *Common) log(req Request) *Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, req)
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
	if len(c.queue) > 0 {
		f := c.queue[0]
		c.queue = c.queue[1:]
		if f.Kind == Healthy {
			return nil
		}
		return &f
	}
	if c.choose != nil {
		if f := c.choose(req); f != nil {
			return f
		}
	}
	return c.standing
}

// Requests are copies of those so far.
func (c *Common) Requests() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Request(nil), c.requests...)
}

// Forget empties the log of requests; complaints stay.
func (c *Common) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = nil
}

// Complaints are copies of those so far.
func (c *Common) Complaints() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.complaints...)
}

// Complain remembers what was wrong about a request.
func (c *Common) Complain(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.complaints = append(c.complaints, fmt.Sprintf(format, args...))
}

// FailNext queues faults for the next requests, one each.
func (c *Common) FailNext(faults ...Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = append(c.queue, faults...)
}

// Fail sets the fault for all requests, nil for none, and empties the queue.
func (c *Common) Fail(fault *Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.standing, c.queue = fault, nil
}

// FailBy has choose say for each request, one at a time, what goes wrong with it: nil for
// nothing. Queued faults come first. choose must not call the double.
func (c *Common) FailBy(choose func(Request) *Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.choose = choose
}

// Await waits for requests.
func (c *Common) Await(ctx context.Context, done func([]Request) bool) error {
	for {
		c.mu.Lock()
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		changed, requests := c.changed, append([]Request(nil), c.requests...)
		c.mu.Unlock()
		if done(requests) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for requests, %d so far: %w", len(requests), ctx.Err())
		}
	}
}

func write(w http.ResponseWriter, r Reply) {
	for k, v := range r.Header {
		w.Header().Set(k, v)
	}
	if r.Status != 0 {
		w.WriteHeader(r.Status)
	}
	_, _ = io.WriteString(w, r.Body) // the client may have left
}
