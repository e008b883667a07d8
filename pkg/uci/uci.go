// Package uci reads and writes files of OpenWrt's Unified Configuration Interface.
//
// In comes the text of one file, out go its sections and options with the lines they stand
// on. The package knows what UCI is and nothing of what the options mean.
//
// A file that is read here means exactly what it means to the uci command and to LuCI: the
// odd corners too (what follows `option a b;` on its line is not read, `option a ”` sets
// nothing, `list` after `option` makes a list of both). Where libuci refuses a file, it is
// refused here, whole. Two things libuci takes are refused: a NUL byte, after which it drops
// an amount of text that depends on its buffers, and a file larger than MaxSize.
//
// Source: the grammar is what libuci's file.c does (github.com/openwrt/uci).
package uci

import (
	"fmt"
	"strings"
)

// MaxSize is how large a file may be, in bytes.
const MaxSize = 256 << 10

// Section is one `config TYPE 'NAME'` with its options. Sections that stand in the file
// several times under one name are one Section here.
type Section struct {
	Type string
	// Name is what the file calls it. For an anonymous section it is the name that libuci makes
	// up (cfg0259ab), which LuCI and `uci show -X` use.
	Name      string
	Anonymous bool
	Line      int // of its first `config`, from 1
	Options   []Option
}

// Option is one option of a section: the last `option`, or all its `list` lines.
type Option struct {
	Name string
	List bool
	// Values is the one value of an option, or the items of a list in the file's order.
	Values []string
	Line   int // where it was last set or, for a list, first added to; from 1
}

// Option finds an option by its name.
func (s *Section) Option(name string) (o Option, ok bool) {
	for _, o := range s.Options {
		if o.Name == name {
			return o, true
		}
	}
	return Option{}, false
}

// SyntaxError says where a file stops being UCI, and what would be right. It repeats nothing
// of the line, which may hold a password.
type SyntaxError struct {
	File   string
	Line   int // from 1
	Column int // from 1, in bytes
	Msg    string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Msg)
}

// validName: what a section's or an option's name is made of (libuci's uci_validate_str).
func validName(s string) bool { return s != "" && firstBad(s, "") < 0 }

// validType: a section's type may be any printable ASCII without spaces.
func validType(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}

// firstBad is where s has something other than letters, digits, _ and the characters of also; -1 if nowhere.
func firstBad(s, also string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		word := c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !word && strings.IndexByte(also, c) < 0 {
			return i
		}
	}
	return -1
}
