package netwatch

import "time"

// earlyLooks is how many there may be from one look of the other kind to the next: events that never
// pause are no reason to keep a slow processor busy.
const earlyLooks = 4

// unsettled says how long to wait until events have been quiet, or have lasted, long enough, or until
// it is time to look whether addresses were replaced; and whether that is now.
func (w *Watcher) unsettled(now time.Time) (wait time.Duration, early bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.dirty {
		return 0, false
	}
	wait = min(w.cfg.Quiet-now.Sub(w.last), w.cfg.MaxWait-now.Sub(w.first))
	if wait <= 0 || w.overflow != nil || w.early == earlyLooks || !w.addressed.After(w.seen) {
		return wait, false
	}
	if soon := w.cfg.Early - now.Sub(w.last); soon > 0 {
		return min(wait, soon), false
	}
	return wait, true
}

// lookEarly offers what the kernel shows if addresses were replaced and nothing else, or takes back
// what it offered if they are the old ones again. Whatever it shows, the world stays dirty.
func (w *Watcher) lookEarly(news *delivery) {
	w.mu.Lock()
	w.early++
	w.seen = w.addressed
	first, wanted := w.first, w.wanted
	w.alert = w.early < earlyLooks
	w.mu.Unlock()
	s, err := w.dump(wanted)
	if err == nil && (s.Equal(news.last) || s.replaces(news.last)) {
		s.FirstEvent = first
		news.offer(s, false)
	}
}
