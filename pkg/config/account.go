package config

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/url"
	"sort"
	"strings"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/uci"
)

// Account is a login at a service.
type Account struct {
	Name     string
	Line     int
	Provider *provider.Info
	Settings provider.Settings // of the provider's own options, defaults filled in

	Bind         bool            // requests leave by the record's device, or fail
	Proxy        provider.Secret // URL, which may hold a password; empty for none
	CAFile       string          // already the main section's when the account names none
	InsecureHTTP bool

	settled []string // what was set to something else than its default, for the fingerprint
	secrets []provider.Secret
}

// ProxyURL is the proxy to use, nil for none.
func (a *Account) ProxyURL() *url.URL {
	if a.Proxy.Reveal() == "" {
		return nil
	}
	u, err := url.Parse(a.Proxy.Reveal())
	if err != nil {
		return nil // cannot be: the parser has read it
	}
	return u
}

// Secrets are all texts of the account that must not be seen: what to redact.
func (a *Account) Secrets() []provider.Secret {
	return append([]provider.Secret(nil), a.secrets...)
}

// Fingerprint is 16 hex digits that change when any option of the account changes its value,
// and stay when options are only moved around or a default is written out. With a salt of the
// router's own, nobody can try out passwords on it.
func (a *Account) Fingerprint(salt []byte) string {
	var all []byte
	for _, s := range append([]string{string(salt), a.Provider.Name}, a.settled...) {
		all = binary.BigEndian.AppendUint64(all, uint64(len(s))) // so that "a","bc" is not "ab","c"
		all = append(all, s...)
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:8])
}

// account reads an account section into the configuration, or leaves it out with problems.
func (p *parser) account(s uci.Section) {
	if s.Anonymous {
		p.problem(s, s.Line, "", "an account needs a name that records can refer to; write config account 'NAME'")
		return
	}
	p.accounts[s.Name] = accountEntry{line: s.Line}
	info := p.provider(s)
	if info == nil {
		return
	}
	table := accountTable(info)
	f := p.read(s, table)
	a := &Account{
		Name: s.Name, Line: s.Line, Provider: info, Settings: provider.Settings{},
		Bind: f.bool("bind"), Proxy: provider.NewSecret(f.text("proxy")),
		CAFile: f.text("ca_file"), InsecureHTTP: f.bool("insecure_http"),
	}
	for _, row := range table[len(accountOptions):] {
		a.Settings[row.Name] = provider.NewSecret(f.text(row.Name))
	}
	a.remember(f, table)
	f.checkPlainHTTP(table)
	f.checkTogether(a)
	if a.CAFile == "" {
		a.CAFile = p.config.Main.CAFile
	}
	if f.ok {
		p.config.Accounts = append(p.config.Accounts, *a)
		p.accounts[s.Name] = accountEntry{line: s.Line, account: a}
	}
}

// accountTable is every option that an account of the service can have: the common ones
// first, which a service cannot redefine.
func accountTable(info *provider.Info) []Option {
	table := append([]Option(nil), accountOptions...)
	for _, o := range info.Options {
		if findOption(accountOptions, o.Name) == nil {
			table = append(table, Option{Option: o})
		}
	}
	return table
}

// provider finds the service; nil, with a problem, when there is none. The other options
// cannot be judged without it.
func (p *parser) provider(s uci.Section) *provider.Info {
	row := findOption(accountOptions, "provider")
	given, ok := s.Option(row.Name)
	if !ok {
		p.problem(s, s.Line, row.Name, missing(*row))
		return nil
	}
	values, err := row.check(given)
	if err != nil {
		p.problem(s, given.Line, row.Name, err.Error())
		return nil
	}
	name := values[0]
	if info := p.lookup(name); info != nil && info.Err != nil {
		p.problem(s, given.Line, row.Name, quote(name)+" cannot be used: "+info.Err.Error())
		return nil
	} else if info != nil {
		return info
	}
	hint := "'wandns providers' lists the services"
	if info := p.lookup(strings.ToLower(name)); info != nil {
		hint = "write '" + info.Name + "'"
	}
	p.problem(s, given.Line, row.Name, quote(name)+" is not a service that wandns knows; "+hint)
	return nil
}

// remember notes what the fingerprint is made of and what must be redacted.
func (a *Account) remember(f *fields, table []Option) {
	for _, row := range table {
		v := f.text(row.Name)
		if row.Kind == provider.Bool { // 1, on and yes are the same
			b, _ := parseBool(v)
			d, _ := parseBool(row.Default)
			if b == d {
				continue
			}
			v = "1"
		}
		if v == "" || v == row.Default {
			continue
		}
		a.settled = append(a.settled, row.Name+"="+v)
		if row.Secret {
			a.secrets = append(a.secrets, provider.NewSecret(v))
		}
	}
	sort.Strings(a.settled)
	if u := a.ProxyURL(); u != nil {
		if password, ok := u.User.Password(); ok && password != "" {
			a.secrets = append(a.secrets, provider.NewSecret(password))
		}
	}
}

// checkPlainHTTP looks for addresses with http:// that the account does not allow.
func (f *fields) checkPlainHTTP(table []Option) {
	if f.bool("insecure_http") {
		return
	}
	for _, row := range table[len(accountOptions):] {
		if !row.Secret && strings.HasPrefix(strings.ToLower(f.text(row.Name)), "http://") {
			f.about(row.Name, "it is plain http, which anyone on the way can read; write https:// or, if the service has none, set insecure_http '1'")
		}
	}
}

// checkTogether lets the service look at all options at once, when each of them is right.
func (f *fields) checkTogether(a *Account) {
	if !f.ok || a.Provider.New == nil {
		return
	}
	if _, err := a.Provider.New(a.Settings); err != nil {
		f.problem(a.Line, "", a.redact(err.Error()))
	}
}

// redact takes the account's secrets out of what a service's code says about its options.
func (a *Account) redact(text string) string {
	for _, s := range a.secrets {
		for _, form := range []string{s.Reveal(), url.QueryEscape(s.Reveal()), url.PathEscape(s.Reveal())} {
			text = strings.ReplaceAll(text, form, s.String())
		}
	}
	return text
}

func checkPath(v string) error {
	if !strings.HasPrefix(v, "/") {
		return errors.New(quote(v) + " is not a whole path; write it from the root, like '/etc/ssl/my-ca.pem'")
	}
	return nil
}
