package egress_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/scripts/lab"
)

// authority signs other certificates; several may have one name, as cross-signed ones do.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

var serial atomic.Int64

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// certify makes a certificate for a key; by nil means by itself.
func certify(t testing.TB, by *authority, name string, key crypto.Signer, change func(*x509.Certificate)) *authority {
	t.Helper()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(serial.Add(1)), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if change != nil {
		change(c)
	}
	if by == nil {
		by = &authority{c, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by.cert, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{parsed, key}
}

func server(names ...string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.IsCA, c.DNSNames, c.ExtKeyUsage = false, names, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
}

func expired(c *x509.Certificate) { c.NotAfter = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }

func pemOf(list ...*authority) (text []byte) {
	for _, a := range list {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})...)
	}
	return text
}

// Whatever a service shows and whatever the bundle holds, the verdict is that of the standard
// library with the whole bundle.
func TestVerify_judges_as_the_standard_library(t *testing.T) {
	system, err := os.ReadFile(systemBundle)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	rootKey, newRootKey, middleKey, key := newKey(t), newKey(t), newKey(t), newKey(t)
	root := certify(t, nil, "root", rootKey, nil)
	newRoot := certify(t, nil, "new root", newRootKey, nil)
	namesake := certify(t, nil, "root", newKey(t), nil) // the same name, another key
	oldRoot := certify(t, nil, "root", rootKey, expired)
	cross := certify(t, root, "new root", newRootKey, nil) // new root, vouched for by the old
	middle := certify(t, root, "middle", middleKey, nil)
	newMiddle := certify(t, newRoot, "middle", middleKey, nil)
	oldMiddle := certify(t, root, "middle", middleKey, expired)
	leaf := certify(t, middle, "leaf", key, server("home.example.org", "*.w.example.org"))
	direct := certify(t, root, "leaf", key, server("home.example.org"))
	self := certify(t, nil, "self", key, server("home.example.org"))
	noServer := certify(t, middle, "leaf", key, func(c *x509.Certificate) {
		server("home.example.org")(c)
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	})
	limited := certify(t, root, "middle", middleKey, func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example.net"} })
	noCA := certify(t, root, "middle", middleKey, func(c *x509.Certificate) { c.IsCA = false })

	const home = "home.example.org"
	type list = []*authority
	for _, c := range []struct {
		name          string
		host          string
		shown, bundle list
		good          bool
	}{
		{"intermediate", home, list{leaf, middle}, list{newRoot, root}, true},
		{"directly-under-the-root", home, list{direct}, list{root}, true},
		{"root-shown-too", home, list{leaf, middle, root}, list{root}, true},
		{"in-any-order", home, list{leaf, newRoot, middle}, list{root}, true},
		{"intermediate-missing", home, list{leaf}, list{root}, false},
		{"intermediate-in-the-bundle", home, list{leaf}, list{middle}, true},
		{"intermediate-and-root-in-the-bundle", home, list{leaf, middle}, list{middle, root}, true},
		{"unknown-authority", home, list{leaf, middle}, list{newRoot}, false},
		{"shown-root-is-not-trusted", home, list{leaf, middle, root}, list{newRoot}, false},
		{"namesake-of-the-root-only", home, list{leaf, middle}, list{namesake}, false},
		{"namesake-of-the-root-first", home, list{leaf, middle}, list{namesake, root}, true},
		{"root-expired", home, list{leaf, middle}, list{oldRoot}, false},
		{"root-renewed", home, list{leaf, middle}, list{oldRoot, root}, true},
		{"intermediate-expired", home, list{leaf, oldMiddle}, list{root}, false},
		{"intermediate-expired-and-renewed", home, list{leaf, oldMiddle, middle}, list{root}, true},
		{"cross-signed-old-root-known", home, list{leaf, newMiddle, cross}, list{root}, true},
		{"cross-signed-new-root-known", home, list{leaf, newMiddle, cross}, list{newRoot}, true},
		{"cross-signed-both-known", home, list{leaf, newMiddle, cross}, list{newRoot, root}, true},
		{"cross-signed-none-known", home, list{leaf, newMiddle, cross}, list{namesake}, false},
		{"self-signed-in-the-bundle", home, list{self}, list{self}, true},
		{"self-signed", home, list{self}, list{root}, false},
		{"leaf-itself-in-the-bundle", home, list{leaf}, list{leaf}, true},
		{"another-name", "other.example.org", list{leaf, middle}, list{root}, false},
		{"wildcard", "a.w.example.org", list{leaf, middle}, list{root}, true},
		{"wildcard-two-labels", "a.b.w.example.org", list{leaf, middle}, list{root}, false},
		{"literal-address", "127.0.0.1", list{leaf, middle}, list{root}, true},
		{"another-literal-address", "127.0.0.2", list{leaf, middle}, list{root}, false},
		{"not-for-servers", home, list{noServer, middle}, list{root}, false},
		{"name-constraint", home, list{leaf, limited}, list{root}, false},
		{"intermediate-is-no-authority", home, list{leaf, noCA}, list{root}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := append(pemOf(c.bundle...), system...)
			bundle := filepath.Join(t.TempDir(), "bundle")
			if err := os.WriteFile(bundle, text, 0o644); err != nil {
				t.Fatal(err)
			}
			var shown []*x509.Certificate
			for _, a := range c.shown {
				shown = append(shown, a.cert)
			}
			pool, inter := x509.NewCertPool(), x509.NewCertPool()
			pool.AppendCertsFromPEM(text)
			for _, s := range shown[1:] {
				inter.AddCert(s)
			}
			_, want := shown[0].Verify(x509.VerifyOptions{DNSName: c.host, Roots: pool, Intermediates: inter, CurrentTime: now})
			_, got := egress.VerifyChain(bundle, c.host, shown, now)
			if (want == nil) != c.good || reflect.TypeOf(got) != reflect.TypeOf(want) {
				t.Errorf("%v, the standard library says %v; good: %v", got, want, c.good)
			}
			var g, w x509.CertificateInvalidError
			if errors.As(want, &w) && (!errors.As(got, &g) || g.Reason != w.Reason) {
				t.Errorf("%v, the standard library says %v", got, want)
			}
		})
	}
}

