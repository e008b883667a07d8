package uci

import (
	"errors"
	"fmt"
	"strings"
)

// Format writes sections as `uci commit` does, byte for byte. Parse reads them back the same,
// but for line numbers and the made-up names of anonymous sections. The error names what UCI
// cannot hold: a name with other characters than letters, digits and _, a name that stands
// twice, a NUL byte, an option without a value.
func Format(sections []Section) ([]byte, error) {
	var b strings.Builder
	seen := map[string]bool{}
	for _, s := range sections {
		if err := formatSection(&b, s, seen); err != nil {
			return nil, fmt.Errorf("writing section %q: %w", s.Name, err)
		}
	}
	b.WriteByte('\n')
	if b.Len() > MaxSize {
		return nil, fmt.Errorf("writing %d sections: more than %d bytes", len(sections), MaxSize)
	}
	return []byte(b.String()), nil
}

// notInType are the characters that libuci lets into a section's type but writes in a way that it cannot read.
const notInType = "'\"\\#;"

func formatSection(b *strings.Builder, s Section, seen map[string]bool) error {
	if !validType(s.Type) || strings.ContainsAny(s.Type, notInType) {
		return fmt.Errorf("the type %q holds a space or a character that has a meaning in UCI", s.Type)
	}
	b.WriteString("\nconfig " + s.Type)
	if !s.Anonymous {
		if err := checkNew(s.Name, seen); err != nil {
			return err
		}
		b.WriteString(" '" + s.Name + "'")
	}
	b.WriteByte('\n')
	options := map[string]bool{}
	for _, o := range s.Options {
		if err := checkNew(o.Name, options); err != nil {
			return fmt.Errorf("option %q: %w", o.Name, err)
		}
		if err := formatOption(b, o); err != nil {
			return fmt.Errorf("option %q: %w", o.Name, err)
		}
	}
	return nil
}

func checkNew(name string, seen map[string]bool) error {
	if !validName(name) {
		return errors.New("a name holds only letters, digits and _")
	}
	if seen[name] {
		return errors.New("the name is there twice")
	}
	seen[name] = true
	return nil
}

func formatOption(b *strings.Builder, o Option) error {
	command := "\toption "
	if o.List {
		command = "\tlist "
	} else if len(o.Values) != 1 || o.Values[0] == "" {
		return errors.New("it needs one value that is not empty")
	}
	if len(o.Values) == 0 {
		return errors.New("UCI cannot hold an empty list")
	}
	for _, v := range o.Values {
		if strings.IndexByte(v, 0) >= 0 {
			return errors.New("UCI cannot hold a NUL byte")
		}
		b.WriteString(command + o.Name + " '" + strings.ReplaceAll(v, "'", `'\''`) + "'\n")
	}
	return nil
}
