//go:build !minimal

package provider

import (
	_ "embed" // services.txt
	"strings"
)

// servicesText describes the services that need no code: those that are updated by one HTTP
// request. Its first lines say how it is written. It stays a text, and a description is read
// when its service is asked for: a router uses one or two of them.
//
//go:embed services.txt
var servicesText string

// The first words of a section of servicesText, which say what is known of a name.
const (
	keyName   = "name"   // a service, described
	keyDriver = "driver" // a service with a driver of its own; here are its other names
	keyDead   = "dead"   // a service that ended
	keyNone   = "none"   // a service that wandns has no way to update
)

// section is the part of servicesText about one service, without the line that it begins with.
type section struct{ kind, name, body string }

// sections calls each with every section, until it returns false.
func sections(each func(section) bool) {
	rest := servicesText
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(rest, "\n\n")
		head, body, _ := strings.Cut(strings.TrimLeft(part, "\n"), "\n")
		kind, name, _ := strings.Cut(head, " ")
		if kind == "#" || kind == "" {
			continue // how the text is written
		}
		if !each(section{kind, name, body}) {
			return
		}
	}
}

// lines calls each with every line of the section that says something.
func (s section) lines(each func(key, value string)) {
	for _, line := range strings.Split(s.body, "\n") {
		key, value, _ := strings.Cut(line, " ")
		if key != "" && key != "#" {
			each(key, value)
		}
	}
}

// get is what a line of the section says, empty when there is none.
func (s section) get(wanted string) string {
	found := ""
	s.lines(func(key, value string) {
		if key == wanted {
			found = value
		}
	})
	return found
}

// also says whether the section lists a name as another one of its service.
func (s section) also(name string) bool {
	for _, n := range strings.Fields(s.get("also")) {
		if n == name {
			return true
		}
	}
	return false
}

// described is the service of that name in servicesText, or nil.
func described(name string) *Info {
	var info *Info
	sections(func(s section) bool {
		if s.kind == keyName && s.name == name {
			info = s.info()
		}
		return info == nil
	})
	return info
}

// describedAll are all services of servicesText.
func describedAll() []*Info {
	var all []*Info
	sections(func(s section) bool {
		if s.kind == keyName {
			all = append(all, s.info())
		}
		return true
	})
	return all
}

// info reads a description. One of servicesText has no mistakes: the tests read them all.
func (s section) info() *Info {
	d := description{Name: s.name}
	s.lines(func(key, value string) {
		if err := d.set(key, value); err != nil {
			d.fail(key, err)
		}
	})
	return d.info()
}

// Dead says why a service, by our name or by that of ddns-scripts, is no more, and who follows it.
func Dead(name string) (reason string, ok bool) {
	sections(func(s section) bool {
		if s.kind == keyDead && (s.name == name || s.also(name)) {
			reason, ok = s.get("why"), true
		}
		return !ok
	})
	return reason, ok
}

// ByRivalName finds the service that ddns-scripts calls name. ours is its name here; where it is
// empty, reason says why there is none, in words for people.
func ByRivalName(name string) (ours, reason string) {
	reason = "wandns does not know this service; if it is updated by a URL, use provider 'custom' or 'dyndns2'"
	sections(func(s section) bool {
		if s.name != name && !s.also(name) {
			return true
		}
		switch {
		case s.kind == keyName || s.kind == keyDriver && Lookup(s.name) != nil:
			ours, reason = s.name, ""
		case s.kind == keyDriver:
			reason = "this build of wandns leaves out its driver, " + s.name
		default:
			reason = s.get("why")
		}
		return false
	})
	return ours, reason
}
