// End-to-end tests: the real program on a real kernel in a network namespace of its own, with
// the services' doubles behind real TLS on loopback.
package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// programEnv tells the child processes of lab.Alone where the program under test is.
const programEnv = "WANDNS_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programEnv) != "" {
		os.Exit(m.Run())
	}
	os.Exit(buildAndRun(m))
}

// buildAndRun builds the program once, with the race detector where there is one.
func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "wandns-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "wandns")
	if err := build(program, "0", "-race"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := os.Setenv(programEnv, program); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// build builds the program with a build time in Unix seconds.
func build(program, builtAt string, flags ...string) error {
	args := append([]string{"build", "-o", program, "-tags", "nethttpomithttp2",
		"-ldflags", "-X main.version=1.2.3-test -X main.buildTime=" + builtAt}, flags...)
	out, err := exec.Command("go", append(args, ".")...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("building wandns: %w\n%s", err, out)
	}
	return nil
}

// patience is how long a test waits for what must happen before it gives up.
const patience = 60 * time.Second

// place is a site with a WAN and a program to start.
type place struct {
	*site.Site
	t testing.TB
}

const (
	wan1 = "192.88.99.1/32" // each its own subnet: a secondary address would go with its primary
	wan2 = "192.88.99.2/32"
	wan3 = "192.88.99.3/32"
)

// newPlace makes a site with devices wan and wan6, up, without addresses.
func newPlace(t testing.TB) *place {
	t.Helper()
	return newPlaceWith(t, "home.duckdns.org", "nas.duckdns.org", "home.ddns.net", "nas.ddns.net", "home.dynu.net")
}

// newPlaceWith makes such a site whose services other than Cloudflare know these names.
func newPlaceWith(t testing.TB, names ...string) *place {
	t.Helper()
	s, err := site.New(t.TempDir(), []string{"example.org"}, names)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, c := range s.Front.Complaints() {
			t.Errorf("a service complains: %s", c)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := lab.Veth("wan", "isp"); err != nil {
		t.Fatal(err)
	}
	return &place{s, t}
}

// configure writes the accounts of every service and these sections.
func (p *place) configure(sections string) {
	p.t.Helper()
	if err := p.Configure(site.Accounts() + sections); err != nil {
		p.t.Fatal(err)
	}
}

// record is a section that keeps names of an account at the address of wan.
func record(name, account, options string, hostnames ...string) string {
	s := "\nconfig record '" + name + "'\n\toption account '" + account + "'\n"
	if !strings.Contains(options, "list interface") {
		s += "\tlist interface 'wan'\n"
	}
	for _, h := range hostnames {
		s += "\tlist hostname '" + h + "'\n"
	}
	for _, o := range strings.Split(options, ";") {
		if o = strings.TrimSpace(o); o != "" {
			s += "\t" + o + "\n"
		}
	}
	return s
}

const ipv4Only = "list family 'ipv4'"

func (p *place) renumber(from, to string) {
	p.t.Helper()
	if err := site.Renumber("wan", from, to); err != nil {
		p.t.Fatal(err)
	}
}

// start starts the daemon; the test ends it.
func (p *place) start(args ...string) *site.Process {
	p.t.Helper()
	return p.startProgram(os.Getenv(programEnv), args...)
}

// startProgram starts the daemon of another build.
func (p *place) startProgram(program string, args ...string) *site.Process {
	p.t.Helper()
	proc, err := p.StartPowerless(program, append([]string{"run"}, args...)...)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = proc.Signal(syscall.SIGKILL)
		_ = proc.Wait()
		if p.t.Failed() {
			p.t.Log("the daemon wrote:\n" + strings.Join(proc.Lines(), "\n"))
		}
		for _, l := range proc.Lines() {
			if strings.Contains(l, "DATA RACE") || strings.HasPrefix(l, "panic:") {
				p.t.Errorf("the daemon wrote %q", l)
			}
		}
	})
	return proc
}

// stop ends a daemon as procd does.
func (p *place) stop(proc *site.Process) {
	p.t.Helper()
	if err := proc.Stop(syscall.SIGTERM); err != nil {
		p.t.Fatalf("stopping: %v", err)
	}
}

// command runs another command of the program.
func (p *place) command(args ...string) (out string, exit int) {
	p.t.Helper()
	proc, err := p.StartPowerless(os.Getenv(programEnv), args...)
	if err != nil {
		p.t.Fatal(err)
	}
	exit = 0
	if err := proc.Wait(); err != nil {
		var status *exec.ExitError
		if !asExit(err, &status) {
			p.t.Fatal(err)
		}
		exit = status.ExitCode()
	}
	return strings.Join(proc.Lines(), "\n"), exit
}

func asExit(err error, target **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	*target = e
	return ok
}

