package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const recipe = "scripts/build.sh"

// unwanted are packages that must not be in the router's binary, and what each costs there
// (mipsle, xz -9) or does.
var unwanted = map[string]string{
	"text/template":      "436 KB: it looks methods up by name, which keeps every method of every type",
	"html/template":      "as text/template, and more",
	"regexp":             "62 KB: parse by hand",
	"log/slog":           "30 KB: use the daemon's own key=value logger",
	"encoding/xml":       "no service that we speak to needs it",
	"encoding/gob":       "it is not for data that others read",
	"encoding/json/v2":   "126 KB",
	"expvar":             "it listens",
	"net/http/pprof":     "it listens",
	"net/http/httptest":  "it belongs in tests",
	"runtime/pprof":      "it belongs in benchmarks",
	"testing":            "it belongs in tests",
	"go/ast":             "nothing on a router compiles Go",
	"os/exec":            "the daemon runs no other program",
	"plugin":             "the binary is static",
	module + "/scripts/": "doubles and tools stay out of the product",

	"vendor/golang.org/x/text/": "63 KB of Unicode tables: the build replaces the package that needs them (scripts/slim)",
}

// modules are all that the product is built on, beside the standard library.
var modules = map[string]bool{
	module:                           true,
	"github.com/libdns/cloudflare":   true,
	"github.com/libdns/desec":        true,
	"github.com/libdns/duckdns":      true,
	"github.com/libdns/godaddy":      true,
	"github.com/libdns/ionos":        true,
	"github.com/libdns/libdns":       true,
	"github.com/libdns/namesilo":     true,
	"github.com/libdns/netcup":       true,
	"github.com/libdns/porkbun":      true,
	"github.com/miekg/dns":           true, // by libdns/duckdns, one function of it (scripts/slim)
	"github.com/vishvananda/netlink": true,
	"github.com/vishvananda/netns":   true, // by netlink
	"golang.org/x/net":               true,
	"golang.org/x/sys":               true,
}

// Linked checks the packages of the release build.
func Linked(packages []Package) []Finding {
	importer := map[string]string{}
	for _, p := range packages {
		for _, i := range p.Imports {
			importer[i] = p.ImportPath
		}
	}
	var findings []Finding
	for _, p := range packages {
		if why := isUnwanted(p.ImportPath); why != "" {
			findings = append(findings, Finding{p.ImportPath, fmt.Sprintf("is in the release build, imported by %s: %s", importer[p.ImportPath], why)})
		}
		if p.Module != nil && !modules[p.Module.Path] {
			findings = append(findings, Finding{p.ImportPath, fmt.Sprintf("is of module %s, imported by %s: the product is built on few modules (scripts/house/binary.go)", p.Module.Path, importer[p.ImportPath])})
		}
	}
	return findings
}

func isUnwanted(importPath string) string {
	for name, why := range unwanted {
		if importPath == name || strings.HasSuffix(name, "/") && strings.HasPrefix(importPath, name) {
			return why
		}
	}
	return ""
}

// listRelease lists every package that the release build of a target links.
func listRelease(target string) ([]Package, error) {
	env, err := run(nil, recipe, "env", target)
	if err != nil {
		return nil, err
	}
	tags, err := run(nil, recipe, "tags")
	if err != nil {
		return nil, err
	}
	replacements, err := run(nil, recipe, "replace")
	if err != nil {
		return nil, err
	}
	args := append(strings.Fields(string(replacements)), "-deps", "-tags", strings.TrimSpace(string(tags)), "./cmd/wandns")
	return listPackages(strings.Fields(string(env)), args...)
}

// linkerEdges builds a target as it is released and returns what its linker kept because of
// what: lines "from -> to", where a function that looks methods up by reflection is marked.
func linkerEdges(target string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "wandns-house")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command(recipe, "build", "-o", filepath.Join(dir, "out"), target)
	cmd.Env = append(os.Environ(), "EXTRA_LDFLAGS=-dumpdep")
	var edges bytes.Buffer
	cmd.Stderr = &edges
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("building %s: %w\n%s", target, err, edges.Bytes())
	}
	return edges.Bytes(), nil
}

// MethodLookups finds the functions that call reflect's Method or MethodByName with a name
// that is not known when compiling. One of them, reachable from main, makes the linker keep
// every exported method of every type: 361 KB of flash (xz).
func MethodLookups(edges []byte) ([]Finding, error) {
	const mark = " <ReflectMethod>"
	seen := map[string]bool{}
	var findings []Finding
	complete := false
	lines := bufio.NewScanner(bytes.NewReader(edges))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		from, to, ok := strings.Cut(lines.Text(), " -> ")
		if !ok {
			continue
		}
		complete = complete || strings.HasPrefix(to, "main.main")
		name, marked := strings.CutSuffix(strings.Replace(to, "<UsedInIface>", "", 1), mark)
		if marked && !seen[name] {
			seen[name] = true
			findings = append(findings, Finding{name, "looks methods up by reflection, reached from " + from})
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading what the linker says: %w", err)
	}
	if !complete {
		return nil, errors.New("the linker did not say what it keeps: main.main is missing")
	}
	return findings, nil
}
