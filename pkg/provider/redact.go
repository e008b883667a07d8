package provider

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"sort"
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
	sort.Slice(r.forms, func(i, j int) bool {
		if a, b := len(r.forms[i]), len(r.forms[j]); a != b {
			return a > b
		}
		return r.forms[i] < r.forms[j]
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

// addForm adds the spelling, and how it stands in text that oneLine has been over.
func (r *redactor) addForm(form string) {
	for _, f := range []string{form, oneLine(form)} {
		if strings.TrimSpace(f) != "" && !strings.Contains(mask, f) { // else hiding would never end
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
	whole := len(text)
	text = cut(text, longest) // some libraries put the whole page into an error
	ended := len(text) == whole
	text = r.hide(text) // as it is, since bytes that are not UTF-8 are lost next
	text = oneLine(r.hide(oneLine(text)))
	if !ended {
		text = r.dropStump(text)
	}
	if r.shows(text) {
		return "" // replacing brought a form about, again and again
	}
	return cut(strings.TrimSpace(text), most)
}

// longest is how much of a text is looked at, in bytes.
const longest = 4 << 10

// dropStump takes the beginning of a secret off the end of a text that was cut.
func (r *redactor) dropStump(text string) string {
	stump := 0
	for _, form := range r.forms {
		for n := min(len(form)-1, len(text)); n > stump; n-- {
			if strings.HasSuffix(text, form[:n]) {
				stump = n
			}
		}
	}
	return text[:len(text)-stump]
}

// hide replaces every form of every secret. Replacing can bring a form about, so it goes on
// until none is left, within reason.
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
	return text
}

// shows says whether a form that is not short is left.
func (r *redactor) shows(text string) bool {
	return slices.ContainsFunc(r.forms, func(form string) bool {
		return len(form) >= shortSecret && strings.Contains(text, form)
	})
}

func hideForm(text, form string) string {
	if len(form) >= shortSecret {
		return strings.ReplaceAll(text, form, mask)
	}
	var b strings.Builder
	from := 0 // what is before it is written
	for at := 0; ; {
		i := strings.Index(text[at:], form)
		if i < 0 {
			b.WriteString(text[from:])
			return b.String()
		}
		at += i
		end := at + len(form)
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if wordRune(before) || wordRune(after) {
			at++
			continue
		}
		b.WriteString(text[from:at])
		b.WriteString(mask)
		at, from = end, end
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
