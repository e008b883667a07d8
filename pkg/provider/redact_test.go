package provider_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/libdns/libdns"

	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
)

// shown is what a person sees of a driver's error, for an account with this login.
func shown(t *testing.T, user, password, text string) string {
	t.Helper()
	info := &provider.Info{
		Name: "fake", Title: "F",
		Options: []provider.Option{{Name: "username"}, {Name: "password", Secret: true}},
		New: func(provider.Settings) (provider.Driver, error) {
			return &fake{do: func(context.Context, string, []libdns.Record) error { return errors.New(text) }}, nil
		},
	}
	s, err := provider.Open(info, provider.Settings{"username": provider.NewSecret(user), "password": provider.NewSecret(password)}, egress.Path{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Set(context.Background(), "", wants("A home.example.org 192.88.99.7"))[0].Text
}

// spellings are the ways in which a secret can occur in a text.
func spellings(user, password string) []string {
	quoted, _ := json.Marshal(password)
	return []string{
		password, url.QueryEscape(password), url.PathEscape(password), strings.ToLower(url.QueryEscape("é")) + url.QueryEscape(password),
		string(quoted), strconv.Quote(password), strconv.QuoteToASCII(password),
		base64.StdEncoding.EncodeToString([]byte(password)), base64.URLEncoding.EncodeToString([]byte(password)),
		base64.StdEncoding.EncodeToString([]byte(user + ":" + password)),
		url.UserPassword(user, password).String(),
		url.Values{"password": {password}}.Encode(),
	}
}

func TestService_hides_every_spelling_of_a_secret(t *testing.T) {
	for _, password := range []string{
		"correct-horse", "pa ss/w&rd=%+é", `quo"te\back`, "<script>&", "tab\there", "\x01\x02ctrl", "****", "aaaa", "日本語のパスワード", "a***b",
	} {
		for _, form := range spellings("me@example.org", password) {
			got := shown(t, "me@example.org", password, "GET https://x.example/?q="+form+" failed")
			for _, leak := range spellings("me@example.org", password) {
				if len(leak) >= 4 && strings.Contains(got, strings.Trim(leak, `"`)) {
					t.Errorf("password %q as %q is shown: %q", password, form, got)
				}
			}
		}
	}
}

func TestService_short_secrets_are_hidden_as_words(t *testing.T) {
	for text, want := range map[string]string{
		"user me, password ab.": "user me, password ***.",
		"?p=ab&x=1":             "?p=***&x=1",
		`"ab"`:                  `"***"`,
		"about abacus, cab":     "about abacus, cab",
	} {
		if got := shown(t, "me", "ab", text); !strings.HasSuffix(got, want) {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

// A library puts a page of 256 KiB into its error; a cut must not leave half a secret.
func TestService_long_errors_are_cut_outside_of_secrets(t *testing.T) {
	const password = "correct-horse-battery"
	for pad := 4000; pad < 4100; pad++ {
		// Each *** is shorter than what it hides, so that the cut end comes into view.
		text := strings.Repeat(password, 190) + strings.Repeat(".", pad-190*len(password)) + password + strings.Repeat("x", 256<<10)
		got := shown(t, "me", password, text)
		if strings.Contains(got, "correct") || len(got) > 300 {
			t.Fatalf("padded to %d: %q", pad, got)
		}
	}
	if got := shown(t, "me", "aa", strings.Repeat("aaa ", 64<<10)); !strings.Contains(got, "aaa aaa") {
		t.Errorf("shown as %q", got)
	}
}

func FuzzRedaction(f *testing.F) {
	for _, password := range []string{"correct-horse", "a b", "****", "***", "%2F%2f", "é\u202e\x00", "aXaXa", "hide", "\xc2"} {
		f.Add("me", password, "before ", " after", uint8(0))
		f.Add("me", password, "\u00a8 ", "\xa8", uint8(1))
		f.Add("0", "*", "0", " ", uint8('S'))
		f.Add("0", "000\xd8", "0", "\xb0", uint8(0))
		f.Add("", password, password[:len(password)/2], password[len(password)/2:], uint8(9))
	}
	f.Fuzz(func(t *testing.T, user, password, before, after string, which uint8) {
		if len(password)+len(user) > 200 || len(before)+len(after) > 2000 {
			return
		}
		all := spellings(user, password)
		got := shown(t, user, password, before+all[int(which)%len(all)]+after)
		if len(got) > 300 || !utf8.ValidString(got) {
			t.Fatalf("%d bytes: %q", len(got), got)
		}
		for _, r := range got {
			if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
				t.Fatalf("a control character is left: %q", got)
			}
		}
		if len(password) < 4 || strings.TrimSpace(password) == "" {
			return
		}
		// What the text has of its own, before the driver's error, is no leak.
		rest := strings.TrimPrefix(got, "F was not asked: ")
		for _, leak := range []string{password, url.QueryEscape(password), base64.StdEncoding.EncodeToString([]byte(password))} {
			if strings.Contains(rest, strings.TrimRight(leak, "=")) && strings.TrimRight(leak, "=") != "" && len(strings.TrimRight(leak, "=")) >= 4 {
				t.Fatalf("%q leaks from %q", leak, got)
			}
		}
	})
}
