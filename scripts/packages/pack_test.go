package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const repository = "../.."

var example = release{"1.2.3", time.Date(2026, 11, 23, 8, 37, 0, 0, time.UTC)}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// place is a repository somewhere else, copied just now, with a program in it.
func place(t *testing.T, dir string) (root, program string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), dir)
	for _, from := range []string{"openwrt/files", "luci-app", scriptDir} {
		must(t, os.MkdirAll(filepath.Join(root, filepath.Dir(from)), 0o755))
		must(t, os.CopyFS(filepath.Join(root, from), os.DirFS(filepath.Join(repository, from))))
	}
	program = filepath.Join(root, "program")
	must(t, os.WriteFile(program, bytes.Repeat([]byte("not really ELF\n"), 200_000), 0o700))
	return root, program
}

// pack makes a package of the daemon.
func pack(t *testing.T, kind, dir string) []byte {
	t.Helper()
	return packProduct(t, kind, dir, daemon)
}

func packProduct(t *testing.T, kind, dir string, product product) []byte {
	t.Helper()
	root, program := place(t, dir)
	text, err := packer{root: root, release: example}.pack(kind, product, arch{name: "mipsel_24kc"}, program)
	must(t, err)
	return text
}

// entry is a file of an archive as a package manager sees it.
type entry struct {
	tar.Header
	text string
}

// list takes an archive apart; an .apk is several, one behind the other.
func list(t *testing.T, archive []byte) (order []string, entries map[string]entry) {
	t.Helper()
	entries = map[string]entry{}
	z, err := gzip.NewReader(bytes.NewReader(archive))
	must(t, err)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return order, entries
		}
		must(t, err)
		text, err := io.ReadAll(r)
		must(t, err)
		path := strings.TrimPrefix(h.Name, "./")
		if !strings.HasPrefix(path, ".") {
			path = "/" + path
		}
		if h.Typeflag == tar.TypeDir {
			continue
		}
		order = append(order, path)
		entries[path] = entry{*h, string(text)}
	}
}

