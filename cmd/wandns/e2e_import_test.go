// A configuration of ddns-scripts becomes one of wandns: shown, added, and at work.
package main_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/migrate"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/site"
)

// move is an old and a present configuration in a directory.
type move struct {
	t         *testing.T
	old, file string
}

// present has what a rewriting of the file would lose, and no end of line at its end.
const present = "# mine\nconfig wandns main\n\toption\tenabled  1 # yes\n\n#config account 'duck'\n\nconfig account \"mine\"\n\toption provider he\n\toption password 'key'"

func newMove(t *testing.T, old, now string) move {
	t.Helper()
	dir := t.TempDir()
	m := move{t, filepath.Join(dir, "ddns"), filepath.Join(dir, "wandns")}
	for file, text := range map[string]string{m.old: old, m.file: now} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func (m move) run(args ...string) (out string, exit int) {
	m.t.Helper()
	var both bytes.Buffer
	cmd := exec.Command(os.Getenv(programEnv), append(args, "--config", m.file)...)
	cmd.Stdout, cmd.Stderr = &both, &both
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		m.t.Fatal(err)
	}
	return both.String(), cmd.ProcessState.ExitCode()
}

func (m move) text(file string) string {
	m.t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(text)
}

// unchanged: both files are as they were.
func (m move) unchanged(old, now string) {
	m.t.Helper()
	if m.text(m.old) != old || m.text(m.file) != now {
		m.t.Errorf("a file has changed:\n%s\n%s", m.text(m.old), m.text(m.file))
	}
}

