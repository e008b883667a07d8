// Page tests the LuCI page against the real program: a stand-in for a router in namespaces of its
// own, with netifd, uhttpd and rpcd played by us and everything else real, and a browser in there.
//
//	page resource           writes what the page's forms are made of
//	page template           writes the template of the translations, and renews those with its messages
//	page run COMMAND...     runs a command beside the router; PAGE_URL tells it where that is, PAGE_CLOUDFLARE_TOKEN the token that the double of Cloudflare takes
//
// PAGE_WANDNS is the program to run, PAGE_LUCI a directory of LuCI's own
// luci-static/resources, to be used in place of our small stand-in for it.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/site"
)

const insideEnv = "WANDNS_PAGE_INSIDE"

func main() {
	if err := run(os.Args[1:]); err != nil {
		var ended *exec.ExitError
		if errors.As(err, &ended) {
			os.Exit(1) // it has said why
		}
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "resource":
		text, err := resource()
		if err != nil {
			return err
		}
		return os.WriteFile(resourceFile, text, 0o644)
	case len(args) == 1 && args[0] == "template":
		return writeCatalogs()
	case len(args) > 1 && args[0] == "run":
		if os.Getenv(insideEnv) == "" {
			cmd := lab.Command(insideEnv+"=1", args...)
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			return cmd.Run()
		}
		return inside(args[1:])
	}
	return errors.New("say resource, template, or run and a command")
}

// inside is the rest in the namespaces.
func inside(command []string) (err error) {
	if err := lab.Settle(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "wandns-page")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	program, err := filepath.Abs(os.Getenv("PAGE_WANDNS"))
	if err != nil {
		return err
	}
	r, err := newRouter(dir, program)
	if err != nil {
		return err
	}
	defer r.close()
	b := &bridge{router: r, root: root, luci: os.Getenv("PAGE_LUCI")}
	url, err := b.listen()
	if err != nil {
		return err
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "PAGE_URL="+url, "PAGE_CLOUDFLARE_TOKEN="+site.CloudflareToken)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
