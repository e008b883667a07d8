//go:build !minimal

package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

func TestCPanel_has_a_port_of_its_own(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	if err := h.front.Listen("127.0.0.1:2083"); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(h.all, func(s *double.Hosted) bool { return s.Kind.Name == "cpanel" })
	s := h.all[i]
	for _, server := range []string{"cpanel.example.edu", "https://cpanel.example.edu/", "https://cpanel.example.edu:2083"} {
		s.Clear()
		confirmed(t, s, publishOne(t, h.account(s, [2]string{"server", server}), "A home.example.org 192.88.99.7"))
		holds(t, s, "home.example.org", "A", "192.88.99.7")
	}
}

// What its owner has balanced by filters or pickers is theirs, and what a service keeps itself is its own.
func TestHosted_leaves_alone_what_is_not_plain(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	names := map[string]string{"ns1": "home.example.org", "gcore": "home.example.org", "dreamhost": "hosted.example.org", "netlify": "site.example.org"}
	h.each(func(t *testing.T, s *double.Hosted) {
		name := names[s.Kind.Name]
		if name == "" {
			return
		}
		delete(names, s.Kind.Name)
		if name == "home.example.org" {
			s.Put(name, "A", "192.88.99.1", 7200)
			s.Note(name, "A", map[string]string{"filter": "geotarget_country"})
			defer s.Note(name, "A", nil)
		}
		before, _ := s.Held(name, "A")
		res := publishOne(t, h.account(s), "A "+name+" 192.88.99.7")
		if res.Outcome != provider.RefusedRequest || !strings.Contains(res.Text, name) {
			t.Errorf("%v: %s", res.Outcome, res.Text)
		}
		holds(t, s, name, "A", before...)
	})
	if len(names) > 0 {
		t.Errorf("not tried: %v", names)
	}
}
