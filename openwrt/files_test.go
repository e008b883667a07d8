package openwrt_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	must(t, err)
	return string(text)
}

// unmarshal reads JSON strictly: an access list that nobody can parse grants nothing, silently.
func unmarshal(t *testing.T, name string, v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(read(t, name)))
	d.DisallowUnknownFields()
	must(t, d.Decode(v))
}

func TestConfig_is_right_as_it_comes_and_as_it_is_shown(t *testing.T) {
	text := read(t, "files/wandns.config")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if bare := strings.TrimPrefix(line, "#"); strings.HasPrefix(bare, "config ") || strings.HasPrefix(bare, "\t") {
			lines[i] = bare
		}
	}
	shown := strings.Join(lines, "\n")
	for name, c := range map[string]struct {
		text     string
		accounts int
	}{"as-it-comes": {text, 0}, "with-the-marks-taken-away": {shown, 1}} {
		path := filepath.Join(t.TempDir(), "wandns")
		must(t, os.WriteFile(path, []byte(c.text), 0o600))
		cfg, err := config.Load(path, provider.Lookup)
		must(t, err)
		if len(cfg.Problems) > 0 || len(cfg.Accounts) != c.accounts || len(cfg.Records) != c.accounts {
			t.Errorf("%s: %d accounts, %d records, %v", name, len(cfg.Accounts), len(cfg.Records), cfg.Problems)
		}
	}
}

func TestCapabilities_are_none(t *testing.T) {
	var sets map[string][]string
	unmarshal(t, "files/wandns.capabilities", &sets)
	for _, name := range []string{"bounding", "effective", "ambient", "permitted", "inheritable"} {
		if set, ok := sets[name]; !ok || set == nil || len(set) > 0 {
			t.Errorf("%s is %v; a set that is not there means all", name, set)
		}
	}
}

func TestBusAccess_is_what_the_daemon_uses_and_no_more(t *testing.T) {
	var acl struct {
		User   string `json:"user"`
		Access map[string]struct {
			Methods []string `json:"methods"`
		} `json:"access"`
		Subscribe, Listen, Publish, Send []string
	}
	unmarshal(t, "files/wandns.acl", &acl)
	if acl.User != "wandns" || len(acl.Access) != 2 || !slices.Equal(acl.Access["network.interface"].Methods, []string{"dump"}) ||
		!slices.Equal(acl.Access["dhcp"].Methods, []string{"ipv4leases", "ipv6leases"}) {
		t.Errorf("access %+v", acl)
	}
	for name, c := range map[string]struct{ got, want []string }{
		"subscribe": {acl.Subscribe, []string{"network.interface"}},
		"publish":   {acl.Publish, []string{"wandns"}},
		"send":      {acl.Send, []string{"wandns"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s %q, want %q", name, c.got, c.want)
		}
	}
	// What the client listens to so that it notices objects which come and go (pkg/ubus/keep.go).
	client := read(t, "../pkg/ubus/keep.go")
	for _, event := range acl.Listen {
		if !strings.Contains(client, `"`+event+`"`) {
			t.Errorf("nobody listens to %s", event)
		}
	}
	if len(acl.Listen) != strings.Count(client, `"ubus.`) {
		t.Errorf("the client listens to other events than %q", acl.Listen)
	}
}

// A read-only session must see no secret: it may not read the configuration.
func TestPageAccess_read_sees_no_secret_and_runs_nothing(t *testing.T) {
	type rights struct {
		Ubus map[string][]string `json:"ubus"`
		UCI  []string            `json:"uci"`
		File map[string][]string `json:"file"`
	}
	var acl map[string]struct {
		Description string
		Read, Write rights
	}
	unmarshal(t, "../luci-app/root/usr/share/rpcd/acl.d/luci-app-wandns.json", &acl)
	page := acl["luci-app-wandns"]
	if len(page.Read.UCI) > 0 {
		t.Errorf("read may read %q", page.Read.UCI)
	}
	if len(page.Read.File) > 0 {
		t.Errorf("read may touch files or run programs: %q", page.Read.File)
	}
	for command, rights := range page.Write.File {
		if !slices.Equal(rights, []string{"exec"}) || !strings.Contains(command, " ") {
			t.Errorf("write: %q %q; a path alone may be run with any arguments", command, rights)
		}
	}
	bus := read(t, "../pkg/daemon/bus.go")
	for group, methods := range map[string][]string{"read": page.Read.Ubus["wandns"], "write": page.Write.Ubus["wandns"]} {
		if len(methods) == 0 {
			t.Errorf("%s may do nothing", group)
		}
		for _, m := range methods {
			if !strings.Contains(bus, `{Name: "`+m+`"`) {
				t.Errorf("%s names a method that is not there: %s", group, m)
			}
		}
	}
	if slices.Contains(page.Read.Ubus["wandns"], "update") {
		t.Error("read may update")
	}
}
