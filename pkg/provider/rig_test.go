package provider_test

import (
	"context"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

var _ publish.Service = (*provider.Service)(nil)

const (
	cfToken   = "Sn3l-ZJTBX6kkg7OdcBUAxOO963GEIyGQqnFTOFYY"
	duckToken = "a7c4d0ad-114e-40ef-ba1d-d217904a50f2"
)

// rig is the doubles behind real TLS on port 443 of an empty network, and egress as the router
// has it. Call it only where lab.Alone said so.
type rig struct {
	t     *testing.T
	front *double.Front
	cf    *double.Cloudflare
	duck  *double.DuckDNS
	ca    string
}

// wholeTime is how long an exchange may take: short, since some tests wait for its end.
const wholeTime = 3 * time.Second

func newRig(t *testing.T) *rig {
	t.Helper()
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, ca: filepath.Join(t.TempDir(), "ca.pem")}
	if err := os.WriteFile(r.ca, ca.Bundle(), 0o600); err != nil {
		t.Fatal(err)
	}
	r.cf = double.NewCloudflare(cfToken, "example.org", "sub.example.org", "example.co.uk", "xn--bcher-kva.example")
	r.duck = double.NewDuckDNS(duckToken, "myhome", "other")
	r.front = double.NewFront(ca, r.cf, r.duck)
	if err := lab.ReplaceFile("/etc/hosts", r.front.HostsFile("127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	if err := r.front.Listen("127.0.0.1:443"); err != nil {
		t.Fatal(err)
	}
	out := egress.New(egress.Options{UserAgent: "wandns/test", Whole: wholeTime})
	http.DefaultTransport = out
	t.Cleanup(func() {
		out.Release()
		if err := r.front.Close(); err != nil {
			t.Error(err)
		}
		for _, c := range r.front.Complaints() {
			t.Error("complaint:", c)
		}
	})
	return r
}

func (r *rig) open(name string, settings map[string]string) *provider.Service {
	r.t.Helper()
	s := provider.Settings{}
	for k, v := range settings {
		s[k] = provider.NewSecret(v)
	}
	svc, err := provider.Open(provider.Lookup(name), s, egress.Path{CAFile: r.ca})
	if err != nil {
		r.t.Fatal(err)
	}
	return svc
}

func (r *rig) cloudflare() *provider.Service {
	return r.open("cloudflare", map[string]string{"token": cfToken})
}

func (r *rig) duckdns() *provider.Service {
	return r.open("duckdns", map[string]string{"token": duckToken})
}

// want builds a record set of "A home.example.org 192.88.99.7 ...".
func want(words string) provider.RecordSet {
	f := strings.Fields(words)
	s := provider.RecordSet{Type: f[0], Hostname: f[1]}
	for _, a := range f[2:] {
		s.Addrs = append(s.Addrs, netip.MustParseAddr(a))
	}
	return s
}

func wants(words ...string) []provider.RecordSet {
	var out []provider.RecordSet
	for _, w := range words {
		out = append(out, want(w))
	}
	return out
}

func publishOne(t *testing.T, s *provider.Service, words string) provider.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	res := s.Set(ctx, "", wants(words))
	if len(res) != 1 {
		t.Fatalf("%d results for one set", len(res))
	}
	presentable(t, res[0])
	return res[0]
}

// presentable checks what every result promises.
func presentable(t *testing.T, r provider.Result) {
	t.Helper()
	if len(r.Text) > 300 || len(r.Word) > 64 || strings.TrimSpace(r.Text) == "" {
		t.Errorf("text of %d bytes, word of %d: %q", len(r.Text), len(r.Word), r.Text)
	}
	for _, bad := range []string{cfToken, duckToken, "<", "\n", "\x1b", "\x00"} {
		if strings.Contains(r.Text+r.Word, bad) {
			t.Errorf("the result shows %q: %q %q", bad, r.Word, r.Text)
		}
	}
}

// asked is the requests as "GET /path", in order.
func asked(s double.Service) []string {
	var out []string
	for _, r := range s.Requests() {
		out = append(out, r.Method+" "+r.Path)
	}
	return out
}
