//go:build !minimal && !no_desec

package provider

import (
	"time"

	"github.com/libdns/desec"
)

// desecTTL is the least that the module sends.
const desecTTL = time.Hour

// desecInfo is deSEC. One request replaces a record set. The module waits when it is told to slow
// down, until the use is over; it sends no TTL below an hour, whatever the zone allows.
var desecInfo = Info{
	Name:    "desec",
	Title:   "deSEC",
	Website: "https://desec.io/",
	Docs:    "https://desec.readthedocs.io/en/latest/dns/rrsets.html",
	Options: []Option{
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true,
			Help: "Token Management → +. It needs no permission beyond its domains.",
			Link: "https://desec.io/tokens",
		},
		zoneOption,
	},
	RecordOptions: ttlFromHour,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		return newLibdns("deSEC", s, module{
			lib: &desec.Provider{Token: s.Get("token")}, set: whole, ttl: desecTTL, indigestible: "parsing RRSet",
		})
	},
}

var _ = add(&desecInfo)
