package publish

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/wholefile"
)

// journal keeps the accounts' state in the run directory: one file an account, which is memory
// (tmpfs) on a router.
type journal struct {
	dir  string
	boot string               // this boot's id
	now  func() time.Duration // since boot
	warn func(string)
}

func (j *journal) path(account string) string {
	return filepath.Join(j.dir, "account-"+url.PathEscape(account)+".json")
}

// stamp turns a time into one of the boot clock, 0 for none.
func (j *journal) stamp(t, now time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(1, (j.now() + t.Sub(now)).Milliseconds())
}

// time is the reverse of stamp. No time lies further from now than a stamp may mean.
func (j *journal) time(stamp int64, now time.Time) time.Time {
	const far = int64(400 * 24 * time.Hour / time.Millisecond)
	if stamp <= 0 || stamp > far*10 {
		return time.Time{}
	}
	ahead := min(max(stamp-j.now().Milliseconds(), -far), far)
	return now.Add(time.Duration(ahead) * time.Millisecond)
}

// load reads what was kept of an account; ok is false when there is nothing to use.
func (j *journal) load(account string) (s savedAccount, ok bool) {
	path := j.path(account)
	text, err := wholefile.Read(path, maxState)
	if errors.Is(err, fs.ErrNotExist) {
		return s, false
	}
	if err == nil {
		s, err = parseState(text)
	}
	if err != nil {
		j.warn(wholefile.SetAside(path, err))
		return savedAccount{}, false
	}
	return s, true
}

func (j *journal) save(account string, s savedAccount) {
	s.Version, s.Boot = stateVersion, j.boot
	text, err := json.Marshal(s)
	if err == nil {
		err = wholefile.Write(j.path(account), text, 0o600, false)
	}
	if err != nil {
		j.warn("the state of account " + account + " could not be kept: " + err.Error())
	}
}

// saltSize is in bytes.
const saltSize = 16

// salt is the run directory's own, made when there is none.
func (j *journal) salt() []byte {
	path := filepath.Join(j.dir, "salt")
	if salt, err := wholefile.Read(path, saltSize); err == nil && len(salt) == saltSize {
		return salt
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails on Linux: getrandom(2)
	if err := wholefile.Write(path, salt, 0o600, false); err != nil {
		j.warn("accounts will not be known again after a restart: " + err.Error())
	}
	return salt
}

func (j *journal) remove(account string) { _ = os.Remove(j.path(account)) }

// save keeps the worker's state.
func (w *worker) save() {
	now := time.Now()
	j := &w.p.journal
	w.mu.Lock()
	s := savedAccount{Fingerprint: w.fingerprint, Gate: j.gate(&w.gate, now), Items: make([]savedItem, 0, len(w.items))}
	for _, it := range w.order {
		s.Items = append(s.Items, j.item(it, now))
	}
	w.mu.Unlock()
	j.save(w.name, s)
}

func (j *journal) gate(g *gate, now time.Time) savedGate {
	return savedGate{Hold: g.hold, Next: j.stamp(g.next, now), Told: g.told, Slow: g.slow, Failures: g.failures, Refused: g.refused}
}

func (j *journal) item(it *item, now time.Time) savedItem {
	s := savedItem{
		Hostname: it.want.Hostname, Type: it.want.Type, Known: it.known, Published: it.published, Sent: it.sent,
		Changed: it.changed, Attempt: it.attempt, Confirmed: j.stamp(it.confirmed, now),
		Gate:    j.gate(&gate{hold: it.hold, next: it.next, told: it.told, failures: it.failures}, now),
		Unknown: it.unknown, Same: it.same, Outcome: it.outcome, Word: it.word, Reason: it.reason, History: it.history,
	}
	if it.extras != (provider.Extras{}) {
		extras := it.extras
		s.Extras = &extras
	}
	for _, t := range it.limit.sent {
		s.Limit = append(s.Limit, j.stamp(t, now))
	}
	return s
}

// restore takes over what was kept. After a reboot only what was published is of use, and it
// is no longer certain; holds that must outlive a reboot are kept elsewhere (flash.go). With
// other options the account may be another one: nothing is certain then either.
func (w *worker) restore(s savedAccount) {
	now := time.Now()
	j := &w.p.journal
	same := s.Boot == j.boot && s.Fingerprint == w.fingerprint
	if same {
		w.gate = gate{hold: s.Gate.Hold, next: j.time(s.Gate.Next, now), told: s.Gate.Told, slow: s.Gate.Slow,
			failures: s.Gate.Failures, refused: s.Gate.Refused}
	}
	for _, saved := range s.Items {
		it := w.items[Target{w.name, saved.Hostname, saved.Type}]
		if it == nil {
			continue
		}
		it.published, it.changed, it.attempt = saved.Published, saved.Changed, saved.Attempt
		it.sent, it.history = saved.Sent, saved.History
		for i := range it.history {
			it.history[i].Target, it.history[i].Record = it.want.Target, it.want.Record
		}
		if !same {
			continue
		}
		it.known, it.unknown, it.same = saved.Known, saved.Unknown, saved.Same
		it.hold, it.next, it.told = saved.Gate.Hold, j.time(saved.Gate.Next, now), saved.Gate.Told
		it.failures, it.confirmed = saved.Gate.Failures, j.time(saved.Confirmed, now)
		if saved.Extras != nil {
			it.extras = *saved.Extras
		}
		it.outcome, it.word, it.reason = saved.Outcome, saved.Word, saved.Reason
		for _, stamp := range saved.Limit {
			it.limit.add(j.time(stamp, now))
		}
	}
}
