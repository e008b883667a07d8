package double

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// TemplateRow is what the documentation of one update service says: the request for an update,
// exactly, and which of the dialects its answers are. See templateRows for how it is written.
type TemplateRow struct {
	Name    string // as wandns calls the service
	Auth    string // how the Authorization header begins or ends; see wantsAuth
	Dialect TemplateDialect

	method string
	urls   []string // for IPv4, for IPv6 and for both; or fewer, where the last is for the rest
	common string   // parameters of each request
	ipv4   string   // and those of the families; "-" where it is not taken
	ipv6   string
	both   string
}

// TemplateDialect is how services that resemble each other answer. Texts hold $h, $4 and $6; one
// that is empty: the service has no word for that.
type TemplateDialect struct {
	Success, Unchanged, Credentials, UnknownHost, Abuse, RateLimit string
}

// TemplateLogin is what an account of the services has, by option name, and the hostname and
// addresses that are published.
type TemplateLogin struct {
	Hostname, IPv4, IPv6 string
	Options              map[string]string
}

// Families says which requests the service takes: "ipv4", "ipv6", "both".
func (r *TemplateRow) Families() []string {
	var out []string
	for _, f := range []struct{ name, params string }{{"ipv4", r.ipv4}, {"ipv6", r.ipv6}, {"both", r.both}} {
		if f.params != "-" {
			out = append(out, f.name)
		}
	}
	return out
}

// Plain says whether the service has no HTTPS.
func (r *TemplateRow) Plain() bool { return strings.HasPrefix(r.urls[0], "http://") }

// TemplateRows are all services that the double can stand for.
func TemplateRows() []TemplateRow {
	var rows []TemplateRow
	for _, line := range strings.Split(templateRows, "\n") {
		columns := strings.Split(line, "|")
		for i := range columns {
			columns[i] = strings.TrimSpace(columns[i])
		}
		if len(columns) < 2 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(columns) != 8 {
			panic("a row of eight columns: " + line)
		}
		dialect, known := templateDialects[columns[7]]
		if !known {
			panic("no dialect is called " + columns[7])
		}
		row := TemplateRow{
			Name: columns[0], method: http.MethodGet, urls: strings.Fields(columns[1]), common: columns[2],
			ipv4: columns[3], ipv6: columns[4], both: columns[5], Auth: columns[6], Dialect: dialect,
		}
		if !strings.Contains(row.urls[0], "://") {
			row.method, row.urls = row.urls[0], row.urls[1:]
		}
		rows = append(rows, row)
	}
	return rows
}

// Templates stands for the service of one row at a time.
type Templates struct {
	Common
	rows []TemplateRow

	mu    sync.Mutex
	row   TemplateRow
	login TemplateLogin
}

// NewTemplates makes a double of all rows.
func NewTemplates() *Templates { return &Templates{rows: TemplateRows()} }