// A service renews its certificate. What was good before, in a ticket or from memory, does not
// outlive the dates of the old one, and does not stand in the way of the new.
func TestVerify_memory_ends_with_the_certificate(t *testing.T) {
	var now atomic.Pointer[time.Time]
	set := func(day int) {
		at := time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC)
		now.Store(&at)
	}
	set(1)
	r := newRig(t, egress.Options{Now: func() time.Time { return *now.Load() }})
	s := r.serveAs(lab.Validity{NotBefore: now.Load().AddDate(-1, 0, 0), NotAfter: now.Load().AddDate(0, 0, 5)},
		func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }, "127.0.0.1")
	get := func() error {
		r.egress.Release()
		_, err := r.get(&egress.Call{}, s.URL)
		return err
	}
	for range 3 {
		if err := get(); err != nil {
			t.Fatal(err)
		}
	}
	if s.resumed.Load() != 2 {
		t.Fatalf("%d of 2 resumed", s.resumed.Load())
	}
	set(10)
	call := &egress.Call{}
	r.egress.Release()
	if _, err := r.get(call, s.URL); err == nil {
		t.Fatal("an expired certificate was good because it had been")
	}
	wantFailure(t, last(t, call), egress.ClockWrong, "expired")
	renewed, err := r.ca.Issue(lab.Validity{}, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	s.TLS.Certificates[0] = renewed
	if err := get(); err != nil || s.resumed.Load() != 2 {
		t.Fatalf("after renewal: %v, %d resumed", err, s.resumed.Load())
	}
	set(1) // and back: what has begun counts again, the ticket is of the new one
	if err := get(); err != nil {
		t.Fatal(err)
	}
}

// A chain is remembered for one host: on the same address another name is judged anew.
func TestVerify_memory_is_for_one_host(t *testing.T) {
	r := newRig(t, egress.Options{})
	s := r.serveAs(lab.Validity{}, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }, "127.0.0.1")
	if _, err := r.get(&egress.Call{}, s.URL); err != nil {
		t.Fatal(err)
	}
	call := &egress.Call{}
	if _, err := r.get(call, strings.Replace(s.URL, "127.0.0.1", "localhost", 1)); err == nil {
		t.Fatal("a certificate for 127.0.0.1 was good for localhost")
	}
	wantFailure(t, last(t, call), egress.TLS, "another name")
}

