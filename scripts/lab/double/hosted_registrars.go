package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// registrarKinds are where people have their domains.
var registrarKinds = []HostedKind{
	{
		Name: "hostinger", Docs: "https://github.com/hostinger/api (openapi.json)", Host: "developers.hostinger.com",
		Options: map[string]string{"token": "hGcRq8mB2tV5xN1pL7sK4dF9wZ3yJ6uA"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"message":"Too Many Attempts.","correlation_id":"26a91bd9-f8c8-4a83-9df9-83e23d696fe3"}`}, LeastTTL: 60, answer: answerHostinger,
	},
	{
		Name: "namecom", Docs: "https://github.com/namedotcom/namecom-mcp (assets/namecom.api.yaml)", Host: "api.name.com",
		Options: map[string]string{"username": "somebody", "token": "790a9b84f3c1e2d5a6b7c8d9e0f1a2b3c4d5e6f7"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"message":"Rate Limit Exceeded"}`, Header: map[string]string{"x-ratelimit-reset": "1764100000"}}, LeastTTL: 300, answer: answerNamecom,
	},
	{
		Name: "dreamhost", Docs: "https://help.dreamhost.com/hc/en-us/articles/217555707-DNS-API-commands", Host: "api.dreamhost.com",
		Options: map[string]string{"token": "1A2B3C4D5E6F7G8H"}, Wrong: [2]string{"token", "8H7G6F5E4D3C2B1A"},
		TooMany: Reply{Status: 200, Body: `{"data":"slow_down_bucko","result":"error","reason":"50 an hour"}`}, MostTTL: -1, answer: answerDreamhost,
	},
	{
		Name: "spaceship", Docs: "https://docs.spaceship.dev/#tag/DNS-records", Host: "spaceship.dev",
		Options: map[string]string{"api_key": "JdIS8QYFMZpVKupJtdc3", "secret_key": "F3brvQluT4s8aDB7PeFBH6qKHfH2xTKTneCjZbq3"}, Wrong: [2]string{"secret_key", "wrongwrongwrong"},
		TooMany:  Reply{Status: 429, Body: `{"detail":"Too many requests"}`, Header: map[string]string{"Retry-After": "120"}},
		LeastTTL: 60, MostTTL: 3600, answer: answerSpaceship,
	},
}

// answerHostinger: with overwrite the records of a name and type are replaced, else added to.
func answerHostinger(h *Hosted, q Request) Reply {
	fail := func(status int, message string) Reply {
		return jsonReply(status, map[string]string{"message": message, "correlation_id": "26a91bd9-f8c8-4a83-9df9-83e23d696fe3"})
	}
	type record struct {
		Content  string `json:"content"`
		Disabled *bool  `json:"is_disabled,omitempty"`
	}
	type set struct {
		Name    string   `json:"name"`
		Type    string   `json:"type"`
		TTL     int      `json:"ttl,omitempty"`
		Records []record `json:"records,omitempty"`
	}
	if !h.bearer(q) {
		return fail(401, "Unauthenticated")
	}
	if q.Path == "/api/domains/v1/portfolio" && q.Method == http.MethodGet {
		list := []map[string]any{{"id": 1, "domain": nil, "type": "free_domain", "status": "pending_setup"}}
		for i, z := range h.zones {
			list = append(list, map[string]any{"id": i + 2, "domain": z, "type": "domain", "status": "active"})
		}
		return jsonReply(200, list)
	}
	at := parts(q.Path, "/api/dns/v1/zones/")
	if len(at) != 1 {
		return h.undocumented(q)
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(422, "The selected domain is invalid.")
	}
	accepted := jsonReply(200, map[string]string{"message": "Request accepted"})
	switch q.Method {
	case http.MethodGet:
		enabled, disabled := false, true
		list := []set{{Name: "parked", Type: "A", TTL: 14400, Records: []record{{"192.88.99.99", &disabled}}}}
		for _, n := range h.setNames(zone) {
			s := set{Name: n[0], Type: n[1]}
			for _, r := range h.set(zone, n[0], n[1]) {
				s.TTL, s.Records = r.TTL, append(s.Records, record{r.Data, &enabled})
			}
			list = append(list, s)
		}
		return jsonReply(200, list)
	case http.MethodPut:
		var sent struct {
			Overwrite *bool `json:"overwrite"`
			Zone      []set `json:"zone"`
		}
		if !h.body(q, &sent) || len(sent.Zone) == 0 {
			return fail(422, "The zone field is required.")
		}
		for _, s := range sent.Zone {
			if s.Name == "" || len(s.Records) == 0 || !h.ttl(s.TTL) {
				return fail(422, "The zone.0.name field is required. (and 1 more error)")
			}
			list := values(s.Records, func(r record) string { return r.Content })
			if sent.Overwrite != nil && !*sent.Overwrite {
				list = append(values(h.set(zone, s.Name, s.Type), func(r HostedRecord) string { return r.Data }), list...)
			}
			h.replace(zone, s.Name, s.Type, list, s.TTL)
		}
		return accepted
	case http.MethodDelete:
		var sent struct {
			Filters []set `json:"filters"`
		}
		if !h.body(q, &sent) || len(sent.Filters) == 0 {
			return fail(422, "The filters field is required.")
		}
		for _, s := range sent.Filters {
			h.replace(zone, s.Name, s.Type, nil, 0)
		}
		return accepted
	}
	return h.undocumented(q)
}

