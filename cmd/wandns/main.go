// Wandns keeps a domain name pointing at a router's changing WAN address.
//
// This is the program: it reads its arguments, wires the packages together and writes for
// people. What it does is in the packages.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// Set by the build: -ldflags '-X main.version=… -X main.buildTime=<Unix seconds>'.
var (
	version   = "unversioned"
	buildTime = "0"
)

// built is when this program was built: no clock that is set shows less.
func built() time.Time {
	seconds, err := strconv.ParseInt(buildTime, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// command is what wandns can be told to do.
type command struct {
	name, args, help string
	most             int // arguments at the most
	run              func(*invocation) error
}

// invocation is one start of the program.
type invocation struct {
	config, original, runDir, holdDir, bus string

	json     bool
	syslog   bool
	write    bool
	args     []string
	out, err io.Writer
}

func commands() []command {
	return append([]command{
		{"run", "", "watch and publish until stopped", 0, run},
		{"once", "", "publish what is needed and exit; status 0 when all is confirmed", 0, once},
		{"status", "", "show how every name stands", 0, status},
		{"update", "[RECORD]", "make the running daemon update a record, or all, now", 1, update},
		{"check", "", "check the configuration; status 0 when nothing is wrong", 0, check},
		{"providers", "", "list the services and what their accounts need", 0, providers},
		{"version", "", "print the version", 0, printVersion},
		{"help", "", "print this", 0, help},
	}, importCommand...)
}

// flags are the options that every command takes.
func (i *invocation) flags() []struct {
	name, arg, help string
	text            *string
	flag            *bool
} {
	return []struct {
		name, arg, help string
		text            *string
		flag            *bool
	}{
		{"--config", "FILE", "the configuration (" + i.config + ")", &i.config, nil},
		{"--config-name", "FILE", "what --config is a copy of, for messages", &i.original, nil},
		{"--run-dir", "DIR", "state between restarts (" + i.runDir + ")", &i.runDir, nil},
		{"--hold-dir", "DIR", "bans, which outlive a reboot (" + i.holdDir + ")", &i.holdDir, nil},
		{"--ubus", "SOCKET", "the bus; 'none' for none (found by itself)", &i.bus, nil},
		{"--syslog", "", "log to /dev/log instead of standard error (run)", nil, &i.syslog},
		{"--json", "", "print JSON (status, once, check, providers, import)", nil, &i.json},
		{"--write", "", "add it to the configuration (import)", nil, &i.write},
	}
}

// The ways a command ends that the caller's exit status tells apart.
var (
	errUsage   = errors.New("see 'wandns help'")
	errNotDone = errors.New("not everything is as it should be") // said already
)

func main() {
	i := &invocation{
		config: "/etc/config/wandns", runDir: "/var/run/wandns", holdDir: "/etc/wandns",
		out: os.Stdout, err: os.Stderr,
	}
	err := i.main(os.Args[1:])
	switch {
	case err == nil:
		return
	case errors.Is(err, errUsage):
		fmt.Fprintln(i.err, "wandns:", err)
		os.Exit(2)
	case !errors.Is(err, errNotDone):
		fmt.Fprintln(i.err, "wandns:", err)
	}
	os.Exit(1)
}

func (i *invocation) main(args []string) error {
	name, err := i.parse(args)
	if err != nil {
		return err
	}
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		if len(i.args) > c.most {
			return fmt.Errorf("%s: %q is one argument too many; %w", name, i.args[c.most], errUsage)
		}
		return c.run(i)
	}
	return fmt.Errorf("there is no command %q; %w", name, errUsage)
}

// parse takes options wherever they stand; the first word that is none is the command.
func (i *invocation) parse(args []string) (name string, err error) {
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch word {
		case "-h", "--help":
			word = "help"
		case "-V", "--version":
			word = "version"
		}
		if !strings.HasPrefix(word, "-") {
			if name == "" {
				name = word
			} else {
				i.args = append(i.args, word)
			}
			continue
		}
		if args, err = i.option(word, args); err != nil {
			return "", err
		}
	}
	if name == "" {
		name = "help"
	}
	return name, nil
}

func (i *invocation) option(word string, rest []string) ([]string, error) {
	word, value, joined := strings.Cut(word, "=")
	for _, f := range i.flags() {
		switch {
		case f.name != word:
			continue
		case f.flag != nil && joined:
			return nil, fmt.Errorf("%s takes no value; %w", word, errUsage)
		case f.flag != nil:
			*f.flag = true
			return rest, nil
		case !joined && len(rest) == 0:
			return nil, fmt.Errorf("%s needs a value: %s %s; %w", word, word, f.arg, errUsage)
		case !joined:
			value, rest = rest[0], rest[1:]
		}
		*f.text = value
		return rest, nil
	}
	return nil, fmt.Errorf("there is no option %s; %w", word, errUsage)
}

func help(i *invocation) error {
	fmt.Fprintln(i.out, "wandns keeps domain names pointing at this router's changing addresses.")
	fmt.Fprintln(i.out, "\nUsage: wandns COMMAND [OPTION]...")
	fmt.Fprintln(i.out)
	for _, c := range commands() {
		fmt.Fprintf(i.out, "  %-20s %s\n", strings.TrimSpace(c.name+" "+c.args), c.help)
	}
	fmt.Fprintln(i.out)
	for _, f := range i.flags() {
		fmt.Fprintf(i.out, "  %-20s %s\n", strings.TrimSpace(f.name+" "+f.arg), f.help)
	}
	return nil
}

func printVersion(i *invocation) error {
	fmt.Fprintln(i.out, "wandns", version)
	return nil
}
