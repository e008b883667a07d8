package discover

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/egress"
)

// echoLimit is more than an address and its line break have, in bytes.
const echoLimit = 64

// echoTime is how long an exchange may take with name, TCP and TLS.
const echoTime = 8 * time.Second

// Echo is an HTTPS server that answers with the address of who asks, as a witness.
type Echo struct {
	URL    string // https://
	CAFile string // PEM bundle; empty means the system's
}

// Operator is who runs the server.
func (e *Echo) Operator() string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return e.URL
	}
	return operator(u.Hostname())
}

// Ask sends a request out of device, through the one door, and reads the answer: one IP address
// of the family as plain text, and nothing else.
func (e *Echo) Ask(ctx context.Context, device string, f address.Family) (netip.Addr, error) {
	network := "tcp4"
	if f == address.IPv6 {
		network = "tcp6"
	}
	ctx, cancel := context.WithTimeout(ctx, echoTime)
	defer cancel()
	call := egress.Call{Path: egress.Path{CAFile: e.CAFile, Device: device, Network: network}}
	req, err := http.NewRequestWithContext(call.Context(ctx), http.MethodGet, e.URL, nil)
	if err != nil {
		return netip.Addr{}, err
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return netip.Addr{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return netip.Addr{}, fmt.Errorf("%s answers with HTTP status %d", req.URL.Hostname(), resp.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, echoLimit+1))
	if err != nil {
		return netip.Addr{}, err
	}
	seen, err := parseEcho(text, f)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%s: %w", req.URL.Hostname(), err)
	}
	return seen, nil
}

var errNoEcho = errors.New("the answer is not one IP address of the family")

func parseEcho(text []byte, f address.Family) (netip.Addr, error) {
	if len(text) > echoLimit {
		return netip.Addr{}, errNoEcho
	}
	a, err := netip.ParseAddr(strings.TrimSpace(string(text)))
	switch {
	case err != nil || a.Zone() != "":
		return netip.Addr{}, errNoEcho
	case f == address.IPv6 && a.Unmap().Is4():
		return netip.Addr{}, errNAT64
	case address.FamilyOf(a.Unmap()) != f:
		return netip.Addr{}, errNoEcho
	}
	return a.Unmap(), nil
}
