package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1" //nolint:gosec // by which apk knows a package of this kind
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The index of apk 3, packages.adb, is a small data base (adb.h and apk_adb.h of apk-tools).
// Everything is little-endian. A value is a u32: in the top four bits its kind, below a number
// or the place of the data. Data stands before the value that points to it.
const (
	adbNumber = 0x1 << 28 // below 2^28
	adbWide   = 0x2 << 28 // 32 bits, elsewhere
	adbBlob8  = 0x8 << 28 // a length of 8 bits, then bytes
	adbBlob16 = 0x9 << 28
	adbArray  = 0xd << 28
	adbObject = 0xe << 28

	blockADB       = 0
	blockSignature = 1

	digestSHA512 = 4
)

// Fields of a package in the index, and of the index.
const (
	fieldName, fieldVersion, fieldHash, fieldDescription, fieldArch, fieldLicense = 1, 2, 3, 4, 5, 6
	fieldMaintainer, fieldURL, fieldInstalledSize, fieldFileSize, fieldDepends    = 8, 9, 12, 13, 15
	indexPackages                                                                 = 2
	dependencyName                                                                = 1
)

const adbHeader = 8 // two versions, two zero bytes, the root value

// adb is written from its leaves to its root.
type adb struct{ b []byte }

func newADB() *adb { return &adb{make([]byte, adbHeader)} }

func (a *adb) align(to int) {
	for len(a.b)%to != 0 {
		a.b = append(a.b, 0)
	}
}

func (a *adb) blob(text []byte) (value uint32) {
	switch {
	case len(text) == 0:
		return 0
	case len(text) < 1<<8:
		value = adbBlob8 | uint32(len(a.b))
		a.b = append(a.b, byte(len(text)))
	default:
		a.align(2)
		value = adbBlob16 | uint32(len(a.b))
		a.b = binary.LittleEndian.AppendUint16(a.b, uint16(len(text)))
	}
	a.b = append(a.b, text...)
	return value
}

func (a *adb) number(n uint32) (value uint32) {
	if n < 1<<28 {
		return adbNumber | n
	}
	a.align(4)
	value = adbWide | uint32(len(a.b))
	a.b = binary.LittleEndian.AppendUint32(a.b, n)
	return value
}

// list writes an array or an object; the values of an object have the place of their field, and
// those behind the last one that is set are left out.
func (a *adb) list(kind uint32, values []uint32) (value uint32) {
	for len(values) > 0 && values[len(values)-1] == 0 {
		values = values[:len(values)-1]
	}
	if len(values) == 0 {
		return 0
	}
	a.align(4)
	value = kind | uint32(len(a.b))
	a.b = binary.LittleEndian.AppendUint32(a.b, uint32(len(values)+1))
	for _, v := range values {
		a.b = binary.LittleEndian.AppendUint32(a.b, v)
	}
	return value
}

func (a *adb) object(fields map[int]uint32) uint32 {
	values := []uint32{}
	for field, v := range fields {
		for len(values) < field {
			values = append(values, 0)
		}
		values[field-1] = v
	}
	return a.list(adbObject, values)
}

// file is the data base as a file, signed when there is a key.
func (a *adb) file(schema string, root uint32, key *apkKey) ([]byte, error) {
	binary.LittleEndian.PutUint32(a.b[4:], root)
	out := block([]byte("ADB."+schema), blockADB, a.b)
	if key == nil {
		return out, nil
	}
	id, err := key.id()
	if err != nil {
		return nil, err
	}
	// The signature covers the schema, its own header and the SHA-512 of the data base.
	header := append([]byte{0, digestSHA512}, id...)
	sum := sha512.Sum512(a.b)
	signature, err := key.sign(slices.Concat([]byte(schema), header, sum[:]))
	if err != nil {
		return nil, err
	}
	return block(out, blockSignature, slices.Concat(header, signature)), nil
}

// block appends one: its kind and length with these four bytes, filled up to a multiple of 8.
func block(out []byte, kind uint32, content []byte) []byte {
	out = binary.LittleEndian.AppendUint32(out, kind<<30|uint32(len(content)+4))
	out = append(out, content...)
	for len(out)%8 != 0 {
		out = append(out, 0)
	}
	return out
}

// writeADB writes the index of a directory of .apk files.
func writeADB(dir string, key *apkKey) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.apk"))
	if err != nil {
		return err
	}
	slices.Sort(paths) // by name and version, as apk wants them
	index := newADB()
	var packages []uint32
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		p, err := readAPK(text)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		packages = append(packages, p.index(index))
	}
	root := index.object(map[int]uint32{indexPackages: index.list(adbArray, packages)})
	text, err := index.file("indx", root, key)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "packages.adb"), text, 0o644)
}

// apkPackage is what an index holds of a package of the older format (v2): .PKGINFO, the SHA-1 of
// the packed part that it is in, and the size of the file.
type apkPackage struct {
	fields  map[string]string
	depends []string
	hash    []byte
	size    int
}

// readAPK takes a v2 package apart: two gzip streams one behind the other, control and data.
func readAPK(text []byte) (p apkPackage, err error) {
	r := bytes.NewReader(text)
	z, err := gzip.NewReader(r)
	if err != nil {
		return p, err
	}
	z.Multistream(false)
	if _, err := io.Copy(io.Discard, z); err != nil {
		return p, err
	}
	control := text[:len(text)-r.Len()]
	if len(control) == len(text) {
		return p, errors.New("it has one part only")
	}
	info, err := member(control, ".PKGINFO")
	if err != nil {
		return p, err
	}
	sum := sha1.Sum(control) //nolint:gosec // apk's own
	p = apkPackage{fields: map[string]string{}, hash: sum[:], size: len(text)}
	for _, line := range strings.Split(string(info), "\n") {
		key, value, ok := strings.Cut(line, " = ")
		switch {
		case !ok:
		case key == "depend":
			p.depends = append(p.depends, value)
		default:
			p.fields[key] = value
		}
	}
	return p, nil
}

func (p apkPackage) index(a *adb) uint32 {
	fields := map[int]uint32{fieldHash: a.blob(p.hash), fieldFileSize: a.number(uint32(p.size))}
	for _, f := range []struct {
		field int
		key   string
	}{
		{fieldName, "pkgname"}, {fieldVersion, "pkgver"}, {fieldDescription, "pkgdesc"}, {fieldArch, "arch"},
		{fieldLicense, "license"}, {fieldMaintainer, "maintainer"}, {fieldURL, "url"},
	} {
		fields[f.field] = a.blob([]byte(p.fields[f.key]))
	}
	if size, err := strconv.ParseUint(p.fields["size"], 10, 32); err == nil {
		fields[fieldInstalledSize] = a.number(uint32(size))
	}
	var depends []uint32
	slices.Sort(p.depends)
	for _, d := range slices.Compact(p.depends) {
		depends = append(depends, a.object(map[int]uint32{dependencyName: a.blob([]byte(d))}))
	}
	fields[fieldDepends] = a.list(adbArray, depends)
	return a.object(fields)
}
