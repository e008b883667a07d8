package migrate

import (
	"strconv"
	"strings"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/uci"
)

// Plan is what an import would add, and why not more.
type Plan struct {
	Add    []uci.Section // accounts, then records; with their secrets: see Mask
	Report []Report      // one for each section of the old file, in its order
	// Clashes are names of sections to add that the present file has already. Such a plan must
	// not be carried out.
	Clashes []string
}

// Report is what became of one section of the old file. It holds no secret.
type Report struct {
	Section string `json:"section"` // its name; @service[0] when it has none
	Line    int    `json:"line"`
	Account string `json:"account,omitempty"` // the account and the record that it went into; empty when it was left out
	Record  string `json:"record,omitempty"`
	Why     string `json:"why,omitempty"` // it was left out, and what to do about it
	// Options are in the file's order, and after them what is lost by a default of ddns-scripts; of
	// a section that was left out only the lost ones.
	Options []Note `json:"options"`
}

// Note is what became of one option.
type Note struct {
	Option string `json:"option"`
	Fate   Fate   `json:"fate"`
	Text   string `json:"text"` // what it is now; why it is not needed; why it cannot be, and what to do
}

// Fate is what became of an option.
type Fate string

// The fates.
const (
	Taken    Fate = "taken"    // wandns has it as the text says
	Unneeded Fate = "unneeded" // nothing is lost without it
	Lost     Fate = "lost"     // it made a difference, and wandns cannot do it
)

// Rivals finds the service that ddns-scripts calls name: its name in wandns, or why there is none.
type Rivals func(name string) (ours, reason string)

// Import plans what becomes of the sections of /etc/config/ddns. present are the sections that
// the configuration of wandns has.
func Import(old, present []uci.Section, services config.Lookup, rivals Rivals) Plan {
	m := migration{services: services, rivals: rivals, reports: make([]Report, len(old)), kept: map[string]string{}}
	m.presence(present)
	for i, s := range old {
		m.reports[i].Options = []Note{} // in JSON, a list
		if s.Type == "ddns" {
			m.global(s, &m.reports[i])
		}
	}
	count := 0
	for i, s := range old {
		report := &m.reports[i]
		report.Section, report.Line = s.Name, s.Line
		if s.Anonymous {
			report.Section = "@" + s.Type + "[0]"
		}
		switch s.Type {
		case "ddns":
		case "service":
			if s.Anonymous {
				report.Section = "@service[" + strconv.Itoa(count) + "]"
			}
			count++
			m.service(s, report)
		default:
			report.Why = "ddns-scripts has no sections of type '" + s.Type + "'"
		}
	}
	m.join()
	return m.plan(present)
}

// migration is an import under way.
type migration struct {
	services config.Lookup
	rivals   Rivals
	kept     map[string]string // the record of the present configuration, by keep
	private  bool              // publish addresses that the Internet cannot route
	reports  []Report
	accounts []*account
	records  []*record
}

// keep is a name that is kept up to date.
func keep(provider, hostname, family string) string { return provider + " " + hostname + " " + family }

// presence reads which names the present configuration keeps.
func (m *migration) presence(present []uci.Section) {
	providers := map[string]string{}
	for _, s := range present {
		if s.Type == "account" {
			providers[s.Name] = value(s, "provider")
		}
	}
	for _, s := range present {
		families := strings.Fields(value(s, "family"))
		if len(families) == 0 {
			families = familyNames
		}
		for _, h := range strings.Fields(value(s, "hostname")) {
			h, err := config.NormalizeHostname(h)
			for _, f := range families {
				if s.Type == "record" && err == nil {
					m.kept[keep(providers[value(s, "account")], h, f)] = s.Name
				}
			}
		}
	}
}

// value is what an option holds, a list with spaces between; empty when it is not there.
func value(s uci.Section, name string) string {
	o, _ := s.Option(name)
	return strings.TrimSpace(strings.Join(o.Values, " "))
}

// global reads what concerns every service. The names are those of now and of 2.7.
func (m *migration) global(s uci.Section, report *Report) {
	for _, o := range s.Options {
		n := Note{o.Name, Unneeded, "it is about files and programs of ddns-scripts"}
		if o.Name == "upd_privateip" || o.Name == "allow_local_ip" {
			n.Text = "private addresses are never published unless a record says so"
			if m.private = o.Values[0] == "1"; m.private {
				n.Fate, n.Text = Taken, "option publish_private '1' of the records"
			}
		}
		report.Options = append(report.Options, n)
	}
}

// plan names everything and writes the sections out.
func (m *migration) plan(present []uci.Section) Plan {
	p := Plan{Report: m.reports}
	taken := names{"main": true} // it has its own meaning in our file
	for _, r := range m.records {
		r.name = taken.unique(r.sectionName())
	}
	for _, a := range m.accounts {
		name := identifier(a.provider)
		for _, r := range m.records {
			if r.name == name {
				name += "_account"
				break
			}
		}
		a.name = taken.unique(name)
		p.Add = append(p.Add, a.section(m.services))
	}
	for _, r := range m.records {
		p.Add = append(p.Add, r.section())
		for _, report := range r.reports {
			report.Account, report.Record = r.account.name, r.name
		}
	}
	for _, s := range present {
		for i := range p.Add {
			if p.Add[i].Name == s.Name && !s.Anonymous {
				p.Clashes = append(p.Clashes, s.Name)
			}
		}
	}
	return p
}

// names are names of sections that are in use.
type names map[string]bool

func (n names) unique(name string) string {
	free := name
	for i := 2; n[free]; i++ {
		free = name + "_" + strconv.Itoa(i)
	}
	n[free] = true
	return free
}

// identifier makes a name that UCI takes of any text.
func identifier(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, text)
}
