package main

import (
	"slices"
	"strings"
	"testing"
)

func TestVersion_is_one_that_apk_takes(t *testing.T) {
	for described, want := range map[string]string{
		"1.2.3":                  "1.2.3",
		"1.2.3-rc1":              "1.2.3_rc1",
		"1.2.3-7-g0a1b2c3":       "1.2.3_git20261123083700~0a1b2c3",
		"0.0.0-0a1b2c3":          "0.0.0_git20261123083700~0a1b2c3",
		"0.0.0-0a1b2c3-dirty":    "0.0.0_git20261123083700",
		"1.2.3-7-g0a1b2c3-dirty": "1.2.3_git20261123083700",
		"1.2.3_p1":               "1.2.3_p1",
	} {
		if got, err := packageVersion(described, example.time); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", described, got, err, want)
		}
	}
	for _, bad := range []string{"", "latest", "1.2.3 ", "1.2.3-dirty", "1.2.3;reboot", "0.0.0-unknown"} {
		if got, err := packageVersion(bad, example.time); err == nil {
			t.Errorf("%q is taken as %q", bad, got)
		}
	}
}

func TestArches_are_built_by_a_target(t *testing.T) {
	targets, err := buildScript(repository, nil, "targets")
	must(t, err)
	built := strings.Fields(targets)
	var names, used []string
	for _, a := range arches {
		names = append(names, a.name)
		used = append(used, a.target)
		if !slices.Contains(built, a.target) {
			t.Errorf("%s is of target %s, which is none", a.name, a.target)
		}
		if !a.ipk && !a.apk {
			t.Errorf("%s gets no package", a.name)
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("not in order: %q", names)
	}
	for _, target := range built {
		if !slices.Contains(used, target) {
			t.Errorf("no architecture uses target %s", target)
		}
	}
	if _, err := choose([]string{"mipsel_24kc", "pdp11"}); err == nil {
		t.Error("an architecture that is none is taken")
	}
}
