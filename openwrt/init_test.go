package openwrt_test

import (
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const token = "01234567-89ab-cdef-0123-456789abcdef"

// home is a configuration, as the double of uci has it and as the file has it.
const home = `wandns main
account duck
account duck provider duckdns
account duck token ` + token + `
record home
record home account duck
record home hostname myhome.duckdns.org
`

// router is a place where the init script believes itself on a router.
type router struct {
	t    *testing.T
	root string
	env  []string
}

func newRouter(t *testing.T) *router {
	t.Helper()
	r := &router{t: t, root: t.TempDir()}
	for _, dir := range []string{"etc", "run", "ns", "resolv.conf.d"} {
		must(t, os.Mkdir(r.path(dir), 0o755))
	}
	r.write("etc/wandns", home)
	r.write("passwd", "user wandns\ngroup wandns\n")
	r.write("etc/resolv.conf", "nameserver 127.0.0.1\n")
	for name, file := range map[string]string{
		"PROG": "wandns", "CONFIG": "etc/wandns", "RUN_DIR": "run/wandns", "HOLD_DIR": "etc/holds", "UJAIL": "ujail",
		"NAMESPACES": "ns", "DEV_LOG": "log", "RESOLV_CONF": "etc/resolv.conf", "NETIFD_RESOLV": "resolv.conf.d",
		"LEASES": "dhcp.leases", "ODHCPD_HOSTS": "hosts",
		"CAPABILITIES": "capabilities", "UCI": "etc/wandns", "PASSWD": "passwd", "RECORD": "record",
	} {
		r.env = append(r.env, name+"="+r.path(file))
	}
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *router) path(name string) string { return filepath.Join(r.root, name) }

func (r *router) write(name, text string) {
	r.t.Helper()
	must(r.t, os.WriteFile(r.path(name), []byte(text), 0o755))
}

func (r *router) jailable() {
	r.t.Helper()
	r.write("ujail", "")
	r.write("ns/pid", "")
	r.write("ns/ipc", "")
}

// do runs a command of the init script and returns what it asked of procd and the system, with
// the paths as they are on a router.
func (r *router) do(command string, env ...string) []string {
	r.t.Helper()
	script, err := filepath.Abs(initScript)
	must(r.t, err)
	r.write("record", "")
	cmd := exec.Command("busybox", "ash", "testdata/rc.sh", script, command)
	cmd.Env = append(append([]string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, r.env...), env...)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		r.t.Fatalf("%s: %v\n%s", command, err, out)
	}
	text, err := os.ReadFile(r.path("record"))
	must(r.t, err)
	if strings.Contains(string(text), token) {
		r.t.Errorf("a secret went out:\n%s", text)
	}
	calls := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(text), r.root, "")), "\n")
	return slices.DeleteFunc(calls, func(c string) bool { return strings.HasPrefix(c, "config_load") })
}

// holds is what the recorder says of a file that procd is told of.
func holds(text string) string {
	return fmt.Sprintf("file holds [%x  -] [600 regular file]", sha256.Sum256([]byte(text)))
}

