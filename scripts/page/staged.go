package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/wandns/wandns/pkg/uci"
)

// staged is rpcd's view of our configuration for one session: the file and what is saved over it.
type staged struct {
	file string

	mu       sync.Mutex
	sections []uci.Section // nil: as in the file
	changes  int
	made     int
}

// current is the file with the changes; the lock is held.
func (s *staged) current() ([]uci.Section, error) {
	if s.sections != nil {
		return s.sections, nil
	}
	text, err := os.ReadFile(s.file)
	if err != nil {
		return nil, err
	}
	return uci.Parse(s.file, text)
}

func (s *staged) change(f func([]uci.Section) ([]uci.Section, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, err := s.current()
	if err != nil {
		return err
	}
	if now, err = f(now); err != nil {
		return err
	}
	s.sections, s.changes = now, s.changes+1
	return nil
}

// revert forgets the changes.
func (s *staged) revert() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sections, s.changes = nil, 0
}

// apply writes them into the file; false when there are none.
func (s *staged) apply() (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes == 0 {
		return false, nil
	}
	text, err := uci.Format(s.sections)
	if err != nil {
		return false, err
	}
	s.sections, s.changes = nil, 0
	return true, os.WriteFile(s.file, text, 0o600)
}

// masked is what luci.wandns answers: the same rule as in wandns.uc.
func (s *staged) masked(open func(provider, option string) bool) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sections, err := s.current()
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	for i, section := range sections {
		provider := ""
		for _, o := range section.Options {
			if o.Name == "provider" {
				provider = o.Values[0]
			}
		}
		seen := map[string]any{".name": section.Name, ".type": section.Type, ".anonymous": section.Anonymous, ".index": i}
		for _, o := range section.Options {
			switch {
			case section.Type == "account" && !open(provider, o.Name):
				seen[o.Name] = "***"
			case o.List:
				seen[o.Name] = o.Values
			default:
				seen[o.Name] = o.Values[0]
			}
		}
		values[section.Name] = seen
	}
	return map[string]any{"values": values, "changes": s.changes}, nil
}

// uciCall is the arguments of a call of the object uci.
type uciCall struct {
	Config, Section, Type, Name, Option string
	Options                             []string
	Values                              map[string]json.RawMessage
	Sections                            []string
}

func (s *staged) add(c uciCall) (string, error) {
	name := c.Name
	err := s.change(func(all []uci.Section) ([]uci.Section, error) {
		if name == "" {
			s.made++
			name = fmt.Sprintf("cfg%06x", s.made)
		}
		section := uci.Section{Type: c.Type, Name: name, Anonymous: c.Name == ""}
		give(&section, c.Values)
		return append(slices.Clone(all), section), nil
	})
	return name, err
}

func (s *staged) set(c uciCall) error {
	return s.change(func(all []uci.Section) ([]uci.Section, error) {
		all = slices.Clone(all)
		i := slices.IndexFunc(all, func(x uci.Section) bool { return x.Name == c.Section })
		if i < 0 {
			return nil, os.ErrNotExist
		}
		all[i].Options = slices.Clone(all[i].Options)
		give(&all[i], c.Values)
		return all, nil
	})
}

func (s *staged) remove(c uciCall) error {
	return s.change(func(all []uci.Section) ([]uci.Section, error) {
		i := slices.IndexFunc(all, func(x uci.Section) bool { return x.Name == c.Section })
		if i < 0 {
			return nil, os.ErrNotExist
		}
		all = slices.Clone(all)
		gone := c.Options
		if c.Option != "" {
			gone = append(gone, c.Option)
		}
		if len(gone) == 0 {
			return slices.Delete(all, i, i+1), nil
		}
		all[i].Options = slices.Clone(all[i].Options)
		all[i].Options = slices.DeleteFunc(all[i].Options, func(x uci.Option) bool { return slices.Contains(gone, x.Name) })
		return all, nil
	})
}

func (s *staged) order(c uciCall) error {
	return s.change(func(all []uci.Section) ([]uci.Section, error) {
		all = slices.Clone(all)
		slices.SortStableFunc(all, func(a, b uci.Section) int {
			return cmp.Compare(slices.Index(c.Sections, a.Name), slices.Index(c.Sections, b.Name))
		})
		return all, nil
	})
}

// give sets options of a section.
func give(section *uci.Section, values map[string]json.RawMessage) {
	for name, raw := range values {
		o := uci.Option{Name: name, List: true}
		var one string
		switch {
		case json.Unmarshal(raw, &o.Values) == nil:
		case json.Unmarshal(raw, &one) == nil:
			o.List, o.Values = false, []string{one}
		default: // a number or a truth
			o.List, o.Values = false, []string{string(raw)}
		}
		section.Options = append(slices.DeleteFunc(section.Options, func(x uci.Option) bool { return x.Name == name }), o)
	}
}
