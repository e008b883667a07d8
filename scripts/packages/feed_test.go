package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sdk runs targets of the feed's Makefile as OpenWrt's SDK would.
func sdk(t *testing.T, args ...string) string {
	t.Helper()
	top, err := filepath.Abs("testdata/sdk")
	must(t, err)
	cmd := exec.Command("make", append([]string{"-s", "-C", filepath.Join(repository, "openwrt"), "TOPDIR=" + top}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("make %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestFeed_says_the_same_as_our_packages(t *testing.T) {
	said := fieldsOf(sdk(t, "show"), "=")
	for key, want := range map[string]string{
		"PKG_NAME": daemon.name, "PKG_RELEASE": strings.TrimPrefix(pkgRelease, "r"), "PKG_MAINTAINER": maintainer, "PKG_LICENSE": license,
		"PKG_LICENSE_FILES": "LICENSE", "PKG_BUILD_DEPENDS": "golang/host", "SECTION": daemon.section, "CATEGORY": "Network",
		"TITLE": daemon.summary, "URL": homepage, "USERID": daemon.owner, "conffiles": "/etc/config/wandns",
		"DEPENDS": "@(arm||mipsel) +" + strings.Join(daemon.depends, " +"),
	} {
		if said[key] != want {
			t.Errorf("%s is %q, want %q", key, said[key], want)
		}
	}
	if v := said["PKG_VERSION"]; !apkVersion.MatchString(v) {
		t.Errorf("apk does not take the version %q", v)
	}
}

// The feed builds what scripts/build.sh builds, static, whatever the feed itself would do, and
// installs the same files.
func TestFeed_builds_and_installs_the_same(t *testing.T) {
	build, dest := t.TempDir(), t.TempDir()
	target := []string{"BUILD_DIR=" + build, "DEST=" + dest, "GO_ARCH=arm", "GO_ARM=5"}
	sdk(t, append(target, "compile")...)
	sdk(t, append(target, "install")...)

	var got, want []string
	must(t, filepath.Walk(dest, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			got = append(got, strings.TrimPrefix(path, dest)+" "+info.Mode().String())
		}
		return err
	}))
	for _, f := range daemon.files {
		want = append(want, f.path+" "+f.mode.String())
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("installed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	program, err := elf.Open(filepath.Join(dest, "usr/sbin/wandns"))
	must(t, err)
	defer program.Close()
	if program.Machine != elf.EM_ARM || program.Section(".interp") != nil || program.Section(".dynamic") != nil || program.Section(".symtab") != nil {
		t.Errorf("%v; it must be static and without symbols", program.FileHeader)
	}
}

func TestFeed_scripts_run_on_a_router_only(t *testing.T) {
	dest := t.TempDir()
	sdk(t, "DEST="+dest, "scripts")
	for _, script := range []string{"preinst", "postrm"} {
		cmd := exec.Command("busybox", "ash", "-e", filepath.Join(dest, script), "remove")
		cmd.Env = []string{"IPKG_INSTROOT=/image", "PATH=/nowhere"}
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
		if out, err := exec.Command("busybox", "ash", "-n", filepath.Join(dest, script)).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", script, out)
		}
	}
}