// expect compares calls; from and to bound what is compared, when they are not "".
func expect(t *testing.T, calls []string, want ...string) {
	t.Helper()
	if !slices.Equal(calls, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(calls, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// instance is what procd is told of the daemon, beside the jail.
func instance(text string) []string {
	return []string{
		"procd_open_instance",
		"procd_set_param [command] [/wandns] [run] [--syslog] [--config] [/run/wandns/config] [--config-name] [/etc/wandns] [--run-dir] [/run/wandns] [--hold-dir] [/etc/holds]",
		"procd_set_param [user] [wandns]",
		"procd_set_param [group] [wandns]",
		"procd_set_param [capabilities] [/capabilities]",
		"procd_set_param [no_new_privs] [1]",
		"procd_set_param [limits] [core=0]",
		"procd_set_param [stderr] [1]",
		"procd_set_param [file] [/run/wandns/config]",
		holds(text),
		"procd_set_param [reload_signal] [HUP]",
		"procd_set_param [respawn] [3600] [10] [0]",
	}
}

var end = []string{"procd_close_instance", "start_service [returned] [0]", "procd_add_reload_trigger [wandns]", "procd_close_service [set]"}

// from is the part of calls from the first one that begins so.
func from(calls []string, begin string) []string {
	i := slices.IndexFunc(calls, func(c string) bool { return strings.HasPrefix(c, begin) })
	if i < 0 {
		return nil
	}
	return calls[i:]
}

func TestInit_start_without_a_jail(t *testing.T) {
	r := newRouter(t)
	calls := r.do("start")
	expect(t, from(calls, "procd_open_instance"), append(instance(home), end...)...)
	if calls[0] != "procd_open_service [wandns]" {
		t.Errorf("begins with %s", calls[0])
	}
}

func TestInit_start_in_a_jail(t *testing.T) {
	jail := []string{
		"procd_add_jail [wandns] [procfs] [log]",
		"procd_add_jail_mount [/etc/ssl/certs] [/etc/hosts] [/var/run/ubus]",
		"procd_add_jail_mount_rw [/run/wandns] [/etc/holds]",
	}
	r := newRouter(t)
	r.jailable()
	logd, err := net.ListenPacket("unixgram", r.path("log"))
	must(t, err)
	defer logd.Close()
	expect(t, from(r.do("start"), "procd_open_instance"), slices.Concat(instance(home), jail, end)...)

	// Without a system log the jail must not ask for its socket: it would not start.
	must(t, logd.Close())
	_ = os.Remove(r.path("log"))
	jail[0] = "procd_add_jail [wandns] [procfs]"
	expect(t, from(r.do("start"), "procd_open_instance"), slices.Concat(instance(home), jail, end)...)
}

func TestInit_no_jail_that_would_do_harm(t *testing.T) {
	for name, prepare := range map[string]func(*router){
		"kernel-without-pid-namespaces": func(r *router) { must(r.t, os.Remove(r.path("ns/pid"))) },
		"no-ujail":                      func(r *router) { must(r.t, os.Remove(r.path("ujail"))) },
		"resolv.conf-is-netifds": func(r *router) {
			r.write("resolv.conf.d/resolv.conf.auto", "")
			must(r.t, os.Remove(r.path("etc/resolv.conf")))
			must(r.t, os.Symlink(r.path("resolv.conf.d/resolv.conf.auto"), r.path("etc/resolv.conf")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRouter(t)
			r.jailable()
			prepare(r)
			expect(t, from(r.do("start"), "procd_open_instance"), append(instance(home), end...)...)
		})
	}
}

func TestInit_reload_renders_before_procd_compares(t *testing.T) {
	r := newRouter(t)
	r.jailable()
	r.do("start")
	changed := home + "record home family ipv4\n"
	r.write("etc/wandns", changed)
	calls := r.do("reload")
	if slices.Contains(calls, "procd_kill [wandns]") {
		t.Error("a reload stops the daemon")
	}
	if !slices.Contains(calls, holds(changed)) {
		t.Errorf("procd is told of the old file:\n\t%s", strings.Join(calls, "\n\t"))
	}
}

func TestInit_a_jail_shows_leases_to_whom_they_name_hosts(t *testing.T) {
	r := newRouter(t)
	r.jailable()
	r.write("dhcp.leases", "")
	must(t, os.Mkdir(r.path("hosts"), 0o755))
	if calls := r.do("start"); slices.Contains(calls, "procd_add_jail_mount [/dhcp.leases]") {
		t.Error("leases are shown and no record has a host_name")
	}
	const named = "record home source neighbour\nrecord home host_name nas\n"
	r.write("etc/wandns", strings.TrimPrefix(home, "wandns main\n")+named) // the usual file
	calls := r.do("reload")
	for _, want := range []string{"procd_kill [wandns]", "procd_add_jail_mount [/dhcp.leases]", "procd_add_jail_mount [/hosts]"} {
		if !slices.Contains(calls, want) {
			t.Errorf("no %s:\n\t%s", want, strings.Join(calls, "\n\t"))
		}
	}
	r.write("own.leases", "")
	r.write("etc/wandns", home+"wandns main lease_file "+r.path("own.leases")+"\n"+named)
	if calls := r.do("reload"); !slices.Contains(calls, "procd_add_jail_mount [/own.leases]") || slices.Contains(calls, "procd_add_jail_mount [/dhcp.leases]") {
		t.Errorf("another file of leases:\n\t%s", strings.Join(calls, "\n\t"))
	}
}

func TestInit_a_new_ca_file_makes_a_new_jail(t *testing.T) {
	r := newRouter(t)
	r.jailable()
	r.do("start")
	r.write("own.pem", "")
	r.write("etc/wandns", home+"wandns main ca_file "+r.path("own.pem")+"\naccount duck ca_file "+r.path("gone.pem")+"\n")
	calls := r.do("reload")
	kill, set := slices.Index(calls, "procd_kill [wandns]"), slices.Index(calls, "procd_add_jail_mount [/own.pem]")
	if kill < 0 || set < kill {
		t.Errorf("no restart with the file in the jail:\n\t%s", strings.Join(calls, "\n\t"))
	}
	if slices.Contains(calls, "procd_add_jail_mount [/gone.pem]") {
		t.Error("a file that is not there goes into the jail")
	}
	if calls = r.do("reload"); slices.Contains(calls, "procd_kill [wandns]") {
		t.Error("it is restarted again when nothing is new")
	}
}

func TestInit_disabled_runs_nothing(t *testing.T) {
	r := newRouter(t)
	r.write("etc/wandns", home+"wandns main enabled off\n")
	expect(t, r.do("start"), "procd_open_service [wandns]", "start_service [returned] [0]",
		"procd_add_reload_trigger [wandns]", "procd_close_service [set]")
}

func TestInit_without_configuration_says_so(t *testing.T) {
	r := newRouter(t)
	must(t, os.Remove(r.path("etc/wandns")))
	calls := r.do("start")
	if len(from(calls, "logger [-s] [-t] [wandns] [-p] [daemon.err]")) == 0 || from(calls, "procd_open_instance") != nil {
		t.Errorf("%q", calls)
	}
}

func TestInit_what_does_not_fit_is_logged_and_the_rest_runs(t *testing.T) {
	r := newRouter(t)
	text := home + "account duck bind perhaps\nrecord home family ipv4 ipv7\nwandns main log_level loud\n"
	r.write("etc/wandns", text)
	calls := r.do("start")
	for _, want := range []string{"wandns.duck.bind=perhaps ", "wandns.home.family=ipv4 ipv7 ", "wandns.main.log_level=loud "} {
		if from(calls, "logger [-s] [-t] [wandns] [-p] [daemon.warn] [configuration: "+want) == nil {
			t.Errorf("nothing is said of %s:\n\t%s", want, strings.Join(calls, "\n\t"))
		}
	}
	expect(t, from(calls, "procd_open_instance"), append(instance(text), end...)...)
}

func TestInit_never_as_root_for_want_of_a_user(t *testing.T) {
	r := newRouter(t)
	r.write("passwd", "user root\n")
	calls := r.do("start")
	if !slices.Contains(calls, "user_add [wandns] [] [32768]") || !slices.Contains(calls, "killall [-HUP] [ubusd]") ||
		from(calls, "procd_open_instance") == nil {
		t.Errorf("%q", calls)
	}
	if calls = r.do("start"); slices.Contains(calls, "killall [-HUP] [ubusd]") {
		t.Error("it is made again")
	}
	r.write("passwd", "user root\n")
	if calls = r.do("start", "USERS_FULL=1"); from(calls, "procd_open_instance") != nil {
		t.Errorf("started without a user: %q", calls)
	}
}

func TestInit_writes_nothing_to_flash_when_all_is_well(t *testing.T) {
	r := newRouter(t)
	if !slices.Contains(r.do("start"), "chown [-h] [wandns:wandns] [/etc/holds]") {
		t.Error("the new directory does not get its owner")
	}
	r.write("etc/holds/holds.json", "{}")
	if !slices.Contains(r.do("start"), "chown [-h] [wandns:wandns] [/etc/holds/holds.json]") {
		t.Error("holds of before do not get their owner")
	}
	if from(r.do("start", "HOLD_OWNER=wandns"), "chown [-h]") != nil {
		t.Error("the owner is set though it is right")
	}
	if info, err := os.Stat(r.path("etc/holds")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

// The run directory is the daemon's: whoever has taken it over must not make root write elsewhere.
func TestInit_follows_no_link_in_the_run_directory(t *testing.T) {
	for name, target := range map[string]string{"to-a-file": "victim", "to-a-directory": "etc", "to-nothing": "nothing"} {
		t.Run(name, func(t *testing.T) {
			r := newRouter(t)
			r.write("victim", "untouched")
			must(t, os.Mkdir(r.path("run/wandns"), 0o755))
			must(t, os.Symlink(r.path(target), r.path("run/wandns/config")))
			expect(t, from(r.do("start"), "procd_open_instance"), append(instance(home), end...)...)
			if text, err := os.ReadFile(r.path("victim")); err != nil || string(text) != "untouched" {
				t.Errorf("%q %v", text, err)
			}
			if _, err := os.Stat(r.path("nothing")); err == nil {
				t.Error("something came into being")
			}
			if left, err := filepath.Glob(r.path("run/wandns.*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %q %v", left, err)
			}
		})
	}
}

func TestInit_goes_on_with_what_it_has(t *testing.T) {
	r := newRouter(t)
	if calls := r.do("start", "DISK_FULL=1"); from(calls, "procd_open_instance") != nil {
		t.Errorf("started without a configuration: %q", calls)
	}
	r.do("start")
	r.write("etc/wandns", home+"record home family ipv4\n")
	calls := r.do("reload", "DISK_FULL=1")
	expect(t, from(calls, "procd_open_instance"), append(instance(home), end...)...)
	if from(calls, "logger [-s] [-t] [wandns] [-p] [daemon.err]") == nil {
		t.Errorf("not a word: %q", calls)
	}
	if left, err := filepath.Glob(r.path("run/wandns.*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q %v", left, err)
	}
}

func TestInit_stop_leaves_no_secret_behind(t *testing.T) {
	r := newRouter(t)
	r.do("start")
	expect(t, r.do("stop"), "procd_kill [wandns]")
	if left, err := filepath.Glob(r.path("run/wandns/*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q %v", left, err)
	}
}
