//go:build !minimal && !no_azure

package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// azureInfo is Azure DNS, whose records are sets. Its libdns module links clients for all of the
// cloud; hence our own.
var azureInfo = Info{
	Name:    "azure",
	Title:   "Azure DNS",
	Website: "https://azure.microsoft.com/products/dns",
	Docs:    "https://learn.microsoft.com/en-us/rest/api/dns/record-sets/create-or-update",
	Options: []Option{
		{Name: "tenant_id", Title: "Tenant ID", Kind: Text, Required: true, Help: "Directory (tenant) ID of the app registration."},
		{
			Name: "client_id", Title: "Client ID", Kind: Text, Required: true,
			Help: "Application (client) ID of an app registration that has the role DNS Zone Contributor for the resource group or the zone.",
			Link: "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
		},
		{Name: "client_secret", Title: "Client secret", Kind: Text, Secret: true, Required: true, Help: "Its value, not its ID: shown once, when it is made. It ends after two years at the latest."},
		{Name: "subscription_id", Title: "Subscription ID", Kind: Text, Required: true, Help: "Shown on the page of the zone."},
		{Name: "resource_group", Title: "Resource group", Kind: Text, Required: true, Help: "Shown on the page of the zone."},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		tokens := rest{base: "https://login.microsoftonline.com/" + url.PathEscape(s.Get("tenant_id")) + "/oauth2/v2.0/token", sign: unsigned}
		base := azureHost + "/subscriptions/" + url.PathEscape(s.Get("subscription_id")) + "/resourceGroups/" +
			url.PathEscape(s.Get("resource_group")) + "/providers/Microsoft.Network/dnsZones"
		a := &azure{newTokenRest(base, func(ctx context.Context) (string, time.Duration, error) {
			return oauth(ctx, &tokens, "", url.Values{
				"grant_type": {"client_credentials"}, "client_id": {s.Get("client_id")},
				"client_secret": {s.Get("client_secret")}, "scope": {azureHost + "/.default"},
			})
		})}
		a.silent = true
		return newOwnSets("Azure DNS", s, a, module{blank: true, words: oauthWords})
	},
}

var _ = add(&azureInfo)

const (
	azureHost    = "https://management.azure.com"
	azureVersion = "?api-version=2018-05-01"
	azurePages   = 50
)

type azure struct{ *tokenRest }

// azureSet has its name relative to the zone, "@" for the apex.
type azureSet struct {
	Name       string          `json:"name,omitempty"`
	Properties azureProperties `json:"properties"`
}

type azureProperties struct {
	Metadata json.RawMessage `json:"metadata,omitempty"`
	TTL      int             `json:"TTL"`
	A        []azureA        `json:"ARecords,omitempty"`
	AAAA     []azureAAAA     `json:"AAAARecords,omitempty"`
	// Target is what an alias is of.
	Target *struct {
		ID string `json:"id"`
	} `json:"targetResource,omitempty"`
}

type azureA struct {
	Address string `json:"ipv4Address"`
}

type azureAAAA struct {
	Address string `json:"ipv6Address"`
}

func (s azureSet) entries() (list []entry) {
	for _, r := range s.Properties.A {
		list = append(list, entry{name: s.Name, rrtype: "A", data: r.Address, ttl: s.Properties.TTL})
	}
	for _, r := range s.Properties.AAAA {
		list = append(list, entry{name: s.Name, rrtype: "AAAA", data: r.Address, ttl: s.Properties.TTL})
	}
	return list
}

// each reads the pages of a list. Of the address of the next only the query is taken: the service may
// write the rest in another way than we do.
func (a *azure) each(ctx context.Context, path string, page func(json.RawMessage) error) error {
	query := azureVersion
	for range azurePages {
		var all struct {
			Value json.RawMessage `json:"value"`
			Next  string          `json:"nextLink"`
		}
		if err := a.call(ctx, http.MethodGet, path+query, nil, &all); err != nil {
			return err
		}
		if err := page(all.Value); err != nil {
			return err
		}
		_, next, ok := strings.Cut(all.Next, "?")
		if !ok {
			break
		}
		query = "?" + next
	}
	return nil
}

func (a *azure) zones(ctx context.Context) (names []string, err error) {
	err = a.each(ctx, "", func(value json.RawMessage) error {
		var zones []struct{ Name string }
		err := json.Unmarshal(value, &zones)
		for _, z := range zones {
			names = append(names, z.Name)
		}
		return err
	})
	return names, err
}

func (a *azure) list(ctx context.Context, zone string) ([]entry, error) {
	four, err := a.listSet(ctx, zone, "", "A")
	if err != nil {
		return nil, err
	}
	six, err := a.listSet(ctx, zone, "", "AAAA")
	return append(four, six...), err
}

// listSet asks for the sets of a type: of one that is not there alone, the service has an error to
// say. Without a name it returns them all. An alias belongs to somebody who wants that so.
func (a *azure) listSet(ctx context.Context, zone, name, rrtype string) (list []entry, err error) {
	err = a.each(ctx, "/"+zone+"/"+rrtype, func(value json.RawMessage) error {
		var sets []azureSet
		err := json.Unmarshal(value, &sets)
		for _, s := range sets {
			if name != "" && !strings.EqualFold(s.Name, name) {
				continue
			}
			if t := s.Properties.Target; name != "" && t != nil && t.ID != "" {
				full := absolute(name, zone)
				return refuseRequest(full, "the %s record of %s at Azure is an alias and is left alone: delete it there, or take another name", rrtype, full)
			}
			list = append(list, s.entries()...)
		}
		return err
	})
	return list, err
}

// set reads one record set; none there, as the service and nobody in between says it, is an empty one.
func (a *azure) set(ctx context.Context, zone, name, rrtype string) (s azureSet, err error) {
	err = a.call(ctx, http.MethodGet, "/"+zone+"/"+rrtype+"/"+name+azureVersion, nil, &s)
	if x := lastExchange(ctx); err != nil && x.Status == http.StatusNotFound && bytes.Contains(x.Answer, []byte(`NotFound"`)) {
		return azureSet{}, nil
	}
	return s, err
}

// put keeps what the owner noted beside the set.
func (a *azure) put(ctx context.Context, zone string, records []entry) error {
	name, rrtype := records[0].name, records[0].rrtype
	held, err := a.set(ctx, zone, name, rrtype)
	if err != nil {
		return err
	}
	s := azureSet{Properties: azureProperties{Metadata: held.Properties.Metadata, TTL: records[0].ttl}}
	for _, r := range records {
		if rrtype == "A" {
			s.Properties.A = append(s.Properties.A, azureA{r.data})
		} else {
			s.Properties.AAAA = append(s.Properties.AAAA, azureAAAA{r.data})
		}
	}
	return a.call(ctx, http.MethodPut, "/"+zone+"/"+rrtype+"/"+name+azureVersion, s, new(struct{}))
}

// drop is answered with an empty page.
func (a *azure) drop(ctx context.Context, zone, name, rrtype string) error {
	return a.call(ctx, http.MethodDelete, "/"+zone+"/"+rrtype+"/"+name+azureVersion, nil, nil)
}
