package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// table is a figure of every client. Rows are clients.
type table struct {
	title, file string // file is that of the plot
	columns     []string
	plotted     []int  // columns
	unit        string // of the plotted columns
	logarithmic bool   // for values that differ by orders of magnitude
	rows        []row
	notes       []string
}

type row struct {
	name   string
	values []value
}

// value is a number, or a word that stands for it.
type value struct {
	number float64
	word   string
}

// notAtHand is the value of a client whose program is not there.
const notAtHand = "not at hand"

func (v value) String() string {
	if v.word != "" {
		return v.word
	}
	return number(v.number)
}

// number writes a number with three digits that count, or all that are before the point, in groups
// of three.
func number(x float64) string {
	decimals := 0
	for limit := 100.0; x > 0 && x < limit && decimals < 5; limit /= 10 {
		decimals++
	}
	text := fmt.Sprintf("%.*f", decimals, x)
	whole, fraction, cut := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction = strings.TrimRight(fraction, "0"); cut && fraction != "" {
		whole += "." + fraction
	}
	return whole
}

func values(numbers ...float64) (all []value) {
	for _, n := range numbers {
		all = append(all, value{number: n})
	}
	return all
}

// quantile is the smallest number that a share of all is not above.
func quantile(numbers []float64, share float64) float64 {
	sorted := slices.Sorted(slices.Values(numbers))
	i := int(share*float64(len(sorted))+0.9999999) - 1
	return sorted[max(0, min(i, len(sorted)-1))]
}

const median = 0.5

// milli is quantile in thousandths.
func milli(numbers []float64, share float64) float64 { return 1000 * quantile(numbers, share) }

// tabulate makes the tables of the sections that were measured.
func tabulate(f figures, o order) (tables []table) {
	for _, s := range []struct {
		section string
		tables  func(figures, order) []table
	}{{aboutChange, changeTables}, {aboutStart, startTables}, {aboutIdle, idleTables}, {aboutMemory, memoryTables}, {aboutSize, sizeTables}} {
		if slices.Contains(o.sections, s.section) {
			tables = append(tables, s.tables(f, o)...)
		}
	}
	return tables
}

// add adds a row for each client: of what was measured, or that it was not at hand.
func (t *table) add(o order, names []string, measured func(name string) []value) {
	for _, name := range names {
		r := row{name: name}
		if o.at[name] != "" {
			r.values = measured(name)
		} else {
			r.values = slices.Repeat([]value{{word: notAtHand}}, len(t.columns))
		}
		t.rows = append(t.rows, r)
	}
}

// looksColumn is the head of looks.
const looksColumn = "looks"

// looks says how often a client looks at the address.
func looks(name string) value {
	if period := named(name).period; period != 0 {
		return value{word: "every " + seconds(period) + " s"}
	}
	return value{word: "is told"}
}

func changeTables(f figures, o order) []table {
	times := table{
		title: "From the change of the address to the service", unit: "ms", file: "change.svg", logarithmic: true,
		columns: []string{looksColumn, "first byte, median (ms)", "first byte, p99 (ms)", "whole request, median (ms)", "least (ms)", "most (ms)", "changes"}, plotted: []int{1, 2},
		notes: []string{
			"From just before the kernel is asked to add the new address (the old one goes right after) to the first byte of the TLS handshake, or of the request where a connection is still open; least and most are of the first byte.",
			"The rivals look at the address in periods, and changes lie evenly in these, as if they came at any time. wandns hears of the change from the kernel. That one address has taken the place of another, and nothing else differs, counts after 1 ms without a further event; with any other change wandns waits 50 ms for more of it, so that one in several parts is one request.",
			"inadyn's authors meant to allow nothing below 30 s, but the check is not in Debian's build (nor in any of 2.9.1 to 2.13.0 that was not made with `--enable-reduced`): so it is here with 1 s, its true least, and with 30 s. " +
				"ddclient raises everything below 60 s to that. ddns-go takes 1 s. (inadyn and ddns-go take 0 as well; then they never sleep and use up a core.) " +
				"Left as they come, inadyn looks every 120 s, ddclient and ddns-go every 300 s.",
		},
	}
	times.add(o, settings(), func(name string) []value {
		x := f.change[name]
		return append([]value{looks(name)}, values(milli(x.FirstByte, median), milli(x.FirstByte, 0.99), milli(x.Request, median),
			milli(x.FirstByte, 0), milli(x.FirstByte, 1), float64(len(x.FirstByte)))...)
	})
	var sooner []string
	for _, name := range o.at.has(settings()) {
		if named(name).period != 0 {
			sooner = append(sooner, fmt.Sprintf("%s times sooner than %s", number(ratio(f, name)), name))
		}
	}
	times.notes = append(times.notes, "By the medians of the first byte, wandns is "+strings.Join(sooner, ", ")+".")
	requests := table{
		title: "Requests for a change of one name", file: "requests.svg", columns: []string{"requests", "TLS handshakes"}, plotted: []int{0, 1},
		notes: []string{"Averages of the changes of the first table. ddns-go keeps its connection open for 90 s."},
	}
	requests.add(o, settings(), func(name string) []value {
		x := f.change[name]
		n := float64(len(x.FirstByte))
		return values(float64(x.Requests)/n, float64(x.Handshakes)/n)
	})
	return []table{times, requests}
}

