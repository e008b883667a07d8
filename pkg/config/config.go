// Package config reads /etc/config/wandns.
//
// In come the text of the file and a way to look up services; out goes a Config that the
// rest of wandns can trust without looking again: names are normalised, defaults filled in,
// accounts exist, services can do what is asked of them. Whatever is wrong is a Problem that
// says where and what would be right. A record or account with a problem is left out, and
// the others run.
//
// The tables in options.go are the one place that says which options there are; the parser,
// the reference in the README and the LuCI form read them.
package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/uci"
)

// Config is what a file asks for, as far as it is right.
type Config struct {
	Main     Main
	Accounts []Account // in the file's order
	Records  []Record  // in the file's order, disabled ones too
	Problems []Problem // by line
}

// Main is the section `config wandns 'main'`. Without it, every option has its default.
type Main struct {
	Enabled  bool
	LogLevel string // error, warn, info or debug
	CAFile   string // CA bundle for accounts that name none; empty means the system's

	LeaseFiles      []string      // of dnsmasq
	STUNServers     []string      // host or host:port
	EchoURLs        []string      // https
	OutsideInterval time.Duration // 10 s to a day
}

// Problem is one thing that is wrong in the file. It never repeats a secret.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Type    string `json:"type"`             // of the section: "record"
	Section string `json:"section"`          // its name: "home"
	Option  string `json:"option,omitempty"` // empty when it is about the section
	Message string `json:"message"`          // what is wrong and what would be right
}

func (p Problem) Error() string {
	s := p.File + ":" + strconv.Itoa(p.Line) + ": " + p.Type + " '" + p.Section + "'"
	if p.Option != "" {
		s += ": option '" + p.Option + "'"
	}
	return s + ": " + p.Message
}

// Lookup finds a service by the name that the option `provider` gives; nil when there is none.
type Lookup func(name string) *provider.Info

// Load reads the file at path. The error is for a file that cannot be used at all: it cannot
// be read, or it is no UCI (a *uci.SyntaxError). Everything else is in Problems.
func Load(path string, lookup Lookup) (*Config, error) { return LoadCopy(path, path, lookup) }

// LoadCopy is Load for a copy of the file that people edit: what is wrong is told of original.
func LoadCopy(path, original string, lookup Lookup) (*Config, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return Parse(original, text, lookup)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil {
		return nil, err
	} else if !st.Mode().IsRegular() {
		return nil, &os.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	return io.ReadAll(io.LimitReader(f, uci.MaxSize+1)) // one more, so that uci sees that it is too large
}

// Parse is Load of a text; file is its name in errors and problems.
func Parse(file string, text []byte, lookup Lookup) (*Config, error) {
	sections, err := uci.Parse(file, text)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	p := parser{file: file, lookup: lookup, accounts: map[string]accountEntry{}, taken: map[claim]*Record{}}
	p.parse(sections)
	c := p.config
	sort.SliceStable(c.Problems, func(i, j int) bool { return c.Problems[i].Line < c.Problems[j].Line })
	return &c, nil
}

// Account finds an account by its name.
func (c *Config) Account(name string) (a *Account, ok bool) {
	for i := range c.Accounts {
		if c.Accounts[i].Name == name {
			return &c.Accounts[i], true
		}
	}
	return nil, false
}

// parser holds what has been understood so far.
type parser struct {
	file     string
	lookup   Lookup
	config   Config
	mainLine int                     // where the main section is; 0 before it was seen
	accounts map[string]accountEntry // every account section by name, wrong ones too
	taken    map[claim]*Record
}

type accountEntry struct {
	line    int
	account *Account // nil when it was left out
}

// parse reads main before accounts, and accounts before records, wherever they stand.
func (p *parser) parse(sections []uci.Section) {
	p.main(uci.Section{Type: sectionMain, Name: "main"})
	records := 0
	for i, s := range sections {
		switch s.Type {
		case sectionMain:
			p.mainOnce(s)
		case sectionAccount:
		case sectionRecord:
			if s.Anonymous {
				sections[i].Name = "@record[" + strconv.Itoa(records) + "]" // as `uci show` has it
			}
			records++
		default:
			p.problem(s, s.Line, "", "there is no such section type; "+choose(s.Type, SectionTypes()))
		}
	}
	p.each(sections, sectionAccount, p.account)
	p.each(sections, sectionRecord, p.record)
}

func (p *parser) each(sections []uci.Section, sectionType string, read func(uci.Section)) {
	for _, s := range sections {
		if s.Type == sectionType {
			read(s)
		}
	}
}

func (p *parser) mainOnce(s uci.Section) {
	if p.mainLine != 0 {
		p.problem(s, s.Line, "", "this section is already on line "+strconv.Itoa(p.mainLine)+"; put its options there")
		return
	}
	p.mainLine = s.Line
	p.main(s)
}

// main takes what is right in the section and the default for what is wrong: there is no
// daemon without it.
func (p *parser) main(s uci.Section) {
	f := p.read(s, mainOptions)
	p.config.Main = Main{
		Enabled: f.bool("enabled"), LogLevel: f.text("log_level"), CAFile: f.text("ca_file"),
		LeaseFiles: unique(f.list("lease_file")), STUNServers: unique(f.list("stun_server")), EchoURLs: unique(f.list("echo_url")), OutsideInterval: f.duration("outside_interval"),
	}
}

func (p *parser) problem(s uci.Section, line int, option, message string) {
	p.config.Problems = append(p.config.Problems, Problem{
		File: p.file, Line: line, Type: s.Type, Section: s.Name, Option: option, Message: message,
	})
}
