package provider

import (
	"net/netip"
	"strings"
	"time"
)

// Answer is what one word of a service means.
type Answer struct {
	// Match is the first word of a line, in any case: "badauth". With a star at its end it is
	// how the line begins ("addresses updated*"), with one at each end what occurs in it. A star
	// alone matches any text that is no page, "204" an empty answer of that HTTP status, and "()" any
	// empty one.
	Match     string
	Outcome   Outcome
	Unchanged bool // Confirmed: the service had it already
	// Whole: it is about the account, not one hostname; it is given once and speaks for all.
	Whole      bool
	RetryAfter time.Duration
	Text       string // for people: what happened and what to do about it; empty: the service's own words
}

// Echo says what the addresses behind a confirming word mean ("good 192.88.99.7").
type Echo uint8

// The kinds of echo.
const (
	// EchoIgnored: nothing is documented about them.
	EchoIgnored Echo = iota
	// EchoOwn: an address of a family that was asked for, and which is another than asked,
	// means that the service published that one.
	EchoOwn
	// EchoAll: what was published is listed, so that an asked address which is not among the
	// echoed ones was not.
	EchoAll
)

// Verdict is what an answer says about one hostname, for each family that was asked for.
type Verdict struct{ IPv4, IPv6 Result }

// Reading is an answer, judged.
type Reading struct {
	Verdicts []Verdict // one for each hostname, in the order asked
	Known    bool      // every line is in the table, by words of its own
	// Ambiguous: one line refused several hostnames, and one of them may have spoilt the others.
	Ambiguous bool
}

// Judge reads the body of an answer, which is untrusted and may be anything. title names the
// service in the texts. Word and Text of the results may hold all of a line, as printable
// characters: what shows them takes out the secrets first, and only then cuts (see Result).
func (t *Template) Judge(title string, u Update, body string) Reading {
	lines := answerLines(body)
	n := len(u.Hostnames)
	r := Reading{Verdicts: make([]Verdict, n)}
	switch {
	case len(body) > maxAnswer:
		return r.all(strange(title, "", "answered more than 4 KiB, which is no answer to an update"))
	case len(lines) == 0 && t.find("") == nil:
		return r.all(strange(title, "", "answered nothing"))
	case len(lines) == 0:
		lines = []string{""}
	case t.OneText:
		lines = []string{strings.Join(lines, " ")}
	case len(lines) > n:
		return r.all(strange(title, lines[0], "answered more lines than it was asked about, first"))
	}
	first := t.find(lines[0])
	one := n > 1 && len(lines) == 1 && (!t.EachLine || first == nil || first.Whole)
	r.Known = true
	r.Ambiguous = one && first != nil && first.Outcome == RefusedRequest && !first.Whole
	for i := range r.Verdicts {
		switch {
		case one:
			r.judge(t, title, u, i, lines[0])
		case i < len(lines):
			r.judge(t, title, u, i, lines[i])
		default:
			lost := Result{Outcome: Unknown, Sent: true, Text: title + " did not say what became of this hostname"}
			r.Verdicts[i] = Verdict{lost, lost}
		}
	}
	return r
}

// judge sets the verdict about hostname i by its line.
func (r *Reading) judge(t *Template, title string, u Update, i int, line string) {
	a := t.find(line)
	if a == nil || a.Outcome == Confirmed && !t.OneText && page(line) {
		r.Known = false
		s := strange(title, line, "gave an answer that its documentation does not have")
		r.Verdicts[i] = Verdict{s, s}
		return
	}
	if a.Match == "*" {
		r.Known = false
	}
	plain := Result{
		Outcome: a.Outcome, Unchanged: a.Unchanged, Whole: a.Whole, RetryAfter: a.RetryAfter, Sent: true,
		Word: oneLine(firstWord(line)), Text: title + ": " + a.Text,
	}
	if a.Text == "" {
		plain.Text = title + " " + said[a.Outcome]
		if line = oneLine(line); a.Outcome != Confirmed && line != "" && !markup(line) {
			plain.Text += ": \"" + line + "\""
		}
	}
	if markup(line) {
		plain.Word = ""
	}
	r.Verdicts[i] = Verdict{plain, plain}
	if a.Outcome == Confirmed && t.Echo != EchoIgnored {
		echoed := addresses(line)
		r.Verdicts[i] = Verdict{t.checkEcho(title, plain, u.IPv4, u, echoed), t.checkEcho(title, plain, u.IPv6, u, echoed)}
	}
}

