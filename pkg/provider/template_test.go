package provider_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// plainService is a service with a plain update URL: a token in the path, one family in each
// request, sentences as answers.
type plainService struct {
	double.Common
	answers map[string]string // by hostname
}

func (p *plainService) Hosts() []string { return []string{"plain.example.net"} }

func (p *plainService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.Serve(w, r, func(q double.Request) double.Reply {
		if got := r.URL.EscapedPath(); got != "/u/t%2Fo%20k%25en/" {
			p.Complain("path %s", got)
		}
		if q.Method != http.MethodPost || q.Header.Get("Authorization") != "Bearer t/o k%en" {
			p.Complain("%s with Authorization %q", q.Method, q.Header.Get("Authorization"))
		}
		return double.Reply{Body: p.answers[q.Query.Get("h")]}
	})
}

func plainTemplate() provider.Template {
	return provider.Template{
		Method: http.MethodPost, URL: "https://plain.example.net/u/{token}/?h={hostname}",
		IPv4: "&a={ipv4}", IPv6: "&aaaa={ipv6}", Authorization: "Bearer {token}",
		Answers: []provider.Answer{
			{Match: "Updated*", Outcome: provider.Confirmed, Text: "updated"},
			{Match: "*no change*", Outcome: provider.Confirmed, Unchanged: true, Text: "as it was"},
			{Match: "ERROR:*", Outcome: provider.RefusedRequest, Text: "refused"},
		},
	}
}

