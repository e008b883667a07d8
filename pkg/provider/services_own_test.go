//go:build !minimal

package provider_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

const ownDescription = `{
	"title": "Plain", "website": "https://plain.example.net/", "docs": "https://plain.example.net/api",
	"method": "POST", "url": "https://plain.example.net/u/{token}/?h={hostname}", "ipv4": "&a={ip}", "ipv6": "&aaaa={ip}",
	"auth": "bearer", "option": ["token (Key): From the page of keys."], "suffix": ["example.org", "example.com"],
	"words": "own", "confirmed": ["Updated*", "OK | FINE"], "unchanged": "*no change*", "request": "ERROR:* => the service refused", "hostnames": 1, "joint": false
}`

func TestDescribe_publishes(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	plain := &plainService{answers: map[string]string{"a.example.org": "updated", "b.example.org": "There was no change", "c.example.org": "ERROR: 7", "d.example.org": "good"}}
	newDyndnsLab(t, plain)
	info, err := provider.Describe("plain", []byte(ownDescription))
	if err != nil {
		t.Fatal(err)
	}
	if info.Title != "Plain" || len(info.Options) != 1 || info.Options[0].Title != "Key" || !info.Options[0].Secret || len(info.Limits.Suffixes) != 2 {
		t.Errorf("got %+v", info)
	}
	account, err := provider.Open(info, provider.Settings{"token": provider.NewSecret("t/o k%en")}, egress.Path{})
	if err != nil {
		t.Fatal(err)
	}
	got := account.Set(testContext(t), "", []provider.RecordSet{
		set("a.example.org", ip4), set("b.example.org", ip6), set("c.example.org", ip4), set("e.example.net", ip4), set("d.example.org", ip4),
	})
	want := []provider.Outcome{provider.Confirmed, provider.Confirmed, provider.RefusedRequest, provider.RefusedRequest, provider.Trouble}
	for i, r := range got {
		if r.Outcome != want[i] || r.Unchanged != (i == 1) {
			t.Errorf("%d: got %+v, want %s", i, r, want[i])
		}
	}
}

