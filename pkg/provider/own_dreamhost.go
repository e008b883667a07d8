//go:build !minimal && !no_dreamhost

package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
)

// dreamhostInfo is DreamHost. Its libdns module is for an older libdns; hence our own. A record has no
// TTL of its own, and cannot be changed: another takes its place.
var dreamhostInfo = Info{
	Name:    "dreamhost",
	Title:   "DreamHost",
	Website: "https://www.dreamhost.com/",
	Docs:    "https://help.dreamhost.com/hc/en-us/articles/217555707-DNS-API-commands",
	Options: []Option{
		{
			Name: "token", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "Panel → Advanced → Web Panel API, with all DNS functions and nothing else.",
			Link: "https://panel.dreamhost.com/?tree=home.api",
		},
		zoneOption,
	},
	Limits: Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		d := &dreamhost{rest{base: "https://api.dreamhost.com/", sign: func(*http.Request, []byte) {}}, s["token"]}
		return newOwn("DreamHost", s, d, module{words: dreamhostWords})
	},
}

var _ = add(&dreamhostInfo)

// dreamhostWords: it says 200 to everything.
// https://help.dreamhost.com/hc/en-us/articles/217560167-API_overview
var dreamhostWords = []phrase{
	{`"slow_down_bucko`, SlowDown, "too many requests: it takes a few changes an hour"},
	{`"invalid_api_key"`, RefusedCredentials, "it does not know the API key"},
	{`"this_key_cannot_access_this_cmd"`, RefusedCredentials, "the API key may not use the DNS functions: make one that may"},
	{`"internal_error`, Trouble, "the service has a fault of its own"},
}

type dreamhost struct {
	rest
	key Secret
}

// dreamhostRecord has its full name. Editable is "0" where DreamHost itself put the record there.
type dreamhostRecord struct{ Zone, Record, Type, Value, Editable string }

// call runs a command. The key goes into the body, where no log of a proxy has it.
func (d *dreamhost) call(ctx context.Context, cmd string, parameters url.Values, into any) error {
	form := url.Values{"key": {d.key.Reveal()}, "cmd": {cmd}, "format": {"json"}}
	for name, values := range parameters {
		form[name] = values
	}
	var answer struct {
		Result string
		Data   json.RawMessage
	}
	err := d.do(ctx, http.MethodPost, "", form, &answer)
	if err == nil && answer.Result != "success" {
		var word string
		_ = json.Unmarshal(answer.Data, &word) // else it says nothing that can be shown
		err = refuseRequest("", "DreamHost refused %s: %s", cmd, word)
	}
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer.Data, into)
}

func (d *dreamhost) all(ctx context.Context) (all []dreamhostRecord, err error) {
	err = d.call(ctx, "dns-list_records", nil, &all)
	return all, err
}

func (d *dreamhost) zones(ctx context.Context) (names []string, err error) {
	all, err := d.all(ctx)
	for _, r := range all {
		if !slices.Contains(names, r.Zone) {
			names = append(names, r.Zone)
		}
	}
	return names, err
}

func (d *dreamhost) list(ctx context.Context, zone string) (list []entry, err error) {
	all, err := d.all(ctx)
	for _, r := range all {
		if r.Zone == zone && isAddress(r.Type) {
			list = append(list, entry{name: inZone(r.Record, zone), rrtype: r.Type, data: r.Value, line: r.Editable})
		}
	}
	return list, err
}

// listSet refuses a name with a record that can only be changed in the panel.
func (d *dreamhost) listSet(ctx context.Context, zone, name, rrtype string) (set []entry, err error) {
	list, err := d.list(ctx, zone)
	for _, e := range list {
		if e.name != name || e.rrtype != rrtype {
			continue
		}
		if e.line == "0" {
			full := absolute(name, zone)
			return nil, refuseRequest(full, "DreamHost keeps the %s record of %s itself: take its hosting off in the panel, or take another name", rrtype, full)
		}
		set = append(set, e)
	}
	return set, err
}

func (d *dreamhost) create(ctx context.Context, zone string, e entry) error {
	return d.one(ctx, "dns-add_record", zone, e)
}

func (d *dreamhost) remove(ctx context.Context, zone string, e entry) error {
	return d.one(ctx, "dns-remove_record", zone, e)
}

func (d *dreamhost) one(ctx context.Context, cmd, zone string, e entry) error {
	return d.call(ctx, cmd, url.Values{"record": {absolute(e.name, zone)}, "type": {e.rrtype}, "value": {e.data}}, nil)
}
