package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// platformKinds are where people run things, their own name server among them.
var platformKinds = []HostedKind{
	{
		Name: "vercel", Docs: "https://vercel.com/docs/rest-api/dns", Host: "api.vercel.com",
		Options: map[string]string{"token": "vAbC1dEf2GhI3jKl4MnO5pQr", "team_id": "team_1a2b3c4d5e6f7g8h9i0j1k2l"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany:  Reply{Status: 429, Body: `{"error":{"code":"rate_limited","message":"The rate limit of 100 exceeded","limit":{"remaining":0,"reset":1764100000,"total":100}}}`},
		LeastTTL: 60, answer: answerVercel,
	},
	{
		Name: "ns1", Docs: "https://github.com/ns1/ns1-go (rest/record.go), https://ns1.com/api/", Host: "api.nsone.net",
		Options: map[string]string{"token": "qACMD09OJXBxT7XOwv9v"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"message":"rate limit exceeded"}`, Header: map[string]string{"X-Ratelimit-Limit": "900", "X-Ratelimit-Period": "300"}}, answer: answerNS1,
	},
	{
		Name: "powerdns", Docs: "https://doc.powerdns.com/authoritative/http-api/zone.html", Host: "ns1.example.edu",
		Options: map[string]string{"server": "https://ns1.example.edu/pdns", "token": "changeme-1a2b3c4d"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"error":"Too Many Requests"}`}, answer: answerPowerDNS,
	},
}

// answerVercel: lists go from the newest to the oldest; a page says which time the next one is until.
func answerVercel(h *Hosted, q Request) Reply {
	fail := func(status int, code string) Reply {
		return jsonReply(status, map[string]any{"error": map[string]string{"code": code, "message": code}})
	}
	type record struct {
		ID    string `json:"id,omitempty"`
		Name  string `json:"name"`
		Type  string `json:"type,omitempty"`
		Value string `json:"value"`
		TTL   int    `json:"ttl"`
	}
	if !h.bearer(q) {
		return Reply{Status: 403, Body: `{"error":{"code":"forbidden","message":"Not authorized","invalidToken":true}}`}
	}
	if q.Query.Get("teamId") != h.Kind.Options["team_id"] {
		return fail(403, "forbidden")
	}
	h.counted(q, "limit", "until", "teamId")
	// One on a page, to see that all are asked for.
	page := func(kind string, list []any) Reply {
		until, err := strconv.Atoi(q.Query.Get("until"))
		if err != nil {
			until = len(list)
		}
		var next any
		if until > 1 {
			next = until - 1
		}
		shown := []any{}
		if until > 0 && until <= len(list) {
			shown = list[until-1 : until]
		}
		return jsonReply(200, map[string]any{kind: shown, "pagination": map[string]any{"count": len(shown), "next": next, "prev": nil}})
	}
	if q.Path == "/v5/domains" && q.Method == http.MethodGet {
		return page("domains", values(h.zones, func(z string) any { return map[string]any{"name": z, "serviceType": "zeit.world", "verified": true} }))
	}
	var sent record
	if (q.Method == http.MethodPost || q.Method == http.MethodPatch) && (!h.body(q, &sent) || !h.ttl(sent.TTL)) {
		return fail(400, "bad_request")
	}
	if at := parts(q.Path, "/v1/domains/records/"); len(at) == 1 && q.Method == http.MethodPatch {
		id := strings.TrimPrefix(at[0], "rec_")
		i := slices.IndexFunc(h.records, func(r HostedRecord) bool { return r.ID == id })
		if i < 0 || sent.Type != "" || sent.Name != "" {
			return fail(404, "not_found")
		}
		r := &h.records[i]
		r.Data, r.TTL = sent.Value, sent.TTL
		return jsonReply(200, map[string]any{"id": at[0], "name": r.Name, "type": "record", "value": r.Data, "creator": "u", "domain": r.Zone, "ttl": r.TTL, "recordType": r.Type})
	}
	list := q.Method == http.MethodGet
	at := parts(q.Path, map[bool]string{true: "/v5/domains/", false: "/v2/domains/"}[list])
	if len(at) < 2 || at[1] != "records" {
		return h.undocumented(q)
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(404, "not_found")
	}
	switch {
	case len(at) == 2 && list:
		return page("records", values(h.of(zone), func(r HostedRecord) any { return record{"rec_" + r.ID, r.Name, r.Type, r.Data, r.TTL} }))
	case len(at) == 2 && q.Method == http.MethodPost && sent.Type != "":
		r := h.add(HostedRecord{Zone: zone, Name: sent.Name, Type: sent.Type, Data: sent.Value, TTL: sent.TTL})
		return jsonReply(200, map[string]string{"uid": "rec_" + r.ID})
	case len(at) == 3 && q.Method == http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return r.Zone == zone && "rec_"+r.ID == at[2] }) == 0 {
			return fail(404, "not_found")
		}
		return jsonReply(200, struct{}{})
	}
	return h.undocumented(q)
}

