package ubusd

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Rules are the access control for a user who is not root: the content of one file of
// /usr/share/acl.d. Names are object paths or event ids; a trailing "*" is a prefix.
type Rules struct {
	User      string            `json:"user"`
	Group     string            `json:"group"`
	Access    map[string]Access `json:"access"`
	Subscribe []string          `json:"subscribe"`
	Publish   []string          `json:"publish"`
	Listen    []string          `json:"listen"`
	Send      []string          `json:"send"`
}

// Access is what may be called of an object.
type Access struct {
	Methods []string `json:"methods"`
}

// LoadRules reads an ACL file, such as a package installs.
func LoadRules(file string) (*Rules, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var r Rules
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &r, nil
}

// mayCall and may say yes to everything for nil rules, which are root's.
func (r *Rules) mayCall(object, method string) bool {
	if r == nil || object == "" {
		return true // objects without a name and those of the server are open to all
	}
	for pattern, a := range r.Access {
		if matches(pattern, object) && (slices.Contains(a.Methods, "*") || slices.Contains(a.Methods, method)) {
			return true
		}
	}
	return false
}

func (r *Rules) may(list func(*Rules) []string, name string) bool {
	if r == nil {
		return true
	}
	return slices.ContainsFunc(list(r), func(pattern string) bool { return matches(pattern, name) })
}

func subscribing(r *Rules) []string { return r.Subscribe }
func publishing(r *Rules) []string  { return r.Publish }
func listening(r *Rules) []string   { return r.Listen }
func sending(r *Rules) []string     { return r.Send }

func matches(pattern, name string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return pattern == name
}
