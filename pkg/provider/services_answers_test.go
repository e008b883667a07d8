//go:build !minimal

package provider_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// open makes the account of a service, and has the double stand for it.
func (l *servicesLab) open(t *testing.T, info *provider.Info) (*provider.Service, double.TemplateLogin) {
	t.Helper()
	row := l.rows[info.Name]
	settings, login := serviceAccount(info)
	account, err := provider.Open(info, settings, egress.Path{InsecureHTTP: row.Plain()})
	if err != nil {
		t.Fatal(err)
	}
	l.double.Become(row, login)
	return account, login
}

// answerCases are answers that services were seen to give, beside those of the doubles' dialects.
// $h is the hostname, $4 the address that was asked for.
var answerCases = []struct {
	service, answer string
	want            provider.Outcome
	unchanged       bool
}{
	{"allinkl", "good", provider.Confirmed, false}, // pfSense: nothing changed
	{"allinkl", "good 198.51.100.9", provider.RefusedRequest, false},
	{"cdmon", "&resultat=guardatok&temps=1200000&", provider.Confirmed, false},
	{"cdmon", "&resultat=novaversio&", provider.RefusedRequest, false},
	{"ddnss", "good", provider.Confirmed, false},
	{"ddnss", "nochg", provider.Confirmed, true},
	{"ddnss", "<font>Your account is disabled</font>", provider.RefusedRequest, false},
	{"ddnss", "<font>Updated 0 hostname.</font>", provider.Trouble, false},
	{"dnsexit", `{"code":1,"message":"Some actions have problems"}`, provider.Trouble, false},
	{"domeneshop-ddns", "200 ", provider.Trouble, false}, // it documents 204
	{"duiadns", "<html>Hostname $h not found</html>", provider.RefusedRequest, false},
	{"dinahosting", "responseCode = 2201\nerrors_0_message = 'Authorization error.'", provider.RefusedRequest, false},
	{"dnsever", `<dnsever><result type="update" code="203" msg="DNSEver service checkup"></result></dnsever>`, provider.Trouble, false},
	{"dynadot", "OK", provider.Confirmed, false},
	{"dynadot", `{"status":"success","error_code":0,"content":["x"]}`, provider.Confirmed, false},
	{"dynadot", `{"error_code":-1,"content":["This account is not testing account."],"status":"error"}`, provider.RefusedRequest, false},
	{"dynadot", "error: the token is unknown", provider.RefusedRequest, false},
	{"easydns", "<HTML>NOACCESS</HTML>", provider.RefusedCredentials, false},
	{"easydns", "TOOSOON", provider.SlowDown, false},
	{"easydns", "NOERROR", provider.Confirmed, false},
	{"easydns", "ILLEGAL INPUT", provider.RefusedRequest, false},
	{"enom", "<interface-response><ErrCount>1</ErrCount><ResponseNumber>304153</ResponseNumber></interface-response>", provider.RefusedRequest, false},
	{"entrydns", "422 invalid address", provider.RefusedRequest, false},
	{"freedns", "ERROR: Unable to locate this record (changed password recently? deleted and re-created this dns entry?)", provider.RefusedRequest, false},
	{"freedns", "ERROR: Could not authenticate.", provider.RefusedCredentials, false},
	{"freedns-token", "Couldn't find any matching DNS records via randomkey method!", provider.RefusedRequest, false},
	{"freemyip", "ERROR Requested token doesn't exist: 0123456789", provider.Trouble, false},
	{"gigahost", "badagent", provider.Banned, false},
	{"goip", "<html>Wartung (1 Stunde)</html>", provider.Trouble, false},
	{"he", "badip", provider.RefusedRequest, false},
	{"he", "interval", provider.SlowDown, false},
	{"infomaniak-ddns", "good $4", provider.Confirmed, false},
	{"infomaniak-ddns", "nochg $4", provider.Confirmed, true},
	{"infomaniak-ddns", "successfully_changed 198.51.100.9", provider.RefusedRequest, false},
	{"ipv64", "good", provider.Confirmed, false},
	{"ipv64", "no goods today", provider.Trouble, false},
	{"mydnsjp", "<html><body>login_status = 0.<BR></body></html>", provider.RefusedCredentials, false},
	{"mydnsjp", "<html><body>Login and IP address notify OK.<BR></body></html>", provider.Confirmed, false},
	{"njalla-ddns", `{"status": 500, "message": "invalid data"}`, provider.RefusedRequest, false},
	{"nowdns", `"good"`, provider.Confirmed, false},
	{"nowdns", `"nochg"`, provider.Confirmed, true},
	{"nowdns", "400 badauth", provider.RefusedCredentials, false},
	{"oray", "notfqdn", provider.RefusedRequest, false},
	{"servercow", "FAILED", provider.RefusedRequest, false},
	{"sitelutions", "failure (noauth)", provider.RefusedCredentials, false},
	{"spdyn", "!yours", provider.RefusedRequest, false},
	{"twodns", "The address was updated.", provider.Trouble, false}, // the words are those of dyndns2
	{"zoneedit", `<SUCCESS CODE="201" TEXT="No records need updating." ZONE="$d">`, provider.Confirmed, true},
	{"zoneedit", `<ERROR CODE="701" TEXT="Zone is not set up in this account." ZONE="bad.com">`, provider.RefusedRequest, false},
	{"zoneedit", "invalid login", provider.RefusedCredentials, false},
	{"zoneedit", "NO_AUTH", provider.RefusedCredentials, false},
}

