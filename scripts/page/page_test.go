package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const root = "../.."

func TestResource_is_what_the_program_has(t *testing.T) {
	want, err := resource()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, resourceFile))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is old: go run ./scripts/page resource", resourceFile)
	}
}

func TestTemplate_has_every_message(t *testing.T) {
	all, err := messages(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("%d messages were found, which cannot be all", len(all))
	}
	got, err := os.ReadFile(filepath.Join(root, templateFile))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(render("", all, nil)) {
		t.Errorf("%s is old: go run ./scripts/page template", templateFile)
	}
}

func TestTranslations_are_complete(t *testing.T) {
	all, err := messages(root)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, languageFiles))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 6 {
		t.Errorf("there are only %q", files)
	}
	for _, lang := range files {
		said, err := readPO(lang)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, m := range all {
			switch is, ok := said[m]; {
			case !ok || is == "":
				t.Errorf("%s lacks %q", lang, m)
			case !slices.Equal(placeholders(m), placeholders(is)):
				t.Errorf("%s: %q has other placeholders than %q", lang, is, m)
			}
			delete(said, m)
		}
		for m := range said {
			t.Errorf("%s has %q, which nobody says", lang, m)
		}
	}
}
