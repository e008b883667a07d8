// Slim makes the release binary smaller without changing what it does. Comes in: the source, and
// a binary. Goes out: replacements for go build of code that is linked but never needed, and the
// binary without the line numbers of what is not ours.
//
//	slim prepare DIR      writes the replacements into DIR; prints the flags for go build
//	slim lines FROM TO    copies a binary without those tables
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

func main() {
	if err := slim(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "slim:", err)
		os.Exit(1)
	}
}

func slim(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "prepare":
		flags, err := prepare(args[1])
		if err != nil {
			return err
		}
		fmt.Println(strings.Join(flags, " "))
		return nil
	case len(args) == 3 && args[0] == "lines":
		return dropLinesOf(args[1], args[2])
	}
	return errors.New("usage: slim prepare DIR | slim lines FROM TO")
}

// dropLinesOf writes TO whole or not at all.
func dropLinesOf(from, to string) error {
	file, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := DropLines(file); err != nil {
		return fmt.Errorf("dropping the line numbers of %s: %w", from, err)
	}
	half := fmt.Sprintf("%s.%d", to, os.Getpid())
	if err := os.WriteFile(half, file, 0o755); err != nil {
		return err
	}
	return os.Rename(half, to)
}
