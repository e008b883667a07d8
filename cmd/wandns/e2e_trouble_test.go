package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// tries are how often a service in trouble misbehaves before it is well again.
const tries = 2

// trouble are misbehaviours that pass: what the reason must name, and how many requests a try
// makes before it gives up for a while. What may have been an update whose answer was lost is
// sent again once; Cloudflare's first request is none, and the words of No-IP and Dynu are known
// well enough to tell that an answer is not theirs.
func trouble(at *service) []*row {
	strange, cut := 1, 2
	switch at.name {
	case "cloudflare":
		cut = 1
	case "duckdns":
		strange = 2
	}
	rows := []*row{
		{name: "http-500", says: "500", asked: 1},
		{name: "http-502-html", says: "502", asked: 1},
		{name: "http-503", says: "503", asked: 1},
		{name: "redirect-elsewhere", says: "elsewhere.example", asked: 1},
		{name: "garbage", says: "answer", asked: strange},
		{name: "html-with-200", says: "answer", asked: strange},
		{name: "empty-body", says: "answer", asked: strange},
		{name: "body-of-20-mb", says: "KiB", asked: cut},
	}
	for _, r := range rows {
		r.at, r.state, r.next, r.jitter = at, "waiting", 5*time.Second, time.Second
		for range tries * r.asked {
			r.faults = append(r.faults, double.Named(r.name))
		}
	}
	return rows
}

// lost are answers that were lost after the request went out, of a service that had done what
// it was asked and of one that had not; at Cloudflare the answer to the change itself. asked is
// how many requests that makes in all: one resend, or reading back and, if need be, a resend.
func lost(at *service) []*row {
	var rows []*row
	for _, name := range []string{"reset-before-answer", "reset-in-head", "reset-in-body"} {
		not, done := double.Named(name), double.Named(name).Once()
		if at.name == "cloudflare" {
			const readBack, resend = 1, 1
			rows = append(rows,
				&row{name: not.Name, faults: []double.Fault{not}, asked: at.fresh + readBack + resend},
				&row{name: done.Name, faults: []double.Fault{done}, asked: at.fresh + readBack})
			continue
		}
		rows = append(rows,
			&row{name: not.Name, faults: []double.Fault{not}, asked: 2},
			&row{name: done.Name, faults: []double.Fault{done}, asked: 2})
	}
	for _, r := range rows {
		r.at, r.state, r.writes = at, "current", true
		if at.name != "cloudflare" {
			r.writes = false // every request is a change, by GET
		}
	}
	return rows
}

// slow are services that let us wait: the whole exchange has 20 s.
func slow(at *service) []*row {
	return []*row{
		{at: at, name: "body-drips", says: "reading the answer", faults: []double.Fault{double.Named("body-drips")}},
		{at: at, name: "no-answer", says: "waiting for the answer", faults: []double.Fault{double.Named("no-answer")}},
	}
}

