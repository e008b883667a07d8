package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
)

func TestRender_has_every_option_of_every_table(t *testing.T) {
	text := Render(provider.All())
	has := func(cell string) {
		t.Helper()
		if !strings.Contains(text, "| `"+cell+"` |") {
			t.Errorf("no row for %s", cell)
		}
	}
	for _, section := range config.SectionTypes() {
		for _, o := range config.Options(section) {
			has(o.Name)
		}
	}
	for _, s := range config.Sources() {
		has(string(s.Source))
	}
	if len(provider.All()) == 0 {
		t.Error("there is no service")
	}
	for _, s := range provider.All() {
		has(s.Name)
		for _, o := range s.Options {
			has(o.Name)
		}
	}
}

func TestRender_tables_are_whole(t *testing.T) {
	text := Render([]*provider.Info{{
		Name: "odd", Title: "Odd", Website: "https://odd.example", Limits: provider.Limits{MaxAddresses: 1, Suffixes: []string{"odd.example"}},
		Options: []provider.Option{{Name: "sep", Help: "either a|b\nor c", Kind: provider.Choice, Values: []string{"x", "y|z"}, Link: "https://odd.example/x"}},
	}})
	columns := 0
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(line, "|") - strings.Count(line, `\|`)
		if columns == 0 {
			columns = n
		}
		if n != columns || !strings.HasSuffix(line, "|") {
			t.Errorf("this row has %d bars, its table %d: %s", n, columns, line)
		}
	}
	if strings.Contains(text, Begin) || strings.Contains(text, End) {
		t.Error("the text holds a marker")
	}
}

func TestRender_example_of_a_description_is_right(t *testing.T) {
	_, rest, _ := strings.Cut(Render(nil), "```json\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("there is no example")
	}
	info, err := provider.Describe("example", []byte(example))
	if err != nil || len(info.Options) != 2 {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestUpdate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := "# wandns\n\n" + Begin + "\nold\n" + End + "\n\nmore\n"
	write(old)
	if err := Update(file, "new\n", true); !errors.Is(err, ErrNotCurrent) {
		t.Errorf("check of an old file: %v", err)
	}
	if got, _ := os.ReadFile(file); string(got) != old {
		t.Errorf("check changed the file: %q", got)
	}
	if err := Update(file, "new\n", false); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(file); string(got) != strings.Replace(old, "old", "new", 1) {
		t.Errorf("got %q", got)
	}
	if err := Update(file, "new\n", true); err != nil {
		t.Errorf("check of a current file: %v", err)
	}
	for name, text := range map[string]string{
		"no-markers": "# wandns\n", "no-end": Begin + "\n", "swapped": End + Begin,
		"twice": old + old,
	} {
		write(text)
		if err := Update(file, "new\n", false); err == nil {
			t.Errorf("%s: no error", name)
		}
		if got, _ := os.ReadFile(file); string(got) != text {
			t.Errorf("%s: the file was changed", name)
		}
	}
	if err := Update(file+".none", "new\n", true); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
