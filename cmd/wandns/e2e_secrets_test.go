package main_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// proxySecret is the password of a proxy, in a URL and by itself.
const proxySecret = "pr%2Bxy=w0rd%25%2F"

// spellings are every way in which the secrets of this file's configuration may be written, by
// what each is.
func spellings() map[string]string {
	out := map[string]string{}
	add := func(what, text string) {
		if strings.Trim(text, "=") != "" {
			out[what] = text
		}
	}
	unescaped, err := url.PathUnescape(proxySecret)
	if err != nil {
		panic(err)
	}
	for name, secret := range map[string]string{
		"cloudflare token": site.CloudflareToken, "duckdns token": site.DuckToken, "password": site.Password,
		"proxy password": unescaped, "proxy password in its URL": proxySecret,
	} {
		add(name, secret)
		add(name+" query-escaped", url.QueryEscape(secret))
		add(name+" query-escaped in lower case", lowerEscapes(url.QueryEscape(secret)))
		add(name+" path-escaped", url.PathEscape(secret))
		add(name+" as URL user info", strings.TrimPrefix(url.UserPassword("", secret).String(), ":"))
		add(name+" quoted", inside(strconv.Quote(secret)))
		add(name+" quoted in ASCII", inside(strconv.QuoteToASCII(secret)))
		text, err := json.Marshal(secret)
		if err != nil {
			panic(err)
		}
		add(name+" in JSON", inside(string(text)))
		add(name+" in JSON as \\u", strings.NewReplacer("&", `\u0026`, "<", `\u003c`).Replace(secret))
		for _, login := range []string{secret, site.User + ":" + secret, "px:" + secret, ":" + secret} {
			add(name+" in Base64 of "+strconv.Itoa(len(login)), base64.RawStdEncoding.EncodeToString([]byte(login)))
			add(name+" in URL Base64 of "+strconv.Itoa(len(login)), base64.RawURLEncoding.EncodeToString([]byte(login)))
		}
	}
	return out
}

func inside(quoted string) string { return quoted[1 : len(quoted)-1] }

// lowerEscapes writes %2F as %2f.
func lowerEscapes(s string) string {
	parts := strings.Split(s, "%")
	for i := 1; i < len(parts); i++ {
		parts[i] = strings.ToLower(parts[i][:2]) + parts[i][2:]
	}
	return strings.Join(parts, "%")
}

var everySpelling = sync.OnceValue(spellings)

// leaks are the spellings that occur in a text, and where.
func leaks(where, text string) (found []string) {
	for what, spelling := range everySpelling() {
		if i := strings.Index(text, spelling); i >= 0 {
			found = append(found, fmt.Sprintf("%s: the %s, in …%q…", where, what, text[max(0, i-60):min(len(text), i+len(spelling)+20)]))
		}
	}
	return found
}

// written is all that is in the files below directories, with their names.
func written(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // replaced meanwhile
			}
			if err != nil || e.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			out[path] = path + "\n" + string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// echoes are faults of a service that repeats what it was sent, secrets and all.
func echoes(at *service) []double.Fault {
	secret := map[string]string{"cloudflare": site.CloudflareToken, "duckdns": site.DuckToken}[at.name]
	if secret == "" {
		secret = site.Password
	}
	every := secret + " " + url.QueryEscape(secret) + " " + base64.StdEncoding.EncodeToString([]byte(site.User+":"+secret))
	inJSON, err := json.Marshal(every)
	if err != nil {
		panic(err)
	}
	query := "?token=" + url.QueryEscape(secret)
	faults := []double.Fault{
		{Kind: double.Answer, Reply: double.Reply{Status: 400, Body: every}},
		{Kind: double.Answer, Reply: double.Reply{Status: 500, Body: every}},
		{Kind: double.Answer, Reply: double.Reply{Body: every}},
		{Kind: double.Answer, Reply: double.Reply{Body: "badauth " + every}},
		{Kind: double.Answer, Reply: double.Reply{Status: 403, Body: `{"success":false,"errors":[{"code":9109,"message":` + string(inJSON) + `}],"messages":[],"result":null}`}},
		{Kind: double.Answer, Reply: double.Reply{Status: 400, Body: `{"success":false,"errors":[{"code":1,"message":` + string(inJSON) + `}],"messages":[],"result":null}`}},
		{Kind: double.Redirect, Reply: double.Reply{Header: map[string]string{"Location": "https://elsewhere.example/" + query}}},
		{Kind: double.Redirect, Reply: double.Reply{Header: map[string]string{"Location": "http://" + url.UserPassword(site.User, secret).String() + "@elsewhere.example/"}}},
		{Kind: double.HalfBody, Reply: double.Reply{Body: every + every}},
		{Kind: double.Answer, Reply: double.Reply{Status: 429, Header: map[string]string{"Retry-After": secret}, Body: every}},
	}
	for i := range faults {
		faults[i].Name = "echo-" + strconv.Itoa(i)
	}
	return faults
}

