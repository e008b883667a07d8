//go:build !minimal

package provider_test

import (
	"go/build/constraint"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/provider"
)

// Each file of a service has a tag of its own that leaves it out, and minimal leaves all of them out.
func TestRegistry_tags(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, tagged := strings.Cut(string(text), "\tName:    \"")
		if !tagged || strings.HasSuffix(file, "_test.go") || !strings.Contains(string(text), "= add(&") {
			continue
		}
		name, _, _ := strings.Cut(rest, "\"")
		line, _, _ := strings.Cut(string(text), "\n")
		expr, err := constraint.Parse(line)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		has := func(tag string) bool { return expr.Eval(func(t string) bool { return t == tag }) }
		found++
		if !has("") || has("minimal") || has("no_"+name) || provider.Lookup(name) == nil {
			t.Errorf("%s: %s", file, line)
		}
	}
	if found < 8 {
		t.Errorf("%d files of services", found)
	}
}
