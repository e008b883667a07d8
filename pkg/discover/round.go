package discover

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/wandns/wandns/pkg/address"
)

// Witness is somebody on the Internet who can say which address he sees.
type Witness interface {
	// Operator is who runs it: two witnesses of one operator count once.
	Operator() string
	// Ask sends a question out of device in a family and returns the address seen. It must end
	// soon after ctx does, bounds its own time, and may be called by several goroutines.
	Ask(ctx context.Context, device string, f address.Family) (netip.Addr, error)
}

// Upstream is the next router.
type Upstream interface {
	// External asks the gateway of a device for its own outside address, for a second at most.
	External(ctx context.Context, device string, gateway netip.Addr) (Told, error)
	// Listen calls announced whenever that gateway announces a change, until ctx is done.
	Listen(ctx context.Context, device string, gateway netip.Addr, announced func()) error
}

// hedge is what a silent witness costs: after this time the next one is asked as well. Those of
// later tiers shake hands first.
var hedge = [...]time.Duration{250 * time.Millisecond, 2 * time.Second}

// believed is how many operators must say the same before a change is believed.
const believed = 2

// round is asking until it is known what the Internet sees.
type round struct {
	q        Question
	known    netip.Addr  // what was seen so far; the zero Addr when nothing was
	tiers    [][]Witness // those of a later tier are asked when the earlier ones gave no verdict
	upstream Upstream

	votes    map[netip.Addr]map[string]bool // who saw what
	verdict  netip.Addr
	told     Told
	lastErr  error
	answers  chan answer
	waiting  int  // for witnesses
	untold   bool // the upstream has not answered
	lastTier int
}

// answer is what one of those asked said.
type answer struct {
	operator string // empty for the upstream
	addr     netip.Addr
	told     Told
	err      error
}

// run asks, and returns when there is a verdict, or nobody is left to ask. All goroutines have
// ended then.
func (r *round) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var asked sync.WaitGroup
	defer asked.Wait()
	defer cancel()
	most := 1
	for _, t := range r.tiers {
		most += len(t)
	}
	r.answers = make(chan answer, most) // so that nobody waits to be heard
	r.votes = map[netip.Addr]map[string]bool{}
	if r.q.Gateway.IsValid() && r.upstream != nil {
		r.untold = true
		asked.Add(1)
		go func() {
			defer asked.Done()
			told, err := r.upstream.External(ctx, r.q.Device, r.q.Gateway)
			r.answers <- answer{told: told, err: err}
		}()
	}
	ask := func(w Witness) {
		r.waiting++
		asked.Add(1)
		go func() {
			defer asked.Done()
			a, err := w.Ask(ctx, r.q.Device, r.q.Family)
			r.answers <- answer{operator: w.Operator(), addr: a, err: err}
		}()
	}
	need := r.needs()
	for i, tier := range r.tiers {
		if r.lastTier = i; r.tier(ctx, tier, need[i], hedge[min(i, 1)], ask) {
			break
		}
	}
	for r.untold && ctx.Err() == nil {
		r.take(ctx, nil, believed)
	}
}

// needs is for each tier how many operators must agree: where the owner has named servers of one
// operator only, he trusts that one.
func (r *round) needs() []int {
	operators := map[string]bool{}
	out := make([]int, len(r.tiers))
	for i, tier := range r.tiers {
		for _, w := range tier {
			operators[w.Operator()] = true
		}
		out[i] = min(believed, max(1, len(operators)))
	}
	return out
}

// tier asks the witnesses of one tier in random order, as few as will do. It says whether the
// round is over.
func (r *round) tier(ctx context.Context, tier []Witness, need int, hedge time.Duration, ask func(Witness)) (over bool) {
	order := rand.Perm(len(tier))
	next := func() {
		if len(order) > 0 {
			ask(tier[order[0]])
			order = order[1:]
		}
	}
	slow := time.NewTicker(hedge)
	defer slow.Stop()
	for {
		for r.waiting < r.missing(need) && len(order) > 0 {
			next()
		}
		if r.waiting == 0 {
			return false
		}
		if r.take(ctx, slow.C, need) {
			next()
		}
		if ctx.Err() != nil || r.verdict.IsValid() {
			return true
		}
	}
}

// missing is how many more witnesses may settle the matter: one, while what is known may be
// confirmed, or while only one voice is missing.
func (r *round) missing(need int) int {
	most := 0
	for a := range r.votes {
		most = max(most, len(r.votes[a]))
	}
	if r.known.IsValid() {
		most = max(most, need-1)
	}
	return max(1, need-most)
}

// take waits for one answer and counts it; slow says that none came for a while.
func (r *round) take(ctx context.Context, slow <-chan time.Time, need int) (isSlow bool) {
	select {
	case <-ctx.Done():
		r.lastErr = ctx.Err()
	case <-slow:
		return true
	case a := <-r.answers:
		if a.operator == "" {
			r.untold, r.told = false, a.told
			return false
		}
		r.waiting--
		r.count(a, need)
	}
	return false
}

// count counts a voice. What was known needs one only. Voices after a verdict do not count.
func (r *round) count(a answer, need int) {
	if r.verdict.IsValid() {
		return
	}
	if a.err == nil && address.Classify(a.addr) != address.Public {
		a.err = fmt.Errorf("%s says %v, which is no public address", a.operator, a.addr)
	}
	if a.err != nil {
		r.lastErr = a.err
		return
	}
	if r.votes[a.addr] == nil {
		r.votes[a.addr] = map[string]bool{}
	}
	r.votes[a.addr][a.operator] = true
	if a.addr == r.known || len(r.votes[a.addr]) >= need {
		r.verdict = a.addr
	}
}

// why is the reason for no verdict, in words.
func (r *round) why() error {
	switch {
	case len(r.votes) > 1:
		return errors.New("those asked disagree, so none is believed")
	case len(r.votes) == 1:
		return errors.New("only one operator answered, and one alone is not believed")
	case r.lastErr != nil:
		return r.lastErr
	}
	return errors.New("nobody is there to ask")
}
