//go:build !minimal

package provider

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// anyText are the answers of services that document none: a text without a word of failure
// counts as a confirmation, as clients of such services have always had it. A page does not.
var anyText = []Answer{
	{Match: "*badauth*", Outcome: RefusedCredentials, Whole: true},
	{Match: "*unauthorized*", Outcome: RefusedCredentials, Whole: true},
	{Match: "*denied*", Outcome: RefusedCredentials, Whole: true},
	{Match: "*password*", Outcome: RefusedCredentials, Whole: true},
	{Match: "*abuse*", Outcome: Banned},
	{Match: "*too many*", Outcome: SlowDown, Whole: true},
	{Match: "*error*", Outcome: RefusedRequest},
	{Match: "*fail*", Outcome: RefusedRequest},
	{Match: "*invalid*", Outcome: RefusedRequest},
	{Match: "*not *", Outcome: RefusedRequest},
	{Match: "*nohost*", Outcome: RefusedRequest},
	{Match: "*", Outcome: Confirmed},
}

// sharedAnswers are the answers that follow a description's own.
func sharedAnswers(words string) []Answer {
	switch words {
	case "own":
		return nil
	case "any":
		return append(dyndns2Words[:len(dyndns2Words):len(dyndns2Words)], anyText...)
	}
	return dyndns2Words
}

// commonOptions are how options that many services have are called and explained.
var commonOptions = []Option{
	{Name: "username", Title: "Username", Help: "The username for updates, as the service gives it.", Check: checkUsername},
	{Name: "password", Title: "Password", Help: "The password for updates, as the service gives it.", Secret: true},
	{Name: "token", Title: "Token", Help: "The token or key for updates, as the service gives it.", Secret: true},
	{Name: "domain", Title: "Domain", Help: "The domain at the service that the hostnames are under: example.org for home.example.org.", Check: checkDomain},
	{Name: "id", Title: "Record number", Help: "The number that the service gave the record. It stands for one hostname: another one needs another account."},
}

// option is the option of that name, new when there was none.
func (d *description) option(name string) *Option {
	for i := range d.options {
		if d.options[i].Name == name {
			return &d.options[i]
		}
	}
	o := Option{Name: name, Title: name, Help: "As the service gives it.", Secret: true}
	for _, common := range commonOptions {
		if common.Name == name {
			o = common
		}
	}
	if o.Kind, o.Required = Text, true; o.Check == nil {
		o.Check = checkPrintable
	}
	d.options = append(d.options, o)
	return &d.options[len(d.options)-1]
}

// info makes the service of a description; one with a mistake has it in Err.
func (d *description) info() *Info {
	if d.title == "" {
		d.title = d.Name
	}
	if d.website == "" {
		d.website = home(d.docs)
	}
	if d.err == nil {
		d.err = d.check()
	}
	if d.err != nil {
		return &Info{Name: d.Name, Title: d.Name, Err: d.err, New: func(Settings) (Driver, error) { return nil, d.err }}
	}
	t := d.template
	t.Answers = append(t.Answers[:len(t.Answers):len(t.Answers)], sharedAnswers(d.words)...)
	switch {
	case d.echo == "all", d.echo == "" && t.observes():
		t.Echo = EchoAll
	case d.echo == "own", d.echo == "" && (d.words == "" || d.words == "dyndns2"):
		t.Echo = EchoOwn
	}
	for _, name := range t.placeholders() {
		d.option(name)
	}
	if strings.Contains(t.URL+t.IPv4+t.IPv6+t.Both, "{host}") && len(t.Suffixes) == 0 {
		d.option("domain")
	}
	d.order()
	d.explain()
	i := &Info{
		Name: d.Name, Title: d.title, Website: d.website, Docs: d.docs, Options: d.options,
		Limits: Limits{MaxAddresses: 1, MaxHostnames: d.hostnames, Joint: d.joint, Suffixes: t.Suffixes},
		New:    func(s Settings) (Driver, error) { return d.driver(t, s) },
	}
	switch {
	case t.IPv6 == "" && t.Both == "":
		i.Limits.Families = []string{"ipv4"}
	case t.IPv4 == "" && t.Both == "":
		i.Limits.Families = []string{"ipv6"}
	}
	return i
}

