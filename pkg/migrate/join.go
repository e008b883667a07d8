package migrate

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/uci"
)

// account is a login, gathered from one or more sections.
type account struct {
	name, provider string
	settings       map[string]string
	perFamily      perFamily
	hostnames      []string // that it is used for
}

// perFamily is an option that an account has once for each family, where ddns-scripts had it in
// two sections: option holds the IPv4 value, and optionIPv6 the other.
type perFamily struct {
	option, optionIPv6 string
	value              [2]string // by family
}

// The families, as they number things here.
const (
	ipv4 = 0
	ipv6 = 1
)

var familyNames = []string{"ipv4", "ipv6"}

// record is one or more names to keep.
type record struct {
	name       string // of the section to add
	section0   string // of the section that it comes from; empty when that had none
	account    *account
	enabled    bool
	hostnames  []string
	interfaces [2][]string // by family; none when it does not have that family
	from       string      // the option that the interface comes from
	source     string
	private    bool
	refresh    time.Duration
	reports    []*Report
}

// accountFor is the account of that login: one that is there, or this one.
func (m *migration) accountFor(a *account) *account {
	for _, b := range m.accounts {
		if b.provider == a.provider && maps.Equal(b.settings, a.settings) && b.perFamily.takes(a.perFamily, overlap(a.hostnames, b.hostnames)) {
			b.hostnames = append(b.hostnames, a.hostnames...)
			return b
		}
	}
	m.accounts = append(m.accounts, a)
	return a
}

