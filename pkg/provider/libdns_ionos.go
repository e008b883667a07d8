//go:build !minimal && !no_ionos

package provider

import (
	"time"

	"github.com/libdns/ionos"
)

// ionosTTL is the least that IONOS takes; without any it would take an hour.
const ionosTTL = time.Minute

// ionosInfo is IONOS. The module fails for a zone with a TXT record of several strings (DKIM keys),
// changes only what is a single record, takes any trouble in finding it for its absence, and
// deletes whole record sets.
var ionosInfo = Info{
	Name:    "ionos",
	Title:   "IONOS",
	Website: "https://www.ionos.com/",
	Docs:    "https://developer.hosting.ionos.com/docs/dns",
	Options: []Option{
		{
			Name: "token", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Public prefix and secret of an API key, with a dot between them.",
			Link: "https://developer.hosting.ionos.com/keys",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{MaxAddresses: 1, CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		return newLibdns("IONOS", s, module{
			lib: &ionos.Provider{AuthAPIToken: s.Get("token")}, ttl: ionosTTL, doubtful: true, indigestible: "convert record", blank: true,
			words: []phrase{{"zone named not found", RefusedRequest, "it has no such zone"}},
		})
	},
}

var _ = add(&ionosInfo)
