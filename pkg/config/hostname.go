package config

import (
	"errors"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of RFC 1035 section 2.3.4, in the form without the final dot.
const (
	maxHostname = 253
	maxLabel    = 63
)

// NormalizeHostname takes a name as people write it to the form that DNS messages and services
// have it in: lower case, no dot at the end, labels in other scripts as A-labels (RFC 5890).
// "*." in front is a wildcard. The error begins with the name and says what would be right.
//
// Other scripts are lower-cased and encoded; they are not composed (Unicode NFC), so a letter
// followed by a combining accent is refused rather than turned into another name.
func NormalizeHostname(name string) (string, error) {
	wrong := func(why string) (string, error) { return "", errors.New(quote(name) + " " + why) }
	if strings.Contains(name, "://") || strings.ContainsAny(name, "/@?") {
		return wrong("is not a hostname; write the name alone, without https:// and without what follows it")
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return wrong("is an address; write the name that shall point to it, like 'home.example.org'")
	}
	if !utf8.ValidString(name) {
		return wrong("is not written in UTF-8")
	}
	if strings.Contains(name, "İ") { // Go's lower case of it is i, another letter
		return wrong("has a Turkish capital İ in it; write it in lower case")
	}
	if len(name) > 4*maxHostname {
		return wrong("is longer than the 253 characters that DNS can hold")
	}
	text := strings.NewReplacer("。", ".", "．", ".", "｡", ".").Replace(strings.ToLower(name)) // RFC 3490 section 3.1
	text = strings.TrimSuffix(text, ".")
	rest := strings.TrimPrefix(text, "*.")
	labels := strings.Split(rest, ".")
	if len(labels) < 2 {
		return wrong("is not a full name; write it with its domain, like 'home.example.org'")
	}
	for i, l := range labels {
		a, err := normalizeLabel(l)
		if err != nil {
			return wrong(err.Error())
		}
		labels[i] = a
	}
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" {
		return wrong("ends in a number, as no name does; write a name like 'home.example.org'")
	}
	out := text[:len(text)-len(rest)] + strings.Join(labels, ".")
	if len(out) > maxHostname {
		return wrong("is longer than the 253 characters that DNS can hold")
	}
	return out, nil
}

func normalizeLabel(label string) (string, error) {
	switch {
	case label == "":
		return "", errors.New("has two dots in a row, or one in front; write one dot between the parts")
	case label == "*":
		return "", errors.New("has a * in the middle; a wildcard is the first part alone, like '*.example.org'")
	case label[0] == '-' || label[len(label)-1] == '-':
		return "", errors.New("has a part that begins or ends with '-', which is not allowed")
	}
	ascii := true
	for i, r := range label {
		if err := checkRune(label[:i], r); err != nil {
			return "", err
		}
		ascii = ascii && r < utf8.RuneSelf
	}
	if !ascii {
		label = "xn--" + punycode(label)
	}
	if len(label) > maxLabel {
		return "", errors.New("has a part longer than the 63 characters that DNS can hold")
	}
	return label, nil
}

// checkRune says whether a lower-case label that begins with before may go on with r.
func checkRune(before string, r rune) error {
	if r < utf8.RuneSelf {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_", r) {
			return nil
		}
		return errors.New("has " + quote(string(r)) + " in it; a hostname holds letters, digits and '-'")
	}
	switch {
	case before == "" && unicode.Is(unicode.M, r):
		return errors.New("has a part that begins with a mark that belongs on a letter")
	case r >= 0x300 && r <= 0x36f && before[len(before)-1] < utf8.RuneSelf:
		return errors.New("has a letter and its accent apart; type the accented letter as one, or write the xn-- form")
	case !unicode.In(r, unicode.L, unicode.M, unicode.Nd):
		return errors.New("has " + quote(string(r)) + " in it, which is neither letter nor digit; write the xn-- form if the name is registered so")
	}
	return nil
}

func checkHostname(v string) error {
	_, err := NormalizeHostname(v)
	return err
}

// hostnames normalises names that checkHostname has let through, each once.
func hostnames(values []string) []string {
	var out []string
	for _, v := range values {
		if h, err := NormalizeHostname(v); err == nil && !contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}
