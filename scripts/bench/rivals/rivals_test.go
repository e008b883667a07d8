package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestField_reads_a_line_of_proc(t *testing.T) {
	const status = "Name:\tVmHWM\nVmHWM:\t    7584 kB\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t7\n"
	for key, want := range map[string]int{"VmHWM": 7584, "voluntary_ctxt_switches": 12} {
		if got, err := field(status, key); err != nil || got != want {
			t.Errorf("%s is %d (%v); want %d", key, got, err, want)
		}
	}
	for _, key := range []string{"VmRSS", "Name"} {
		if got, err := field(status, key); err == nil {
			t.Errorf("%s is %d; want an error", key, got)
		}
	}
}

func TestOnCPU(t *testing.T) {
	if got, err := onCPU("1234567 89 3\n"); err != nil || got != 1234567 {
		t.Errorf("got %v (%v)", got, err)
	}
	for _, bad := range []string{"", "1 2", "x 2 3"} {
		if got, err := onCPU(bad); err == nil {
			t.Errorf("%q is %v; want an error", bad, got)
		}
	}
}

func TestChildrenCPU_is_not_led_astray_by_a_name(t *testing.T) {
	const values = " S 1 2 3 4 5 6 7 8 9 10 100 200 30 12 20 0 1\n"
	for _, name := range []string{"(perl)", "(ddclient - sleeping for 50 seconds)", "(a) 1 2 (b))"} {
		if got, err := childrenCPU("4711 " + name + values); err != nil || got != 420*time.Millisecond {
			t.Errorf("%s: got %v (%v); want 420ms", name, got, err)
		}
	}
	for _, bad := range []string{"", "1 (a) S 1 2", "1 (a)" + strings.Replace(values, "30", "x", 1)} {
		if got, err := childrenCPU(bad); err == nil {
			t.Errorf("%q is %v; want an error", bad, got)
		}
	}
}

func TestMapped_is_files_only(t *testing.T) {
	const maps = `55e0-55e1 r--p 00000000 fe:00 1 /usr/bin/perl
55e1-55e2 r-xp 00001000 fe:00 1                          /usr/bin/perl
55e3-55e4 rw-p 00000000 00:00 0                          [heap]
7f00-7f01 rw-s 00000000 00:05 9                          /dev/zero (deleted)
7f01-7f02 r--p 00000000 fe:00 2                          /lib/libc.so.6
7f02-7f03 r--p 00000000 fe:00 3                          /lib/libgone.so (deleted)
7f03-7f04 rw-p 00000000 00:00 0
`
	if got, want := mapped(maps), []string{"/lib/libc.so.6", "/usr/bin/perl"}; !slices.Equal(got, want) {
		t.Errorf("got %q; want %q", got, want)
	}
}

func TestOwner_reads_dpkg(t *testing.T) {
	cases := map[string]string{
		"perl-base: /usr/bin/perl\n":                                 "perl-base",
		"libc6:amd64: /lib/x86_64-linux-gnu/libc.so.6\n":             "libc6",
		"libc6:amd64, libc6:i386: /usr/share/doc\n":                  "libc6",
		"diversion by dash from: /bin/sh\nlocal diversion from: x\n": "",
		"diversion by dash to: /bin/sh.distrib\ndash: /bin/sh\n":     "dash",
		"": "",
	}
	for answer, want := range cases {
		if got := owner(answer); got != want {
			t.Errorf("%q: got %q; want %q", answer, got, want)
		}
	}
}

func TestNumber_has_three_digits_that_count(t *testing.T) {
	cases := map[float64]string{
		0: "0", 0.0012345: "0.00123", 0.0567: "0.0567", 1: "1", 2.5: "2.5", 15.04: "15", 15.06: "15.1", 99.96: "100",
		100: "100", 999.4: "999", 1000: "1,000", 54321.7: "54,322", 1234567: "1,234,567",
	}
	for x, want := range cases {
		if got := number(x); got != want {
			t.Errorf("%v is %q; want %q", x, got, want)
		}
	}
}

func TestQuantile(t *testing.T) {
	numbers := []float64{4, 1, 3, 2}
	for share, want := range map[float64]float64{0: 1, 0.25: 1, 0.5: 2, 0.51: 3, 0.99: 4, 1: 4} {
		if got := quantile(numbers, share); got != want {
			t.Errorf("%v: got %v; want %v", share, got, want)
		}
	}
	if numbers[0] != 4 {
		t.Error("the numbers were sorted in place")
	}
}

func TestRelease_names_nobody(t *testing.T) {
	for text, want := range map[string]string{"6.1.0-41-amd64": "6.1.0", "6.18.44-cloud": "6.18.44", "6.12.9": "6.12.9", "6.12.rc3": "6.12"} {
		if got := release(text); got != want {
			t.Errorf("%s: got %s; want %s", text, got, want)
		}
	}
}

