package migrate_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/migrate"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/uci"
)

// services is where the files of the tests find a service.
var services = provider.Catalog{}.Lookup

func parse(t *testing.T, name, text string) []uci.Section {
	t.Helper()
	sections, err := uci.Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return sections
}

func format(t *testing.T, sections []uci.Section) string {
	t.Helper()
	text, err := uci.Format(sections)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// summary is what matters of a report: a line for each section that was left out and each
// option that was lost.
func summary(plan migrate.Plan) string {
	var b strings.Builder
	for _, r := range plan.Report {
		if r.Why != "" {
			b.WriteString("# left out: " + r.Section + "\n")
		}
		for _, n := range r.Options {
			if n.Fate == migrate.Lost {
				b.WriteString("# lost: " + r.Section + "." + n.Option + "\n")
			}
		}
	}
	return b.String()
}

// TestImport_real_configurations compares what becomes of NAME.ddns with NAME.wandns: the
// sections that are to come out, then what is to be told as left out and lost.
func TestImport_real_configurations(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.ddns")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d configurations: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".ddns")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile("testdata/" + name + ".wandns")
			if err != nil {
				t.Fatal(err)
			}
			old := parse(t, file, string(text))
			plan := migrate.Import(old, nil, services, provider.ByRivalName)
			got := strings.TrimLeft(format(t, plan.Add), "\n") + summary(plan)
			if got != string(want) {
				t.Errorf("it becomes\n%s\nand should\n%s", got, want)
			}
			checkRight(t, plan.Add)
			checkComplete(t, old, plan)
			checkSilent(t, old, plan)
		})
	}
}

// checkRight: what comes out has no problems.
func checkRight(t *testing.T, add []uci.Section) {
	t.Helper()
	c, err := config.Parse("wandns", []byte(format(t, add)), services)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Problems {
		t.Error("problem:", p)
	}
	if len(c.Accounts)+len(c.Records) != len(add) {
		t.Errorf("%d accounts and %d records of %d sections", len(c.Accounts), len(c.Records), len(add))
	}
}

// checkComplete: each section is reported, in order, and each option of one that was taken.
func checkComplete(t *testing.T, old []uci.Section, plan migrate.Plan) {
	t.Helper()
	if len(plan.Report) != len(old) {
		t.Fatalf("%d reports for %d sections", len(plan.Report), len(old))
	}
	for i, r := range plan.Report {
		if r.Line != old[i].Line {
			t.Errorf("report %d is about line %d, and the section is on line %d", i, r.Line, old[i].Line)
		}
		if r.Why == "" && old[i].Type == "service" && (r.Account == "" || r.Record == "") {
			t.Errorf("section %s was not left out and went into account %q, record %q", r.Section, r.Account, r.Record)
		}
		if r.Why != "" {
			continue
		}
		if len(r.Options) < len(old[i].Options) {
			t.Errorf("section %s has %d options, and %d are told of", r.Section, len(old[i].Options), len(r.Options))
		}
		for _, n := range r.Options {
			if n.Text == "" || n.Fate == "" {
				t.Errorf("nothing is said of %s.%s", r.Section, n.Option)
			}
		}
	}
}

// checkSilent: no password, in no spelling, is in the report or in what is shown.
func checkSilent(t *testing.T, old []uci.Section, plan migrate.Plan) {
	t.Helper()
	report, err := json.Marshal(plan.Report)
	if err != nil {
		t.Fatal(err)
	}
	shown := string(report) + format(t, migrate.Mask(plan.Add, services))
	for _, s := range old {
		for _, name := range []string{"password", "param_enc", "proxy"} {
			if o, ok := s.Option(name); ok && strings.Contains(shown, o.Values[0]) {
				t.Errorf("the %s of section %s is shown", name, s.Name)
			}
		}
	}
	for _, secret := range []string{"geheim", "gehe1m"} { // all secrets of the tests have it, where their form allows
		if strings.Contains(shown, secret) {
			t.Errorf("a secret with %q in it is shown:\n%s", secret, shown)
		}
	}
}