// said are the beginnings of texts about answers that have none of their own.
var said = [...]string{
	Confirmed: "confirmed", RefusedCredentials: "does not take the login", RefusedRequest: "refused the update",
	Banned: "blocks the updates: ask its support", SlowDown: "asks to wait", Trouble: "has a fault of its own",
}

// checkEcho compares what the service says it published with what it was asked.
func (t *Template) checkEcho(title string, plain Result, asked netip.Addr, u Update, echoed []netip.Addr) Result {
	var other netip.Addr
	for _, e := range echoed {
		switch {
		case e == asked || !asked.IsValid():
			return plain
		case e.IsLoopback() && e != u.IPv4 && e != u.IPv6:
			// Dyn, and those who follow it, answer a client that they block with "good 127.0.0.1"
			// (https://help.dyn.com/remote-access-api/return-codes/).
			return plain.but(Banned, title+" answered "+e.String()+" instead of the address asked for: it blocks this client. Write to its support")
		case e.Is4() == asked.Is4():
			other = e
		}
	}
	switch {
	case other.IsValid():
		return plain.but(RefusedRequest, title+" published "+other.String()+" instead of "+asked.String())
	case t.Echo == EchoAll && len(echoed) > 0:
		return plain.but(RefusedRequest, title+" did not publish "+asked.String()+
			": is the hostname set up there for that kind of address (A for IPv4, AAAA for IPv6)? Add it on its web page")
	}
	return plain
}

// but is the result with a confirmation taken back.
func (r Result) but(o Outcome, text string) Result {
	r.Outcome, r.Unchanged, r.Whole, r.Text = o, false, o == Banned, text
	return r
}

// page says that a line is the beginning of a web page: no answer of a service that gives a line
// for each hostname.
func page(line string) bool {
	line = strings.ToLower(line)
	return strings.HasPrefix(line, "<!doctype") || strings.HasPrefix(line, "<html")
}

// find is the row of the table that a line matches.
func (t *Template) find(line string) *Answer {
	line = strings.ToLower(line)
	for i := range t.Answers {
		if matches(strings.ToLower(t.Answers[i].Match), line) {
			return &t.Answers[i]
		}
	}
	return nil
}

// matches says whether a line is what an Answer's Match describes, both in lower case.
func matches(match, line string) bool {
	begin, inside := strings.HasSuffix(match, "*"), strings.HasPrefix(match, "*")
	text := strings.Trim(match, "*")
	switch {
	case match == "()" || line == "":
		return match == "()" && (line == "" || line == "204")
	case match == "*":
		return !markup(line)
	case inside:
		return strings.Contains(line, text)
	case begin:
		return strings.HasPrefix(line, text)
	}
	return firstWord(line) == text
}

// firstWord is what a line begins with; a line has no space in front.
func firstWord(line string) string {
	if i := strings.IndexAny(line, " \t"); i > 0 {
		return line[:i]
	}
	return line
}

// strange is the result of an answer that no table explains: what was wrong, and the line, where
// it is no page for people.
func strange(title, line, what string) Result {
	r := Result{Outcome: Trouble, Sent: true, Text: title + " " + what}
	switch line = oneLine(line); {
	case line == "":
	case markup(line):
		r.Text += ": a page for people"
	default:
		r.Word = firstWord(strings.TrimSpace(line))
		r.Text += ": \"" + line + "\""
	}
	return r
}

// all gives every hostname the same verdict.
func (r Reading) all(s Result) Reading {
	for i := range r.Verdicts {
		r.Verdicts[i] = Verdict{s, s}
	}
	return r
}

// confirms says that a hostname was confirmed.
func (r Reading) confirms() bool {
	for _, v := range r.Verdicts {
		if v.IPv4.Outcome == Confirmed || v.IPv6.Outcome == Confirmed {
			return true
		}
	}
	return false
}

// answerLines are the lines that hold something.
func answerLines(body string) []string {
	var lines []string
	for _, line := range strings.Split(body, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// addresses are those that a line names.
func addresses(line string) []netip.Addr {
	var out []netip.Addr
	for _, field := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t,()", r) }) {
		if a, err := netip.ParseAddr(field); err == nil {
			out = append(out, a.Unmap().WithZone(""))
		}
	}
	return out
}
