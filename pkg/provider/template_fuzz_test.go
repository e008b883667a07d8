package provider_test

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wandns/wandns/pkg/provider"
)

// templates are one of each way to read an answer.
func templates() []provider.Template {
	answers := []provider.Answer{
		{Match: "good", Outcome: provider.Confirmed, Text: "updated"},
		{Match: "nochg", Outcome: provider.Confirmed, Unchanged: true, Text: "as it was"},
		{Match: "nohost", Outcome: provider.RefusedRequest, Text: "no such hostname"},
		{Match: "badauth", Outcome: provider.RefusedCredentials, Whole: true, Text: "wrong password"},
		{Match: "addresses updated*", Outcome: provider.Confirmed, Text: "updated"},
		{Match: "*try again*", Outcome: provider.SlowDown, Whole: true, Text: "later"},
	}
	return []provider.Template{
		{Answers: answers, EachLine: true, Echo: provider.EchoAll},
		{Answers: answers, Echo: provider.EchoOwn},
		{Answers: answers},
	}
}

// FuzzAnswer: whatever a service answers, each hostname gets a verdict that is fit to be shown,
// and none is confirmed without the word for it.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		"", "good 192.88.99.7\n", "good 192.88.99.7,2001:db8:1::7\nnochg 192.88.99.7\r\nnohost\n", "badauth",
		"good 127.0.0.1", "911\n", "addresses updated", "Please try again in 5 minutes", "<html>good</html>", "good\x00",
		"\xff\xfe\x1b[31mgood", strings.Repeat("good\n", 21), strings.Repeat("x", 5000), "good ::ffff:192.88.99.7", "\u202egood", "good fe80::1%eth0",
	} {
		f.Add(body, uint8(3), true, true)
		f.Add(body, uint8(1), true, false)
		f.Add(body, uint8(20), false, true)
	}
	f.Fuzz(func(t *testing.T, body string, n uint8, v4, v6 bool) {
		u := provider.Update{Hostnames: make([]string, 1+n%20)}
		if v4 || !v6 {
			u.IPv4 = netip.MustParseAddr("192.88.99.7")
		}
		if v6 {
			u.IPv6 = netip.MustParseAddr("2001:db8:1::7")
		}
		lower := strings.ToLower(body)
		says := strings.Contains(lower, "good") || strings.Contains(lower, "nochg") || strings.Contains(lower, "addresses updated")
		for _, tmpl := range templates() {
			r := tmpl.Judge("The service", u, body)
			if len(r.Verdicts) != len(u.Hostnames) {
				t.Fatalf("%d verdicts on %d hostnames", len(r.Verdicts), len(u.Hostnames))
			}
			for _, v := range r.Verdicts {
				for _, res := range []provider.Result{v.IPv4, v.IPv6} {
					if res.Outcome == provider.Confirmed && (!says || len(body) > 4<<10) {
						t.Fatalf("%q confirms", body)
					}
					if res.Text == "" || !utf8.ValidString(res.Text+res.Word) || strings.ContainsAny(res.Text+res.Word, "\r\n\x00\x1b\u202e") {
						t.Fatalf("not fit to be shown: %q, %q", res.Word, res.Text)
					}
					if res.Unchanged && res.Outcome != provider.Confirmed {
						t.Fatalf("unchanged but %s", res.Outcome)
					}
				}
			}
		}
	})
}
