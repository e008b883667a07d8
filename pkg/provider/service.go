package provider

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/libdns/libdns"

	"github.com/wandns/wandns/pkg/egress"
)

// Bounds of one use of a driver.
const (
	useTimeout = 60 * time.Second // a use is a few requests of at the most 20 s
	grace      = time.Second      // for a driver to come back once its context has ended
	maxLeft    = 3                // uses that never came back; with more, nothing is begun
)

// Bounds of what a Result shows, in bytes.
const (
	maxText = 300
	maxWord = 64
)

// Service is an account at a service, ready for use. It is the wall between the drivers and
// the rest: it gives them clean records under a context that ends, it survives their panics and
// their silence, and what it returns is judged and holds no secret. Its methods may be called
// from several goroutines; requests of one account are better made one at a time.
type Service struct {
	info     *Info
	settings Settings
	path     egress.Path
	secrets  *redactor
	title    string

	mu     sync.Mutex
	driver Driver
	zones  map[string]string // hostname → zone, as the service said
	left   int               // uses that have not come back
}

// Open makes an account of a service ready. Nothing is sent. The error names the option that is
// wrong, never its value.
func Open(info *Info, settings Settings, path egress.Path) (*Service, error) {
	s := &Service{
		info: info, settings: settings, path: path, title: info.Title,
		secrets: newRedactor(info, settings), zones: map[string]string{},
	}
	d, err := s.newDriver()
	if err != nil {
		return nil, fmt.Errorf("opening an account of %s: %s", info.Title, s.secrets.line(err.Error(), maxText))
	}
	s.driver = d
	return s, nil
}

// Info describes the service; it is shared and must not be changed.
func (s *Service) Info() *Info { return s.info }

func (s *Service) newDriver() (d Driver, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the driver crashed, which is a bug: %v", p)
		}
	}()
	return s.info.New(s.settings)
}

// Set publishes the sets and returns one result for each, in the same order. device, when not
// empty, is the interface that the requests leave by. After an answer that is about the whole
// account, and after trouble, the rest is not tried: those results say NotSent.
func (s *Service) Set(ctx context.Context, device string, sets []RecordSet) []Result {
	results := make([]Result, len(sets))
	var valid []int
	for i := range sets {
		if err := s.check(&sets[i]); err != nil {
			results[i] = s.clean(Result{Outcome: RefusedRequest, Text: err.Error()})
			continue
		}
		valid = append(valid, i)
	}
	var stop *Result
	refused := 0
	for _, batch := range s.batches(sets, valid) {
		if stop != nil {
			for _, i := range batch {
				results[i] = notTried(*stop)
			}
			continue
		}
		s.setBatch(ctx, device, sets, batch, results)
		for _, i := range batch {
			if results[i].Outcome == RefusedCredentials {
				refused++
			}
			if ends(results[i]) || refused >= 2 {
				stop = &results[i]
			}
		}
	}
	return results
}

// ends says whether a result speaks against trying other names of the account now.
func ends(r Result) bool {
	switch r.Outcome {
	case Confirmed, RefusedRequest, RefusedCredentials:
		return r.Whole
	}
	return true
}

func notTried(r Result) Result {
	return Result{
		Outcome: r.Outcome, Word: r.Word, RetryAfter: r.RetryAfter, Whole: r.Whole, NotSent: true,
		Text: cut("not tried after: "+r.Text, maxText),
	}
}

// check makes a record set fit for a driver, or says why it is not.
func (s *Service) check(set *RecordSet) error {
	if len(set.Addrs) == 0 {
		return fmt.Errorf("%s %s: there is no address to publish", set.Hostname, set.Type)
	}
	if most := s.info.Limits.MaxAddresses; most > 0 && len(set.Addrs) > most {
		return fmt.Errorf("%s holds %d address for a name and type, and %s %s should have %d",
			s.title, most, set.Hostname, set.Type, len(set.Addrs))
	}
	addrs := make([]netip.Addr, 0, len(set.Addrs))
	for _, a := range set.Addrs {
		a = a.Unmap().WithZone("")
		if !a.IsValid() || set.Type == "A" && !a.Is4() || set.Type == "AAAA" && !a.Is6() || set.Type != "A" && set.Type != "AAAA" {
			return fmt.Errorf("%s cannot go into a record of type %s", a, set.Type)
		}
		addrs = append(addrs, a)
	}
	set.Addrs = addrs
	return s.checkHostname(set.Hostname)
}

func (s *Service) checkHostname(hostname string) error {
	if hostname == "" || hostname != strings.ToLower(strings.Trim(hostname, ".")) {
		return fmt.Errorf("%q is no hostname in lower case without a dot at the end", hostname)
	}
	if s.info.CheckHostname != nil {
		if err := s.info.CheckHostname(hostname); err != nil {
			return err
		}
	}
	for _, suffix := range s.info.Limits.Suffixes {
		if under(hostname, suffix) {
			return nil
		}
	}
	if len(s.info.Limits.Suffixes) > 0 {
		return fmt.Errorf("%s is not under %s", hostname, strings.Join(s.info.Limits.Suffixes, " or "))
	}
	return nil
}

