package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/libdns/libdns"
)

// Template describes as data a service that updates hostnames by one HTTP request: the dyndns2
// protocol that Dyn invented (https://help.dyn.com/remote-access-api/perform-update/) and those
// like it, and services with a plain update URL. What differs between them is where the request
// goes, how it names the hostnames and the addresses, and what the words of the answer mean.
//
// Where it says so, texts hold placeholders in braces:
//
//	{hostname}  the hostnames, joined by Separator
//	{host}      the hostname without the account's domain, or without the service's own suffix; "@" for the domain itself
//	{ipv4}      the IPv4 address
//	{ipv6}      the IPv6 address
//	{ip}        the address of the one family that is asked for
//	{option}    the account's option of that name: {username}, {password}, {token}
//
// In a URL they are percent-escaped.
type Template struct {
	Method string // empty means GET
	URL    string // how every request's URL begins; with placeholders
	// IPv4, IPv6 and Both are how it goes on, with placeholders, when one or both families are
	// published; an empty one: the service does not take that. Where it would otherwise change
	// the family left out (many set it to the address that the request came from), they say what
	// protects it: "myip=no&myipv6={ipv6}". Without Both, each family gets its own request.
	IPv4, IPv6, Both string
	Separator        string // between hostnames; empty means ","
	// Authorization is the header of that name, with placeholders: "Bearer {token}", or
	// "Basic {username}:{password}", which is encoded as RFC 7617 says. Empty: none.
	Authorization string
	// Alias is how the URL ends for a hostname below the domain in the account's option
	// "domain", where the service wants the two apart: {hostname} is then that domain, {alias}
	// what stands before it. Such a hostname gets its own request.
	Alias string
	// Suffixes are the domains that {host} is cut off from where the account has no option domain.
	Suffixes []string
	// OneText: the answer is one text, such as JSON or XML, and not a line for each hostname.
	OneText bool
	// EachLine: the service documents one line of answer for each hostname, in the order asked,
	// so that a missing line leaves its hostname unknown. Otherwise one line may speak for all.
	EachLine bool
	Echo     Echo
	Answers  []Answer // the first one that matches a line decides
}

// Update is what one request asks for: the same addresses for some hostnames. The zero Addr
// means that the family is not asked for.
type Update struct {
	Hostnames  []string
	IPv4, IPv6 netip.Addr
}

// maxAnswer is how much of an answer is read, in bytes: 20 hostnames need 2 KiB at the most.
const maxAnswer = 4 << 10

// template is the Driver of one account at a service with a Template.
//
// SetRecords returns the records that the service confirmed. Its error holds a *Refusal for
// every name that it did not, with Type set where the two families of a name fared differently,
// and for a name that the service had already (nochg): Confirmed and Unchanged, and among the
// records as well. A request that fails on the way, or by an HTTP status that comes without a
// word of the service, is the last that is sent: its error is no Refusal, the names after it
// are refused as NotSent, and those before it are told as Confirmed.
type template struct {
	Template
	title    string
	most     int // hostnames in one request
	settings Settings
}

// ofUpdate says whether a placeholder stands for something else than an option of the account.
func ofUpdate(name string) bool {
	switch name {
	case "hostname", "host", "alias", "ip", "ipv4", "ipv6":
		return true
	}
	return false
}

// Driver makes the driver of an account: title names the service to people, most is how many
// hostnames it takes in one request. The error names the option that is missing or cannot be
// sent. Options that only IPv4, IPv6 or Both need may be missing: then that is not taken.
func (t Template) Driver(title string, most int, s Settings) (Driver, error) {
	if err := sendable(t.URL+t.Authorization, s); err != nil {
		return nil, err
	}
	var missing error
	for _, rest := range []*string{&t.IPv4, &t.IPv6, &t.Both} {
		if err := sendable(*rest, s); errors.Is(err, errMissing) {
			*rest, missing = "", err
		} else if err != nil {
			return nil, err
		}
	}
	if missing != nil && t.IPv4 == "" && t.IPv6 == "" {
		return nil, missing
	}
	return &template{Template: t, title: title, most: max(most, 1), settings: s}, nil
}

var errMissing = errors.New("is missing")

// sendable says whether a text's placeholders have values that can be sent.
func sendable(text string, s Settings) error {
	for _, name := range placeholders(text) {
		switch value := s.Get(name); {
		case ofUpdate(name):
		case value == "":
			return fmt.Errorf("option %s %w", name, errMissing)
		case strings.ContainsFunc(value, unprintable):
			return fmt.Errorf("option %s holds a control character", name)
		}
	}
	return nil
}

