package publish

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"github.com/wandns/wandns/pkg/wholefile"
)

// flash keeps bans over a reboot: the one thing that is written to flash, and only when a ban
// begins or ends. A service that banned us must not be asked again by a power cut.
type flash struct {
	dir  string
	warn func(string)

	mu   sync.Mutex
	bans map[string]ban
	salt []byte // of the fingerprints in bans; nil when there are none
}

type ban struct {
	Fingerprint string    `json:"fingerprint"`
	Text        string    `json:"text"`
	Word        string    `json:"word,omitempty"`
	Since       time.Time `json:"since"`
}

type savedBans struct {
	Version int            `json:"version"`
	Salt    []byte         `json:"salt"`
	Bans    map[string]ban `json:"bans"`
}

func (f *flash) path() string { return filepath.Join(f.dir, "holds.json") }

// maxBans bounds the file, in bytes.
const maxBans = 256 << 10

func (f *flash) load() {
	f.bans = map[string]ban{}
	text, err := wholefile.Read(f.path(), maxBans)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var s savedBans
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err == nil && s.Version != stateVersion {
		err = errForm
	}
	if err != nil {
		f.warn(wholefile.SetAside(f.path(), err))
		return
	}
	if len(s.Bans) > 0 {
		f.bans, f.salt = s.Bans, s.Salt
	}
}

// hold is the ban of an account, when its options are still those that were banned.
func (f *flash) hold(account, fingerprint string) *Hold {
	f.mu.Lock()
	defer f.mu.Unlock()
	b, ok := f.bans[account]
	if !ok || b.Fingerprint != fingerprint {
		return nil
	}
	return &Hold{Code: HoldBanned, Text: b.Text, Word: b.Word, Since: b.Since}
}

// keep records the account's ban, or that it has none, and writes only when that is news.
func (f *flash) keep(account, fingerprint string, h *Hold) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old, had := f.bans[account]
	switch {
	case h == nil && !had:
		return
	case h == nil:
		delete(f.bans, account)
	case had && old.Fingerprint == fingerprint:
		return
	default:
		f.bans[account] = ban{Fingerprint: fingerprint, Text: h.Text, Word: h.Word, Since: h.Since}
	}
	f.write()
}

// only drops the bans of accounts that are gone or changed: want holds account and fingerprint.
func (f *flash) only(want map[string]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	gone := false
	for account, b := range f.bans {
		if want[account] != b.Fingerprint {
			delete(f.bans, account)
			gone = true
		}
	}
	if gone {
		f.write()
	}
}

func (f *flash) write() {
	text, err := json.Marshal(savedBans{Version: stateVersion, Salt: f.salt, Bans: f.bans})
	if err == nil {
		err = wholefile.Write(f.path(), text, 0o600, true)
	}
	if err != nil {
		f.warn("a ban could not be written down and is forgotten at the next reboot: " + err.Error())
	}
}