// Moments of a poller's period must be even: a client must not look quicker because of when it was asked.
func TestMoment_covers_the_period_evenly(t *testing.T) {
	const changes = 3
	for _, c := range clients {
		if c.period == 0 {
			if got := (task{Client: c.name, Changes: changes, Instances: 1}).moment(0); got < 0 || got >= 100*time.Millisecond {
				t.Errorf("%s: %v", c.name, got)
			}
			continue
		}
		var all []time.Duration
		for i := range instances {
			for n := range changes {
				all = append(all, task{Client: c.name, Changes: changes, Instance: i, Instances: instances}.moment(n))
			}
		}
		slices.Sort(all)
		step := c.period / (changes * instances)
		for i, at := range all {
			if want := step/2 + time.Duration(i)*step; (at - want).Abs() > time.Microsecond {
				t.Errorf("%s: moment %d is %v; want %v", c.name, i, at, want)
			}
		}
	}
}

func TestPollChanges_are_bounded(t *testing.T) {
	for period, want := range map[time.Duration]int{time.Second: 50, 30 * time.Second: 6, time.Minute: 3} {
		if got := pollChanges(period); got != want {
			t.Errorf("%v: %d changes; want %d", period, got, want)
		}
	}
}

func TestConfiguration_has_every_record_once_and_twenty_to_an_account(t *testing.T) {
	entries := records(45)
	if got := servers(entries); !slices.Equal(got, []string{"ns0.example.net", "ns1.example.net", "ns2.example.net"}) {
		t.Errorf("servers: %q", got)
	}
	if got := len(hostnames(entries, "ns0.example.net")); got != perAccount {
		t.Errorf("%d names at the first server", got)
	}
	for _, c := range clients {
		words := strings.FieldsFunc(c.configuration(entries, c.period), func(r rune) bool { return strings.ContainsRune(" \t\n\"',{}[]", r) })
		for _, e := range entries {
			n := 0
			for _, w := range words {
				if w == e.hostname {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s: %s is there %d times", c.name, e.hostname, n)
			}
		}
	}
}

// A poller that is not told its period looks when it likes, and the comparison is worth nothing.
func TestClients_are_told_their_period(t *testing.T) {
	for _, c := range clients {
		if c.period == 0 {
			continue
		}
		told := c.configuration(records(1), c.period) + strings.Join(c.command(c.name, "file", "dir", c.period), " ")
		other := c.configuration(records(1), 7*c.period) + strings.Join(c.command(c.name, "file", "dir", 7*c.period), " ")
		if told == other {
			t.Errorf("%s is started in the same way whatever its period is", c.name)
		}
	}
}

// everywhere is an order for all sections, with all programs there.
func everywhere() order {
	o := order{at: programsAt{}, idle: 2 * time.Minute, sections: sections}
	for _, c := range clients {
		o.at[c.name] = "/usr/bin/" + c.name
	}
	return o
}

// some are figures as a run gives them, of which inadyn failed at 1,000 records.
func some() figures {
	f := noFigures()
	for i, c := range clients {
		k := float64(1 + 99*i)
		f.change[c.name] = outcome{FirstByte: []float64{0.05 * k, 0.06 * k}, Request: []float64{0.055 * k, 0.065 * k}, Requests: 2, Handshakes: 1}
		f.start[c.name] = outcome{FirstByte: []float64{0.01 * k}, Request: []float64{0.02 * k}}
		f.idle[c.name] = outcome{CPU: 0.25, WakeUps: 7, Switches: 9, Requests: i}
		f.files[c.name] = installed{program: 1000, files: 2000, packages: 3000}
		f.memory[c.name], f.failed[c.name] = map[int]outcome{}, map[int]error{}
		for _, n := range sizes {
			f.memory[c.name][n] = outcome{Memory: memory{RSS: 3000 + n, Anonymous: 2000 + n, Peak: 4000 + n}}
		}
	}
	f.start[wandns] = outcome{FirstByte: []float64{0.012}, Request: []float64{0.013}, Ready: []float64{0.008}}
	f.failed[inadyn][1000] = errors.New("no")
	return f
}

// cellOf is what stands in a table for a client.
func cellOf(t *testing.T, tables []table, file, client string, column int) string {
	t.Helper()
	for _, tab := range tables {
		for _, r := range tab.rows {
			if tab.file == file && r.name == client {
				return r.values[column].String()
			}
		}
	}
	t.Fatalf("no row for %s in %s", client, file)
	return ""
}

func TestTabulate_computes_per_hour_and_says_what_failed(t *testing.T) {
	o := everywhere()
	tables := tabulate(some(), o)
	for _, c := range []struct {
		file, client string
		column       int
		want         string
	}{
		{"change.svg", wandns, 0, "is told"}, {"change.svg", wandns, 1, "50"}, {"change.svg", inadyn, 0, "every 1 s"}, {"change.svg", inadyn, 2, "11,940"},
		{"start.svg", wandns, 0, "8"}, {"start.svg", inadyn, 0, "–"}, {"start.svg", wandns, 2, "12"},
		{"idle-cpu.svg", wandns, 1, "7.5"}, {"idle-wakeups.svg", wandns, 1, "210"}, {"idle-wakeups.svg", wandns, 2, "270"}, {"idle-wakeups.svg", ddclient, 3, "120"},
		{"memory-rss.svg", inadyn, 2, "3,100"}, {"memory-rss.svg", inadyn, 3, "did not publish all"}, {"memory-peak.svg", wandns32, 3, "5,000"},
		{"requests.svg", wandns, 0, "1"}, {"requests.svg", wandns, 1, "0.5"}, {"installed.svg", ddnsGo, 1, "3,000"},
	} {
		if got := cellOf(t, tables, c.file, c.client, c.column); got != c.want {
			t.Errorf("%s, %s, column %d: %s; want %s", c.file, c.client, c.column, got, c.want)
		}
	}
	for _, tab := range tables {
		for _, r := range tab.rows {
			if len(r.values) != len(tab.columns) || slices.Max(tab.plotted) >= len(tab.columns) {
				t.Errorf("%s: %d values for %d columns", tab.title, len(r.values), len(tab.columns))
			}
		}
	}
	if o.sections = []string{aboutSize}; len(tabulate(some(), o)) != 1 {
		t.Error("a section alone brings other tables")
	}
}

func TestTabulate_does_without_ddns_go(t *testing.T) {
	o, f := everywhere(), some()
	delete(o.at, ddnsGo)
	for _, figures := range []map[string]outcome{f.change, f.start, f.idle} {
		delete(figures, ddnsGo)
	}
	delete(f.memory, ddnsGo)
	delete(f.files, ddnsGo)
	tables := tabulate(f, o)
	for _, tab := range tables {
		for column := range tab.columns {
			if got := cellOf(t, tables, tab.file, ddnsGo, column); got != notAtHand {
				t.Errorf("%s: %s", tab.title, got)
			}
		}
		if svg := plot(tab); !strings.Contains(svg, notAtHand) {
			t.Errorf("%s: the plot does not say it", tab.title)
		}
	}
	for _, reached := range targets(f, o) {
		if strings.Contains(reached.figure, ddnsGo) {
			t.Errorf("%q", reached.figure)
		}
	}
}

func TestTargets_are_judged_by_what_was_measured(t *testing.T) {
	verdicts := func(f figures) (all []string) {
		for _, reached := range targets(f, everywhere()) {
			all = append(all, verdict(reached.met))
			if !reached.met && strings.Contains(reached.figure, "sooner") && reached.why == "" {
				t.Error("no reason why it is not sooner")
			}
		}
		return all
	}
	f := some() // the best that polls is inadyn, 199 times as late
	if got, want := verdicts(f), []string{"reached", "reached", "reached", "reached", "missed", "reached"}; !slices.Equal(got, want) {
		t.Errorf("got %q; want %q", got, want)
	}
	f.change[wandns] = outcome{FirstByte: []float64{0.08, 0.2}}
	f.change[ddnsGo] = outcome{FirstByte: []float64{0.5}}
	f.start[wandns] = outcome{FirstByte: []float64{1}, Ready: []float64{0.031}}
	f.idle[wandns] = outcome{WakeUps: 6, Requests: 1}
	if got, want := verdicts(f), []string{"missed", "missed", "missed", "missed", "reached", "missed"}; !slices.Equal(got, want) {
		t.Errorf("got %q; want %q", got, want)
	}
}

func TestDocument_has_rows_as_wide_as_their_heads(t *testing.T) {
	o := everywhere()
	tables, reached := tabulate(some(), o), targets(some(), o)
	text := document(machine{versions: []string{"a 1"}}, o, tables, reached)
	width, rows := 0, 0
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "|") {
			width = 0
			continue
		}
		if n := strings.Count(line, "|"); width != 0 && n != width {
			t.Errorf("%d cells under a head of %d: %s", n, width, line)
		} else {
			width = n
		}
		rows++
	}
	want := 2 + len(reached)
	for _, tab := range tables {
		want += 2 + len(tab.rows)
		if !strings.Contains(text, "]("+tab.file+")") {
			t.Errorf("the plot %s is not shown", tab.file)
		}
	}
	if rows != want {
		t.Errorf("%d lines of tables; want %d", rows, want)
	}
	for _, name := range settings() {
		if !strings.Contains(text, "\n"+name+": `") {
			t.Errorf("the configuration of %s is not shown", name)
		}
	}
}
