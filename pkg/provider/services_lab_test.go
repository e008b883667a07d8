//go:build !minimal

package provider_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// servicesLab is the double of every described service behind real TLS, and plain HTTP for
// those that have none.
type servicesLab struct {
	double *double.Templates
	rows   map[string]double.TemplateRow
}

func newServicesLab(t *testing.T) *servicesLab {
	t.Helper()
	l := &servicesLab{double: double.NewTemplates(), rows: map[string]double.TemplateRow{}}
	for _, r := range double.TemplateRows() {
		l.rows[r.Name] = r
	}
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	front := double.NewFront(ca, l.double)
	if err := front.Listen("127.0.0.1:443"); err != nil {
		t.Fatal(err)
	}
	if err := front.ListenPlain("127.0.0.1:80"); err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, ca.Bundle(), 0o600); err != nil {
		t.Fatal(err)
	}
	hosts := "127.0.0.1 localhost\n" // a line each: a resolver may take no more than some names of one
	for _, h := range append(front.Hosts(), "elsewhere.example") {
		hosts += "127.0.0.1 " + h + "\n"
	}
	if err := lab.ReplaceFile("/etc/hosts", hosts); err != nil {
		t.Fatal(err)
	}
	transport := egress.New(egress.Options{UserAgent: ddAgent, SystemCAFile: bundle, Whole: 5 * time.Second})
	before := http.DefaultTransport
	http.DefaultTransport = transport
	t.Cleanup(func() {
		http.DefaultTransport = before
		transport.Release()
		if err := front.Close(); err != nil {
			t.Error(err)
		}
		for _, c := range front.Complaints() {
			t.Errorf("the service complains: %s", c)
		}
	})
	return l
}

// serviceAccount is values for every option that services have, hard ones to write into a URL.
func serviceAccount(info *provider.Info) (provider.Settings, double.TemplateLogin) {
	login := double.TemplateLogin{
		Hostname: "home.example.org", IPv4: ip4.String(), IPv6: ip6.String(),
		Options: map[string]string{
			"username": ddUser, "password": ddPassword, "token": "t0k/en+&=%x?", "token_ipv6": "s3c/ond+&=%y?",
			"domain": "example.org", "id": "1234567", "network": "At home",
		},
	}
	if len(info.Limits.Suffixes) > 0 {
		login.Hostname = "home." + info.Limits.Suffixes[0]
	}
	settings := provider.Settings{}
	for _, o := range info.Options {
		if info.Name == "dynu" && o.Name == "domain" {
			continue
		}
		settings[o.Name] = provider.NewSecret(login.Options[o.Name])
	}
	return settings, login
}

func TestServices_each_has_a_double(t *testing.T) {
	rows := map[string]bool{}
	for _, r := range double.TemplateRows() {
		if rows[r.Name] {
			t.Errorf("%s has two rows", r.Name)
		}
		rows[r.Name] = true
	}
	for _, i := range provider.Described() {
		if !rows[i.Name] {
			t.Errorf("%s has no double", i.Name)
		}
		delete(rows, i.Name)
	}
	for name := range rows {
		t.Errorf("there is a double of %s, and no such service", name)
	}
}

// serviceOutcome is what one answer of a service means for a hostname.
type serviceOutcome struct {
	name      string
	fault     *double.Fault // nil: the request is judged, and confirmed when it is right
	want      provider.Outcome
	unchanged bool
}

func (l *servicesLab) outcomes(row double.TemplateRow) []serviceOutcome {
	named := func(name string) *double.Fault { f := double.Named(name); return &f }
	list := []serviceOutcome{
		{name: "success", want: provider.Confirmed},
		{"server-error", named("http-500"), provider.Trouble, false},
		{"html-error-page", named("http-502-html"), provider.Trouble, false},
		{"http-401", named("http-401"), provider.RefusedCredentials, false},
		{"http-404", named("http-404"), provider.RefusedRequest, false},
		{"http-429", named("http-429-retry-after"), provider.SlowDown, false},
		{"redirect-elsewhere", named("redirect-elsewhere"), provider.Trouble, false},
	}
	for _, w := range []struct {
		name, text string
		want       provider.Outcome
		unchanged  bool
	}{
		{"unchanged", row.Dialect.Unchanged, provider.Confirmed, true},
		{"bad-credentials", row.Dialect.Credentials, provider.RefusedCredentials, false},
		{"unknown-host", row.Dialect.UnknownHost, provider.RefusedRequest, false},
		{"abuse", row.Dialect.Abuse, provider.Banned, false},
		{"rate-limit", row.Dialect.RateLimit, provider.SlowDown, false},
	} {
		if w.text != "" {
			f := l.double.Answer(w.text)
			list = append(list, serviceOutcome{w.name, &f, w.want, w.unchanged})
		}
	}
	page := double.Named("html-with-200")
	return append(list, serviceOutcome{"html-page-of-200", &page, provider.Trouble, false})
}

// sets are the record sets of one way to ask: "ipv4", "ipv6", "both".
func sets(hostname, families string) []provider.RecordSet {
	var out []provider.RecordSet
	if families != "ipv6" {
		out = append(out, set(hostname, ip4))
	}
	if families != "ipv4" {
		out = append(out, set(hostname, ip6))
	}
	return out
}