func TestDescribe_mistakes(t *testing.T) {
	const good = `"url":"https://up.example.net/?h={hostname}","ipv4":"&a={ip}"`
	cases := map[string]struct{ text, says string }{ // says: words that the error must have
		"empty":                   {``, "JSON object"},
		"no-object":               {`["url"]`, "JSON object"},
		"cut-off":                 {`{"url":"https://up.example.net/`, "no JSON"},
		"cut-off-after-a-field":   {`{` + good, "no JSON"},
		"comma-at-the-end":        {"{\n" + good + ",\n}", "line 3"},
		"two-objects":             {`{` + good + `}{}`, "one service"},
		"unknown-field":           {`{` + good + `,"confirmd":"OK"}`, "confirmd confirmed"},
		"unknown-field-with-list": {`{` + good + `,"confirmd":["OK"]}`, "confirmd confirmed"},
		"field-twice":             {`{` + good + `,"ipv4":"&b={ip}"}`, "ipv4 twice"},
		"a-list-of-urls":          {`{"url":["https://a.example"],"ipv4":"&a={ip}"}`, "url list"},
		"an-object":               {`{` + good + `,"confirmed":{"OK":1}}`, "confirmed text"},
		"a-list-of-numbers":       {`{` + good + `,"confirmed":[1]}`, "confirmed texts"},
		"null":                    {`{` + good + `,"title":null}`, "title text"},
		"empty-value":             {`{` + good + `,"title":""}`, "title empty"},
		"line-end":                {`{` + good + `,"title":"a\nb"}`, "title line end"},
		"no-url":                  {`{"ipv4":"&a={ip}"}`, "url https://"},
		"no-family":               {`{"url":"https://up.example.net/"}`, "ipv4 ipv6 both"},
		"ftp":                     {`{"url":"ftp://up.example.net/","ipv4":"{ip}"}`, "url https://"},
		"login-in-url":            {`{"url":"https://{username}:{password}@up.example.net/","ipv4":"{ip}"}`, "url auth"},
		"host-from-an-option":     {`{"url":"https://{token}/","ipv4":"{ip}"}`, "url server"},
		"host-from-a-hostname":    {`{"url":"https://up.example.net{hostname}/","ipv4":"{ip}"}`, "url server"},
		"open-brace":              {`{"url":"https://up.example.net/{hostname","ipv4":"?a={ip}"}`, "url placeholder"},
		"capital-placeholder":     {`{"url":"https://up.example.net/{Token}","ipv4":"?a={ip}"}`, "url placeholder"},
		"fragment":                {`{"url":"https://up.example.net/#x","ipv4":"?a={ip}"}`, "url #"},
		"method":                  {`{` + good + `,"method":"DELETE"}`, "method GET"},
		"auth":                    {`{` + good + `,"auth":"digest"}`, "auth basic"},
		"hostnames":               {`{` + good + `,"hostnames":0}`, "hostnames 1 to 100"},
		"hostnames-and-host":      {`{"url":"https://up.example.net/{host}","ipv4":"?a={ip}","hostnames":2}`, "hostnames {host}"},
		"joint":                   {`{` + good + `,"joint":"maybe"}`, "joint yes"},
		"docs":                    {`{` + good + `,"docs":"http://a.example/"}`, "docs https://"},
		"echo":                    {`{` + good + `,"echo":"loud"}`, "echo own"},
		"words":                   {`{` + good + `,"words":"dyndns1"}`, "words dyndns2"},
		"own-words-without-yes":   {`{` + good + `,"words":"own","request":"no"}`, "confirmed missing"},
		"option":                  {`{` + good + `,"option":"token"}`, "option NAME: HELP"},
		"option-of-the-update":    {`{` + good + `,"option":"ipv4: x"}`, "option NAME: HELP"},
		"answer-without-a-word":   {`{` + good + `,"confirmed":"OK | "}`, "confirmed WORD"},
	}
	for name, c := range cases {
		info, err := provider.Describe("x", []byte(c.text))
		if err == nil {
			t.Errorf("%s: no error, %+v", name, info)
			continue
		}
		for _, word := range strings.Fields(c.says) {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q does not say %q", name, err, word)
			}
		}
	}
	if _, err := provider.Describe("x", []byte(`{`+good+`}`)); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func write(t *testing.T, dir, file, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCatalog(t *testing.T) {
	dir := t.TempDir()
	c := provider.Catalog{Dir: dir}
	if c.Lookup("plain") != nil || c.Lookup("noip") == nil {
		t.Error("an empty directory changes what there is")
	}
	write(t, dir, "plain.json", ownDescription)
	write(t, dir, "noip.json", ownDescription)
	write(t, dir, "plain.json~", "an editor's copy")
	if i := c.Lookup("plain"); i == nil || i.Err != nil || i.Name != "plain" {
		t.Fatalf("got %+v", i)
	}
	if i := c.Lookup("noip"); i.Title != "Plain" {
		t.Error("the owner's description does not come first")
	}
	all, err := c.All()
	if err != nil || len(all) != len(provider.All())+1 || !slices.IsSortedFunc(all, func(a, b *provider.Info) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("%d services, %v", len(all), err)
	}
	write(t, dir, "plain.json", `{"url":1}`)
	i := c.Lookup("plain")
	if i == nil || i.Err == nil || !strings.Contains(i.Err.Error(), "plain.json") {
		t.Fatalf("a file that became wrong: %+v", i)
	}
	if _, err := provider.Open(i, nil, egress.Path{}); err == nil {
		t.Error("it can be opened")
	}
	if all, err := c.All(); err == nil || len(all) != len(provider.All()) || !strings.Contains(err.Error(), "plain.json") {
		t.Errorf("%d services, %v", len(all), err)
	}
	if i := c.Lookup("google.com"); i == nil || i.Err == nil {
		t.Error("a dead service has no reason")
	}
	for _, name := range []string{"", "../plain", "a/b", strings.Repeat("a", 300), "plain\x00"} {
		if c.Lookup(name) != nil {
			t.Errorf("%q is found", name)
		}
	}
}

func TestCatalog_what_is_no_description(t *testing.T) {
	dir := t.TempDir()
	c := provider.Catalog{Dir: dir}
	write(t, dir, "Big Name.json", ownDescription)
	write(t, dir, "huge.json", ownDescription+strings.Repeat(" ", 64<<10))
	if err := os.Mkdir(filepath.Join(dir, "directory.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := c.All()
	for _, part := range []string{"Big Name.json", "huge.json", "directory.json"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("nothing is said of %s: %v", part, err)
		}
	}
	for _, name := range []string{"huge", "directory"} {
		if i := c.Lookup(name); i == nil || i.Err == nil {
			t.Errorf("%s: %+v", name, i)
		}
	}
	for n := range 101 {
		write(t, dir, "f"+strings.Repeat("x", n%40)+string(rune('a'+n/40))+".json", ownDescription)
	}
	if _, err := c.All(); err == nil || !strings.Contains(err.Error(), "100") {
		t.Errorf("too many files: %v", err)
	}
	if all, err := (provider.Catalog{Dir: filepath.Join(dir, "none")}).All(); err != nil || len(all) != len(provider.All()) {
		t.Errorf("no directory: %d, %v", len(all), err)
	}
}

// A directory that the daemon cannot look into takes no service away.
func TestCatalog_no_way_to_the_files(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "file", "")
	c := provider.Catalog{Dir: filepath.Join(dir, "file")}
	if i := c.Lookup("noip"); i == nil || i.Err != nil {
		t.Errorf("noip: %+v", i)
	}
	if i := c.Lookup("plain"); i == nil || i.Err == nil {
		t.Errorf("plain: %+v", i)
	}
	if _, err := c.All(); err == nil {
		t.Error("nothing is said of it")
	}
}

func customSettings(pairs ...string) provider.Settings {
	s := provider.Settings{}
	for n := 0; n < len(pairs); n += 2 {
		s[pairs[n]] = provider.NewSecret(pairs[n+1])
	}
	return s
}

func TestCustom(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	plain := &plainService{answers: map[string]string{
		"a.example.org": "Success: a", "b.example.org": "was updated", "c.example.org": "badauth", "d.example.org": `{"ok":true}`, "e.example.org": "nothing done",
	}}
	newDyndnsLab(t, plain)
	settings := customSettings("url", "https://plain.example.net/u/{token}/?h={hostname}&a={ip}", "token", "t/o k%en",
		"method", "POST", "auth", "bearer", "success", `success|*"ok":true*`)
	account, err := provider.Open(provider.Lookup("custom"), settings, egress.Path{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]provider.Outcome{
		"a.example.org": provider.Confirmed, "b.example.org": provider.Trouble, "c.example.org": provider.RefusedCredentials,
		"d.example.org": provider.Confirmed, "e.example.org": provider.Trouble,
	}
	for host, outcome := range want {
		if got := account.Set(testContext(t), "", []provider.RecordSet{set(host, ip6)})[0]; got.Outcome != outcome {
			t.Errorf("%s: got %+v, want %s", host, got, outcome)
		}
	}
	for _, r := range plain.Requests() {
		if r.Query.Get("a") != ip6.String() || r.Method != http.MethodPost {
			t.Errorf("asked %s %v", r.Method, r.Query)
		}
	}
	delete(settings, "success")
	if account, err = provider.Open(provider.Lookup("custom"), settings, egress.Path{}); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"a.example.org", "b.example.org"} {
		if got := account.Set(testContext(t), "", []provider.RecordSet{set(host, ip4)})[0]; got.Outcome != provider.Confirmed {
			t.Errorf("%s without success: %+v", host, got)
		}
	}
	plain.FailNext(double.Named("html-with-200"))
	if got := account.Set(testContext(t), "", []provider.RecordSet{set("a.example.org", ip4)})[0]; got.Outcome != provider.Trouble {
		t.Errorf("a page confirms: %+v", got)
	}
}

func TestCustom_options(t *testing.T) {
	const url = "https://up.example.net/?h={hostname}&a={ip}"
	cases := map[string]struct {
		settings provider.Settings
		says     string // words of the error; none: it is right
	}{
		"one-url":               {customSettings("url", url), ""},
		"two-urls":              {customSettings("url", "https://up.example.net/?a={ipv4}", "url_ipv6", "https://up6.example.net/?a={ipv6}"), ""},
		"plain-http":            {customSettings("url", "http://up.example.net/?a={ip}"), ""}, // egress asks for insecure_http
		"no-url":                {customSettings(), "url"},
		"unknown-placeholder":   {customSettings("url", url+"&x={domain}"), "domain"},
		"token-that-is-absent":  {customSettings("url", url+"&t={token}"), "token"},
		"basic-without-a-login": {customSettings("url", url, "auth", "basic"), "username"},
		"bearer-without-token":  {customSettings("url", url, "auth", "bearer"), "token"},
	}
	info := provider.Lookup("custom")
	for name, c := range cases {
		_, err := info.New(c.settings)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	check := map[string]func(string) error{}
	for _, o := range info.Options {
		check[o.Name] = o.Check
	}
	for _, wrong := range []string{"up.example.net", "https://u:p@up.example.net/", "https://{hostname}/", "https://a.example/{ipv4}/{ipv6}", "https://a.example/ b", "https://a.example/{", "https://a.example/\x01"} {
		if check["url"](wrong) == nil {
			t.Errorf("url takes %q", wrong)
		}
	}
	for _, wrong := range []string{"", "|", "good|", "good|*|x"} {
		if check["success"](wrong) == nil {
			t.Errorf("success takes %q", wrong)
		}
	}
}

// FuzzDescribe: whatever a file holds, it is a service that can be asked for an update, or an error.
func FuzzDescribe(f *testing.F) {
	f.Add([]byte(ownDescription))
	for _, text := range []string{`{}`, `{"url":"https://a.example/{host}","both":"{ipv4}{ipv6}{alias}"}`, `{"url":"https://a","ipv4":"{","option":"a (b: c"}`, "{\"a\":\x00}", `{"url":"https://[::1]/","ipv6":"{ip}","auth":"Basic {hostname}:{x}"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		info, err := provider.Describe("x", text)
		if err != nil {
			return
		}
		settings := provider.Settings{}
		for _, o := range info.Options {
			settings[o.Name] = provider.NewSecret("example.org")
		}
		d, err := info.New(settings)
		if err != nil || d == nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
