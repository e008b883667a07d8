package provider_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

const halfHour = 30 * time.Minute

// outcomeCase is what one answer means for a hostname that should become ip4.
type outcomeCase struct {
	answer string
	want   provider.Result // Outcome, Unchanged, Whole, RetryAfter
}

var commonOutcomes = []outcomeCase{
	{"good 192.88.99.7", provider.Result{Outcome: provider.Confirmed}},
	{"nochg 192.88.99.7", provider.Result{Outcome: provider.Confirmed, Unchanged: true}},
	{"GOOD\t192.88.99.7\r", provider.Result{Outcome: provider.Confirmed}},
	{"badauth", provider.Result{Outcome: provider.RefusedCredentials, Whole: true}},
	{"nohost", provider.Result{Outcome: provider.RefusedRequest}},
	{"!donator", provider.Result{Outcome: provider.RefusedRequest, Whole: true}},
	{"badagent", provider.Result{Outcome: provider.Banned, Whole: true}},
	{"911", provider.Result{Outcome: provider.SlowDown, Whole: true, RetryAfter: halfHour}},
	{"good 127.0.0.1", provider.Result{Outcome: provider.Banned, Whole: true}},
	{"good 198.51.100.9", provider.Result{Outcome: provider.RefusedRequest}},
	{"nochg 198.51.100.9", provider.Result{Outcome: provider.RefusedRequest}},
	{"goodbye", provider.Result{Outcome: provider.Trouble}},
	{"good\nnochg", provider.Result{Outcome: provider.Trouble}},
	{"<html><body>good</body></html>", provider.Result{Outcome: provider.Trouble}},
	{strings.Repeat("good ", 1000), provider.Result{Outcome: provider.Trouble}},
}

var dynOutcomes = []outcomeCase{
	{"notfqdn", provider.Result{Outcome: provider.RefusedRequest}},
	{"numhost", provider.Result{Outcome: provider.RefusedRequest}},
	{"abuse", provider.Result{Outcome: provider.Banned}},
	{"dnserr", provider.Result{Outcome: provider.SlowDown, Whole: true, RetryAfter: halfHour}},
	{"good", provider.Result{Outcome: provider.Confirmed}},
	{"good 2001:db8::9", provider.Result{Outcome: provider.Confirmed}},
}

// ownOutcomes are what one service alone documents.
var ownOutcomes = map[string][]outcomeCase{
	"noip": {
		{"abuse", provider.Result{Outcome: provider.Banned, Whole: true}},
		{"good 2001:db8::9", provider.Result{Outcome: provider.RefusedRequest}},
	},
	"dynu": append([]outcomeCase{
		{"unknown", provider.Result{Outcome: provider.RefusedRequest}},
		{"servererror", provider.Result{Outcome: provider.Trouble}},
	}, dynOutcomes...),
	"dyndns2": append([]outcomeCase{
		{"!yours", provider.Result{Outcome: provider.RefusedRequest}},
		{"badsys", provider.Result{Outcome: provider.RefusedRequest}},
	}, dynOutcomes...),
}

// faultOutcomes are the misbehaviours that every service can show.
var faultOutcomes = map[string]provider.Outcome{
	"http-401": provider.RefusedCredentials, "http-403": provider.RefusedCredentials,
	"http-404": provider.RefusedRequest, "http-429-retry-after": provider.SlowDown,
	"http-500": provider.Trouble, "http-502-html": provider.Trouble,
	"http-503": provider.Trouble, "http-503-retry-after": provider.SlowDown,
	"reset-before-answer": provider.Unknown, "reset-in-head": provider.Unknown, "reset-in-body": provider.Unknown,
	"body-of-20-mb": provider.Unknown, "body-drips": provider.Unknown, "no-answer": provider.Unknown,
	"redirect-elsewhere": provider.Trouble, "empty-body": provider.Trouble,
	"garbage": provider.Trouble, "html-with-200": provider.Trouble,
}

