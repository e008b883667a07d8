// Package ubus is a client of OpenWrt's message bus, in Go alone. A unix socket to ubusd comes
// in; calls of other programs' objects, subscriptions, events and objects of our own go out.
//
// A [Client] keeps one connection for as long as [Client.Run] runs. When ubusd restarts, every
// id on the bus changes; the client connects again and publishes, subscribes and listens again
// by itself, so that its users only ever deal in names.
//
//	c := &ubus.Client{Report: logIt}
//	status := c.Publish(ubus.Object{Name: "clock", Methods: []ubus.Method{{
//		Name:   "now",
//		Params: []ubus.Param{{Name: "utc", Type: ubus.Bool}},
//		Handle: func(ctx context.Context, r *ubus.Request) error {
//			return r.Reply(func(b *ubus.Builder) { b.Int("unix", time.Now().Unix()) })
//		},
//	}}})
//	c.Subscribe(ubus.Subscription{Object: "network.interface", Notify: onChange})
//	go c.Run(ctx)
//	…
//	reply, err := c.Call(ctx, "network.interface", "dump", nil)
//	_ = status.Notify("tick", nil) // costs nothing when nobody subscribed
//
// # Goroutines
//
// While connected a Client has three, all joined when Run returns: one reads the socket and
// never waits for anybody (ubusd throws away what a slow reader does not take), one keeps what
// was published and subscribed in place, and one runs the handlers of methods, notifications
// and events, one after another in the order in which the messages came. A handler may make
// calls and use every method of the Client. One that takes long keeps the others waiting: it
// should call [Request.Defer] and answer from elsewhere. All methods of Client, Published and
// Request may be used from several goroutines.
//
// # What is trusted
//
// Nothing. ubusd passes on what other programs sent almost as it came, so every length is
// checked before use, nesting has a limit, a message that is too long is skipped without being
// stored, and a broken one fails only the call that it answers. File descriptors that travel
// with a message are never taken from the kernel, which closes them.
//
// Sources: ubusmsg.h, ubusd_proto.c, ubusd_event.c, ubusd_acl.c and libubus-*.c of the ubus
// project; blob.h, blobmsg.c and blobmsg_json.c of libubox; recordings of real conversations,
// which the tests replay.
package ubus
