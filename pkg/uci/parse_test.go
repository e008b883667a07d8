package uci_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/uci"
)

// Every row was compared with what `uci export` makes of the same file (libuci of 2026).
func TestParse_reads_values_as_libuci_does(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want string // option name=value, name+=list item; joined by |
	}{
		"plain":                           {"option k v\n", "k=v"},
		"single-quotes":                   {"option k 'my value'\n", "k=my value"},
		"double-quotes":                   {"option k \"my value\"\n", "k=my value"},
		"quoted-name":                     {"option 'k' v\n", "k=v"},
		"quotes-in-the-middle":            {"option k a'b c'd\"e f\"\n", "k=ab cde f"},
		"quote-of-quote":                  {`option k 'it'\''s'` + "\n", "k=it's"},
		"backslash-in-single-quotes":      {`option k '\n\'` + "\n", `k=\n\`},
		"backslash-in-double-quotes":      {`option k "a\"b\\c\d"` + "\n", `k=a"b\cd`},
		"backslash-space":                 {`option k a\ b` + "\n", "k=a b"},
		"backslash-hash":                  {`option k a\#b` + "\n", "k=a#b"},
		"backslash-at-line-end":           {"option k a\\\nb\n", "k=ab"},
		"backslash-at-crlf":               {"option k a\\\r\nb\n", "k=ab"},
		"backslash-then-indented-line":    {"option k a\\\n b\n", "!"},
		"backslash-newline-in-quotes":     {"option k \"a\\\n b\"\n", "k=a b"},
		"backslash-at-end-of-file":        {`option k a\`, "k=a"},
		"value-over-two-lines":            {"option k 'a\nb'\noption l c\n", "k=a\nb|l=c"},
		"value-over-two-crlf-lines":       {"option k 'a\r\nb'\r\n", "k=a\r\nb"},
		"comment-line":                    {"# option k v\n  # more\noption l v\n", "l=v"},
		"comment-after-value":             {"option k v # why\n", "k=v"},
		"hash-inside-a-word-is-a-comment": {"option k v#w\n", "k=v"},
		"hash-inside-quotes":              {"option k 'v#w'\n", "k=v#w"},
		"no-final-newline":                {"option k v", "k=v"},
		"windows-line-ends":               {"option k v\r\n\r\noption l w\r\n", "k=v|l=w"},
		"tabs-and-vertical-tabs":          {"\toption\tk\tv\v\n", "k=v"},
		"latin1-and-utf8-bytes":           {"option k \xe9\noption l é\n", "k=\xe9|l=é"},
		"control-character":               {"option k 'a\x01'\n", "k=a\x01"},
		"first-letters":                   {"o k v\nl m w\nc t2 n2\n", "k=v|m+=w"},
		"last-option-wins":                {"option k v\noption l x\noption k w\n", "k=w|l=x"},
		"empty-option-sets-nothing":       {"option k v\noption k ''\noption l ''\noption m\n", "k=v"},
		"empty-list-item":                 {"list k ''\nlist k v\n", "k+=|k+=v"},
		"list-after-option-keeps-both":    {"option k v\nlist k w\n", "k+=v|k+=w"},
		"option-after-list-replaces":      {"list k v\nlist k w\noption k x\n", "k=x"},
		"empty-option-after-list":         {"list k v\noption k ''\n", "k+=v"},
		"list-twice-same-item":            {"list k v\nlist k v\n", "k+=v|k+=v"},
		"semicolon-after-quotes":          {"option k 'v';option l w\n", "k=v|l=w"},
		"semicolon-after-space":           {"option k v ; option l w\n", "k=v|l=w"},
		"semicolon-after-escape":          {"option k \\v; option l w\n", "k=v|l=w"},
		"semicolon-after-bare-word-ends":  {"option k v; option l w\n", "k=v"},
		"semicolon-then-comment":          {"option k 'v'; # why\n", "k=v"},
		"semicolon-for-a-value":           {"option k ; option l w\n", "!"},
		"semicolon-at-line-end":           {"option k 'v';\n", "!"},
		"empty-word-then-option":          {"option k v '' option l w\n", "k=v|l=w"},
		"package-line":                    {"package my-router\noption k v\n", "k=v"},
		"package-dots":                    {"package my.router\n", "!"},
		"dash-in-option-name":             {"option k-l v\n", "!"},
		"empty-option-name":               {"option '' v\n", "!"},
		"two-values":                      {"option k my value\n", "!"},
		"command-without-argument":        {"option\n", "!"},
		"command-at-end-of-file":          {"option", "!"},
		"unknown-command":                 {"set k v\n", "!"},
		"longer-command":                  {"options k v\n", "!"},
		"upper-case-command":              {"Option k v\n", "!"},
		"open-single-quote":               {"option k 'v\noption l w\n", "!"},
		"open-double-quote":               {"option k \"v\n", "!"},
		"byte-order-mark":                 {"\xef\xbb\xbfoption k v\n", "!"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := uci.Parse("f", []byte("config t 'n'\n"+tc.text))
			if tc.want == "!" {
				var se *uci.SyntaxError
				if !errors.As(err, &se) || got != nil {
					t.Fatalf("got %v, %v; want a syntax error", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if flat := flatten(got[0]); flat != tc.want {
				t.Errorf("got %q, want %q", flat, tc.want)
			}
		})
	}
}

func flatten(s uci.Section) string {
	var out []string
	for _, o := range s.Options {
		for _, v := range o.Values {
			if o.List {
				out = append(out, o.Name+"+="+v)
			} else {
				out = append(out, o.Name+"="+v)
			}
		}
	}
	return strings.Join(out, "|")
}

func TestParse_reads_sections_as_libuci_does(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want string // TYPE NAME OPTIONS; joined by /
	}{
		"empty-file":                 {"", ""},
		"only-comments":              {"# nothing\n\n", ""},
		"named":                      {"config rec 'home'\n", "rec home "},
		"anonymous":                  {"config foo\n", "foo cfg017389 "},
		"anonymous-second":           {"config a 'b'\nconfig foo\n", "a b /foo cfg027389 "},
		"anonymous-by-empty-name":    {"config foo ''\n", "foo cfg017389 "},
		"no-options-before-next":     {"config a b\nconfig a c\noption k v\n", "a b /a c k=v"},
		"repeated-name-merges":       {"config a b\noption k v\nconfig a c\nconfig a b\noption l w\noption k x\n", "a b k=x|l=w/a c "},
		"made-up-name-merges":        {"config foo\noption k v\nconfig foo cfg017389\noption l w\n", "foo cfg017389 k=v|l=w"},
		"repeated-name-other-type":   {"config a b\nconfig c b\n", "!"},
		"type-with-punctuation":      {"config a-b!c 'n'\n", "a-b!c n "},
		"type-quoted":                {"config 'a' n\n", "a n "},
		"type-with-space":            {"config 'a b' n\n", "!"},
		"type-with-umlaut":           {"config ä n\n", "!"},
		"name-with-dash":             {"config a b-c\n", "!"},
		"name-with-dot":              {"config a b.c\n", "!"},
		"three-words":                {"config a b c\n", "!"},
		"option-before-section":      {"option k v\n", "!"},
		"semicolon-instead-of-name":  {"config a ; option k v\n", "!"},
		"section-and-option-on-line": {"config a 'b';option k v\n", "a b k=v"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := uci.Parse("f", []byte(tc.text))
			if tc.want == "!" {
				if err == nil {
					t.Fatalf("got %v, want a syntax error", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var flat []string
			for _, s := range got {
				flat = append(flat, s.Type+" "+s.Name+" "+flatten(s))
				if s.Anonymous != strings.HasPrefix(s.Name, "cfg0") {
					t.Errorf("section %s: anonymous is %v", s.Name, s.Anonymous)
				}
			}
			if f := strings.Join(flat, "/"); f != tc.want {
				t.Errorf("got %q, want %q", f, tc.want)
			}
		})
	}
}

func TestParse_knows_the_lines(t *testing.T) {
	got, err := uci.Parse("f", []byte("# head\nconfig a 'b'\n\toption k 'v\nw'\n\toption l x\n\tlist m y\n\tlist m z\n\n\nconfig a\n\toption k 'v';option n w\n\toption k z\n"))
	if err != nil {
		t.Fatal(err)
	}
	lines := []int{got[0].Line, got[1].Line}
	for _, s := range got {
		for _, o := range s.Options {
			lines = append(lines, o.Line)
		}
	}
	if want := []int{2, 10, 3, 5, 6, 12, 11}; !reflect.DeepEqual(lines, want) {
		t.Errorf("lines %v, want %v", lines, want)
	}
}

func TestParse_points_at_the_mistake(t *testing.T) {
	for name, tc := range map[string]struct {
		text         string
		line, column int
	}{
		"unknown-command":   {"config a b\n\toption k v\n  frob x y\n", 3, 3},
		"value-with-space":  {"config a b\n\toption k my value\n", 2, 14},
		"never-closed":      {"config a b\n\toption k 'v\n\toption l w\n", 2, 11},
		"dash-in-name":      {"config a b\n\toption k-k v\n", 2, 9},
		"name-used-twice":   {"config a b\n\nconfig c b\n", 3, 10},
		"before-a-section":  {"\n\n option k v\n", 3, 2},
		"nul":               {"config a b\n\topt\x00ion k v\n", 2, 5},
		"nothing-follows":   {"config a b\n\toption", 2, 2},
		"too-large":         {strings.Repeat("#", uci.MaxSize+1), 1, 1},
		"second-value-line": {"config a b\n\toption k 'v\nw' x\n", 3, 4},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := uci.Parse("/etc/config/x", []byte(tc.text))
			var se *uci.SyntaxError
			if !errors.As(err, &se) {
				t.Fatalf("got %v, want a *SyntaxError", err)
			}
			if se.File != "/etc/config/x" || se.Line != tc.line || se.Column != tc.column {
				t.Errorf("at %s:%d:%d, want line %d column %d", se.File, se.Line, se.Column, tc.line, tc.column)
			}
		})
	}
}

// A password with a space or a quote in it breaks its line; the message must not print it.
func TestParse_errors_do_not_repeat_the_line(t *testing.T) {
	for _, line := range []string{
		"option password hunter2 hunter2", "option password 'hunter2", "option password 'a' hunter2 x",
		"hunter2", "option password 'x';hunter2", "option password 'x'\\\nhunter2 'y",
	} {
		_, err := uci.Parse("f", []byte("config a b\n"+line+"\n"))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: error %v", line, err)
		}
	}
}

func TestParse_takes_a_full_size_file_of_single_options(t *testing.T) {
	var b strings.Builder
	b.WriteString("config a b\n")
	n := 0
	for b.Len() < uci.MaxSize-20 {
		b.WriteString("o k" + strings.Repeat("x", n%7) + string(rune('a'+n%26)) + " v\n")
		n++
	}
	got, err := uci.Parse("f", []byte(b.String()))
	if err != nil || len(got) != 1 {
		t.Fatalf("%d sections, %v", len(got), err)
	}
}

func TestSection_Option(t *testing.T) {
	got, err := uci.Parse("f", []byte("config a b\noption k v\n"))
	if err != nil {
		t.Fatal(err)
	}
	if o, ok := got[0].Option("k"); !ok || o.Values[0] != "v" {
		t.Errorf("k is %v, %v", o, ok)
	}
	if _, ok := got[0].Option("l"); ok {
		t.Error("found l, which is not there")
	}
}
