package ubus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/ubus"
)

// caller is a second client on the bus.
func caller(t *testing.T, path string) *ubus.Client {
	t.Helper()
	c := &ubus.Client{Path: path}
	run(t, c)
	return c
}

func TestPublish_methods_answer(t *testing.T) {
	s := bus(t)
	var said reports
	c := &ubus.Client{Path: s.Path(), Report: said.add}
	later := make(chan *ubus.Request, 1)
	var empty map[string]int
	p := c.Publish(ubus.Object{Name: "wandns", Methods: []ubus.Method{
		{Name: "echo", Params: []ubus.Param{{Name: "s", Type: ubus.String}, {Name: "n", Type: ubus.Int64}, {Name: "d", Type: ubus.Double}, {Name: "b", Type: ubus.Bool}},
			Handle: func(_ context.Context, r *ubus.Request) error {
				return r.Reply(func(b *ubus.Builder) { b.Message(r.Args) })
			}},
		{Name: "who", Handle: func(_ context.Context, r *ubus.Request) error {
			return r.Reply(func(b *ubus.Builder) { b.Text("user", r.User()+":"+r.Group()) })
		}},
		{Name: "nothing", Handle: func(context.Context, *ubus.Request) error { return nil }},
		{Name: "deny", Handle: func(_ context.Context, r *ubus.Request) error {
			_ = r.Reply(func(b *ubus.Builder) { b.Text("secret", "not to be seen") })
			return fmt.Errorf("because: %w", &ubus.StatusError{Code: ubus.PermissionDenied})
		}},
		{Name: "fail", Handle: func(context.Context, *ubus.Request) error { return errors.New("some trouble") }},
		{Name: "slow", Handle: func(context.Context, *ubus.Request) error { return context.DeadlineExceeded }},
		{Name: "panic", Handle: func(context.Context, *ubus.Request) error { empty["x"] = 1; return nil }},
		{Name: "large", Handle: func(_ context.Context, r *ubus.Request) error {
			return r.Reply(func(b *ubus.Builder) { b.Text("x", strings.Repeat("x", ubus.MaxMessage)) })
		}},
		{Name: "later", Handle: func(_ context.Context, r *ubus.Request) error { r.Defer(); later <- r; return nil }},
		{Name: "unmade"},
	}})
	run(t, c)
	await(t, "the object", p.Ready)
	other := caller(t, s.Path())

	for _, x := range []struct {
		name, method, args, want string
		status                   ubus.Status
	}{
		{"data", "echo", `{"s":"x","n":5,"d":1,"b":true}`, "", ubus.OK},
		{"argument-of-rpcd", "echo", `{"ubus_rpc_session":"00"}`, "", ubus.OK},
		{"text-for-number", "echo", `{"n":"5"}`, "{}", ubus.InvalidArgument},
		{"number-for-text", "echo", `{"s":5}`, "{}", ubus.InvalidArgument},
		{"number-for-bool", "echo", `{"b":1}`, "{}", ubus.InvalidArgument},
		{"bool-for-number", "echo", `{"n":true}`, "{}", ubus.InvalidArgument},
		{"fraction-for-integer", "echo", `{"n":1.5}`, "{}", ubus.InvalidArgument},
		{"user-of-the-caller", "who", "", `{"user":"root:root"}`, ubus.OK},
		{"no-data", "nothing", "", "{}", ubus.OK},
		{"status-of-the-error", "deny", "", "{}", ubus.PermissionDenied},
		{"other-error", "fail", "", "{}", ubus.UnknownError},
		{"deadline", "slow", "", "{}", ubus.TimedOut},
		{"panic", "panic", "", "{}", ubus.UnknownError},
		{"answer-too-large", "large", "", "{}", ubus.UnknownError},
		{"unknown-method", "nosuch", "", "{}", ubus.MethodNotFound},
		{"method-without-handler", "unmade", "", "{}", ubus.MethodNotFound},
	} {
		t.Run(x.name, func(t *testing.T) {
			if x.want == "" {
				x.want = x.args
			}
			got, err := call(t, other, "wandns", x.method, x.args)
			if ubus.StatusOf(err) != x.status || got != x.want {
				t.Errorf("%s, %v; want %s, %v", got, err, x.want, x.status)
			}
		})
	}
	if !said.have("object_test.go:") || !said.have("nil map") {
		t.Errorf("the panic was reported as %q", said.list)
	}

	answer := make(chan string, 1)
	go func() {
		got, err := call(t, other, "wandns", "later", "")
		answer <- fmt.Sprint(got, err)
	}()
	r := next(t, "the deferred call", later)
	if got, err := call(t, other, "wandns", "who", ""); err != nil {
		t.Errorf("a call meanwhile: %s, %v", got, err)
	}
	if err := r.Reply(func(b *ubus.Builder) { b.Bool("late", true) }); err != nil {
		t.Error(err)
	}
	r.Finish(nil)
	r.Finish(errors.New("once is enough"))
	if err := r.Reply(nil); err == nil {
		t.Error("replied after the end")
	}
	if got := next(t, "the late answer", answer); got != `{"late":true}<nil>` {
		t.Errorf("late answer %s", got)
	}
}

