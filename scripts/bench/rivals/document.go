package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// machine is what the figures depend on, in general terms.
type machine struct {
	began     time.Time
	took      time.Duration
	cores     int
	processor string
	memory    string
	arch      string
	system    string // Debian's version
	kernel    string // its version, without what a distributor added
	load      string // the load average as measuring began
	versions  []string
}

// thisMachine describes the machine, and the programs on it.
func thisMachine(at programsAt) (m machine, err error) {
	m = machine{began: time.Now(), cores: runtime.NumCPU(), arch: runtime.GOARCH, processor: "processor without a name"}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return m, err
	}
	m.kernel = release(unix.ByteSliceToString(name.Release[:]))
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return m, err
	}
	m.load = strings.Join(strings.Fields(string(load))[:3], " ")
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil { // not every architecture names it
		if model := entryOf(string(info), "model name"); model != "" {
			m.processor = model
		}
	}
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return m, err
	}
	kib, err := field(string(info), "MemTotal")
	if err != nil {
		return m, err
	}
	m.memory = number(float64(kib)/(1<<20)) + " GiB of memory"
	version, err := os.ReadFile("/etc/debian_version")
	if err != nil {
		return m, fmt.Errorf("the rivals are Debian's packages: %w", err)
	}
	m.system = "Debian " + strings.TrimSpace(string(version))
	m.versions, err = versions(at)
	return m, err
}

// versions asks programs and packages for theirs.
func versions(at programsAt) (all []string, err error) {
	first := func(command ...string) (string, error) {
		out, err := exec.Command(command[0], command[1:]...).Output()
		if err != nil {
			return "", fmt.Errorf("asking for a version: %s: %w", command[0], err)
		}
		line, _, _ := strings.Cut(string(out), "\n")
		return strings.TrimSpace(line), nil
	}
	for _, name := range programs() {
		var text string
		switch {
		case at[name] == "":
			text = name + " (" + notAtHand + ")"
		case name == wandns:
			text, err = first(at[name], "version")
		case name == ddnsGo:
			text, err = first(at[name], "-v")
			text = name + " " + strings.TrimPrefix(text, "v")
		default:
			text, err = first("dpkg-query", "-W", "-f", "${Package} ${Version}", name)
			text += " (Debian's package)"
		}
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}

// release is the numbers that a kernel's release begins with.
func release(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end < 0 {
		end = len(text)
	}
	return strings.TrimRight(text[:end], ".")
}

// entryOf is the first value of a key, "" for none.
func entryOf(text, key string) string {
	for _, line := range strings.Split(text, "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// document is RESULTS.md.
func document(m machine, o order, tables []table, reached []target) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# wandns beside inadyn, ddclient and ddns-go

Written by `+"`make bench`"+`, all in one run of %v on %s: %s, %d cores (%s), %s, %s, Linux %s, load average %s as it began.
Versions: %s.

Each client ran in networks of its own, against the same double of a dyndns2 service: real TLS, on loopback, with no
latency; the address was taken from a device, IPv4. The system's root certificates were the ones to trust, and one more.
Each is set for speed: the rivals look as often as these versions accept, and wandns' limit on changes of a name is as
high as it goes. [How they are configured](#configuration) and [how to repeat it](#repeat-it) is below.
`, m.took.Round(time.Second), m.began.UTC().Format("2 January 2006"), m.processor, m.cores, m.arch, m.memory, m.system, m.kernel, m.load, strings.Join(m.versions, ", "))
	b.WriteString(goals(reached))
	for _, t := range tables {
		b.WriteString("\n" + markdown(t))
	}
	b.WriteString(configurations(o))
	b.WriteString(repeat)
	return b.String()
}

// goals is the table of targets.
func goals(reached []target) string {
	var b strings.Builder
	if len(reached) > 0 {
		b.WriteString("\n## What we set out to reach\n\n| wandns | goal | measured | |\n|---|--:|--:|---|\n")
	}
	for _, t := range reached {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", t.figure, t.goal, t.measured, verdict(t.met))
	}
	for _, t := range reached {
		if t.why != "" {
			fmt.Fprintf(&b, "\n%s\n", t.why)
		}
	}
	return b.String()
}

// markdown is a table with its plot and notes.
func markdown(t table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n| | %s |\n|---|%s\n", t.title, strings.Join(t.columns, " | "), strings.Repeat("--:|", len(t.columns)))
	for _, r := range t.rows {
		fmt.Fprintf(&b, "| %s |", r.name)
		for _, v := range r.values {
			fmt.Fprintf(&b, " %s |", v)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\n![%s](%s)\n", t.title, t.file)
	for _, n := range t.notes {
		fmt.Fprintf(&b, "\n%s\n", n)
	}
	return b.String()
}

// configurations are those of each client with one record, as they were used.
func configurations(o order) string {
	var b strings.Builder
	b.WriteString("\n## Configuration\n\nWith one record; more are added in the same way.\n")
	for _, name := range o.at.has(settings()) {
		c := named(name)
		words := c.command(filepath.Base(o.at[name]), "FILE", "DIR", c.period)
		if c.period == 0 {
			words[0] = name // the file has the target in its name
		}
		fmt.Fprintf(&b, "\n%s: `%s`\n\n```\n%s\n```\n", name, strings.Join(words, " "), strings.TrimSpace(c.configuration(records(1), c.period)))
	}
	return b.String()
}

const repeat = `
## Repeat it

` + "```sh" + `
make bench                                    # everything, the Go benchmarks included; writes this file
make bench SECTIONS='change start'            # some of: go page change start idle memory size; prints them
make bench DDNS_GO=/path/of/ddns-go           # with a ddns-go that you built or downloaded; else the one in PATH, else none
` + "```" + `

The rivals are Debian's packages, which root has installed where they are missing. No service of theirs is started, and
nothing leaves the private networks that the clients run in.
`
