// Package idna stands in, in the release build, for the package of that name inside Go's
// standard library. Comes in: a host name. Goes out: the same, when it is ASCII; else an error.
//
// net/http asks it only for a host that is not ASCII, to turn it into an A-label ("xn--…").
// Nothing here has such a host: the configuration turns host names into A-labels itself, and the
// services' own are ASCII. The real one carries tables of Unicode: 63 KB of flash (xz). With this
// one a request to a host that is not ASCII, in a redirect say, is refused. It is never sent to
// another host.
package idna

import "errors"

var errNotASCII = errors.New("idna: a host name must be ASCII (an xn-- name)")

// Profile has no settings.
type Profile struct{}

// Lookup is what net/http asks.
var Lookup = &Profile{}

// ToASCII returns s, or an error when it is not ASCII.
func (*Profile) ToASCII(s string) (string, error) { return ToASCII(s) }

// ToASCII returns s, or an error when it is not ASCII.
func ToASCII(s string) (string, error) {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return "", errNotASCII
		}
	}
	return s, nil
}