// until waits for a service's requests to satisfy done.
func (p *place) until(s double.Service, what string, done func([]double.Request) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Await(ctx, done); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// line waits for a line of the daemon's log that holds all the parts.
func (p *place) line(proc *site.Process, skip int, parts ...string) int {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	n, err := proc.AwaitLine(ctx, skip, parts...)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// status is how the daemon says that everything stands.
func (p *place) status() daemon.Status {
	p.t.Helper()
	s, _, err := daemon.ReadStatus(p.RunDir)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// name finds one name in a status.
func (p *place) name(hostname, rrtype string) daemon.Name {
	p.t.Helper()
	s := p.status()
	for _, r := range s.Records {
		for _, n := range r.Names {
			if n.Hostname == hostname && n.Type == rrtype {
				return n
			}
		}
	}
	text, _ := json.Marshal(s)
	p.t.Fatalf("no %s %s in the status %s", hostname, rrtype, text)
	return daemon.Name{}
}

func (p *place) holds(got []string, want ...string) {
	p.t.Helper()
	if !slices.Equal(got, want) {
		p.t.Fatalf("the service holds %v, want %v", got, want)
	}
}

// eventually waits for what no event tells of: the status file follows within a second.
func (p *place) eventually(what string, is func() bool) {
	p.t.Helper()
	deadline := time.After(patience)
	for !is() {
		select {
		case <-deadline:
			p.t.Fatalf("never: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func bare(cidr string) string { return strings.SplitN(cidr, "/", 2)[0] }

func TestDaemon_ipv4_replaced_while_the_link_stays_up(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	p.configure(record("home", "cf", ipv4Only, "home.example.org"))
	p.renumber("", wan1)
	d := p.start()
	n := p.line(d, 0, "published", "home.example.org", bare(wan1))
	p.holds(p.Cloudflare.Holds("home.example.org", "A"), bare(wan1))
	for i, move := range [][2]string{{wan1, "192.88.100.2/24"}, {"192.88.100.2/24", wan3}} {
		p.renumber(move[0], move[1])
		n = p.line(d, n, "published", bare(move[1]))
		p.holds(p.Cloudflare.Holds("home.example.org", "A"), bare(move[1]))
		if got := p.Cloudflare.Holds("home.example.org", "AAAA"); len(got) != 0 {
			t.Fatalf("change %d also made an AAAA record: %v", i, got)
		}
	}
	p.stop(d)
	if st := p.name("home.example.org", "A"); st.State != "current" || !st.Known || len(st.Published) != 1 {
		t.Fatalf("status %+v", st)
	}
}

func TestCommands_say_what_is_wrong(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	for _, c := range []struct {
		args []string
		exit int
		says []string
	}{
		{[]string{"frobnicate"}, 2, []string{"frobnicate", "help"}},
		{[]string{"--frob"}, 2, []string{"--frob"}},
		{[]string{"status", "extra"}, 2, []string{"extra"}},
		{[]string{"status"}, 1, []string{"not running"}},
		{[]string{"update"}, 1, []string{"not running"}},
		{[]string{"check"}, 1, []string{p.ConfigFile}},
		{[]string{"once"}, 1, []string{p.ConfigFile}},
		{[]string{"version"}, 0, []string{"wandns 1.2.3-test"}},
		{[]string{"--version"}, 0, []string{"wandns 1.2.3-test"}},
		{[]string{"help"}, 0, []string{"--config", "once", "providers"}},
		{[]string{}, 0, []string{"Usage"}},
		{[]string{"providers"}, 0, []string{"cloudflare", "duckdns", "noip", "dynu", "token*"}},
	} {
		out, exit := p.command(c.args...)
		if exit != c.exit {
			t.Errorf("%v exits with %d, want %d: %s", c.args, exit, c.exit, out)
		}
		for _, part := range c.says {
			if !strings.Contains(out, part) {
				t.Errorf("%v does not say %q: %s", c.args, part, out)
			}
		}
	}
}

func TestCheck_names_the_file_that_people_edit(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	p.configure(record("home", "cf", "option colour 'red'", "home.example.org"))
	const edited = "/etc/config/wandns"
	if out, exit := p.command("check", "--config-name", edited); exit != 1 || !strings.HasPrefix(out, edited+":") {
		t.Fatalf("check exits with %d: %s", exit, out)
	}
	p.renumber("", wan1)
	d := p.start("--config-name", edited)
	p.line(d, 0, "left out", edited+":")
}

func TestOnce_and_status(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p := newPlace(t)
	p.configure(record("home", "duck", ipv4Only, "home.duckdns.org") + record("nas", "noip", ipv4Only, "nas.ddns.net"))
	p.renumber("", wan1)
	out, exit := p.command("once")
	if exit != 0 || strings.Count(out, "current") != 2 {
		t.Fatalf("once exits with %d: %s", exit, out)
	}
	if got := p.DuckDNS.Records()["home.duckdns.org"][0]; got != bare(wan1) {
		t.Fatalf("DuckDNS holds %q", got)
	}
	before := len(p.DuckDNS.Requests()) + len(p.NoIP.Requests())
	if out, exit := p.command("once"); exit != 0 {
		t.Fatalf("once again exits with %d: %s", exit, out)
	}
	if after := len(p.DuckDNS.Requests()) + len(p.NoIP.Requests()); after != before {
		t.Fatalf("nothing had changed and %s requests were made", strconv.Itoa(after-before))
	}
	p.renumber(wan1, "")
	if out, exit := p.command("once"); exit == 0 {
		t.Fatalf("without an address once exits with 0: %s", out)
	}
	d := p.start()
	p.line(d, 0, "started")
	if out, exit := p.command("once"); exit != 1 || !strings.Contains(out, "running") {
		t.Fatalf("beside a daemon once exits with %d: %s", exit, out)
	}
	p.eventually("status says that there is no address", func() bool {
		out, exit := p.command("status")
		return exit == 0 && strings.Contains(out, "no address")
	})
	if out, exit := p.command("update", "nothere"); exit != 1 || !strings.Contains(out, "'home'") {
		t.Fatalf("update of an unknown record exits with %d: %s", exit, out)
	}
	p.renumber("", wan2)
	n := p.line(d, 0, "published", "home.duckdns.org", bare(wan2))
	if out, exit := p.command("update", "home"); exit != 0 {
		t.Fatalf("update exits with %d: %s", exit, out)
	}
	p.line(d, n, "home.duckdns.org", "up to date")
	p.stop(d)
	if _, exit := p.command("status"); exit == 0 {
		t.Fatal("status of a daemon that has ended exits with 0")
	}
}
