// Command house checks what the compiler and the linters cannot: that the rooms of the house
// keep their order, that files stay readable, that tests tell the truth, and that nothing
// creeps into the router's binary that costs flash for no reason.
//
// In comes the source tree of the working directory (and, for the binary, scripts/build.sh,
// which knows tags and flags). Out go findings, one in a line as "file:line: what", and exit
// status 1 when there is one.
//
//	go run ./scripts/house          the tree
//	go run ./scripts/house binary   what the release build links
package main

import (
	"errors"
	"fmt"
	"os"
	"sort"
)

// Finding is one broken rule.
type Finding struct {
	Where string // "file:line", or a package
	What  string // what is wrong and what would be right
}

func (f Finding) String() string { return f.Where + ": " + f.What }

func main() {
	findings, err := check(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "house:", err)
		os.Exit(2)
	}
	sort.Slice(findings, func(i, j int) bool { return findings[i].String() < findings[j].String() })
	for _, f := range findings {
		fmt.Println(f)
	}
	if len(findings) > 0 {
		os.Exit(1)
	}
}

func check(args []string) ([]Finding, error) {
	switch {
	case len(args) == 0:
		return checkTree()
	case len(args) == 1 && args[0] == "binary":
		return checkBinary()
	}
	return nil, errors.New("usage: house [binary]")
}

func checkTree() ([]Finding, error) {
	findings, err := Files(os.DirFS("."))
	if err != nil {
		return nil, err
	}
	packages, err := listPackages(nil, "./...")
	if err != nil {
		return nil, err
	}
	return append(findings, Rooms(packages)...), nil
}

func checkBinary() ([]Finding, error) {
	packages, err := listRelease("mipsle")
	if err != nil {
		return nil, err
	}
	findings := Linked(packages)
	edges, err := linkerEdges("mipsle")
	if err != nil {
		return nil, err
	}
	reflected, err := MethodLookups(edges)
	return append(findings, reflected...), err
}
