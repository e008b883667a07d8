package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wandns/wandns/pkg/daemon"
)

const (
	stepPatience = 15 * time.Second       // how long a step may take
	settled      = 300 * time.Millisecond // without news, a step is over
	statusLag    = 3 * time.Second        // the status file follows within a second
)

// play does a step, shows what comes of it, and checks it.
func (s *stage) play(ctx context.Context, number int, st step, total *tally) error {
	ctx, cancel := context.WithTimeout(ctx, stepPatience)
	defer cancel()
	s.page.step(number, st.title)
	from, began := s.journal.len(), time.Now()
	narrated := make(chan struct{})
	over, stop := context.WithCancel(ctx)
	go func() {
		defer close(narrated)
		s.narrate(over, from, began)
	}()
	err := st.act(ctx, s)
	if err == nil {
		err = s.outcome(ctx, from, st)
	}
	stop()
	<-narrated
	if err != nil {
		return s.failure(number, st, err)
	}
	rows, _ := s.journal.since(from)
	t := measure(st, rows)
	total.add(st, rows, t)
	s.page.verdict(t, st.moral)
	return nil
}

// outcome waits for what must come, and for what must not, and returns all that is wrong.
func (s *stage) outcome(ctx context.Context, from int, st step) error {
	for _, parts := range st.expected() {
		err := s.journal.await(ctx, from, func(rows []row) bool {
			return slices.ContainsFunc(rows, func(r row) bool { return r.kind == fromDaemon && holdsAll(r.line, parts) })
		})
		if err != nil {
			return fmt.Errorf("the daemon's log never said %q (%w)", strings.Join(parts, " … "), err)
		}
	}
	if err := s.journal.quiet(ctx, settled); err != nil {
		return err
	}
	for n, addr := range st.becomes {
		s.right[n] = bare(addr)
	}
	rows, _ := s.journal.since(from)
	return errors.Join(s.checkWorld(), checkRequests(st, rows), s.checkStatus(ctx, st), s.checkComplaints())
}

// expected are the lines that the step must bring, those of the publications included.
func (st step) expected() [][]string {
	lines := slices.Clone(st.says)
	for n, addr := range st.becomes {
		lines = append(lines, publishedLine(n, addr))
	}
	return lines
}

func publishedLine(n name, addr string) []string {
	return []string{"published ", "hostname=" + n.host + " ", "type=" + n.rrtype + " ", "address=" + bare(addr).String()}
}

func holdsAll(line string, parts []string) bool {
	return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(line, p) })
}

// checkWorld compares what the services hold with what they should.
func (s *stage) checkWorld() error {
	var errs []error
	is := s.holds()
	for _, n := range names {
		if is[n] != s.right[n] {
			errs = append(errs, fmt.Errorf("%s holds %v for %v, expected %v", n.service, is[n], n, s.right[n]))
		}
	}
	return errors.Join(errs...)
}

// checkRequests counts what was sent.
func checkRequests(st step, rows []row) error {
	asked, wrote := map[string]int{}, map[string]int{}
	for _, r := range rows {
		if r.kind != fromService {
			continue
		}
		asked[r.service]++
		if r.writes() {
			wrote[r.service]++
		}
	}
	var errs []error
	for _, service := range slices.Sorted(maps.Keys(st.updates)) {
		if want, got := st.updates[service], wrote[service]; got != want {
			errs = append(errs, fmt.Errorf("%s got %d updates, expected %d", service, got, want))
		}
	}
	for _, service := range slices.Sorted(maps.Keys(asked)) {
		if st.updates[service] == 0 {
			errs = append(errs, fmt.Errorf("%s got %d requests, expected none", service, asked[service]))
		}
	}
	return errors.Join(errs...)
}

// writes says that a request would change something: dyndns services do that with a GET.
func (r row) writes() bool {
	return r.kind == fromService && (r.service != cloudflare || r.request.Method != http.MethodGet)
}

// checkStatus asks the program how everything stands, until it says what is right.
func (s *stage) checkStatus(ctx context.Context, st step) error {
	ctx, cancel := context.WithTimeout(ctx, statusLag)
	defer cancel()
	for {
		wrong, err := s.statusErrors(ctx, st)
		if err != nil || wrong == nil {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return wrong
		}
	}
}

func (s *stage) statusErrors(ctx context.Context, st step) (wrong, err error) {
	text, err := s.command(ctx, "status", "--json")
	if err != nil {
		return nil, err
	}
	var status daemon.Status
	if err := json.Unmarshal([]byte(text), &status); err != nil {
		return nil, fmt.Errorf("reading the status: %w", err)
	}
	var errs []error
	for _, r := range status.Records {
		for _, n := range r.Names {
			want := "current"
			for at, stands := range st.stands {
				if at.host == n.Hostname && at.rrtype == n.Type {
					want = stands
				}
			}
			if string(n.State) != want {
				errs = append(errs, fmt.Errorf("status says of %s %s that it is %s (%s), expected %s", n.Hostname, n.Type, n.State, n.Reason, want))
			}
		}
	}
	return errors.Join(errs...), nil
}

// checkComplaints asks the services whether any request was against their documentation.
func (s *stage) checkComplaints() error {
	if c := s.front.Complaints(); len(c) > 0 {
		return fmt.Errorf("a service complains: %s", strings.Join(c, "; "))
	}
	return nil
}

// failure is a step that did not come out right, with all that helps to see why.
func (s *stage) failure(number int, st step, err error) error {
	log := "(it does not run)"
	if s.daemon != nil {
		log = strings.Join(s.daemon.Lines(), "\n    ")
	}
	return fmt.Errorf("step %d, %q, did not come out right:\n  %s\n  the daemon's log:\n    %s",
		number, st.title, strings.ReplaceAll(err.Error(), "\n", "\n  "), log)
}
