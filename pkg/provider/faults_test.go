package provider_test

import (
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// verdict is the outcome of a fault for a request that writes; for one that only reads, an
// answer that was lost is mere trouble.
type verdict struct {
	outcome provider.Outcome
	after   time.Duration
}

var verdicts = map[string]verdict{
	"http-401":             {provider.RefusedCredentials, 0},
	"http-403":             {provider.RefusedCredentials, 0},
	"http-404":             {provider.RefusedRequest, 0},
	"http-429-retry-after": {provider.SlowDown, 2 * time.Minute},
	"http-500":             {provider.Trouble, 0},
	"http-502-html":        {provider.Trouble, 0},
	"http-503":             {provider.Trouble, 0},
	"http-503-retry-after": {provider.SlowDown, 5 * time.Minute},
	"reset-before-answer":  {provider.Unknown, 0},
	"reset-in-head":        {provider.Unknown, 0},
	"reset-in-body":        {provider.Unknown, 0},
	"body-of-20-mb":        {provider.Unknown, 0},
	"body-drips":           {provider.Unknown, 0},
	"no-answer":            {provider.Unknown, 0},
	"redirect-elsewhere":   {provider.Trouble, 0},
	"empty-body":           {provider.Unknown, 0},
	"garbage":              {provider.Unknown, 0},
	"html-with-200":        {provider.Unknown, 0},
}

func (r *rig) checkFault(t *testing.T, name string, res provider.Result, reading bool) {
	t.Helper()
	want, known := verdicts[name]
	if !known {
		t.Fatalf("no verdict for %s", name)
	}
	if reading && want.outcome == provider.Unknown {
		want.outcome = provider.Trouble
	}
	if res.Outcome != want.outcome || res.RetryAfter != want.after {
		t.Errorf("%v after %v, want %v after %v: %s", res.Outcome, res.RetryAfter, want.outcome, want.after, res.Text)
	}
	if res.Sent == reading {
		t.Errorf("Sent is %v: %s", res.Sent, res.Text)
	}
	if len(r.front.Strays()) > 0 {
		t.Errorf("requests for other hosts: %v", r.front.Strays())
	}
	t.Logf("%s: %s: %s", name, res.Outcome, res.Text)
}

func TestDuckDNS_any_fault(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	for _, fault := range double.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			r.duck.Forget()
			r.duck.FailNext(fault)
			r.checkFault(t, fault.Name, publishOne(t, r.duckdns(), "A myhome.duckdns.org 192.88.99.7"), false)
			if n := len(r.duck.Requests()); n != 1 {
				t.Errorf("%d requests: %v", n, asked(r.duck))
			}
		})
	}
}

func TestCloudflare_any_fault_on_the_write(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	r.cf.Put(double.CloudflareRecord{Type: "A", Name: "home.example.org", Content: "192.88.99.1"})
	for _, fault := range double.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			r.cf.Forget()
			healthy := double.Fault{Kind: double.Healthy} // two zone look-ups and the list
			r.cf.FailNext(healthy, healthy, healthy, fault)
			r.checkFault(t, fault.Name, publishOne(t, r.cloudflare(), "A home.example.org 192.88.99.7"), false)
			if n := len(r.cf.Requests()); n != 4 {
				t.Errorf("%d requests: %v", n, asked(r.cf))
			}
			if got := r.cf.Holds("home.example.org", "A"); len(got) != 1 || got[0] != "192.88.99.1" {
				t.Errorf("the double changed the record to %v", got)
			}
		})
	}
}

func TestCloudflare_any_fault_on_the_first_question(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	for _, fault := range double.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			r.cf.Forget()
			r.cf.FailNext(fault)
			r.checkFault(t, fault.Name, publishOne(t, r.cloudflare(), "A home.example.org 192.88.99.7"), true)
			if n := len(r.cf.Requests()); n != 1 {
				t.Errorf("%d requests: %v", n, asked(r.cf))
			}
		})
	}
}

// An answer that is lost after the service did what it was asked: asking again is harmless.
func TestService_lost_answers_can_be_asked_again(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	for _, name := range []string{"reset-before-answer", "reset-in-body", "no-answer"} {
		t.Run(name, func(t *testing.T) {
			r.duck.FailNext(double.Named(name).Once())
			s := r.duckdns()
			if res := publishOne(t, s, "AAAA other.duckdns.org 2002:c058:6307::1"); res.Outcome != provider.Unknown || !res.Sent {
				t.Fatalf("%v, sent %v: %s", res.Outcome, res.Sent, res.Text)
			}
			if res := publishOne(t, s, "AAAA other.duckdns.org 2002:c058:6307::1"); res.Outcome != provider.Confirmed || !res.Unchanged {
				t.Fatalf("%v, unchanged %v: %s", res.Outcome, res.Unchanged, res.Text)
			}
		})
	}
}

func TestService_any_other_status(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	for status, want := range map[int]provider.Outcome{
		201: provider.Unknown, 204: provider.Unknown, // no OK in it
		304: provider.Trouble, 400: provider.RefusedRequest, 402: provider.RefusedRequest, 405: provider.RefusedRequest,
		408: provider.Trouble, 409: provider.RefusedRequest, 410: provider.RefusedRequest, 422: provider.RefusedRequest,
		423: provider.Trouble, 425: provider.Trouble, 429: provider.SlowDown, 451: provider.RefusedRequest, 501: provider.Trouble,
		504: provider.Trouble, 520: provider.Trouble, 599: provider.Trouble, 600: provider.Trouble, 999: provider.Trouble,
	} {
		r.duck.FailNext(double.Status(status, ""))
		if res := publishOne(t, r.duckdns(), "A myhome.duckdns.org 192.88.99.7"); res.Outcome != want {
			t.Errorf("HTTP %d is %v, want %v: %s", status, res.Outcome, want, res.Text)
		}
	}
}

func TestService_tls_and_connection_failures_send_nothing(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	r := newRig(t)
	past := lab.Validity{NotBefore: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, c := range []struct {
		name  string
		valid lab.Validity
		host  string
	}{
		{"certificate-for-another-name", lab.Validity{}, "elsewhere.example"},
		{"expired-certificate", past, "www.duckdns.org"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := r.front.Certify("www.duckdns.org", c.valid, c.host); err != nil {
				t.Fatal(err)
			}
			res := publishOne(t, r.duckdns(), "A myhome.duckdns.org 192.88.99.7")
			if res.Outcome != provider.Trouble || res.Sent || len(r.duck.Requests()) != 0 {
				t.Errorf("%v, sent %v, %d requests: %s", res.Outcome, res.Sent, len(r.duck.Requests()), res.Text)
			}
			t.Log(res.Text)
		})
	}
	if err := r.front.Certify("www.duckdns.org", lab.Validity{}); err != nil {
		t.Fatal(err)
	}
	if res := publishOne(t, r.duckdns(), "A myhome.duckdns.org 192.88.99.7"); res.Outcome != provider.Confirmed {
		t.Errorf("with its own certificate again: %v: %s", res.Outcome, res.Text)
	}
}
