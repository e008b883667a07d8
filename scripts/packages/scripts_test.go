package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// OpenWrt's functions, which say how they were called.
const recorders = `
say() { echo "$* root=$root pkgname=$pkgname upgrade=$PKG_UPGRADE"; }
default_postinst() { say default_postinst "$@"; }
default_prerm() { say default_prerm "$@"; }
add_group_and_user() { say add_group_and_user "$@"; }
`

// runScript runs a maintainer's script as it is packed, in busybox ash.
func runScript(t *testing.T, script string, env []string, args ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("scripts", script))
	must(t, err)
	packed := filepath.Join(t.TempDir(), "script")
	must(t, os.WriteFile(packed, []byte(strings.ReplaceAll(string(text), "@NAME@", "NAME")), 0o755))
	cmd := exec.Command("busybox", append([]string{"ash", packed}, args...)...)
	cmd.Env = append([]string{"PATH=/bin:/usr/bin"}, env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v", script, err)
	}
	return strings.ReplaceAll(string(out), packed, "SCRIPT")
}

func TestScripts_do_as_openwrts_own(t *testing.T) {
	root := t.TempDir()
	must(t, os.Mkdir(filepath.Join(root, "lib"), 0o755))
	must(t, os.WriteFile(filepath.Join(root, "lib", "functions.sh"), []byte(recorders), 0o644))
	const user = "add_group_and_user root=ROOT pkgname=NAME upgrade="
	want := map[string]string{
		"ipk-postinst.sh":       "default_postinst SCRIPT configure root= pkgname= upgrade=\n",
		"ipk-prerm.sh":          "default_prerm SCRIPT configure root= pkgname= upgrade=\n",
		"ipk-postrm.sh":         "",
		"apk-post-install.sh":   "default_postinst root=ROOT pkgname=NAME upgrade=\n",
		"apk-post-upgrade.sh":   "default_postinst root=ROOT pkgname=NAME upgrade=1\n",
		"apk-pre-upgrade.sh":    "default_prerm root=ROOT pkgname=NAME upgrade=1\n",
		"apk-pre-deinstall.sh":  "default_prerm root=ROOT pkgname=NAME upgrade=\n",
		"apk-post-deinstall.sh": "",
	}
	scripts, err := filepath.Glob("scripts/*/*.sh")
	if err != nil || len(scripts) != 8+7 { // nothing of the page has to be stopped
		t.Fatalf("there are other scripts: %q %v", scripts, err)
	}
	for _, path := range scripts {
		script, name := strings.TrimPrefix(path, "scripts/"), filepath.Base(path)
		expected, known := want[name]
		if !known {
			t.Errorf("%s is of no use to anybody", path)
		}
		if strings.HasPrefix(script, "wandns/apk-post-") && expected != "" {
			expected = user + expected[strings.Index(expected, "upgrade=")+len("upgrade="):] + expected
		}
		got := strings.ReplaceAll(runScript(t, script, []string{"IPKG_INSTROOT=" + root}, "configure"), root, "ROOT")
		if got != expected {
			t.Errorf("%s:\n%s\nwant\n%s", script, got, expected)
		}
		// In an image that has no functions yet, and where scripts are not wanted, nothing is done.
		if got := runScript(t, script, []string{"IPKG_INSTROOT=" + t.TempDir()}); got != "" {
			t.Errorf("%s in an image without functions: %s", script, got)
		}
		if strings.Contains(name, "post") {
			if got := runScript(t, script, []string{"IPKG_INSTROOT=" + root, "IPKG_NO_SCRIPT=1"}); got != "" {
				t.Errorf("%s where no scripts are wanted: %s", script, got)
			}
		}
	}
}

// opkg lists no directories, so that it leaves those that nobody else has.
func TestScripts_the_page_leaves_no_directory(t *testing.T) {
	packed, err := os.ReadFile("scripts/luci/ipk-postrm.sh")
	must(t, err)
	t.Run("ipk", func(t *testing.T) { leavesNoDirectory(t, string(packed)) })

	feed, err := os.ReadFile(filepath.Join(repository, "luci-app/Makefile"))
	must(t, err)
	_, script, _ := strings.Cut(string(feed), "define Package/luci-app-wandns/postrm\n")
	script, _, _ = strings.Cut(script, "endef\n")
	t.Run("feed", func(t *testing.T) { leavesNoDirectory(t, strings.ReplaceAll(script, "$$", "$")) })
}

func leavesNoDirectory(t *testing.T, text string) {
	page, err := luciPage(repository)
	must(t, err)
	var own []string
	for _, f := range page.files {
		if dir := filepath.Dir(f.path); filepath.Base(dir) == "wandns" && !slices.Contains(own, dir) {
			own = append(own, dir)
		}
	}
	if len(own) < 2 {
		t.Fatalf("the page's own directories are %q", own)
	}
	root := t.TempDir()
	script := strings.NewReplacer("/www/", root+"/www/", "/tmp/luci-", root+"/luci-", "/etc/init.d/", root+"/init.d/").Replace(text)
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command("busybox", append([]string{"ash", "-c", script, "postrm"}, args...)...)
		cmd.Env = []string{"PATH=/bin:/usr/bin"}
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%v %s", err, out)
		}
	}
	for _, dir := range own {
		must(t, os.MkdirAll(filepath.Join(root, dir), 0o755))
	}
	run("upgrade", "9")
	kept := filepath.Join(root, own[0], "somebody-elses.js")
	must(t, os.WriteFile(kept, nil, 0o644))
	for _, dir := range own {
		if _, err := os.Stat(filepath.Join(root, dir)); err != nil {
			t.Errorf("an upgrade removes it: %v", err)
		}
	}
	run("remove")
	if _, err := os.Stat(kept); err != nil {
		t.Errorf("what is in use is gone: %v", err)
	}
	must(t, os.Remove(kept))
	run("remove")
	for _, dir := range own {
		if _, err := os.Stat(filepath.Join(root, dir)); err == nil {
			t.Errorf("%s is left", dir)
		}
	}
}
