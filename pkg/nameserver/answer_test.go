package nameserver_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/wandns/wandns/pkg/nameserver"
)

const id = 0x1234

var asked = dnsmessage.Question{Name: dnsmessage.MustNewName("home.example.test."), Type: dnsmessage.TypeAAAA, Class: dnsmessage.ClassINET}

func rr(name string, body dnsmessage.ResourceBody) dnsmessage.Resource {
	return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name), Class: dnsmessage.ClassINET, TTL: 60}, Body: body}
}

func aaaa(s string) *dnsmessage.AAAAResource {
	return &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr(s).As16()}
}

func ns(host string) *dnsmessage.NSResource {
	return &dnsmessage.NSResource{NS: dnsmessage.MustNewName(host)}
}

func pack(t testing.TB, change func(*dnsmessage.Message)) []byte {
	t.Helper()
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: id, Response: true, Authoritative: true},
		Questions: []dnsmessage.Question{asked},
	}
	change(&m)
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var answers = []struct {
	name, word string
	addrs      int
	change     func(*dnsmessage.Message)
}{
	{"no-data", "authoritative", 0, func(*dnsmessage.Message) {}},
	{"no-such-name", "authoritative", 0, func(m *dnsmessage.Message) { m.RCode = dnsmessage.RCodeNameError }},
	{"two-and-one-twice", "authoritative", 2, func(m *dnsmessage.Message) {
		m.Answers = []dnsmessage.Resource{rr("HOME.example.test.", aaaa("2001:db8::2")), rr("home.example.test.", aaaa("2001:db8::1")), rr("home.example.test.", aaaa("2001:db8::2"))}
	}},
	{"addresses-of-another-name", "authoritative", 0, func(m *dnsmessage.Message) {
		m.Answers = []dnsmessage.Resource{rr("bank.example.test.", aaaa("2001:db8::2"))}
	}},
	{"addresses-of-another-type", "authoritative", 0, func(m *dnsmessage.Message) {
		m.Answers = []dnsmessage.Resource{rr("home.example.test.", &dnsmessage.AResource{})}
	}},
	{"ipv4-in-ipv6", "malformed", 0, func(m *dnsmessage.Message) {
		m.Answers = []dnsmessage.Resource{rr("home.example.test.", aaaa("::ffff:192.0.2.1"))}
	}},
	{"alias", "alias", 0, func(m *dnsmessage.Message) {
		m.Answers = []dnsmessage.Resource{rr("home.example.test.", &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName("x.test.")}), rr("x.test.", aaaa("2001:db8::2"))}
	}},
	{"alias-to-nothing", "alias", 0, func(m *dnsmessage.Message) {
		m.RCode = dnsmessage.RCodeNameError
		m.Answers = []dnsmessage.Resource{rr("home.example.test.", &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName("x.test.")})}
	}},
	{"from-a-cache", "lame", 0, func(m *dnsmessage.Message) {
		m.Authoritative = false
		m.Answers = []dnsmessage.Resource{rr("home.example.test.", aaaa("2001:db8::2"))}
	}},
	{"nothing-without-authority", "lame", 0, func(m *dnsmessage.Message) { m.Authoritative = false }},
	{"referral-to-the-root", "lame", 0, func(m *dnsmessage.Message) {
		m.Authoritative = false
		m.Authorities = []dnsmessage.Resource{rr(".", ns("a.root."))}
	}},
	{"referral-elsewhere", "lame", 0, func(m *dnsmessage.Message) {
		m.Authoritative = false
		m.Authorities = []dnsmessage.Resource{rr("bank.test.", ns("a.bank.test."))}
	}},
	{"referral", "referral", 0, referralTo},
	{"refused", "lame", 0, func(m *dnsmessage.Message) { m.RCode = dnsmessage.RCodeRefused }},
	{"server-failure", "lame", 0, func(m *dnsmessage.Message) { m.RCode = dnsmessage.RCodeServerFailure }},
	{"too-old-for-edns", "format error", 0, func(m *dnsmessage.Message) { m.RCode, m.Questions = dnsmessage.RCodeFormatError, nil }},
	{"cut", "truncated", 0, func(m *dnsmessage.Message) { m.Truncated = true }},
	{"another-id", "passed over", 0, func(m *dnsmessage.Message) { m.ID++ }},
	{"a-query", "passed over", 0, func(m *dnsmessage.Message) { m.Response = false }},
	{"an-update", "passed over", 0, func(m *dnsmessage.Message) { m.OpCode = 5 }},
	{"another-class", "passed over", 0, func(m *dnsmessage.Message) { m.Questions[0].Class = dnsmessage.ClassCHAOS }},
	{"two-questions", "passed over", 0, func(m *dnsmessage.Message) { m.Questions = append(m.Questions, asked) }},
}

func referralTo(m *dnsmessage.Message) {
	m.Questions = []dnsmessage.Question{asked}
	m.Authoritative = false
	m.Authorities = []dnsmessage.Resource{
		rr("example.test.", ns("ns.example.test.")), rr("example.test.", ns("ns.elsewhere.test.")), rr("test.", ns("ns.test.")),
	}
	m.Additionals = []dnsmessage.Resource{
		rr("ns.example.test.", aaaa("2001:db8::53")), rr("ns.elsewhere.test.", aaaa("2001:db8::bad")), rr("www.example.test.", aaaa("2001:db8::bad")),
	}
}

func TestAnswer_what_it_means(t *testing.T) {
	for _, c := range answers {
		t.Run(c.name, func(t *testing.T) {
			word, addrs := nameserver.ParseAnswer(pack(t, c.change), id, asked)
			if word != c.word || len(addrs) != c.addrs || !slices.IsSortedFunc(addrs, netip.Addr.Compare) {
				t.Errorf("%s %v, want %s and %d addresses", word, addrs, c.word, c.addrs)
			}
		})
	}
}

func TestAnswer_referral_believes_glue_of_the_zone_alone(t *testing.T) {
	zone, hosts, glue := nameserver.ReferralOf(pack(t, referralTo), id, asked)
	if zone != "example.test." || len(hosts) != 2 || glue != 1 {
		t.Errorf("%s %v, %d with glue", zone, hosts, glue)
	}
}

func TestResolver_remembers_a_bounded_number_of_zones(t *testing.T) {
	r := nameserver.New(nameserver.Options{})
	for i := range 500 {
		r.Remember(fmt.Sprintf("z%d.test.", i), netip.MustParseAddr("192.0.2.1"))
	}
	if n := r.Remembered(); n != 64 {
		t.Errorf("%d zones", n)
	}
}

func FuzzAnswer(f *testing.F) {
	for _, c := range answers {
		f.Add(pack(f, c.change))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		word, addrs := nameserver.ParseAnswer(msg, id, asked)
		if len(addrs) > 0 && word != "authoritative" {
			t.Errorf("addresses from a message that is %s", word)
		}
		for i, a := range addrs {
			if !a.Is6() || a.Is4In6() || i > 0 && addrs[i-1].Compare(a) >= 0 {
				t.Errorf("addresses %v", addrs)
			}
		}
	})
}
