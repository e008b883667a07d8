package double

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Dyndns2 is a service that is updated by GET /nic/update and answers with a word for each
// hostname. NewNoIP, NewDynu and NewDyn make the three that are known.
type Dyndns2 struct {
	Common
	dialect
	username, password string

	mu      sync.Mutex
	names   map[string]*held
	domains []string // of the owner: what is below one is its alias
}

// dialect is what one service's documentation says that others do not.
type dialect struct {
	host   string
	params []string // that may occur in a query
	most   int      // hostnames in a request; 0: the documentation gives no number
	// oneLine: several hostnames are answered by one line, and all are updated or none.
	oneLine bool
	// asked reads what a request wants of a hostname's two families.
	asked func(q url.Values, source netip.Addr) (a, aaaa wish, good bool)
	// told is what stands behind good and nochg: of the families that were asked for by name.
	told func(h *held, q url.Values) string
}

// wish is what a request wants of one family.
type wish struct {
	change bool
	to     netip.Addr // the zero Addr deletes
}

// held is what the service has for a hostname.
type held struct {
	a, aaaa netip.Addr
	word    string // what every update of it is answered with; empty: as documented
	onlyA   bool   // no AAAA is set up for it
}

// NewNoIP is No-IP (https://www.noip.com/integrate/request and /response).
//
// myip holds one address of either family, or one of each with a comma between; myipv6 an IPv6
// address. Without an IPv4 address and without an IPv6 address in myip, the A record becomes
// the address that the request came from. The answer lists what was published.
func NewNoIP(username, password string, hostnames ...string) *Dyndns2 {
	return newDyndns2(dialect{
		host: "dynupdate.no-ip.com", params: []string{"hostname", "myip", "myipv6", "offline"},
		asked: askedOfNoIP, told: toldByNoIP,
	}, username, password, hostnames)
}

// NewDynu is Dynu (https://www.dynu.com/DynamicDNS/IP-Update-Protocol). myip and myipv6 hold an
// address or "no"; a family without either, or with 10.0.0.0, becomes the address that the
// request came from, if that is of the family.
func NewDynu(username, password string, hostnames ...string) *Dyndns2 {
	return newDyndns2(dialect{
		host: "api.dynu.com", most: 20,
		params: []string{"hostname", "myip", "myipv6", "alias", "location", "username", "password"},
		asked:  askedOfDynu, told: toldByDynu,
	}, username, password, hostnames)
}

// NewDyn is a server on host that does as Dyn's documentation says
// (https://help.dyn.com/remote-access-api/perform-update/): myip holds one or both families,
// and one that is left out is deleted.
func NewDyn(host, username, password string, hostnames ...string) *Dyndns2 {
	return newDyndns2(dialect{
		host: host, most: 20, params: []string{"hostname", "myip", "system", "wildcard", "mx", "backmx", "offline"},
		asked: askedOfDyn, told: func(_ *held, q url.Values) string { return q.Get("myip") },
	}, username, password, hostnames)
}

func newDyndns2(d dialect, username, password string, hostnames []string) *Dyndns2 {
	s := &Dyndns2{dialect: d, username: username, password: password, names: map[string]*held{}}
	for _, h := range hostnames {
		s.names[h] = &held{}
	}
	return s
}

// Dyndns2Says is the answer with these lines, whatever was asked; nothing is updated.
func Dyndns2Says(lines ...string) Fault {
	body := strings.Join(lines, "\n") + "\n"
	return Fault{Name: strings.Join(lines, "+"), Kind: Answer, Reply: Reply{Body: body}}
}

// Hosts is the name of the update server.
func (s *Dyndns2) Hosts() []string { return []string{s.host} }

// Holds is what a hostname has, zero Addrs where it has nothing.
func (s *Dyndns2) Holds(hostname string) (a, aaaa netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.names[hostname]; h != nil {
		return h.a, h.aaaa
	}
	return netip.Addr{}, netip.Addr{}
}

// Hold gives a hostname addresses (zero Addrs for none), and creates it.
func (s *Dyndns2) Hold(hostname string, a, aaaa netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[hostname] = &held{a: a, aaaa: aaaa}
}

// Refuse makes word the answer to every update of a hostname; "" ends that.
func (s *Dyndns2) Refuse(hostname, word string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names[hostname] == nil {
		s.names[hostname] = &held{}
	}
	s.names[hostname].word = word
}

