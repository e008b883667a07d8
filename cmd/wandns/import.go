//go:build !minimal

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/migrate"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/uci"
	"github.com/wandns/wandns/pkg/wholefile"
)

// rivalConfig is the configuration of ddns-scripts.
const rivalConfig = "/etc/config/ddns"

// importCommand is left out of the small build.
var importCommand = []command{
	{"import", "[FILE]", "show what the configuration of ddns-scripts is here (" + rivalConfig + ")", 1, importRival},
}

// imported is what `wandns import --json` prints.
type imported struct {
	UCI      string           `json:"uci"` // what is added, with *** for secrets
	Sections []migrate.Report `json:"sections"`
	Clashes  []string         `json:"clashes"`  // sections that are there already
	Problems []config.Problem `json:"problems"` // that the whole would have
	Written  bool             `json:"written"`
}

// importRival shows what the configuration of ddns-scripts is here, and adds it to ours when it
// is told to.
func importRival(i *invocation) error {
	from := rivalConfig
	if len(i.args) == 1 {
		from = i.args[0]
	}
	old, err := readSections(from)
	if err != nil {
		return err
	}
	if st, err := os.Lstat(i.config); err == nil && !st.Mode().IsRegular() {
		return errors.New(i.config + " is not a regular file; name the file itself by --config")
	}
	text, err := wholefile.Read(i.config, uci.MaxSize)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	present, err := uci.Parse(i.config, text)
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	lookup := i.catalog().Lookup
	plan := migrate.Import(old, present, lookup, provider.ByRivalName)
	shown, err := uci.Format(migrate.Mask(plan.Add, lookup))
	if err != nil {
		return err
	}
	out := imported{UCI: string(shown), Sections: plan.Report, Clashes: append([]string{}, plan.Clashes...), Problems: []config.Problem{}}
	text, err = appended(text, plan.Add)
	if err != nil {
		return err
	}
	whole, err := config.Parse(i.config, text, lookup)
	if err != nil {
		return err
	}
	out.Problems = append(out.Problems, whole.Problems...)
	refusal := out.refusal(from)
	if i.write && refusal == nil {
		if err := wholefile.Write(i.config, text, 0o600, true); err != nil {
			return fmt.Errorf("writing the configuration: %w", err)
		}
		out.Written = true
	}
	if err := i.showImport(out); err != nil {
		return err
	}
	return refusal
}

func readSections(path string) ([]uci.Section, error) {
	text, err := wholefile.Read(path, uci.MaxSize)
	if err == nil {
		var sections []uci.Section
		if sections, err = uci.Parse(path, text); err == nil {
			return sections, nil
		}
	}
	return nil, fmt.Errorf("reading the configuration of ddns-scripts: %w", err)
}

// appended is a file's text with more sections at its end.
func appended(text []byte, add []uci.Section) ([]byte, error) {
	more, err := uci.Format(add)
	if err != nil {
		return nil, err
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	return append(text, strings.TrimSuffix(string(more), "\n")...), nil
}

// refusal says why the plan must not be carried out.
func (o imported) refusal(from string) error {
	switch {
	case o.UCI == "\n":
		return errors.New("there is nothing to take over in " + from)
	case len(o.Clashes) > 0:
		return fmt.Errorf("nothing is changed: the configuration has sections of these names already: %s", strings.Join(o.Clashes, ", "))
	case len(o.Problems) > 0:
		return errors.New("nothing is changed: mend these first, as 'wandns check' tells them: " + o.Problems[0].Error())
	}
	return nil
}

func (i *invocation) showImport(o imported) error {
	if i.json {
		return writeJSON(i.out, o)
	}
	fmt.Fprint(i.out, strings.TrimPrefix(o.UCI, "\n"))
	for _, s := range o.Sections {
		as := "account '" + s.Account + "', record '" + s.Record + "'"
		switch {
		case s.Why != "":
			as = "LEFT OUT: " + s.Why
		case s.Record == "":
			as = ""
		}
		fmt.Fprintf(i.out, "# %s (line %d): %s\n", s.Section, s.Line, as)
		for _, n := range s.Options {
			fmt.Fprintf(i.out, "#   %-18s %s%s\n", n.Option, map[migrate.Fate]string{migrate.Lost: "LOST: ", migrate.Unneeded: "not needed: "}[n.Fate], n.Text)
		}
	}
	if o.Written {
		fmt.Fprintln(i.out, "# Written to "+i.config+". Now stop ddns-scripts, and let wandns read it:\n# service ddns stop; service ddns disable; service wandns reload")
	} else {
		fmt.Fprintln(i.out, "# Nothing is changed; --write does it.")
	}
	return nil
}
