package migrate

import (
	"errors"
	"net/url"
	"strings"
)

var errNoName = errors.New("it is missing: which name is to be kept?")

// custom reads an update URL that the owner wrote. Its placeholders are in brackets; wandns has
// them in braces, and the login in a header.
func (r *reader) custom(text string) dialect {
	r.account.provider = customProvider
	d := dialect{}
	if !strings.Contains(text, "[DOMAIN]") {
		d.form = inLookup
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if scheme = strings.ToLower(scheme); !ok || scheme != "http" && scheme != "https" {
		r.why = "update_url is no URL"
		return d
	}
	host, more := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		host, more = rest[:i], rest[i:]
	}
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		user, password, _ := strings.Cut(host[:at], ":")
		r.set("auth", "basic")
		r.set("username", r.plain(user))
		r.set("password", r.plain(password))
		host = host[at+1:]
	}
	if scheme == "http" && r.get("use_https") == "1" {
		scheme = "https"
	}
	if scheme == "http" {
		r.plainHTTP()
	}
	for _, p := range urlPlaceholders {
		if p.option == "" || !strings.Contains(more, p.theirs) {
			continue
		}
		v := r.get(p.theirsOption)
		if old, ok := r.account.settings[p.option]; ok && old != v {
			r.why = "update_url has two different logins: write an account with provider 'custom' by hand"
			return d
		}
		r.set(p.option, v)
		r.taken(p.theirsOption, "option "+p.option+" of the account")
	}
	r.taken("update_url", "option url of the account")
	if strings.Contains(more, "[PARAMOPT]") {
		r.taken("param_opt", "option url of the account")
	}
	r.account.perFamily = perFamily{option: "url", optionIPv6: "url_ipv6"}
	r.account.perFamily.value[r.family] = scheme + "://" + host + r.braces(more)
	return d
}

// urlPlaceholders are what an update URL holds and what it is here. One with an option stands
// for that option of the account. There is no other way to keep PARAMENC, which may be secret.
var urlPlaceholders = []struct{ theirs, ours, theirsOption, option string }{
	{"[DOMAIN]", "{hostname}", "", ""},
	{"[IP]", "{ip}", "", ""},
	{"[USERNAME]", "{username}", "username", "username"},
	{"[PASSWORD]", "{password}", "password", "password"},
	{"[PARAMENC]", "{token}", "param_enc", "token"},
}

// braces writes the part of a URL behind the server's name as wandns has it.
func (r *reader) braces(text string) string {
	text, _, _ = strings.Cut(text, "#")
	text = literal.Replace(text)
	for _, p := range urlPlaceholders {
		text = strings.ReplaceAll(text, p.theirs, p.ours)
	}
	text = strings.ReplaceAll(text, "[PARAMOPT]", literal.Replace(r.get("param_opt")))
	return strings.NewReplacer("[", "%5B", "]", "%5D").Replace(text)
}

// literal keeps characters that mean something in an update URL here from doing so.
var literal = strings.NewReplacer("{", "%7B", "}", "%7D", " ", "%20")

// plain is a login as it stood in front of the server's name.
func (r *reader) plain(text string) string {
	for _, p := range urlPlaceholders {
		if p.option != "" && text == p.theirs {
			r.taken(p.theirsOption, "in the header that shows the login")
			return r.get(p.theirsOption)
		}
	}
	if v, err := url.PathUnescape(text); err == nil {
		return v
	}
	return text
}