// takes adds the other's values, if they are equal or about the family that was missing for
// the same name.
func (p *perFamily) takes(other perFamily, sameName bool) bool {
	sum := p.value
	for family, v := range other.value {
		switch {
		case v == "" || v == sum[family]:
		case sum[family] == "" && sameName:
			sum[family] = v
		default:
			return false
		}
	}
	p.value = sum
	return true
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// join makes few records of many: WANs of one name, families of one name, names of one kind.
func (m *migration) join() {
	for _, step := range []func(a, b *record) bool{otherWAN, otherFamily, otherName} {
		var kept []*record
		for _, r := range m.records {
			if !slices.ContainsFunc(kept, func(k *record) bool { return k.like(r) && step(k, r) }) {
				kept = append(kept, r)
			}
		}
		m.records = kept
	}
}

// like says whether two records differ in nothing but names, families and interfaces.
func (r *record) like(o *record) bool {
	return r.account == o.account && r.enabled == o.enabled && r.source == o.source
}

func (r *record) absorb(o *record) {
	r.private = r.private || o.private
	r.refresh = max(r.refresh, o.refresh)
	r.reports = append(r.reports, o.reports...)
}

// otherWAN: the same name in the same family by another interface. ddns-scripts let the two
// overwrite each other.
func otherWAN(r, o *record) bool {
	if !slices.Equal(r.hostnames, o.hostnames) || len(r.interfaces[ipv4]) == 0 != (len(o.interfaces[ipv4]) == 0) {
		return false
	}
	for family := range r.interfaces {
		r.interfaces[family] = union(r.interfaces[family], o.interfaces[family])
	}
	for i, n := range o.reports[0].Options {
		if n.Option == o.from {
			o.reports[0].Options[i].Text += ", after the other's: the first that is up is published, or with policy 'all' both, where the service can hold them"
		}
	}
	r.absorb(o)
	return true
}

// otherFamily: the same name in the other family, by the same way out. An address of another
// interface, such as a tunnel, needs a record of its own: here, it would be the second choice.
func otherFamily(r, o *record) bool {
	four, six := r, o
	if len(r.interfaces[ipv4]) == 0 {
		four, six = o, r
	}
	if !slices.Equal(r.hostnames, o.hostnames) || len(four.interfaces[ipv6]) > 0 || !samePath(four.interfaces[ipv4], six.interfaces[ipv6]) {
		return false
	}
	r.interfaces = [2][]string{four.interfaces[ipv4], six.interfaces[ipv6]}
	r.absorb(o)
	return true
}

// samePath says whether interfaces are pairs as OpenWrt names them: wan and wan6, or wan_6 of PPPoE.
func samePath(four, six []string) bool {
	if len(four) != len(six) {
		return false
	}
	for i, f := range four {
		if s := six[i]; s != f && s != f+"6" && s != f+"_6" {
			return false
		}
	}
	return true
}

// otherName: another name, in all else the same.
func otherName(r, o *record) bool {
	if r.private != o.private || r.refresh != o.refresh ||
		!slices.Equal(r.interfaces[ipv4], o.interfaces[ipv4]) || !slices.Equal(r.interfaces[ipv6], o.interfaces[ipv6]) {
		return false
	}
	r.hostnames = union(r.hostnames, o.hostnames)
	r.absorb(o)
	return true
}

func union(a, b []string) []string {
	for _, v := range b {
		if !slices.Contains(a, v) {
			a = append(a[:len(a):len(a)], v)
		}
	}
	return a
}

// sectionName is what to call the record: as before, without the family when it has both.
func (r *record) sectionName() string {
	name := r.section0
	if name == "" {
		name = identifier(r.hostnames[0])
	}
	if len(r.interfaces[ipv4]) == 0 || len(r.interfaces[ipv6]) == 0 {
		return name
	}
	for _, suffix := range []string{"ipv4", "ipv6", "v4", "v6", "4", "6"} {
		if short, ok := strings.CutSuffix(strings.ToLower(name), suffix); ok {
			if short = strings.TrimRight(name[:len(short)], "_"); short != "" {
				return short
			}
		}
	}
	return name
}

func (r *record) section() uci.Section {
	s := uci.Section{Type: "record", Name: r.name}
	add := func(name string, values ...string) { s.Options = append(s.Options, list(name, values)) }
	if !r.enabled {
		set(&s, "enabled", "0")
	}
	set(&s, "account", r.account.name)
	add("hostname", r.hostnames...)
	add("interface", union(r.interfaces[ipv4], r.interfaces[ipv6])...)
	var families []string
	for family, name := range familyNames {
		if len(r.interfaces[family]) > 0 {
			families = append(families, name)
		}
	}
	add("family", families...)
	set(&s, "source", r.source)
	if r.private {
		set(&s, "publish_private", "1")
	}
	if r.refresh > 0 {
		set(&s, "refresh", config.FormatDuration(r.refresh))
	}
	return s
}

// section writes the options in the order of the forms and the reference.
func (a *account) section(services config.Lookup) uci.Section {
	settings := maps.Clone(a.settings)
	if p := a.perFamily; p.option != "" {
		settings[p.option] = p.value[ipv4]
		if p.value[ipv4] == "" {
			settings[p.option] = p.value[ipv6]
		}
		if p.value[ipv6] != settings[p.option] || a.provider != customProvider { // a custom URL is for both
			settings[p.optionIPv6] = p.value[ipv6]
		}
	}
	s := uci.Section{Type: "account", Name: a.name}
	set(&s, "provider", a.provider)
	if info := services(a.provider); info != nil {
		for _, o := range info.Options {
			set(&s, o.Name, settings[o.Name])
		}
	}
	for _, name := range []string{"bind", "proxy", "ca_file", "insecure_http"} { // those of every account
		set(&s, name, settings[name])
	}
	return s
}

// set adds an option to a section, unless it is empty.
func set(s *uci.Section, name, value string) {
	if value != "" {
		s.Options = append(s.Options, uci.Option{Name: name, Values: []string{value}})
	}
}

func list(name string, values []string) uci.Option {
	return uci.Option{Name: name, List: true, Values: values}
}

// Mask is the sections with *** for what nobody should see: passwords, and of an update URL all
// behind the server's name, where people put them too.
func Mask(sections []uci.Section, services config.Lookup) []uci.Section {
	var masked []uci.Section
	for _, s := range sections {
		shown := uci.Section{Type: s.Type, Name: s.Name}
		info := services(value(s, "provider"))
		for _, o := range s.Options {
			if info != nil {
				o.Values = []string{mask(info, o.Name, o.Values[0])}
			}
			shown.Options = append(shown.Options, o)
		}
		masked = append(masked, shown)
	}
	return masked
}

// mask is what to show of an account's option.
func mask(info *provider.Info, name, value string) string {
	const hidden = "***"
	if info.Name == customProvider && strings.HasPrefix(name, "url") {
		host := strings.Index(value, "://") + 3
		if end := strings.IndexAny(value[host:], "/?"); end >= 0 {
			return value[:host+end] + "/" + hidden
		}
	}
	for _, row := range info.Options {
		if row.Name == name && row.Secret {
			return hidden
		}
	}
	if name == "proxy" {
		return hidden
	}
	return value
}
