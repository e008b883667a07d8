package daemon

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/wandns/wandns/pkg/doctor"
	"github.com/wandns/wandns/pkg/netifd"
	"github.com/wandns/wandns/pkg/publish"
	"github.com/wandns/wandns/pkg/ubus"
)

// busObject is our name on the bus, and that of our events.
const busObject = "wandns"

// netifdTimeout is how long the first decision waits for netifd to name the devices. A device
// may be called as an interface is and be another one: "wan" is a switch port where the
// interface wan is PPPoE.
const netifdTimeout = 3 * time.Second

// bus is the daemon's place on ubus. Without a client every method does nothing.
type bus struct {
	client *ubus.Client
	object *ubus.Published
	netifd *netifd.Interfaces
	asks   chan func()   // what handlers want done in the loop
	moved  chan struct{} // netifd has news; of size 1
	out    chan publish.Event
	done   chan struct{} // closed when the loop has ended
	trying chan struct{} // of size 1: holds a value while an account is tested
	tries  sync.WaitGroup
}

// join puts the daemon onto the bus.
func (d *Daemon) join(client *ubus.Client) {
	d.bus.done = make(chan struct{})
	if client == nil {
		return
	}
	b := &d.bus
	b.client = client
	b.asks = make(chan func())
	b.moved = make(chan struct{}, 1)
	b.out = make(chan publish.Event, 64)
	b.trying = make(chan struct{}, 1)
	client.Report = func(err error) { d.o.Log.Log(Debug, "ubus", "error", err.Error()) }
	b.netifd = netifd.New(client, b.markMoved)
	record := []ubus.Param{{Name: "record", Type: ubus.String}}
	b.object = client.Publish(ubus.Object{Name: busObject, Methods: []ubus.Method{
		{Name: "status", Handle: d.handle(d.busStatus)},
		{Name: "update", Params: record, Handle: d.handle(d.busUpdate)},
		{Name: "history", Params: record, Handle: d.handle(d.busHistory)},
		{Name: "diagnose", Params: record, Handle: d.handle(d.busDiagnose)},
		{Name: "providers", Handle: d.handle(d.busProviders)},
		{Name: "test", Params: []ubus.Param{{Name: "account", Type: ubus.String}, {Name: "options", Type: ubus.Table}}, Handle: d.busTest},
	}})
}

func (b *bus) markMoved() { poke(b.moved) }

// run serves the bus until ctx is done.
func (b *bus) run(ctx context.Context) error {
	if b.client == nil {
		return nil
	}
	var tell sync.WaitGroup
	tell.Add(1)
	go func() {
		defer tell.Done()
		b.announce(ctx)
	}()
	err := b.client.Run(ctx)
	tell.Wait()
	return err
}

// announce tells subscribers and listeners what happened. Nobody waits for it: when the bus is
// slow, the oldest news is dropped.
func (b *bus) announce(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-b.out:
			text, err := json.Marshal(announcement(e))
			if err != nil {
				continue // cannot be
			}
			build := func(out *ubus.Builder) { _ = out.JSON(string(text)) } // it is JSON
			_ = b.object.Notify(string(e.Kind), build)                      // nobody listens, or nobody can
			timed, cancel := context.WithTimeout(ctx, time.Second)
			_ = b.client.Event(timed, busObject, build)
			cancel()
		}
	}
}

// news queues an event for the bus.
func (b *bus) news(e publish.Event) {
	if b.client == nil {
		return
	}
	for {
		select {
		case b.out <- e:
			return
		default:
		}
		select {
		case <-b.out:
		default:
		}
	}
}

// news of one record set, as it goes over the bus.
type news struct {
	Record   string `json:"record"`
	Hostname string `json:"hostname,omitempty"`
	Type     string `json:"type,omitempty"`
	historyEntry
}

// historyEntry is one line of a record's history.
type historyEntry struct {
	Time      time.Time `json:"time"`
	Kind      string    `json:"kind"`
	Addresses []string  `json:"addresses"`
	Outcome   string    `json:"outcome,omitempty"`
	Word      string    `json:"word,omitempty"`
	Text      string    `json:"text,omitempty"`
	TookMS    int64     `json:"took_ms,omitempty"`
	NextS     int64     `json:"next_s,omitempty"`
}

