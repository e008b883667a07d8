package config_test

import (
	"errors"
	"testing"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
)

func TestParse_service_without_IPv6(t *testing.T) {
	const account = "config account 'a'\n option provider 'dyfi'\n option username 'u'\n option password 'p'\n"
	const record = "config record 'r'\n option account 'a'\n list hostname 'home.dy.fi'\n"
	cases := map[string]struct {
		text     string
		problems int
	}{
		"no-family-given":        {record, 0},
		"ipv4":                   {record + " list family 'ipv4'\n", 0},
		"ipv6":                   {record + " list family 'ipv6'\n", 1},
		"both":                   {record + " list family 'ipv4'\n list family 'ipv6'\n", 1},
		"static-ipv4":            {record + " option source 'static'\n list address '192.88.99.7'\n", 0},
		"static-ipv6":            {record + " option source 'static'\n list address '2001:db8::1'\n", 1},
		"static-both":            {record + " option source 'static'\n list address '192.88.99.7'\n list address '2001:db8::1'\n", 1},
		"disabled-and-no-family": {record + " option enabled '0'\n", 0},
	}
	for name, c := range cases {
		cfg, err := config.Parse("f", []byte(account+c.text), provider.Lookup)
		if err != nil || len(cfg.Problems) != c.problems {
			t.Errorf("%s: %v, %v", name, err, cfg.Problems)
			continue
		}
		if c.problems > 0 {
			if len(cfg.Records) != 0 {
				t.Errorf("%s: the record is kept", name)
			}
			continue
		}
		if len(cfg.Records) != 1 || len(cfg.Records[0].Families) != 1 || cfg.Records[0].Families[0] != address.IPv4 {
			t.Errorf("%s: %+v", name, cfg.Records)
		}
	}
}

func TestParse_service_that_cannot_be_used(t *testing.T) {
	why := errors.New("services.d/mine.json: field url: it is missing")
	lookup := func(string) *provider.Info { return &provider.Info{Name: "mine", Err: why} }
	cfg, err := config.Parse("f", []byte("config account 'a'\n option provider 'mine'\n option username 'u'\n"), lookup)
	if err != nil || len(cfg.Problems) != 1 || len(cfg.Accounts) != 0 {
		t.Fatalf("got %+v, %v", cfg, err)
	}
	if p := cfg.Problems[0]; p.Option != "provider" || p.Line != 2 {
		t.Errorf("got %+v", p)
	}
}
