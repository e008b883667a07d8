package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// A board is a place where many accounts of the four services meet a misbehaviour each, all at
// the same time in one daemon: every row has an account, a name and, at Cloudflare, a zone of
// its own, so that each request can be told whose it is.
type board struct {
	*place
	rows []*row
	well atomic.Bool // nothing goes wrong any more

	mu  sync.Mutex // guards had
	had map[*row]int
}

// row is one account of one service, and what it meets.
type row struct {
	at      *service
	name    string         // a DNS label
	faults  []double.Fault // one for each request that counts, in order
	stands  bool           // the last fault goes on for ever
	writes  bool           // only requests that change something count
	wrong   bool           // the account's login is wrong, until it is put right
	options string         // more of the account

	asked    int // requests each time that it is tried
	state    string
	code     string
	next     time.Duration // from the last request to the next try; 0: no time is set
	jitter   time.Duration // give or take
	says     string        // what the reason must name
	insist   bool          // a person's wish does not open it
	survives bool          // a reboot does not open it
}

// faulty is a double that can be told how to fail.
type faulty interface {
	double.Service
	FailBy(func(double.Request) *double.Fault)
}

// service is how the four are alike.
type service struct {
	name     string
	double   func(*place) faulty
	hostname func(row string) string
	login    func(wrong bool) string
	row      func(*board, double.Request) string // whose request it is
	holds    func(p *place, hostname string) string

	fresh, moved, known, checked int // requests that a healthy account makes: see each use
}

const wrongPassword = "not the one that they gave"

func basicLogin(wrong bool) string {
	password := site.Password
	if wrong {
		password = wrongPassword
	}
	return "\toption username '" + site.User + "'\n\toption password '" + password + "'\n"
}

func tokenLogin(right string) func(bool) string {
	return func(wrong bool) string {
		if wrong {
			right := []byte(right)
			for i := range right {
				right[i] = 'f'
			}
			return "\toption token '" + string(right) + "'\n"
		}
		return "\toption token '" + right + "'\n"
	}
}

func dyndns2(name, domain string, of func(*place) *double.Dyndns2) *service {
	return &service{
		name: name,
		double: func(p *place) faulty {
			return of(p)
		},
		hostname: func(row string) string { return row + domain },
		login:    basicLogin,
		row:      func(_ *board, r double.Request) string { return strings.TrimSuffix(r.Query.Get("hostname"), domain) },
		holds: func(p *place, hostname string) string {
			a, _ := of(p).Holds(hostname)
			return a.String()
		},
		fresh: 1, moved: 1, known: 1, checked: 1,
	}
}

// services are all four. A healthy account of Cloudflare asks for the zone by the hostname and
// by its parent, reads, lists and writes; what it has seen already it leaves out. The others
// have nothing but the update.
func services() []*service {
	return []*service{
		{
			name: "cloudflare",
			double: func(p *place) faulty {
				return p.Cloudflare
			},
			hostname: func(row string) string { return "home." + row + ".example" },
			login:    tokenLogin(site.CloudflareToken),
			row:      cloudflareRow,
			holds: func(p *place, hostname string) string {
				return strings.Join(p.Cloudflare.Holds(hostname, "A"), " ")
			},
			fresh: 4, moved: 4, known: 3, checked: 1,
		},
		{
			name: "duckdns",
			double: func(p *place) faulty {
				return p.DuckDNS
			},
			hostname: func(row string) string { return row + ".duckdns.org" },
			login:    tokenLogin(site.DuckToken),
			row: func(_ *board, r double.Request) string {
				return strings.TrimSuffix(r.Query.Get("domains"), ".duckdns.org")
			},
			holds: func(p *place, hostname string) string { return p.DuckDNS.Records()[hostname][0] },
			fresh: 1, moved: 1, known: 1, checked: 1,
		},
		dyndns2("noip", ".ddns.net", func(p *place) *double.Dyndns2 { return p.NoIP }),
		dyndns2("dynu", ".dynu.net", func(p *place) *double.Dyndns2 { return p.Dynu }),
	}
}

