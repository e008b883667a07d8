package nat

import (
	"net"
	"net/http"
	"sync"

	"github.com/wandns/wandns/scripts/lab/double"
)

// Echo answers with the address of who asks, as a line of text. It stands behind a double.Front.
type Echo struct {
	double.Common
	names []string

	mu  sync.Mutex
	say string
}

// NewEcho makes an echo that answers to names.
func NewEcho(names ...string) *Echo { return &Echo{names: names} }

// Hosts are its names.
func (e *Echo) Hosts() []string { return e.names }

// Say makes it answer with a text, whoever asks; "" ends that.
func (e *Echo) Say(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.say = text
}

// ServeHTTP answers.
func (e *Echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.Serve(w, r, func(req double.Request) double.Reply {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.say != "" {
			return double.Reply{Body: e.say}
		}
		host, _, err := net.SplitHostPort(req.Remote)
		if err != nil {
			return double.Reply{Status: http.StatusInternalServerError}
		}
		return double.Reply{Body: host + "\n"}
	})
}