func TestDyndns2_Answers(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	for _, name := range []string{"noip", "dynu", "dyndns2"} {
		account, service := l.account(t, name), l.double(name)
		for _, c := range append(append([]outcomeCase(nil), commonOutcomes...), ownOutcomes[name]...) {
			title := c.answer
			if len(title) > 20 {
				title = title[:20]
			}
			t.Run(name+"/"+title, func(t *testing.T) {
				service.Forget()
				service.FailNext(double.Dyndns2Says(c.answer))
				got := account.Set(testContext(t), "", []provider.RecordSet{set("home.example.org", ip4)})[0]
				checkResult(t, got)
				if got.Outcome != c.want.Outcome || got.Unchanged != c.want.Unchanged ||
					got.Whole != c.want.Whole || got.RetryAfter != c.want.RetryAfter {
					t.Errorf("got %+v, want %+v", got, c.want)
				}
				if n := len(service.Requests()); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		}
		for _, f := range double.Faults() {
			if (f.Name == "body-drips" || f.Name == "no-answer") && name != "noip" {
				continue // each takes the whole time limit, and the way to all three is the same
			}
			t.Run(name+"/"+f.Name, func(t *testing.T) {
				want, ok := faultOutcomes[f.Name]
				if !ok {
					t.Fatal("no outcome is expected for this fault")
				}
				service.Forget()
				service.FailNext(f)
				got := account.Set(testContext(t), "", []provider.RecordSet{set("home.example.org", ip4)})[0]
				checkResult(t, got)
				if got.Outcome != want || !got.Sent {
					t.Errorf("got %+v, want %s", got, want)
				}
				if n := len(service.Requests()); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		}
	}
}

// checkResult holds for every result: words for people, bounded, printable, without a secret.
func checkResult(t *testing.T, r provider.Result) {
	t.Helper()
	if r.Text == "" || len(r.Text) > 300 || len(r.Word) > 64 || strings.ContainsAny(r.Text+r.Word, "\r\n\t\x1b\x00<") {
		t.Errorf("not fit to be shown: %q, %q", r.Word, r.Text)
	}
	if strings.Contains(r.Text+r.Word, ddPassword) {
		t.Errorf("the password is in %q, %q", r.Word, r.Text)
	}
}

func TestDyndns2_EchoedPasswordIsNotShown(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	for _, name := range []string{"noip", "dynu", "dyndns2"} {
		for _, answer := range []string{"wrong password " + ddPassword, ddPassword, strings.Repeat("y", 250) + ddPassword} {
			l.double(name).FailNext(double.Dyndns2Says(answer))
			got := l.account(t, name).Set(testContext(t), "", []provider.RecordSet{set("home.example.org", ip4)})[0]
			checkResult(t, got)
			if strings.Contains(got.Word+got.Text, ddPassword[:6]) {
				t.Errorf("%s: a part of the password is in %q, %q", name, got.Word, got.Text)
			}
		}
	}
}

func TestDyndns2_WrongPasswordIsAskedOnce(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	for _, name := range []string{"noip", "dynu", "dyndns2"} {
		t.Run(name, func(t *testing.T) {
			settings := ddSettings()
			settings["password"] = provider.NewSecret("another")
			d, err := ddInfo(t, name).New(settings)
			if err != nil {
				t.Fatal(err)
			}
			l.double(name).Hold("a.example.org", none, none)
			l.double(name).Hold("b.example.org", none, none)
			recs, err := d.SetRecords(testContext(t), ".", records(set("a.example.org", ip4), set("b.example.org", ip4b)))
			got := refusalsIn(err)
			if len(recs) != 0 || got["a.example.org "].Outcome != provider.RefusedCredentials || got["a.example.org "].NotSent ||
				!got["b.example.org "].NotSent || got["b.example.org "].Outcome != provider.RefusedCredentials {
				t.Errorf("got %v, %v", recs, got)
			}
			if n := len(l.double(name).Requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
			if a, aaaa := l.double(name).Holds("a.example.org"); a != none || aaaa != none {
				t.Errorf("published %s, %s", a, aaaa)
			}
		})
	}
}

func TestDyndns2_AnotherAddressOfTheOtherFamily(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newDyndnsLab(t)
	want := map[string]provider.Outcome{
		"noip": provider.RefusedRequest, // the answer lists what was published, and this is not
		"dynu": provider.Confirmed,      // it shows the A record, whatever was asked
	}
	for name, outcome := range want {
		l.double(name).FailNext(double.Dyndns2Says("good " + netip.MustParseAddr("198.51.100.9").String()))
		got := l.account(t, name).Set(testContext(t), "", []provider.RecordSet{set("home.example.org", ip6)})[0]
		if got.Outcome != outcome {
			t.Errorf("%s: got %+v, want %s", name, got, outcome)
		}
	}
}
