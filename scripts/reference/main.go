// Command reference writes the configuration reference into README.md, between two markers,
// from the tables that the parser itself reads: an option cannot be documented wrongly or not
// at all. With -check it writes nothing and exits 1 when README.md is not current.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/wandns/wandns/pkg/provider"
)

// The markers between which README.md belongs to this program.
const (
	Begin = "<!-- reference:begin -->"
	End   = "<!-- reference:end -->"
)

func main() {
	check := flag.Bool("check", false, "write nothing; exit 1 when the file is not current")
	file := flag.String("file", "README.md", "the file with the markers")
	flag.Parse()
	if err := Update(*file, Render(provider.All()), *check); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

// ErrNotCurrent is what Update says when it was to check only.
var ErrNotCurrent = errors.New("the configuration reference is not current; run: go run ./scripts/reference")

// Update puts text between the markers of a file, or with check only compares.
func Update(file, text string, check bool) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	updated, err := Insert(old, text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	switch {
	case bytes.Equal(old, updated):
		return nil
	case check:
		return fmt.Errorf("%s: %w", file, ErrNotCurrent)
	}
	return os.WriteFile(file, updated, 0o644)
}

// Insert returns the file's text with what stands between the markers replaced.
func Insert(file []byte, text string) ([]byte, error) {
	if bytes.Count(file, []byte(Begin)) != 1 || bytes.Count(file, []byte(End)) != 1 {
		return nil, fmt.Errorf("it needs one line %s and one line %s, and what is between them is written by scripts/reference", Begin, End)
	}
	before, rest, _ := bytes.Cut(file, []byte(Begin))
	_, after, found := bytes.Cut(rest, []byte(End))
	if !found {
		return nil, fmt.Errorf("%s stands before %s", End, Begin)
	}
	return bytes.Join([][]byte{before, []byte(Begin + "\n"), []byte(text), []byte(End), after}, nil), nil
}