func TestTrouble_is_waited_out_and_lost_answers_are_looked_up(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	inTrouble, lost, slow := everywhere(trouble), everywhere(lost), everywhere(slow)
	limited := everywhere(func(at *service) []*row { // slow down, without a word for how long
		r := always("http-429", "429", double.Status(429, ""))
		r.at, r.state, r.next, r.jitter = at, "waiting", time.Minute, 12*time.Second
		return []*row{r}
	})
	var all []*row
	for _, rows := range [][]*row{inTrouble, lost, slow, limited} {
		all = append(all, rows...)
	}
	b := newBoard(t, all)
	b.write("")
	b.renumber("", wan1)
	d := b.start()

	b.agree("lost answers", func() (wrong []string) {
		names := b.names(d.PID())
		for _, r := range lost {
			if why := r.differs(names[r.hostname()], nil); why != "" {
				wrong = append(wrong, r.String()+": "+why)
			}
		}
		return wrong
	})
	b.agree("told to slow down", func() (wrong []string) {
		names := b.names(d.PID())
		for _, r := range limited {
			if why := r.differs(names[r.hostname()], b.requests(r)); why != "" {
				wrong = append(wrong, r.String()+": "+why)
			}
		}
		return wrong
	})
	for _, r := range inTrouble { // over within seconds: the log has it for certain
		b.firstWait(d, r)
	}

	want := map[*row]int{}
	for _, r := range inTrouble {
		want[r] = tries*r.asked + r.at.fresh
	}
	for _, r := range lost {
		want[r] = r.asked
	}
	for _, r := range slow {
		want[r] = 1 + r.at.fresh
	}
	for _, r := range limited {
		want[r] = 1
	}
	b.counted("in the end", want)

	for _, r := range inTrouble {
		b.waited(r, 4*time.Second, 8*time.Second)
	}
	for _, r := range slow {
		line := b.logged(d, "warn not published", "hostname="+r.hostname()+" ", r.says)
		if took := duration(t, line, "took"); took < 20*time.Second {
			t.Errorf("%s was given up before the 20 s of an exchange: %s", r, line)
		}
	}
	for _, r := range b.rows {
		if r.state != "waiting" || want[r] > 1 {
			b.agree(r.String(), func() []string {
				if got := r.at.holds(b.place, r.hostname()); got != bare(wan1) {
					return []string{"it holds " + got}
				}
				return nil
			})
		}
	}
	for _, line := range d.Lines() {
		if strings.Contains(line, "nothing changed") {
			t.Errorf("what was sent twice to be certain is no reason for: %s", line)
		}
	}
	if strays := b.Front.Strays(); len(strays) > 0 {
		t.Errorf("a redirect to another host was followed: %v", strays)
	}
}

// firstWait checks the first line that says when a row is tried again: why, and after how long.
func (b *board) firstWait(d *site.Process, r *row) {
	b.t.Helper()
	line := b.logged(d, "warn not published", "hostname="+r.hostname()+" ", r.says, " next=")
	const shown = time.Second // what it is rounded to
	if in := duration(b.t, line, "next"); in < r.next-r.jitter-shown || in > r.next+r.jitter+shown {
		b.t.Errorf("%s is to be tried after %s, want %s: %s", r, in, r.next, line)
	}
}

// logged waits for a line of the log that holds all the parts, and returns it.
func (b *board) logged(d *site.Process, parts ...string) string {
	b.t.Helper()
	return d.Lines()[b.line(d, 0, parts...)-1]
}

// duration is the value of a key in a line of the log.
func duration(t testing.TB, line, key string) time.Duration {
	t.Helper()
	at := strings.LastIndex(line, " "+key+"=")
	if at < 0 {
		t.Fatalf("no %s in %s", key, line)
	}
	text, _, _ := strings.Cut(line[at+len(key)+2:], " ")
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("%s in %s: %v", key, line, err)
	}
	return d
}

// waited checks the time between a row's tries: 5 s, doubling, less a fifth at the most.
func (b *board) waited(r *row, least ...time.Duration) {
	b.t.Helper()
	req := b.requests(r)
	for i, atLeast := range least {
		next := r.asked * (i + 1)
		if got := req[next].At.Sub(req[next-1].At); got < atLeast {
			b.t.Errorf("%s was tried again %s after failing %d times, want at least %s", r, got, i+1, atLeast)
		}
	}
}

// certificates are what a service must not show, and what a person must read then.
func certificates() []struct {
	name, says string
	valid      lab.Validity
	names      func(host string) string
	caFile     bool
} {
	now := time.Now()
	own := func(host string) string { return host }
	return []struct {
		name, says string
		valid      lab.Validity
		names      func(host string) string
		caFile     bool
	}{
		{"another-name", "is for another name: captive.portal.example", lab.Validity{},
			func(string) string { return "captive.portal.example" }, false},
		{"expired", "expired on " + now.AddDate(0, 0, -3).UTC().Format(time.DateOnly),
			lab.Validity{NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(0, 0, -3)}, own, false},
		{"not-yet-valid", "not valid before " + now.AddDate(0, 0, 9).UTC().Format(time.DateOnly),
			lab.Validity{NotBefore: now.AddDate(0, 0, 9), NotAfter: now.AddDate(1, 0, 0)}, own, false},
		{"unknown-authority", "wandns lab authority", lab.Validity{}, own, true},
	}
}

