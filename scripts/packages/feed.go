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
)

// writePackages writes the index of a directory of .ipk files, by which opkg takes it for a feed:
// Packages, Packages.gz, and with a key Packages.sig.
func writePackages(dir string, key *usignKey) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.ipk"))
	if err != nil {
		return err
	}
	slices.Sort(paths)
	var index bytes.Buffer
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		control, err := controlOf(text)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		fmt.Fprintf(&index, "%s\nFilename: %s\nSize: %d\nSHA256sum: %x\n\n",
			strings.TrimRight(control, "\n"), filepath.Base(path), len(text), sha256.Sum256(text))
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(index.Bytes()); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	out := map[string][]byte{"Packages": index.Bytes(), "Packages.gz": packed.Bytes()}
	if key != nil {
		out["Packages.sig"] = key.sign(index.Bytes())
	}
	for name, text := range out {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// controlOf is the file control of an .ipk.
func controlOf(ipk []byte) (string, error) {
	inner, err := member(ipk, "./control.tar.gz")
	if err != nil {
		return "", err
	}
	control, err := member(inner, "./control")
	return string(control), err
}

// member is a file of a packed tar archive.
func member(archive []byte, name string) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("there is no %s in it", name)
		}
		if err != nil {
			return nil, err
		}
		if h.Name == name {
			return io.ReadAll(r)
		}
	}
}