func TestServices_answers(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newServicesLab(t)
	for _, c := range answerCases {
		info := provider.Lookup(c.service)
		account, login := l.open(t, info)
		t.Run(c.service+"/"+c.answer, func(t *testing.T) {
			l.double.FailNext(l.double.Answer(c.answer))
			families := "ipv4"
			if info.Limits.Joint {
				families = "both"
			}
			got := account.Set(testContext(t), "", sets(login.Hostname, families))[0]
			showsNoSecret(t, got, login.Options)
			if got.Outcome != c.want || got.Unchanged != c.unchanged {
				t.Errorf("got %s, unchanged %v (%q, %s), want %s", got.Outcome, got.Unchanged, got.Word, got.Text, c.want)
			}
		})
	}
}

// pages are what stands between the router and a service, or in its place: none is an answer.
var pages = []string{
	`<!DOCTYPE html><html><head><title>Good morning</title><script>var ok={success:true,error:0,"code":2};</script></head>` +
		`<body>OK (1) hostname 0=1 updated, nochg: good <IP>192.88.99.7</IP></body></html>`,
	"<html><body><h1>It works!</h1></body></html>",
	`<!doctype html><title>Login</title><form>User: <input name="u"> hostname: <input name="h"> OK</form>`,
	`<?xml version="1.0"?><hotspot><accepted>good</accepted></hotspot>`,
	"  \n<!-- good -->\n<html>OK</html>",
}

func TestServices_no_page_confirms(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	l := newServicesLab(t)
	for _, info := range provider.Described() {
		row := l.rows[info.Name]
		account, login := l.open(t, info)
		families := row.Families()[0]
		if info.Limits.Joint {
			families = "both"
		}
		bodies := append([]string{"", "\n"}, pages...)
		if slices.Contains([]string{"ionos-dyndns", "ipnodns", "mythicbeasts"}, info.Name) {
			bodies = pages // an empty answer is how they confirm
		}
		for _, body := range bodies {
			l.double.FailNext(double.Fault{Kind: double.Answer, Reply: double.Reply{Status: http.StatusOK, Body: body}})
			for _, got := range account.Set(testContext(t), "", sets(login.Hostname, families)) {
				if got.Outcome == provider.Confirmed {
					t.Errorf("%s takes %q for a confirmation", info.Name, body)
				}
			}
		}
	}
}