// Hosts are the names of all update servers.
func (s *Templates) Hosts() []string {
	var hosts []string
	for _, r := range s.rows {
		for _, text := range r.urls {
			_, rest, _ := strings.Cut(text, "://")
			host, _, _ := strings.Cut(rest, "/")
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// Become makes it the service of a row, where an account has that login.
func (s *Templates) Become(row TemplateRow, login TemplateLogin) {
	s.mu.Lock()
	s.row, s.login = row, login
	s.mu.Unlock()
	s.Forget()
}

// Answer is a text of the dialect as the service would send it.
func (s *Templates) Answer(text string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Fault{Name: text, Kind: Answer, Reply: reply(text, s.fill)}
}

// ServeHTTP answers one request.
func (s *Templates) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, scheme := r.URL.EscapedPath(), "http"
	if r.TLS != nil {
		scheme = "https"
	}
	s.Serve(w, r, func(q Request) Reply {
		s.mu.Lock()
		defer s.mu.Unlock()
		if wrong := s.inspect(q, scheme+"://"+q.Host+path); wrong != "" {
			s.Complain("%s: %s", s.row.Name, wrong)
			return Reply{Status: http.StatusBadRequest, Body: "no\n"}
		}
		return reply(s.row.Dialect.Success, s.fill)
	})
}

// inspect says what is wrong about a request: everything that is not written in the row.
func (s *Templates) inspect(q Request, target string) string {
	if q.Method != s.row.method {
		return "method " + q.Method + ", not " + s.row.method
	}
	if got := q.Header.Get("Authorization"); got != s.wantsAuth() {
		return fmt.Sprintf("Authorization %q, not %q", got, s.wantsAuth())
	}
	if q.Body != "" {
		return "a body of " + fmt.Sprint(len(q.Body)) + " bytes"
	}
	var tried []string
	for n, params := range []string{s.row.ipv4, s.row.ipv6, s.row.both} {
		if params == "-" {
			continue
		}
		wantTarget := s.expand(s.row.urls[min(n, len(s.row.urls)-1)], url.PathEscape)
		want := s.params(s.row.common + "&" + params)
		if slices.Equal(segments(target), segments(wantTarget)) && q.Query.Encode() == want.Encode() {
			return ""
		}
		tried = append(tried, wantTarget+"?"+want.Encode())
	}
	return target + "?" + q.Query.Encode() + ", which is none of " + strings.Join(tried, ", ")
}

// segments are the parts of a URL between slashes, in clear.
func segments(target string) []string {
	parts := strings.Split(target, "/")
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil {
			parts[i] = plain
		}
	}
	return parts
}

// params reads "a=$h&b=c": the values are written in clear.
func (s *Templates) params(text string) url.Values {
	values := url.Values{}
	for _, pair := range strings.Split(text, "&") {
		if pair != "" {
			name, value, _ := strings.Cut(pair, "=")
			plain := func(v string) string { return v }
			values.Add(s.expand(name, plain), s.expand(value, plain))
		}
	}
	return values
}

// wantsAuth is the header: "basic" for username and password, "a:b" for others as Basic, or
// the header itself.
func (s *Templates) wantsAuth() string {
	plain := func(v string) string { return v }
	auth := s.row.Auth
	switch {
	case auth == "-":
		return ""
	case auth == "basic":
		auth = "$u:$p"
	case !strings.Contains(auth, ":"):
		return s.expand(auth, plain)
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(s.expand(auth, plain)))
}

func (s *Templates) fill(text string) string {
	return s.expand(text, func(v string) string { return v })
}

// expand replaces $h and the like.
func (s *Templates) expand(text string, escape func(string) string) string {
	o := s.login.Options
	label, _, _ := strings.Cut(s.login.Hostname, ".")
	var pairs []string
	for _, p := range []struct{ sign, value string }{
		{"$h", s.login.Hostname}, {"$o", label}, {"$d", o["domain"]}, {"$4", s.login.IPv4}, {"$6", s.login.IPv6},
		{"$u", o["username"]}, {"$p", o["password"]}, {"$t", o["token"]}, {"$s", o["token_ipv6"]}, {"$i", o["id"]}, {"$n", o["network"]},
	} {
		pairs = append(pairs, p.sign, escape(p.value))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// reply reads "STATUS body", or a body alone.
func reply(text string, fill func(string) string) Reply {
	status := http.StatusOK
	number, body, _ := strings.Cut(text, " ")
	if n, err := strconv.Atoi(number); err == nil && n >= 200 && n < 600 {
		status, text = n, body
	}
	r := Reply{Status: status, Body: fill(text)}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		r.Header = map[string]string{"Retry-After": "120"}
	}
	return r
}

// ListenPlain serves without TLS on addresses such as "127.0.0.1:80", for services that have none.
func (f *Front) ListenPlain(addrs ...string) error {
	for _, a := range addrs {
		l, err := net.Listen("tcp", a)
		if err != nil {
			return fmt.Errorf("the front listens on %s: %w", a, err)
		}
		f.mu.Lock()
		f.listeners = append(f.listeners, l)
		f.mu.Unlock()
		f.serving.Add(1)
		go func() {
			defer f.serving.Done()
			_ = f.server.Serve(l) // ends with Close
		}()
	}
	return nil
}
