package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
	"github.com/wandns/wandns/scripts/lab/ubusd"
)

// busPlace is a place with a bus, on which netifd answers and a second client listens.
type busPlace struct {
	*place
	server *ubusd.Server
	netifd *ubusd.Object
	dump   atomic.Value // what netifd answers, JSON
	client *ubus.Client
	daemon *site.Process
}

const wanUp = `{"interface":[{"interface":"wan","up":true,"available":true,"l3_device":"wan"},{"interface":"wan6","up":true,"available":true,"l3_device":"wan"}]}`

func newBusPlace(t *testing.T, dump string) *busPlace {
	t.Helper()
	p := &busPlace{place: newPlace(t)}
	server, err := ubusd.Start(filepath.Join(p.Dir, "ubus.sock"))
	if err != nil {
		t.Fatal(err)
	}
	p.server = server
	p.dump.Store(dump)
	p.netifd = server.Provide("network.interface", ubusd.Method{Name: "dump", Answer: func(ubus.Message) (ubus.Status, ubus.Message) {
		m, err := ubusd.JSON(p.dump.Load().(string))
		if err != nil {
			t.Error(err)
		}
		return ubus.OK, m
	}})
	p.client = &ubus.Client{Path: server.Path()}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.client.Run(ctx) // ends with ctx
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		server.Stop()
	})
	return p
}

func (p *busPlace) run() {
	p.t.Helper()
	p.daemon = p.start("--ubus", p.server.Path())
}

// call calls a method of the daemon, waiting until it is on the bus.
func (p *busPlace) call(method, args string, answer any) error {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		m, err := p.client.Call(ctx, "wandns", method, func(b *ubus.Builder) {
			if args != "" {
				if err := b.JSON(args); err != nil {
					p.t.Error(err)
				}
			}
		})
		absent := method == "status" && (errors.Is(err, ubus.ErrNotConnected) || ubus.StatusOf(err) == ubus.NotFound)
		if absent && ctx.Err() == nil {
			<-time.After(20 * time.Millisecond)
			continue
		}
		if err != nil {
			return err
		}
		if answer != nil {
			if err := json.Unmarshal([]byte(m.String()), answer); err != nil {
				p.t.Fatalf("%s answers %s: %v", method, m, err)
			}
		}
		return nil
	}
}

// state is how the daemon says over the bus that a name stands.
func (p *busPlace) state(hostname string) (n daemon.Name) {
	p.t.Helper()
	var s daemon.Status
	if err := p.call("status", "", &s); err != nil {
		p.t.Fatal(err)
	}
	for _, r := range s.Records {
		for _, n := range r.Names {
			if n.Hostname == hostname {
				return n
			}
		}
	}
	return n
}

func TestBus_status_update_history_diagnose(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p := newBusPlace(t, wanUp)
	p.configure(record("home", "duck", ipv4Only, "home.duckdns.org"))
	p.renumber("", wan1)
	p.run()
	p.eventually("the name is current", func() bool { return p.state("home.duckdns.org").State == "current" })

	before := len(p.DuckDNS.Requests())
	var updating struct{ Updating int }
	if err := p.call("update", `{"record":"home"}`, &updating); err != nil || updating.Updating != 1 {
		t.Fatalf("update: %+v %v", updating, err)
	}
	p.until(p.DuckDNS, "the update that was asked for", func(r []double.Request) bool { return len(r) == before+1 })

	var history struct {
		Record string
		Events []struct {
			Kind, Hostname, Type string
			Addresses            []string
		}
	}
	p.eventually("the history tells of it", func() bool {
		if err := p.call("history", `{"record":"home"}`, &history); err != nil {
			t.Fatal(err)
		}
		return len(history.Events) == 3
	})
	if e := history.Events[1]; history.Record != "home" || history.Events[0].Kind != "address" || e.Kind != "published" ||
		e.Hostname != "home.duckdns.org" || len(e.Addresses) != 1 || e.Addresses[0] != bare(wan1) {
		t.Fatalf("history %+v", history)
	}

	p.DuckDNS.Fail(&double.Fault{Kind: double.Answer, Reply: double.Reply{Body: "KO"}})
	p.renumber(wan1, wan2)
	p.eventually("held", func() bool { return p.state("home.duckdns.org").State == "held" })
	var diagnosis struct {
		Findings []struct{ Severity, Code, What, Why, Do string }
	}
	if err := p.call("diagnose", `{"record":"home"}`, &diagnosis); err != nil {
		t.Fatal(err)
	}
	if f := diagnosis.Findings; len(f) != 1 || f[0].Severity != "act" || f[0].Code != "credentials" || f[0].Do == "" || f[0].Why == "" {
		t.Fatalf("diagnosis %+v", diagnosis)
	}
	var services struct {
		Providers []struct{ Name, Title string }
	}
	if err := p.call("providers", "", &services); err != nil || len(services.Providers) < 5 {
		t.Fatalf("providers: %+v %v", services, err)
	}
}