// With an https:// proxy there are two certificates: the proxy's and, inside, the service's.
// Each must be for its own name.
func TestVerify_proxy_and_service_each_by_its_name(t *testing.T) {
	for _, c := range []struct {
		name, proxy, service string
		words                string // of the refusal
	}{
		{"both-right", "127.0.0.1", "localhost", ""},
		{"the-services-certificate-is-the-proxys", "127.0.0.1", "127.0.0.1", "another name"},
		{"the-proxys-certificate-is-the-services", "localhost", "localhost", "another name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, egress.Options{})
			cert, err := r.ca.Issue(lab.Validity{}, c.proxy)
			if err != nil {
				t.Fatal(err)
			}
			l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			var tunnels atomic.Int64
			go func() {
				for {
					nc, err := l.Accept()
					if err != nil {
						return
					}
					go tunnelTLS(nc, &tunnels)
				}
			}()
			s := r.serveAs(lab.Validity{}, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }, c.service)
			call := &egress.Call{Path: egress.Path{Proxy: mustURL(t, "https://me:open-sesame@"+l.Addr().String())}}
			got, err := r.get(call, strings.Replace(s.URL, "127.0.0.1", "localhost", 1))
			if c.words == "" {
				if err != nil || got != "ok" || tunnels.Load() != 1 {
					t.Fatalf("%q, %v, %d tunnels", got, err, tunnels.Load())
				}
				return
			}
			if err == nil {
				t.Fatal("no error")
			}
			wantFailure(t, last(t, call), egress.TLS, c.words)
		})
	}
}

// tunnelTLS is tunnel for a connection that cannot half-close.
func tunnelTLS(outer net.Conn, tunnels *atomic.Int64) {
	inner, ours := net.Pipe()
	go func() { io.Copy(ours, outer); ours.Close() }()
	go func() { io.Copy(outer, ours); outer.Close() }()
	tunnel(inner, tunnels)
}

// Through a real handshake, for good measure: the whole path against net/http's own client.
func TestVerify_handshake_as_net_http(t *testing.T) {
	root := certify(t, nil, "root", newKey(t), nil)
	middle := certify(t, root, "middle", newKey(t), nil)
	leaf := certify(t, middle, "leaf", newKey(t), server("localhost"))
	for _, c := range []struct {
		name  string
		shown []*authority
		trust *authority
	}{
		{"good", []*authority{leaf, middle}, root},
		{"intermediate-missing", []*authority{leaf}, root},
		{"unknown", []*authority{leaf, middle}, certify(t, nil, "stranger", newKey(t), nil)},
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			t.Run(fmt.Sprint(c.name, "-", tls.VersionName(version)), func(t *testing.T) {
				s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
				pair := tls.Certificate{PrivateKey: leaf.key}
				for _, a := range c.shown {
					pair.Certificate = append(pair.Certificate, a.cert.Raw)
				}
				s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: version}
				s.Config.ErrorLog = quiet()
				s.StartTLS()
				defer s.Close()
				bundle := filepath.Join(t.TempDir(), "bundle")
				if err := os.WriteFile(bundle, pemOf(c.trust), 0o644); err != nil {
					t.Fatal(err)
				}
				pool := x509.NewCertPool()
				pool.AppendCertsFromPEM(pemOf(c.trust))
				plain := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
				defer plain.CloseIdleConnections()
				r := newRig(t, egress.Options{SystemCAFile: bundle})
				for range 3 { // from memory and by ticket too
					_, want := (&http.Client{Transport: plain}).Get(s.URL)
					_, got := r.get(&egress.Call{}, s.URL)
					if (got == nil) != (want == nil) {
						t.Errorf("%v, net/http says %v", got, want)
					}
					r.egress.Release()
					plain.CloseIdleConnections()
				}
			})
		}
	}
}