func TestSecrets_are_nowhere_to_be_seen(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	b := newBoard(t, everywhere(func(at *service) []*row {
		rows := []*row{{at: at, name: "healthy"}, {at: at, name: "wrong-login", wrong: true}, {at: at, name: "no-proxy",
			options: "\toption proxy 'http://px:" + proxySecret + "@127.0.0.1:9'\n"}}
		for _, f := range append(double.Faults(), echoes(at)...) {
			rows = append(rows, &row{at: at, name: f.Name, faults: []double.Fault{f}})
		}
		return rows
	}))
	b.write("")
	b.renumber("", wan1)
	d := b.start()
	for _, r := range b.rows { // each has come to an end of its first try
		b.line(d, 0, "hostname="+r.hostname()+" ")
	}
	found := b.search(t, d)

	// Now what goes wrong before anything is sent, in a process that has no connection yet.
	b.stop(d)
	found = append(found, leaks("log", strings.Join(d.Lines(), "\n"))...)
	for _, at := range services() {
		if err := b.Front.Certify(at.double(b.place).Hosts()[0], lab.Validity{}, "captive.portal.example"); err != nil {
			t.Fatal(err)
		}
	}
	b.rows = everywhere(func(at *service) []*row { return []*row{{at: at, name: "healthy"}} })
	b.write("\toption insecure_http '1'\n")
	b.renumber(wan1, "192.88.100.2/24")
	d = b.start()
	for _, r := range b.rows {
		b.line(d, 0, "warn not published", "hostname="+r.hostname()+" ", "captive.portal.example")
	}
	found = append(found, b.search(t, d)...)
	b.stop(d)
	if err := b.Front.Close(); err != nil {
		t.Fatal(err)
	}
	b.reboot(false)
	out, exit := b.command("once") // nobody listens any more
	if exit == 0 || !strings.Contains(out, "connection refused") {
		t.Errorf("once exits with %d: %s", exit, out)
	}
	found = append(found, leaks("once", out)...)
	found = append(found, b.searchFiles(t)...)
	for _, f := range found {
		t.Error(f)
	}
}

// search looks for secrets in all that a running daemon shows.
func (b *board) search(t *testing.T, d interface {
	PID() int
	Lines() []string
}) []string {
	t.Helper()
	found := leaks("log", strings.Join(d.Lines(), "\n"))
	for _, name := range []string{"cmdline", "environ", "comm", "status"} {
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(d.PID()), name))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, leaks(name, string(text))...)
	}
	for _, args := range [][]string{{"status"}, {"status", "--json"}, {"check"}, {"check", "--json"}, {"providers", "--json"}, {"update", "nothere"}} {
		out, _ := b.command(args...)
		if len(out) < 20 && strings.TrimSpace(out) != "[]" {
			t.Errorf("%v says only %q", args, out)
		}
		found = append(found, leaks(strings.Join(args, " "), out)...)
	}
	return append(found, b.searchFiles(t)...)
}

