package openwrt_test

import (
	"crypto/md5"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// OpenWrt's reload_config compares each configuration with the checksum of its last run, and
// passes over one that has none.
func TestDefaults_the_first_change_after_the_installation_counts(t *testing.T) {
	const (
		shown = "wandns.main=wandns\nwandns.main.enabled='1'\n" // what uci shows
		other = "0123456789abcdef0123456789abcdef  /var/run/config.check/network\n"
		old   = "fedcba9876543210fedcba9876543210  /var/run/config.check/wandns\n"
	)
	// OpenWrt sources it as well. Functions come before the programs that busybox has built in.
	const sourced = `uci() { [ "$*" = "show wandns" ] && printf %s "$SHOWN"; }
killall() { echo "$*" >>"$SIGNALS"; }
. files/wandns.defaults`
	now := fmt.Sprintf("%x  /var/run/config.check/wandns\n", md5.Sum([]byte(shown)))
	for name, c := range map[string]struct{ before, after string }{
		"on-a-running-router":       {other, other + now},
		"installed-again":           {other + old, other + old},
		"part-of-an-image":          {"", ""},
		"a-name-that-ends-likewise": {"0  /var/run/config.check/mywandns\n", "0  /var/run/config.check/mywandns\n" + now},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			checksums, signals := filepath.Join(dir, "config.md5"), filepath.Join(dir, "signals")
			if c.before != "" {
				must(t, os.WriteFile(checksums, []byte(c.before), 0o644))
			}
			for range 2 { // once more changes nothing
				cmd := exec.Command("busybox", "ash", "-c", sourced)
				cmd.Env = []string{"PATH=/usr/bin:/bin", "CHECKSUMS=" + checksums, "SIGNALS=" + signals, "SHOWN=" + shown}
				if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
					t.Fatalf("%v %s", err, out)
				}
			}
			if got, _ := os.ReadFile(checksums); string(got) != c.after { // not there is empty
				t.Errorf("the checksums are %q, want %q", got, c.after)
			}
			if sent := read(t, signals); sent != "-HUP ubusd\n-HUP ubusd\n" {
				t.Errorf("signals %q", sent)
			}
		})
	}
}
