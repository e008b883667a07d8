package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// installed is what a client takes of a disk, in bytes.
type installed struct {
	program  int      // its own: the package, or the binary that needs none
	files    int      // that it was seen to use: program, libraries, interpreter, modules
	packages int      // that hold these files, as wholes
	names    []string // of the packages
}

// tellModules makes a Perl program write down at its end, below dir, which modules it loaded and from
// where. Out goes what it needs in its environment.
func tellModules(dir string) (env []string, err error) {
	const module = `package Loaded; END { if (open(my $f, '>', $ENV{LOADED})) { print $f "$_\n" for values %INC; } } 1;` + "\n"
	err = os.WriteFile(filepath.Join(dir, "Loaded.pm"), []byte(module), 0o644)
	return []string{"PERL5OPT=-I" + dir + " -MLoaded", "LOADED=" + loaded(dir)}, err
}

func loaded(dir string) string { return filepath.Join(dir, "loaded") }

// modules are what was written down, without the module that did.
func modules(dir string) ([]string, error) {
	text, err := os.ReadFile(loaded(dir))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(strings.Fields(string(text)), func(f string) bool { return strings.HasPrefix(f, dir) }), nil
}

// sizeOf adds up files and the Debian packages that they are from.
func sizeOf(ctx context.Context, files []string) (i installed, err error) {
	files = slices.Clone(files)
	for n, f := range files {
		if files[n], err = filepath.EvalSymlinks(f); err != nil {
			return i, err
		}
	}
	slices.Sort(files)
	for _, f := range slices.Compact(files) {
		info, err := os.Stat(f)
		if err != nil {
			return i, err
		}
		i.files += int(info.Size())
		owner := ownerOf(ctx, f)
		if owner == "" { // it is not from a package, and stands for itself
			i.packages += int(info.Size())
			i.program += int(info.Size())
		} else if !slices.Contains(i.names, owner) {
			i.names = append(i.names, owner)
		}
	}
	slices.Sort(i.names)
	for _, name := range i.names {
		out, err := exec.CommandContext(ctx, "dpkg-query", "-W", "-f", "${Installed-Size}", name).Output()
		if err != nil {
			return i, fmt.Errorf("asking dpkg for the size of %s: %w", name, err)
		}
		kib, err := strconv.Atoi(strings.TrimSpace(string(out)))
		if err != nil {
			return i, fmt.Errorf("the size of %s: %w", name, err)
		}
		i.packages += kib << 10
		if slices.Contains(programs(), name) {
			i.program += kib << 10
		}
	}
	return i, nil
}

// ownerOf is the package that a file is from, "" for none. What is in /usr/lib now may be known to
// dpkg as being in /lib (https://wiki.debian.org/UsrMerge).
func ownerOf(ctx context.Context, file string) string {
	for _, path := range []string{file, strings.TrimPrefix(file, "/usr")} {
		out, err := exec.CommandContext(ctx, "dpkg-query", "-S", path).Output()
		if err == nil {
			return owner(string(out))
		}
	}
	return ""
}

// owner reads an answer of dpkg-query -S: "package:architecture: path", the packages of a shared
// file with commas between, and lines about diversions.
func owner(answer string) string {
	for _, line := range strings.Split(answer, "\n") {
		names, _, ok := strings.Cut(line, ": ")
		if !ok || strings.HasPrefix(line, "diversion by ") || strings.HasPrefix(line, "local diversion ") {
			continue
		}
		name, _, _ := strings.Cut(names, ",")
		name, _, _ = strings.Cut(name, ":")
		return name
	}
	return ""
}
