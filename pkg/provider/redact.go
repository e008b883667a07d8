package provider

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mask stands where a secret stood.
const mask = "***"

// shortSecret is the length in bytes below which a secret is hidden only where it stands as a
// word of its own: hiding each "ab" within other words would show where they are, and spoil
// every message.
const shortSecret = 4

// redactor takes the secrets of one account out of text.
type redactor struct {
	forms []string // every spelling of every secret, the longest first
}

// newRedactor knows the options of info that are marked Secret, and the login that HTTP's Basic
// authentication (RFC 7617) makes of each with each other option.
func newRedactor(info *Info, settings Settings) *redactor {
	r := &redactor{}
	for _, o := range info.Options {
		secret := settings.Get(o.Name)
		if !o.Secret || secret == "" {
			continue
		}
		r.add(secret)
		for _, user := range info.Options {
			r.addBase64(settings.Get(user.Name) + ":" + secret)
		}
		r.addBase64(":" + secret)
	}
	slices.SortFunc(r.forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	r.forms = slices.Compact(r.forms)
	return r
}

// add takes up a secret as URLs, JSON, Go's quoting and Base64 spell it.
func (r *redactor) add(secret string) {
	quoted := strconv.Quote(secret)
	ascii := strconv.QuoteToASCII(secret)
	text, _ := json.Marshal(secret) // a string cannot fail
	login := url.UserPassword("", secret).String()
	for _, form := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), strings.TrimPrefix(login, ":"),
		quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1], string(text[1 : len(text)-1]),
		plainJSON(secret),
	} {
		r.addForm(form)
		r.addForm(lowerEscapes(form))
	}
	r.addBase64(secret)
}

func (r *redactor) addBase64(text string) {
	// Padding is no part of the secret, so the unpadded spelling finds the padded one too.
	r.addForm(base64.RawStdEncoding.EncodeToString([]byte(text)))
	r.addForm(base64.RawURLEncoding.EncodeToString([]byte(text)))
	r.addForm(url.QueryEscape(base64.RawStdEncoding.EncodeToString([]byte(text))))
}

// addForm adds the spelling, and what oneLine makes of it, since that is what is searched.
func (r *redactor) addForm(form string) {
	for _, f := range []string{form, oneLine(form)} {
		if strings.TrimSpace(f) != "" {
			r.forms = append(r.forms, f)
		}
	}
}

// plainJSON is the secret within a JSON string by an encoder that leaves <, > and & alone.
func plainJSON(secret string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(secret) // a string cannot fail
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), `"`), `"`)
}

// lowerEscapes writes %2F as %2f.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], strings.ToLower(s[i+1:i+3]))
		}
	}
	return string(b)
}

// line makes text safe to show: one line without control characters, no secret, and at the
// most so many bytes. The order matters: a control character must not hide a secret, and a cut
// must not leave half of one.
func (r *redactor) line(text string, most int) string {
	return cut(strings.TrimSpace(r.hide(oneLine(text))), most)
}

// hide replaces every form of every secret. Replacing can bring a form about, so it goes on
// until none is left; text that does not come to rest is not shown at all.
func (r *redactor) hide(text string) string {
	const passes = 8
	for range passes {
		before := text
		for _, form := range r.forms {
			text = hideForm(text, form)
		}
		if text == before {
			break
		}
	}
	for _, form := range r.forms {
		if len(form) >= shortSecret && strings.Contains(text, form) {
			return ""
		}
	}
	return text
}

func hideForm(text, form string) string {
	if len(form) >= shortSecret {
		return strings.ReplaceAll(text, form, mask)
	}
	var b strings.Builder
	for {
		i := strings.Index(text, form)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		end := i + len(form)
		before, _ := utf8.DecodeLastRuneInString(b.String() + text[:i])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if wordRune(before) || wordRune(after) {
			b.WriteString(text[:i+1])
			text = text[i+1:]
			continue
		}
		b.WriteString(text[:i])
		b.WriteString(mask)
		text = text[end:]
	}
}

// wordRune says whether a word goes on at r.
func wordRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f && r != utf8.RuneError
}

// oneLine turns whatever a terminal, a log or a page could take for more than a letter into a
// space: control characters, line ends, bytes that are not UTF-8, characters that change the
// direction of writing.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// cut shortens text to at the most so many bytes, between characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
