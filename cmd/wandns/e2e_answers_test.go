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
)

// as are a row's outcomes (DESIGN 6) as the status shows them.
func (r *row) current() *row { r.state = "current"; return r }
func (r *row) credentials() *row {
	r.state, r.code, r.next = "held", "credentials", 24*time.Hour
	return r
}
func (r *row) request() *row {
	r.state, r.code, r.next = "held", "request", 24*time.Hour
	return r
}
func (r *row) banned() *row { r.state, r.code, r.survives = "held", "banned", true; return r }
func (r *row) told(wait time.Duration) *row {
	r.state, r.next, r.insist = "waiting", wait, true
	return r
}

// always is a row of a service that answers every request like that.
func always(name, says string, f double.Fault) *row {
	return &row{name: name, says: says, faults: []double.Fault{f}, stands: true, asked: 1}
}

// word is a service that answers every update with a word.
func word(name, word, says string) *row { return always(name, says, double.Dyndns2Says(word)) }

// answers are the answers that decide for longer than a moment.
func answers(at *service) []*row {
	rows := []*row{
		(&row{name: "healthy"}).current(),
		always("http-401", "401", double.Status(401, "")).credentials(),
		always("http-403", "403", double.Status(403, "")).credentials(),
		always("http-400", "400", double.Status(400, "")).request(),
		always("http-404", "404", double.Status(404, "not found\n")).request(),
		always("http-422", "422", double.Status(422, "")).request(),
		always("http-429-wait", "429", double.Status(429, "").After(120)).told(2 * time.Minute),
		always("http-503-wait", "503", double.Status(503, "").After(300)).told(5 * time.Minute),
	}
	switch at.name {
	case "cloudflare":
		// Zone by hostname and by its parent, read, write.
		refused := func(name, says string, f double.Fault) *row {
			r := always(name, says, f)
			r.writes, r.asked = true, 4
			return r
		}
		rows = append(rows,
			(&row{name: "wrong-token", wrong: true, asked: 1, says: "token"}).credentials(),
			refused("may-not-write", "Zone.DNS Edit", refusal(403, 10000, "Authentication error")).credentials(),
			refused("bad-request", "9005", refusal(400, 9005, "Content for A record is invalid.")).request(),
			refused("cname", "CNAME", refusal(400, 81054, "A CNAME record with that host already exists.")).request(),
			always("rate-limit", "too many", refusal(429, 10429, "More than 1200 requests per 300 seconds reached").After(60)).told(time.Minute),
		)
	case "duckdns":
		rows = append(rows,
			(&row{name: "wrong-token", wrong: true, asked: 1, says: "KO"}).credentials(),
			word("ko", "KO", "KO").credentials(),
		)
	default:
		rows = append(rows,
			(&row{name: "wrong-password", wrong: true, asked: 1, says: "password"}).credentials(),
			word("badauth", "badauth", "password").credentials(),
			word("nohost", "nohost", "no such hostname").request(),
			word("notfqdn", "notfqdn", "hostname").request(),
			word("donator", "!donator", at.plan()).request(),
			word("yours", "!yours", "another account").request(),
			word("numhost", "numhost", "too many hostnames").request(),
			word("badsys", "badsys", "badsys").request(),
			word("abuse", "abuse", "abuse").banned(),
			word("badagent", "badagent", "blocks this client").banned(),
			word("code-911", "911", "maintenance").told(30*time.Minute),
			word("dnserr", "dnserr", "DNS").told(30*time.Minute),
		)
	}
	for _, r := range rows {
		r.at = at
	}
	return rows
}

// plan is a word for what an account pays for.
func (s *service) plan() string {
	if s.name == "dynu" {
		return "membership"
	}
	return "plan"
}

func refusal(status, code int, message string) double.Fault {
	return double.Fault{Kind: double.Answer, Reply: double.Refuse(status, code, message)}
}

func everywhere(rows func(*service) []*row) []*row {
	var all []*row
	for _, at := range services() {
		all = append(all, rows(at)...)
	}
	return all
}

