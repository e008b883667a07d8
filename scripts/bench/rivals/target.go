package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// target is what we set out to reach, and what came of it.
type target struct {
	figure, goal, measured string
	met                    bool
	why                    string // where it was missed
}

// targets are those of the sections that were measured.
func targets(f figures, o order) (all []target) {
	most := func(figure string, got, goal float64, unit string) {
		want := "≤ " + number(goal) + unit
		if goal == 0 {
			want = "0"
		}
		all = append(all, target{figure, want, number(got) + unit, got <= goal, ""})
	}
	measured := func(section string) bool { return slices.Contains(o.sections, section) }
	if measured(aboutChange) {
		own := f.change[wandns].FirstByte
		most(fmt.Sprintf("change of the address to the first byte at the service, median of %d changes", len(own)), milli(own, median), 75, " ms")
		most("the same, p99", milli(own, 0.99), 150, " ms")
		all = append(all, soonerTarget(f, o))
	}
	if measured(aboutStart) {
		most("start of the program to ready, median", milli(f.start[wandns].Ready, median), 30, " ms")
	}
	if measured(aboutIdle) {
		perHour := float64(time.Hour) / float64(o.idle)
		most("wake-ups of an idle minute", float64(f.idle[wandns].WakeUps)*perHour/60, 3, "")
		most("requests of an idle hour", float64(f.idle[wandns].Requests)*perHour, 0, "")
	}
	return all
}

// wantedTimes is how many times sooner than the best poller wandns is meant to be.
const wantedTimes = 50

// soonerTarget compares with the best of those that poll.
func soonerTarget(f figures, o order) target {
	pollers := slices.DeleteFunc(o.at.has(settings()), func(name string) bool { return named(name).period == 0 })
	best := slices.MinFunc(pollers, func(a, b string) int {
		if ratio(f, a) < ratio(f, b) {
			return -1
		}
		return 1
	})
	got := ratio(f, best)
	t := target{fmt.Sprintf("times sooner than the best that polls, at its fastest setting: %s, %s", best, looks(best)),
		fmt.Sprintf("≥ %d", wantedTimes), number(got), got >= wantedTimes, ""}
	if period := named(best).period; !t.met && period != 0 {
		half := float64(period.Milliseconds()) / 2
		t.why = fmt.Sprintf("Who looks every %s s hears of half of all changes within %s ms; %d times sooner than that would be %s ms. "+
			"Against the 30 s that inadyn's authors meant to allow at the least, it is %s times.",
			seconds(period), number(half), wantedTimes, number(half/wantedTimes), number(ratio(f, inadynSlow)))
	}
	return t
}

// summary is the targets for people at a terminal.
func summary(all []target) string {
	var b strings.Builder
	for _, t := range all {
		fmt.Fprintf(&b, "%-7s %s: %s (goal: %s)\n", verdict(t.met), t.figure, t.measured, t.goal)
	}
	return b.String()
}

func verdict(met bool) string {
	if met {
		return "reached"
	}
	return "missed"
}