// checkFiles compares what is in an archive with the table, and with the source.
func checkFiles(t *testing.T, product product, order []string, entries map[string]entry, also ...string) {
	t.Helper()
	want := slices.Clone(also)
	for _, f := range product.files {
		want = append(want, f.path)
		e, ok := entries[f.path]
		if !ok {
			continue // told below
		}
		if e.FileInfo().Mode().Perm() != f.mode || e.Uid != 0 || e.Gid != 0 || e.Uname != "root" || e.Gname != "root" {
			t.Errorf("%s is %v, %d:%d %s:%s", f.path, e.FileInfo().Mode(), e.Uid, e.Gid, e.Uname, e.Gname)
		}
		if !e.ModTime.Equal(example.time) {
			t.Errorf("%s is of %v", f.path, e.ModTime)
		}
		if f.source != "" {
			text, err := os.ReadFile(filepath.Join(repository, f.source))
			must(t, err)
			if e.text != string(text) {
				t.Errorf("%s is not %s", f.path, f.source)
			}
		}
		if f.text != nil && e.text != string(f.text) {
			t.Errorf("%s is not what was made for it", f.path)
		}
	}
	slices.Sort(want)
	slices.Sort(order)
	if !slices.Equal(order, want) {
		t.Errorf("files\n\t%s\nwant\n\t%s", strings.Join(order, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func fieldsOf(text, separator string) map[string]string {
	fields := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		if key, value, ok := strings.Cut(line, separator); ok && !strings.HasPrefix(line, " ") {
			fields[key] = value
		}
	}
	return fields
}

func TestIPK_is_what_opkg_reads(t *testing.T) {
	ipk := pack(t, "ipk", "here")
	order, _ := list(t, ipk)
	if !slices.Equal(order, []string{"/debian-binary", "/control.tar.gz", "/data.tar.gz"}) {
		t.Errorf("parts %q", order)
	}
	data, err := member(ipk, "./data.tar.gz")
	must(t, err)
	order, entries := list(t, data)
	checkFiles(t, daemon, order, entries)

	inner, err := member(ipk, "./control.tar.gz")
	must(t, err)
	order, entries = list(t, inner)
	if !slices.Equal(order, []string{"/control", "/conffiles", "/postinst", "/prerm", "/postrm"}) {
		t.Errorf("control has %q", order)
	}
	if entries["/conffiles"].text != "/etc/config/wandns\n" {
		t.Errorf("conffiles %q", entries["/conffiles"].text)
	}
	control := fieldsOf(entries["/control"].text, ": ")
	for key, want := range map[string]string{
		"Package": "wandns", "Version": "1.2.3-r1", "Architecture": "mipsel_24kc", "Depends": "ca-bundle",
		"Require-User": "wandns:wandns", "License": license, "Section": "net", "URL": homepage, "Description": daemon.summary,
		"SourceDateEpoch": fmt.Sprint(example.time.Unix()),
	} {
		if control[key] != want {
			t.Errorf("%s is %q, want %q", key, control[key], want)
		}
	}
	for script, says := range map[string]string{"/postinst": "default_postinst", "/prerm": "default_prerm", "/postrm": "killall"} {
		e := entries[script]
		if e.FileInfo().Mode().Perm() != 0o755 || !strings.HasPrefix(e.text, "#!/bin/sh\n") || !strings.Contains(e.text, says) {
			t.Errorf("%s is %v\n%s", script, e.FileInfo().Mode(), e.text)
		}
	}
}

func TestAPK_is_what_apk_and_openwrt_read(t *testing.T) {
	text := pack(t, "apk", "here")
	p, err := readAPK(text)
	must(t, err)
	for key, want := range map[string]string{
		"pkgname": "wandns", "pkgver": "1.2.3-r1", "arch": "mipsel_24kc", "license": license, "url": homepage, "pkgdesc": daemon.summary,
	} {
		if p.fields[key] != want {
			t.Errorf("%s is %q, want %q", key, p.fields[key], want)
		}
	}
	if !slices.Equal(p.depends, []string{"ca-bundle"}) {
		t.Errorf("depends %q", p.depends)
	}
	const dir = "/lib/apk/packages/wandns"
	order, entries := list(t, text)
	checkFiles(t, daemon, order, entries, dir+".conffiles", dir+".conffiles_static", dir+".list", dir+".rusers", ".PKGINFO",
		".post-deinstall", ".post-install", ".post-upgrade", ".pre-deinstall", ".pre-upgrade")

	config := entries["/etc/config/wandns"].text
	for path, want := range map[string]string{
		".conffiles":        "/etc/config/wandns\n",
		".conffiles_static": fmt.Sprintf("/etc/config/wandns %x\n", sha256.Sum256([]byte(config))),
		".rusers":           "wandns:wandns\n",
	} {
		if got := entries[dir+path].text; got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	listed := strings.Fields(entries[dir+".list"].text)
	for _, f := range daemon.files {
		if !slices.Contains(listed, f.path) {
			t.Errorf("%s is not listed: nobody would start, stop or run it", f.path)
		}
	}
}

// Two builds on different days and at different paths give identical files.
func TestPackages_can_be_reproduced(t *testing.T) {
	all, err := products(repository)
	must(t, err)
	for _, product := range all {
		for _, kind := range []string{"ipk", "apk"} {
			one := packProduct(t, kind, "here", product)
			two := packProduct(t, kind, "another/place/altogether", product)
			if !bytes.Equal(one, two) {
				t.Errorf("two %s of %s differ", kind, product.name)
			}
		}
	}
}

func TestFeed_holds_one_version_and_its_indexes(t *testing.T) {
	root, program := place(t, "here")
	page, err := luciPage(root)
	must(t, err)
	p := packer{root: root, out: t.TempDir(), products: []product{daemon, page}, release: release{"1.0.0", example.time}}
	a := arch{name: "x86_64", ipk: true, apk: true}
	must(t, p.feed(a, program))
	p.release = example
	must(t, p.feed(a, program))
	var got []string
	must(t, filepath.Walk(p.out, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			got = append(got, strings.TrimPrefix(path, p.out))
		}
		return err
	}))
	want := []string{
		"/apk/x86_64/luci-app-wandns-1.2.3-r1.apk", "/apk/x86_64/packages.adb", "/apk/x86_64/wandns-1.2.3-r1.apk",
		"/ipk/x86_64/Packages", "/ipk/x86_64/Packages.gz", "/ipk/x86_64/luci-app-wandns_1.2.3-r1_all.ipk",
		"/ipk/x86_64/wandns_1.2.3-r1_x86_64.ipk",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
