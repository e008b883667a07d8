package provider

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/wandns/wandns/pkg/egress"
)

// used is what one use of a driver brought.
type used[T any] struct {
	evidence
	value T
}

// use lets f work with the account's driver and comes back whatever f does: a panic is an
// error, and an f that outlives its context is left behind, together with the driver, which
// may hold a lock for ever; a fresh one takes its place.
func use[T any](ctx context.Context, s *Service, device string, f func(context.Context, Driver) (T, error)) used[T] {
	call := &egress.Call{Path: s.path}
	if device != "" {
		call.Path.Device = device
	}
	ctx, cancel := context.WithTimeout(call.Context(ctx), useTimeout)
	defer cancel()

	var out used[T]
	driver, err := s.begin()
	out.describe(driver)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		s.end()
		out.err = seal(err)
		return out
	}
	back := make(chan returned[T], 1) // room for one, so that a late return blocks nobody
	go func() {
		defer s.end()
		back <- watch(ctx, driver, f)
	}()
	r, ok := await(ctx, back)
	out.value, out.err = r.value, r.err
	if !ok {
		out.err = &sealed{text: hungText}
		s.abandon(driver)
	}
	out.exchanges = call.Exchanges()
	return out
}

// returned is what f came back with.
type returned[T any] struct {
	value T
	err   *sealed
}

// watch runs f; a panic is an error of its own.
func watch[T any](ctx context.Context, d Driver, f func(context.Context, Driver) (T, error)) (r returned[T]) {
	defer func() {
		if p := recover(); p != nil {
			r.err = &sealed{text: "the driver crashed, which is a bug: " + fmt.Sprint(p)}
		}
	}()
	value, err := f(ctx, d)
	return returned[T]{value, seal(err)}
}

// await waits for f, and a little beyond the end of its context.
func await[T any](ctx context.Context, back <-chan returned[T]) (r returned[T], ok bool) {
	select {
	case r = <-back:
		return r, true
	case <-ctx.Done():
	}
	patience := time.NewTimer(grace)
	defer patience.Stop()
	select {
	case r = <-back:
		return r, true
	case <-patience.C:
		return r, false
	}
}

func (u *used[T]) describe(d Driver) {
	if d == nil {
		return
	}
	if _, ok := d.(SetReader); ok {
		u.reads = byGet
	}
	if l, ok := d.(interface{ base() *module }); ok {
		m := l.base()
		u.farewell, u.page = m.farewell, m.page
		if len(m.readPaths) > 0 {
			u.reads = m.reads
		}
	}
	if a, ok := d.(AnswerReader); ok {
		u.answer = a.ReadAnswer
	}
}

// begin counts a use and returns its driver. Every begin has its end.
func (s *Service) begin() (Driver, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left++
	if s.left > maxLeft {
		return s.driver, fmt.Errorf("%d earlier uses of the driver have not come back", maxLeft)
	}
	return s.driver, nil
}

func (s *Service) end() {
	s.mu.Lock()
	s.left--
	s.mu.Unlock()
}

// abandon replaces a driver that does not come back.
func (s *Service) abandon(old Driver) {
	fresh, err := s.newDriver()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && s.driver == old {
		s.driver = fresh
	}
}

func (s *Service) current() Driver {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.driver
}

// zone is the zone that a hostname is in: as remembered, else as the service says. Services
// without zones have one, the root.
func (s *Service) zone(ctx context.Context, d Driver, hostname string) (string, error) {
	finder, ok := d.(ZoneFinder)
	if !ok {
		return ".", nil
	}
	s.mu.Lock()
	zone, known := s.zones[hostname]
	s.mu.Unlock()
	if known {
		return zone, nil
	}
	zone, err := finder.FindZone(ctx, strings.TrimPrefix(hostname, "*."))
	if err != nil {
		return "", err
	}
	zone = strings.ToLower(strings.TrimSuffix(zone, "."))
	if zone == "" || !under(hostname, zone) {
		return "", fmt.Errorf("the zone %q does not hold %s", zone, hostname)
	}
	s.mu.Lock()
	s.zones[hostname] = zone
	s.mu.Unlock()
	return zone, nil
}

// forget drops the remembered zone of a hostname after a refusal: it may have moved.
func (s *Service) forget(hostname string, r Result) {
	if r.Outcome != RefusedRequest && r.Outcome != RefusedCredentials {
		return
	}
	s.mu.Lock()
	delete(s.zones, hostname)
	s.mu.Unlock()
}

// under says whether a hostname is a zone's apex or below it, on label boundaries:
// notexample.org is not under example.org.
func under(hostname, zone string) bool {
	return hostname == zone || strings.HasSuffix(hostname, "."+zone)
}

// relative is the hostname as libdns wants it: without the zone, "@" for the apex.
func relative(hostname, zone string) string {
	switch {
	case zone == ".":
		return hostname
	case hostname == zone:
		return "@"
	}
	return strings.TrimSuffix(hostname, "."+zone)
}

// absolute undoes relative.
func absolute(name, zone string) string {
	switch {
	case zone == ".":
		return name
	case name == "@" || name == "":
		return zone
	}
	return name + "." + zone
}

// cleanAddrs are the addresses that fit the type, sorted, each once.
func cleanAddrs(addrs []netip.Addr, rrtype string) []netip.Addr {
	var out []netip.Addr
	for _, a := range addrs {
		a = a.Unmap().WithZone("")
		if a.IsValid() && a.Is4() == (rrtype == "A") {
			out = append(out, a)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Less(out[j]) })
	return slices.Compact(out)
}