func TestTemplate_PlainURL(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	plain := &plainService{answers: map[string]string{
		"a.example.org": "updated 1 host", "b.example.org": "There was no change.", "c.example.org": "Error: not yours", "d.example.org": "not Updated",
	}}
	newDyndnsLab(t, plain)
	d, err := plainTemplate().Driver("Plain", 1, provider.Settings{"token": provider.NewSecret("t/o k%en")})
	if err != nil {
		t.Fatal(err)
	}
	recs, err := d.SetRecords(testContext(t), ".", records(
		set("a.example.org", ip4), set("a.example.org", ip6), set("b.example.org", ip4), set("c.example.org", ip4), set("d.example.org", ip4)))
	got := refusalsIn(err)
	if len(recs) != 3 || len(got) != 3 || !got["b.example.org "].Unchanged ||
		got["c.example.org "].Outcome != provider.RefusedRequest || got["d.example.org "].Outcome != provider.Trouble {
		t.Errorf("got %v, %v", recs, got)
	}
	var asked []string
	for _, r := range plain.Requests() {
		asked = append(asked, r.Query.Encode())
	}
	want := []string{
		"a=192.88.99.7&h=a.example.org", "aaaa=2001%3Adb8%3A1%3A%3A7&h=a.example.org",
		"a=192.88.99.7&h=b.example.org", "a=192.88.99.7&h=c.example.org", "a=192.88.99.7&h=d.example.org",
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

func TestTemplate_FamilyThatTheServiceDoesNotTake(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	plain := &plainService{answers: map[string]string{"a.example.org": "updated"}}
	newDyndnsLab(t, plain)
	tmpl := plainTemplate()
	tmpl.IPv6 = ""
	d, err := tmpl.Driver("Plain", 1, provider.Settings{"token": provider.NewSecret("t/o k%en")})
	if err != nil {
		t.Fatal(err)
	}
	recs, err := d.SetRecords(testContext(t), ".", records(set("a.example.org", ip6), set("a.example.org", ip4)))
	got := refusalsIn(err)["a.example.org AAAA"]
	if len(recs) != 1 || got.Outcome != provider.RefusedRequest || !got.NotSent || len(plain.Requests()) != 1 {
		t.Errorf("got %v, %+v after %d requests", recs, got, len(plain.Requests()))
	}
}

// An error on the way must not show the URL, which can hold the token.
func TestTemplate_ErrorsHideTheURL(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	plain := &plainService{}
	newDyndnsLab(t, plain)
	d, err := plainTemplate().Driver("Plain", 1, provider.Settings{"token": provider.NewSecret("t/o k%en")})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"reset-before-answer", "reset-in-body", "redirect-elsewhere", "http-500"} {
		plain.FailNext(double.Named(f))
		_, err := d.SetRecords(testContext(t), ".", records(set("a.example.org", ip4)))
		if err == nil || strings.Contains(err.Error(), "t%2F") || strings.Contains(err.Error(), "t/o") || !strings.Contains(err.Error(), "a.example.org") {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestTemplate_OptionsThatCannotBeSent(t *testing.T) {
	for name, token := range map[string]string{"missing": "", "line-end": "abc\r\nX-Evil: 1", "escape": "a\x1bb"} {
		_, err := plainTemplate().Driver("Plain", 1, provider.Settings{"token": provider.NewSecret(token)})
		if err == nil || !strings.Contains(err.Error(), "token") || (token != "" && strings.Contains(err.Error(), token)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDyndns2_Server(t *testing.T) {
	cases := []struct {
		server, want string // want: the URL up to the query; empty: refused
	}{
		{"dyn.example.net", "https://dyn.example.net/nic/update"},
		{"dyn.example.net:8443", "https://dyn.example.net:8443/nic/update"},
		{"https://dyn.example.net", "https://dyn.example.net/nic/update"},
		{"https://dyn.example.net/", "https://dyn.example.net/nic/update"},
		{"https://dyn.example.net/v3/update", "https://dyn.example.net/v3/update"},
		{"dyn.example.net/dyn.php", "https://dyn.example.net/dyn.php"},
		{"http://dyn.example.net", "http://dyn.example.net/nic/update"}, // egress asks for insecure_http
		{"[2001:db8::1]", "https://[2001:db8::1]/nic/update"},
		{"", ""}, {"https://", ""}, {"ftp://dyn.example.net", ""}, {"https://user:pw@dyn.example.net", ""},
		{"user@dyn.example.net", ""}, {"https://dyn.example.net/?a=b", ""}, {"https://dyn.example.net/#x", ""},
		{"dyn example.net", ""}, {"https://dyn.example.net/{password}", ""}, {"https://dyn.example.net/\x01", ""},
	}
	info := ddInfo(t, "dyndns2")
	for _, c := range cases {
		settings := ddSettings()
		settings["server"] = provider.NewSecret(c.server)
		_, err := info.New(settings)
		checked := info.Options[0].Check(c.server)
		if (err == nil) != (c.want != "") || (checked == nil) != (c.want != "") {
			t.Errorf("%q: New says %v, Check says %v", c.server, err, checked)
		}
		if err != nil && (!strings.Contains(err.Error(), "server") || strings.Contains(err.Error(), "pw")) {
			t.Errorf("%q: %v", c.server, err)
		}
	}
}

func TestDyndns2_ServerWithItsOwnPath(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	own := &ownPath{}
	newDyndnsLab(t, own)
	settings := ddSettings()
	settings["server"] = provider.NewSecret("https://own.example.net/dyn/set.php")
	d, err := ddInfo(t, "dyndns2").New(settings)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.SetRecords(testContext(t), ".", records(set("a.example.org", ip4))); err != nil {
		t.Error(err)
	}
	if r := own.Requests(); len(r) != 1 || r[0].Path != "/dyn/set.php" {
		t.Errorf("got %+v", r)
	}
}

// Basic credentials do not leave in the clear unless the account says that they may.
func TestDyndns2_PlainHTTPIsNotAsked(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	settings := ddSettings()
	settings["server"] = provider.NewSecret("http://" + dynHost)
	account, err := provider.Open(ddInfo(t, "dyndns2"), settings, egress.Path{})
	if err != nil {
		t.Fatal(err)
	}
	got := account.Set(testContext(t), "", []provider.RecordSet{set("a.example.org", ip4)})[0]
	checkResult(t, got)
	if got.Outcome != provider.RefusedRequest || got.Sent || len(l.dyn.Requests()) != 0 {
		t.Errorf("got %+v", got)
	}
}

type ownPath struct{ double.Common }

func (o *ownPath) Hosts() []string { return []string{"own.example.net"} }

func (o *ownPath) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.Serve(w, r, func(double.Request) double.Reply { return double.Reply{Body: "good"} })
}

// What a service's description must have: the form, the parser and the README live on it.
func TestDyndns2_Infos(t *testing.T) {
	for _, name := range []string{"noip", "dynu", "dyndns2"} {
		i := ddInfo(t, name)
		if i.Title == "" || !strings.HasPrefix(i.Website, "https://") || !strings.HasPrefix(i.Docs, "https://") || i.Limits.MaxAddresses != 1 {
			t.Errorf("%s: %+v", i.Name, i)
		}
		settings := provider.Settings{}
		for _, o := range i.Options {
			settings[o.Name] = provider.NewSecret("dyn.example.net")
			if o.Title == "" || o.Help == "" || o.Required == (o.Name == "domain") || o.Secret != (o.Name == "password") || o.Check == nil || (o.Link != "" && !strings.HasPrefix(o.Link, "https://")) {
				t.Errorf("%s: %+v", i.Name, o)
			}
			if o.Check("a\nb") == nil {
				t.Errorf("%s: option %s takes a line end", i.Name, o.Name)
			}
		}
		if _, err := i.New(settings); err != nil {
			t.Errorf("%s: %v", i.Name, err)
		}
		for name := range settings {
			fewer := provider.Settings{}
			for n, v := range settings {
				if n != name {
					fewer[n] = v
				}
			}
			if _, err := i.New(fewer); name != "domain" && (err == nil || !strings.Contains(err.Error(), name)) {
				t.Errorf("%s without %s: %v", i.Name, name, err)
			}
		}
	}
}

func ExampleTemplate() {
	t := provider.Template{
		URL: "https://dyn.example.net/nic/update?hostname={hostname}", IPv4: "&myip={ipv4}",
		Answers: []provider.Answer{{Match: "good", Outcome: provider.Confirmed, Text: "updated"}},
	}
	u := provider.Update{Hostnames: []string{"home.example.org"}, IPv4: netip.MustParseAddr("192.88.99.7")}
	fmt.Println(t.Judge("Example", u, "good 192.88.99.7\n").Verdicts[0].IPv4.Text)
	// Output: Example: updated
}
