package daemon

import (
	"sort"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/doctor"
	"github.com/wandns/wandns/pkg/publish"
)

// addressChanged is the kind of event for a decision about an address; the others are the
// publisher's.
const addressChanged publish.EventKind = "address"

// decisionsKept is how many decisions are kept of each family of a record.
const decisionsKept = 16

// decided tells of a part's new decision: to the log, the history and the bus. told is what was
// told last, and is told next: of what will be known in a moment, nothing is told yet.
func (d *Daemon) decided(p part, told string, is address.Decision, now time.Time) string {
	text := texts(is.Addrs) + string(is.Code)
	switch {
	case is.Code == address.NotYetKnown:
		d.o.Log.Log(Debug, "not decided", "record", p.record, "family", p.family.String(), "reason", is.Text)
		return told
	case text == told:
		return told
	}
	e := publish.Event{Time: now.Round(0), Record: p.record, Kind: addressChanged, Addrs: is.Addrs, Text: is.Text}
	e.Target.Type = p.family.RRType()
	if is.Available() {
		e.Text = is.Device
		d.o.Log.Log(Info, "address", "record", p.record, "family", p.family.String(), "address", texts(is.Addrs), "device", is.Device)
	} else {
		d.o.Log.Log(Info, "no address", "record", p.record, "family", p.family.String(), "reason", is.Text)
	}
	kept := append(d.decisions[p], e)
	d.decisions[p] = kept[max(0, len(kept)-decisionsKept):]
	d.bus.news(e)
	return text
}

// history is what happened to a record, oldest first.
func (d *Daemon) history(record string) []publish.Event {
	out := d.pub.History(record)
	for p, events := range d.decisions {
		if p.record == record {
			out = append(out, events...)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Time.Before(out[j].Time) })
	return out
}

// findings are the doctor's about a record.
func (d *Daemon) findings(record string) []doctor.Finding {
	out := []doctor.Finding{}
	if d.blocked != "" {
		out = append(out, doctor.Finding{Severity: doctor.Passing, Code: "clock", What: "the clock is not set", Why: d.blocked,
			Do: "if it lasts, check NTP under System → System → Time Synchronization"})
	}
	for _, p := range d.cfg.Problems {
		if p.Section == record {
			out = append(out, doctor.Finding{Severity: doctor.Act, Code: "config", What: p.Message, Why: p.Error()})
		}
	}
	for _, st := range d.pub.Status() {
		if st.Record != record {
			continue
		}
		n := doctor.Name{Hostname: st.Hostname, Type: st.Type, State: st.State, Outcome: st.Outcome, Reason: st.Reason}
		if account, ok := d.cfg.Account(st.Account); ok {
			n.Bound = account.Bind
		}
		if st.Hold != nil {
			n.Hold = st.Hold.Code
		}
		if c := d.choices[part{record, familyOf(st.Type)}]; !c.Available() {
			n.Unavailable = c.Code
			if n.Hold == "" {
				n.Reason = c.Text
			}
		}
		out = append(out, doctor.Examine(n))
	}
	return out
}

func familyOf(rrtype string) address.Family {
	if rrtype == address.IPv6.RRType() {
		return address.IPv6
	}
	return address.IPv4
}
