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

// network names that part of the Internet from which a device has its own address: by its first
// byte. ISPs have addresses in a few of those; what is used inside without being owned are whole
// ones.
func (q Question) network() string {
	if !q.Own.IsValid() {
		return ""
	}
	return q.Device + string(q.Own.AsSlice()[:1])
}

// line names what a question is about.
func (q Question) line() string { return q.Device + q.Family.String() }

// begin decides when a question that is new is asked: at once, or when publishing what it is
// about is done. The caller has the lock.
func (f *Finder) begin(s *subject, now time.Time) {
	s.view.Doubt = false
	if s.q.Own.IsValid() {
		f.doubt(s, now)
	}
	s.due = now
	if !s.q.Behind && !s.q.Needed && !s.view.Doubt {
		s.due = now.Add(settle)
	}
}

// doubt decides whether an address of the device itself has to wait. The caller has the lock.
func (f *Finder) doubt(s *subject, now time.Time) {
	trusted, met := f.trusted[s.q.network()]
	switch {
	case trusted:
		return
	case !s.doubt.IsZero(): // of this address, while something else went on changing
	case met:
		s.doubt = now.Add(natLimit)
	case !f.mute[s.q.line()]:
		s.doubt = now.Add(doubtLimit)
	}
	s.view.Doubt = now.Before(s.doubt)
}

// doubtOver ends a doubt that has lasted long enough. The caller has the lock.
func (f *Finder) doubtOver(s *subject, now time.Time) bool {
	if !s.view.Doubt || s.doubt.After(now) {
		return false
	}
	s.view.Doubt, f.mute[s.q.line()] = false, true
	return true
}

// judge takes to heart what those outside said about a device's own address, the zero Addr when
// they said nothing, and says whether it is still in doubt. The caller has the lock.
func (f *Finder) judge(s *subject, seen netip.Addr) (doubt bool) {
	if !seen.IsValid() {
		_, met := f.trusted[s.q.network()]
		f.mute[s.q.line()] = f.mute[s.q.line()] || s.view.Doubt
		return s.view.Doubt && met
	}
	if s.q.Own.IsValid() {
		f.trusted[s.q.network()] = seen == s.q.Own
	}
	s.doubt = time.Time{}
	delete(f.mute, s.q.line())
	return false
}
