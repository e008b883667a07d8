package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/config"
)

func TestNormalizeHostname(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	for name, tc := range map[string]struct{ in, want string }{
		"plain":                 {"home.example.org", "home.example.org"},
		"upper-case":            {"Home.Example.ORG", "home.example.org"},
		"final-dot":             {"home.example.org.", "home.example.org"},
		"wildcard":              {"*.Example.org", "*.example.org"},
		"apex":                  {"example.org", "example.org"},
		"underscore":            {"_svc.example.org", "_svc.example.org"},
		"digits-first":          {"1home.example.org", "1home.example.org"},
		"german":                {"Bücher.example", "xn--bcher-kva.example"},
		"eszett":                {"straße.example", "xn--strae-oqa.example"},
		"chinese":               {"他们为什么不说中文.example", "xn--ihqwcrb4cv8a8dqg056pqjye.example"},
		"russian":               {"почемужеонинеговорятпорусски.example", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l.example"},
		"arabic":                {"ليهمابتكلموشعربي؟.example", ""},
		"vietnamese":            {"TạisaohọkhôngthểchỉnóitiếngViệt.example", "xn--tisaohkhngthchnitingvit-kjcr8268qyxafd2f1b9g.example"},
		"japanese-mixed":        {"3年b組金八先生.example", "xn--3b-ww4c5e180e575a65lsy2b.example"},
		"hindi-with-marks":      {"यहलोगहिन्दीक्योंनहींबोलसकतेहैं.example", "xn--i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd.example"},
		"ideographic-full-stop": {"例え。テスト", "xn--r8jz45g.xn--zckzah"},
		"a-label":               {"XN--Bcher-KVA.example", "xn--bcher-kva.example"},
		"longest-label":         {label63 + ".org", label63 + ".org"},
		"longest-name":          {strings.Repeat("a.", 125) + "org", strings.Repeat("a.", 125) + "org"},

		"too-long-name":       {strings.Repeat("a.", 126) + "org", ""},
		"too-long-label":      {label63 + "a.org", ""},
		"too-long-a-label":    {strings.Repeat("ü", 60) + ".org", ""},
		"a-million-letters":   {strings.Repeat("ü", 1e6) + ".org", ""},
		"empty":               {"", ""},
		"dot":                 {".", ""},
		"one-label":           {"myhome", ""},
		"wildcard-of-tld":     {"*.org", ""},
		"star-in-the-middle":  {"a.*.example.org", ""},
		"star-in-a-label":     {"a*.example.org", ""},
		"two-stars":           {"*.*.example.org", ""},
		"two-dots":            {"a..example.org", ""},
		"dot-in-front":        {".example.org", ""},
		"two-final-dots":      {"example.org..", ""},
		"space":               {"my home.example.org", ""},
		"url":                 {"https://home.example.org/", ""},
		"path":                {"home.example.org/x", ""},
		"mail":                {"me@example.org", ""},
		"port":                {"home.example.org:80", ""},
		"ipv4":                {"192.0.2.1", ""},
		"ipv6":                {"2001:db8::1", ""},
		"number-at-the-end":   {"home.123", ""},
		"hyphen-first":        {"-a.example.org", ""},
		"hyphen-last":         {"a-.example.org", ""},
		"emoji":               {"☕.example", ""},
		"accent-apart":        {"bu\u0308cher.example", ""},
		"mark-first":          {"\u0301a.example", ""},
		"zero-width-joiner":   {"a\u200db.example", ""},
		"no-utf8":             {"b\xfccher.example", ""},
		"nul":                 {"a\x00.example", ""},
		"turkish-capital-dot": {"İ.example", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := config.NormalizeHostname(tc.in)
			if got != tc.want || (err == nil) != (tc.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, tc.want)
			}
		})
	}
}

func FuzzNormalizeHostname(f *testing.F) {
	for _, s := range []string{"Home.example.org.", "*.bücher.example", "例え。テスト", "xn--.a", "a\u0301.b", "-.-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out, err := config.NormalizeHostname(in)
		if err != nil {
			if out != "" {
				t.Fatalf("%q beside an error", out)
			}
			return
		}
		rest := strings.TrimPrefix(out, "*.")
		if strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" || len(out) > 253 || !strings.Contains(rest, ".") {
			t.Fatalf("%q became %q", in, out)
		}
		for _, l := range strings.Split(rest, ".") {
			if l == "" || len(l) > 63 {
				t.Fatalf("%q became %q, with the label %q", in, out, l)
			}
		}
		if again, err := config.NormalizeHostname(out); err != nil || again != out {
			t.Fatalf("%q became %q, and that %q, %v", in, out, again, err)
		}
	})
}

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "90s": 90 * time.Second, "10m": 10 * time.Minute, "2h": 2 * time.Hour, "25d": 25 * day,
		"1d12h": 36 * time.Hour, "1d2h3m4s": day + 2*time.Hour + 3*time.Minute + 4*time.Second, "007m": 7 * time.Minute,
		"3650d": 3650 * day, "90m": 90 * time.Minute, "1h30s": time.Hour + 30*time.Second,
	} {
		if got, err := config.ParseDuration(text); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", " ", "5", "s", "-5s", "+5s", "5 s", "5s ", "1.5h", "5w", "5S", "5min", "5ms", "3s2m", "1d1d", "5s5", "1h 30m", "٣s",
		"3651d", "3650d1s", "99999999999999999999s", "4294967296s", "4000000000d",
	} {
		if got, err := config.ParseDuration(text); err == nil {
			t.Errorf("%q is %v, want an error", text, got)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"0", "90s", "1d12h", "25d", "5", "3650d1s", "4294967295s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := config.ParseDuration(text)
		if err != nil {
			return
		}
		if d < 0 || d > 3650*24*time.Hour || d%time.Second != 0 {
			t.Fatalf("%q is %v", text, d)
		}
		if again, err := config.ParseDuration(config.FormatDuration(d)); err != nil || again != d {
			t.Fatalf("%q is %v, written %q, read %v, %v", text, d, config.FormatDuration(d), again, err)
		}
	})
}
