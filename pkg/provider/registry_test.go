//go:build !minimal && !standard

package provider_test

import (
	"go/build/constraint"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/provider"
)

// Every service that the release leaves out is known as one of wandns-full, and no other; each file
// of a service has a tag of its own.
func TestRegistry_variants(t *testing.T) {
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
		has := func(tags ...string) bool {
			return expr.Eval(func(tag string) bool {
				for _, x := range tags {
					if x == tag {
						return true
					}
				}
				return false
			})
		}
		found++
		if !has() || has("minimal") || has("no_"+name) {
			t.Errorf("%s: %s", file, line)
		}
		if has("standard") == provider.OnlyInFull(name) || provider.Lookup(name) == nil {
			t.Errorf("%s: %s and OnlyInFull is %v", file, line, provider.OnlyInFull(name))
		}
	}
	for _, name := range strings.Fields(provider.FullOnly) {
		if provider.Lookup(name) == nil {
			t.Errorf("there is no %s", name)
		}
	}
	if found < 8 {
		t.Errorf("%d files of services", found)
	}
}
