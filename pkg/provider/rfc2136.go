//go:build !minimal && !no_rfc2136

package provider

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/libdns/libdns"

	"github.com/wandns/wandns/pkg/dnsupdate"
	"github.com/wandns/wandns/pkg/egress"
)

// newTTL is that of a record set that did not exist, unless the record says another.
const newTTL = 5 * time.Minute

// rfc2136Info is the owner's own name server. libdns has a module for it, which reads by zone
// transfer, gives the records of a set one by one, and weighs 110 KB (xz) with all of miekg/dns.
var rfc2136Info = Info{
	Name:    "rfc2136",
	Title:   "DNS UPDATE (RFC 2136)",
	Website: "https://www.isc.org/bind/",
	Docs:    "https://www.rfc-editor.org/rfc/rfc2136",
	Options: []Option{
		{
			Name: "server", Title: "Server", Kind: Text, Required: true, Check: checkNameServer,
			Help: "Primary name server of the zone (BIND, Knot, PowerDNS, …) that takes updates, as host, host:port or [IPv6]:port; the port is 53 when it is not given.",
		},
		{
			Name: "key_name", Title: "Key name", Kind: Text, Check: checkKeyName,
			Help: "Name of the TSIG key as the server calls it. Without a key the server has to know the router by its address.",
		},
		{
			Name: "key_algorithm", Title: "Key algorithm", Kind: Choice, Default: "hmac-sha256",
			Values: []string{"hmac-sha256", "hmac-sha512", "hmac-sha384", "hmac-sha224", "hmac-sha1"},
			Help:   "As the server has it for this key.",
		},
		{
			Name: "key_secret", Title: "Key secret", Kind: Text, Secret: true, Check: checkKeySecret,
			Help: "The key itself in base64, as tsig-keygen or keymgr print it.",
		},
		zoneOption,
		{
			Name: "transport", Title: "Transport", Kind: Choice, Default: "tcp", Values: []string{"tcp", "udp"},
			Help: "tcp says for certain whether the server got an update; udp is for a server that cannot be reached by TCP.",
		},
	},
	RecordOptions: []Option{{Name: "ttl", Title: "TTL", Kind: Duration, Min: "1s", Max: "7d",
		Help: "How long resolvers may keep the address. Without it the name keeps the TTL that it has, and a new one gets 5m."}},
	Limits: Limits{CanDelete: true, CanTest: true},
	New:    newRFC2136,
}

var _ = add(&rfc2136Info)

func checkNameServer(server string) error {
	host, port, err := net.SplitHostPort(withPort(server))
	n, bad := strconv.ParseUint(port, 10, 16)
	if err != nil || bad != nil || n == 0 || host == "" || strings.ContainsAny(host, "/@ []") {
		return errors.New("a server is written like ns1.example.org, 192.88.99.1:5353 or [2001:db8::1]:53")
	}
	return nil
}

// withPort is a server with its port.
func withPort(server string) string {
	_, err := netip.ParseAddr(server)
	switch {
	case err == nil, !strings.Contains(server, ":"):
		return net.JoinHostPort(server, "53")
	case strings.HasPrefix(server, "[") && strings.HasSuffix(server, "]"):
		return server + ":53"
	}
	return server
}

func checkKeyName(name string) error {
	if len(name) > 253 {
		return errors.New("a key's name is a domain name: it has at the most 253 characters")
	}
	for _, label := range strings.Split(strings.TrimSuffix(name, "."), ".") {
		if label == "" || len(label) > 63 || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return errors.New("a key's name is a domain name like router-key or key.example.org")
		}
	}
	return nil
}

func checkKeySecret(secret string) error {
	if key, err := base64.StdEncoding.DecodeString(secret); err != nil || len(key) == 0 {
		return errors.New("a key is base64, like the secret in the server's configuration without its quotes")
	}
	return nil
}

// rfc2136Driver lets a name server be a Driver. Every answer comes as a Refusal, the good ones too:
// nothing here is HTTP, which others judge by.
type rfc2136Driver struct {
	server *dnsupdate.Server
	zone   string // by option; empty: asked for
}

func newRFC2136(s Settings) (Driver, error) {
	d := &rfc2136Driver{
		server: &dnsupdate.Server{Addr: withPort(s.Get("server")), Dial: egress.Dial, UDP: s.Get("transport") == "udp"},
		zone:   strings.ToLower(strings.Trim(s.Get("zone"), ".")),
	}
	name, secret := s.Get("key_name"), s.Get("key_secret")
	switch {
	case name == "" && secret == "":
		return d, nil
	case name == "":
		return nil, errors.New("option key_name is missing: a key has a name")
	case secret == "":
		return nil, errors.New("option key_secret is missing: a key has a secret")
	}
	key, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		return nil, errors.New("option key_secret is no base64")
	}
	algorithm := s.Get("key_algorithm")
	if algorithm == "" {
		algorithm = "hmac-sha256"
	}
	d.server.Key = &dnsupdate.Key{Name: name, Algorithm: algorithm, Secret: key}
	return d, nil
}

// FindZone asks the server for the SOA record above the name.
func (d *rfc2136Driver) FindZone(ctx context.Context, hostname string) (string, error) {
	if d.zone == "" {
		zone, err := d.server.Zone(ctx, hostname)
		return zone, explainDNS(err, false)
	}
	if !under(hostname, d.zone) {
		return "", refuseRequest(hostname, "%s is not in the zone %s of the account's option zone", hostname, d.zone)
	}
	return d.zone, nil
}

