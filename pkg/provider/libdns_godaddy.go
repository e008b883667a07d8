//go:build !minimal && !no_godaddy

package provider

import (
	"time"

	"github.com/libdns/godaddy"
)

// godaddyTTL is the least that GoDaddy takes.
const godaddyTTL = 10 * time.Minute

// godaddyInfo is GoDaddy. The module makes requests that belong to no use, writes to the standard
// log, and replaces a record set by each address that it is given. The least TTL is 600 s.
var godaddyInfo = Info{
	Name:    "godaddy",
	Title:   "GoDaddy",
	Website: "https://www.godaddy.com/",
	Docs:    "https://developer.godaddy.com/doc/endpoint/domains",
	Options: []Option{
		{
			Name: "api_key", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Key of a Production API key. GoDaddy gives access to accounts with ten domains or more.",
			Link: "https://developer.godaddy.com/keys",
		},
		{
			Name: "secret_key", Title: "API secret", Kind: Text, Secret: true, Required: true,
			Help: "Shown once, together with the key.",
			Link: "https://developer.godaddy.com/keys",
		},
		zoneOption,
	},
	RecordOptions: ttlFromTenMinutes,
	Limits:        Limits{MaxAddresses: 1, CanDelete: true},
	New: func(s Settings) (Driver, error) {
		lib := &godaddy.Provider{APIToken: s.Get("api_key") + ":" + s.Get("secret_key")}
		return newLibdns("GoDaddy", s, module{
			lib: lib, set: whole, ttl: godaddyTTL, stray: true, noisy: true, blank: true,
			words: []phrase{{"ACCESS_DENIED", RefusedCredentials, "the key may not do this: GoDaddy lets only accounts with ten domains or more use it"}},
		})
	},
}

var _ = add(&godaddyInfo)
