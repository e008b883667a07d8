package provider

import (
	"strconv"
	"strings"
	"time"

	"github.com/wandns/wandns/pkg/egress"
)

// evidence is all that is known of one use of a driver.
type evidence struct {
	title    string // of the service
	hostname string // of the record set that is judged
	rrtype   string
	// several: the use was for more hostnames than this one, so that a refusal of another says
	// nothing of this one. Without it any refusal is of this one: a driver may name the zone.
	several   bool
	err       *sealed           // what the driver returned; nil for success
	exchanges []egress.Exchange // what egress saw, in the order it began
	// reads says of a request that it changes nothing, so that its lost answer is no unknown
	// outcome; nil when any may.
	reads func(egress.Exchange) bool
	// farewell: the library ends its session at the end, and that request says nothing.
	farewell bool
	// page says of the body of a 2xx answer that it can be one of the service's; nil takes any.
	page func(body []byte) bool
	// answer is the driver's AnswerReader, or nil.
	answer func(status int, body []byte) *Result
}

// statusRule is what an HTTP status means for an update (DESIGN 6; RFC 9110 section 15).
type statusRule struct {
	from, to int
	outcome  Outcome
	whole    bool // it is about the account
	advice   string
}

// statusRules are in order: the first that covers a status counts.
var statusRules = []statusRule{
	{401, 401, RefusedCredentials, true, "the login is not accepted: check the account's credentials"},
	{403, 403, RefusedCredentials, false, "the login may not change this name: check the account's credentials and what they allow"},
	{404, 404, RefusedRequest, false, "the service does not know this name or address"},
	{408, 408, Trouble, false, "the request took too long to arrive"},
	{423, 423, Trouble, false, "the service is busy with another change"},
	{425, 425, Trouble, false, "the request came too early"},
	{429, 429, SlowDown, true, "too many requests"},
	{400, 499, RefusedRequest, false, "the service does not accept the request"},
	{500, 599, Trouble, false, "the service has a fault of its own"},
	{100, 199, Trouble, false, "that is no final answer"},
	{300, 399, Trouble, false, "the service moved elsewhere, and wandns follows no redirect to another host"},
}

// failureAdvice is what a person can do about a failure on the way, behind egress' own words.
func failureAdvice(f egress.Failure) string {
	switch f {
	case egress.NameResolution:
		return "; is the router's own DNS working?"
	case egress.ClockWrong:
		return "; is the router's clock right?"
	}
	return ""
}

// judge decides what became of a record set. It is the table of outcomes in one place: the
// service's own word counts first, then the HTTP status, then what went wrong on the way.
// Nothing is confirmed without a whole 2xx response.
func judge(e evidence) Result {
	res := e.outcome()
	res.Sent = !res.NotSent && (res.Sent || e.acted(e.exchanges))
	if n := len(e.exchanges); n > 0 && res.RetryAfter == 0 && (res.Outcome == SlowDown || res.Outcome == Trouble) {
		res.RetryAfter = e.exchanges[n-1].RetryAfter
	}
	if res.Outcome == SlowDown {
		res.Whole = true
	}
	return res
}

func (e evidence) outcome() Result {
	refusal, err := e.refusal()
	if refusal != nil {
		return refusal.Result
	}
	if len(e.exchanges) == 0 {
		return e.nothingSent(err)
	}
	last := e.telling(err)
	whole := last.Status != 0 && last.Failure == egress.None && !last.Truncated
	if whole && e.answer != nil {
		if r := e.answer(last.Status, last.Answer); r != nil {
			return *r
		}
	}
	switch {
	case last.Status >= 200 && last.Status <= 299:
		return e.success(last, whole, err)
	case last.Status != 0:
		return e.status(last)
	}
	return e.failure(last)
}

// telling is the exchange that says what became of it: the last, or the one before a farewell.
// After an error the farewell may have been missing, or be what went wrong.
func (e evidence) telling(err error) egress.Exchange {
	n := len(e.exchanges)
	last := e.exchanges[n-1]
	if fine := last.Status/100 == 2 && last.Failure == egress.None; e.farewell && n > 1 && (err == nil || fine) {
		return e.exchanges[n-2]
	}
	return last
}

// success judges a 2xx head: only with a whole body that the driver understood is it a
// confirmation.
func (e evidence) success(last egress.Exchange, whole bool, err error) Result {
	word := "HTTP " + strconv.Itoa(last.Status)
	switch {
	case whole && err == nil && (e.page == nil || e.page(last.Answer)):
		return Result{Outcome: Confirmed, Word: word, Text: e.title + " confirmed"}
	case whole:
		res := Result{Outcome: e.lost(last), Word: word,
			Text: e.title + " answered " + word + " with something that is no answer to an update"}
		if said := e.said(last, err); said != "" {
			res.Text += ": " + said
		}
		return res
	}
	return Result{Outcome: e.lost(last), Word: word,
		Text: e.title + " answered " + word + " but the answer did not arrive whole: " + wayText(last)}
}

