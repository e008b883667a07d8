package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/pkg/publish"
	"github.com/wandns/wandns/pkg/wholefile"
)

// Status is how everything stands: what `wandns status --json` prints and the bus answers.
// Times are RFC 3339 in UTC; those that did not happen are left out.
type Status struct {
	Version    string           `json:"version"`
	PID        int              `json:"pid"`
	Started    time.Time        `json:"started"`
	Written    time.Time        `json:"written"`
	Enabled    bool             `json:"enabled"`
	Waiting    string           `json:"waiting,omitempty"` // why nothing at all is sent
	Error      string           `json:"error,omitempty"`   // why the configuration in the file is not the one in use
	Problems   []config.Problem `json:"problems,omitempty"`
	Interfaces []Interface      `json:"interfaces"`
	Records    []Record         `json:"records"`
}

// Interface is one interface that a record uses.
type Interface struct {
	Name      string    `json:"name"`   // as the record says
	Device    string    `json:"device"` // what the kernel calls it; empty when there is none
	Up        bool      `json:"up"`
	Addresses []Address `json:"addresses"`

	NAT     address.NAT `json:"nat,omitempty"`      // what stands between its IPv4 and the Internet
	NATText string      `json:"nat_text,omitempty"` // the same in words, with what can be done; empty when there is none
	Outside *netip.Addr `json:"outside,omitempty"`  // the IPv4 address that the Internet sees, where it was asked
}

// Address is an address of an interface and what the Internet makes of it.
type Address struct {
	Address netip.Addr `json:"address"`
	Class   string     `json:"class"` // "public", "private", "cgnat", …
	State   []string   `json:"state,omitempty"`
}

// Record is one record section.
type Record struct {
	Name    string `json:"name"`
	Account string `json:"account"`
	Enabled bool   `json:"enabled"`
	Names   []Name `json:"names"`
}

// Name is one hostname and family of a record.
type Name struct {
	Hostname  string        `json:"hostname"`
	Type      string        `json:"type"`
	State     publish.State `json:"state"`
	Wanted    []netip.Addr  `json:"wanted"`
	Published []netip.Addr  `json:"published"`
	Known     bool          `json:"known"` // published is certain
	Changed   *time.Time    `json:"changed,omitempty"`
	Attempt   *time.Time    `json:"attempt,omitempty"`
	Next      *time.Time    `json:"next,omitempty"`
	Code      string        `json:"code,omitempty"` // of the reason, for programs: an address.Code or a publish.HoldCode
	Reason    string        `json:"reason,omitempty"`
	Word      string        `json:"word,omitempty"` // the service's own word at the last attempt
}

// status puts together how everything stands.
func (d *Daemon) status() Status {
	s := Status{
		Version: d.o.Version, PID: d.pid, Started: d.started.UTC(), Written: time.Now().UTC(),
		Enabled: d.cfg.Main.Enabled, Waiting: d.blocked, Error: d.cfgError, Problems: d.cfg.Problems,
		Interfaces: []Interface{}, Records: []Record{},
	}
	stand := map[publish.Target]publish.Status{}
	for _, st := range d.pub.Status() {
		stand[st.Target] = st
	}
	seen := map[string]bool{}
	for i := range d.cfg.Records {
		r := &d.cfg.Records[i]
		s.Records = append(s.Records, d.record(r, stand))
		for _, name := range r.Interfaces {
			if !seen[name] && r.Enabled {
				seen[name] = true
				s.Interfaces = append(s.Interfaces, d.iface(name, r.LAN()))
			}
		}
	}
	return s
}

func (d *Daemon) record(r *config.Record, stand map[publish.Target]publish.Status) Record {
	out := Record{Name: r.Name, Account: r.Account, Enabled: r.Enabled, Names: []Name{}}
	if !r.Enabled {
		return out
	}
	for _, hostname := range r.Hostnames {
		for _, family := range r.Families {
			st, ok := stand[publish.Target{Account: r.Account, Hostname: hostname, Type: family.RRType()}]
			if !ok {
				st.State = publish.Waiting
			}
			n := Name{
				Hostname: hostname, Type: family.RRType(), State: st.State, Wanted: list(st.Wanted),
				Published: list(st.Published), Known: st.Known, Changed: when(st.Changed), Attempt: when(st.Attempt),
				Next: when(st.Next), Reason: st.Reason, Word: st.Word,
			}
			if st.Hold != nil {
				n.Code = string(st.Hold.Code)
			}
			if c := d.choices[part{r.Name, family}]; !c.Available() {
				n.Code, n.Reason = string(c.Code), c.Text
			}
			out.Names = append(out.Names, n)
		}
	}
	return out
}

// iface is how an interface stands; what is between a LAN and the Internet is nobody's question.
func (d *Daemon) iface(name string, lan bool) Interface {
	device := name
	if devices := d.devices(); devices != nil {
		device, _, _ = devices(name)
	}
	out := Interface{Name: name, Device: device, Addresses: []Address{}}
	l, ok := d.snap.LinkByName(device)
	if !ok {
		return out
	}
	out.Up = l.Usable()
	if !lan {
		var seen address.View
		if out.NAT, out.NATText, seen = d.nat(name); seen.Addr.IsValid() {
			out.Outside = &seen.Addr
		}
	}
	for _, a := range l.Addresses {
		out.Addresses = append(out.Addresses, Address{
			Address: a.Addr, Class: address.Classify(a.Addr).String(), State: flagWords(a.Flags),
		})
	}
	return out
}

func flagWords(f netwatch.Flags) []string {
	var out []string
	for _, w := range []struct {
		flag netwatch.Flags
		word string
	}{
		{netwatch.Tentative, "tentative"}, {netwatch.DADFailed, "duplicate"}, {netwatch.Deprecated, "deprecated"},
		{netwatch.Temporary, "temporary"},
	} {
		if f&w.flag != 0 {
			out = append(out, w.word)
		}
	}
	return out
}

func list(a []netip.Addr) []netip.Addr {
	if a == nil {
		return []netip.Addr{}
	}
	return a
}

func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

// maxStatus bounds the status file, in bytes.
const maxStatus = 16 << 20

// ReadStatus reads the status that the daemon of a run directory last wrote. running is false
// when that daemon is no more.
func ReadStatus(runDir string) (s Status, running bool, err error) {
	_, err = Running(runDir)
	if err != nil && !errors.Is(err, ErrNotRunning) {
		return s, false, err
	}
	running = err == nil
	text, err := wholefile.Read(filepath.Join(runDir, statusFile), maxStatus)
	if errors.Is(err, fs.ErrNotExist) {
		return s, running, fmt.Errorf("%w: there is no status in %s", ErrNotRunning, runDir)
	}
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return Status{}, running, fmt.Errorf("reading the status: %w", err)
	}
	return s, running, nil
}
