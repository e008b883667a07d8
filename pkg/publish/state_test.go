package publish_test

import (
	"testing"

	"github.com/wandns/wandns/pkg/publish"
)

// FuzzState: whatever a state file says, it is refused or within bounds, and what was accepted
// is accepted again after it was written.
func FuzzState(f *testing.F) {
	f.Add([]byte(`{"version":1,"boot":"x","items":[{"hostname":"a.example","type":"A","known":true,"published":["192.88.99.1"]}]}`))
	f.Add([]byte(`{"version":1,"gate":{"hold":{"code":"banned","text":"t","since":"2026-01-02T03:04:05Z"},"next":9223372036854775807}}`))
	f.Add([]byte(`{"version":1,"items":[{"type":"AAAA","limit":[-1,0,9223372036854775807],"gate":{"failures":99999999}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := publish.CheckState(text); err != nil {
			t.Fatal(err)
		}
	})
}
