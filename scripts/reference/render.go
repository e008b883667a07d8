package main

import (
	"strconv"
	"strings"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
)

// Render is the reference in Markdown: a table for each section type, for the sources and for
// the options of each service.
func Render(services []*provider.Info) string {
	var b strings.Builder
	b.WriteString(introduction)
	for _, s := range sections {
		b.WriteString("\n### `" + s.head + "`\n\n" + s.text + "\n\n")
		optionTable(&b, config.Options(s.sectionType))
	}
	b.WriteString("\n#### Sources\n\n| `source` | Address |\n|---|---|\n")
	for _, s := range config.Sources() {
		row(&b, code(string(s.Source)), s.Help)
	}
	b.WriteString("\n### Services\n\nThe options of an account beside those above, by its `provider`.\n\n")
	serviceTable(&b, services)
	for _, s := range services {
		service(&b, s)
	}
	return b.String()
}

const introduction = `Options are written as UCI has them: ` + "`option NAME 'VALUE'`, or `list NAME 'VALUE'` once for each value" + `
where more than one is possible. Yes is ` + "`1`, `on`, `true`, `yes` or `enabled`, no is `0`, `off`, `false`, `no` or `disabled`" + `.
Durations are ` + "`90s`, `10m`, `2h`, `25d` or together `1d12h`" + `. An unknown option or section is an error;
a record or account with an error is left out, and the others run. ` + "`wandns check`" + ` says what is wrong and where.
`

var sections = []struct{ sectionType, head, text string }{
	{"wandns", "config wandns 'main'", "Settings of the daemon. The section may be left out."},
	{"account", "config account 'NAME'", "A login at a service. Its name is what records refer to."},
	{"record", "config record 'NAME'", "Hostnames, and whose address they hold. Only one record may keep a name and family at an account."},
}

func optionTable(b *strings.Builder, options []config.Option) {
	b.WriteString("| Option | Value | Default | Meaning |\n|---|---|---|---|\n")
	for _, o := range options {
		row(b, code(o.Name), value(o), fallback(o), meaning(o))
	}
}

// value says what can be written.
func value(o config.Option) string {
	var v string
	switch o.Kind {
	case provider.Choice:
		v = codes(o.Values, "")
	case provider.URL:
		v = "URL"
		if len(o.Values) > 0 {
			v = "URL: " + codes(o.Values, "://")
		}
	case provider.Bool:
		v = "yes or no"
	default:
		v = string(o.Kind)
	}
	switch {
	case o.Min != "" && o.Max != "":
		v += ", " + o.Min + " to " + o.Max
	case o.Min != "":
		v += ", from " + o.Min
	case o.Max != "":
		v += ", up to " + o.Max
	}
	if o.List {
		v = "list: " + v
	}
	if o.Secret {
		v += ", secret"
	}
	return v
}

func fallback(o config.Option) string {
	switch {
	case o.Required:
		return "**required**"
	case o.Default != "":
		return code(o.Default)
	}
	return ""
}

func meaning(o config.Option) string {
	text := plain.Replace(o.Help)
	if o.Link != "" {
		text += " [Where to find it](" + o.Link + ")."
	}
	return text
}

// plain keeps Markdown from reading more into a sentence than it says.
var plain = strings.NewReplacer("*", `\*`, "<", "&lt;")

func serviceTable(b *strings.Builder, services []*provider.Info) {
	b.WriteString("| `provider` | Service | Names | Addresses of a family | Deletes |\n|---|---|---|---|---|\n")
	for _, s := range services {
		names, room, deletes := "any", "any number", "no"
		if len(s.Limits.Suffixes) > 0 {
			names = codes(s.Limits.Suffixes, "")
		}
		if s.Limits.MaxAddresses > 0 {
			room = strconv.Itoa(s.Limits.MaxAddresses)
		}
		if s.Limits.CanDelete {
			deletes = "yes"
		}
		row(b, code(s.Name), "["+s.Title+"]("+s.Website+")", names, room, deletes)
	}
}

func service(b *strings.Builder, s *provider.Info) {
	b.WriteString("\n#### " + s.Title + ": `option provider '" + s.Name + "'`\n\n")
	if s.Docs != "" {
		b.WriteString("[The service's own description](" + s.Docs + ")\n\n")
	}
	options := make([]config.Option, len(s.Options))
	for i, o := range s.Options {
		options[i] = config.Option{Option: o}
	}
	optionTable(b, options)
}

// row writes a line of a table; the bar that parts its cells must not be in one.
func row(b *strings.Builder, cells ...string) {
	for _, c := range cells {
		c = strings.Join(strings.Fields(c), " ")
		b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}

func code(s string) string { return "`" + s + "`" }

func codes(values []string, suffix string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = code(v + suffix)
	}
	return strings.Join(out, ", ")
}
