//go:build !minimal && !no_mijnhost

package provider

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
)

// mijnhostInfo is mijn.host. Its libdns module wants a newer Go than the oldest OpenWrt with a
// feed of ours has; hence our own. The service has no IDs: a zone is written as a whole, and the
// records that are not of interest go back as they came.
var mijnhostInfo = Info{
	Name:    "mijnhost",
	Title:   "mijn.host",
	Website: "https://mijn.host/",
	Docs:    "https://mijn.host/api/doc/",
	Options: []Option{
		{
			Name: "token", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Account → API.",
			Link: "https://mijn.host/cp/account/api/",
		},
		zoneOption,
	},
	RecordOptions: ttlOfMijnhost,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		m := &mijnhost{rest{base: "https://mijn.host/api/v2/domains", sign: header("API-Key", s.Get("token"))}}
		return newOwn("mijn.host", s, m, module{})
	},
}

var _ = add(&mijnhostInfo)

type mijnhost struct{ rest }

// mijnhostRecord has its full name, with the dot at the end.
type mijnhostRecord struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Value string `json:"value"`
	TTL   int    `json:"ttl"`
}

func (m *mijnhost) zones(ctx context.Context) (names []string, err error) {
	var all struct {
		Data struct {
			Domains []struct {
				Domain string `json:"domain"`
			} `json:"domains"`
		} `json:"data"`
	}
	err = m.do(ctx, http.MethodGet, "", nil, &all)
	for _, d := range all.Data.Domains {
		names = append(names, d.Domain)
	}
	return names, err
}

func (m *mijnhost) path(zone string) string { return "/" + url.PathEscape(zone) + "/dns" }

// read returns every record as it came.
func (m *mijnhost) read(ctx context.Context, zone string) ([]json.RawMessage, error) {
	var held struct {
		Data struct {
			Records []json.RawMessage `json:"records"`
		} `json:"data"`
	}
	err := m.do(ctx, http.MethodGet, m.path(zone), nil, &held)
	if err == nil && held.Data.Records == nil {
		err = errors.New("mijn.host's answer has no records: the zone is not written")
	}
	return held.Data.Records, err
}

func (m *mijnhost) list(ctx context.Context, zone string) (list []entry, err error) {
	all, err := m.read(ctx, zone)
	if err != nil {
		return nil, err
	}
	for _, raw := range all {
		var r mijnhostRecord
		if json.Unmarshal(raw, &r) == nil && isAddress(r.Type) {
			list = append(list, entry{r.Value, inZone(r.Name, zone), r.Type, r.Value, r.TTL, ""})
		}
	}
	return list, nil
}

// change reads the zone, lets f change it and writes it back.
func (m *mijnhost) change(ctx context.Context, zone string, f func(all []json.RawMessage) ([]json.RawMessage, error)) error {
	all, err := m.read(ctx, zone)
	if err != nil {
		return err
	}
	if all, err = f(all); err != nil {
		return err
	}
	var answer struct {
		Status int    `json:"status"`
		Text   string `json:"status_description"`
	}
	err = m.do(ctx, http.MethodPut, m.path(zone), map[string]any{"records": all}, &answer)
	if err == nil && answer.Status/100 != 2 { // its libdns module goes by that, and not by the status of HTTP
		err = refuseRequest("", "mijn.host refused the records: %s", answer.Text)
	}
	return err
}

func (m *mijnhost) record(zone string, e entry) (json.RawMessage, error) {
	return json.Marshal(mijnhostRecord{Type: e.rrtype, Name: absolute(e.name, zone) + ".", Value: e.data, TTL: e.ttl})
}

func (m *mijnhost) create(ctx context.Context, zone string, e entry) error {
	return m.change(ctx, zone, func(all []json.RawMessage) ([]json.RawMessage, error) {
		made, err := m.record(zone, e)
		return append(all, made), err
	})
}

// update and remove look for the record again, by what it held when it was listed.
func (m *mijnhost) update(ctx context.Context, zone string, e entry) error {
	return m.change(ctx, zone, func(all []json.RawMessage) ([]json.RawMessage, error) {
		at := slices.IndexFunc(all, func(raw json.RawMessage) bool { return m.is(raw, zone, e, e.id) })
		made, err := m.record(zone, e)
		if err != nil || at < 0 {
			return append(all, made), err
		}
		all[at] = made
		return all, nil
	})
}

func (m *mijnhost) remove(ctx context.Context, zone string, e entry) error {
	return m.change(ctx, zone, func(all []json.RawMessage) ([]json.RawMessage, error) {
		at := slices.IndexFunc(all, func(raw json.RawMessage) bool { return m.is(raw, zone, e, e.data) })
		if at < 0 {
			return all, nil
		}
		return slices.Delete(all, at, at+1), nil
	})
}

// is says whether a record has the name and type of another, and that value.
func (m *mijnhost) is(raw json.RawMessage, zone string, e entry, value string) bool {
	var r mijnhostRecord
	return json.Unmarshal(raw, &r) == nil && r.Type == e.rrtype && inZone(r.Name, zone) == e.name && r.Value == value
}
