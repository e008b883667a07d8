package dns_test

import (
	"slices"
	"testing"

	real "github.com/miekg/dns"

	"github.com/wandns/wandns/scripts/slim/dns"
)

// The stand-in must do what the real one does, for any text.
func FuzzSplit(f *testing.F) {
	for _, name := range []string{
		"", ".", "..", "org", "org.", "example.org", "www.example.org.", ".org", "a..b", "a...",
		`a\.b.c`, `a\\.b`, `a\\\.b.`, `\.`, `a.\`, `\046a.b`, "myhost.duckdns.org", "ä.example",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if got, want := dns.Split(name), real.Split(name); !slices.Equal(got, want) {
			t.Errorf("Split(%q) = %v, the real one says %v", name, got, want)
		}
	})
}
