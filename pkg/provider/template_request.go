package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Request is the HTTP request for an update, with the account's options filled in. The error
// says what the service cannot be asked for.
func (t *Template) Request(ctx context.Context, u Update, s Settings) (*http.Request, error) {
	rest, err := t.rest(u)
	if err != nil {
		return nil, err
	}
	separator := t.Separator
	if separator == "" {
		separator = ","
	}
	fill := map[string]string{"hostname": strings.Join(u.Hostnames, separator), "ipv4": u.IPv4.String(), "ipv6": u.IPv6.String()}
	if fill["ip"] = fill["ipv4"]; !u.IPv4.IsValid() {
		fill["ip"] = fill["ipv6"]
	}
	if len(u.Hostnames) == 1 {
		fill["hostname"], fill["alias"] = t.split(u.Hostnames[0], s)
		fill["host"] = t.host(u.Hostnames[0], s)
	}
	if fill["alias"] != "" {
		rest += t.Alias
	}
	if fill["host"] == "" && strings.Contains(t.URL+rest, "{host}") {
		return nil, &Refusal{Result: Result{
			Outcome: RefusedRequest, NotSent: true,
			Text: fill["hostname"] + " is not under the account's domain: correct the option domain, or make another account for this name",
		}}
	}
	value := func(name string) string {
		if v, ok := fill[name]; ok || ofUpdate(name) {
			return v
		}
		return s.Get(name)
	}
	method := t.Method
	if method == "" {
		method = http.MethodGet
	}
	target := expand(t.URL+rest, func(name string) string { return escape(value(name)) })
	req, err := http.NewRequestWithContext(ctx, method, target, nil)
	if err != nil {
		return nil, errors.New("the update URL of the service cannot be used") // err repeats the URL, which can hold a secret
	}
	user, password, login := strings.Cut(strings.TrimPrefix(t.Authorization, "Basic "), ":")
	switch {
	case t.Authorization == "":
	case login && strings.HasPrefix(t.Authorization, "Basic "):
		req.SetBasicAuth(expand(user, value), expand(password, value))
	default:
		req.Header.Set("Authorization", expand(t.Authorization, value))
	}
	return req, nil
}

// split is a hostname as the service wants it: whole, or the account's domain and what stands
// before it.
func (t *Template) split(hostname string, s Settings) (domain, alias string) {
	domain = strings.ToLower(strings.Trim(s.Get("domain"), "."))
	if t.Alias == "" || domain == "" || hostname == domain || !under(hostname, domain) {
		return hostname, ""
	}
	return domain, strings.TrimSuffix(hostname, "."+domain)
}

// host is a hostname without the domain that it is under, "@" for the domain itself, and empty
// when it is under none.
func (t *Template) host(hostname string, s Settings) string {
	domains := t.Suffixes
	if own := s.Get("domain"); own != "" {
		domains = []string{strings.ToLower(strings.Trim(own, "."))}
	}
	for _, domain := range domains {
		if hostname == domain {
			return "@"
		}
		if under(hostname, domain) {
			return strings.TrimSuffix(hostname, "."+domain)
		}
	}
	return ""
}

// rest is how the URL goes on for the families that are asked for.
func (t *Template) rest(u Update) (string, error) {
	rest, families := "", ""
	switch {
	case u.IPv4.IsValid() && u.IPv6.IsValid():
		rest, families = t.Both, "both families at once"
	case u.IPv4.IsValid():
		rest, families = t.IPv4, "IPv4"
	case u.IPv6.IsValid():
		rest, families = t.IPv6, "IPv6"
	}
	if rest == "" {
		return "", &Refusal{Result: Result{
			Outcome: RefusedRequest, NotSent: true, Text: "the service, or the account as it is set up, does not take " + families,
		}}
	}
	return rest, nil
}

// expand replaces each {name} of text.
func expand(text string, value func(name string) string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, rest, _ := strings.Cut(after, "}")
		b.WriteString(value(name))
		text = rest
	}
}

// placeholders are the names within braces.
func placeholders(text string) []string {
	var names []string
	expand(text, func(name string) string {
		names = append(names, name)
		return ""
	})
	return names
}

// escape makes text fit for any part of a URL. The comma between hostnames and the colons of
// an IPv6 address stay readable: they mean themselves there (RFC 3986 section 3.4), and not
// every service decodes them.
func escape(text string) string {
	text = url.QueryEscape(text)
	return strings.NewReplacer("+", "%20", "%2C", ",", "%3A", ":").Replace(text)
}
