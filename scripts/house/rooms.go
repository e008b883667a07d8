package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

const module = "github.com/wandns/wandns"

// order is the way data flows: a room imports only rooms above it in this list.
var order = []string{
	"uci",        // knows nothing of wandns
	"ubus",       // nor does this
	"wholefile",  // nor this
	"netifd",     // which device an interface has, over ubus
	"netwatch",   // what the kernel says
	"lease",      // which host on the LAN has a name
	"egress",     // the one door to the Internet
	"nameserver", // DNS asked at the zone's own servers, by that door
	"dnsupdate",  // DNS changed at the owner's own server
	"provider",
	"address", // rules and decisions; the configuration is made of rules
	"config",
	"migrate", // the configuration of ddns-scripts
	"discover",
	"publish",
	"doctor", // what is wrong, for the daemon to tell
	"daemon",
}

// Package is what `go list -json` says of a package.
type Package struct {
	ImportPath string
	Doc        string
	Standard   bool
	Imports    []string
	Module     *struct{ Path string }
}

// Rooms checks that imports go one way only, and that each room says what it is for.
func Rooms(packages []Package) []Finding {
	floor := map[string]int{}
	for i, room := range order {
		floor[room] = i + 1
	}
	var findings []Finding
	for _, p := range packages {
		local, ours := strings.CutPrefix(p.ImportPath, module+"/")
		if !ours {
			continue
		}
		if p.Doc == "" {
			findings = append(findings, Finding{local, "has no package comment: say what comes in and what goes out"})
		}
		room, isRoom := strings.CutPrefix(local, "pkg/")
		if !isRoom {
			continue
		}
		room, _, _ = strings.Cut(room, "/")
		if floor[room] == 0 {
			findings = append(findings, Finding{local, "is not in the order of rooms (scripts/house/rooms.go)"})
			continue
		}
		for _, imported := range p.Imports {
			if why := mayNotEnter(room, floor, imported); why != "" {
				findings = append(findings, Finding{local, why})
			}
		}
	}
	return findings
}

// mayNotEnter says why a room may not import a package, or "" when it may.
func mayNotEnter(room string, floor map[string]int, imported string) string {
	local, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return ""
	}
	other, isRoom := strings.CutPrefix(local, "pkg/")
	if !isRoom {
		return "imports " + local + ": rooms import rooms only"
	}
	other, _, _ = strings.Cut(other, "/")
	if other != room && floor[other] >= floor[room] {
		return fmt.Sprintf("imports %s, which is below it: data flows %s", local, strings.Join(order, " → "))
	}
	return ""
}

// listPackages runs go list with more environment and arguments.
func listPackages(env []string, args ...string) ([]Package, error) {
	out, err := run(env, "go", append([]string{"list", "-json=ImportPath,Doc,Standard,Imports,Module"}, args...)...)
	if err != nil {
		return nil, err
	}
	var packages []Package
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p Package
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading what go list says: %w", err)
		}
		packages = append(packages, p)
	}
}

// run returns what a program prints; its complaints are in the error.
func run(env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return out, nil
}