// home is the server of a link.
func home(link string) string {
	server, _, _ := strings.Cut(strings.TrimPrefix(link, "https://"), "/")
	if server == "" {
		return ""
	}
	return "https://" + server + "/"
}

// driver makes the driver of an account, which has what every request needs.
func (d *description) driver(t Template, s Settings) (Driver, error) {
	for _, o := range d.options {
		if o.Required && s.Get(o.Name) == "" {
			return nil, fmt.Errorf("option %s %w", o.Name, errMissing)
		}
	}
	return t.Driver(d.title, d.hostnames, s)
}

// placeholders are the options that the template needs, each once, in the order of a form.
func (t *Template) placeholders() []string {
	var names []string
	seen := map[string]bool{}
	for _, text := range []string{t.Authorization, t.URL, t.IPv4, t.IPv6, t.Both} {
		for _, name := range placeholders(text) {
			if !ofUpdate(name) && !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}

// observes says that the service publishes the address that a request comes from, whatever was
// meant: only its answer shows which one.
func (t *Template) observes() bool { return !strings.Contains(t.URL+t.IPv4+t.IPv6+t.Both, "{ip") }

// order puts username and password first: a login is asked for as people know it.
func (d *description) order() {
	var login [2][]Option
	var others []Option
	for _, o := range d.options {
		switch o.Name {
		case "username":
			login[0] = append(login[0], o)
		case "password":
			login[1] = append(login[1], o)
		default:
			others = append(others, o)
		}
	}
	d.options = append(append(login[0], login[1]...), others...)
}

// explain adds to the options what follows from the template.
func (d *description) explain() {
	for i := range d.options {
		if o := &d.options[i]; o.Secret && o.Link == "" {
			o.Link = d.link
		}
	}
	if len(d.options) == 0 {
		return
	}
	first, t := &d.options[0], &d.template
	if strings.HasPrefix(t.URL+t.IPv4, "http://") {
		first.Help += " The service has no HTTPS, so the account needs insecure_http '1' as well."
	}
	if t.observes() {
		first.Help += " The service publishes the address that a request comes from: with several WANs, set bind '1'."
	}
}

// check looks at the description as a whole.
func (d *description) check() error {
	t := &d.template
	if t.IPv4 == "" && t.IPv6 == "" && t.Both == "" {
		return errors.New("there is none of the fields ipv4, ipv6 and both, which say how the URL goes on")
	}
	for _, rest := range []string{t.IPv4, t.IPv6, t.Both} {
		if rest == "" {
			continue
		}
		if err := checkTemplateURL(t.URL + rest); err != nil {
			return errors.New("field url: " + err.Error())
		}
	}
	if d.words == "own" && !confirmable(t.Answers) {
		return errors.New("field confirmed is missing, and words own has no other answers")
	}
	if d.hostnames > 1 && strings.Contains(t.URL+t.IPv4+t.IPv6+t.Both+t.Authorization, "{host}") {
		return errors.New("field hostnames: {host} is one hostname")
	}
	return nil
}

func confirmable(answers []Answer) bool {
	for _, a := range answers {
		if a.Outcome == Confirmed {
			return true
		}
	}
	return false
}

// checkTemplateURL says what is wrong with a URL that holds placeholders. It never repeats the
// URL, which can hold a secret.
func checkTemplateURL(text string) error {
	for _, part := range strings.Split(text, "{")[1:] {
		name, _, ok := strings.Cut(part, "}")
		if !ok || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return errors.New("a placeholder is written in braces and small letters, such as {hostname}")
		}
	}
	u, err := url.Parse(expand(text, func(string) string { return "0" }))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("it must be a whole URL that begins with https://")
	case u.User != nil:
		return errors.New("it must hold no login in front of @: that belongs into auth, where nobody sees it")
	case u.Fragment != "":
		return errors.New("it must end before any #")
	}
	authority, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(text, "https://"), "http://"), "/")
	if strings.ContainsAny(strings.SplitN(authority, "?", 2)[0], "{}") {
		return errors.New("the server's name must be written out, without placeholders")
	}
	return nil
}
