package daemon

import (
	"strconv"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
)

// eventLines says how each kind of event is logged.
var eventLines = map[publish.EventKind]struct {
	level Level
	what  string
}{
	publish.Published: {Info, "published"},
	publish.Confirmed: {Debug, "up to date"},
	publish.Unchanged: {Info, "published, and the service says that nothing changed"},
	publish.Deleted:   {Info, "deleted"},
	publish.Failed:    {Warn, "not published"},
	publish.HeldBack:  {Error, "held"},
}

// event tells of what the publisher did. It is called from the publisher's goroutines.
func (d *Daemon) event(e publish.Event) {
	d.bus.news(e)
	line := eventLines[e.Kind]
	if e.Kind == publish.Unchanged && e.Row > 1 {
		line.level = Warn
		line.what = "the service says again that nothing changed: does another client update this name?"
	}
	if e.Asked && e.Kind == publish.Confirmed {
		line.level = Info
	}
	if e.Outcome == provider.Confirmed {
		e.Word, e.Text = "", ""
	}
	next := ""
	if e.Next > 0 {
		next = e.Next.Round(time.Second).String()
	}
	row := ""
	if e.Row > 1 {
		row = strconv.Itoa(e.Row)
	}
	d.o.Log.Log(line.level, line.what,
		"hostname", e.Target.Hostname, "type", e.Target.Type, "address", texts(e.Addrs), "account", e.Target.Account,
		"answer", e.Word, "reason", e.Text, "row", row, "next", next, "took", took(e.Took))
}

func took(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.Round(time.Millisecond).String()
}

// notice logs what is rare about watching the kernel.
func (d *Daemon) notice(what string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	d.o.Log.Log(Warn, what, "error", text)
}
