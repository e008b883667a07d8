package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// cut is a declaration of the standard library that the program is better off without, or with
// another in its place.
type cut struct {
	file string // below GOROOT/src
	// name is of a function, "Type.Method" of a method, or a variable that holds a function; of one in
	// assembly "package·function".
	name string
	// instead is what takes its place; empty where nobody asks for the name. It may call what it
	// replaces, whose name then ends in unused.
	instead string
	// needs are the paths of packages that instead needs and the file does not import.
	needs string
}

// unused is added to the name of what was cut. It stays there for the compiler; the linker finds
// that nobody uses it, nor what only it needs.
const unused = "WandnsUnused"

// cutOverlay writes the files that have something to cut into dir, and returns what replaces
// what. A release of Go that has no such file or declaration, or a function with other parameters,
// keeps what it has instead.
func cutOverlay(goroot, dir string, cuts []cut) (map[string]string, error) {
	texts := map[string][]byte{}
	for _, c := range cuts {
		file := filepath.Join(goroot, "src", filepath.FromSlash(c.file))
		text, ok := texts[file]
		if !ok {
			var err error
			if text, err = os.ReadFile(file); errors.Is(err, fs.ErrNotExist) {
				continue
			} else if err != nil {
				return nil, err
			}
		}
		changed, err := c.apply(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.file, err)
		}
		if changed != nil {
			texts[file] = changed
		}
	}
	overlay := map[string]string{}
	for file, text := range texts {
		rest, err := filepath.Rel(filepath.Join(goroot, "src"), file)
		if err != nil {
			return nil, err
		}
		to := filepath.Join(dir, strings.ReplaceAll(rest, string(filepath.Separator), "-")+".txt") // no package of ours
		if err := write(to, text); err != nil {
			return nil, err
		}
		overlay[file] = to
	}
	return overlay, nil
}

// apply returns the text of a file without the declaration, or nil where it has none.
func (c cut) apply(text []byte) ([]byte, error) {
	if strings.HasSuffix(c.file, ".s") {
		return c.applyAssembly(text), nil
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, c.file, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	offset := func(p token.Pos) int { return set.Position(p).Offset }
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if c.name == nameOf(d) {
				if head := text[offset(d.Name.Pos()):offset(d.Body.Pos())]; c.instead != "" && !strings.Contains(c.instead, string(head)) {
					return nil, nil
				}
				text = splice(text, c.instead, offset(d.Name.End()), unused)
				return c.imports(text, offset(file.Name.End())), nil
			}
		case *ast.GenDecl:
			// var f = value becomes func fUnused() { _ = value }
			spec, ok := d.Specs[0].(*ast.ValueSpec)
			if ok && d.Tok == token.VAR && !d.Lparen.IsValid() && spec.Names[0].Name == c.name && len(spec.Values) == 1 {
				text = splice(text, c.instead, offset(spec.End()), "\n}")
				head := "func " + c.name + unused + "() {\n_ = "
				return append(append(bytes.Clone(text[:offset(d.Pos())]), head...), text[offset(spec.Values[0].Pos()):]...), nil
			}
		}
	}
	return nil, nil
}

// applyAssembly is apply for a function of an assembler's file, whose name is "package·function". It
// must have a frame and arguments of the same sizes.
func (c cut) applyAssembly(text []byte) []byte {
	head, _, _ := strings.Cut(c.instead, "\n")
	at := bytes.Index(text, []byte("\n"+head+"\n"))
	if at < 0 {
		return nil
	}
	return splice(text, c.instead, at+len("\nTEXT "+c.name), unused)
}

// imports adds what the replacement needs behind the package's name.
func (c cut) imports(text []byte, at int) []byte {
	for _, path := range strings.Fields(c.needs) {
		line := fmt.Sprintf("\n\nimport %q", path)
		if !bytes.Contains(text, []byte(line)) {
			text = splice(text, "", at, line)
		}
	}
	return text
}

// splice puts a piece into a text, and another declaration behind it.
func splice(text []byte, behind string, at int, piece string) []byte {
	var out bytes.Buffer
	out.Write(text[:at])
	out.WriteString(piece)
	out.Write(text[at:])
	if behind != "" {
		out.WriteString("\n" + behind + "\n")
	}
	return out.Bytes()
}

// nameOf is "Function" or "Type.Method".
func nameOf(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if ident, ok := t.(*ast.Ident); ok {
		return ident.Name + "." + d.Name.Name
	}
	return ""
}
