package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
)

const atServices = `
config account 'cf'
	option provider 'cloudflare'
	option token 'Sn3l-ZJTBX6kkg7OdcBUAxOO963GEIyGQqnFTOFYY'
config account 'de'
	option provider 'desec'
	option token 'T'
config account 'duck'
	option provider 'duckdns'
	option token '01234567-89ab-cdef-0123-456789abcdef'
config account 'broken'
	option provider 'nowhere'
`

func TestParse_options_of_a_record_at_some_services(t *testing.T) {
	for _, c := range []struct {
		name, account, options string
		want                   provider.Extras
		wrong                  string // option that the problem is about, and a part of what it says
	}{
		{name: "none", account: "cf"},
		{name: "all", account: "cf", options: "option proxied '0'; option ttl '5m'; option comment 'the house'",
			want: provider.Extras{TTL: 5 * time.Minute, Proxied: provider.Off, Comment: "the house"}},
		{name: "proxied", account: "cf", options: "option proxied 'on'", want: provider.Extras{Proxied: provider.On}},
		{name: "automatic", account: "cf", options: "option ttl '1s'", want: provider.Extras{TTL: provider.AutomaticTTL}},
		{name: "proxied-is-automatic", account: "cf", options: "option ttl '1s'; option proxied '1'", want: provider.Extras{TTL: provider.AutomaticTTL, Proxied: provider.On}},
		{name: "enterprise", account: "cf", options: "option ttl '30s'", want: provider.Extras{TTL: 30 * time.Second}},
		{name: "ttl-elsewhere", account: "de", options: "option ttl '1h'", want: provider.Extras{TTL: time.Hour}},
		{name: "short", account: "cf", options: "option ttl '29s'", wrong: "ttl|too short"},
		{name: "long", account: "cf", options: "option ttl '2d'", wrong: "ttl|1s to 1d"},
		{name: "without-unit", account: "cf", options: "option ttl '300'", wrong: "ttl|300s"},
		{name: "proxied-with-ttl", account: "cf", options: "option ttl '5m'; option proxied '1'", wrong: "ttl|automatic TTL"},
		{name: "long-comment", account: "cf", options: "option comment '" + strings.Repeat("x", 501) + "'", wrong: "comment|500 characters"},
		{name: "short-elsewhere", account: "de", options: "option ttl '59m'", wrong: "ttl|from 1h"},
		{name: "proxied-elsewhere", account: "de", options: "option proxied '1'", wrong: "proxied|deSEC has no such setting"},
		{name: "ttl-nowhere", account: "duck", options: "option ttl '5m'", wrong: "ttl|DuckDNS has no such setting"},
		{name: "account-is-broken", account: "broken", options: "option ttl '5m'", wrong: "account|mend those first"},
		{name: "no-such-option", account: "cf", options: "option proxy '1'", wrong: "proxy|proxied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := atServices + "config record 'r'\n\toption account '" + c.account + "'\n\tlist hostname 'home.duckdns.org'\n\t" +
				strings.ReplaceAll(c.options, "; ", "\n\t") + "\n"
			cfg, err := config.Parse("f", []byte(text), provider.Lookup)
			if err != nil {
				t.Fatal(err)
			}
			var wrong []string
			for _, p := range cfg.Problems {
				if p.Type == "record" {
					wrong = append(wrong, p.Option+": "+p.Message)
				}
			}
			option, says, _ := strings.Cut(c.wrong, "|")
			switch {
			case c.wrong == "" && (len(wrong) > 0 || len(cfg.Records) != 1 || cfg.Records[0].Extras != c.want):
				t.Errorf("problems %v, records %+v", wrong, cfg.Records)
			case c.wrong != "" && (len(wrong) != 1 || len(cfg.Records) != 0 || !strings.HasPrefix(wrong[0], option+": ") || !strings.Contains(wrong[0], says)):
				t.Errorf("problems %q", wrong)
			}
		})
	}
}

// A service's options of a record have names that the parser expects and no other record option has.
func TestOptions_of_records_at_services(t *testing.T) {
	names := map[string]bool{}
	for _, n := range provider.ExtraNames() {
		names[n] = true
	}
	for _, o := range config.Options("record") {
		if names[o.Name] {
			t.Errorf("every record has an option %s", o.Name)
		}
	}
	for _, s := range provider.All() {
		for _, o := range s.RecordOptions {
			if !names[o.Name] || o.Secret || o.Required || o.Title == "" || o.Help == "" {
				t.Errorf("%s: %+v", s.Name, o)
			}
		}
	}
}
