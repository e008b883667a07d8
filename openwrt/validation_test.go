package openwrt_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
)

var update = flag.Bool("update", false, "write the tables of options into the init script")

const initScript = "files/wandns.init"

// The init script must know the options that the daemon has, and nothing that it has not.
func TestInit_validates_the_options_of_the_daemon(t *testing.T) {
	text, err := os.ReadFile(initScript)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "# options:begin\n", "# options:end\n"
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the init script has no place for the options")
	}
	want := before + begin + validation() + end + after
	if *update && want != string(text) {
		if err := os.WriteFile(initScript, []byte(want), 0o755); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Error("the tables of options have changed; run: go test ./openwrt -update")
	}
}

// validation writes the shell functions, one for each section type.
func validation() string {
	var b strings.Builder
	for _, sectionType := range config.SectionTypes() {
		b.WriteString("validate_" + sectionType + "() {\n\tuci_load_validate wandns " + sectionType + ` "$1" "$2"`)
		for _, o := range config.Options(sectionType) {
			if !o.Secret {
				b.WriteString(" \\\n\t\t'" + o.Name + ":" + dataType(o) + defaultOf(o) + "'")
			}
		}
		b.WriteString("\n}\n")
	}
	return b.String()
}

// dataType is a type of OpenWrt's validate_data (ubox, validate/validate.c).
func dataType(o config.Option) string {
	t := "string"
	switch {
	case o.Kind == provider.Bool:
		t = "bool"
	case o.Kind == provider.Choice:
		t = `or("` + strings.Join(o.Values, `","`) + `")`
	case o.Kind == provider.Number && o.Min != "" && o.Max != "":
		t = "range(" + o.Min + "," + o.Max + ")"
	case o.Name == "ca_file":
		t = "file"
	case o.Name == "address":
		t = "ipaddr"
	}
	if o.List {
		t = "list(" + t + ")"
	}
	return t
}

// defaultOf leaves out what validate_data would take for another field.
func defaultOf(o config.Option) string {
	if o.Default == "" || strings.Contains(o.Default, ":") {
		return ""
	}
	return ":" + o.Default
}
