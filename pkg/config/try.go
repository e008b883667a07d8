package config

import (
	"github.com/wandns/wandns/pkg/uci"
)

// Try reads options as if they stood in an account section that is not in the file. Secrets that
// are not among them are those of stored, when that is an account of the same service (nil: there
// is none): a form shows no secret, and so cannot give it back. The problems say what is wrong.
func Try(options []uci.Option, stored *Account, main Main, lookup Lookup) (*Account, []Problem) {
	s := uci.Section{Type: "account", Name: "new", Line: 1, Options: append([]uci.Option(nil), options...)}
	if stored != nil {
		s.Name = stored.Name
		s.Options = append(s.Options, stored.unsaid(&s)...)
	}
	p := parser{lookup: lookup, config: Config{Main: main}, accounts: map[string]accountEntry{}}
	p.account(s)
	a, _ := p.config.Account(s.Name)
	return a, p.config.Problems
}

// unsaid are the account's secrets that an account section of the same service leaves out.
func (a *Account) unsaid(s *uci.Section) []uci.Option {
	if o, ok := s.Option("provider"); !ok || len(o.Values) != 1 || o.Values[0] != a.Provider.Name {
		return nil
	}
	var out []uci.Option
	add := func(name, value string) {
		if _, given := s.Option(name); !given && value != "" {
			out = append(out, uci.Option{Name: name, Values: []string{value}, Line: 1})
		}
	}
	for _, o := range a.Provider.Options {
		if o.Secret {
			add(o.Name, a.Settings.Get(o.Name))
		}
	}
	add("proxy", a.Proxy.Reveal())
	return out
}