func TestBus_bad_input_is_answered_and_survived(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p := newBusPlace(t, wanUp)
	p.configure(record("home", "duck", ipv4Only, "home.duckdns.org"))
	p.run()
	p.eventually("it answers", func() bool { return p.state("home.duckdns.org").State == "idle" })
	for _, c := range []struct {
		method, args string
		want         ubus.Status
	}{
		{"update", `{"record":"nothere"}`, ubus.NotFound},
		{"update", `{"record":7}`, ubus.InvalidArgument},
		{"history", ``, ubus.InvalidArgument},
		{"history", `{"record":"nothere"}`, ubus.NotFound},
		{"diagnose", `{"record":["home"]}`, ubus.InvalidArgument},
		{"diagnose", `{"record":"` + strings.Repeat("x", 100_000) + `"}`, ubus.NotFound},
		{"nosuchmethod", `{}`, ubus.MethodNotFound},
	} {
		if err := p.call(c.method, c.args, nil); ubus.StatusOf(err) != c.want {
			t.Errorf("%s %.40s: %v, want %v", c.method, c.args, err, c.want)
		}
	}
	if st := p.state("home.duckdns.org").State; st != "idle" {
		t.Fatalf("afterwards it is %q", st)
	}
}

func TestBus_netifd_names_the_device(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	down := `{"interface":[{"interface":"internet","up":false,"pending":true,"available":true}]}`
	p := newBusPlace(t, down)
	p.configure(record("home", "duck", ipv4Only+";list interface 'internet'", "home.duckdns.org"))
	p.renumber("", wan1)
	p.run()
	p.eventually("netifd's reason is told", func() bool {
		n := p.state("home.duckdns.org")
		return n.State == "idle" && n.Code == "no-device" && strings.Contains(n.Reason, "internet")
	})
	p.dump.Store(`{"interface":[{"interface":"internet","up":true,"available":true,"l3_device":"wan"}]}`)
	m, err := ubusd.JSON(`{"interface":"internet","updated":["addresses"]}`)
	if err != nil {
		t.Fatal(err)
	}
	p.netifd.Notify("interface.update", m) // and no event of the kernel at all
	p.eventually("published", func() bool { return p.DuckDNS.Records()["home.duckdns.org"][0] == bare(wan1) })
}

func TestBus_outlives_restarts_and_tells_the_news(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	p := newBusPlace(t, wanUp)
	p.configure(record("home", "duck", ipv4Only, "home.duckdns.org"))
	told := make(chan string, 100)
	p.client.Listen("wandns", func(_ string, args ubus.Message) { told <- args.String() })
	subscribed := make(chan struct{}, 10)
	notified := make(chan string, 100)
	p.client.Subscribe(ubus.Subscription{Object: "wandns",
		Notify: func(method string, args ubus.Message) { notified <- method + " " + args.String() },
		Joined: func() { subscribed <- struct{}{} }})
	p.run()
	await := func(what string, from <-chan string, parts ...string) {
		t.Helper()
		deadline := time.After(patience)
		for {
			select {
			case text := <-from:
				good := true
				for _, part := range parts {
					good = good && strings.Contains(text, part)
				}
				if good {
					return
				}
			case <-deadline:
				t.Fatalf("never told: %s", what)
			}
		}
	}
	for i, move := range [][2]string{{"", wan1}, {wan1, wan2}} {
		select {
		case <-subscribed:
		case <-time.After(patience):
			t.Fatal("never subscribed")
		}
		p.eventually("the daemon knows of its subscriber", func() bool { return p.state("home.duckdns.org").State != "" })
		p.renumber(move[0], move[1])
		await("the event", told, `"kind":"published"`, bare(move[1]), `"record":"home"`)
		await("the notification", notified, "published ", bare(move[1]))
		if i == 0 {
			if err := p.server.Restart(); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.server.Stop()
	p.renumber(wan2, wan3)
	p.eventually("without a bus it works as well", func() bool { return p.DuckDNS.Records()["home.duckdns.org"][0] == bare(wan3) })
}