func TestPublish_signature_is_seen_by_others(t *testing.T) {
	s := bus(t)
	c := &ubus.Client{Path: s.Path()}
	p := c.Publish(ubus.Object{Name: "wandns", Methods: []ubus.Method{
		{Name: "update", Params: []ubus.Param{{Name: "record", Type: ubus.String}, {Name: "now", Type: ubus.Bool}}}, {Name: "status"},
	}})
	run(t, c)
	await(t, "the object", p.Ready)
	list, err := caller(t, s.Path()).Lookup(context.Background(), "wandns")
	if err != nil || len(list) != 1 || len(list[0].Methods) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if m := list[0].Methods[0]; m.Name != "update" || len(m.Params) != 2 || m.Params[1] != (ubus.Param{Name: "now", Type: ubus.Bool}) {
		t.Errorf("method %+v", m)
	}
	p.Remove()
	await(t, "the removal", func() bool {
		_, err := caller(t, s.Path()).Lookup(context.Background(), "wandns")
		return ubus.StatusOf(err) == ubus.NotFound
	})
}

// Two daemons at once: the second gets the name when the first has gone.
func TestPublish_waits_for_a_name_that_is_taken(t *testing.T) {
	s := bus(t)
	first, second := &ubus.Client{Path: s.Path()}, &ubus.Client{Path: s.Path()}
	var said reports
	second.Report = said.add
	p1 := first.Publish(ubus.Object{Name: "wandns"})
	run(t, first)
	await(t, "the first", p1.Ready)
	p2 := second.Publish(ubus.Object{Name: "wandns"})
	run(t, second)
	await(t, "a report", func() bool { return said.have("UBUS_STATUS_INVALID_ARGUMENT") })
	if p2.Ready() {
		t.Fatal("two objects of one name")
	}
	p1.Remove()
	await(t, "the second", p2.Ready)
}

func TestNotify_only_when_somebody_listens(t *testing.T) {
	s := bus(t)
	c := &ubus.Client{Path: s.Path()}
	p := c.Publish(ubus.Object{Name: "wandns"})
	run(t, c)
	await(t, "the object", p.Ready)
	asked := false
	if err := p.Notify("changed", func(*ubus.Builder) { asked = true }); err != nil || asked || p.Listened() {
		t.Errorf("nobody listens: %v, fields were built %v, listened %v", err, asked, p.Listened())
	}
	other := caller(t, s.Path())
	got, joined := make(chan string, 1), make(chan bool, 1)
	remove := other.Subscribe(ubus.Subscription{Object: "wandns",
		Notify: func(method string, args ubus.Message) { got <- method + args.String() }, Joined: func() { joined <- true }})
	next(t, "the subscription", joined)
	await(t, "a listener", p.Listened)
	if err := p.Notify("changed", func(b *ubus.Builder) { b.Text("record", "home") }); err != nil {
		t.Fatal(err)
	}
	if g := next(t, "the notification", got); g != `changed{"record":"home"}` {
		t.Errorf("got %s", g)
	}
	remove()
	await(t, "the last listener to go", func() bool { return !p.Listened() })
}

