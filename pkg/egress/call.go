package egress

import (
	"context"
	"net/netip"
	"net/url"
	"sync"
	"time"
)

// Path is how the requests of one account leave the router.
type Path struct {
	CAFile       string   // PEM bundle; empty means the system's
	Proxy        *url.URL // http://, https:// or socks5://; nil means none (the environment is not asked)
	Device       string   // SO_BINDTODEVICE to it, or fail; empty means the routing table decides
	Network      string   // "tcp4" or "tcp6" for one address family only; empty means either
	InsecureHTTP bool     // plain http:// is allowed
}

// Call is one use of a provider: the path that its requests take, and a record of what
// happened to each. Make one, pass Context to the provider's library, then read Exchanges.
// A Call may be used by several goroutines.
type Call struct {
	Path Path

	mu        sync.Mutex
	exchanges []*Exchange
}

// Exchange is what happened to one request.
type Exchange struct {
	Method string
	Host   string
	Path   string // without the query, which may hold secrets

	// Status is the HTTP status, or 0 when no response head arrived.
	Status int
	// RetryAfter is the Retry-After header of the response (RFC 9110 section 10.2.3), 0 without
	// one, at the most 24 h.
	RetryAfter time.Duration
	// Sent says that the request went out, or began to: the service may have acted on it. Sent
	// without a Status: the outcome is unknown.
	Sent bool
	// Truncated says that the response head arrived but its body did not, whole.
	Truncated bool
	// Failure says what went wrong on the way; None when a whole response arrived.
	Failure Failure
	// Err is the failure for people: no secret, no URL with a query.
	Err error
	// Local is the address the connection left from; the zero Addr before it was made.
	Local netip.Addr
	// Answer is the beginning of the response body as far as the library read it, at the most
	// AnswerSize bytes: untrusted.
	Answer []byte
	// Started and Took time the exchange, to the end of the body.
	Started time.Time
	Took    time.Duration
}

// AnswerSize is how much of a response body an Exchange keeps, in bytes.
const AnswerSize = 1024

// Failure is a kind of trouble on the way to a service.
type Failure uint8

// The kinds of failure.
const (
	None           Failure = iota
	Refused                // egress itself refused to send: plain http, redirect elsewhere
	NameResolution         // the service's name could not be resolved
	Connect                // no TCP connection: unreachable, refused, device gone, bind failed
	TLS                    // the handshake failed: certificate, version
	ClockWrong             // the certificate is not yet valid or expired by our clock
	Timeout                // no answer in time
	AddressLost            // the address that the connection left from is gone
	Interrupted            // the connection broke after the request went out
	TooLarge               // the body or the head passed the limit
	Canceled               // the caller gave up: shutdown, or something newer to send
)

type callKey struct{}

// Context returns a context under which every request belongs to the call.
func (c *Call) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// CallOf is the call that requests under a context belong to, or nil.
func CallOf(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// Exchanges are the requests so far, in the order they began. They are copies.
func (c *Call) Exchanges() []Exchange {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]Exchange, len(c.exchanges))
	for i, e := range c.exchanges {
		out[i] = *e
	}
	return out
}
