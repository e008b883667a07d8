//go:build !minimal

package provider

import (
	"errors"
	"fmt"
	"strings"
)

// customInfo is the service that the owner of the router describes in the account itself: one
// URL for each family. What takes more than that is a file in services.d.
var customInfo = Info{
	Name: "custom", Title: "Any other update URL", Website: "https://github.com/wandns/wandns", Docs: "https://github.com/wandns/wandns#reference",
	Options: []Option{
		{
			Name: "url", Title: "Update URL", Kind: Text, Required: true, Check: checkCustomURL,
			Help: "Where an update goes, with placeholders: {hostname}, {ip} for the address, {username}, {password}, {token}. It is used for both families, unless it holds {ipv4} in place of {ip}.",
		},
		{
			Name: "url_ipv6", Title: "Update URL for IPv6", Kind: Text, Check: checkCustomURL,
			Help: "When IPv6 addresses go somewhere else.",
		},
		{Name: "username", Title: "Username", Kind: Text, Check: checkUsername, Help: "What {username} stands for."},
		{Name: "password", Title: "Password", Kind: Text, Secret: true, Check: checkPrintable, Help: "What {password} stands for."},
		{Name: "token", Title: "Token", Kind: Text, Secret: true, Check: checkPrintable, Help: "What {token} stands for."},
		{
			Name: "auth", Title: "Authorization header", Kind: Choice, Values: []string{"none", "basic", "bearer"}, Default: "none",
			Help: "basic sends username and password in the header, bearer the token: better than in the URL, where the service takes it.",
		},
		{Name: "method", Title: "Method", Kind: Choice, Values: []string{"GET", "POST", "PUT"}, Default: "GET", Help: "Of the HTTP request."},
		{
			Name: "success", Title: "Answer of success", Kind: Text, Check: checkSuccess,
			Help: "Words that a good answer begins with, with | between them: good|nochg. With a star at each end, words that occur in it: *\"ok\":true*. Without this, the words of the dyndns2 protocol, and any text without a word of failure.",
		},
	},
	Limits: Limits{MaxAddresses: 1, MaxHostnames: 1},
	New:    newCustom,
}

func newCustom(s Settings) (Driver, error) {
	t := Template{Method: s.Get("method"), IPv4: s.Get("url"), IPv6: s.Get("url_ipv6"), Answers: sharedAnswers("any")}
	if t.IPv6 == "" && !strings.Contains(t.IPv4, "{ipv4}") {
		t.IPv6 = t.IPv4
	}
	switch s.Get("auth") {
	case "basic":
		t.Authorization = "Basic {username}:{password}"
	case "bearer":
		t.Authorization = "Bearer {token}"
	}
	if success := s.Get("success"); success != "" {
		t.OneText, t.Answers = true, dyndns2Refusals()
		for _, word := range strings.Split(success, "|") {
			t.Answers = append(t.Answers, Answer{Match: successMatch(strings.TrimSpace(word)), Outcome: Confirmed})
		}
	}
	if t.IPv4 == "" {
		return nil, fmt.Errorf("option url %w", errMissing)
	}
	for _, name := range t.placeholders() {
		if name != "username" && name != "password" && name != "token" {
			return nil, errors.New("the update URL holds {" + name + "}, which stands for nothing; there are {hostname}, {ip}, {ipv4}, {ipv6}, {username}, {password}, {token}")
		}
	}
	return t.Driver("the service", 1, s)
}

// dyndns2Refusals are the words that say no in the dyndns2 protocol.
func dyndns2Refusals() []Answer {
	var no []Answer
	for _, a := range dyndns2Words {
		if a.Outcome != Confirmed {
			no = append(no, a)
		}
	}
	return no
}

// successMatch is how an answer begins, unless the owner wrote stars.
func successMatch(word string) string {
	if strings.HasPrefix(word, "*") || strings.HasSuffix(word, "*") {
		return word
	}
	return word + "*"
}

func checkCustomURL(value string) error {
	if err := checkPrintable(value); err != nil {
		return err
	}
	if strings.Contains(value, " ") {
		return errors.New("it holds a space; write %20")
	}
	if strings.Contains(value, "{ipv4}") && strings.Contains(value, "{ipv6}") {
		return errors.New("one request for both families needs a file in services.d; here write {ip}, or {ipv4} and the option url_ipv6")
	}
	return checkTemplateURL(value)
}

func checkSuccess(value string) error {
	for _, word := range strings.Split(value, "|") {
		if strings.Trim(word, "* ") == "" {
			return errors.New("there is nothing between two |; write words of a good answer, such as good|nochg")
		}
	}
	return checkPrintable(value)
}

var _ = add(&customInfo)
