// Rivals measures wandns beside inadyn, ddclient and ddns-go. In come their programs; out go
// RESULTS.md, a table for each figure, and a plot (SVG) for each table.
//
// Every client runs in networks of its own, which this program makes, against the same double of a
// dyndns2 service with real TLS on loopback, and takes the address from the same kind of device.
// Each is configured for speed: the rivals poll as often as they accept.
//
// Where only some sections are asked for, the tables are printed and the results stay as they are.
//
//	rivals -wandns PATH [-wandns32 PATH] [-ddns-go PATH] [-out DIR] [-idle DURATION] [SECTION...]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/wandns/wandns/scripts/lab"
)

// taskEnv gives the inner process its task, as JSON.
const taskEnv = "WANDNS_RIVALS_TASK"

// patience is how long everything together may take before it is taken for stuck.
const patience = 15 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if text := os.Getenv(taskEnv); text != "" {
		err = inside(ctx, text)
	} else {
		err = outside(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rivals:", err)
		os.Exit(1)
	}
}

// order is what the command line asks for.
type order struct {
	at       programsAt
	out      string
	idle     time.Duration
	sections []string
}

// outside reads the command line and has everything measured.
func outside(ctx context.Context) error {
	flags := flag.NewFlagSet("rivals", flag.ContinueOnError)
	given := map[string]*string{
		wandns:   flags.String("wandns", "", "the release binary (`path`)"),
		wandns32: flags.String("wandns32", "", "the release binary for 32 bits, where this machine runs it (`path`)"),
		ddnsGo:   flags.String("ddns-go", "", "ddns-go's binary, where there is one (`path`)"),
	}
	o := order{}
	flags.StringVar(&o.out, "out", ".", "where the results go (`directory`)")
	flags.DurationVar(&o.idle, "idle", 4*time.Minute, "how long the idle clients are watched: even minutes hold whole periods of each, and of what Go does by itself every two minutes")
	err := flags.Parse(os.Args[1:])
	if err != nil {
		return err
	}
	if o.sections = flags.Args(); len(o.sections) == 0 {
		o.sections = sections
	}
	for _, s := range o.sections {
		if !slices.Contains(sections, s) {
			return fmt.Errorf("no section %q; there are: %s", s, strings.Join(sections, " "))
		}
	}
	paths := programsAt{}
	for name, path := range given {
		paths[name] = *path
	}
	if *given[wandns] == "" || o.idle < time.Minute {
		return errors.New("wanted: -wandns PATH, and -idle of a minute or more")
	}
	if o.at, err = locate(paths); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience+o.idle)
	defer cancel()
	return compare(ctx, o)
}

// compare measures, and writes down or prints.
func compare(ctx context.Context, o order) error {
	m, err := thisMachine(o.at)
	if err != nil {
		return err
	}
	f, err := measure(ctx, o)
	if err != nil {
		return err
	}
	tables := tabulate(f, o)
	m.took = time.Since(m.began)
	text := document(m, o, tables, targets(f, o))
	if len(o.sections) < len(sections) {
		fmt.Print(text)
		return nil
	}
	fmt.Print(summary(targets(f, o)))
	return write(o.out, text, tables)
}

// write writes the results and their plots.
func write(dir, text string, tables []table) error {
	errs := []error{os.WriteFile(filepath.Join(dir, "RESULTS.md"), []byte(text), 0o644)}
	for _, t := range tables {
		errs = append(errs, os.WriteFile(filepath.Join(dir, t.file), []byte(plot(t)), 0o644))
	}
	return errors.Join(errs...)
}

// perform has a task done in namespaces of its own.
func perform(ctx context.Context, t task) (o outcome, err error) {
	dir, err := os.MkdirTemp("", "wandns-rivals-")
	if err != nil {
		return o, err
	}
	defer os.RemoveAll(dir)
	t.Dir = dir
	text, err := json.Marshal(t)
	if err != nil {
		return o, err
	}
	cmd := lab.Command(taskEnv + "=" + string(text))
	cmd.Env = append(cmd.Env, "TMPDIR="+dir)
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return o, err
	}
	if err := cmd.Start(); err != nil {
		return o, fmt.Errorf("a private network for %s: %w", t.Client, err)
	}
	defer context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })() // its client dies with it
	err = json.NewDecoder(pipe).Decode(&o)
	if ended := cmd.Wait(); ended != nil {
		return o, fmt.Errorf("%s of %s with %d records: %w", t.About, t.Client, t.Records, ended)
	}
	return o, err
}

// inside does a task and prints its outcome as JSON.
func inside(ctx context.Context, text string) error {
	var t task
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return fmt.Errorf("reading the task: %w", err)
	}
	if err := lab.Settle(); err != nil {
		return err
	}
	o, err := t.do(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}
