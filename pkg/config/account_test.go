package config_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
)

func account(t *testing.T, lines ...string) *config.Account {
	t.Helper()
	c := parseClean(t, "config account 'a'\n"+strings.Join(lines, "\n")+"\n")
	a, ok := c.Account("a")
	if !ok {
		t.Fatal("the account was left out")
	}
	return a
}

func TestAccount_Fingerprint(t *testing.T) {
	base := []string{"option provider 'big'", "option token 'tok'", "option ttl '60'"}
	salt := []byte("salt")
	fingerprint := func(lines ...string) string { return account(t, lines...).Fingerprint(salt) }
	first := fingerprint(base...)
	if len(first) != 16 || strings.Trim(first, "0123456789abcdef") != "" {
		t.Errorf("%q is not 16 hex digits", first)
	}
	if other := account(t, base...).Fingerprint([]byte("pepper")); other == first {
		t.Error("the salt makes no difference")
	}
	for name, lines := range map[string][]string{
		"moved-around":    {base[2], base[1], base[0]},
		"default-written": append([]string{"option bind 'no'", "option server 'https://api.big.example'"}, base...),
		"set-twice":       append([]string{"option ttl '61'"}, base...),
		"spaces-around":   {base[0], "option token ' tok '", base[2]},
	} {
		if fingerprint(lines...) != first {
			t.Errorf("%s: another fingerprint for the same options", name)
		}
	}
	seen := map[string]string{first: "base"}
	for name, line := range map[string]string{
		"token": "option token 'tik'", "ttl": "option ttl '6'", "mode": "option mode 'fast'", "bind": "option bind '1'",
		"proxy": "option proxy 'http://p:1'", "ca": "option ca_file '/x'", "http": "option insecure_http 'on'",
		"wait": "option wait '60s'", "server": "option server 'https://other.example'",
	} {
		got := fingerprint(append(append([]string(nil), base...), line)...)
		if seen[got] != "" {
			t.Errorf("%s and %s have the same fingerprint", name, seen[got])
		}
		seen[got] = name
	}
}

func TestAccount_prints_no_secret(t *testing.T) {
	a := account(t, "option provider 'big'", "option token 'hunter2'", "option proxy 'http://u:hunter2@h:1'")
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprintf("%v", a.Settings), fmt.Sprintf("%v", a.Proxy), string(b)} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("a secret is in %s", text)
		}
	}
}

// A row that nobody reads would be documented and do nothing.
func TestOptions_every_one_makes_a_difference(t *testing.T) {
	other := map[string]string{ // a value beside the default
		"wandns enabled": "0", "wandns log_level": "debug", "wandns ca_file": "/x",
		"wandns stun_server": "192.88.99.1:3478", "wandns echo_url": "https://e.example", "wandns outside_interval": "1m", "wandns lease_file": "/x",
		"account provider": "small", "account bind": "1", "account proxy": "http://p:1", "account ca_file": "/x", "account insecure_http": "1",
		"record enabled": "0", "record account": "s", "record hostname": "x.small.example", "record interface": "lan", "record family": "ipv6",
		"record source": "interface", "record address": "192.88.99.2", "record policy": "all", "record on_loss": "delete", "record publish_private": "1",
		"record allow": "ula", "record replace": "1", "record refresh": "30d", "record rate_burst": "1", "record rate_interval": "1m",
		"record mac": "00:16:3e:00:00:02", "record host_name": "nas", "record host_id": "::2", "record subnet_id": "f",
		"record prefer": "eui64", "record accept": "2a00::/16", "record reject": "192.88.99.0/24", "record loss_wait": "1h", "record failback_wait": "0",
	}
	needs := map[string]string{ // what else must be there for an option to have a meaning
		"address":   "option source 'static'\nlist address '192.88.99.1'\n",
		"mac":       "option source 'host'\noption mac '00:16:3e:00:00:01'\n",
		"host_name": "option source 'neighbour'\noption host_name 'printer'\n",
		"host_id":   "option source 'host'\noption host_id '::1'\n", "subnet_id": "option source 'host'\noption host_id '::1'\n",
	}
	base := map[string]string{
		"wandns": "config wandns 'main'\n", "account": "config account 'z'\noption provider 'big'\noption token 'x'\n",
		"record": "config record 'r'\noption account 'b'\noption hostname 'r.small.example'\n",
	}
	for _, section := range config.SectionTypes() {
		for _, o := range config.Options(section) {
			value, ok := other[section+" "+o.Name]
			if !ok {
				t.Errorf("option %s of %s is not in this test", o.Name, section)
				continue
			}
			before := base[section] + needs[o.Name]
			a := parseClean(t, accounts+before)
			b := parseClean(t, accounts+before+"option "+o.Name+" '"+value+"'\n")
			if reflect.DeepEqual(a.Main, b.Main) && reflect.DeepEqual(a.Records, b.Records) && marks(a) == marks(b) {
				t.Errorf("option %s of %s changes nothing", o.Name, section)
			}
			if o.Help == "" || o.Title == "" || o.Kind == "" {
				t.Errorf("option %s of %s lacks help, title or kind", o.Name, section)
			}
			if (o.Kind == provider.Choice) != (len(o.Values) > 0) && o.Kind != provider.URL {
				t.Errorf("option %s of %s: kind %s with values %v", o.Name, section, o.Kind, o.Values)
			}
		}
	}
	if config.Options("nothing") != nil {
		t.Error("a section type that is not there has options")
	}
}

