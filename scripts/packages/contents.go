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
	name    = "wandns"
	summary = "Dynamic DNS that follows the WAN address by kernel event"
	story   = summary + `
Keeps domain names pointing at this router. The kernel tells it that an
address changed, and within a fraction of a second the new one is on its
way to the DNS service. It does not poll.`
	homepage   = "https://github.com/wandns/wandns"
	maintainer = "The wandns authors <wandns@users.noreply.github.com>"
	license    = "Apache-2.0"
	section    = "net"
	owner      = "wandns:wandns" // user and group, as USERID in a feed's Makefile
	pkgRelease = "r1"            // PKG_RELEASE
)

var depends = []string{"ca-bundle"}

// file is one file of the package. Everything belongs to root.
type file struct {
	source string // below the root of the repository; "" is the program
	path   string
	mode   os.FileMode
	config bool // people change it: an upgrade keeps theirs
}

// files are those of the package. openwrt/Makefile installs the same ones.
var files = []file{
	{"openwrt/files/wandns.capabilities", "/etc/capabilities/wandns.json", 0o644, false},
	{"openwrt/files/wandns.config", "/etc/config/wandns", 0o600, true},
	{"openwrt/files/wandns.init", "/etc/init.d/wandns", 0o755, false},
	{"openwrt/files/wandns.defaults", "/etc/uci-defaults/14_wandns", 0o755, false},
	{"openwrt/files/wandns.keep", "/lib/upgrade/keep.d/wandns", 0o644, false},
	{"", "/usr/sbin/wandns", 0o755, false},
	{"openwrt/files/wandns.acl", "/usr/share/acl.d/wandns.json", 0o644, false},
}

// apkFiles are what OpenWrt's own scripts look for in a package of apk (functions.sh of base-files
// and sysupgrade): its files, its users, and its configuration with what it was as it came.
func apkFiles(root string) (map[string]string, error) {
	const dir = "/lib/apk/packages/" + name
	var list []string
	var conf, static strings.Builder
	for _, f := range files {
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
	list = append(list, dir+".rusers")
	slices.Sort(list)
	return map[string]string{
		dir + ".list":             strings.Join(list, "\n") + "\n",
		dir + ".conffiles":        conf.String(),
		dir + ".conffiles_static": static.String(),
		dir + ".rusers":           owner + "\n",
	}, nil
}