func TestEvents(t *testing.T) {
	s := bus(t)
	c, other := caller(t, s.Path()), caller(t, s.Path())
	got := make(chan string, 8)
	remove := c.Listen("wandns*", func(id string, args ubus.Message) { got <- id + args.String() })
	c.Listen("end", func(id string, _ ubus.Message) { got <- id })
	send := func(id string) {
		t.Helper()
		if err := other.Event(context.Background(), id, func(b *ubus.Builder) { b.Int("a", 1) }); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "both listeners", func() bool { // they are registered in their order
		send("end")
		select {
		case id := <-got:
			return id == "end"
		default:
			return false
		}
	})
	send("network")
	send("wandns.zone")
	for {
		if g := next(t, "the event", got); g == `wandns.zone{"a":1}` {
			break
		} else if g != "end" {
			t.Fatalf("got %s", g)
		}
	}
	remove()
	if err := other.Event(context.Background(), "ubus.object.add", nil); ubus.StatusOf(err) != ubus.PermissionDenied {
		t.Errorf("an event of the server's own: %v", err)
	}
}

func TestSubscribe_survives_its_provider_and_ubusd(t *testing.T) {
	s := bus(t)
	got, joined := make(chan string, 8), make(chan bool, 8)
	c := &ubus.Client{Path: s.Path()}
	c.Subscribe(ubus.Subscription{Object: "network.interface",
		Notify: func(method string, args ubus.Message) { got <- method + args.String() }, Joined: func() { joined <- true }})
	p := c.Publish(ubus.Object{Name: "wandns", Methods: []ubus.Method{{Name: "status", Handle: func(context.Context, *ubus.Request) error { return nil }}}})
	run(t, c)
	await(t, "our object", p.Ready)

	o := netifd(t, s) // it comes after us
	next(t, "the subscription when netifd came", joined)
	data, _ := ubus.NewMessage(func(b *ubus.Builder) { b.Text("interface", "wan") })
	o.Notify("interface.update", data)
	if g := next(t, "the notification", got); g != `interface.update{"interface":"wan"}` {
		t.Errorf("got %s", g)
	}

	o.Remove()
	o = netifd(t, s)
	next(t, "the subscription when netifd came back", joined)

	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	next(t, "the subscription when ubusd came back", joined)
	o.Notify("interface.down", data)
	if g := next(t, "the notification", got); g != `interface.down{"interface":"wan"}` {
		t.Errorf("got %s", g)
	}
	await(t, "our object on the new ubusd", p.Ready)
	if _, err := call(t, caller(t, s.Path()), "wandns", "status", ""); err != nil {
		t.Error(err)
	}
}

// A handler that blocks may lose notifications, but hears of it.
func TestSubscribe_tells_of_what_was_lost(t *testing.T) {
	s := bus(t)
	o := netifd(t, s)
	var said reports
	c := &ubus.Client{Path: s.Path(), Report: said.add}
	blocked, release := make(chan bool), make(chan bool)
	joined := make(chan bool, 8)
	first := true
	c.Subscribe(ubus.Subscription{Object: "network.interface", Joined: func() { joined <- true },
		Notify: func(string, ubus.Message) {
			if first {
				first = false
				close(blocked)
				<-release
			}
		}})
	run(t, c)
	next(t, "the subscription", joined)
	o.Notify("n", ubus.Message{})
	<-blocked
	for range 200 {
		o.Notify("n", ubus.Message{})
	}
	await(t, "a report of the loss", func() bool { return said.have("messages were lost") })
	if got, err := call(t, c, "network.interface", "up", ""); err != nil {
		t.Errorf("a call while a handler hangs: %s, %v", got, err)
	}
	close(release)
	next(t, "word of the loss", joined)
}

func TestHandlers_context_ends_with_the_connection(t *testing.T) {
	s := bus(t)
	c := &ubus.Client{Path: s.Path()}
	began, ended := make(chan bool, 1), make(chan bool, 1)
	p := c.Publish(ubus.Object{Name: "wandns", Methods: []ubus.Method{{Name: "wait", Handle: func(ctx context.Context, _ *ubus.Request) error {
		began <- true
		<-ctx.Done()
		ended <- true
		return ctx.Err()
	}}}})
	run(t, c)
	await(t, "the object", p.Ready)
	other := caller(t, s.Path())
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_, _ = other.Call(ctx, "wandns", "wait", nil)
	}()
	next(t, "the call", began)
	s.Stop()
	next(t, "the end of the handler", ended)
}
