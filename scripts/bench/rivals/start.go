package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/scripts/lab/ubusd"
)

// starts starts the client again and again, each time without a memory of the last and with another
// address, and takes the time until it is ready and until the service hears of it.
func (t task) starts(ctx context.Context, p *place) (o outcome, err error) {
	c := named(t.Client)
	var b *bus
	if c.period == 0 {
		if b, err = p.takeBus(ctx); err != nil {
			return o, err
		}
		defer func() { err = errors.Join(err, b.close()) }()
	}
	for n := range t.Starts {
		if _, err := p.change(p.entries[0].device); err != nil {
			return o, err
		}
		before := len(p.requests())
		began, err := p.start(c, t.Program)
		if err != nil {
			return o, err
		}
		if err := p.awaitFor(ctx, firstPatience); err != nil {
			return o, fmt.Errorf("start %d: %w", n+1, err)
		}
		first := p.requests()[before]
		heard, err := p.heard(first, began)
		if err != nil {
			return o, fmt.Errorf("start %d: %w", n+1, err)
		}
		o.FirstByte = append(o.FirstByte, heard.Sub(began).Seconds())
		o.Request = append(o.Request, first.At.Sub(began).Seconds())
		if b != nil {
			ready, err := b.ready(p)
			if err != nil {
				return o, fmt.Errorf("start %d: %w", n+1, err)
			}
			o.Ready = append(o.Ready, ready.Sub(began).Seconds())
		}
		if err := p.stop(); err != nil {
			return o, err
		}
	}
	return o, nil
}

// bus is OpenWrt's, as far as wandns is concerned, and somebody who watches it.
type bus struct {
	server  *ubusd.Server
	watcher *ubus.Client
	appears chan time.Time // of wandns' object
	cancel  context.CancelFunc
	ended   chan struct{}
}

// takeBus starts a bus on which netifd names the devices as themselves.
func (p *place) takeBus(ctx context.Context) (*bus, error) {
	p.bus = filepath.Join(p.dir, "ubus.sock")
	server, err := ubusd.Start(p.bus)
	if err != nil {
		return nil, err
	}
	device := p.entries[0].device
	dump, err := ubusd.JSON(fmt.Sprintf(`{"interface":[{"interface":%q,"up":true,"l3_device":%q,"device":%q}]}`, device, device, device))
	if err != nil {
		return nil, err
	}
	server.Provide("network.interface", ubusd.Method{Name: "dump", Answer: ubusd.Fixed(dump)})
	ctx, cancel := context.WithCancel(ctx)
	b := &bus{server: server, watcher: &ubus.Client{Path: p.bus}, appears: make(chan time.Time, 1), cancel: cancel, ended: make(chan struct{})}
	listens := make(chan struct{}, 1)
	b.watcher.Listen("ubus.object.add", func(_ string, args ubus.Message) {
		switch path, _ := args.Get("path").Text(); path {
		case wandns:
			b.appears <- time.Now()
		case sign:
			select {
			case listens <- struct{}{}:
			default:
			}
		}
	})
	go func() {
		defer close(b.ended)
		_ = b.watcher.Run(ctx) // which ends with ctx only
	}()
	for { // until it hears
		server.Provide(sign).Remove()
		select {
		case <-listens:
			return b, nil
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), b.close())
		}
	}
}

// sign is an object that comes and goes to see whether the watcher listens.
const sign = "sign"

// ready is when a started wandns was: its object is on the bus, and it has chosen its address from
// what the kernel told it first, which it logs.
func (b *bus) ready(p *place) (time.Time, error) {
	var at time.Time
	select {
	case at = <-b.appears:
	case <-time.After(firstPatience):
		return at, fmt.Errorf("no object on the bus:\n%.2000s", p.log.text())
	}
	chose, ok := p.log.wrote("info address ")
	if !ok {
		return at, fmt.Errorf("it does not say which address it chose:\n%.2000s", p.log.text())
	}
	if chose.After(at) {
		at = chose
	}
	return at, nil
}

func (b *bus) close() error {
	b.cancel()
	<-b.ended
	b.server.Stop()
	return nil
}
