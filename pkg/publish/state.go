package publish

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/wandns/wandns/pkg/provider"
)

// stateVersion is the version of the state file's form.
const stateVersion = 1

// maxState bounds a state file, in bytes.
const maxState = 4 << 20

// savedAccount is what a run directory keeps of one account. Times that only count between two
// boots are milliseconds of the boot clock, so that a step of the wall clock moves nothing.
type savedAccount struct {
	Version     int         `json:"version"`
	Boot        string      `json:"boot"` // the kernel's boot id
	Fingerprint string      `json:"fingerprint"`
	Gate        savedGate   `json:"gate"`
	Items       []savedItem `json:"items"`
}

type savedGate struct {
	Hold     *Hold `json:"hold,omitempty"`
	Next     int64 `json:"next,omitempty"`
	Told     bool  `json:"told,omitempty"`
	Slow     bool  `json:"slow,omitempty"`
	Failures int   `json:"failures,omitempty"`
	Refused  int   `json:"refused,omitempty"`
}

type savedItem struct {
	Hostname  string           `json:"hostname"`
	Type      string           `json:"type"`
	Known     bool             `json:"known"`
	Published []netip.Addr     `json:"published,omitempty"`
	Sent      []netip.Addr     `json:"sent,omitempty"`
	Changed   time.Time        `json:"changed"`
	Attempt   time.Time        `json:"attempt"`
	Confirmed int64            `json:"confirmed,omitempty"`
	Extras    *provider.Extras `json:"extras,omitempty"` // as the service was told them
	Gate      savedGate        `json:"gate"`
	Unknown   int              `json:"unknown,omitempty"`
	Same      int              `json:"same,omitempty"`
	Limit     []int64          `json:"limit,omitempty"`
	Outcome   provider.Outcome `json:"outcome,omitempty"`
	Word      string           `json:"word,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	History   []Event          `json:"history,omitempty"`
}

// errForm says that a state file does not say what a state file says.
var errForm = errors.New("not a state file of this version")

// parseState reads a state file's text. Whatever it accepts is within the bounds that the
// rest of the package relies on.
func parseState(text []byte) (savedAccount, error) {
	var s savedAccount
	if err := json.Unmarshal(text, &s); err != nil {
		return savedAccount{}, err
	}
	if s.Version != stateVersion {
		return savedAccount{}, errForm
	}
	for i := range s.Items {
		it := &s.Items[i]
		if !sound(it.Type, it.Published) || !sound(it.Type, it.Sent) {
			return savedAccount{}, fmt.Errorf("%w: addresses of %.64q", errForm, it.Hostname)
		}
		it.Limit = it.Limit[max(0, len(it.Limit)-perHour):]
		it.History = it.History[max(0, len(it.History)-historyLength):]
		it.Gate.Failures, it.Unknown, it.Same = count(it.Gate.Failures), count(it.Unknown), count(it.Same)
	}
	s.Gate.Failures, s.Gate.Refused = count(s.Gate.Failures), count(s.Gate.Refused)
	return s, nil
}

func count(n int) int { return min(max(n, 0), 1000) }

// sound says that addresses are of a record type.
func sound(rrtype string, addrs []netip.Addr) bool {
	if rrtype != "A" && rrtype != "AAAA" {
		return false
	}
	for _, a := range addrs {
		if !a.IsValid() || a.Is4In6() || a.Zone() != "" || a.Is4() != (rrtype == "A") {
			return false
		}
	}
	return true
}
