package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/apk" // makes .apk
	nfpmfiles "github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/ipk" // makes .ipk
)

type packer struct {
	root, out string
	release   release
	keys      keys
}

// feed writes an architecture's packages and the indexes beside them.
func (p packer) feed(a arch, binary string) error {
	if a.ipk {
		dir := filepath.Join(p.out, "ipk", a.name)
		file := name + "_" + p.version() + "_" + a.name + ".ipk"
		text, err := p.pack("ipk", a, binary)
		if err == nil {
			err = replaceDir(dir, file, text)
		}
		if err == nil {
			err = writePackages(dir, p.keys.usign)
		}
		if err != nil {
			return err
		}
	}
	if a.apk {
		dir := filepath.Join(p.out, "apk", a.name)
		file := name + "-" + p.version() + ".apk"
		text, err := p.pack("apk", a, binary)
		if err == nil {
			err = replaceDir(dir, file, text)
		}
		if err == nil {
			err = writeADB(dir, p.keys.apk)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p packer) version() string { return p.release.version + "-" + pkgRelease }

// replaceDir makes a directory with one file in it: a package of another version is gone.
func replaceDir(dir, file string, text []byte) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, file), text, 0o644)
}

// pack makes one package, of the kind "ipk" or "apk".
func (p packer) pack(kind string, a arch, binary string) ([]byte, error) {
	work, err := os.MkdirTemp("", "wandns-packages")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	info, err := p.describe(kind, a, binary, work)
	if err != nil {
		return nil, err
	}
	packager, err := nfpm.Get(kind)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := packager.Package(info, &b); err != nil {
		return nil, fmt.Errorf("making the %s: %w", kind, err)
	}
	return b.Bytes(), nil
}

// describe is the package as nfpm takes it. Files that are not in the source go to work.
func (p packer) describe(kind string, a arch, binary, work string) (*nfpm.Info, error) {
	info := &nfpm.Info{
		Name: name, Arch: a.name, Platform: "linux", Version: p.release.version, VersionSchema: "none", Release: pkgRelease,
		Section: section, Maintainer: maintainer, Homepage: homepage, License: license, MTime: p.release.time,
	}
	info.Description, info.Depends = story, depends
	for _, f := range files {
		source := binary
		if f.source != "" {
			source = filepath.Join(p.root, f.source)
		}
		p.add(info, f, source)
	}
	if kind == "ipk" {
		info.IPK.Fields = map[string]string{
			"Require-User": owner, "URL": homepage, "SourceDateEpoch": strconv.FormatInt(p.release.time.Unix(), 10),
		}
		return info, p.scripts(info, kind, work)
	}
	info.Description = summary
	made, err := apkFiles(p.root)
	if err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(made)) {
		source := filepath.Join(work, filepath.Base(path))
		if err := os.WriteFile(source, []byte(made[path]), 0o644); err != nil {
			return nil, err
		}
		p.add(info, file{path: path, mode: 0o644}, source)
	}
	return info, p.scripts(info, kind, work)
}

func (p packer) add(info *nfpm.Info, f file, source string) {
	kind := nfpmfiles.TypeFile
	if f.config {
		kind = nfpmfiles.TypeConfigNoReplace
	}
	info.Contents = append(info.Contents, &nfpmfiles.Content{
		Source: source, Destination: f.path, Type: kind,
		FileInfo: &nfpmfiles.ContentFileInfo{Owner: "root", Group: "root", Mode: f.mode, MTime: p.release.time},
	})
}

// scripts hands nfpm the maintainer's scripts of a kind, with the time of the release: nfpm keeps
// that of the files.
func (p packer) scripts(info *nfpm.Info, kind, work string) error {
	for script, place := range map[string]*string{
		"ipk/postinst":       &info.Scripts.PostInstall,
		"ipk/prerm":          &info.Scripts.PreRemove,
		"ipk/postrm":         &info.Scripts.PostRemove,
		"apk/post-install":   &info.Scripts.PostInstall,
		"apk/pre-deinstall":  &info.Scripts.PreRemove,
		"apk/post-deinstall": &info.Scripts.PostRemove,
		"apk/pre-upgrade":    &info.APK.Scripts.PreUpgrade,
		"apk/post-upgrade":   &info.APK.Scripts.PostUpgrade,
	} {
		own, file, _ := strings.Cut(script, "/")
		if own != kind {
			continue
		}
		text, err := os.ReadFile(filepath.Join(p.root, "scripts", "packages", "scripts", kind+"-"+file+".sh"))
		if err != nil {
			return err
		}
		*place = filepath.Join(work, file)
		if err := os.WriteFile(*place, text, 0o755); err != nil {
			return err
		}
		if err := os.Chtimes(*place, p.release.time, p.release.time); err != nil {
			return err
		}
	}
	return nil
}
