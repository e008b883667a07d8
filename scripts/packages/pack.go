package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
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

// scriptDir has a directory of maintainer's scripts for each kind of product.
const scriptDir = "scripts/packages/scripts"

type packer struct {
	root, out string
	products  []product
	release   release
	keys      keys
}

// feed writes an architecture's packages and the indexes beside them.
func (p packer) feed(a arch, binary string) error {
	if a.ipk {
		dir := filepath.Join(p.out, "ipk", a.name)
		if err := p.fill(dir, "ipk", a, binary); err != nil {
			return err
		}
		if err := writePackages(dir, p.keys.usign); err != nil {
			return err
		}
	}
	if a.apk {
		dir := filepath.Join(p.out, "apk", a.name)
		if err := p.fill(dir, "apk", a, binary); err != nil {
			return err
		}
		if err := writeADB(dir, p.keys.apk); err != nil {
			return err
		}
	}
	return nil
}

// fill makes a directory with the packages of one kind in it, and nothing else: those of another
// version are gone.
func (p packer) fill(dir, kind string, a arch, binary string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, product := range p.products {
		text, err := p.pack(kind, product, a, binary)
		if err != nil {
			return fmt.Errorf("%s: %w", product.name, err)
		}
		file := product.name + "-" + p.version() + ".apk"
		if kind == "ipk" {
			file = product.name + "_" + p.version() + "_" + product.arch(a) + ".ipk"
		}
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// arch is the name of the architecture that the package is for, as opkg has it.
func (p product) arch(a arch) string {
	if p.everywhere {
		return "all" // nfpm makes it noarch for apk
	}
	return a.name
}

func (p packer) version() string { return p.release.version + "-" + pkgRelease }

// pack makes one package, of the kind "ipk" or "apk".
func (p packer) pack(kind string, product product, a arch, binary string) ([]byte, error) {
	work, err := os.MkdirTemp("", "wandns-packages")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	info, err := p.describe(kind, product, a, binary, work)
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

// describe is a package as nfpm takes it. Files that are not in the source go to work.
func (p packer) describe(kind string, product product, a arch, binary, work string) (*nfpm.Info, error) {
	info := &nfpm.Info{
		Name: product.name, Arch: product.arch(a), Platform: "linux", Version: p.release.version, VersionSchema: "none", Release: pkgRelease,
		Section: product.section, Maintainer: maintainer, Homepage: homepage, License: license, MTime: p.release.time,
		Description: product.summary,
	}
	info.Depends = product.depends
	files := product.files
	if kind == "ipk" {
		info.IPK.Fields = map[string]string{"URL": homepage, "SourceDateEpoch": strconv.FormatInt(p.release.time.Unix(), 10)}
		if product.owner != "" {
			info.IPK.Fields["Require-User"] = product.owner
		}
		if product.story != "" {
			info.Description += "\n" + product.story
		}
	} else {
		made, err := product.apkFiles(p.root)
		if err != nil {
			return nil, err
		}
		files = slices.Concat(files, made)
	}
	for i, f := range files {
		source := binary
		switch {
		case f.source != "":
			source = filepath.Join(p.root, f.source)
		case f.text != nil:
			source = filepath.Join(work, strconv.Itoa(i))
			if err := os.WriteFile(source, f.text, 0o644); err != nil {
				return nil, err
			}
		}
		p.add(info, f, source)
	}
	return info, p.scripts(info, kind, product, work)
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

// scripts hands nfpm the maintainer's scripts of a kind, with the package's name in them and the
// time of the release: nfpm keeps that of the files. A product has those that are in its directory.
func (p packer) scripts(info *nfpm.Info, kind string, product product, work string) error {
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
		text, err := os.ReadFile(filepath.Join(p.root, scriptDir, product.scripts, kind+"-"+file+".sh"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		text = bytes.ReplaceAll(text, []byte("@NAME@"), []byte(product.name))
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