// ratio is how many times as long as wandns a client takes to send the first byte, by the medians.
func ratio(f figures, name string) float64 {
	return quantile(f.change[name].FirstByte, median) / quantile(f.change[wandns].FirstByte, median)
}

func startTables(f figures, o order) []table {
	t := table{
		title: "From the start of the program to the service", unit: "ms", file: "start.svg", logarithmic: true,
		columns: []string{"ready, median (ms)", "ready, most (ms)", "first byte, median (ms)", "first byte, most (ms)", "starts"}, plotted: []int{2},
		notes: []string{
			"From just before the program is started, with one record and no memory of an earlier run, to the first byte of the first update at the service. wandns is ready when its object is on ubus and " +
				"it has chosen the address from the first snapshot of the kernel; the others do not say when they are ready.",
		},
	}
	t.add(o, programs(), func(name string) []value {
		x := f.start[name]
		v := []value{{word: "–"}, {word: "–"}}
		if len(x.Ready) > 0 {
			v = values(milli(x.Ready, median), milli(x.Ready, 1))
		}
		return append(v, values(milli(x.FirstByte, median), milli(x.FirstByte, 1), float64(len(x.FirstByte)))...)
	})
	return []table{t}
}

func idleTables(f figures, o order) []table {
	sampled := fmt.Sprintf("Extrapolated to an hour from %v with one record, which nothing happened to.", o.idle)
	cpu := table{
		title: "CPU time of an idle hour", unit: "s", file: "idle-cpu.svg", columns: []string{looksColumn, "CPU (s/h)"}, plotted: []int{1},
		notes: []string{sampled, "The kernel's count of nanoseconds for the threads; for ddclient's children, which are the programs that it runs to look at the address, its count of 10 ms."},
	}
	wake := table{
		title: "Wake-ups of an idle hour", file: "idle-wakeups.svg", columns: []string{looksColumn, "wake-ups (1/h)", "switches of threads (1/h)", "requests (1/h)"}, plotted: []int{1},
		notes: []string{sampled, "A wake-up is a tenth of a second in which a thread went to sleep, and so had run: what several do in it is one. Switches are the voluntary context switches of all threads. Those of ddclient's children are not counted."},
	}
	perHour := float64(time.Hour) / float64(o.idle)
	cpu.add(o, settings(), func(name string) []value {
		return append([]value{looks(name)}, values(f.idle[name].CPU*perHour)...)
	})
	wake.add(o, settings(), func(name string) []value {
		return append([]value{looks(name)}, values(float64(f.idle[name].WakeUps)*perHour, float64(f.idle[name].Switches)*perHour, float64(f.idle[name].Requests)*perHour)...)
	})
	return []table{cpu, wake}
}

func memoryTables(f figures, o order) (all []table) {
	kinds := []struct {
		title, file, note string
		of                func(memory) int
	}{
		{"Resident memory at rest", "memory-rss.svg", "Rss of smaps_rollup, after all records were published, 20 to an account, and it stayed the same for 12 s. wandns unmaps pages of its program when it has nothing to do, so that the kernel can have them; the peak below shows what it used.", func(m memory) int { return m.RSS }},
		{"Anonymous memory at rest", "memory-anonymous.svg", "Anonymous of smaps_rollup: what the kernel cannot drop and read again from a file.", func(m memory) int { return m.Anonymous }},
		{"Resident memory at the most", "memory-peak.svg", "VmHWM of status, from the start to after the publication of all records. Programs that ddclient runs are not counted.", func(m memory) int { return m.Peak }},
	}
	for _, k := range kinds {
		t := table{title: k.title, unit: "KiB", file: k.file, notes: []string{k.note}}
		for i, n := range sizes {
			t.columns, t.plotted = append(t.columns, recordsColumn(n)), append(t.plotted, i)
		}
		t.add(o, images(), func(name string) (v []value) {
			for _, n := range sizes {
				x := value{number: float64(k.of(f.memory[name][n].Memory))}
				if f.failed[name][n] != nil {
					x = value{word: "did not publish all"}
				}
				v = append(v, x)
			}
			return v
		})
		all = append(all, t)
	}
	return all
}

// recordsColumn is a number of records in words, with the unit.
func recordsColumn(n int) string {
	if n == 1 {
		return "1 record (KiB)"
	}
	return number(float64(n)) + " records (KiB)"
}

func sizeTables(f figures, o order) []table {
	t := table{
		title: "Installed size", unit: "bytes", file: "installed.svg",
		columns: []string{"files in use (bytes)", "packages of these files (bytes)", "of that, its own (bytes)"}, plotted: []int{0, 1},
		notes: []string{"Files in use are those that the running program has mapped and, for ddclient, the Perl modules that it loaded. Packages are whole, by dpkg's Installed-Size, the C library among them. " +
			"Not counted: ip, which ddclient runs to read an address, and the root certificates, which all need. wandns and ddns-go are one static file each; routers pack theirs (`make size`)."},
	}
	t.add(o, programs(), func(name string) []value {
		i := f.files[name]
		return values(float64(i.files), float64(i.packages), float64(i.program))
	})
	for _, name := range o.at.has(programs()) {
		if names := f.files[name].names; len(names) > 0 {
			t.notes = append(t.notes, name+" is in: "+strings.Join(names, ", ")+".")
		}
	}
	return []table{t}
}
