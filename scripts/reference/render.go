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
	b.WriteString("\n### Services\n\n" + servicesText + "\n")
	serviceTable(&b, services)
	b.WriteString("\n#### Options of their records\n\nWhat a record can say beside the options above, by the service of its account:\n\n")
	recordOptions(&b, services)
	b.WriteString("\n#### Options of their accounts\n\n<details>\n<summary>Each option of each service</summary>\n\n")
	serviceOptions(&b, services)
	b.WriteString("\n</details>\n")
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

const servicesText = `The table has the options that an account needs beside those above, by its ` + "`provider`" + `; those in
brackets are optional. ` + "`wandns providers`" + ` prints the same. Requests and answers are those of the page behind *API*,
except where [services.txt](pkg/provider/services.txt) says ` + "`# practice`" + `: there it could not be read, and they are those that
other clients of the service use. A service that is not here, and is updated by a request to a URL, is an account with ` + "`provider 'custom'`" + ` or, if it
speaks the dyndns2 protocol, ` + "`dyndns2`" + `; what takes more than one URL is a file in ` + "`/etc/wandns/services.d`" + `, with the same
fields as JSON, called by the name that it gives the service:

` + "```json" + `
{
  "title": "Example", "url": "https://dyn.example.net/update?host={hostname}",
  "ipv4": "&ip={ipv4}", "ipv6": "&ip6={ipv6}", "both": "&ip={ipv4}&ip6={ipv6}", "auth": "basic",
  "words": "own", "confirmed": "OK*", "unchanged": "*no change*", "credentials": "*password*",
  "request": ["unknown host => create the host first", "ERROR*"], "slow": "*too often*"
}
` + "```" + `
`

func serviceTable(b *strings.Builder, services []*provider.Info) {
	b.WriteString("| `provider` | Service | Account | Names | Holds |\n|---|---|---|---|---|\n")
	for _, s := range services {
		names := "any"
		if len(s.Limits.Suffixes) > 0 {
			names = codes(s.Limits.Suffixes, "")
		}
		options := make([]string, len(s.Options))
		for i, o := range s.Options {
			if options[i] = code(o.Name); !o.Required {
				options[i] = "[" + options[i] + "]"
			}
		}
		row(b, code(s.Name), "["+s.Title+"]("+s.Website+") ([API]("+s.Docs+"))", strings.Join(options, " "), names, holds(s.Limits))
	}
}

// holds says in some words what a name at the service can have.
func holds(l provider.Limits) string {
	text := "IPv4, IPv6"
	switch {
	case len(l.Families) == 1 && l.Families[0] == "ipv4":
		text = "IPv4"
	case len(l.Families) == 1:
		text = "IPv6"
	}
	switch l.MaxAddresses {
	case 0:
		text += "; several each"
	case 1:
	default:
		text += "; " + strconv.Itoa(l.MaxAddresses) + " each"
	}
	if l.CanDelete {
		text += "; deletes"
	}
	return text
}

func serviceOptions(b *strings.Builder, services []*provider.Info) {
	b.WriteString("| `provider` | Option | Value | Default | Meaning |\n|---|---|---|---|---|\n")
	for _, s := range services {
		for _, o := range s.Options {
			serviceOption(b, s, o)
		}
	}
}

// recordOptions are what records can say at some services only.
func recordOptions(b *strings.Builder, services []*provider.Info) {
	b.WriteString("| `provider` | Option | Value | Default | Meaning |\n|---|---|---|---|---|\n")
	for _, s := range services {
		for _, o := range s.RecordOptions {
			serviceOption(b, s, o)
		}
	}
}

func serviceOption(b *strings.Builder, s *provider.Info, o provider.Option) {
	c := config.Option{Option: o}
	row(b, code(s.Name), code(o.Name), value(c), fallback(c), meaning(c))
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