// TestImport_is_added_and_checks takes over each of the configurations that pkg/migrate is
// tested with.
func TestImport_is_added_and_checks(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../pkg/migrate/testdata/*.ddns")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d configurations: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".ddns"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, "ddns") + "wandns")
			if err != nil {
				t.Fatal(err)
			}
			added, _, _ := strings.Cut(string(want), "\n# ") // what the report is to say
			m := newMove(t, string(text), strings.Replace(present, "\"mine\"", "mine_alone", 1))
			now := m.text(m.file)
			nothing := !strings.Contains(added, "config ")
			out, exit := m.run("import", m.old, "--write")
			if (exit == 0) == nothing || strings.Contains(out, "geheim") || strings.Contains(out, "gehe1m") {
				t.Fatalf("it exits with %d: %s", exit, out)
			}
			if nothing {
				m.unchanged(string(text), now)
				return
			}
			if got := m.text(m.file); got != now+"\n\n"+strings.TrimRight(added, "\n")+"\n" {
				t.Errorf("the configuration is now\n%s", got)
			}
			if st, err := os.Stat(m.file); err != nil || st.Mode() != 0o600 {
				t.Errorf("its mode is %v: %v", st.Mode(), err)
			}
			if m.text(m.old) != string(text) {
				t.Error("the old file has changed")
			}
			if out, exit := m.run("check"); exit != 0 {
				t.Errorf("check exits with %d: %s", exit, out)
			}
			if left, _ := os.ReadDir(filepath.Dir(m.file)); len(left) != 2 {
				t.Errorf("the directory holds %v", left)
			}
		})
	}
}

const goodOld = "config service 'home'\n\toption enabled '1'\n\toption service_name 'he.net'\n\toption domain 'home.example.org'\n\toption password 'geheim'\n"

func TestImport_refuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, old, now string
		says           []string
	}{
		{"broken-quoting", "config service 'a'\n\toption domain 'x.example.org\n\toption password 'geheim'\n", present, []string{"ddns:"}},
		{"html-in-place-of-a-configuration", "<html>geheim</html>\n", present, []string{"ddns:1:"}},
		{"no-old-configuration-in-it", "", present, []string{"nothing to take over"}},
		{"names-that-are-there-already", goodOld, present + "\n\nconfig account he\n\toption provider he\n\toption password x\n", []string{"already: he"}},
		{"hostname-that-is-kept-already", goodOld, present + "\nconfig record 'x'\n\toption account mine\n\toption hostname 'Home.Example.org.'\n", []string{"record 'x'", "nothing to take over"}},
		{"present-configuration-with-problems", goodOld, present + "\n\toption passwort x\n", []string{"passwort", "check"}},
		{"present-configuration-that-is-none", goodOld, "config wandns 'main\n", []string{"wandns:1:"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMove(t, c.old, c.now)
			out, exit := m.run("import", "--write", m.old)
			if exit != 1 || strings.Contains(out, "geheim") {
				t.Errorf("it exits with %d: %s", exit, out)
			}
			for _, part := range c.says {
				if !strings.Contains(out, part) {
					t.Errorf("it does not say %q: %s", part, out)
				}
			}
			m.unchanged(c.old, c.now)
		})
	}
}

func TestImport_only_shows_unless_told_to_write(t *testing.T) {
	t.Parallel()
	m := newMove(t, goodOld, present)
	out, exit := m.run("import", m.old)
	if exit != 0 || strings.Contains(out, "geheim") || !strings.Contains(out, "option password '***'") || !strings.Contains(out, "--write") {
		t.Errorf("it exits with %d: %s", exit, out)
	}
	m.unchanged(goodOld, present)
}

func TestImport_twice_adds_once(t *testing.T) {
	t.Parallel()
	m := newMove(t, goodOld, present)
	if out, exit := m.run("import", "--write", m.old); exit != 0 {
		t.Fatalf("it exits with %d: %s", exit, out)
	}
	once := m.text(m.file)
	if out, exit := m.run("import", "--write", m.old); exit != 1 {
		t.Fatalf("the second time it exits with %d: %s", exit, out)
	}
	m.unchanged(goodOld, once)
}

func TestImport_makes_a_file_that_is_not_there(t *testing.T) {
	t.Parallel()
	m := newMove(t, goodOld, "")
	if err := os.Remove(m.file); err != nil {
		t.Fatal(err)
	}
	if out, exit := m.run("import", m.old, "--write"); exit != 0 {
		t.Fatalf("it exits with %d: %s", exit, out)
	}
	if out, exit := m.run("check"); exit != 0 {
		t.Errorf("check exits with %d: %s", exit, out)
	}
	if st, err := os.Stat(m.file); err != nil || st.Mode() != 0o600 {
		t.Errorf("its mode is %v: %v", st, err)
	}
}

// TestImport_as_json is what LuCI reads.
func TestImport_as_json(t *testing.T) {
	t.Parallel()
	m := newMove(t, goodOld, present+"\nconfig record home\n\toption account mine\n\tlist hostname a.example.org\n")
	out, exit := m.run("import", m.old, "--json", "--write")
	var plan struct {
		UCI      string
		Sections []migrate.Report
		Clashes  []string
		Problems []config.Problem
		Written  *bool
	}
	d := json.NewDecoder(strings.NewReader(out))
	if err := d.Decode(&plan); err != nil || exit != 1 {
		t.Fatalf("it exits with %d: %v\n%s", exit, err, out)
	}
	if len(plan.Sections) != 1 || plan.Sections[0].Record != "home" || len(plan.Sections[0].Options) != 4 {
		t.Errorf("sections %+v", plan.Sections)
	}
	if strings.Join(plan.Clashes, " ") != "home" || plan.Problems == nil || plan.Written == nil || *plan.Written {
		t.Errorf("clashes %v, written %v", plan.Clashes, plan.Written)
	}
	if !strings.Contains(plan.UCI, "option password '***'") || !strings.Contains(plan.UCI, "config record 'home'") {
		t.Errorf("uci %s", plan.UCI)
	}
}

// TestImport_works: what was taken over publishes.
func TestImport_works(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	old := filepath.Join(p.Dir, "ddns")
	text := `
config service 'duck'
	option enabled '1'
	option service_name 'duckdns.org'
	option domain 'home'
	option password '` + site.DuckToken + `'

config service 'noip'
	option enabled '1'
	option service_name 'no-ip.com'
	option domain 'home.ddns.net'
	option username '` + site.User + `'
	option password '` + site.Password + `'

config service 'custom'
	option enabled '1'
	option update_url 'http://[USERNAME]:[PASSWORD]@api.dynu.com/nic/update?hostname=[DOMAIN]&myip=[IP]'
	option use_https '1'
	option domain 'home.dynu.net'
	option username '` + site.User + `'
	option password '` + site.Password + `'
`
	if err := os.WriteFile(old, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, exit := p.command("import", old, "--write"); exit != 0 {
		t.Fatalf("it exits with %d: %s", exit, out)
	}
	p.renumber("", wan1)
	out, exit := p.command("once")
	if exit != 0 || strings.Count(out, "current") != 3 {
		t.Fatalf("once exits with %d: %s", exit, out)
	}
	if got := p.DuckDNS.Records()["home.duckdns.org"][0]; got != bare(wan1) {
		t.Errorf("DuckDNS holds %q", got)
	}
}
