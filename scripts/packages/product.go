package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	homepage   = "https://github.com/wandns/wandns"
	maintainer = "The wandns authors <wandns@users.noreply.github.com>"
	license    = "Apache-2.0"
	pkgRelease = "r1" // PKG_RELEASE
)

// product is one package of a release: what it says of itself, and what is in it.
type product struct {
	name, summary string
	story         string // the lines of an .ipk's description after the summary
	section       string
	depends       []string
	owner         string // user and group that it runs as, like USERID in a feed's Makefile; "" for none
	everywhere    bool   // the same for every architecture
	files         []file
	scripts       string // the directory of scripts/packages/scripts that its maintainer's scripts are in
}

// file is one file of a package. Everything belongs to root.
type file struct {
	source string // below the root of the repository; "" is text or, without that, the program
	text   []byte // what was made for the package
	path   string
	mode   os.FileMode
	config bool // people change it: an upgrade keeps theirs
}

// daemon is the program as a service. openwrt/Makefile installs the same files.
var daemon = product{
	name:    "wandns",
	summary: "Dynamic DNS that follows the WAN address by kernel event",
	story: `Keeps domain names pointing at this router. The kernel tells it that an
address changed, and within a fraction of a second the new one is on its
way to the DNS service. It does not poll.`,
	section: "net",
	depends: []string{"ca-bundle"},
	owner:   "wandns:wandns",
	scripts: "wandns",
	files: []file{
		{source: "openwrt/files/wandns.capabilities", path: "/etc/capabilities/wandns.json", mode: 0o644},
		{source: "openwrt/files/wandns.config", path: "/etc/config/wandns", mode: 0o600, config: true},
		{source: "openwrt/files/wandns.init", path: "/etc/init.d/wandns", mode: 0o755},
		{source: "openwrt/files/wandns.defaults", path: "/etc/uci-defaults/14_wandns", mode: 0o755},
		{source: "openwrt/files/wandns.keep", path: "/lib/upgrade/keep.d/wandns", mode: 0o644},
		{path: "/usr/sbin/wandns", mode: 0o755},
		{source: "openwrt/files/wandns.acl", path: "/usr/share/acl.d/wandns.json", mode: 0o644},
	},
}

// products are all packages of the release: the daemon, LuCI's page, and the page's languages.
func products(root string) ([]product, error) {
	page, err := luciPage(root)
	if err != nil {
		return nil, err
	}
	languages, err := luciLanguages(root)
	if err != nil {
		return nil, err
	}
	return append([]product{daemon, page}, languages...), nil
}

// apkFiles are what OpenWrt's own scripts look for in a package of apk (functions.sh of base-files
// and sysupgrade): its files, its users, and its configuration with what it was as it came.
func (p product) apkFiles(root string) ([]file, error) {
	dir := "/lib/apk/packages/" + p.name
	var list []string
	var conf, static strings.Builder
	for _, f := range p.files {
		list = append(list, f.path)
		if !f.config {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, f.source))
		if err != nil {
			return nil, err
		}
		conf.WriteString(f.path + "\n")
		fmt.Fprintf(&static, "%s %x\n", f.path, sha256.Sum256(text))
	}
	made := []file{}
	add := func(ending, text string) {
		made = append(made, file{path: dir + ending, text: []byte(text), mode: 0o644})
	}
	if conf.Len() > 0 {
		add(".conffiles", conf.String())
		add(".conffiles_static", static.String())
	}
	if p.owner != "" {
		add(".rusers", p.owner+"\n")
		list = append(list, dir+".rusers")
	}
	slices.Sort(list)
	add(".list", strings.Join(list, "\n")+"\n")
	return made, nil
}
