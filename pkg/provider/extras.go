package provider

import (
	"errors"
	"time"

	"github.com/libdns/libdns"
)

// Extras are what a record can say about itself beside its addresses, where the service has it:
// Info.RecordOptions. What is zero stays at the service as it is.
type Extras struct {
	TTL     time.Duration `json:"ttl,omitempty"` // AutomaticTTL: what the service thinks right
	Proxied Switch        `json:"proxied,omitempty"`
	Comment string        `json:"comment,omitempty"`
}

// Switch is a setting that can also be left alone.
type Switch uint8

// The positions.
const (
	Keep Switch = iota
	On
	Off
)

// AutomaticTTL is Cloudflare's value for a TTL that it chooses itself.
const AutomaticTTL = time.Second

// ExtraNames are the UCI options that Extras come from. Each service has its own rows for those
// that it takes.
func ExtraNames() []string { return []string{"ttl", "proxied", "comment"} }

const ttlHelp = "How long resolvers may keep the address. Without it the name keeps the TTL that it has, and a new one gets the least that the service takes or its default."

// The option ttl of services that take one, by the least that they take. They are tables and not
// made by a function: that would cost code at every start.
var (
	ttlFromMinute = []Option{{Name: "ttl", Title: "TTL", Kind: Duration, Min: "1m", Max: "7d", Help: ttlHelp}}
	ttlToHour     = []Option{{Name: "ttl", Title: "TTL", Kind: Duration, Min: "1m", Max: "1h", Help: ttlHelp}}
	ttlOfAFew     = []Option{{Name: "ttl", Title: "TTL", Kind: Duration, Min: "1m", Max: "1d", Help: "1m, 5m, 15m, 1h, 3h, 6h or 1d: it takes no others. Without it the name keeps the TTL that it has, and a new one gets 5m."}}
	ttlFromThree  = []Option{{Name: "ttl", Title: "TTL", Kind: Duration, Min: "3m", Max: "7d", Help: ttlHelp}}
	ttlFromFive   = []Option{{Name: "ttl", Title: "TTL", Kind: Duration, Min: "5m", Max: "7d", Help: ttlHelp}}
	// By mijn.host's libdns module, for others get 15m; its own page gives 900 as an example.
	ttlOfMijnhost     = []Option{{Name: "ttl", Title: "TTL", Kind: Duration, Min: "5m", Max: "1d", Help: "5m, 15m, 1h, 3h, 6h, 12h or 1d: it takes no others. Without it the name keeps the TTL that it has, and a new one gets 5m."}}
	ttlFromTenMinutes = []Option{{Name: "ttl", Title: "TTL", Kind: Duration, Min: "10m", Max: "7d", Help: ttlHelp}}
	ttlFromHour       = []Option{{Name: "ttl", Title: "TTL", Kind: Duration, Min: "1h", Max: "7d", Help: ttlHelp}}
)

// extrasOf are the extras that SetRecords is given with an address, and without the TTL.
func extrasOf(r libdns.Address) Extras {
	e, _ := r.ProviderData.(Extras)
	e.TTL = r.TTL
	return e
}

// cloudflareFields are the fields of a record to set; the others stay.
type cloudflareFields struct {
	Type    string `json:"type,omitempty"`
	Name    string `json:"name,omitempty"`
	Content string `json:"content,omitempty"`
	TTL     int    `json:"ttl,omitempty"`
	Proxied *bool  `json:"proxied,omitempty"`
	Comment string `json:"comment,omitempty"`
}

// changes are what a record lacks of the extras. A proxied record has an automatic TTL whatever is
// asked for.
func (e Extras) changes(r cloudflareRecord) (f cloudflareFields) {
	proxied := r.Proxied
	if e.Proxied != Keep {
		proxied = e.Proxied == On
	}
	if proxied != r.Proxied {
		f.Proxied = &proxied
	}
	if ttl := int(e.TTL / time.Second); !proxied && ttl != r.TTL {
		f.TTL = ttl
	}
	if e.Comment != r.Comment {
		f.Comment = e.Comment
	}
	return f
}

// checkCloudflareExtras looks at what a record asks of Cloudflare.
func checkCloudflareExtras(e Extras) (option string, err error) {
	switch {
	case e.TTL > AutomaticTTL && e.Proxied == On:
		return "ttl", errors.New("a proxied name has an automatic TTL; take the line out, or write '1s'")
	case e.TTL > AutomaticTTL && e.TTL < 30*time.Second:
		return "ttl", errors.New("it is too short; write '1s' for automatic, or one from 60s (30s in Enterprise zones) to 1d")
	}
	return "", nil
}
