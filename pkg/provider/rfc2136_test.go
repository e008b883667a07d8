//go:build !minimal

package provider_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
)

// nameServers are the real servers that updates are tried at.
var nameServers = map[string]func(string, lab.DNS) (*lab.NameServer, error){"bind": lab.StartBIND, "knot": lab.StartKnot}

const (
	dnsSecret   = "bDVV3mnUjAmGDCnsmrpRfLXA0Rmra0Y2xgiQYpq7e4w="
	otherSecret = "Vm9SYmpPQ2RqY2tqZGtqc2tkamZrc2Rqa2ZqZGtqZms="
)

var dnsKeys = []lab.TSIG{
	{Name: "router", Algorithm: "hmac-sha256", Secret: dnsSecret},
	{Name: "long.example.org", Algorithm: "hmac-sha512", Secret: dnsSecret},
}

// atNameServers runs a test against each real name server, with the zones example.org,
// sub.example.org and xn--bcher-kva.example.
func atNameServers(t *testing.T, f func(t *testing.T, n *lab.NameServer)) {
	for name, start := range nameServers {
		t.Run(name, func(t *testing.T) {
			n, err := start(t.TempDir(), lab.DNS{Address: "127.0.0.1", Keys: dnsKeys, Zones: map[string]string{
				"example.org": "@ NS ns\nns A 127.0.0.1\nnas 7200 A 192.88.99.9\n@ A 192.88.99.9\nwww CNAME nas\nelsewhere CNAME a.sub.example.org.\n" +
					"pair A 192.88.99.3\npair A 192.88.99.4\nnas TXT \"left alone\"\n",
				"sub.example.org": "@ NS ns.example.org.\n", "xn--bcher-kva.example": "@ NS ns.example.org.\n",
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer n.Stop()
			f(t, n)
		})
	}
}

// router opens an account with the key that may update, and options over those.
func router(t *testing.T, options ...string) *provider.Service {
	t.Helper()
	s := provider.Settings{"server": provider.NewSecret("127.0.0.1"), "key_name": provider.NewSecret("router"), "key_secret": provider.NewSecret(dnsSecret)}
	for i := 0; i < len(options); i += 2 {
		s[options[i]] = provider.NewSecret(options[i+1])
	}
	svc, err := provider.Open(provider.Lookup("rfc2136"), s, egress.Path{})
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

// serves is what the name server answers, asked by another client. A busy machine is asked again.
func serves(t *testing.T, name, rrtype string) (addrs []string, ttl uint32) {
	t.Helper()
	var err error
	for range 10 {
		if addrs, ttl, err = lab.Ask("127.0.0.1", name, rrtype); err == nil {
			return addrs, ttl
		}
	}
	t.Fatal(err)
	return nil, 0
}

func TestRFC2136_updates(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	atNameServers(t, func(t *testing.T, _ *lab.NameServer) {
		for _, transport := range []string{"tcp", "udp"} {
			for _, c := range []struct{ name, host, addrs string }{
				{"created", "home.example.org", "192.88.99.1"},
				{"ipv6", "home.example.org", "2002:c058:6307::1"},
				{"changed", "home.example.org", "192.88.99.2"},
				{"several", "home.example.org", "192.88.99.2 192.88.99.5 192.88.99.6"},
				{"several-become-one", "pair.example.org", "192.88.99.1"},
				{"apex", "example.org", "192.88.99.1"},
				{"wildcard", "*.example.org", "192.88.99.1"},
				{"beside-the-wildcard", "beside.example.org", "192.88.99.7"},
				{"longest-zone", "nas.sub.example.org", "192.88.99.1"},
				{"internationalised", "www.xn--bcher-kva.example", "192.88.99.1"},
				{"name-of-records-of-another-type", "nas.example.org", "2002:c058:6307::2"},
			} {
				t.Run(transport+"/"+c.name, func(t *testing.T) {
					svc := router(t, "transport", transport)
					rrtype := "A"
					if strings.Contains(c.addrs, ":") {
						rrtype = "AAAA"
					}
					res := publishOne(t, svc, rrtype+" "+c.host+" "+c.addrs)
					if res.Outcome != provider.Confirmed || !res.Sent || res.Word != "NOERROR" {
						t.Fatalf("%+v", res)
					}
					if got, _ := serves(t, c.host, rrtype); strings.Join(got, " ") != c.addrs {
						t.Errorf("serves %v, want %s", got, c.addrs)
					}
					if got, err := svc.Read(testContext(t), "", c.host, rrtype); err != nil || len(got) != len(strings.Fields(c.addrs)) {
						t.Errorf("reads %v, %v", got, err)
					}
				})
			}
		}
		svc := router(t)
		if got, _ := serves(t, "nas.example.org", "A"); !slices.Equal(got, []string{"192.88.99.9"}) {
			t.Errorf("the other family holds %v", got)
		}
		for range 2 { // the second time it is gone already
			if res := svc.Delete(testContext(t), "", "home.example.org", "A"); res.Outcome != provider.Confirmed {
				t.Errorf("deleting: %+v", res)
			}
		}
		if got, err := svc.Read(testContext(t), "", "home.example.org", "A"); err != nil || len(got) != 0 {
			t.Errorf("deleted, it holds %v, %v", got, err)
		}
		if got, err := svc.Read(testContext(t), "", "covered.example.org", "A"); err != nil || len(got) != 1 {
			t.Errorf("under the wildcard there is %v, %v", got, err)
		}
		if got, _ := serves(t, "home.example.org", "AAAA"); len(got) != 1 {
			t.Errorf("the other family holds %v", got)
		}
	})
}

func TestRFC2136_ttl(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	atNameServers(t, func(t *testing.T, _ *lab.NameServer) {
		svc := router(t)
		for _, c := range []struct {
			name, host string
			asked      time.Duration
			want       uint32
		}{
			{"new", "new.example.org", 0, 300},
			{"kept", "nas.example.org", 0, 7200},
			{"asked", "nas.example.org", time.Minute, 60},
			{"kept-as-asked", "nas.example.org", 0, 60},
		} {
			set := want("A " + c.host + " 192.88.99.1")
			set.Extras.TTL = c.asked
			if res := svc.Set(testContext(t), "", []provider.RecordSet{set})[0]; res.Outcome != provider.Confirmed {
				t.Fatalf("%s: %+v", c.name, res)
			}
			if _, ttl := serves(t, c.host, "A"); ttl != c.want {
				t.Errorf("%s: TTL %d, want %d", c.name, ttl, c.want)
			}
		}
	})
}

func TestRFC2136_refusals(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	atNameServers(t, func(t *testing.T, n *lab.NameServer) {
		for _, c := range []struct {
			name, host string
			options    []string
			want       provider.Outcome
			whole      bool
			says       string
		}{
			{"wrong-secret", "home.example.org", []string{"key_secret", otherSecret}, provider.RefusedCredentials, true, "BADSIG"},
			{"unknown-key", "home.example.org", []string{"key_name", "nobody"}, provider.RefusedCredentials, true, "BADKEY"},
			{"wrong-algorithm", "home.example.org", []string{"key_algorithm", "hmac-sha512"}, provider.RefusedCredentials, true, "BADKEY"},
			{"another-algorithm-that-may-not", "home.example.org", []string{"key_name", "Long.Example.Org.", "key_algorithm", "hmac-sha512"}, provider.RefusedCredentials, false, "this key|does not know"},
			{"without-a-key", "home.example.org", []string{"key_name", "", "key_secret", ""}, provider.RefusedCredentials, false, "this key|wants a key"},
			{"zone-not-served", "home.example.net", nil, provider.RefusedCredentials, false, "REFUSED"},
			{"zone-not-served-by-option", "home.example.net", []string{"zone", "example.net"}, provider.RefusedCredentials, false, "REFUSED"},
			{"zone-that-is-none", "a.b.example.org", []string{"zone", "b.example.org"}, provider.RefusedRequest, false, "NOTAUTH"},
			{"not-in-the-option's-zone", "home.example.net", []string{"zone", "example.org"}, provider.RefusedRequest, false, "not in the zone"},
			{"alias", "www.example.org", nil, provider.RefusedRequest, false, "CNAME"},
			{"alias-into-another-zone", "elsewhere.example.org", nil, provider.RefusedRequest, false, "CNAME"},
			{"no-such-server", "home.example.org", []string{"server", "ns.invalid"}, provider.Trouble, false, "could not be asked"},
			{"nobody-listens", "home.example.org", []string{"server", "127.0.0.1:5353"}, provider.Trouble, false, "refused"},
			{"nobody-listens-udp", "home.example.org", []string{"server", "127.0.0.1:5353", "transport", "udp"}, provider.Trouble, false, "refused"},
		} {
			t.Run(c.name, func(t *testing.T) {
				res := publishOne(t, router(t, c.options...), "A "+c.host+" 192.88.99.1")
				bind, knot, differ := strings.Cut(c.says, "|") // what each says, where they differ
				switch {
				case differ && !strings.Contains(res.Text, bind) && !strings.Contains(res.Text, knot):
					t.Errorf("%+v", res)
				case !differ && (res.Outcome != c.want || res.Whole != c.whole || !strings.Contains(res.Text, c.says)):
					t.Errorf("%+v", res)
				}
				for _, secret := range []string{dnsSecret, otherSecret} {
					if strings.Contains(res.Text, secret) {
						t.Errorf("shows the secret: %s", res.Text)
					}
				}
				if strings.HasSuffix(c.host, "example.org") && c.want != provider.Confirmed {
					if got, _ := serves(t, "home.example.org", "A"); len(got) != 0 {
						t.Errorf("serves %v", got)
					}
				}
			})
		}
		_, err := router(t).Read(testContext(t), "", "www.example.org", "A")
		var refusal *provider.Refusal
		if !errors.As(err, &refusal) || refusal.Result.Outcome != provider.RefusedRequest {
			t.Errorf("reading an alias: %v", err)
		}
		good := router(t, "zone", "example.org").Test(testContext(t), "")
		bad := router(t, "zone", "example.org", "key_secret", otherSecret).Test(testContext(t), "")
		if good.Outcome != provider.Confirmed || bad.Outcome != provider.RefusedCredentials {
			t.Errorf("test of the login: good %+v, bad %+v", good, bad)
		}
		n.Stop()
		if res := publishOne(t, router(t), "A home.example.org 192.88.99.1"); res.Outcome != provider.Trouble || res.Sent {
			t.Errorf("with the server down: %+v", res)
		}
	})
}

func TestRFC2136_leaves_by_its_device(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	atNameServers(t, func(t *testing.T, _ *lab.NameServer) {
		svc := router(t)
		res := svc.Set(testContext(t), "nowhere0", wants("A home.example.org 192.88.99.1"))[0]
		if res.Outcome != provider.Trouble || !strings.Contains(res.Text, "nowhere0") {
			t.Errorf("by a device that is not there: %+v", res)
		}
		if res := svc.Set(testContext(t), "lo", wants("A home.example.org 192.88.99.1"))[0]; res.Outcome != provider.Confirmed {
			t.Errorf("by lo: %+v", res)
		}
	})
}

func TestRFC2136_options(t *testing.T) {
	info := provider.Lookup("rfc2136")
	for _, c := range []struct {
		option, value string
		good          bool
	}{
		{"server", "ns1.example.org", true}, {"server", "ns1.example.org:5353", true}, {"server", "192.88.99.1", true},
		{"server", "2001:db8::1", true}, {"server", "[2001:db8::1]", true}, {"server", "[2001:db8::1]:53", true},
		{"server", "https://ns1.example.org", false}, {"server", "ns1.example.org:0", false}, {"server", "ns1.example.org:dns", false}, {"server", ":53", false},
		{"key_name", "router", true}, {"key_name", "Key.Example.org.", true}, {"key_name", "a b", false}, {"key_name", "a..b", false},
		{"key_secret", dnsSecret, true}, {"key_secret", "not base64!", false}, {"key_secret", "====", false},
	} {
		i := slices.IndexFunc(info.Options, func(o provider.Option) bool { return o.Name == c.option })
		if err := info.Options[i].Check(c.value); (err == nil) != c.good {
			t.Errorf("%s %q: %v", c.option, c.value, err)
		}
	}
	for _, half := range []map[string]string{{"key_name": "router"}, {"key_secret": dnsSecret}} {
		s := provider.Settings{"server": provider.NewSecret("127.0.0.1")}
		for k, v := range half {
			s[k] = provider.NewSecret(v)
		}
		if _, err := info.New(s); err == nil {
			t.Errorf("half a key is taken: %v", half)
		}
	}
}
