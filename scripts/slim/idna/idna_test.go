package idna_test

import (
	"testing"

	"github.com/wandns/wandns/scripts/slim/idna"
)

// What is ASCII goes through untouched, and nothing else goes through.
func FuzzToASCII(f *testing.F) {
	for _, host := range []string{"", "api.cloudflare.com", "XN--BCHER-KVA.example", "127.0.0.1", "bücher.example", "api.cloudflare。com", "\x80", "a\u212aelvin"} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		ascii := true
		for _, b := range []byte(host) {
			ascii = ascii && b < 0x80
		}
		for name, ask := range map[string]func(string) (string, error){"ToASCII": idna.ToASCII, "Lookup": idna.Lookup.ToASCII} {
			got, err := ask(host)
			if ascii && (err != nil || got != host) {
				t.Errorf("%s(%q) = %q, %v", name, host, got, err)
			}
			if !ascii && (err == nil || got != "") {
				t.Errorf("%s(%q) = %q and no error", name, host, got)
			}
		}
	})
}