// answerNamecom: a host that is the apex may be written in two ways.
func answerNamecom(h *Hosted, q Request) Reply {
	fail := func(status int, message string) Reply {
		return jsonReply(status, map[string]string{"message": message})
	}
	type record struct {
		ID     int     `json:"id,omitempty"`
		Domain string  `json:"domainName,omitempty"`
		Host   *string `json:"host,omitempty"`
		FQDN   string  `json:"fqdn,omitempty"`
		Type   string  `json:"type"`
		Answer string  `json:"answer"`
		TTL    int     `json:"ttl"`
	}
	if !h.basic(q, "username", "token") {
		return fail(401, "Unauthorized")
	}
	if q.Method != http.MethodGet && q.Method != http.MethodDelete && q.Header.Get("Content-Type") != "application/json" {
		return fail(415, "Unsupported Media Type")
	}
	at := parts(q.Path, "/core/v1/domains")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		page := h.page(q)
		h.counted(q, "page", "perPage")
		list := []map[string]any{}
		for i, z := range h.zones { // two on a page
			if i/2+1 == page {
				list = append(list, map[string]any{"domainName": z, "locked": true})
			}
		}
		answer := map[string]any{"domains": list, "from": 1, "to": len(list), "totalCount": len(h.zones)}
		if page*2 < len(h.zones) {
			answer["nextPage"] = page + 1
		}
		return jsonReply(200, answer)
	}
	if len(at) < 2 || at[1] != "records" {
		return h.undocumented(q)
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(404, "Not Found")
	}
	shown := func(r HostedRecord) record {
		s := record{ID: idNumber(r.ID), Domain: zone, FQDN: fqdn(r) + ".", Type: r.Type, Answer: r.Data, TTL: r.TTL}
		if r.Name != "" {
			s.Host = &r.Name
		}
		return s
	}
	if len(at) == 2 && q.Method == http.MethodGet {
		h.counted(q, "page", "perPage")
		list := values(h.of(zone), shown)
		if list == nil {
			return jsonReply(200, struct{}{}) // what is empty is left out
		}
		return jsonReply(200, map[string]any{"records": list, "from": 1, "to": len(list), "totalCount": len(list)})
	}
	var sent record
	if q.Method != http.MethodDelete && (!h.body(q, &sent) || !h.ttl(sent.TTL) || sent.Host == nil || sent.FQDN != "") {
		return fail(400, "Bad Request")
	}
	switch {
	case len(at) == 2 && q.Method == http.MethodPost:
		return jsonReply(200, shown(h.add(HostedRecord{Zone: zone, Name: bare(*sent.Host), Type: sent.Type, Data: sent.Answer, TTL: sent.TTL})))
	case len(at) == 3 && q.Method == http.MethodPut:
		r := h.byID(zone, at[2])
		if r == nil || !h.change(r, *sent.Host, sent.Type, sent.Answer, sent.TTL) {
			return fail(404, "Not Found")
		}
		return jsonReply(200, shown(*r))
	case len(at) == 3 && q.Method == http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return r.Zone == zone && r.ID == at[2] }) == 0 {
			return fail(404, "Not Found")
		}
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}

// page is the page of a list that is asked for.
func (h *Hosted) page(q Request) int {
	n, err := strconv.Atoi(q.Query.Get("page"))
	if err != nil || n < 1 {
		h.Complain("%s %s: no page %q", q.Method, q.Path, q.Query.Get("page"))
	}
	return n
}

