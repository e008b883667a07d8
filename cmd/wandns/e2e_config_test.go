// What is wrong in the configuration is said with file, line, section, option and what would be
// right, and keeps nothing else from running.
package main_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/site"
)

// mistake is a section with one mistake, on the line that holds the mark ←.
type mistake struct {
	text            string
	section, option string
	right           string // a part of what would be right
}

var mistakes = []mistake{
	{"config account 'a1' ←\n\toption token 'x'", "a1", "provider", "wandns providers"},
	{"config account 'a2'\n\toption provider 'duckdnss' ←\n\toption token 'x'", "a2", "provider", "wandns providers"},
	{"config account 'a3'\n\toption provider 'DuckDNS' ←\n\toption token 'x'", "a3", "provider", "'duckdns'"},
	{"config account 'a4' ←\n\toption provider 'noip'\n\toption username 'u'", "a4", "password", "missing"},
	{"config account 'a5'\n\toption provider 'duckdns'\n\toption tokken 'x' ←\n\toption token 'a7c4d0ad-114e-40ef-ba1d-d217904a50f2'", "a5", "tokken", "token"},
	{"config account 'a6'\n\toption provider 'dyndns2'\n\toption server 'http://dyn.example' ←\n\toption username 'u'\n\toption password 'p'", "a6", "server", "https://"},
	{"config account 'a7'\n\toption provider 'cloudflare'\n\toption token 'abcdefghijklmnopqrstuvwxyz0123456789abcd'\n\toption proxy 'proxy.example:3128' ←", "a7", "proxy", "http://"},
	{"config record 'r1' ←\n\tlist hostname 'x.duckdns.org'", "r1", "account", "missing"},
	{"config record 'r2'\n\toption account 'dukc' ←\n\tlist hostname 'x.duckdns.org'", "r2", "account", "'duck'"},
	{"config record 'r3' ←\n\toption account 'duck'", "r3", "hostname", "missing"},
	{"config record 'r4'\n\toption account 'duck'\n\tlist hostname 'x.example.org' ←", "r4", "hostname", "duckdns.org"},
	{"config record 'r5'\n\toption account 'cf'\n\tlist hostname 'not a name' ←", "r5", "hostname", "name"},
	{"config record 'r6'\n\toption account 'cf'\n\tlist hostname 'x.example.org'\n\tlist family 'ip4' ←", "r6", "family", "ipv4"},
	{"config record 'r7'\n\toption account 'cf'\n\tlist hostname 'x.example.org'\n\toption refresh '1h' ←", "r7", "refresh", "1d"},
	{"config record 'r8'\n\toption account 'cf'\n\tlist hostname 'x.example.org'\n\toption rate_interval '1 minute' ←", "r8", "rate_interval", "5s"},
	{"config record 'r9'\n\toption account 'cf'\n\tlist hostname 'x.example.org'\n\toption rate_burst '11' ←", "r9", "rate_burst", "10"},
	{"config record 'r10'\n\toption account 'cf'\n\tlist hostname 'x.example.org'\n\toption source 'statik' ←", "r10", "source", "static"},
	{"config record 'r11'\n\toption account 'cf'\n\tlist hostname 'x.example.org'\n\toption source 'static'\n\tlist address '192.88.99.999' ←", "r11", "address", "192.88.99.1"},
	{"config record 'r12'\n\toption account 'cf'\n\tlist hostname 'x.example.org'\n\toption enabled 'maybe' ←", "r12", "enabled", "'1'"},
	{"config record 'r13'\n\toption account 'cf'\n\tlist hostname 'x.example.org'\n\toption intreface 'wan' ←", "r13", "intreface", "interface"},
	{"config record 'r14'\n\toption account 'duck'\n\tlist hostname 'x.duckdns.org'\n\toption on_loss 'delete' ←", "r14", "on_loss", "keep"},
	{"config record 'r15'\n\toption account 'duck'\n\tlist hostname 'home.duckdns.org' ←", "r15", "hostname", "'home'"},
	{"config recrod 'r16' ←\n\toption account 'cf'", "r16", "", "record"},
	{"config record ←\n\toption account 'duck'", "@record[16]", "hostname", "missing"},
}

