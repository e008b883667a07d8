package discover

import (
	"net/netip"
	"time"
)

// An address that looks public may still be behind NAT: some ISPs use other people's networks
// inside their own. Only those outside can tell, and what is published meanwhile is wrong. So the
// first time that a device has an address in a network, it is in doubt ([address.View.Doubt])
// until they have said something, or could not be asked, and no longer than doubtLimit. Where
// they saw the device's own address once, its next one in that network is in no doubt: an ISP
// that renumbers its customers does not begin to do NAT with it. Where nobody answers, waiting
// again would be of no use.

const (
	// doubtLimit is how long an address waits for those outside at the most.
	doubtLimit = time.Second
	// natLimit is the same where they saw another address the last time.
	natLimit = 30 * time.Second
)

// line is what is remembered of a device and family, also while it has no address.
type line struct {
	mute     bool       // nobody said anything while it was waited for
	networks [256]sight // by the first byte of an address: ISPs have addresses in a few; what is used inside, unowned, are whole ones
}

// sight is what was seen outside the last time when a device had an address in a network.
type sight uint8

const (
	unseen  sight = iota
	itself        // the device's own address
	another       // so there is NAT
)

// network is that of the device's own address; nil when it has none.
func (s *subject) network() *sight {
	b := s.q.Own.As16()
	switch {
	case !s.q.Own.IsValid():
		return nil
	case s.q.Own.Is4():
		return &s.line.networks[b[12]]
	}
	return &s.line.networks[b[0]]
}

// begin decides when a question that is new is asked: at once, or when publishing what it is
// about is done. The caller has the lock.
func (s *subject) begin(now time.Time) {
	s.view.Doubt = false
	if n := s.network(); n != nil && *n != itself {
		switch {
		case !s.doubt.IsZero(): // of this address, while something else went on changing
		case *n == another:
			s.doubt = now.Add(natLimit)
		case !s.line.mute:
			s.doubt = now.Add(doubtLimit)
		}
		s.view.Doubt = now.Before(s.doubt)
	}
	s.due = now
	if !s.q.Behind && !s.q.Needed && !s.view.Doubt {
		s.due = now.Add(settle)
	}
}

// doubtOver ends a doubt that has lasted long enough. The caller has the lock.
func (s *subject) doubtOver(now time.Time) bool {
	if !s.view.Doubt || s.doubt.After(now) {
		return false
	}
	s.view.Doubt, s.line.mute = false, true
	return true
}

// judge takes to heart what those outside said about a device's own address, the zero Addr when
// they said nothing, and says whether it is still in doubt. The caller has the lock.
func (s *subject) judge(seen netip.Addr) (doubt bool) {
	n := s.network()
	if !seen.IsValid() {
		s.line.mute = s.line.mute || s.view.Doubt
		return s.view.Doubt && *n == another
	}
	s.doubt, s.line.mute = time.Time{}, false
	if n != nil {
		*n = another
		if seen == s.q.Own {
			*n = itself
		}
	}
	return false
}
