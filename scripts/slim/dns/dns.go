// Package dns stands in for github.com/miekg/dns in the release build. Comes in: a domain name.
// Goes out: where its labels begin.
//
// libdns/duckdns uses that module for this one function and links it with all of its tables of
// record types: 27 KB of flash (xz). A build that needs more of it does not compile with this
// package.
//
// Sources: the documentation of dns.Split; RFC 1035, section 5.1 (a dot behind a backslash is
// part of a label).
package dns

// Split returns the offsets in s at which labels begin: "www.example.org." gives 0, 4, 12. The
// root "." has none; an empty name has one, at 0.
func Split(s string) []int {
	if s == "." {
		return nil
	}
	starts := []int{0}
	escaped := false
	for i := 0; i < len(s)-1; i++ {
		switch {
		case s[i] == '\\':
			escaped = !escaped
			continue
		case s[i] == '.' && !escaped:
			starts = append(starts, i+1)
		}
		escaped = false
	}
	return starts
}