func TestOptions_is_a_copy(t *testing.T) {
	config.Options("record")[0].Name = "changed"
	if config.Options("record")[0].Name != "enabled" {
		t.Error("changing the answer changed the table")
	}
	config.Sources()[0].Source = "changed"
	if config.Sources()[0].Source != address.Auto {
		t.Error("changing the sources changed the table")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(accounts + "config record 'home'\noption account 'b'\nlist hostname 'home.example.org'\nlist family 'ipv4'\n"))
	f.Add([]byte(accounts + "config record\noption account 's'\noption hostname 'a.small.example'\noption source 'static'\nlist address '::1'\n"))
	f.Add([]byte(accounts + "config record\noption account 's'\noption hostname 'a.small.example'\noption source 'host'\noption mac '0:1'\noption host_id '::1'\noption subnet_id 'x'\n"))
	f.Add([]byte("config wandns 'main'\noption enabled '1'\nconfig account 'a'\noption provider 'big'\noption proxy 'http://u:p@h'\n"))
	f.Add([]byte("config record\noption refresh '1d'\noption rate_interval '5s'\noption rate_burst '99'\noption bogus 'x'\nconfig bogus\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := config.Parse("f", text, lookup)
		if err != nil {
			return
		}
		for _, p := range c.Problems {
			if p.Message == "" || p.Type == "" || p.Section == "" || p.Line < 1 || strings.Contains(p.Error(), "\n") {
				t.Fatalf("problem %+v", p)
			}
		}
		for _, r := range c.Records {
			checkRecord(t, c, r)
		}
		for i := range c.Accounts {
			if len(c.Accounts[i].Fingerprint(nil)) != 16 || c.Accounts[i].Provider == nil {
				t.Fatalf("account %+v", c.Accounts[i])
			}
		}
	})
}

func checkRecord(t *testing.T, c *config.Config, r config.Record) {
	t.Helper()
	if _, ok := c.Account(r.Account); !ok || len(r.Hostnames) == 0 || len(r.Families) == 0 || r.RateBurst < 1 || r.RateInterval == 0 {
		t.Fatalf("record %+v", r)
	}
	if (r.Source == address.Static) != (len(r.Addresses) > 0) {
		t.Fatalf("record %+v", r)
	}
	for _, a := range r.Addresses {
		if a.Is4In6() || a.Zone() != "" {
			t.Fatalf("record %+v", r)
		}
	}
}

// marks tells apart what accounts are made of.
func marks(c *config.Config) (all string) {
	for i := range c.Accounts {
		all += c.Accounts[i].Fingerprint(nil) + c.Accounts[i].CAFile + "\n"
	}
	return all
}