func TestServices_outcomes(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newServicesLab(t)
	for _, info := range provider.Described() {
		row := l.rows[info.Name]
		settings, login := serviceAccount(info)
		account, err := provider.Open(info, settings, egress.Path{InsecureHTTP: row.Plain()})
		if err != nil {
			t.Errorf("%s: %v", info.Name, err)
			continue
		}
		l.double.Become(row, login)
		for _, o := range l.outcomes(row) {
			t.Run(info.Name+"/"+o.name, func(t *testing.T) {
				l.double.Forget()
				if o.fault != nil {
					l.double.FailNext(*o.fault)
				}
				families := row.Families()[0]
				if info.Limits.Joint {
					families = "both"
				}
				for _, got := range account.Set(testContext(t), "", sets(login.Hostname, families)) {
					showsNoSecret(t, got, login.Options)
					if got.Outcome != o.want || got.Unchanged != o.unchanged {
						t.Errorf("got %s, unchanged %v (%q, %s), want %s", got.Outcome, got.Unchanged, got.Word, got.Text, o.want)
					}
				}
				if n := len(l.double.Requests()); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		}
	}
}

// Each way to ask is a request as the documentation has it; the double complains otherwise.
func TestServices_families(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newServicesLab(t)
	for _, info := range provider.Described() {
		row := l.rows[info.Name]
		settings, login := serviceAccount(info)
		l.double.Become(row, login)
		able := strings.Join(row.Families(), " ")
		if only := strings.Join(info.Limits.Families, " "); (only == "ipv4") != (able == "ipv4") {
			t.Errorf("%s says it takes %q, and the documentation has %q", info.Name, only, able)
		}
		for _, families := range []string{"ipv4", "ipv6", "both"} {
			t.Run(info.Name+"/"+families, func(t *testing.T) {
				d, err := info.New(settings)
				if err != nil {
					t.Fatal(err)
				}
				l.double.Forget()
				call := &egress.Call{Path: egress.Path{InsecureHTTP: row.Plain()}}
				recs, _ := d.SetRecords(call.Context(testContext(t)), ".", records(sets(login.Hostname, families)...))
				requests, want := len(l.double.Requests()), 0
				for _, f := range []string{"ipv4", "ipv6"} {
					if (families == f || families == "both") && strings.Contains(able, f) {
						want++
					}
				}
				if families == "both" && strings.Contains(able, "both") {
					want = 1
				}
				if requests != want || want > 0 && len(recs) == 0 {
					t.Errorf("%d requests, %d records confirmed; want %d requests", requests, len(recs), want)
				}
			})
		}
	}
}

// What a service can be asked for by the Authorization header stands in no URL. The services
// that know no header are counted, so that one more is a decision.
func TestServices_secrets_are_not_in_the_URL_where_a_header_will_do(t *testing.T) {
	inURL := 0
	for _, r := range double.TemplateRows() {
		if r.Auth == "-" {
			inURL++
		}
	}
	if inURL != 35 {
		t.Errorf("%d services have their login in the URL", inURL)
	}
}

// showsNoSecret holds for every result and every option that is a secret.
func showsNoSecret(t *testing.T, r provider.Result, options map[string]string) {
	t.Helper()
	if r.Text == "" || len(r.Text) > 300 || len(r.Word) > 64 || strings.ContainsAny(r.Text+r.Word, "\r\n\t\x1b\x00<") {
		t.Errorf("not fit to be shown: %q, %q", r.Word, r.Text)
	}
	for _, name := range []string{"password", "token", "token_ipv6"} {
		for _, form := range []string{options[name], url.QueryEscape(options[name]), url.PathEscape(options[name])} {
			if strings.Contains(r.Text+r.Word, form) {
				t.Errorf("the %s is in %q, %q", name, r.Word, r.Text)
			}
		}
	}
}

// A service that repeats the request's URL shows no secret to whoever reads the log.
func TestServices_echoed_URL_is_redacted(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newServicesLab(t)
	for _, info := range provider.Described() {
		row := l.rows[info.Name]
		settings, login := serviceAccount(info)
		account, err := provider.Open(info, settings, egress.Path{InsecureHTTP: row.Plain()})
		if err != nil {
			t.Errorf("%s: %v", info.Name, err)
			continue
		}
		l.double.Become(row, login)
		for _, name := range []string{"password", "token"} {
			secret := login.Options[name]
			l.double.FailNext(
				double.Fault{Kind: double.Answer, Reply: double.Reply{Body: "error: GET /u?x=" + url.QueryEscape(secret) + " is not right"}},
				double.Status(http.StatusForbidden, "who is "+secret+"?"))
			for range 2 {
				for _, got := range account.Set(testContext(t), "", sets(login.Hostname, row.Families()[0])) {
					used := map[string]string{}
					if v := settings.Get(name); v != "" {
						used[name] = v
					}
					if used[name] != "" && strings.Contains(got.Text+got.Word, secret) || strings.Contains(got.Text, url.QueryEscape(secret)) && used[name] != "" {
						t.Errorf("%s: the %s is in %q", info.Name, name, got.Text)
					}
				}
			}
		}
	}
}