// answerDreamhost: commands by GET or POST, and always 200. What DreamHost itself put into a zone
// cannot be taken out.
func answerDreamhost(h *Hosted, q Request) Reply {
	say := func(result string, data any) Reply {
		return jsonReply(200, map[string]any{"result": result, "data": data})
	}
	form, get := q.form()
	if q.Path != "/" || q.Method != http.MethodPost || get("format") != "json" || len(q.Query) > 0 {
		return h.undocumented(q)
	}
	if get("key") != h.Kind.Options["token"] {
		return say("error", "invalid_api_key")
	}
	if get("cmd") == "dns-list_records" {
		list := []map[string]string{}
		for _, z := range h.zones {
			list = append(list, map[string]string{"account_id": "7", "zone": z, "record": z, "type": "NS", "value": "ns1.dreamhost.com.", "comment": "", "editable": "0"})
			list = append(list, map[string]string{"account_id": "7", "zone": z, "record": "hosted." + z, "type": "A", "value": "192.88.99.99", "comment": "", "editable": "0"})
		}
		for _, r := range h.records {
			list = append(list, map[string]string{"account_id": "7", "zone": r.Zone, "record": fqdn(r), "type": r.Type, "value": r.Data, "comment": "", "editable": "1"})
		}
		return say("success", list)
	}
	for name := range form {
		if !slices.Contains([]string{"key", "cmd", "format", "record", "type", "value"}, name) {
			h.Complain("dreamhost has no parameter %s", name)
		}
	}
	zone := ""
	for _, z := range h.zones {
		if name := get("record"); (name == z || strings.HasSuffix(name, "."+z)) && len(z) > len(zone) {
			zone = z
		}
	}
	if zone == "" {
		return say("error", "no_such_zone")
	}
	r := HostedRecord{Zone: zone, Name: strings.TrimSuffix(strings.TrimSuffix(get("record"), zone), "."), Type: get("type"), Data: get("value")}
	same := func(x HostedRecord) bool {
		return x.Zone == r.Zone && x.Name == r.Name && x.Type == r.Type && x.Data == r.Data
	}
	switch get("cmd") {
	case "dns-add_record":
		switch {
		case r.Name == "hosted":
			return say("error", "record_already_exists_not_editable")
		case slices.ContainsFunc(h.records, same):
			return say("error", "record_already_exists_remove_first")
		}
		h.add(r)
		return say("success", "record_added")
	case "dns-remove_record":
		if h.drop(same) == 0 {
			return say("error", "no_such_value")
		}
		return say("success", "record_removed")
	}
	return h.undocumented(q)
}

// answerSpaceship: PUT adds what is not there and changes the TTL of what is; a record is told by
// its name, type and address.
func answerSpaceship(h *Hosted, q Request) Reply {
	fail := func(status int, detail string) Reply {
		return jsonReply(status, map[string]string{"detail": detail})
	}
	type group struct {
		Type string `json:"type"`
	}
	type record struct {
		Type    string `json:"type"`
		Name    string `json:"name"`
		Address string `json:"address,omitempty"`
		TTL     int    `json:"ttl,omitempty"`
		Group   *group `json:"group,omitempty"`
	}
	if q.Header.Get("X-API-Key") != h.Kind.Options["api_key"] || q.Header.Get("X-API-Secret") != h.Kind.Options["secret_key"] {
		return fail(401, "Invalid API key or secret")
	}
	items := func(list any, total int) Reply {
		return jsonReply(200, map[string]any{"items": list, "total": total})
	}
	if q.Path == "/api/v1/domains" && q.Method == http.MethodGet {
		from, to := h.slice(q, len(h.zones), 100)
		return items(values(h.zones[from:to], func(z string) map[string]string { return map[string]string{"name": z, "unicodeName": z} }), len(h.zones))
	}
	at := parts(q.Path, "/api/v1/dns/records/")
	if len(at) != 1 {
		return h.undocumented(q)
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(404, "Domain not found")
	}
	if q.Method == http.MethodGet {
		list := []record{{Type: "A", Name: "parked", Address: "192.88.99.99", TTL: 3600, Group: &group{"product"}}}
		for _, r := range h.of(zone) {
			list = append(list, record{r.Type, apex(r.Name), r.Data, r.TTL, &group{"custom"}})
		}
		from, to := h.slice(q, len(list), 500)
		return items(list[from:to], len(list))
	}
	var sent struct {
		Force bool     `json:"force"`
		Items []record `json:"items"`
	}
	ok := q.Method == http.MethodPut && h.body(q, &sent) || q.Method == http.MethodDelete && h.body(q, &sent.Items)
	if !ok || len(sent.Items) == 0 {
		return fail(422, "Invalid request")
	}
	for _, s := range sent.Items {
		is := func(r HostedRecord) bool {
			return r.Zone == zone && r.Name == bare(s.Name) && r.Type == s.Type && r.Data == s.Address
		}
		gone := h.drop(is)
		switch {
		case q.Method == http.MethodDelete && gone == 0:
			return fail(404, "Record not found")
		case q.Method == http.MethodDelete:
		case !h.ttl(s.TTL) || s.TTL > h.Kind.MostTTL:
			return fail(422, "ttl must be between 60 and 3600")
		default:
			h.add(HostedRecord{Zone: zone, Name: bare(s.Name), Type: s.Type, Data: s.Address, TTL: s.TTL})
		}
	}
	return Reply{Status: 204}
}

// slice is the part of a list that "skip" and "take" ask for.
func (h *Hosted) slice(q Request, n, most int) (from, to int) {
	take, err := strconv.Atoi(q.Query.Get("take"))
	skip, err2 := strconv.Atoi(q.Query.Get("skip"))
	if err != nil || err2 != nil || take < 1 || take > most || skip < 0 {
		h.Complain("%s %s takes from 1 to %d and skips from 0 on: %v", q.Method, q.Path, most, q.Query)
		return 0, 0
	}
	from = min(skip, n)
	return from, min(from+take, n)
}

// form is a body that is one.
func (q Request) form() (url.Values, func(string) string) {
	form, err := url.ParseQuery(q.Body)
	if err != nil || q.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		form = url.Values{}
	}
	return form, form.Get
}