// Each service shows each certificate that must not be believed: nothing is sent, the reason
// says what was wrong with it, and there is one handshake for each try, seconds apart.
func TestTrouble_certificates_that_are_not_right(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	cases := certificates()
	b := newBoard(t, everywhere(func(at *service) []*row {
		var rows []*row
		for _, c := range cases {
			rows = append(rows, &row{at: at, name: c.name, says: c.says, state: "waiting"})
		}
		return rows
	}))
	stranger, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(b.Dir, "another-ca.pem")
	if err := os.WriteFile(bundle, stranger.Bundle(), 0o644); err != nil {
		t.Fatal(err)
	}
	all := b.rows
	round := func(k int) (rows []*row) {
		for i, at := range services() {
			c := cases[(i+k)%len(cases)]
			r := all[i*len(cases)+(i+k)%len(cases)]
			r.next, r.jitter = 5*time.Second, time.Second
			rows = append(rows, r)
			if c.caFile {
				r.options = "\toption ca_file '" + bundle + "'\n"
			}
			host := at.double(b.place).Hosts()[0]
			if err := b.Front.Certify(host, c.valid, c.names(host)); err != nil {
				t.Fatal(err)
			}
		}
		return rows
	}
	b.renumber("", wan1)
	b.rows = round(0)
	b.write("")
	d := b.start()
	for k := range cases {
		before := b.Front.Handshakes()
		if k > 0 {
			b.rows = round(k)
			b.write("")
			if err := d.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
		} else {
			before = 0
		}
		b.agree(fmt.Sprintf("round %d", k), func() (wrong []string) {
			names := b.names(d.PID())
			for _, r := range b.rows {
				if why := r.differs(names[r.hostname()], nil); why != "" {
					wrong = append(wrong, r.String()+": "+why)
				}
			}
			return wrong
		})
		b.agree(fmt.Sprintf("round %d: one handshake for each try", k), func() []string {
			if tried, shaken := b.failures(d), b.Front.Handshakes()-before; tried != shaken {
				return []string{fmt.Sprintf("%d tries, %d handshakes", tried, shaken)}
			}
			return nil
		})
	}
	for _, at := range services() {
		if got := at.double(b.place).Requests(); len(got) > 0 {
			t.Errorf("%s got requests from behind a certificate that is not right: %v", at.name, told(got))
		}
		if err := b.Front.Certify(at.double(b.place).Hosts()[0], lab.Validity{}); err != nil {
			t.Fatal(err)
		}
	}
	b.renumber(wan1, "192.88.100.2/24") // what is in trouble is tried again at once
	want := map[*row]int{}
	for _, r := range b.rows {
		if r.options == "" {
			want[r] = r.at.fresh
		}
	}
	b.counted("with the services' own certificates", want)
	for _, r := range b.rows {
		want[r] = r.at.fresh
		*r = row{at: r.at, name: r.name, state: "current"}
	}
	b.write("") // without the other authority
	if err := d.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	b.counted("in the end", want)
	b.stand("in the end", d.PID(), "192.88.100.2")
	b.published("192.88.100.2")
}

// failures are how many tries of the rows have failed, by the log; no two follow each other
// faster than they may.
func (b *board) failures(d *site.Process) int {
	b.t.Helper()
	n := 0
	for _, line := range d.Lines() {
		for _, r := range b.rows {
			if !strings.HasPrefix(line, "warn not published hostname="+r.hostname()+" ") {
				continue
			}
			n++
			_, next, _ := strings.Cut(line, " next=")
			next, _, _ = strings.Cut(next, " ")
			if wait, err := time.ParseDuration(next); err != nil || wait < 4*time.Second {
				b.t.Fatalf("the next try is too soon: %s", line)
			}
		}
	}
	return n
}
