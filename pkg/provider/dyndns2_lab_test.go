package provider_test

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

const (
	ddUser     = "owner@example.org"
	ddPassword = "pa ss/w&rd=%+é"
	ddAgent    = "wandns/1.0 (+https://github.com/wandns/wandns)"
	dynHost    = "dyn.example.net"
)

var (
	ip4  = netip.MustParseAddr("192.88.99.7")
	ip4b = netip.MustParseAddr("192.88.99.8")
	ip6  = netip.MustParseAddr("2001:db8:1::7")
	ip6b = netip.MustParseAddr("2001:db8:1::8")
	none netip.Addr
)

// dyndnsLab is the three services behind real TLS on loopback, in a network of their own, and
// egress as the way to them.
type dyndnsLab struct {
	front *double.Front
	noip  *double.Dyndns2
	dynu  *double.Dyndns2
	dyn   *double.Dyndns2
}

// newDyndnsLab starts it, with more services when a test has its own.
func newDyndnsLab(t *testing.T, more ...double.Service) *dyndnsLab {
	t.Helper()
	l := &dyndnsLab{
		noip: double.NewNoIP(ddUser, ddPassword), dynu: double.NewDynu(ddUser, ddPassword),
		dyn: double.NewDyn(dynHost, ddUser, ddPassword),
	}
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	l.front = double.NewFront(ca, append(more, l.noip, l.dynu, l.dyn)...)
	if err := l.front.Listen("127.0.0.1:443", "[::1]:443"); err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, ca.Bundle(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := lab.ReplaceFile("/etc/hosts", l.front.HostsFile("127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	transport := egress.New(egress.Options{UserAgent: ddAgent, SystemCAFile: bundle, Whole: 2 * time.Second})
	before := http.DefaultTransport
	http.DefaultTransport = transport
	t.Cleanup(func() {
		http.DefaultTransport = before
		transport.Release()
		if err := l.front.Close(); err != nil {
			t.Error(err)
		}
		for _, c := range l.front.Complaints() {
			t.Errorf("the service complains: %s", c)
		}
	})
	return l
}

// double is the one that stands for a service.
func (l *dyndnsLab) double(name string) *double.Dyndns2 {
	return map[string]*double.Dyndns2{"noip": l.noip, "dynu": l.dynu, "dyndns2": l.dyn}[name]
}

func ddInfo(t *testing.T, name string) *provider.Info {
	t.Helper()
	i := provider.Lookup(name)
	if i == nil {
		t.Fatalf("no service is called %s", name)
	}
	return i
}

func ddSettings() provider.Settings {
	return provider.Settings{
		"username": provider.NewSecret(ddUser), "password": provider.NewSecret(ddPassword),
		"server": provider.NewSecret(dynHost),
	}
}

// account opens an account as the daemon does.
func (l *dyndnsLab) account(t *testing.T, name string) *provider.Service {
	t.Helper()
	s, err := provider.Open(ddInfo(t, name), ddSettings(), egress.Path{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// driver is the libdns implementation itself.
func driver(t *testing.T, name string) provider.Driver {
	t.Helper()
	d, err := ddInfo(t, name).New(ddSettings())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func set(hostname string, addr netip.Addr) provider.RecordSet {
	s := provider.RecordSet{Hostname: hostname, Type: "A", Addrs: []netip.Addr{addr}}
	if addr.Is6() {
		s.Type = "AAAA"
	}
	return s
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// refusalsIn are the refusals in an error, by hostname and type.
func refusalsIn(err error) map[string]provider.Result {
	out := map[string]provider.Result{}
	var walk func(error)
	walk = func(err error) {
		switch e := err.(type) {
		case *provider.Refusal:
			out[e.Hostname+" "+e.Type] = e.Result
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				walk(inner)
			}
		default:
			if inner := errors.Unwrap(err); inner != nil {
				walk(inner)
			}
		}
	}
	if err != nil {
		walk(err)
	}
	return out
}
