package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// The packages that are replaced, and with what. Paths are from the root of the source.
const (
	standIns  = "scripts/slim"
	dnsModule = "github.com/miekg/dns"
	idnaInStd = "src/vendor/golang.org/x/net/idna"
)

// prepare writes what go build takes into dir and returns the flags that say so: an overlay in
// place of the standard library's idna and others, and a go.mod with a replacement of the DNS
// module. Run it at the root of the source, with the go that will build.
func prepare(dir string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	goroot, err := output("go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	overlay, err := idnaOverlay(goroot)
	if err != nil {
		return nil, err
	}
	cutOut, err := cutOverlay(goroot, dir, slices.Concat(cuts, arithmetic()))
	if err != nil {
		return nil, err
	}
	maps.Copy(overlay, cutOut)
	added, err := addOverlay(goroot)
	if err != nil {
		return nil, err
	}
	maps.Copy(overlay, added)
	mod := filepath.Join(dir, "go.mod")
	if err := dnsReplacement(dir, mod); err != nil {
		return nil, err
	}
	// The stand-in is a package of ours. For go build it is the root of that module.
	overlay[standIns+"/dns/go.mod"] = filepath.Join(dir, "dns.mod")
	flags := []string{"-overlay=" + filepath.Join(dir, "overlay.json"), "-modfile=" + mod}
	text, err := json.MarshalIndent(map[string]any{"Replace": overlay}, "", "\t")
	if err != nil {
		return nil, err
	}
	return flags, write(filepath.Join(dir, "overlay.json"), text)
}

// idnaOverlay takes every file of the standard library's idna away and puts ours in. Another
// layout of Go's source ends the build here; other uses of the package end it in the compiler.
func idnaOverlay(goroot string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(goroot, idnaInStd, "*.go"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("this Go has no %s: see what net/http uses instead (scripts/slim)", idnaInStd)
	}
	overlay := map[string]string{}
	for _, file := range files {
		overlay[file] = ""
	}
	overlay[filepath.Join(goroot, idnaInStd, "idna.go")] = standIns + "/idna/idna.go"
	return overlay, nil
}

// addOverlay puts the files of the additions in, without their tests.
func addOverlay(goroot string) (map[string]string, error) {
	overlay := map[string]string{}
	for from, to := range additions {
		files, err := filepath.Glob(from + "/*.go")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if name := filepath.Base(file); !strings.HasSuffix(name, "_test.go") {
				overlay[filepath.Join(goroot, "src", filepath.FromSlash(to), "wandns_"+name)] = file
			}
		}
	}
	return overlay, nil
}

// dnsReplacement writes go.mod and go.sum as they are, with the replacement added.
func dnsReplacement(dir, mod string) error {
	for from, to := range map[string]string{"go.mod": mod, "go.sum": filepath.Join(dir, "go.sum")} {
		text, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if from == "go.mod" {
			text = append(text, "\nreplace "+dnsModule+" => ./"+standIns+"/dns\n"...)
		}
		if err := write(to, text); err != nil {
			return err
		}
	}
	return write(filepath.Join(dir, "dns.mod"), []byte("module "+dnsModule+"\n\ngo 1.23.0\n"))
}

// write replaces a file whole: another build may be reading it.
func write(name string, text []byte) error {
	half := fmt.Sprintf("%s.%d", name, os.Getpid())
	if err := os.WriteFile(half, text, 0o644); err != nil {
		return err
	}
	return os.Rename(half, name)
}

func output(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