func (b *board) searchFiles(t *testing.T) (found []string) {
	t.Helper()
	files := written(t, b.RunDir, b.HoldDir)
	if len(files) < len(services()) {
		t.Errorf("there are only %d files in the run directory", len(files))
	}
	for path, text := range files {
		found = append(found, leaks(path, text)...)
	}
	return found
}

// A configuration with every mistake that has a secret in it: each is reported, without it.
func TestSecrets_are_not_in_what_is_wrong_with_them(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	account := func(provider string, lines ...string) string {
		return "config account 'a'\n\toption provider '" + provider + "'\n\t" + strings.Join(lines, "\n\t") + "\n" +
			"config account 'b'\n\toption provider 'duckdns'\n\toption token '" + site.DuckToken + "'\n" +
			record("home", "a", ipv4Only, "home.example.org")
	}
	for name, text := range map[string]string{
		"token-of-another-length":  account("duckdns", "option token '"+site.CloudflareToken+"'"),
		"token-with-a-space":       account("cloudflare", "option token '"+site.CloudflareToken+" "+site.DuckToken+"'"),
		"token-as-a-list":          account("duckdns", "list token '"+site.DuckToken+"'", "list token '"+site.DuckToken+"'"),
		"token-under-another-name": account("duckdns", "option tokn '"+site.DuckToken+"'"),
		"token-without-quotes":     account("noip", "option username x", "option password "+site.Password),
		"quote-left-open":          account("cloudflare", "option token '"+site.CloudflareToken),
		"password-for-a-token":     account("cloudflare", "option password '"+site.Password+"'"),
		"control-character":        account("noip", "option username 'x'", "option password '"+site.Password+"\x07"+site.Password+"'"),
		"proxy-of-another-scheme":  account("duckdns", "option token '"+site.DuckToken+"'", "option proxy 'ftp://px:"+proxySecret+"@127.0.0.1:9'"),
		"proxy-that-is-no-url":     account("duckdns", "option token '"+site.DuckToken+"'", "option proxy 'http://px:"+proxySecret+"@[::1'"),
		"zone-id-alone":            account("cloudflare", "option token '"+site.CloudflareToken+"'", "option zone_id '"+strings.Repeat("a", 32)+"'"),
		"password-in-the-record":   account("duckdns", "option token '"+site.DuckToken+"'") + "\toption password '" + site.Password + "'\n",
		"login-in-the-server":      account("dyndns2", "option server 'https://"+url.UserPassword("px", site.Password).String()+"@dyn.example.org/'", "option username 'x'", "option password '"+site.Password+"'"),
	} {
		if err := p.Configure(text); err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, args := range [][]string{{"check"}, {"check", "--json"}, {"once"}} {
			out, exit := p.command(args...)
			if exit == 0 || len(out) < 20 {
				t.Errorf("%s: %v exits with %d and says %q", name, args, exit, out)
			}
			said += out + "\n"
		}
		for path, text := range written(t, p.RunDir, p.HoldDir) {
			said += path + "\n" + text + "\n"
		}
		for _, leak := range leaks(name, said) {
			t.Error(leak)
		}
	}
}

// The search of these tests finds each secret in each spelling, wherever it looks.
func TestSecrets_would_be_found(t *testing.T) {
	dir := t.TempDir()
	n := 0
	for what, spelling := range spellings() {
		n++
		if got := leaks("log", "error held reason=\"GET /update?token="+spelling+" failed\" next=5s"); len(got) == 0 {
			t.Errorf("the %s %q is not found in a log", what, spelling)
		}
		path := filepath.Join(dir, strconv.Itoa(n), "file")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(`{"reason":"`+spelling+`"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := leaks(path, written(t, dir)[path]); len(got) == 0 {
			t.Errorf("the %s %q is not found in a file", what, spelling)
		}
	}
	if n < 40 {
		t.Errorf("only %d spellings are looked for", n)
	}
	if got := leaks("log", "info published hostname=home.example.org account=cf took=5ms "+site.User); len(got) > 0 {
		t.Errorf("found where nothing is: %v", got)
	}
}
