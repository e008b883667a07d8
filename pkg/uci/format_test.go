package uci_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/uci"
)

func TestFormat_writes_as_uci_commit_does(t *testing.T) {
	got, err := uci.Format([]uci.Section{
		{Type: "wandns", Name: "main", Options: []uci.Option{{Name: "enabled", Values: []string{"1"}}}},
		{Type: "record", Anonymous: true, Options: []uci.Option{
			{Name: "hostname", List: true, Values: []string{"a.example", ""}},
			{Name: "password", Values: []string{`it's "#;\`}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "\nconfig wandns 'main'\n\toption enabled '1'\n" +
		"\nconfig record\n\tlist hostname 'a.example'\n\tlist hostname ''\n\toption password 'it'\\''s \"#;\\'\n\n"
	if string(got) != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestFormat_refuses_what_UCI_cannot_hold(t *testing.T) {
	option := func(o ...uci.Option) []uci.Section { return []uci.Section{{Type: "t", Name: "n", Options: o}} }
	for name, sections := range map[string][]uci.Section{
		"name-with-dash":     {{Type: "t", Name: "a-b"}},
		"no-name":            {{Type: "t"}},
		"no-type":            {{Name: "n"}},
		"type-with-space":    {{Type: "a b", Name: "n"}},
		"type-with-quote":    {{Type: "a'b", Name: "n"}},
		"section-twice":      {{Type: "t", Name: "n"}, {Type: "t", Name: "n"}},
		"option-name":        option(uci.Option{Name: "a b", Values: []string{"v"}}),
		"option-twice":       option(uci.Option{Name: "a", Values: []string{"v"}}, uci.Option{Name: "a", Values: []string{"v"}}),
		"empty-option":       option(uci.Option{Name: "a", Values: []string{""}}),
		"option-of-two":      option(uci.Option{Name: "a", Values: []string{"v", "w"}}),
		"list-of-none":       option(uci.Option{Name: "a", List: true}),
		"nul":                option(uci.Option{Name: "a", Values: []string{"v\x00"}}),
		"larger-than-a-file": option(uci.Option{Name: "a", Values: []string{strings.Repeat("x", uci.MaxSize)}}),
	} {
		t.Run(name, func(t *testing.T) {
			if text, err := uci.Format(sections); err == nil {
				t.Errorf("wrote %q", text)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"config a 'b'\n\toption k 'v'\n\tlist l 'w'\n", "package x\nc t\no k \"a\\\"b\"; l m n # c\r\n",
		"config t\noption k 'it'\\''s'\noption k v\\\nw\n", "config t 'n'\noption k 'a\nb';list k c ; o k ''\n",
		"config foo\nconfig foo cfg017389\n", "config a b\noption k 'x", "config a;b\n#\x00",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		sections, err := uci.Parse("f", text)
		if err != nil {
			if sections != nil {
				t.Fatal("sections beside an error")
			}
			return
		}
		lines := 1 + strings.Count(string(text), "\n")
		for _, s := range sections {
			for _, o := range s.Options {
				if o.Line < 1 || o.Line > lines {
					t.Fatalf("option %q on line %d of %d", o.Name, o.Line, lines)
				}
			}
		}
		checkRoundTrip(t, sections)
	})
}

// FuzzFormat: any value of any option comes back as it was.
func FuzzFormat(f *testing.F) {
	f.Add("token", "it's", "b\n c;#\\\"", true)
	f.Add("k", " ", "\r\n", false)
	f.Fuzz(func(t *testing.T, name, one, two string, list bool) {
		o := uci.Option{Name: name, List: list, Values: []string{one}}
		if list {
			o.Values = append(o.Values, two)
		}
		checkRoundTrip(t, []uci.Section{
			{Type: "a", Name: "b", Options: []uci.Option{o}},
			{Type: "a", Anonymous: true, Options: []uci.Option{o}},
		})
	})
}

func checkRoundTrip(t *testing.T, sections []uci.Section) {
	t.Helper()
	text, err := uci.Format(sections)
	if err != nil {
		return // UCI cannot hold it, and says so
	}
	again, err := uci.Parse("f", text)
	if err != nil {
		t.Fatalf("%v in what Format wrote: %q", err, text)
	}
	if a, b := withoutLines(sections), withoutLines(again); !reflect.DeepEqual(a, b) {
		t.Fatalf("wrote %v\nread  %v\ntext %q", a, b, text)
	}
}

func withoutLines(sections []uci.Section) []uci.Section {
	out := append([]uci.Section(nil), sections...)
	for i := range out {
		out[i].Line = 0
		if out[i].Anonymous {
			out[i].Name = ""
		}
		out[i].Options = append([]uci.Option(nil), out[i].Options...)
		for j := range out[i].Options {
			out[i].Options[j].Line = 0
		}
	}
	return out
}