// wrongFile is a file with a record that is right before all mistakes and one after them.
func wrongFile() (text string, lines []int) {
	text = debug + site.Accounts() + record("home", "duck", ipv4Only, "home.duckdns.org")
	for _, m := range mistakes {
		text += "\n"
		at := strings.Index(m.text, "←")
		lines = append(lines, strings.Count(text+m.text[:at], "\n")+1)
		text += strings.Replace(m.text, " ←", "", 1) + "\n"
	}
	return text + record("last", "cf", ipv4Only, "last.example.org"), lines
}

func TestConfig_mistakes_are_told_and_the_rest_runs(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	text, lines := wrongFile()
	p.writeConfig(text)
	p.renumber("", wan1)
	out, exit := p.command("check", "--json")
	var problems []config.Problem
	if err := json.Unmarshal([]byte(out), &problems); err != nil || exit != 1 {
		t.Fatalf("check --json exits with %d: %v\n%s", exit, err, out)
	}
	if len(problems) != len(mistakes) {
		t.Errorf("%d problems, want %d", len(problems), len(mistakes))
	}
	plain, exit := p.command("check")
	if exit != 1 {
		t.Errorf("check exits with %d", exit)
	}
	d := p.start()
	s := p.awaitRest(d, time.Time{})
	p.stop(d)
	log := strings.Join(d.Lines(), "\n")
	table, _ := p.command("status")
	for i, m := range mistakes {
		found := false
		for _, is := range problems {
			if is.Section != m.section {
				continue
			}
			found = true
			if is.File != p.ConfigFile || is.Line != lines[i] || is.Option != m.option || !strings.Contains(is.Message, m.right) {
				t.Errorf("%s: %+v, want line %d, option %q and %q", m.section, is, lines[i], m.option, m.right)
			}
		}
		if !found {
			t.Errorf("nothing is said about %s", m.section)
		}
		where := p.ConfigFile + ":" + strconv.Itoa(lines[i]) + ": "
		for name, text := range map[string]string{"check": plain, "the log": log, "status": table} {
			if !strings.Contains(text, where) {
				t.Errorf("%s: %s does not say %s", m.section, name, where)
			}
		}
	}
	if strings.Contains(plain+out+log+table, "a7c4d0ad-114e-40ef-ba1d-d217904a50f2") {
		t.Error("a token is shown")
	}
	if len(s.Problems) != len(mistakes) || len(s.Records) != 2 {
		t.Errorf("the status has %d problems and %d records, want %d and 2", len(s.Problems), len(s.Records), len(mistakes))
	}
	if p.DuckDNS.Records()["home.duckdns.org"][0] != bare(wan1) || len(p.DuckDNS.Requests()) != 1 {
		t.Errorf("DuckDNS holds %v after %d requests", p.DuckDNS.Records(), len(p.DuckDNS.Requests()))
	}
	p.holds(p.Cloudflare.Holds("last.example.org", "A"), bare(wan1))
	if once, exit := p.command("once"); exit != 1 || !strings.Contains(once, p.ConfigFile+":") {
		t.Errorf("once exits with %d with mistakes in the file: %s", exit, once)
	}
	p.writeConfig(debug + site.Accounts() + record("home", "duck", ipv4Only, "home.duckdns.org"))
	if out, exit := p.command("check", "--json"); exit != 0 || strings.TrimSpace(out) != "[]" {
		t.Errorf("a file that is right: check --json exits with %d: %s", exit, out)
	}
	if out, exit := p.command("check"); exit != 0 || !strings.Contains(out, p.ConfigFile) {
		t.Errorf("a file that is right: check exits with %d: %s", exit, out)
	}
}
