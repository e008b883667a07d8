package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"net/http"
	"slices"
)

// restKinds are services with a bearer token and resources by their paths.
var restKinds = []HostedKind{
	{
		Name: "digitalocean", Docs: "https://docs.digitalocean.com/reference/api/digitalocean/#tag/Domain-Records", Host: "api.digitalocean.com",
		Options: map[string]string{"token": "dop_v1_9f86d081884c7d659a2feaa0c55ad015"}, Wrong: [2]string{"token", "dop_v1_wrong"},
		TooMany: Reply{Status: 429, Body: `{"id":"too_many_requests","message":"API Rate limit exceeded."}`}, LeastTTL: 30, answer: answerDigitalocean,
	},
	{
		Name: "vultr", Docs: "https://www.vultr.com/api/#tag/dns", Host: "api.vultr.com",
		Options: map[string]string{"token": "K5JLXYZ2MNOPQRSTUVWXABCDEFGHIJKLMNOP"}, Wrong: [2]string{"token", "WRONGWRONGWRONG"},
		TooMany: Reply{Status: 429, Body: `{"error":"Rate limit exceeded","status":429}`}, LeastTTL: 120, answer: answerVultr,
	},
	{
		Name: "linode", Docs: "https://techdocs.akamai.com/linode-api/reference/get-domain-records", Host: "api.linode.com",
		Options: map[string]string{"token": "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"errors":[{"reason":"Too many requests"}]}`}, answer: answerLinode,
	},
	{
		Name: "gandi", Docs: "https://api.gandi.net/docs/livedns/", Host: "api.gandi.net",
		Options: map[string]string{"token": "pat_0123456789abcdef0123456789abcdef"}, Wrong: [2]string{"token", "pat_wrong"},
		TooMany: Reply{Status: 429, Body: `{"object":"HTTPTooManyRequests","cause":"Too Many Requests","code":429,"message":"Too many requests"}`}, LeastTTL: 300, answer: answerGandi,
	},
	{
		Name: "hetzner", Docs: "https://docs.hetzner.cloud/reference/cloud#zone-rrsets", Host: "api.hetzner.cloud",
		Options: map[string]string{"token": "jEheVytlAoFl7F8MqUQ7jAo2hOXASztX0123456789abcdef"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"error":{"code":"rate_limit_exceeded","message":"limit of 3600 requests per hour reached"}}`}, LeastTTL: 60, answer: answerHetzner,
	},
	{
		Name: "scaleway", Docs: "https://www.scaleway.com/en/developers/api/domains-and-dns/", Host: "api.scaleway.com",
		Options: map[string]string{"secret_key": "7d2f1a30-9c4b-4f0e-8a55-2b6c9e1d4f77"}, Wrong: [2]string{"secret_key", "00000000-wrong"},
		TooMany: Reply{Status: 429, Body: `{"type":"too_many_requests","message":"too many requests"}`}, LeastTTL: 60, answer: answerScaleway,
	},
}

// bearer says whether a request has the account's token.
func (h *Hosted) bearer(q Request) bool {
	return q.Header.Get("Authorization") == "Bearer "+h.Kind.Options["token"]
}

// counted complains about parameters of a list that are not documented, and whether it is the first page.
func (h *Hosted) counted(q Request, known ...string) bool {
	for key := range q.Query {
		if !slices.Contains(known, key) {
			h.Complain("%s %s: parameter %s is not documented", q.Method, q.Path, key)
		}
	}
	page := q.Query.Get("page")
	return page == "" || page == "1"
}

func answerDigitalocean(h *Hosted, q Request) Reply {
	fail := func(status int, id string) Reply {
		return jsonReply(status, map[string]string{"id": id, "message": id})
	}
	type record struct {
		ID   int    `json:"id"`
		Type string `json:"type"`
		Name string `json:"name"`
		Data string `json:"data"`
		TTL  int    `json:"ttl"`
	}
	if !h.bearer(q) {
		return fail(401, "Unauthorized")
	}
	at := parts(q.Path, "/v2/domains")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		list := []map[string]any{}
		for _, z := range h.zones {
			if h.counted(q, "per_page", "page") {
				list = append(list, map[string]any{"name": z, "ttl": 1800})
			}
		}
		return jsonReply(200, map[string]any{"domains": list, "links": map[string]any{}, "meta": map[string]int{"total": len(h.zones)}})
	}
	if len(at) < 2 || at[1] != "records" {
		return h.undocumented(q)
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(404, "not_found")
	}
	shown := func(r HostedRecord) record { return record{idNumber(r.ID), r.Type, apex(r.Name), r.Data, r.TTL} }
	if len(at) == 2 && q.Method == http.MethodGet {
		list := []record{}
		for _, r := range h.of(zone) {
			if h.counted(q, "per_page", "page", "type", "name") {
				list = append(list, shown(r))
			}
		}
		return jsonReply(200, map[string]any{"domain_records": list, "links": map[string]any{}, "meta": map[string]int{"total": len(list)}})
	}
	var sent record
	if q.Method != http.MethodDelete && (!h.body(q, &sent) || !h.ttl(sent.TTL)) {
		return fail(422, "unprocessable_entity")
	}
	switch {
	case len(at) == 2 && q.Method == http.MethodPost:
		r := h.add(HostedRecord{Zone: zone, Name: bare(sent.Name), Type: sent.Type, Data: sent.Data, TTL: sent.TTL})
		return jsonReply(201, map[string]any{"domain_record": shown(r)})
	case len(at) == 3 && q.Method == http.MethodPatch:
		r := h.byID(zone, at[2])
		if r == nil || r.Type != sent.Type || sent.Name != "" && bare(sent.Name) != r.Name {
			return fail(404, "not_found")
		}
		r.Data, r.TTL = sent.Data, sent.TTL
		return jsonReply(200, map[string]any{"domain_record": shown(*r)})
	case len(at) == 3 && q.Method == http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return r.Zone == zone && r.ID == at[2] }) == 0 {
			return fail(404, "not_found")
		}
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}

func answerVultr(h *Hosted, q Request) Reply {
	fail := func(status int, text string) Reply {
		return jsonReply(status, map[string]any{"error": text, "status": status})
	}
	type record struct {
		ID   string `json:"id,omitempty"`
		Type string `json:"type,omitempty"`
		Name string `json:"name"`
		Data string `json:"data"`
		TTL  int    `json:"ttl"`
	}
	if !h.bearer(q) {
		return fail(401, "Invalid API token.")
	}
	meta := map[string]any{"total": 1, "links": map[string]string{"next": "", "prev": ""}}
	at := parts(q.Path, "/v2/domains")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		h.counted(q, "per_page", "cursor")
		list := []map[string]string{}
		for _, z := range h.zones {
			list = append(list, map[string]string{"domain": z, "dns_sec": "disabled"})
		}
		return jsonReply(200, map[string]any{"domains": list, "meta": meta})
	}
	if len(at) < 2 || at[1] != "records" {
		return h.undocumented(q)
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(404, "Invalid domain.")
	}
	if len(at) == 2 && q.Method == http.MethodGet {
		h.counted(q, "per_page", "cursor")
		list := []record{}
		for _, r := range h.of(zone) {
			list = append(list, record{r.ID, r.Type, r.Name, r.Data, r.TTL})
		}
		return jsonReply(200, map[string]any{"records": list, "meta": meta})
	}
	var sent record
	if q.Method != http.MethodDelete && (!h.body(q, &sent) || !h.ttl(sent.TTL)) {
		return fail(400, "Invalid request.")
	}
	switch {
	case len(at) == 2 && q.Method == http.MethodPost:
		r := h.add(HostedRecord{Zone: zone, Name: sent.Name, Type: sent.Type, Data: sent.Data, TTL: sent.TTL})
		return jsonReply(201, map[string]any{"record": record{r.ID, r.Type, r.Name, r.Data, r.TTL}})
	case len(at) == 3 && q.Method == http.MethodPatch:
		r := h.byID(zone, at[2])
		if r == nil || sent.Type != "" || !h.change(r, sent.Name, r.Type, sent.Data, sent.TTL) {
			return fail(404, "Invalid record.")
		}
		return Reply{Status: 204}
	case len(at) == 3 && q.Method == http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return r.Zone == zone && r.ID == at[2] }) == 0 {
			return fail(404, "Invalid record.")
		}
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}

// answerLinode: zones have numbers; "ttl_sec" is one of a list, others are rounded up.
func answerLinode(h *Hosted, q Request) Reply {
	fail := func(status int, reason string) Reply {
		return jsonReply(status, map[string]any{"errors": []map[string]string{{"reason": reason}}})
	}
	type record struct {
		ID     int    `json:"id,omitempty"`
		Type   string `json:"type,omitempty"`
		Name   string `json:"name"`
		Target string `json:"target"`
		TTL    int    `json:"ttl_sec"`
	}
	page := func(data any, n int) Reply {
		return jsonReply(200, map[string]any{"data": data, "page": 1, "pages": 1, "results": n})
	}
	if !h.bearer(q) {
		return fail(401, "Invalid Token")
	}
	at := parts(q.Path, "/v4/domains")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		h.counted(q, "page", "page_size")
		list := []map[string]any{}
		for _, z := range h.zones {
			list = append(list, map[string]any{"id": h.zoneNumber(z), "domain": z, "type": "master"})
		}
		return page(list, len(list))
	}
	zone, ok := h.zoneOf(at[0])
	if !ok || len(at) < 2 || at[1] != "records" {
		return fail(404, "Not found")
	}
	shown := func(r HostedRecord) record { return record{idNumber(r.ID), r.Type, r.Name, r.Data, r.TTL} }
	if len(at) == 2 && q.Method == http.MethodGet {
		h.counted(q, "page", "page_size")
		list := []record{}
		for _, r := range h.of(zone) {
			list = append(list, shown(r))
		}
		return page(list, len(list))
	}
	var sent record
	if q.Method != http.MethodDelete && !h.body(q, &sent) {
		return fail(400, "Invalid JSON")
	}
	for _, ttl := range []int{0, 30, 120, 300, 3600, 7200, 14400, 28800, 57600, 86400} {
		if sent.TTL <= ttl {
			sent.TTL = ttl
			break
		}
	}
	switch {
	case len(at) == 2 && q.Method == http.MethodPost:
		return jsonReply(200, shown(h.add(HostedRecord{Zone: zone, Name: sent.Name, Type: sent.Type, Data: sent.Target, TTL: sent.TTL})))
	case len(at) == 3 && q.Method == http.MethodPut:
		r := h.byID(zone, at[2])
		if r == nil || sent.Type != "" || !h.change(r, sent.Name, r.Type, sent.Target, sent.TTL) {
			return fail(404, "Not found")
		}
		return jsonReply(200, shown(*r))
	case len(at) == 3 && q.Method == http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return r.Zone == zone && r.ID == at[2] }) == 0 {
			return fail(404, "Not found")
		}
		return jsonReply(200, struct{}{})
	}
	return h.undocumented(q)
}
