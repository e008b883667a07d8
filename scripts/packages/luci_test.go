package main

import (
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// lookup finds a translation as LuCI does (lmo.c of luci-base): by bisection in the index.
func lookup(t *testing.T, archive []byte, message string) string {
	t.Helper()
	word := func(at uint32) uint32 { return binary.BigEndian.Uint32(archive[at:]) }
	begin := word(uint32(len(archive) - 4))
	n := (uint32(len(archive)) - 4 - begin) / 16
	key := lmoHash(canonical(message))
	low, high := uint32(0), n
	for low < high {
		middle := (low + high) / 2
		at := begin + 16*middle
		switch {
		case word(at) == key:
			if form := word(at + 4); form != 1 {
				t.Errorf("%q has form %d", message, form)
			}
			return string(archive[word(at+8) : word(at+8)+word(at+12)])
		case word(at) < key:
			low = middle + 1
		default:
			high = middle
		}
	}
	return message
}

const sample = `msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8"

msgid "Account"
msgstr "Konto"

msgid "Account “%s”, record “%s”"
msgstr "Konto „%s“, Eintrag „%s“"

msgid "Say \"no\""
msgstr "Sag \"nein\""

msgid "ID"
msgstr "ID"

msgid "Not yet"
msgstr ""

msgid "é"
msgstr "à"
`

func TestCatalog_is_found_as_luci_looks(t *testing.T) {
	name := filepath.Join(t.TempDir(), "wandns.po")
	must(t, os.WriteFile(name, []byte(sample), 0o644))
	archive, err := readCatalog(name)
	must(t, err)
	for message, want := range map[string]string{
		"Account": "Konto", "Account “%s”, record “%s”": "Konto „%s“, Eintrag „%s“", `Say "no"`: `Sag "nein"`,
		"ID": "ID", "Not yet": "Not yet", "é": "à", "  Say\n\t\"no\" ": `Sag "nein"`, "": "", "Accounts": "Accounts",
	} {
		if got := lookup(t, archive, message); got != want {
			t.Errorf("%q is %q, want %q", message, got, want)
		}
	}
	// What po2lmo of luci-base makes of the sample.
	const theirs = "4b6f6e746f0000004b6f6e746f20e2809e2573e2809c2c2045696e7472616720e2809e2573e2809c53616720226e65696e220000c3a000001cb974690000000100000000000000054491561800000001000000280000000ac4fba554000000010000003400000002fffe71bd00000001000000080000002000000038"
	if got := hex.EncodeToString(archive); got != theirs {
		t.Errorf("got\n%s\nwant\n%s", got, theirs)
	}
	must(t, os.WriteFile(name, []byte("msgid \"a\"\nmsgstr \"\"\n"), 0o644))
	if _, err := readCatalog(name); err == nil {
		t.Error("a language without a translation is taken")
	}
}

func TestLuciPage_is_packed_whole(t *testing.T) {
	page, err := luciPage(repository)
	must(t, err)
	var paths []string
	for _, f := range page.files {
		paths = append(paths, f.path)
	}
	for _, want := range []string{
		"/usr/share/luci/menu.d/luci-app-wandns.json", "/usr/share/rpcd/acl.d/luci-app-wandns.json", "/usr/share/rpcd/ucode/wandns.uc",
		"/www/luci-static/resources/view/wandns/overview.js", "/www/luci-static/resources/wandns/providers.json",
	} {
		if !slices.Contains(paths, want) {
			t.Errorf("there is no %s in it", want)
		}
	}
	ipk := packProduct(t, "ipk", "here", page)
	data, err := member(ipk, "./data.tar.gz")
	must(t, err)
	order, entries := list(t, data)
	checkFiles(t, page, order, entries)
	control, err := controlOf(ipk)
	must(t, err)
	fields := fieldsOf(control, ": ")
	if fields["Architecture"] != "all" || fields["Depends"] != "luci-base, wandns" || fields["Require-User"] != "" {
		t.Errorf("control:\n%s", control)
	}

	apk := packProduct(t, "apk", "here", page)
	order, entries = list(t, apk)
	checkFiles(t, page, order, entries, "/lib/apk/packages/luci-app-wandns.list", ".PKGINFO",
		".post-deinstall", ".post-install", ".post-upgrade", ".pre-deinstall")
	p, err := readAPK(apk)
	must(t, err)
	slices.Sort(p.depends)
	if p.fields["arch"] != "noarch" || !slices.Equal(p.depends, []string{"luci-base", "wandns"}) {
		t.Errorf("it is for %s and needs %q", p.fields["arch"], p.depends)
	}
	if text := entries[".post-install"].text; !strings.Contains(text, `pkgname="luci-app-wandns"`) || strings.Contains(text, "@NAME@") {
		t.Errorf("its script does not know its name:\n%s", text)
	}
}

func TestLuciLanguages_come_as_luci_has_them(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"templates", "pt_BR", "de"} {
		must(t, os.MkdirAll(filepath.Join(root, "luci-app/po", dir), 0o755))
		must(t, os.WriteFile(filepath.Join(root, "luci-app/po", dir, "wandns.po"), []byte(sample), 0o644))
	}
	found, err := luciLanguages(root)
	must(t, err)
	if len(found) != 2 || found[0].name != "luci-i18n-wandns-de" || found[1].name != "luci-i18n-wandns-pt-br" {
		t.Fatalf("found %+v", found)
	}
	p := found[1]
	if !slices.Equal(p.depends, []string{"luci-app-wandns"}) || !p.everywhere || len(p.files) != 2 {
		t.Errorf("it is %+v", p)
	}
	choice, catalog := p.files[0], p.files[1]
	if choice.path != "/etc/uci-defaults/luci-i18n-wandns-pt-br" ||
		string(choice.text) != "uci set luci.languages.pt_br='Português do Brasil (Brazilian Portuguese)'; uci commit luci\n" {
		t.Errorf("%s: %s", choice.path, choice.text)
	}
	if catalog.path != "/usr/lib/lua/luci/i18n/wandns.pt-br.lmo" || lookup(t, catalog.text, "Account") != "Konto" {
		t.Errorf("%s has %q", catalog.path, catalog.text)
	}
	must(t, os.MkdirAll(filepath.Join(root, "luci-app/po/tlh"), 0o755))
	if _, err := luciLanguages(root); err == nil {
		t.Error("a language that LuCI has no name for is taken")
	}
}
