package double

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// DuckDNS is www.duckdns.org by https://www.duckdns.org/spec.jsp: one GET of /update with
// domains (comma separated, with or without .duckdns.org), token, and ip, ipv6, verbose and
// clear where wanted. A good answer begins OK, a bad one is KO, both with status 200. Without ip
// and ipv6 it detects the IPv4 address of the client; with ipv6 alone it leaves the IPv4 one.
type DuckDNS struct {
	Common
	token string

	mu   sync.Mutex
	held map[string]*[2]string // name without .duckdns.org → IPv4, IPv6
}

// NewDuckDNS makes an account with these names ("myhome" or "myhome.duckdns.org").
func NewDuckDNS(token string, names ...string) *DuckDNS {
	d := &DuckDNS{token: token, held: map[string]*[2]string{}}
	for _, n := range names {
		d.held[strings.TrimSuffix(n, ".duckdns.org")] = &[2]string{}
	}
	return d
}

// Hosts are the service's names.
func (d *DuckDNS) Hosts() []string { return []string{"www.duckdns.org"} }

// Put sets what a name holds, "" for nothing.
func (d *DuckDNS) Put(name, ipv4, ipv6 string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held[strings.TrimSuffix(name, ".duckdns.org")] = &[2]string{ipv4, ipv6}
}

// Records are what the names hold, by hostname: IPv4 and IPv6 address, "" for none.
func (d *DuckDNS) Records() map[string][2]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := map[string][2]string{}
	for n, h := range d.held {
		out[n+".duckdns.org"] = *h
	}
	return out
}

func (d *DuckDNS) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.Serve(w, r, d.answer) }

func (d *DuckDNS) answer(r Request) Reply {
	if r.Path != "/update" {
		d.Complain("%s is no address of the service", r.Path)
		return Reply{Status: http.StatusNotFound, Body: "not found\n"}
	}
	if r.Method != http.MethodGet || r.Body != "" {
		d.Complain("an update is a GET without a body, this is %s with %d bytes", r.Method, len(r.Body))
	}
	for key, values := range r.Query {
		if !slices.Contains([]string{"domains", "token", "ip", "ipv6", "verbose", "clear"}, key) {
			d.Complain("parameter %s is not documented", key)
		}
		if len(values) > 1 {
			d.Complain("parameter %s is given %d times", key, len(values))
		}
	}
	return Reply{Header: map[string]string{"Content-Type": "text/html;charset=utf-8"}, Body: d.update(r)}
}

func (d *DuckDNS) update(r Request) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	names := strings.Split(r.Query.Get("domains"), ",")
	for i, n := range names {
		names[i] = strings.TrimSuffix(strings.ToLower(n), ".duckdns.org")
		if d.held[names[i]] == nil {
			return "KO"
		}
	}
	if r.Query.Get("token") != d.token {
		return "KO"
	}
	var want [2]string
	if !d.wanted(r, &want) {
		return "KO"
	}
	word, last := "NOCHANGE", (*[2]string)(nil)
	for _, n := range names {
		last = d.held[n]
		before := *last
		if r.Query.Get("clear") == "true" {
			*last = [2]string{}
		}
		for family, addr := range want {
			if addr != "" {
				last[family] = addr
			}
		}
		if *last != before {
			word = "UPDATED"
		}
	}
	if r.Query.Get("verbose") != "true" {
		return "OK"
	}
	return strings.Join([]string{"OK", last[0], last[1], word}, "\n")
}

// wanted reads the addresses that an update asks for.
func (d *DuckDNS) wanted(r Request, want *[2]string) bool {
	if r.Query.Get("clear") == "true" {
		return true
	}
	for _, key := range []string{"ip", "ipv6"} {
		text := r.Query.Get(key)
		if text == "" {
			continue
		}
		a, err := netip.ParseAddr(text)
		if err != nil || a.Is4In6() || a.Zone() != "" || key == "ipv6" && !a.Is6() {
			d.Complain("parameter %s is %q, which is no plain address of its family", key, text)
			return false
		}
		family := 0
		if a.Is6() {
			family = 1
		}
		want[family] = a.String()
	}
	if r.Query.Get("ip") == "" && r.Query.Get("ipv6") == "" {
		d.Complain("no address was given, so the service takes the one that the request came from")
		source, err := netip.ParseAddrPort(r.Remote)
		if err == nil && source.Addr().Unmap().Is4() {
			want[0] = source.Addr().Unmap().String()
		}
	}
	return true
}