// answerNS1: PUT creates a set, POST changes one that is there.
func answerNS1(h *Hosted, q Request) Reply {
	fail := func(status int, message string) Reply {
		return jsonReply(status, map[string]string{"message": message})
	}
	type answer struct {
		Answer []string `json:"answer"`
	}
	type set struct {
		Zone    string   `json:"zone,omitempty"`
		Domain  string   `json:"domain,omitempty"`
		Type    string   `json:"type,omitempty"`
		TTL     int      `json:"ttl"`
		Link    *string  `json:"link"`
		Answers []answer `json:"answers"`
		Filters []any    `json:"filters"`
	}
	if q.Header.Get("X-NSONE-Key") != h.Kind.Options["token"] {
		return fail(401, "Unauthorized")
	}
	at := parts(q.Path, "/v1/zones")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		return jsonReply(200, values(h.zones, func(z string) map[string]any { return map[string]any{"zone": z, "ttl": 3600, "id": "5" + z} }))
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(404, "zone not found")
	}
	if len(at) == 1 && q.Method == http.MethodGet {
		list := []map[string]any{}
		for _, n := range h.setNames(zone) {
			s := h.set(zone, n[0], n[1])
			list = append(list, map[string]any{"domain": fqdn(s[0]), "type": n[1], "ttl": s[0].TTL, "short_answers": values(s, func(r HostedRecord) string { return r.Data })})
		}
		return jsonReply(200, map[string]any{"zone": zone, "records": list})
	}
	if len(at) != 3 || at[1] != zone && !strings.HasSuffix(at[1], "."+zone) {
		return h.undocumented(q)
	}
	name := strings.TrimSuffix(strings.TrimSuffix(at[1], zone), ".")
	held := h.set(zone, name, at[2])
	show := func() Reply {
		s := set{Zone: zone, Domain: at[1], Type: at[2], Filters: []any{}}
		for _, r := range h.set(zone, name, at[2]) {
			s.TTL, s.Answers = r.TTL, append(s.Answers, answer{[]string{r.Data}})
		}
		if f := h.notes[at[1]+" "+at[2]]; f != nil {
			s.Filters = append(s.Filters, f)
		}
		return jsonReply(200, s)
	}
	if q.Method != http.MethodPut && len(held) == 0 {
		return fail(404, "record not found")
	}
	var sent set
	if (q.Method == http.MethodPut || q.Method == http.MethodPost) && (!h.body(q, &sent) || len(sent.Answers) == 0) {
		return fail(400, "invalid input")
	}
	switch q.Method {
	case http.MethodGet:
		return show()
	case http.MethodPut:
		if len(held) > 0 {
			return fail(400, "record already exists")
		}
		if sent.Zone != zone || sent.Domain != at[1] || sent.Type != at[2] {
			return fail(400, "the body does not match the path")
		}
	case http.MethodDelete:
		h.replace(zone, name, at[2], nil, 0)
		return jsonReply(200, struct{}{})
	}
	h.replace(zone, name, at[2], values(sent.Answers, func(a answer) string { return a.Answer[0] }), sent.TTL)
	return show()
}

// answerPowerDNS: a PATCH of a zone replaces or deletes record sets.
func answerPowerDNS(h *Hosted, q Request) Reply {
	fail := func(status int, text string) Reply {
		return jsonReply(status, map[string]string{"error": text})
	}
	type record struct {
		Content  string `json:"content"`
		Disabled bool   `json:"disabled"`
	}
	type set struct {
		Name    string   `json:"name"`
		Type    string   `json:"type"`
		TTL     int      `json:"ttl,omitempty"`
		Change  string   `json:"changetype,omitempty"`
		Records []record `json:"records,omitempty"`
	}
	if q.Header.Get("X-API-Key") != h.Kind.Options["token"] {
		return Reply{Status: 401, Body: "Unauthorized"}
	}
	at := parts(q.Path, "/pdns/api/v1/servers/localhost/zones")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		list := []map[string]any{{"id": "secondary.example.", "name": "secondary.example.", "kind": "Slave"}}
		for _, z := range h.zones {
			list = append(list, map[string]any{"id": z + ".", "name": z + ".", "kind": "Native"})
		}
		return jsonReply(200, list)
	}
	zone := strings.TrimSuffix(at[0], ".")
	if len(at) != 1 || zone == at[0] || !slices.Contains(h.zones, zone) {
		return fail(404, "Could not find domain '"+at[0]+"'")
	}
	switch q.Method {
	case http.MethodGet:
		h.counted(q, "rrset_name", "rrset_type", "rrsets", "include_disabled")
		sets := []set{}
		for _, n := range h.setNames(zone) {
			s := h.set(zone, n[0], n[1])
			if want := q.Query.Get("rrset_name"); want != "" && (want != fqdn(s[0])+"." || q.Query.Get("rrset_type") != n[1]) {
				continue
			}
			records := values(s, func(r HostedRecord) record { return record{Content: r.Data} })
			sets = append(sets, set{Name: fqdn(s[0]) + ".", Type: n[1], TTL: s[0].TTL, Records: append(records, record{"192.88.99.98", true})})
		}
		return jsonReply(200, map[string]any{"id": at[0], "name": at[0], "kind": "Native", "rrsets": sets})
	case http.MethodPatch:
		var sent struct {
			Sets []set `json:"rrsets"`
		}
		if !h.body(q, &sent) || len(sent.Sets) != 1 {
			return fail(400, "Key 'rrsets' not an Array or not present")
		}
		s := sent.Sets[0]
		name := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(s.Name, "."), zone), ".")
		switch {
		case !strings.HasSuffix("."+s.Name, "."+zone+"."):
			return fail(422, "RRset "+s.Name+" IN "+s.Type+": Name is out of zone")
		case s.Change == "DELETE":
			h.replace(zone, name, s.Type, nil, 0)
		case s.Change != "REPLACE" || s.TTL == 0 || len(s.Records) == 0:
			return fail(422, "Changetype not understood")
		default:
			h.replace(zone, name, s.Type, values(s.Records, func(r record) string { return r.Content }), s.TTL)
		}
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}