// status judges a whole or broken response with another status than 2xx.
func (e evidence) status(last egress.Exchange) Result {
	word := "HTTP " + strconv.Itoa(last.Status)
	rule := statusRule{outcome: Trouble, advice: "that is no status of HTTP"}
	for _, r := range statusRules {
		if last.Status >= r.from && last.Status <= r.to {
			rule = r
			break
		}
	}
	if last.Status == 503 && last.RetryAfter > 0 {
		rule.outcome, rule.advice = SlowDown, "the service asks to wait"
	}
	res := Result{Outcome: rule.outcome, Whole: rule.whole, Word: word, Text: e.title + " answered " + word + ": " + rule.advice}
	if rule.outcome == SlowDown && last.RetryAfter > 0 {
		res.Text += " (wait " + last.RetryAfter.Round(time.Second).String() + ")"
	}
	if said := e.said(last, nil); said != "" {
		res.Text += " (" + said + ")"
	}
	return res
}

// failure judges an exchange without any response head.
func (e evidence) failure(last egress.Exchange) Result {
	if last.Failure == egress.Refused {
		return e.notLet(last)
	}
	res := Result{Outcome: Trouble, Text: e.title + " could not be asked: " + wayText(last)}
	if last.Sent {
		res.Outcome, res.Text = e.lost(last), e.title+" was asked but its answer was lost: "+wayText(last)
	}
	return res
}

// notLet judges a request that egress did not let out. After a redirect it is the service's
// doing and may pass; before, only the configuration can change it.
func (e evidence) notLet(last egress.Exchange) Result {
	outcome := RefusedRequest
	if n := len(e.exchanges); n > 1 && e.exchanges[n-2].Status/100 == 3 {
		outcome = Trouble
	}
	return Result{Outcome: outcome, Text: e.title + ": " + wayText(last)}
}

func (e evidence) nothingSent(err error) Result {
	if err == nil {
		return Result{Outcome: Trouble, Text: "the driver of " + e.title + " reports success but sent no request"}
	}
	return Result{Outcome: Trouble, Text: e.title + " was not asked: " + err.Error()}
}

// lost is the outcome where the answer to a request that went out is not known.
func (e evidence) lost(last egress.Exchange) Outcome {
	if e.acted([]egress.Exchange{last}) || e.acted(e.exchanges) {
		return Unknown
	}
	return Trouble
}

// acted says whether a request went out that can have changed something.
func (e evidence) acted(exchanges []egress.Exchange) bool {
	for _, x := range exchanges {
		if (x.Sent || x.Status != 0) && (e.reads == nil || !e.reads(x)) {
			return true
		}
	}
	return false
}

// byGet says of a request that it only reads, as HTTP has it.
func byGet(x egress.Exchange) bool { return x.Method == "GET" || x.Method == "HEAD" }

// anything is a request of a use that only reads, however the service wants that asked.
func anything(egress.Exchange) bool { return true }

// refusal is the service's decision about this record set, as the driver read it. Without one,
// it returns the error that is left: none when the driver's error is about other names only.
func (e evidence) refusal() (*Refusal, error) {
	if e.err == nil {
		return nil, nil
	}
	var general *Refusal
	for _, r := range e.err.refusals {
		switch {
		case r.Hostname != "" && r.Hostname == e.hostname:
			if r.Type == "" || r.Type == e.rrtype {
				return r, nil
			}
		case general == nil && (r.Hostname == "" || !e.several):
			general = r
		}
	}
	if general != nil {
		return general, nil
	}
	if e.err.pure {
		return nil, nil
	}
	return nil, e.err
}

// sealed is a driver's error taken apart while the driver was being watched: an error is code
// of the driver too, and can panic.
type sealed struct {
	text     string
	refusals []*Refusal // all in its tree
	pure     bool       // there is nothing else in it
}

func (s *sealed) Error() string { return s.text }

// seal takes an error apart; nil stays nil.
func seal(err error) *sealed {
	if err == nil {
		return nil
	}
	const deepest = 16
	s := &sealed{text: err.Error()}
	s.refusals, s.pure = refusals(err, deepest)
	return s
}

func refusals(err error, depth int) (all []*Refusal, pure bool) {
	if r, ok := err.(*Refusal); ok && r != nil {
		held := *r
		return []*Refusal{&held}, true
	}
	if depth == 0 {
		return nil, false
	}
	switch err := err.(type) {
	case interface{ Unwrap() []error }:
		pure = true
		for _, inner := range err.Unwrap() {
			some, p := refusals(inner, depth-1)
			all, pure = append(all, some...), pure && p
		}
		return all, pure && len(all) > 0
	case interface{ Unwrap() error }:
		if inner := err.Unwrap(); inner != nil {
			return refusals(inner, depth-1)
		}
	}
	return nil, false
}

// said is what the service said, where that is a short line of plain text; else the driver's
// error, where that holds no page. A page or a data structure is not for people.
func (e evidence) said(last egress.Exchange, err error) string {
	const short = 120
	body := strings.TrimSpace(string(last.Answer))
	if body != "" && len(body) <= short && !markup(body) && oneLine(body) == body {
		return body
	}
	switch {
	case body == "" && last.Status/100 == 2:
		return "an empty page"
	case err != nil && !markup(err.Error()):
		return err.Error()
	}
	return ""
}

// markup says that text looks like HTML, XML or JSON.
func markup(text string) bool {
	return strings.ContainsAny(text, "<{") || strings.Contains(text, "&lt;")
}

// wayText says what went wrong on the way.
func wayText(x egress.Exchange) string {
	text := "the connection broke"
	if x.Err != nil {
		text = x.Err.Error()
	}
	return text + failureAdvice(x.Failure)
}

// hungText says of a driver that it did not come back.
const hungText = "the driver did not come back in time"