// batches puts together what goes into one call of the driver: the sets of several hostnames
// where the service takes them, else the sets of one hostname or one set alone.
func (s *Service) batches(sets []RecordSet, valid []int) [][]int {
	limits := s.info.Limits
	most := max(limits.MaxHostnames, 1)
	var out [][]int
	if most == 1 && !limits.Joint {
		for _, i := range valid {
			out = append(out, []int{i})
		}
		return out
	}
	at := map[string]int{} // hostname → batch
	names := most          // in the last batch
	for _, i := range valid {
		b, known := at[sets[i].Hostname]
		if !known {
			if names >= most {
				out, names = append(out, nil), 0
			}
			b = len(out) - 1
			at[sets[i].Hostname] = b
			names++
		}
		out[b] = append(out[b], i)
	}
	return out
}

// setBatch is one call of the driver, and its judgement for each set.
func (s *Service) setBatch(ctx context.Context, device string, sets []RecordSet, batch []int, results []Result) {
	hostname := sets[batch[0]].Hostname
	u := use(ctx, s, device, func(ctx context.Context, d Driver) (struct{}, error) {
		zone, err := s.zone(ctx, d, hostname)
		if err != nil {
			return struct{}{}, err
		}
		var records []libdns.Record
		for _, i := range batch {
			for _, a := range sets[i].Addrs {
				r := libdns.Address{Name: relative(sets[i].Hostname, zone), IP: a, TTL: sets[i].Extras.TTL}
				if sets[i].Extras != (Extras{}) {
					r.ProviderData = sets[i].Extras
				}
				records = append(records, r)
			}
		}
		_, err = d.SetRecords(ctx, zone, records)
		return struct{}{}, err
	})
	for _, i := range batch {
		u.several = u.several || sets[i].Hostname != hostname
	}
	for _, i := range batch {
		results[i] = s.judge(u.evidence, sets[i].Hostname, sets[i].Type)
		s.forget(sets[i].Hostname, results[i])
	}
}

// Read asks the service what a record set holds: addresses of the type, sorted, or none. The
// error is ErrUnreadable where the service has no way to say, else a *Refusal, whatever went wrong.
func (s *Service) Read(ctx context.Context, device, hostname, rrtype string) ([]netip.Addr, error) {
	if _, ok := s.current().(SetReader); !ok {
		return nil, ErrUnreadable
	}
	if err := s.checkHostname(hostname); err != nil {
		return nil, s.refuse(hostname, rrtype, Result{Outcome: RefusedRequest, Text: err.Error()})
	}
	type reading struct {
		addrs []netip.Addr
		blind bool
	}
	u := use(ctx, s, device, func(ctx context.Context, d Driver) (reading, error) {
		zone, err := s.zone(ctx, d, hostname)
		if err != nil {
			return reading{}, err
		}
		addrs, err := d.(SetReader).ReadSet(ctx, zone, relative(hostname, zone), rrtype)
		return reading{addrs, errors.Is(err, ErrUnreadable)}, err
	})
	if u.value.blind {
		return nil, ErrUnreadable
	}
	u.reads = anything
	res := s.judge(u.evidence, hostname, rrtype)
	s.forget(hostname, res)
	if res.Outcome != Confirmed {
		return nil, s.refuse(hostname, rrtype, res)
	}
	return cleanAddrs(u.value.addrs, rrtype), nil
}

// Delete removes a record set. One that is not there is Confirmed.
func (s *Service) Delete(ctx context.Context, device, hostname, rrtype string) Result {
	_, able := s.current().(libdns.RecordDeleter)
	if !able || !s.info.Limits.CanDelete {
		return s.clean(Result{Outcome: RefusedRequest, Text: s.title + " cannot delete the addresses of one family of a name"})
	}
	if err := s.checkHostname(hostname); err != nil {
		return s.clean(Result{Outcome: RefusedRequest, Text: err.Error()})
	}
	u := use(ctx, s, device, func(ctx context.Context, d Driver) (struct{}, error) {
		zone, err := s.zone(ctx, d, hostname)
		if err != nil {
			return struct{}{}, err
		}
		record := libdns.RR{Name: relative(hostname, zone), Type: rrtype}
		_, err = d.(libdns.RecordDeleter).DeleteRecords(ctx, zone, []libdns.Record{record})
		return struct{}{}, err
	})
	res := s.judge(u.evidence, hostname, rrtype)
	s.forget(hostname, res)
	return res
}

// Test asks the service whether it takes the account's login, without changing anything. Where
// it has no way to say, the result is Unknown and NotSent.
func (s *Service) Test(ctx context.Context, device string) Result {
	if _, ok := s.current().(Tester); !ok {
		return s.clean(Result{NotSent: true, Text: s.title + " has no way to test a login without changing a record"})
	}
	u := use(ctx, s, device, func(ctx context.Context, d Driver) (struct{}, error) {
		return struct{}{}, d.(Tester).TestLogin(ctx)
	})
	u.reads = anything
	res := s.judge(u.evidence, "", "")
	if res.Outcome == Confirmed {
		res.Text = s.title + " takes the login"
	}
	return res
}

// judge is what became of one record set, fit to be shown.
func (s *Service) judge(e evidence, hostname, rrtype string) Result {
	e.hostname, e.rrtype, e.title = hostname, rrtype, s.title
	return s.clean(judge(e))
}

func (s *Service) clean(r Result) Result {
	r.Word, r.Text = s.secrets.line(r.Word, maxWord), s.secrets.line(r.Text, maxText)
	r.RetryAfter = max(r.RetryAfter, 0)
	return r
}

func (s *Service) refuse(hostname, rrtype string, r Result) error {
	return &Refusal{Hostname: hostname, Type: rrtype, Result: s.clean(r)}
}