// SetRecords publishes A and AAAA records, one address each. The service has no zones: zone is
// "." and names are relative to it (a zone that is one is put behind the names).
func (d *template) SetRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	names, err := collect(zone, recs)
	if err != nil {
		return nil, err
	}
	var out tally
	queue := d.updates(names)
	for len(queue) > 0 {
		u := queue[0]
		queue = queue[1:]
		if out.stop != nil {
			out.notSent(u)
			continue
		}
		r, err := d.ask(ctx, u)
		switch {
		case err != nil:
			out.failed(err)
		case r.Ambiguous:
			queue = append(singly(u), queue...)
		default:
			out.take(u, r)
		}
	}
	return out.result(names)
}

// singly is one request for each hostname: one of them may have spoilt the others.
func singly(u Update) []Update {
	var out []Update
	for _, h := range u.Hostnames {
		out = append(out, Update{[]string{h}, u.IPv4, u.IPv6})
	}
	return out
}

// ask sends one request and judges its answer. The error is that of a request that failed on
// the way, or by an HTTP status that came without a word of the service.
func (d *template) ask(ctx context.Context, u Update) (Reading, error) {
	about := d.title + " about " + strings.Join(u.Hostnames, ", ")
	req, err := d.Request(ctx, u, d.settings)
	var no *Refusal
	if errors.As(err, &no) {
		return Reading{Verdicts: make([]Verdict, len(u.Hostnames))}.all(no.Result), nil
	}
	if err != nil {
		return Reading{}, fmt.Errorf("asking %s: %w", about, err)
	}
	resp, err := new(http.Client).Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err // without the URL, which can hold a secret
		}
		return Reading{}, fmt.Errorf("asking %s: %w", about, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return Reading{}, fmt.Errorf("reading the answer of %s: %w", about, err)
	}
	text := string(body)
	if text == "" && resp.StatusCode == http.StatusNoContent {
		text = "204" // says what it has to say by its status; an empty answer with another one is a fault
	}
	r := d.Judge(d.title, u, text)
	if resp.StatusCode/100 != 2 && (!r.Known || r.confirms()) {
		return Reading{}, fmt.Errorf("%s: HTTP status %d", about, resp.StatusCode)
	}
	return r, nil
}

// wanted is one hostname and what it should hold; the zero Addr where nothing is asked.
type wanted struct {
	hostname   string
	relative   string // as the caller wrote it
	ipv4, ipv6 netip.Addr
}

// collect gathers the records of each hostname, in the order of their first mention.
func collect(zone string, recs []libdns.Record) ([]*wanted, error) {
	var names []*wanted
	byName := map[string]*wanted{}
	for _, r := range recs {
		rr := r.RR()
		host := strings.Trim(libdns.AbsoluteName(rr.Name, zone), ".")
		addr, err := netip.ParseAddr(rr.Data)
		addr = addr.Unmap().WithZone("")
		if err != nil || host == "" || (rr.Type != "A" && rr.Type != "AAAA") || addr.Is4() != (rr.Type == "A") {
			return nil, fmt.Errorf("%s record of %q: only an IPv4 address as A and an IPv6 address as AAAA can be published", rr.Type, host)
		}
		w := byName[host]
		if w == nil {
			w = &wanted{hostname: host, relative: rr.Name}
			byName[host] = w
			names = append(names, w)
		}
		family := &w.ipv4
		if addr.Is6() {
			family = &w.ipv6
		}
		if family.IsValid() && *family != addr {
			return nil, fmt.Errorf("%s record of %s: the service holds one address of a family, not both %s and %s", rr.Type, host, *family, addr)
		}
		*family = addr
	}
	return names, nil
}

// updates are the requests for names: those with the same addresses together, as many as the
// service takes at once, and the families apart where it does not take both.
func (d *template) updates(names []*wanted) []Update {
	type pair struct{ ipv4, ipv6 netip.Addr }
	var out []Update
	open := map[pair]int{} // the request for these addresses that has room
	add := func(host string, p pair) {
		i, ok := open[p]
		_, alias := d.split(host, d.settings)
		if !ok || len(out[i].Hostnames) == d.most || alias != "" {
			i = len(out)
			out = append(out, Update{IPv4: p.ipv4, IPv6: p.ipv6})
			if alias == "" {
				open[p] = i
			}
		}
		out[i].Hostnames = append(out[i].Hostnames, host)
	}
	for _, w := range names {
		if d.Both != "" || !w.ipv4.IsValid() || !w.ipv6.IsValid() {
			add(w.hostname, pair{w.ipv4, w.ipv6})
			continue
		}
		add(w.hostname, pair{ipv4: w.ipv4})
		add(w.hostname, pair{ipv6: w.ipv6})
	}
	return out
}
