//go:build !minimal && !no_powerdns

package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// powerdnsInfo is the owner's own PowerDNS, asked over its HTTP API: for one that takes no updates
// by RFC 2136. Its libdns module is for an older libdns.
var powerdnsInfo = Info{
	Name:    "powerdns",
	Title:   "PowerDNS",
	Website: "https://www.powerdns.com/",
	Docs:    "https://doc.powerdns.com/authoritative/http-api/zone.html",
	Options: []Option{
		{
			Name: "server", Title: "Server", Kind: Text, Required: true, Check: checkPowerdns,
			Help: "Where its web server answers (webserver and api in pdns.conf), like https://ns1.example.org:8443. By itself it speaks plain HTTP: put a proxy with TLS in front of it.",
		},
		{Name: "token", Title: "API key", Kind: Text, Secret: true, Required: true, Help: "api-key in pdns.conf."},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		server := s.Get("server")
		if err := checkPowerdns(server); err != nil {
			return nil, errors.New("option server: " + err.Error())
		}
		if !strings.Contains(server, "://") {
			server = "https://" + server
		}
		p := &powerdns{rest{base: strings.TrimSuffix(server, "/") + "/api/v1/servers/localhost/zones", sign: header("X-API-Key", s.Get("token"))}}
		return newOwnSets("PowerDNS", s, p, module{blank: true})
	},
}

var _ = add(&powerdnsInfo)

// checkPowerdns: the API may stand below a path of a proxy.
func checkPowerdns(server string) error {
	if _, err := updateURL(server); err != nil {
		return err
	}
	if u, err := url.Parse(server); err == nil && strings.Contains(u.Path, "/api/") {
		return errors.New("server must end before /api/")
	}
	return nil
}

type powerdns struct{ rest }

// powerdnsSet has its full name, with the dot at the end.
type powerdnsSet struct {
	Name    string           `json:"name"`
	Type    string           `json:"type"`
	TTL     int              `json:"ttl,omitempty"`
	Change  string           `json:"changetype,omitempty"`
	Records []powerdnsRecord `json:"records,omitempty"`
}

type powerdnsRecord struct {
	Content  string `json:"content"`
	Disabled bool   `json:"disabled"`
}

func (p *powerdns) zones(ctx context.Context) (names []string, err error) {
	var all []struct{ Name, Kind string }
	err = p.do(ctx, http.MethodGet, "", nil, &all)
	for _, z := range all {
		if z.Kind != "Slave" && z.Kind != "Secondary" {
			names = append(names, strings.TrimSuffix(z.Name, "."))
		}
	}
	return names, err
}

func (p *powerdns) list(ctx context.Context, zone string) ([]entry, error) {
	return p.some(ctx, zone, "")
}

// listSet asks for one set. A server before 4.6 does not know how, and tells the whole zone.
func (p *powerdns) listSet(ctx context.Context, zone, name, rrtype string) ([]entry, error) {
	return p.some(ctx, zone, "?rrset_name="+url.QueryEscape(absolute(name, zone)+".")+"&rrset_type="+rrtype)
}

func (p *powerdns) some(ctx context.Context, zone, query string) (list []entry, err error) {
	var all struct{ RRSets []powerdnsSet }
	err = p.do(ctx, http.MethodGet, "/"+zone+"."+query, nil, &all)
	for _, s := range all.RRSets {
		for _, r := range s.Records {
			if isAddress(s.Type) && !r.Disabled {
				list = append(list, entry{name: inZone(s.Name, zone), rrtype: s.Type, data: r.Content, ttl: s.TTL})
			}
		}
	}
	return list, err
}

func (p *powerdns) put(ctx context.Context, zone string, records []entry) error {
	set := powerdnsSet{TTL: records[0].ttl, Change: "REPLACE"}
	for _, e := range records {
		set.Records = append(set.Records, powerdnsRecord{Content: e.data})
	}
	return p.patch(ctx, zone, records[0].name, records[0].rrtype, set)
}

func (p *powerdns) drop(ctx context.Context, zone, name, rrtype string) error {
	return p.patch(ctx, zone, name, rrtype, powerdnsSet{Change: "DELETE"})
}

func (p *powerdns) patch(ctx context.Context, zone, name, rrtype string, set powerdnsSet) error {
	set.Name, set.Type = absolute(name, zone)+".", rrtype
	return p.do(ctx, http.MethodPatch, "/"+zone+".", map[string]any{"rrsets": []powerdnsSet{set}}, nil)
}
