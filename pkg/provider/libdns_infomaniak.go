//go:build !minimal && !no_infomaniak

package provider

import (
	"net/http"

	"github.com/libdns/infomaniak"
)

// infomaniakInfo is Infomaniak. The module's way to set records deletes them first, so that one is
// not taken; it looks for a zone without regard to labels.
var infomaniakInfo = Info{
	Name:    "infomaniak",
	Title:   "Infomaniak",
	Website: "https://www.infomaniak.com/",
	Docs:    "https://developer.infomaniak.com/docs/api/get/2/zones/%7Bzone%7D/records",
	Options: []Option{
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true,
			Help: "Manager → Developer → API tokens, with the scope domain.",
			Link: "https://manager.infomaniak.com/v3/ng/accounts/token/list",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true},
	New: func(s Settings) (Driver, error) {
		client := infomaniak.Client{Token: s.Get("token"), HttpClient: new(http.Client)}
		return newLibdns("Infomaniak", s, module{
			lib: &infomaniak.Provider{APIToken: s.Get("token")}, set: oneByOne, find: client.GetFqdnOfZoneForDomain,
			words: []phrase{{"could not find the zone managed by infomaniak", RefusedRequest, "no zone of this account holds the name"}},
		})
	},
}

var _ = add(&infomaniakInfo)
