package daemon

import (
	"encoding/json"
	"path/filepath"
	"time"

	"github.com/wandns/wandns/pkg/wholefile"
)

// statusPause is the least time between two writings of the status. Each also waits twenty times
// as long as the last one took, so that writing it can never become the main work of a slow router
// with many names; but not longer than statusPatience, for the last one may have taken long only
// because of everything else that went on then, and people look at the file.
const (
	statusPause    = time.Second
	statusPatience = 10 * time.Second
)

// statusWriter decides when the status is written.
type statusWriter struct {
	timer *time.Timer // runs while a change waits to be written
	armed bool
	ready time.Time // not before
}

func newStatusWriter() *statusWriter {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &statusWriter{timer: t}
}

// changed asks for the status to be written, at once or when the pause is over.
func (w *statusWriter) changed(now time.Time) {
	if !w.armed {
		w.armed = true
		w.timer.Reset(max(0, w.ready.Sub(now)))
	}
}

func (w *statusWriter) wrote(started, ended time.Time) {
	w.armed = false
	w.ready = ended.Add(min(max(statusPause, 20*ended.Sub(started)), statusPatience))
}

// writeStatus writes the status file.
func (d *Daemon) writeStatus() {
	started := time.Now()
	text, err := json.Marshal(d.status())
	if err == nil {
		err = wholefile.Write(filepath.Join(d.o.RunDir, statusFile), text, 0o644, false)
	}
	if err != nil {
		d.o.Log.Log(Warn, "the status could not be written", "error", err.Error())
	}
	d.statusOut.wrote(started, time.Now())
}
