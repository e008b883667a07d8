//go:build !minimal && !no_porkbun

package provider

import (
	"time"

	"github.com/libdns/porkbun"
)

// porkbunTTL is the least that Porkbun takes.
const porkbunTTL = 10 * time.Minute

// porkbunInfo is Porkbun. The module makes requests that belong to no use, reads whole zones, and
// ends the program where a body cannot be closed, which egress does not let happen. An edit that
// changes nothing is an error. The least TTL is 600 s.
var porkbunInfo = Info{
	Name:    "porkbun",
	Title:   "Porkbun",
	Website: "https://porkbun.com/",
	Docs:    "https://porkbun.com/api/json/v3/documentation",
	Options: []Option{
		{
			Name: "api_key", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Account → API Access. Begins with pk1_.",
			Link: "https://porkbun.com/account/api",
		},
		{
			Name: "secret_key", Title: "Secret key", Kind: Text, Secret: true, Required: true,
			Help: "Shown once, together with the API key. Begins with sk1_. In the domain’s details, API Access must be on.",
			Link: "https://porkbun.com/account/api",
		},
		zoneOption,
	},
	RecordOptions: ttlFromTenMinutes,
	Limits:        Limits{MaxAddresses: 1, CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		lib := &porkbun.Provider{APIKey: s.Get("api_key"), APISecretKey: s.Get("secret_key")}
		return newLibdns("Porkbun", s, module{
			lib: lib, ttl: porkbunTTL, stray: true, readPaths: []string{"/dns/retrieve/", "/domain/listAll"},
			words: []phrase{
				{"Invalid API key", RefusedCredentials, "it does not accept the keys"},
				{"opted in to API access", RefusedRequest, "API Access is off for this domain: switch it on in the domain’s details"},
			},
		})
	},
}

var _ = add(&porkbunInfo)