// cloudflareRow goes by the zone, which is in the query or, by its ID, in the path.
func cloudflareRow(b *board, r double.Request) string {
	if name := r.Query.Get("name"); name != "" {
		return strings.TrimSuffix(strings.TrimPrefix(name, "home."), ".example")
	}
	for _, row := range b.rows {
		if row.at.name == "cloudflare" && strings.Contains(r.Path, "/zones/"+b.Cloudflare.ZoneID(row.name+".example")+"/") {
			return row.name
		}
	}
	return ""
}

// newBoard makes a place whose services know the names of the rows.
func newBoard(t *testing.T, rows []*row) *board {
	t.Helper()
	var zones, names []string
	for _, r := range rows {
		if r.at.name == "cloudflare" {
			zones = append(zones, r.name+".example")
		} else {
			names = append(names, r.hostname())
		}
	}
	s, err := site.New(t.TempDir(), zones, names)
	if err != nil {
		t.Fatal(err)
	}
	b := &board{place: &place{Site: s, t: t}, rows: rows, had: map[*row]int{}}
	t.Cleanup(func() {
		for _, c := range s.Front.Complaints() {
			t.Errorf("a service complains: %s", c)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	b.quietWAN()
	for _, at := range services() {
		at.double(b.place).FailBy(func(r double.Request) *double.Fault { return b.fault(at, r) })
	}
	return b
}

// quietWAN makes a WAN that changes only when the test changes it: no link-local address whose
// check ends a second later, no device that is still coming up.
func (b *board) quietWAN() {
	b.t.Helper()
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0o644); err != nil {
		b.t.Fatal(err)
	}
	if _, err := lab.Veth("wan", "isp"); err != nil {
		b.t.Fatal(err)
	}
	b.eventually("the WAN is up", func() bool {
		l, err := netlink.LinkByName("wan")
		return err == nil && l.Attrs().OperState == netlink.OperUp
	})
}

// fault is what goes wrong with a request.
func (b *board) fault(at *service, req double.Request) *double.Fault {
	name := at.row(b, req)
	for _, r := range b.rows {
		if r.at.name != at.name || r.name != name {
			continue
		}
		if b.well.Load() || r.writes && req.Method == "GET" || len(r.faults) == 0 {
			return nil
		}
		switch n := b.count(r); {
		case n < len(r.faults) && r.faults[n].Kind != double.Healthy:
			return &r.faults[n]
		case n >= len(r.faults) && r.stands:
			return &r.faults[len(r.faults)-1]
		}
		return nil
	}
	return nil
}

// count says how many requests a row had before this one.
func (b *board) count(r *row) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.had[r]++
	return b.had[r] - 1
}

func (r *row) String() string   { return r.at.name + "/" + r.name }
func (r *row) hostname() string { return r.at.hostname(r.name) }

// account is what a UCI name can be made of.
func (r *row) account() string {
	return strings.ReplaceAll(r.at.name+"_"+r.name, "-", "_")
}

// write configures all rows, their accounts with these further options.
func (b *board) write(options string) {
	b.t.Helper()
	var text strings.Builder
	text.WriteString("config wandns 'main'\n\toption log_level 'debug'\n")
	for _, r := range b.rows {
		fmt.Fprintf(&text, "\nconfig account '%s'\n\toption provider '%s'\n%s%s", r.account(), r.at.name,
			r.at.login(r.wrong && !b.well.Load()), options+r.options)
		text.WriteString(record("keep_"+r.account(), r.account(), ipv4Only+"; option rate_burst '10'", r.hostname()))
	}
	if err := b.Configure(text.String()); err != nil {
		b.t.Fatal(err)
	}
}

// requests are those of a row so far.
func (b *board) requests(r *row) []double.Request {
	var out []double.Request
	for _, req := range r.at.double(b.place).Requests() {
		if r.at.row(b, req) == r.name {
			out = append(out, req)
		}
	}
	return out
}

// agree waits until nothing is wrong.
func (b *board) agree(what string, wrong func() []string) {
	b.t.Helper()
	deadline := time.After(patience)
	for {
		list := wrong()
		if len(list) == 0 {
			return
		}
		select {
		case <-deadline:
			b.t.Fatalf("%s:\n\t%s", what, strings.Join(list, "\n\t"))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// counted waits until every row has made as many requests as want says, and none more.
func (b *board) counted(what string, want map[*row]int) {
	b.t.Helper()
	b.agree(what, func() []string {
		var wrong []string
		for _, r := range b.rows {
			got := len(b.requests(r))
			if got > want[r] {
				b.t.Fatalf("%s: %s made %d requests, want %d:\n\t%s", what, r, got, want[r], strings.Join(told(b.requests(r)), "\n\t"))
			}
			if got < want[r] {
				wrong = append(wrong, fmt.Sprintf("%s made %d requests, want %d", r, got, want[r]))
			}
		}
		return wrong
	})
}

// told writes requests down as a person would.
func told(requests []double.Request) []string {
	var out []string
	for _, r := range requests {
		out = append(out, r.At.Format("05.000 ")+r.Method+" "+r.Path+" "+r.Query.Encode()+" "+r.Body)
	}
	return out
}

// names are the names in the status that a process has written, by hostname.
func (p *place) names(pid int) map[string]daemon.Name {
	s, _, err := daemon.ReadStatus(p.RunDir)
	out := map[string]daemon.Name{}
	if err != nil || s.PID != pid {
		return out // not yet
	}
	for _, r := range s.Records {
		for _, n := range r.Names {
			out[n.Hostname] = n
		}
	}
	return out
}

// stand waits until the status of a process is what every row says, with this address wanted.
func (b *board) stand(what string, pid int, address string) {
	b.t.Helper()
	b.agree(what, func() []string {
		var wrong []string
		names := b.names(pid)
		for _, r := range b.rows {
			n := names[r.hostname()]
			if len(n.Wanted) != 1 || n.Wanted[0].String() != address {
				wrong = append(wrong, fmt.Sprintf("%s wants %v, not %s", r, n.Wanted, address))
				continue
			}
			if why := r.differs(n, b.requests(r)); why != "" {
				wrong = append(wrong, r.String()+": "+why)
			}
		}
		return wrong
	})
}

// differs says in what a status is not what the row says.
func (r *row) differs(n daemon.Name, requests []double.Request) string {
	switch {
	case string(n.State) != r.state || n.Code != r.code:
		return fmt.Sprintf("it is %s %s (%s), want %s %s", n.State, n.Code, n.Reason, r.state, r.code)
	case !strings.Contains(n.Reason+" "+n.Word, r.says):
		return fmt.Sprintf("the reason %q does not say %q", n.Reason, r.says)
	case r.next == 0 && n.Next != nil && r.state != "current":
		return fmt.Sprintf("it is to be tried at %s, want never", n.Next)
	case r.next == 0:
		return ""
	case n.Next == nil:
		return "no time is set for the next try"
	case len(requests) == 0:
		return "" // it never came to one
	}
	const second, slow = time.Second, 20 * time.Second // times are shown in seconds; the machine may be busy
	if in := n.Next.Sub(requests[len(requests)-1].At); in < r.next-r.jitter-second || in > r.next+r.jitter+slow {
		return fmt.Sprintf("the next try is %s after the last, want %s", in, r.next)
	}
	return ""
}

// published checks that every service holds the address.
func (b *board) published(address string) {
	b.t.Helper()
	for _, r := range b.rows {
		if got := r.at.holds(b.place, r.hostname()); got != address {
			b.t.Errorf("%s holds %q, want %s", r, got, address)
		}
	}
}

// reboot is what a reboot does to the daemon's files: the run directory is memory. One that
// outlives it, as on a machine where it is on a disk, shows by the kernel's boot ID.
func (b *board) reboot(keepRunDir bool) {
	b.t.Helper()
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		b.t.Fatal(err)
	}
	files, err := os.ReadDir(b.RunDir)
	if err != nil {
		b.t.Fatal(err)
	}
	changed := 0
	for _, f := range files {
		path := filepath.Join(b.RunDir, f.Name())
		if !keepRunDir {
			if err := os.Remove(path); err != nil {
				b.t.Fatal(err)
			}
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			b.t.Fatal(err)
		}
		earlier := strings.ReplaceAll(string(text), strings.TrimSpace(string(id)), "00000000-0000-4000-8000-000000000000")
		if earlier == string(text) {
			continue
		}
		changed++
		if err := os.WriteFile(path, []byte(earlier), 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	if keepRunDir && changed != len(b.rows) {
		b.t.Fatalf("%d of %d state files hold the boot ID", changed, len(b.rows))
	}
}
