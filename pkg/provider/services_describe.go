//go:build !minimal

package provider

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// description is a service as services.txt and the files of services.d describe it: a Template
// and what people see of it. Both have the same keys, those of descriptionKeys.
type description struct {
	Name, title, website, docs, link string
	template                         Template
	hostnames                        int
	joint                            bool
	words                            string // the answers that it shares with others: see sharedAnswers
	echo                             string
	options                          []Option
	err                              error // the first mistake
}

// descriptionKey is a line that a description can have.
type descriptionKey struct {
	key string
	set func(d *description, value string) error
}

// descriptionKeys are all of them, beside those of answerKeys.
var descriptionKeys = []descriptionKey{
	{"title", func(d *description, v string) error { d.title = v; return nil }},
	{"website", func(d *description, v string) error { d.website = v; return checkLink(v) }},
	{"docs", func(d *description, v string) error { d.docs = v; return checkLink(v) }},
	{"link", func(d *description, v string) error { d.link = v; return checkLink(v) }},
	{"also", func(*description, string) error { return nil }},
	{"method", func(d *description, v string) error { d.template.Method = v; return oneOf(v, "GET", "POST", "PUT") }},
	{"url", func(d *description, v string) error { d.template.URL = v; return nil }},
	{"ipv4", func(d *description, v string) error { d.template.IPv4 = v; return nil }},
	{"ipv6", func(d *description, v string) error { d.template.IPv6 = v; return nil }},
	{"both", func(d *description, v string) error { d.template.Both = v; return nil }},
	{"auth", (*description).setAuth},
	{"alias", func(d *description, v string) error { d.template.Alias = v; return nil }},
	{"separator", func(d *description, v string) error { d.template.Separator = v; return nil }},
	{"option", (*description).setOption},
	{"hostnames", (*description).setHostnames},
	{"joint", func(d *description, v string) error { return setYes(&d.joint, v) }},
	{"suffix", func(d *description, v string) error { d.template.Suffixes = strings.Fields(v); return nil }},
	{"each-line", func(d *description, v string) error { return setYes(&d.template.EachLine, v) }},
	{"one-text", func(d *description, v string) error { return setYes(&d.template.OneText, v) }},
	{"echo", func(d *description, v string) error { d.echo = v; return oneOf(v, "none", "own", "all") }},
	{"words", func(d *description, v string) error { d.words = v; return oneOf(v, "dyndns2", "any", "own") }},
}

// answerKeys are the lines that say what the words of an answer mean.
var answerKeys = []struct {
	key    string
	answer Answer
}{
	{"confirmed", Answer{Outcome: Confirmed}},
	{"unchanged", Answer{Outcome: Confirmed, Unchanged: true}},
	{"credentials", Answer{Outcome: RefusedCredentials, Whole: true}},
	{"request", Answer{Outcome: RefusedRequest}},
	{"account", Answer{Outcome: RefusedRequest, Whole: true}},
	{"banned", Answer{Outcome: Banned}},
	{"blocked", Answer{Outcome: Banned, Whole: true}},
	{"slow", Answer{Outcome: SlowDown, Whole: true, RetryAfter: 30 * time.Minute}},
	{"trouble", Answer{Outcome: Trouble}},
}

// set takes one line of a description.
func (d *description) set(key, value string) error {
	switch {
	case value == "":
		return errors.New("it is empty; give it a value or take it out")
	case strings.ContainsFunc(value, unprintable):
		return errors.New("it holds a line end or another control character")
	}
	for _, k := range descriptionKeys {
		if k.key == key {
			return k.set(d, value)
		}
	}
	for _, k := range answerKeys {
		if k.key == key {
			return d.setMeaning(k.answer, value)
		}
	}
	return errors.New("there is no such field; there are " + strings.Join(descriptionFields(), ", "))
}

// descriptionFields are the keys, as people may write them.
func descriptionFields() []string {
	var names []string
	for _, k := range descriptionKeys {
		names = append(names, k.key)
	}
	for _, k := range answerKeys {
		names = append(names, k.key)
	}
	return names
}

// fail remembers the first mistake.
func (d *description) fail(key string, err error) {
	if d.err == nil {
		d.err = fmt.Errorf("field %s: %w", key, err)
	}
}

func checkLink(v string) error {
	if u, err := url.Parse(v); err != nil || u.Scheme != "https" || u.Host == "" {
		return errors.New("it must be a link that begins with https://")
	}
	return nil
}

func oneOf(v string, values ...string) error {
	if slices.Contains(values, v) {
		return nil
	}
	return errors.New("it must be one of " + strings.Join(values, ", "))
}

func setYes(b *bool, v string) error {
	*b = v == "yes" || v == "true"
	return oneOf(v, "yes", "no", "true", "false")
}

func (d *description) setHostnames(v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 100 {
		return errors.New("it must be a number from 1 to 100")
	}
	d.hostnames = n
	return nil
}

// setAuth reads how a request shows the login: basic, bearer, or the header with placeholders.
func (d *description) setAuth(v string) error {
	switch {
	case v == "basic":
		v = "Basic {username}:{password}"
	case v == "bearer":
		v = "Bearer {token}"
	case !strings.Contains(v, "{") || !strings.Contains(v, " "):
		return errors.New("it must be basic, bearer, or the header with its placeholders, such as Token {token}")
	}
	d.template.Authorization = v
	return nil
}

// setOption reads "NAME: HELP" or "NAME (TITLE): HELP"; "NAME?" is one that is not required.
func (d *description) setOption(v string) error {
	head, help, ok := strings.Cut(v, ": ")
	name, title, _ := strings.Cut(strings.TrimSuffix(head, ")"), " (")
	name, optional := strings.CutSuffix(name, "?")
	if !ok || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || ofUpdate(name) {
		return errors.New("it must be written NAME: HELP, where NAME is a placeholder of the URL or of auth")
	}
	o := d.option(name)
	o.Required, o.Help = !optional, help
	if title != "" {
		o.Title = title
	}
	return nil
}

// setMeaning reads "WORD | WORD => TEXT": words of an answer, and what to tell people about them.
func (d *description) setMeaning(a Answer, v string) error {
	words, text, _ := strings.Cut(v, " => ")
	for _, word := range strings.Split(words, " | ") {
		if word == "" || strings.TrimSpace(word) != word {
			return errors.New("it must be written WORD | WORD, and may end in => TEXT")
		}
		a.Match, a.Text = word, text
		d.template.Answers = append(d.template.Answers, a)
	}
	return nil
}
