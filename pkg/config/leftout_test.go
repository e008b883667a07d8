package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/uci"
)

func TestProblem_reads_like_this(t *testing.T) {
	p := parse(t, accounts+"config record\n\toption account 'b'\n\tlist hostname 'x.example.org'\n\tlist family 'ipv5'\n").Problems[0]
	if got, want := p.Error(), `/etc/config/wandns:12: record '@record[0]': option 'family': "ipv5" is not known; write 'ipv4' or 'ipv6'`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestParse_leaves_out_the_wrong_and_runs_the_rest(t *testing.T) {
	c := parse(t, accounts+`
config account 'bad'
	option provider 'big'
config record 'one'
	option account 'b'
	list hostname 'one.example.org'
config record 'two'
	option account 'bad'
	list hostname 'two.example.org'
config record 'three'
	option enabled '0'
	option account 'b'
	list hostname 'three..example.org'
config record 'four'
	option account 's'
	list hostname 'four.small.example'
`)
	var names []string
	for _, r := range c.Records {
		names = append(names, r.Name)
	}
	if want := []string{"one", "four"}; !reflect.DeepEqual(names, want) {
		t.Errorf("records %v, want %v", names, want)
	}
	var lines []int
	for _, p := range c.Problems {
		lines = append(lines, p.Line)
	}
	if want := []int{10, 16, 21}; !reflect.DeepEqual(lines, want) {
		t.Errorf("problems on lines %v, want %v: %v", lines, want, c.Problems)
	}
	if !strings.Contains(c.Problems[1].Message, "'bad' on line 10") {
		t.Errorf("%v does not point at the account", c.Problems[1])
	}
}

func TestParse_a_wrong_main_option_falls_back(t *testing.T) {
	c := parse(t, "config wandns 'main'\n\toption enabled '0'\n\toption log_level 'loud'\n")
	if c.Main.Enabled || c.Main.LogLevel != "info" || len(c.Problems) != 1 {
		t.Errorf("main is %+v with %v", c.Main, c.Problems)
	}
}

func TestParse_one_name_is_kept_by_one_record(t *testing.T) {
	two := func(first, second string) string {
		return accounts + "config account 'c'\n\toption provider 'big'\n\toption token 'x'\n" +
			"config record 'one'\n\tlist hostname 'home.example.org'\n" + first +
			"config record 'two'\n\tlist hostname 'x.example.org'\n\tlist hostname 'HOME.example.org.'\n" + second
	}
	for name, tc := range map[string]struct {
		text    string
		records int
	}{
		"same-name-and-family":     {two("option account 'b'\n", "option account 'b'\n"), 1},
		"families-overlap":         {two("option account 'b'\nlist family 'ipv4'\n", "option account 'b'\n"), 1},
		"families-differ":          {two("option account 'b'\nlist family 'ipv4'\n", "option account 'b'\nlist family 'ipv6'\n"), 2},
		"accounts-differ":          {two("option account 'b'\n", "option account 'c'\n"), 2},
		"first-is-disabled":        {two("option account 'b'\noption enabled '0'\n", "option account 'b'\n"), 2},
		"first-is-wrong-otherwise": {two("option account 'b'\noption policy 'x'\n", "option account 'b'\n"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := parse(t, tc.text)
			if len(c.Records) != tc.records {
				t.Errorf("records are %+v, problems %v", c.Records, c.Problems)
			}
			for _, p := range c.Problems {
				if p.Option == "hostname" && !strings.Contains(p.Message, "'one' on line 12") {
					t.Errorf("%v does not say which record keeps the name", p)
				}
			}
		})
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "wandns")
	if err := os.WriteFile(path, []byte(accounts), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := config.Load(path, lookup); err != nil || len(c.Accounts) != 2 {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := config.Load(filepath.Join(dir, "none"), lookup); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := config.Load(dir, lookup); err == nil {
		t.Error("took a directory")
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("#", uci.MaxSize+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(path, lookup); err == nil {
		t.Error("took a file that is too large")
	}
	if err := os.WriteFile(path, []byte(accounts+"option token it's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var se *uci.SyntaxError
	if _, err := config.Load(path, lookup); !errors.As(err, &se) || se.Line != 9 || se.File != path {
		t.Errorf("a file that is no UCI: %v", err)
	}
}