func announcement(e publish.Event) news {
	return news{Record: e.Record, Hostname: e.Target.Hostname, Type: e.Target.Type, historyEntry: entry(e)}
}

func entry(e publish.Event) historyEntry {
	h := historyEntry{
		Time: e.Time.UTC().Truncate(time.Second), Kind: string(e.Kind), Addresses: []string{}, Word: e.Word, Text: e.Text,
		TookMS: e.Took.Milliseconds(), NextS: int64(e.Next / time.Second),
	}
	if e.Kind != addressChanged {
		h.Outcome = e.Outcome.String()
	}
	for _, a := range e.Addrs {
		h.Addresses = append(h.Addresses, a.String())
	}
	return h
}

// handle makes a method of something that is done in the loop.
func (d *Daemon) handle(f func(record string) (answer any, err error)) func(context.Context, *ubus.Request) error {
	return func(ctx context.Context, r *ubus.Request) error {
		record, _ := r.Args.Get("record").Text()
		type outcome struct {
			text []byte
			err  error
		}
		result := make(chan outcome, 1)
		ask := func() {
			answer, err := f(record)
			if err != nil {
				result <- outcome{nil, err}
				return
			}
			text, ok := answer.([]byte)
			if !ok {
				text, err = json.Marshal(answer)
			}
			result <- outcome{text, err}
		}
		select {
		case d.bus.asks <- ask:
		case <-d.bus.done:
			return &ubus.StatusError{Code: ubus.NoData}
		case <-ctx.Done():
			return ctx.Err()
		}
		out := <-result
		if out.err != nil {
			return out.err
		}
		return r.Reply(func(b *ubus.Builder) { _ = b.JSON(string(out.text)) }) // it is JSON
	}
}

// reply answers a call with JSON.
func reply(r *ubus.Request, answer any) error {
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return r.Reply(func(b *ubus.Builder) { _ = b.JSON(string(text)) }) // it is JSON
}

// busStatus is polled by pages: it is put together once for each change.
func (d *Daemon) busStatus(string) (any, error) {
	if changes := d.changes.Load(); d.statusText == nil || d.statusOf != changes {
		text, err := json.Marshal(d.status())
		if err != nil {
			return nil, err
		}
		d.statusText, d.statusOf = text, changes
	}
	return d.statusText, nil
}

func (d *Daemon) busUpdate(record string) (any, error) {
	if record != "" && !d.hasRecord(record) {
		return nil, &ubus.StatusError{Code: ubus.NotFound}
	}
	return map[string]int{"updating": d.wish(record)}, nil
}

func (d *Daemon) busHistory(record string) (any, error) {
	if err := d.needRecord(record); err != nil {
		return nil, err
	}
	out := struct {
		Record string `json:"record"`
		Events []news `json:"events"`
	}{record, []news{}}
	for _, e := range d.history(record) {
		out.Events = append(out.Events, announcement(e))
	}
	return out, nil
}

func (d *Daemon) busDiagnose(record string) (any, error) {
	if err := d.needRecord(record); err != nil {
		return nil, err
	}
	return struct {
		Record   string           `json:"record"`
		Findings []doctor.Finding `json:"findings"`
	}{record, d.findings(record)}, nil
}

func (d *Daemon) busProviders(string) (any, error) {
	all, err := d.o.Services()
	if err != nil {
		d.o.Log.Log(Warn, "a service of the owner's cannot be used", "error", err.Error())
	}
	return map[string]any{"providers": all}, nil
}

func (d *Daemon) needRecord(record string) error {
	switch {
	case record == "":
		return &ubus.StatusError{Code: ubus.InvalidArgument}
	case !d.hasRecord(record):
		return &ubus.StatusError{Code: ubus.NotFound}
	}
	return nil
}

func (d *Daemon) hasRecord(name string) bool {
	for i := range d.cfg.Records {
		if d.cfg.Records[i].Name == name {
			return true
		}
	}
	return false
}