// OnlyA leaves a hostname without an AAAA record: its IPv6 addresses are not published.
func (s *Dyndns2) OnlyA(hostname string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[hostname] = &held{onlyA: true}
}

// Domain makes a domain the owner's own: hostnames below it are updated by their alias alone.
func (s *Dyndns2) Domain(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.domains = append(s.domains, name)
}

// OneLine makes one line the answer to several hostnames: of those that fare the same, and of
// the first that is refused, which keeps the others from being updated.
func (s *Dyndns2) OneLine() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oneLine = true
}

// ServeHTTP answers one request.
func (s *Dyndns2) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.Serve(w, r, s.answer) }

func (s *Dyndns2) answer(r Request) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method != http.MethodGet || r.Path != "/nic/update" {
		s.Complain("%s %s: only GET /nic/update is documented", r.Method, r.Path)
		return Reply{Status: http.StatusNotFound, Body: "not found\n"}
	}
	s.inspect(r)
	user, password, _ := (&http.Request{Header: r.Header}).BasicAuth()
	if user != s.username || password != s.password {
		return Reply{Status: http.StatusUnauthorized, Body: "badauth\n"}
	}
	names := strings.Split(r.Query.Get("hostname"), ",")
	switch {
	case r.Query.Get("hostname") == "":
		s.Complain("no hostname in %v", r.Query)
		return Reply{Body: "notfqdn\n"}
	case s.most > 0 && len(names) > s.most:
		s.Complain("%d hostnames where %d are allowed", len(names), s.most)
		return Reply{Body: "numhost\n"}
	}
	if alias := r.Query.Get("alias"); alias != "" && slices.Contains(s.domains, names[0]) {
		names = []string{alias + "." + names[0]}
	} else if alias != "" || slices.ContainsFunc(names, s.isAlias) {
		return Reply{Body: "nohost\n"}
	}
	a, aaaa, good := s.asked(r.Query, source(r.Remote))
	if !good {
		s.Complain("addresses that are none in %v", r.Query)
		return Reply{Body: "dnserr\n"}
	}
	return Reply{Body: strings.Join(s.update(names, a, aaaa, r.Query), "\n") + "\n"}
}

// isAlias says that a hostname is below a domain of the owner.
func (s *Dyndns2) isAlias(name string) bool {
	return slices.ContainsFunc(s.domains, func(d string) bool { return strings.HasSuffix(name, "."+d) })
}

// inspect complains about what the documentation does not allow.
func (s *Dyndns2) inspect(r Request) {
	for name, values := range r.Query {
		if !slices.Contains(s.params, name) || len(values) != 1 {
			s.Complain("parameter %s=%q is not documented", name, values)
		}
		if name == "password" {
			s.Complain("the password is in the URL")
		}
	}
	if r.Body != "" {
		s.Complain("a GET with a body of %d bytes", len(r.Body))
	}
	// "Company NameOfProgram/OSVersion-ReleaseVersion maintainer-contact" (No-IP).
	program, contact, _ := strings.Cut(r.Header.Get("User-Agent"), " ")
	if !strings.Contains(program, "/") || !strings.ContainsAny(contact, "@:") {
		s.Complain("User-Agent %q names no program/version and contact", r.Header.Get("User-Agent"))
	}
}

// update changes the names and says what became of each.
func (s *Dyndns2) update(names []string, a, aaaa wish, q url.Values) []string {
	if s.oneLine {
		for _, n := range names {
			if word := s.refusal(n); word != "" {
				return []string{word}
			}
		}
	}
	var lines []string
	for _, n := range names {
		if word := s.refusal(n); word != "" {
			lines = append(lines, word)
			continue
		}
		h, word := s.names[n], "nochg"
		before := *h
		if a.change {
			h.a = a.to
		}
		if aaaa.change && !h.onlyA {
			h.aaaa = aaaa.to
		}
		if before != *h {
			word = "good"
		}
		lines = append(lines, strings.TrimSpace(word+" "+s.told(h, q)))
	}
	if s.oneLine {
		slices.Sort(lines) // good before nochg
		return lines[:1]
	}
	return lines
}

func (s *Dyndns2) refusal(name string) string {
	switch h := s.names[name]; {
	case !strings.Contains(name, "."):
		return "notfqdn"
	case h == nil:
		return "nohost"
	default:
		return h.word
	}
}

// source is the address that a request came from.
func source(remote string) netip.Addr {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	addr, _ := netip.ParseAddr(host) // the zero Addr when it is none
	return addr.Unmap()
}
