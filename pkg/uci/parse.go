package uci

import (
	"bytes"
	"strconv"
)

// Parse reads the text of a UCI file. file is its name for errors. The error is a
// *SyntaxError; there are no sections then.
func Parse(file string, text []byte) ([]Section, error) {
	p := parser{scanner: scanner{file: file, text: text}, names: map[string]int{}, options: map[optionKey]int{}, current: none}
	if len(text) > MaxSize {
		return nil, p.errorAt(0, "the file is larger than "+strconv.Itoa(MaxSize)+" bytes, which no configuration is")
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return nil, p.errorAt(i, "there is a NUL byte: this is not a text file, or it is damaged")
	}
	for p.nextLine() {
		if err := p.parseLine(); err != nil {
			return nil, err
		}
	}
	return p.sections, nil
}

type parser struct {
	scanner
	sections []Section
	names    map[string]int    // where the first section of a name is
	options  map[optionKey]int // where an option is in its section
	current  int               // the section that options go into
	started  counter
}

// none: there was no section yet.
const none = -1

type optionKey struct {
	section int
	name    string
}

// counter counts lines without looking at the same text twice.
type counter struct{ at, line int }

func (p *parser) commandLine() int {
	p.started.line += bytes.Count(p.text[p.started.at:p.word], []byte{'\n'})
	p.started.at = p.word
	return p.started.line + 1
}

// commands are the four things a line can begin with; their first letter is enough.
var commands = []struct {
	name  string
	parse func(p *parser, line int) error
}{
	{"config", (*parser).config},
	{"option", func(p *parser, line int) error { return p.option(line, false) }},
	{"list", func(p *parser, line int) error { return p.option(line, true) }},
	{"package", (*parser).packageName},
}

// parseLine reads one line, which can hold several commands after each other.
func (p *parser) parseLine() error {
	p.skipSpace()
	for {
		word := p.command()
		if word == "" {
			return nil
		}
		if err := p.run(word); err != nil {
			return err
		}
	}
}

func (p *parser) run(word string) error {
	for _, c := range commands {
		if word != c.name && word != c.name[:1] {
			continue
		}
		line := p.commandLine()
		if p.pos == p.end {
			return p.errorHere("nothing follows '" + c.name + "'; " + usage)
		}
		p.pos++
		return c.parse(p, line)
	}
	return p.errorHere("a line begins with 'config', 'option', 'list' or #; " + usage)
}

const usage = "write config TYPE 'NAME', option NAME 'VALUE' or list NAME 'VALUE'"

// packageName reads `package NAME`, which says nothing new in a file of one package.
func (p *parser) packageName(int) error {
	name, err := p.required("the package has no name")
	if err != nil {
		return err
	}
	if err := p.checkName(name, "-"); err != nil {
		return err
	}
	return p.lineEnd()
}

// config reads `config TYPE` or `config TYPE NAME` and makes that the current section.
func (p *parser) config(line int) error {
	kind, err := p.required("the section has no type; write config TYPE 'NAME'")
	if err != nil {
		return err
	}
	if !validType(kind) {
		return p.errorHere("a section's type holds only printable ASCII characters and no spaces")
	}
	name, err := p.argument()
	if err != nil {
		return err
	}
	at := p.word
	if name != "" {
		if err := p.checkName(name, ""); err != nil {
			return err
		}
	}
	if err := p.lineEnd(); err != nil {
		return err
	}
	if name == "" {
		p.addSection(Section{Type: kind, Name: madeUpName(len(p.sections)+1, kind), Anonymous: true, Line: line})
		return nil
	}
	if i, known := p.names[name]; known {
		if s := p.sections[i]; s.Type != kind {
			return p.errorAt(at, "the name of a section is used only once in a file, and the "+strconv.Quote(s.Type)+
				" on line "+strconv.Itoa(s.Line)+" has this one; choose another name")
		}
		p.current = i
		return nil
	}
	p.addSection(Section{Type: kind, Name: name, Line: line})
	return nil
}

func (p *parser) addSection(s Section) {
	p.current = len(p.sections)
	if _, known := p.names[s.Name]; !known {
		p.names[s.Name] = p.current
	}
	p.sections = append(p.sections, s)
}

// option reads `option NAME VALUE` or `list NAME VALUE` into the current section.
func (p *parser) option(line int, list bool) error {
	if p.current == none {
		return p.errorHere("this stands before the first section; write config TYPE 'NAME' above it")
	}
	name, err := p.required("the option has no name; write option NAME 'VALUE'")
	if err != nil {
		return err
	}
	if err := p.checkName(name, ""); err != nil {
		return err
	}
	value, err := p.argument()
	if err != nil {
		return err
	}
	if err := p.lineEnd(); err != nil {
		return err
	}
	p.set(name, value, line, list)
	return nil
}

// set does what libuci's uci_set and uci_add_list do: a later option replaces, an empty one
// changes nothing, a list grows and takes over the option it follows.
func (p *parser) set(name, value string, line int, list bool) {
	if !list && value == "" {
		return
	}
	s := &p.sections[p.current]
	key := optionKey{p.current, name}
	i, known := p.options[key]
	switch {
	case !known:
		p.options[key] = len(s.Options)
		s.Options = append(s.Options, Option{Name: name, List: list, Values: []string{value}, Line: line})
	case list:
		s.Options[i].List = true
		s.Options[i].Values = append(s.Options[i].Values, value)
	default:
		s.Options[i] = Option{Name: name, Values: []string{value}, Line: line}
	}
}

func (p *parser) required(missing string) (string, error) {
	arg, err := p.argument()
	if err == nil && arg == "" {
		err = p.errorHere(missing)
	}
	return arg, err
}

func (p *parser) checkName(name, also string) error {
	if i := firstBad(name, also); i >= 0 {
		return p.errorHere("a name holds only letters, digits and _, but this one has " + strconv.QuoteToASCII(name[i:i+1]))
	}
	return nil
}

// lineEnd makes sure that nothing follows the command but a ; or a comment.
func (p *parser) lineEnd() error {
	more, err := p.argument()
	if err == nil && more != "" {
		err = p.errorHere("there is more on the line than belongs here; a value with spaces needs quotes: 'my value'")
	}
	return err
}

// madeUpName is how libuci calls the n-th section of a file when it has no name: a hash of its type.
func madeUpName(n int, kind string) string {
	hash := uint32(5381)
	for i := 0; i < len(kind); i++ {
		hash = hash*33 + uint32(kind[i])
	}
	return "cfg" + hex(n, 2) + hex(int(hash&0xffff), 4)
}

func hex(n, width int) string {
	s := strconv.FormatInt(int64(n), 16)
	for len(s) < width {
		s = "0" + s
	}
	return s
}
