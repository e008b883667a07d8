package ubus_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/scripts/lab/ubusd"
)

const patience = 20 * time.Second

// bus starts a double of ubusd.
func bus(t *testing.T) *ubusd.Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "bus") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s, err := ubusd.Start(filepath.Join(dir, "ubus.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// reports collects what a client reports.
type reports struct {
	mu   sync.Mutex
	list []string
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, err.Error())
}

func (r *reports) have(part string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Contains(strings.Join(r.list, "\n"), part)
}

// run runs a client until the test ends, and waits for its connection.
func run(t *testing.T, c *ubus.Client) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Run ended with %v", err)
			}
		case <-time.After(patience):
			t.Error("Run did not end")
		}
	})
	await(t, "a connection", c.Connected)
}

// await polls until something is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// next takes from a channel.
func next[T any](t *testing.T, what string, ch <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
	}
	return v
}

func call(t *testing.T, c *ubus.Client, object, method, args string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := c.Call(ctx, object, method, func(b *ubus.Builder) {
		if args != "" {
			if err := b.JSON(args); err != nil {
				t.Error(err)
			}
		}
	})
	return m.String(), err
}

func wantStatus(t *testing.T, err error, want ubus.Status) {
	t.Helper()
	if !errors.Is(err, &ubus.StatusError{Code: want}) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// netifd puts the recorded network.interface on the bus.
func netifd(t *testing.T, s *ubusd.Server) *ubusd.Object {
	t.Helper()
	dump, err := ubusd.File("testdata/04-call-interface-dump.json")
	if err != nil {
		t.Fatal(err)
	}
	return s.Provide("network.interface",
		ubusd.Method{Name: "dump", Answer: ubusd.Fixed(dump)},
		ubusd.Method{Name: "up", Answer: ubusd.Fixed(ubus.Message{})},
		ubusd.Method{Name: "hang", Answer: func(ubus.Message) (ubus.Status, ubus.Message) { return ubusd.Silence, ubus.Message{} }},
	)
}

func TestCall_answers_and_statuses(t *testing.T) {
	s := bus(t)
	netifd(t, s)
	c := &ubus.Client{Path: s.Path()}
	run(t, c)

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := c.Call(ctx, "network.interface", "dump", nil)
	if err != nil {
		t.Fatal(err)
	}
	devices := map[string]string{}
	for i := range m.Get("interface").Members().Fields() {
		name, _ := i.Members().Get("interface").Text()
		devices[name], _ = i.Members().Get("l3_device").Text()
	}
	if devices["wan"] != "wan" || devices["lan"] == "" {
		t.Errorf("devices %v", devices)
	}
	if got, err := call(t, c, "network.interface", "up", ""); err != nil || got != "{}" {
		t.Errorf("success without data: %s, %v", got, err)
	}
	_, err = call(t, c, "network.interface", "nosuchmethod", "")
	wantStatus(t, err, ubus.MethodNotFound)
	_, err = call(t, c, "nosuchobject", "dump", "")
	wantStatus(t, err, ubus.NotFound)
	if !strings.Contains(err.Error(), "nosuchobject") || !strings.Contains(err.Error(), "UBUS_STATUS_NOT_FOUND") {
		t.Errorf("error %q does not say what was asked", err)
	}
}

func TestCall_whose_provider_dies_ends_by_our_own_deadline(t *testing.T) {
	s := bus(t)
	netifd(t, s)
	c := &ubus.Client{Path: s.Path()}
	run(t, c)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Call(ctx, "network.interface", "hang", nil)
	wantStatus(t, err, ubus.TimedOut)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v hides the deadline", err)
	}
	ctx2, cancel2 := context.WithCancel(context.Background())
	cancel2()
	if _, err := c.Call(ctx2, "network.interface", "hang", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled call: %v", err)
	}
	if got, err := call(t, c, "network.interface", "up", ""); err != nil {
		t.Errorf("the next call: %s, %v", got, err)
	}
}

func TestCall_finds_an_object_that_has_moved(t *testing.T) {
	s := bus(t)
	o := netifd(t, s)
	c := &ubus.Client{Path: s.Path()}
	run(t, c)
	for range 3 {
		if _, err := call(t, c, "network.interface", "dump", ""); err != nil {
			t.Fatal(err)
		}
		o.Remove()
		o = netifd(t, s) // another id
	}
}

func TestCall_while_ubusd_goes_ends_at_once(t *testing.T) {
	s := bus(t)
	netifd(t, s)
	c := &ubus.Client{Path: s.Path()}
	run(t, c)
	done := make(chan error, 1)
	go func() {
		_, err := c.Call(context.Background(), "network.interface", "hang", nil)
		done <- err
	}()
	if _, err := call(t, c, "network.interface", "up", ""); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	if err := next(t, "the end of the call", done); !errors.Is(err, ubus.ErrNotConnected) {
		t.Errorf("error %v", err)
	}
	if _, err := c.Call(context.Background(), "network.interface", "up", nil); !errors.Is(err, ubus.ErrNotConnected) {
		t.Errorf("without a connection: %v", err)
	}
}

