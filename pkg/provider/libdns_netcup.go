//go:build !minimal && !no_netcup

package provider

import (
	"github.com/libdns/netcup"
)

// netcupInfo is netcup's Customer Control Panel. The module logs in and out with each use, changes
// the first record of a name and type, and cannot set a TTL: netcup has one for the whole zone.
var netcupInfo = Info{
	Name:    "netcup",
	Title:   "netcup",
	Website: "https://www.customercontrolpanel.de/",
	Docs:    "https://helpcenter.netcup.com/en/wiki/general/our-api/",
	Options: []Option{
		{
			Name: "customer", Title: "Customer number", Kind: Text, Required: true,
			Help: "The number that you log in to the Customer Control Panel with.",
			Link: "https://www.customercontrolpanel.de/",
		},
		{
			Name: "api_key", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Customer Control Panel → Master Data → API.",
			Link: "https://www.customercontrolpanel.de/",
		},
		{
			Name: "password", Title: "API password", Kind: Text, Secret: true, Required: true,
			Help: "Customer Control Panel → Master Data → API. A new one makes the old one invalid.",
			Link: "https://www.customercontrolpanel.de/",
		},
		zoneOption,
	},
	Limits: Limits{MaxAddresses: 1, CanDelete: true},
	New: func(s Settings) (Driver, error) {
		lib := &netcup.Provider{CustomerNumber: s.Get("customer"), APIKey: s.Get("api_key"), APIPassword: s.Get("password")}
		return newLibdns("netcup", s, module{lib: lib, farewell: true, words: []phrase{
			{"More than 180 requests", SlowDown, "too many requests"},
			{"Too many error messages", SlowDown, "too many requests that it did not accept"},
			{`"action":"login"`, RefusedCredentials, "it does not accept customer number, API key and password"},
			{"[netcup] ", RefusedRequest, "it does not accept the request, or the zone is not in the control panel"},
		}})
	},
}

var _ = add(&netcupInfo)
