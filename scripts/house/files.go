package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// maxLines is the length at which a Go file has more than one idea in it.
const maxLines = 450

// unfinished finds the marks that people leave at work they did not do. It is put together
// here so that this file does not find itself.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)

// notOurs are directories whose content nobody here wrote by hand.
var notOurs = map[string]bool{
	".git": true, "dist": true, "node_modules": true, "bin": true, "testdata": true,
}

// elf is how a program for Linux begins. What "go build" leaves beside its source is soon committed.
const elf = "\x7fELF"

// text says which files are read for unfinished marks, by their extension. Scripts without
// an extension are few and known.
var text = map[string]bool{
	".go": true, ".sh": true, ".js": true, ".mjs": true, ".uc": true, ".json": true, ".init": true,
	".mk": true, ".md": true, ".toml": true, ".conf": true, ".yml": true, "": true,
}

// Files checks every file of the tree by itself.
func Files(tree fs.FS) ([]Finding, error) {
	var findings []Finding
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && notOurs[d.Name()] {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		content, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		if bytes.HasPrefix(content, []byte(elf)) {
			findings = append(findings, Finding{name, "a program that was built here: delete it, or build to dist/"})
		}
		if !text[path.Ext(name)] {
			return nil
		}
		findings = append(findings, marks(name, content)...)
		if path.Ext(name) == ".go" {
			findings = append(findings, goFile(name, content)...)
		}
		return nil
	})
	return findings, err
}

func marks(name string, content []byte) []Finding {
	if bytes.IndexByte(content, 0) >= 0 {
		return nil // a program, not a text
	}
	var findings []Finding
	for i, line := range bytes.Split(content, []byte("\n")) {
		if m := unfinished.Find(line); m != nil {
			findings = append(findings, Finding{at(name, i+1), string(m) + ": finish it, or open an issue"})
		}
	}
	return findings
}

func goFile(name string, content []byte) []Finding {
	var findings []Finding
	if n := bytes.Count(content, []byte("\n")); n > maxLines {
		findings = append(findings, Finding{name, fmt.Sprintf("%d lines: split it, at the most %d", n, maxLines)})
	}
	formatted, err := format.Source(content)
	if err != nil {
		return append(findings, Finding{name, err.Error()})
	}
	if !bytes.Equal(formatted, content) {
		findings = append(findings, Finding{name, "run gofmt -w"})
	}
	if strings.HasSuffix(name, "_test.go") {
		findings = append(findings, testFile(name, content)...)
	}
	return findings
}

// testFile finds tests that wait for luck (time.Sleep) and tests that do not run (Skip). Under
// testing/synctest a sleep is how a test moves the fake clock on, so files that use it may.
func testFile(name string, content []byte) []Finding {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, content, 0)
	if err != nil {
		return []Finding{{name, err.Error()}}
	}
	timeName := importName(file, "time")
	if importName(file, "testing/synctest") != "" {
		timeName = ""
	}
	var findings []Finding
	ast.Inspect(file, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		where := at(name, set.Position(s.Pos()).Line)
		x, isName := s.X.(*ast.Ident)
		switch s.Sel.Name {
		case "Sleep":
			if isName && x.Name == timeName && timeName != "" {
				findings = append(findings, Finding{where, "time.Sleep in a test: wait for the event itself, or use synctest"})
			}
		case "Skip", "Skipf", "SkipNow":
			if isName && (x.Name == "t" || x.Name == "b" || x.Name == "f" || x.Name == "tb") {
				findings = append(findings, Finding{where, "a skipped test proves nothing: make it run, or let it fail with what is missing"})
			}
		}
		return true
	})
	return findings
}

// importName is the name under which a file uses a package, or "" when it does not.
func importName(file *ast.File, importPath string) string {
	for _, i := range file.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err != nil || p != importPath {
			continue
		}
		if i.Name != nil {
			return i.Name.Name
		}
		return path.Base(importPath)
	}
	return ""
}

func at(name string, line int) string { return name + ":" + strconv.Itoa(line) }
