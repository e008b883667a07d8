package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/wandns/wandns/pkg/doctor"
)

const (
	templateFile  = "luci-app/po/templates/wandns.pot"
	languageFiles = "luci-app/po/*/wandns.po"
	sourceDir     = "luci-app/htdocs/luci-static/resources"
	menuFile      = "luci-app/root/usr/share/luci/menu.d/luci-app-wandns.json"
)

var (
	calls  = regexp.MustCompile(`\b_\(\s*'((?:[^'\\]|\\.)*)'`)
	places = regexp.MustCompile(`%[-+0-9.]*[a-zA-Z]`)
)

// messages are the strings that people read: in the page's own code, in the menu, on the labels of
// forms and in the help below those, and what the doctor says of a name. The reason that it adds, in
// the words of the kernel or the service, is shown as it is.
func messages(root string) ([]string, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, sourceDir), func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".js" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range calls.FindAllSubmatch(text, -1) {
			found[strings.ReplaceAll(string(m[1]), `\'`, `'`)] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := menuTitles(filepath.Join(root, menuFile), found); err != nil {
		return nil, err
	}
	if err := formTexts(filepath.Join(root, resourceFile), found); err != nil {
		return nil, err
	}
	for _, text := range doctor.Texts() {
		found[text] = true
	}
	delete(found, "")
	var all []string
	for m := range found {
		all = append(all, m)
	}
	slices.Sort(all)
	return all, nil
}

func menuTitles(file string, found map[string]bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var menu map[string]struct{ Title string }
	if err := json.Unmarshal(text, &menu); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, m := range menu {
		found[m.Title] = true
	}
	return nil
}

// formTexts are the labels of options and the help below them.
func formTexts(file string, found map[string]bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	type option struct{ Title, Help string }
	var tables struct {
		Main, Account, Record []option
		Providers             []struct{ Options, Record []option }
	}
	if err := json.Unmarshal(text, &tables); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, table := range [][]option{tables.Main, tables.Account, tables.Record} {
		for _, o := range table {
			found[o.Title], found[o.Help] = true, true
		}
	}
	for _, p := range tables.Providers {
		for _, o := range slices.Concat(p.Options, p.Record) {
			found[o.Title], found[o.Help] = true, true
		}
	}
	return nil
}

// render is a file of messages, in their order: what each is in a language ("" in the template
// that translators begin with).
func render(language string, all []string, said map[string]string) []byte {
	text := []byte("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\"\n")
	if language != "" {
		text = fmt.Appendf(nil, "msgid \"\"\nmsgstr \"\"\n%s\n%s\n", quote("Content-Type: text/plain; charset=UTF-8\n"), quote("Language: "+language+"\n"))
	}
	for _, m := range all {
		text = fmt.Appendf(text, "\nmsgid %s\nmsgstr %s\n", quote(m), quote(said[m]))
	}
	return text
}

// writeCatalogs writes the template, and the messages into the file of each language: what is
// translated stays, what nobody says any more goes, and what is new is empty.
func writeCatalogs() error {
	all, err := messages(".")
	if err != nil {
		return err
	}
	if err := os.WriteFile(templateFile, render("", all, nil), 0o644); err != nil {
		return err
	}
	files, err := filepath.Glob(languageFiles)
	if err != nil {
		return err
	}
	for _, file := range files {
		said, err := readPO(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, render(filepath.Base(filepath.Dir(file)), all, said), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// readPO reads a file of messages: what each is in that language.
func readPO(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	var id, str string
	var into *string
	for i, line := range strings.Split(string(text)+"\n", "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || line[0] == '#':
			if into != nil {
				out[id] = str
			}
			id, str, into = "", "", nil
			continue
		case word == "msgid":
			into = &id
		case word == "msgstr":
			into = &str
		case line[0] == '"':
			rest = line
		default:
			return nil, fmt.Errorf("%s:%d: %q is not of a message", file, i+1, line)
		}
		part, err := strconv.Unquote(rest)
		if err != nil || into == nil {
			return nil, fmt.Errorf("%s:%d: %q is not a string", file, i+1, rest)
		}
		*into += part
	}
	delete(out, "")
	return out, nil
}

// placeholders are what format() puts values in for, in order.
func placeholders(s string) []string { return places.FindAllString(s, -1) }
