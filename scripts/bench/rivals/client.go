package main

import (
	"os/exec"
	"path/filepath"
	"time"
)

// The clients, by their names in the tables.
const (
	wandns     = "wandns"
	wandns32   = "wandns, 32 bits" // as most routers have it
	inadyn     = "inadyn"
	inadynSlow = "inadyn, 30 s"
	ddclient   = "ddclient"
	ddnsGo     = "ddns-go"
)

// client is a program with a setting.
type client struct {
	name string
	// period is how often it looks at the address, of which 0 means that it is told.
	period time.Duration
	colour string // of its bars: told apart by people who see colours differently (Okabe and Ito)
	// setting: it is the one above in another setting, and differs from it in time only.
	setting bool
	// narrow: it is the one above for 32 bits, and differs from it in memory only.
	narrow bool
	// configuration is its file for entries that are of one device, except wandns'.
	configuration func(all []entry, period time.Duration) string
	// command starts it on a configuration file, with its state in dir.
	command func(program, config, dir string, period time.Duration) []string
}

// clients are in the order of the tables. The rivals look as often as they accept. Where a period
// of 0 is accepted as well, the program never sleeps and uses up a core, which is no setting for a
// router.
//
//   - inadyn has a check that raises less than 30 s to that (DDNS_MIN_PERIOD of include/ddns.h), but
//     src/conf.c has the check behind "#ifdef DROP_CHECK_CONFIG", which only builds with
//     --enable-reduced define: so in 2.9.1 to 2.13.0. Debian's build has no check and takes 1 s.
//     30 s is what the authors meant to allow.
//   - ddclient raises less than a minute to that ("daemon" in its table of variables).
//   - ddns-go takes seconds (-f), and checks nothing (main.go).
var clients = []client{
	{name: wandns, colour: "#0072b2", configuration: wandnsConfiguration, command: wandnsCommand},
	{name: wandns32, colour: "#56b4e9", narrow: true, configuration: wandnsConfiguration, command: wandnsCommand},
	{name: inadyn, period: time.Second, colour: "#e69f00", configuration: inadynConfiguration, command: inadynCommand},
	{name: inadynSlow, period: 30 * time.Second, colour: "#f0e442", setting: true, configuration: inadynConfiguration, command: inadynCommand},
	{name: ddclient, period: time.Minute, colour: "#999999", configuration: ddclientConfiguration, command: ddclientCommand},
	{name: ddnsGo, period: time.Second, colour: "#009e73", configuration: ddnsGoConfiguration, command: ddnsGoCommand},
}

// named is a client by its name, which is one of the above.
func named(name string) client {
	for _, c := range clients {
		if c.name == name {
			return c
		}
	}
	panic("no client " + name)
}

// chosen are the names of the clients of a kind.
func chosen(is func(client) bool) (names []string) {
	for _, c := range clients {
		if is(c) {
			names = append(names, c.name)
		}
	}
	return names
}

// settings differ in time, programs in what a disk holds, images in memory.
func settings() []string { return chosen(func(c client) bool { return !c.narrow }) }
func programs() []string { return chosen(func(c client) bool { return !c.narrow && !c.setting }) }
func images() []string   { return chosen(func(c client) bool { return !c.setting }) }

// programsAt are the paths of the clients' programs. One that is not there is missing.
type programsAt map[string]string

// locate completes the paths that were given by those of Debian's packages.
func locate(given programsAt) (programsAt, error) {
	at := programsAt{}
	for name, path := range given {
		if path == "" {
			continue
		}
		path, err := exec.LookPath(path)
		if err == nil {
			path, err = filepath.Abs(path)
		}
		if err != nil {
			return nil, err
		}
		at[name] = path
	}
	for _, name := range []string{inadyn, ddclient} {
		path, err := exec.LookPath(name)
		if err != nil {
			return nil, err
		}
		at[name] = path
	}
	at[inadynSlow] = at[inadyn]
	return at, nil
}

// has are those names whose programs are there.
func (at programsAt) has(names []string) (there []string) {
	for _, name := range names {
		if at[name] != "" {
			there = append(there, name)
		}
	}
	return there
}

func wandnsCommand(program, config, dir string, _ time.Duration) []string {
	return []string{program, "run", "--config", config, "--run-dir", dir, "--hold-dir", dir}
}

func inadynCommand(program, config, dir string, _ time.Duration) []string {
	return []string{program, "--foreground", "--no-pidfile", "--continue-on-error", "--cache-dir=" + dir, "--config=" + config}
}

func ddclientCommand(program, config, dir string, _ time.Duration) []string {
	return []string{program, "-foreground", "-file", config, "-cache", filepath.Join(dir, "cache")}
}

func ddnsGoCommand(program, config, _ string, period time.Duration) []string {
	return []string{program, "-noweb", "-f", seconds(period), "-c", config}
}
