// Package netifd knows which device an interface of /etc/config/network has at the moment.
//
// In come netifd's answers on ubus; out goes, for an interface as the owner calls it ("wan"),
// the device that carries its addresses ("pppoe-wan"), or why there is none. On a machine
// without netifd an interface's name is its device's. Source: netifd's ubus.c,
// netifd_dump_status (network.interface dump).
package netifd

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/wandns/wandns/pkg/ubus"
)

// object is where netifd answers for all interfaces and notifies of each one's changes.
const object = "network.interface"

// askTimeout is how long netifd may take to answer. It answers in a millisecond; the events of
// the kernel must not wait for one that hangs.
const askTimeout = 500 * time.Millisecond

// maxInterfaces bounds what is kept of an answer.
const maxInterfaces = 512

// Interfaces are netifd's interfaces as last heard of. Make them with New. All methods may be
// used from several goroutines.
type Interfaces struct {
	client *ubus.Client

	mu    sync.Mutex
	asked bool // netifd has answered at least once
	known map[string]state
}

// state is what counts of an interface's status.
type state struct {
	device    string // l3_device; empty while it has none
	up        bool
	pending   bool
	available bool
}

// New watches netifd through a client. changed is called, from one of the client's goroutines,
// when asking again might bring news; it must not block.
func New(client *ubus.Client, changed func()) *Interfaces {
	client.Subscribe(ubus.Subscription{
		Object: object,
		Notify: func(string, ubus.Message) { changed() },
		Joined: changed,
	})
	return &Interfaces{client: client}
}

// Refresh asks netifd. It says whether anything that Device tells is another than before. When
// netifd does not answer, what was known stays.
func (i *Interfaces) Refresh(ctx context.Context) (changed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	m, err := i.client.Call(ctx, object, "dump", nil)
	if err != nil {
		return false, err
	}
	list := m.Get("interface")
	if list.Type() != ubus.Array {
		return false, errors.New("netifd's answer holds no list of interfaces")
	}
	known := map[string]state{}
	for f := range list.Members().Fields() {
		if name, ok := f.Members().Get("interface").Text(); ok && len(known) < maxInterfaces {
			known[name] = parse(f.Members())
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	changed = !i.asked || !maps.Equal(known, i.known)
	i.asked, i.known = true, known
	return changed, nil
}

func parse(m ubus.Message) (s state) {
	s.device, _ = m.Get("l3_device").Text()
	s.up, _ = m.Get("up").Bool()
	s.pending, _ = m.Get("pending").Bool()
	s.available, _ = m.Get("available").Bool()
	return s
}

// Known says whether netifd has ever answered.
func (i *Interfaces) Known() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}

// Device is the device of an interface. When ok is false it has none now, and reason says why.
// A name that netifd does not know is taken for a device's own.
func (i *Interfaces) Device(name string) (device, reason string, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	s, known := i.known[name]
	switch {
	case !known:
		return name, "", true
	case s.device != "":
		return s.device, "", true
	case s.pending:
		return "", "interface " + name + " is still being set up (netifd: pending)", false
	case !s.available:
		return "", "interface " + name + " has no device (netifd: not available)", false
	}
	return "", "interface " + name + " is down (netifd)", false
}
