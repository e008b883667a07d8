package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leonelquinteros/gotext"
)

const (
	luciSource = "luci-app"
	luciName   = "luci-app-wandns"
	i18nDir    = "/usr/lib/lua/luci/i18n/"
)

// luciPage is the page, as luci.mk of LuCI's feed packs it: htdocs is the web server's, root the
// router's.
func luciPage(root string) (product, error) {
	p := product{
		name: luciName, summary: "LuCI page for wandns", section: "luci", everywhere: true,
		depends: []string{"luci-base", "wandns"}, scripts: "luci",
	}
	for from, to := range map[string]string{"htdocs": "/www", "root": "/"} {
		base := filepath.Join(root, luciSource, from)
		err := filepath.WalkDir(base, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rest, err := filepath.Rel(base, name)
			p.files = append(p.files, file{
				source: path.Join(luciSource, from, filepath.ToSlash(rest)), path: path.Join(to, filepath.ToSlash(rest)), mode: 0o644,
			})
			return err
		})
		if err != nil {
			return product{}, err
		}
	}
	slices.SortFunc(p.files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return p, nil
}

// languages are those that LuCI knows and that the page may be translated to: the directory below
// po/, LuCI's code for it, and what LuCI's list of languages calls it (LUCI_LANG and LUCI_LC_ALIAS
// of luci.mk).
var languages = []struct{ dir, code, title string }{
	{"de", "de", "Deutsch (German)"},
	{"es", "es", "Español (Spanish)"},
	{"fr", "fr", "Français (French)"},
	{"pt_BR", "pt-br", "Português do Brasil (Brazilian Portuguese)"},
	{"ru", "ru", "Русский (Russian)"},
	{"zh_Hans", "zh-cn", "简体中文 (Simplified Chinese)"},
}

// luciLanguages is a package for each language that the page is translated to.
func luciLanguages(root string) ([]product, error) {
	dirs, err := os.ReadDir(filepath.Join(root, luciSource, "po"))
	if err != nil {
		return nil, err
	}
	var out []product
	for _, d := range dirs {
		if d.Name() == "templates" {
			continue
		}
		i := slices.IndexFunc(languages, func(l struct{ dir, code, title string }) bool { return l.dir == d.Name() })
		if i < 0 {
			return nil, fmt.Errorf("%s/po/%s: what LuCI calls this language is not known (scripts/packages/luci.go)", luciSource, d.Name())
		}
		catalog, err := readCatalog(filepath.Join(root, luciSource, "po", d.Name(), "wandns.po"))
		if err != nil {
			return nil, err
		}
		l := languages[i]
		name := "luci-i18n-wandns-" + l.code
		choice := fmt.Sprintf("uci set luci.languages.%s='%s'; uci commit luci\n", strings.ReplaceAll(l.code, "-", "_"), l.title)
		out = append(out, product{
			name: name, summary: luciName + " - " + l.code + " translation", section: "luci", everywhere: true,
			depends: []string{luciName}, scripts: "luci",
			files: []file{
				{text: []byte(choice), path: "/etc/uci-defaults/" + name, mode: 0o644},
				{text: catalog, path: i18nDir + "wandns." + l.code + ".lmo", mode: 0o644},
			},
		})
	}
	return out, nil
}

// readCatalog reads a file of translations (gettext's PO) and returns it as LuCI reads it.
func readCatalog(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	po := gotext.NewPo()
	po.Parse(text)
	messages := map[string]string{}
	for id, t := range po.GetDomain().GetTranslations() {
		if id != "" && t.IsTranslated() {
			messages[id] = t.Get()
		}
	}
	if len(messages) == 0 {
		return nil, fmt.Errorf("%s: nothing in it is translated", name)
	}
	return lmo(messages), nil
}