// ReadSet asks the server itself, which has no cache.
func (d *rfc2136Driver) ReadSet(ctx context.Context, zone, name, rrtype string) ([]netip.Addr, error) {
	addrs, _, err := d.server.Read(ctx, absolute(name, zone), rrtype)
	if err != nil {
		return nil, explainDNS(err, false)
	}
	return addrs, confirmedDNS(false)
}

// TestLogin asks the server something, signed.
func (d *rfc2136Driver) TestLogin(ctx context.Context) error {
	zone := d.zone
	if zone == "" {
		zone = "."
	}
	err := d.server.Ping(ctx, zone)
	var refused *dnsupdate.Refused
	switch {
	case err == nil:
		return confirmedDNS(false)
	case !errors.As(err, &refused) || refused.TSIG != 0:
		return explainDNS(err, false)
	case refused.Unsigned:
		return &Refusal{Result: Result{NotSent: true, Text: "the name server does not look at the key of a question about no zone of its own: give the option zone to test it"}}
	}
	return confirmedDNS(false) // it knows the key, and has no such zone
}

// SetRecords replaces the one record set that the records are of.
func (d *rfc2136Driver) SetRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	var addrs []netip.Addr
	for _, r := range recs {
		a, ok := r.(libdns.Address)
		if !ok || a.Name != recs[0].RR().Name || a.RR().Type != recs[0].RR().Type {
			return nil, errors.New("only the addresses of one name and type can be published")
		}
		addrs = append(addrs, a.IP)
	}
	if len(addrs) == 0 {
		return nil, nil
	}
	rr := recs[0].RR()
	ttl := rr.TTL
	if ttl == 0 {
		_, old, err := d.server.Read(ctx, absolute(rr.Name, zone), rr.Type)
		if err != nil {
			return nil, explainDNS(err, false)
		}
		if ttl = time.Duration(old) * time.Second; ttl == 0 {
			ttl = newTTL
		}
	}
	return recs, d.replace(ctx, zone, rr.Name, rr.Type, addrs, ttl)
}

// DeleteRecords deletes whole record sets.
func (d *rfc2136Driver) DeleteRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	var err error
	for _, r := range recs {
		rr := r.RR()
		if err = d.replace(ctx, zone, rr.Name, rr.Type, nil, 0); err != nil && !already(err) {
			break
		}
	}
	return recs, err
}

func (d *rfc2136Driver) replace(ctx context.Context, zone, name, rrtype string, addrs []netip.Addr, ttl time.Duration) error {
	err := d.server.Replace(ctx, zone, absolute(name, zone), rrtype, addrs, uint32(ttl/time.Second))
	if err == nil {
		return confirmedDNS(true)
	}
	return explainDNS(err, true)
}

func confirmedDNS(sent bool) error {
	return &Refusal{Result: Result{Outcome: Confirmed, Sent: sent, Word: "NOERROR", Text: "the name server confirmed"}}
}

// rfc2136Words are what a server's answers mean.
var rfc2136Words = []struct {
	word    string
	outcome Outcome
	whole   bool
	advice  string
}{
	{"BADSIG", RefusedCredentials, true, "the key's secret is not the one that the server has"},
	{"BADKEY", RefusedCredentials, true, "the server does not know a key of that name and algorithm"},
	{"BADTIME", Trouble, true, "the clocks of the router and the server differ by more than five minutes"},
	{"REFUSED", RefusedCredentials, false, "the server does not serve the name, or does not let this key change it"},
	{"NOTAUTH", RefusedRequest, false, "the server is no primary of a zone that holds the name, or wants a key"},
	{"NOTZONE", RefusedRequest, false, "the name is not in the zone"},
	{"YXRRSET", RefusedRequest, false, "a CNAME stands at the name: delete it"},
	{"NOTIMP", RefusedRequest, true, "the server takes no updates"},
	{"FORMERR", RefusedRequest, true, "the server does not understand updates"},
	{"SERVFAIL", Trouble, false, "the server has a fault of its own: its log says which"},
}

// explainDNS is an error of the server as a Refusal; wrote: of an update, not of a question.
func explainDNS(err error, wrote bool) error {
	var refused *dnsupdate.Refused
	var failed *dnsupdate.Failed
	switch {
	case errors.As(err, &refused):
		return refusedDNS(refused, wrote)
	case errors.As(err, &failed) && failed.Sent && wrote:
		return &Refusal{Result: Result{Outcome: Unknown, Sent: true, Text: "the name server was asked but its answer was lost: " + failed.Error()}}
	case errors.As(err, &failed):
		return &Refusal{Result: Result{Outcome: Trouble, Text: "the name server could not be asked: " + failed.Error()}}
	}
	return err
}

func refusedDNS(r *dnsupdate.Refused, wrote bool) error {
	res := Result{Outcome: RefusedRequest, Sent: wrote, Word: r.Word(), Text: "the server does not accept the update"}
	for _, w := range rfc2136Words {
		if w.word == res.Word {
			res.Outcome, res.Whole, res.Text = w.outcome, w.whole, w.advice
		}
	}
	if !r.Clock.IsZero() {
		res.Text += "; the server's says " + r.Clock.UTC().Format("2006-01-02 15:04 UTC")
	}
	res.Text = "the name server says " + res.Word + ": " + res.Text
	return &Refusal{Result: res}
}
