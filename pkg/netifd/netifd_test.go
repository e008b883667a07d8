package netifd_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/netifd"
	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/scripts/lab/ubusd"
)

// rig is a client on a bus whose netifd answers with a text that can be changed.
type rig struct {
	*netifd.Interfaces
	server *ubusd.Server
	object *ubusd.Object
	answer atomic.Value // string; empty: netifd hangs
	news   chan struct{}
	client *ubus.Client
}

func newRig(t *testing.T, answer string) *rig {
	t.Helper()
	server, err := ubusd.Start(filepath.Join(t.TempDir(), "ubus.sock"))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{server: server, news: make(chan struct{}, 100), client: &ubus.Client{Path: server.Path()}}
	r.answer.Store(answer)
	r.object = server.Provide("network.interface", ubusd.Method{Name: "dump", Answer: func(ubus.Message) (ubus.Status, ubus.Message) {
		text, _ := r.answer.Load().(string)
		if text == "" {
			return ubusd.Silence, ubus.Message{}
		}
		m, err := ubusd.JSON(text)
		if err != nil {
			t.Error(err)
		}
		return ubus.OK, m
	}})
	r.Interfaces = netifd.New(r.client, func() { r.news <- struct{}{} })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = r.client.Run(ctx) // ends with ctx
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		server.Stop()
	})
	r.waitForNews(t, "joining the bus")
	return r
}

func (r *rig) waitForNews(t *testing.T, what string) {
	t.Helper()
	select {
	case <-r.news:
	case <-time.After(20 * time.Second):
		t.Fatal("no news: ", what)
	}
}

const dump = `{"interface":[
 {"interface":"wan","up":true,"available":true,"l3_device":"pppoe-wan","device":"eth0.2"},
 {"interface":"wan6","up":true,"available":true,"l3_device":"pppoe-wan","device":"pppoe-wan"},
 {"interface":"vpn","up":false,"pending":true,"available":true},
 {"interface":"usb","up":false,"pending":false,"available":false},
 {"interface":"off","up":false,"pending":false,"available":true}]}`

func TestInterfaces_names_devices_or_says_why_not(t *testing.T) {
	r := newRig(t, dump)
	if changed, err := r.Refresh(context.Background()); !changed || err != nil {
		t.Fatalf("first answer: %v %v", changed, err)
	}
	for _, c := range []struct {
		name, device string
		ok           bool
	}{
		{"wan", "pppoe-wan", true}, {"wan6", "pppoe-wan", true}, {"eth7", "eth7", true},
		{"vpn", "", false}, {"usb", "", false}, {"off", "", false},
	} {
		device, reason, ok := r.Device(c.name)
		if device != c.device || ok != c.ok || ok == (reason != "") {
			t.Errorf("%s: %q %q %v", c.name, device, reason, ok)
		}
	}
	if changed, err := r.Refresh(context.Background()); changed || err != nil {
		t.Fatalf("the same answer: %v %v", changed, err)
	}
}

func TestInterfaces_keeps_what_it_knew_when_netifd_is_odd(t *testing.T) {
	r := newRig(t, dump)
	if _, err := r.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]string{"hangs": "", "says-nothing": `{"x":1}`, "no-list": `{"interface":"wan"}`} {
		t.Run(name, func(t *testing.T) {
			r.answer.Store(answer)
			if changed, err := r.Refresh(context.Background()); changed || err == nil {
				t.Fatalf("%v %v", changed, err)
			}
			if device, _, ok := r.Device("wan"); device != "pppoe-wan" || !ok {
				t.Fatalf("wan is at %q", device)
			}
		})
	}
	r.answer.Store(`{"interface":[]}`)
	if changed, err := r.Refresh(context.Background()); !changed || err != nil {
		t.Fatalf("%v %v", changed, err)
	}
	if device, _, ok := r.Device("wan"); device != "wan" || !ok {
		t.Fatalf("an interface that netifd no longer knows: %q %v", device, ok)
	}
}

func TestInterfaces_hears_of_news_again_after_a_restart_of_the_bus(t *testing.T) {
	r := newRig(t, dump)
	m, err := ubusd.JSON(`{"interface":"wan"}`)
	if err != nil {
		t.Fatal(err)
	}
	r.object.Notify("interface.update", m)
	r.waitForNews(t, "a notification")
	if err := r.server.Restart(); err != nil {
		t.Fatal(err)
	}
	r.waitForNews(t, "joining again")
	r.object.Notify("interface.down", m)
	r.waitForNews(t, "a notification after the restart")
}

func TestInterfaces_without_a_bus(t *testing.T) {
	i := netifd.New(&ubus.Client{Path: "/nonexistent"}, func() {})
	if _, err := i.Refresh(context.Background()); !errors.Is(err, ubus.ErrNotConnected) {
		t.Fatalf("%v", err)
	}
	if i.Known() {
		t.Fatal("netifd has answered")
	}
	if device, _, ok := i.Device("eth0"); device != "eth0" || !ok {
		t.Fatalf("%q %v", device, ok)
	}
}
