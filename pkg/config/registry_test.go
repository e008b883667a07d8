package config_test

import (
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
)

func TestParse_the_example_that_everybody_starts_from(t *testing.T) {
	c, err := config.Parse("f", []byte(`
config wandns 'main'
	option enabled '1'
	option log_level 'info'

config account 'duck'
	option provider 'duckdns'
	option token '01234567-89ab-cdef-0123-456789abcdef'

config record 'home'
	option enabled '1'
	option account 'duck'
	list hostname 'myhome.duckdns.org'
	list interface 'wan'
	list interface 'wan6'
	list family 'ipv4'
	list family 'ipv6'
`), provider.Lookup)
	if err != nil || len(c.Problems) != 0 || len(c.Records) != 1 || len(c.Accounts) != 1 {
		t.Fatalf("got %+v, %v", c, err)
	}
}

// The table of a service must not clash with the options that every account has.
func TestOptions_of_services_fit_an_account(t *testing.T) {
	common := map[string]bool{}
	for _, o := range config.Options("account") {
		common[o.Name] = true
	}
	for _, s := range provider.All() {
		seen := map[string]bool{}
		for _, o := range s.Options {
			if common[o.Name] || seen[o.Name] {
				t.Errorf("%s: option %s has a name that is taken", s.Name, o.Name)
			}
			seen[o.Name] = true
			if o.Name == "" || strings.Trim(o.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
				t.Errorf("%s: %q is no name for an option", s.Name, o.Name)
			}
		}
	}
}
