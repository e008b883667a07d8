package main

import (
	"slices"
	"time"
)

// timing is how long a record set took to follow the kernel: from the event that made its
// address usable.
type timing struct {
	of               name
	first, confirmed time.Duration // to the first byte at the service, to the daemon's "published"
}

// tally sums up the steps.
type tally struct {
	changes, requests, updates, refused int
	timings                             []timing
}

// needless is how many updates told a service what it already had.
func (t tally) needless() int { return t.updates - t.refused - t.changes }

func (t *tally) add(st step, rows []row, timings []timing) {
	t.changes += len(st.becomes)
	t.refused += st.refused
	for _, r := range rows {
		if r.kind == fromService {
			t.requests++
		}
		if r.writes() {
			t.updates++
		}
	}
	t.timings = append(t.timings, timings...)
}

// measure times what followed from a change of the kernel's within the step. What had another
// cause (a start, a service that came back) is not timed.
func measure(st step, rows []row) (timings []timing) {
	for _, n := range names {
		addr, ok := st.becomes[n]
		if !ok {
			continue
		}
		usable := slices.IndexFunc(rows, func(r row) bool { return r.kind == fromKernel && slices.Contains(r.usable, bare(addr)) })
		if usable < 0 || slices.ContainsFunc(rows, func(r row) bool { return holdsAll(r.line, []string{"info started"}) }) {
			continue
		}
		since := rows[usable].at
		asked := slices.IndexFunc(rows, func(r row) bool { return r.kind == fromService && r.service == n.service && r.at.After(since) })
		told := slices.IndexFunc(rows, func(r row) bool { return r.kind == fromDaemon && holdsAll(r.line, publishedLine(n, addr)) })
		if asked < 0 || told < 0 {
			continue
		}
		timings = append(timings, timing{n, rows[asked].first.Sub(since), rows[told].at.Sub(since)})
	}
	return timings
}

// middle is the median of one figure.
func middle(timings []timing, figure func(timing) time.Duration) time.Duration {
	if len(timings) == 0 {
		return 0
	}
	all := make([]time.Duration, len(timings))
	for i, t := range timings {
		all[i] = figure(t)
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}
