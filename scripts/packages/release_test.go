package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestVersion_is_one_that_apk_takes(t *testing.T) {
	for described, want := range map[string]string{
		"1.2.3":                  "1.2.3",
		"1.2.3-rc1":              "1.2.3_rc1",
		"1.2.3-7-g0a1b2c3":       "1.2.3_git20261123~0a1b2c3",
		"0.0.0-0a1b2c3":          "0.0.0_git20261123~0a1b2c3",
		"0.0.0-0a1b2c3-dirty":    "0.0.0_git20261123",
		"1.2.3-7-g0a1b2c3-dirty": "1.2.3_git20261123",
		"1.2.3_p1":               "1.2.3_p1",
	} {
		if got, err := packageVersion(described, example.time); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", described, got, err, want)
		}
	}
	for _, bad := range []string{"", "latest", "1.2.3 ", "1.2.3-dirty", "1.2.3;reboot", "0.0.0-unknown"} {
		if got, err := packageVersion(bad, example.time); err == nil {
			t.Errorf("%q is taken as %q", bad, got)
		}
	}
}

func TestArches_are_built_by_a_target(t *testing.T) {
	targets, err := buildScript(repository, nil, "targets")
	must(t, err)
	built := strings.Fields(targets)
	var names, used []string
	for _, a := range arches {
		names = append(names, a.name)
		used = append(used, a.target)
		if !slices.Contains(built, a.target) {
			t.Errorf("%s is of target %s, which is none", a.name, a.target)
		}
		if !a.ipk && !a.apk {
			t.Errorf("%s gets no package", a.name)
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("not in order: %q", names)
	}
	for _, target := range built {
		if !slices.Contains(used, target) {
			t.Errorf("no architecture uses target %s", target)
		}
	}
	if _, err := choose([]string{"mipsel_24kc", "pdp11"}); err == nil {
		t.Error("an architecture that is none is taken")
	}
}

// The scripts in busybox ash, with OpenWrt's functions recorded.
func TestScripts_do_as_openwrts_own(t *testing.T) {
	const functions = `
say() { echo "$* root=$root pkgname=$pkgname upgrade=$PKG_UPGRADE"; }
default_postinst() { say default_postinst "$@"; }
default_prerm() { say default_prerm "$@"; }
add_group_and_user() { say add_group_and_user "$@"; }
`
	root := t.TempDir()
	must(t, os.Mkdir(filepath.Join(root, "lib"), 0o755))
	must(t, os.WriteFile(filepath.Join(root, "lib", "functions.sh"), []byte(functions), 0o644))
	for script, want := range map[string]string{
		"ipk-postinst.sh":       "default_postinst scripts/ipk-postinst.sh configure root= pkgname= upgrade=\n",
		"ipk-prerm.sh":          "default_prerm scripts/ipk-prerm.sh configure root= pkgname= upgrade=\n",
		"ipk-postrm.sh":         "",
		"apk-post-install.sh":   "add_group_and_user root=ROOT pkgname=wandns upgrade=\ndefault_postinst root=ROOT pkgname=wandns upgrade=\n",
		"apk-post-upgrade.sh":   "add_group_and_user root=ROOT pkgname=wandns upgrade=1\ndefault_postinst root=ROOT pkgname=wandns upgrade=1\n",
		"apk-pre-upgrade.sh":    "default_prerm root=ROOT pkgname=wandns upgrade=1\n",
		"apk-pre-deinstall.sh":  "default_prerm root=ROOT pkgname=wandns upgrade=\n",
		"apk-post-deinstall.sh": "",
	} {
		cmd := exec.Command("busybox", "ash", "scripts/"+script, "configure")
		cmd.Env = []string{"IPKG_INSTROOT=" + root, "PATH=/bin:/usr/bin"}
		out, err := cmd.CombinedOutput()
		if got := strings.ReplaceAll(string(out), root, "ROOT"); err != nil || got != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", script, err, got, want)
		}
		// In an image that has no functions yet, and where scripts are not wanted, nothing is done.
		for _, env := range []string{"IPKG_INSTROOT=" + t.TempDir(), "IPKG_NO_SCRIPT=1"} {
			if strings.Contains(script, "pre") && env == "IPKG_NO_SCRIPT=1" {
				continue
			}
			cmd := exec.Command("busybox", "ash", "scripts/"+script)
			cmd.Env = []string{"IPKG_INSTROOT=" + root, env, "PATH=/bin:/usr/bin"}
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s with %s: %v\n%s", script, env, err, out)
			}
		}
	}
	scripts, err := filepath.Glob("scripts/*.sh")
	if err != nil || len(scripts) != 8 {
		t.Errorf("there are other scripts: %q %v", scripts, err)
	}
}
