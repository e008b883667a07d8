//go:build !minimal && !no_namesilo

package provider

import (
	"time"

	"github.com/libdns/namesilo"
)

// namesiloTTL is the least that NameSilo takes.
const namesiloTTL = time.Hour

// namesiloWords are the codes of its reference by which an outcome is decided.
var namesiloWords = []phrase{
	{"status code 110;", RefusedCredentials, "it does not accept the API key"},
	{"status code 111;", RefusedCredentials, "it does not know the user of this API key"},
	{"status code 112;", RefusedCredentials, "a sub-account cannot use the API"},
	{"status code 113;", RefusedCredentials, "the API key is limited to certain client addresses, which a changing address cannot keep"},
	{"status code 114;", RefusedRequest, "it does not take this domain"},
	{"status code 115;", Trouble, "the registry does not answer"},
	{"status code 200;", RefusedRequest, "the domain is not active, or not one of this account"},
	{"status code 201;", Trouble, "it has a fault of its own"},
	{"status code 210;", Trouble, "it has a fault of its own"},
	{"Namesilo API status code", RefusedRequest, "it does not accept the request"},
}

// namesiloInfo is NameSilo. Every request is a GET, with the key in the URL. The module gives up a
// zone with a record that it cannot read.
var namesiloInfo = Info{
	Name:    "namesilo",
	Title:   "NameSilo",
	Website: "https://www.namesilo.com/",
	Docs:    "https://www.namesilo.com/api-reference",
	Options: []Option{
		{
			Name: "token", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Account Options → API Manager → Generate new API Key. Not a read-only one.",
			Link: "https://www.namesilo.com/account/api-manager",
		},
		zoneOption,
	},
	RecordOptions: ttlFromHour,
	Limits:        Limits{CanDelete: true},
	New: func(s Settings) (Driver, error) {
		return newLibdns("NameSilo", s, module{
			lib: &namesilo.Provider{APIToken: s.Get("token")}, set: oneByOne, updates: true, ttl: namesiloTTL,
			readPaths: []string{"/dnsListRecords"}, indigestible: "parsing Namesilo DNS record",
			words: namesiloWords,
		})
	},
}

var _ = add(&namesiloInfo)