func TestCall_many_at_the_same_time(t *testing.T) {
	s := bus(t)
	s.Provide("echo", ubusd.Method{Name: "echo", Answer: func(m ubus.Message) (ubus.Status, ubus.Message) { return ubus.OK, m }})
	c := &ubus.Client{Path: s.Path()}
	run(t, c)
	var all sync.WaitGroup
	for i := range 16 {
		all.Add(1)
		go func() {
			defer all.Done()
			for j := range 50 {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				m, err := c.Call(ctx, "echo", "echo", func(b *ubus.Builder) { b.Int("n", int64(100*i+j)) })
				cancel()
				if n, _ := m.Get("n").Int(); err != nil || n != int64(100*i+j) {
					t.Errorf("sent %d, got %s, %v", 100*i+j, m, err)
					return
				}
			}
		}()
	}
	all.Wait()
}

func TestLookup_one_many_and_hidden(t *testing.T) {
	s := bus(t)
	netifd(t, s)
	s.Provide("network.device", ubusd.Method{Name: "status", Params: []ubus.Param{{Name: "name", Type: ubus.String}}, Answer: ubusd.Fixed(ubus.Message{})})
	s.Provide("log", ubusd.Method{Name: "read", Answer: ubusd.Fixed(ubus.Message{})})
	c := &ubus.Client{Path: s.Path()}
	run(t, c)
	for path, want := range map[string]string{
		"log": "log", "network.*": "network.device network.interface", "": "log network.device network.interface",
	} {
		list, err := c.Lookup(context.Background(), path)
		var got []string
		for _, o := range list {
			got = append(got, o.Path)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %v, %v, want %s", path, got, err, want)
		}
	}
	list, err := c.Lookup(context.Background(), "network.device")
	if err != nil || len(list[0].Methods) != 1 || list[0].Methods[0].Params[0] != (ubus.Param{Name: "name", Type: ubus.String}) {
		t.Errorf("methods %+v, %v", list, err)
	}
	for _, path := range []string{"nosuch", "nosuch*"} {
		_, err := c.Lookup(context.Background(), path)
		wantStatus(t, err, ubus.NotFound)
	}
}

// An unprivileged user: what ubusd hides looks like success without data.
func TestUnprivileged_user_without_rules(t *testing.T) {
	s := bus(t)
	netifd(t, s)
	s.SetRules(&ubusd.Rules{User: "wandns", Group: "wandns"})
	var said reports
	c := &ubus.Client{Path: s.Path(), Report: said.add}
	c.Publish(ubus.Object{Name: "wandns"})
	c.Subscribe(ubus.Subscription{Object: "network.interface", Notify: func(string, ubus.Message) {}})
	run(t, c)
	_, err := call(t, c, "network.interface", "dump", "")
	var status *ubus.StatusError
	if !errors.As(err, &status) || status.Code != ubus.NotFound || !status.Hidden {
		t.Errorf("error %v, want not found because hidden", err)
	}
	wantStatus(t, c.Event(context.Background(), "wandns", nil), ubus.PermissionDenied)
	await(t, "a report that the object was refused", func() bool { return said.have("object wandns: UBUS_STATUS_INVALID_ARGUMENT") })
	await(t, "a report that the subscription was refused", func() bool { return said.have("network.interface: UBUS_STATUS_NOT_FOUND") })
}

// The package's ACL file came late: after it is read, all falls into place.
func TestUnprivileged_user_gets_rules_later(t *testing.T) {
	s := bus(t)
	o := netifd(t, s)
	rules := &ubusd.Rules{User: "wandns", Group: "wandns", Listen: []string{"ubus.object.add", "ubus.acl.sequence"}}
	s.SetRules(rules)
	c := &ubus.Client{Path: s.Path()}
	joined := make(chan struct{}, 8)
	p := c.Publish(ubus.Object{Name: "wandns"})
	c.Subscribe(ubus.Subscription{Object: "network.interface", Notify: func(string, ubus.Message) {}, Joined: func() { joined <- struct{}{} }})
	run(t, c)
	_, err := call(t, c, "network.interface", "dump", "")
	wantStatus(t, err, ubus.NotFound)

	more := *rules
	more.Publish, more.Subscribe = []string{"wandns"}, []string{"network.interface"}
	more.Access = map[string]ubusd.Access{"network.interface": {Methods: []string{"dump"}}}
	s.ReloadRules(&more)
	next(t, "the subscription", joined)
	await(t, "our object", p.Ready)
	if o.Subscribers() != 1 {
		t.Errorf("%d subscribers", o.Subscribers())
	}
	if _, err := call(t, c, "network.interface", "dump", ""); err != nil {
		t.Error(err)
	}
	_, err = call(t, c, "network.interface", "up", "")
	wantStatus(t, err, ubus.PermissionDenied)
}

func TestRun_twice_is_refused(t *testing.T) {
	s := bus(t)
	c := &ubus.Client{Path: s.Path()}
	run(t, c)
	if err := c.Run(context.Background()); err == nil {
		t.Fatal("ran twice")
	}
}

func TestRun_without_ubus_waits_and_says_so_once(t *testing.T) {
	var said reports
	c := &ubus.Client{Path: filepath.Join(t.TempDir(), "nothing"), Report: said.add}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // three attempts
	defer cancel()
	if err := c.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if len(said.list) != 1 {
		t.Errorf("said %q", said.list)
	}
}
