package provider

import (
	"errors"
	"net/url"
	"strings"
	"time"
)

// dyndns2Words are the return codes of Dyn, which the services that copied its protocol share
// (https://help.dyn.com/remote-access-api/return-codes/). About an account or the service
// itself a code is given once, about hostnames on one line each.
var dyndns2Words = []Answer{
	{Match: "good", Outcome: Confirmed, Text: "the hostname was updated"},
	{Match: "nochg", Outcome: Confirmed, Unchanged: true, Text: "the hostname held this address already; updating it again and again counts as abuse"},
	{Match: "badauth", Outcome: RefusedCredentials, Whole: true, Text: "the username or the password is wrong"},
	{Match: "!donator", Outcome: RefusedRequest, Whole: true, Text: "the account's plan does not include what was asked for"},
	{Match: "notfqdn", Outcome: RefusedRequest, Text: "this is not a complete hostname there: check its spelling"},
	{Match: "nohost", Outcome: RefusedRequest, Text: "the account has no such hostname: create it on the service's web page first, or check its spelling"},
	{Match: "!yours", Outcome: RefusedRequest, Text: "the hostname belongs to another account"},
	{Match: "numhost", Outcome: RefusedRequest, Text: "too many hostnames at once, or the hostname has several addresses there"},
	{Match: "badsys", Outcome: RefusedRequest, Text: "the service does not know this kind of update"},
	{Match: "abuse", Outcome: Banned, Text: "the hostname is blocked for abuse: ask the service's support to lift it"},
	{Match: "badagent", Outcome: Banned, Whole: true, Text: "the service blocks this client: ask its support, and tell wandns about it"},
	{Match: "dnserr", Outcome: SlowDown, Whole: true, RetryAfter: 30 * time.Minute, Text: "the service has trouble with its DNS"},
	{Match: "911", Outcome: SlowDown, Whole: true, RetryAfter: 30 * time.Minute, Text: "the service is out of order or in maintenance"},
}

// generic is any other service that speaks the protocol as Dyn wrote it down
// (https://help.dyn.com/remote-access-api/perform-update/): both families in myip, separated by
// a comma, and a family that is left out is deleted (openwrt/packages#17875). Few of the copies
// take several hostnames at once, and some then update the first alone.
var generic = Template{
	IPv4: "hostname={hostname}&myip={ipv4}", IPv6: "hostname={hostname}&myip={ipv6}",
	Both:          "hostname={hostname}&myip={ipv4},{ipv6}",
	Authorization: "Basic {username}:{password}",
	Echo:          EchoOwn,
	Answers:       dyndns2Words,
}

var dyndns2Info = Info{
	Name: "dyndns2", Title: "dyndns2 server", Website: "https://help.dyn.com/remote-access-api/",
	Docs: "https://help.dyn.com/remote-access-api/perform-update/",
	Options: []Option{
		{
			Name: "server", Title: "Server", Kind: Text, Required: true, Check: checkServer,
			Help: "The server's name, or its update URL when its path is not /nic/update: dyndns.example.org, https://example.org/dyn/update.",
		},
		usernameOption("The username that the service gave for updates.", ""),
		passwordOption("The password or token that belongs to it.", ""),
	},
	Limits: Limits{MaxAddresses: 1, MaxHostnames: 1, Joint: true},
	New:    newGeneric,
}

func newGeneric(s Settings) (Driver, error) {
	u, err := updateURL(s.Get("server"))
	if err != nil {
		return nil, err
	}
	t := generic
	t.URL = u.String() + "?"
	return t.Driver(u.Hostname(), 1, s)
}

func usernameOption(help, link string) Option {
	return Option{Name: "username", Title: "Username", Help: help, Link: link, Kind: Text, Required: true, Check: checkUsername}
}

func passwordOption(help, link string) Option {
	return Option{Name: "password", Title: "Password", Help: help, Link: link, Kind: Text, Secret: true, Required: true, Check: checkPrintable}
}

// checkUsername: RFC 7617 section 2 has the colon end the username.
func checkUsername(value string) error {
	if strings.Contains(value, ":") {
		return errors.New("a username holds no colon")
	}
	return checkPrintable(value)
}

func checkPrintable(value string) error {
	if strings.ContainsFunc(value, unprintable) {
		return errors.New("it holds a line end or another control character")
	}
	return nil
}

func checkDomain(value string) error {
	if strings.ContainsAny(value, "/:@* ") || !strings.Contains(strings.Trim(value, "."), ".") {
		return errors.New("it must be a domain name, such as example.org")
	}
	return checkPrintable(value)
}

func checkServer(value string) error {
	_, err := updateURL(value)
	return err
}

// updateURL is where a server of the option's value is asked: https://HOST/nic/update for a name.
func updateURL(server string) (*url.URL, error) {
	whole := server
	if !strings.Contains(server, "://") {
		whole = "https://" + server
	}
	u, err := url.Parse(whole)
	switch {
	case err != nil || u.Hostname() == "" || strings.ContainsAny(server, " {}"):
		return nil, errors.New("server must be a host name or an https:// URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the URL of server must begin with https://")
	case u.User != nil:
		return nil, errors.New("server must hold no login: there are the options username and password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("server must end before any ? or #")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/nic/update"
	}
	return u, nil
}