// Every answer of every service that holds or delays, each asked just as often as it may be:
// through restarts, reloads, a new address, reboots, a person's wish and another login.
func TestAnswers_are_obeyed_over_restart_and_reboot(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	b := newBoard(t, everywhere(answers))
	want := map[*row]int{}
	add := func(healthy func(*service) int, others func(*row) bool) {
		for _, r := range b.rows {
			switch {
			case r.state == "current":
				want[r] += healthy(r.at)
			case others(r):
				want[r] += r.asked
			}
		}
	}
	all := func(*row) bool { return true }
	none := func(*row) bool { return false }
	nothing := func(*service) int { return 0 }
	after := func(what string, d interface{ PID() int }, address string) {
		t.Helper()
		b.counted(what, want)
		b.stand(what, d.PID(), address)
	}

	b.write("")
	b.renumber("", wan1)
	d := b.start()
	add(func(s *service) int { return s.fresh }, all)
	after("first try", d, bare(wan1))
	b.bansKept()

	b.stop(d)
	d = b.start()
	add(nothing, none)
	after("restart", d, bare(wan1))

	b.reload(d)
	after("reload with nothing changed", d, bare(wan1))

	b.renumber(wan1, "192.88.100.2/24")
	add(func(s *service) int { return s.moved }, none)
	after("another address", d, "192.88.100.2")

	for _, kept := range []bool{true, false} {
		b.stop(d)
		b.reboot(kept)
		d = b.start()
		add(func(s *service) int { return s.known }, func(r *row) bool { return !r.survives })
		after(fmt.Sprintf("reboot (run directory kept: %v)", kept), d, "192.88.100.2")
		b.bansKept()
	}

	if out, exit := b.command("update"); exit != 0 {
		t.Fatalf("update exits with %d: %s", exit, out)
	}
	add(func(s *service) int { return s.checked }, func(r *row) bool { return !r.insist })
	after("a person's wish", d, "192.88.100.2")

	b.healed(d, want)
}

// healed puts everything right, by another option in each account, and sees that it works.
func (b *board) healed(d interface {
	PID() int
	Signal(os.Signal) error
}, want map[*row]int) {
	b.t.Helper()
	b.well.Store(true)
	b.write("\toption insecure_http '1'\n")
	if err := d.Signal(syscall.SIGHUP); err != nil {
		b.t.Fatal(err)
	}
	for _, r := range b.rows {
		switch {
		case r.state == "current":
			want[r] += r.at.known
		default:
			want[r] += r.at.fresh
		}
		*r = row{at: r.at, name: r.name, state: "current"}
	}
	b.counted("accounts changed", want)
	b.stand("accounts changed", d.PID(), "192.88.100.2")
	b.published("192.88.100.2")
	b.counted("in the end", want)
	if text, err := os.ReadFile(filepath.Join(b.HoldDir, "holds.json")); err != nil || strings.Contains(string(text), "_") {
		b.t.Errorf("bans are left on flash: %s (%v)", text, err)
	}
}

// reload makes a daemon read its configuration, and waits until it has: the status that it
// writes after is a new one.
func (b *board) reload(d interface{ Signal(os.Signal) error }) {
	b.t.Helper()
	before := b.status().Written
	if err := d.Signal(syscall.SIGHUP); err != nil {
		b.t.Fatal(err)
	}
	b.eventually("a status after the reload", func() bool { return b.status().Written.After(before) })
}

// bansKept checks what is on flash: the bans, and nothing of any other account.
func (b *board) bansKept() {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.HoldDir, "holds.json"))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range b.rows {
		if strings.Contains(string(text), `"`+r.account()+`"`) != r.survives {
			b.t.Errorf("%s should be on flash: %v; the file is %s", r, r.survives, text)
		}
	}
	files, err := os.ReadDir(b.HoldDir)
	if err != nil || len(files) != 1 {
		b.t.Errorf("on flash there are %v (%v), want one file", files, err)
	}
}

// Retry-After is obeyed to the second, and nothing but the newest address is sent then.
func TestAnswers_retry_after_is_obeyed(t *testing.T) {
	t.Parallel()
	if !lab.Alone(t) {
		return
	}
	const told = 3 * time.Second
	b := newBoard(t, everywhere(func(at *service) []*row {
		return []*row{
			{at: at, name: "http-429", faults: []double.Fault{double.Status(429, "").After(3)}},
			{at: at, name: "http-503", faults: []double.Fault{double.Status(503, "").After(3)}},
		}
	}))
	b.write("")
	b.renumber("", wan1)
	d := b.start()
	want := map[*row]int{}
	for _, r := range b.rows {
		want[r] = 1
	}
	b.counted("first try", want)
	b.stop(d) // a restart and another address are no reason to ask sooner
	d = b.start()
	b.line(d, 0, "info address", bare(wan1))
	b.renumber(wan1, "192.88.100.2/24")
	for _, r := range b.rows {
		want[r] = 1 + r.at.fresh
		r.state = "current"
	}
	b.counted("after the time", want)
	b.stand("after the time", d.PID(), "192.88.100.2")
	b.published("192.88.100.2")
	for _, r := range b.rows {
		if req := b.requests(r); req[1].At.Sub(req[0].At) < told {
			t.Errorf("%s was told to wait %s and asked again after %s", r, told, req[1].At.Sub(req[0].At))
		}
	}
}
