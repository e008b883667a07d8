package config

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/uci"
)

// fields are the values of one section, each checked by its row of the table: a default
// stands where an option was not given or was wrong.
type fields struct {
	p       *parser
	section uci.Section
	values  map[string][]string
	given   map[string]int // the lines of the options that were given
	ok      bool           // nothing was wrong
}

// read checks a section against the table of its options.
func (p *parser) read(s uci.Section, table []Option) *fields {
	f := &fields{p: p, section: s, values: map[string][]string{}, given: map[string]int{}, ok: true}
	for _, o := range s.Options {
		row := findOption(table, o.Name)
		if row == nil {
			f.problem(o.Line, o.Name, "there is no such option; "+chooseOption(o.Name, table))
			continue
		}
		f.given[o.Name] = o.Line
		if values, err := row.check(o); err != nil {
			f.problem(o.Line, o.Name, err.Error())
		} else {
			f.values[o.Name] = values
		}
	}
	for _, row := range table {
		if f.given[row.Name] == 0 && row.Required && s.Line != 0 {
			f.problem(s.Line, row.Name, missing(row))
		}
		if f.values[row.Name] == nil && row.Default != "" {
			f.values[row.Name] = row.defaults()
		}
	}
	return f
}

// defaults are the values that stand when none is given; those of a list have spaces between.
func (o *Option) defaults() []string {
	if o.List {
		return strings.Fields(o.Default)
	}
	return []string{o.Default}
}

func findOption(table []Option, name string) *Option {
	for i := range table {
		if table[i].Name == name {
			return &table[i]
		}
	}
	return nil
}

func chooseOption(name string, table []Option) string {
	names := make([]string, len(table))
	for i, row := range table {
		names[i] = row.Name
	}
	return choose(name, names)
}

func missing(row Option) string {
	s := "it is missing"
	if row.Help != "" {
		s += ". " + row.Help
	}
	if row.Link != "" {
		s += " See " + row.Link
	}
	return s
}

// problem says what is wrong with an option, or with the section when option is "".
func (f *fields) problem(line int, option, message string) {
	f.ok = false
	f.p.problem(f.section, line, option, message)
}

// about is a problem with an option that was given, or with the section that lacks it.
func (f *fields) about(option, message string) {
	line := f.given[option]
	if line == 0 {
		line = f.section.Line
	}
	f.problem(line, option, message)
}

// The getters rely on the check of each value that read has done.

func (f *fields) list(name string) []string { return f.values[name] }

func (f *fields) text(name string) string {
	if v := f.values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (f *fields) bool(name string) bool {
	b, _ := parseBool(f.text(name))
	return b
}

func (f *fields) number(name string) int {
	n, _ := strconv.Atoi(f.text(name))
	return n
}

func (f *fields) duration(name string) time.Duration {
	d, _ := ParseDuration(f.text(name))
	return d
}

// check takes what the file gives for the option and returns the values to use. A list may
// also be written as one option with spaces, as OpenWrt has it elsewhere.
func (o *Option) check(given uci.Option) ([]string, error) {
	values := given.Values
	if o.List && !given.List {
		values = strings.Fields(given.Values[0])
	}
	if !o.List && len(values) > 1 {
		return nil, errors.New("it takes one value, and the file gives " + strconv.Itoa(len(values)) + "; write it once, with 'option'")
	}
	if len(values) == 0 {
		return nil, errors.New("it is empty; give it a value or take the line out")
	}
	out := make([]string, 0, len(values))
	for _, v := range values {
		v = strings.TrimSpace(v)
		if err := o.checkValue(v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (o *Option) checkValue(v string) error {
	if v == "" {
		return errors.New("it is empty; give it a value or take the line out")
	}
	for i := 0; i < len(v); i++ {
		if v[i] < ' ' || v[i] == 0x7f {
			return errors.New("it holds a line break, a tab or another control character; type it again")
		}
	}
	if check := kinds[o.Kind]; check != nil {
		if err := check(o, v); err != nil {
			return err
		}
	}
	if o.Check != nil {
		return o.Check(v)
	}
	return nil
}

// kinds are the checks that come with the kind of a value. Text takes anything.
var kinds = map[provider.Kind]func(o *Option, v string) error{
	provider.Bool:     checkBool,
	provider.Number:   checkNumber,
	provider.URL:      checkURL,
	provider.Choice:   checkChoice,
	provider.Duration: checkDuration,
}

// quote shows a value in a message, as long as it is no secret.
func (o *Option) quote(v string) string {
	if o.Secret {
		return "the value"
	}
	return quote(v)
}

func quote(v string) string {
	if len(v) > 80 {
		return strconv.Quote(v[:80]) + "…"
	}
	return strconv.Quote(v)
}

// parseBool knows the words that OpenWrt's config_get_bool does.
func parseBool(v string) (b, ok bool) {
	switch v {
	case "1", "on", "true", "yes", "enabled":
		return true, true
	case "0", "off", "false", "no", "disabled":
		return false, true
	}
	return false, false
}

func checkBool(o *Option, v string) error {
	if _, ok := parseBool(v); !ok {
		return errors.New(o.quote(v) + " is neither yes nor no; write '1' or '0'")
	}
	return nil
}

func checkNumber(o *Option, v string) error {
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil {
		return errors.New(o.quote(v) + " is not a whole number" + o.bounds())
	}
	low, lowErr := strconv.ParseInt(o.Min, 10, 32)
	high, highErr := strconv.ParseInt(o.Max, 10, 32)
	if lowErr == nil && n < low || highErr == nil && n > high {
		return errors.New(o.quote(v) + " is out of range" + o.bounds())
	}
	return nil
}

func checkDuration(o *Option, v string) error {
	d, err := ParseDuration(v)
	if err != nil {
		return errors.New(o.quote(v) + " " + err.Error() + o.bounds())
	}
	low, lowErr := ParseDuration(o.Min)
	high, highErr := ParseDuration(o.Max)
	if lowErr == nil && d < low || highErr == nil && d > high {
		return errors.New(o.quote(v) + " is out of range" + o.bounds())
	}
	return nil
}

func (o *Option) bounds() string {
	switch {
	case o.Min != "" && o.Max != "":
		return "; write one from " + o.Min + " to " + o.Max
	case o.Min != "":
		return "; write one from " + o.Min
	case o.Max != "":
		return "; write one up to " + o.Max
	}
	return ""
}

func checkChoice(o *Option, v string) error {
	for _, known := range o.Values {
		if v == known {
			return nil
		}
	}
	return errors.New(o.quote(v) + " is not known; write " + either(o.Values))
}

func checkURL(o *Option, v string) error {
	schemes := o.Values
	if len(schemes) == 0 {
		schemes = []string{"https", "http"}
	}
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" { // err would repeat the URL, and a password in it
		return errors.New(o.quote(v) + " is not a URL; write it like " + schemes[0] + "://host.example")
	}
	for _, s := range schemes {
		if u.Scheme == s {
			return nil
		}
	}
	return errors.New(o.quote(v) + " has a scheme that does not fit; it begins with " + strings.Join(schemes, "://, ") + "://")
}
