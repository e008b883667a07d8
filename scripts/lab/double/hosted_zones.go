package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// zoneKinds are services for zones that somebody else's web pages show.
var zoneKinds = []HostedKind{
	{
		Name: "servercowapi", Docs: "https://wiki.servercow.de/en/domains/dns_api/api-syntax/", Host: "api.servercow.de",
		Options: map[string]string{"username": "dnsuser", "password": "wi2EeGheev8ieVie"}, Wrong: [2]string{"password", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"error":"too many requests"}`}, answer: answerServercow,
	},
	{
		Name: "dnsimple", Docs: "https://github.com/dnsimple/dnsimple-developer (content/v2, fixtures/v2/api)", Host: "api.dnsimple.com",
		Options: map[string]string{"token": "dnsimple_a_0123456789abcdef"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"message":"quota exceeded"}`, Header: map[string]string{"X-RateLimit-Limit": "2400", "X-RateLimit-Remaining": "0"}},
		answer:  answerDNSimple,
	},
	{
		Name: "netlify", Docs: "https://github.com/netlify/open-api (swagger.yml)", Host: "api.netlify.com",
		Options: map[string]string{"token": "nfp_Hx7kQ2vT9mW4pL8sR1dY6cJ3bN5z"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"code":429,"message":"Too many requests"}`}, answer: answerNetlify,
	},
	{
		Name: "gcore", Docs: "https://github.com/G-Core/gcore-dns-sdk-go, https://api.gcore.com/docs/dns", Host: "api.gcore.com",
		Options: map[string]string{"token": "1234$0f1e2d3c4b5a69788796a5b4c3d2e1f0"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"error":"too many requests"}`}, answer: answerGcore,
	},
	{
		Name: "cpanel", Docs: "https://api.docs.cpanel.net/openapi/cpanel/operation/dns-mass_edit_zone/", Host: "cpanel.example.edu",
		Options: map[string]string{"server": "https://cpanel.example.edu:443", "username": "customer", "token": "U7HMR63FHY282DQZ4H5BIH16JLYSO01M"}, Wrong: [2]string{"token", "WRONGWRONGWRONG"},
		TooMany: Reply{Status: 429, Body: `{"status":0,"errors":["Too many requests"],"data":null}`}, answer: answerCPanel,
	},
}

// answerServercow: one address for a name and type; the answers are words.
func answerServercow(h *Hosted, q Request) Reply {
	fail := func(status int, text string) Reply { return jsonReply(status, map[string]string{"error": text}) }
	type record struct {
		Type    string `json:"type"`
		Name    string `json:"name"`
		Content any    `json:"content,omitempty"`
		TTL     int    `json:"ttl,omitempty"`
	}
	if q.Header.Get("X-Auth-Username") != h.Kind.Options["username"] || q.Header.Get("X-Auth-Password") != h.Kind.Options["password"] {
		return fail(401, "unauthorized")
	}
	at := parts(q.Path, "/dns/v1/domains/")
	if len(at) != 1 || q.Method != http.MethodGet && q.Header.Get("Content-Type") != "application/json" {
		return h.undocumented(q)
	}
	if !slices.Contains(h.zones, at[0]) {
		return fail(200, "no such domain in user context")
	}
	if q.Method == http.MethodGet {
		list := []record{{"TXT", "", []string{"v=spf1", "-all"}, 20}}
		for _, r := range h.of(at[0]) {
			list = append(list, record{r.Type, r.Name, r.Data, r.TTL})
		}
		return jsonReply(200, list)
	}
	var sent record
	if !h.body(q, &sent) || sent.Type == "" || strings.HasPrefix(sent.Name, "@") {
		return fail(400, "invalid record")
	}
	switch q.Method {
	case http.MethodPost:
		address, ok := sent.Content.(string)
		if !ok {
			return fail(400, "content is no string")
		}
		h.replace(at[0], sent.Name, sent.Type, []string{address}, sent.TTL)
	case http.MethodDelete:
		if len(h.set(at[0], sent.Name, sent.Type)) == 0 {
			return fail(404, "no such record")
		}
		h.replace(at[0], sent.Name, sent.Type, nil, 0)
	default:
		return h.undocumented(q)
	}
	return jsonReply(200, map[string]string{"message": "ok"})
}

// answerDNSimple: the account has a number, and every path begins with it.
func answerDNSimple(h *Hosted, q Request) Reply {
	fail := func(status int, message string) Reply {
		return jsonReply(status, map[string]any{"message": message})
	}
	type record struct {
		ID      int      `json:"id,omitempty"`
		ZoneID  string   `json:"zone_id,omitempty"`
		Name    *string  `json:"name"`
		Content string   `json:"content"`
		TTL     int      `json:"ttl"`
		Type    string   `json:"type,omitempty"`
		Regions []string `json:"regions,omitempty"`
		System  bool     `json:"system_record"`
	}
	if !h.bearer(q) {
		return fail(401, "Authentication failed")
	}
	if q.Path == "/v2/whoami" && q.Method == http.MethodGet {
		return jsonReply(200, map[string]any{"data": map[string]any{"user": nil, "account": map[string]any{"id": 1010, "email": "me@example.org"}}})
	}
	at := parts(q.Path, "/v2/1010/zones")
	if at == nil {
		return h.undocumented(q)
	}
	// One on a page, to see that all are asked for.
	page := func(list []any) Reply {
		n := h.page(q)
		if per, err := strconv.Atoi(q.Query.Get("per_page")); err != nil || per < 1 || per > 100 {
			return fail(400, "Invalid per_page")
		}
		shown := []any{}
		if n <= len(list) {
			shown = list[n-1 : n]
		}
		return jsonReply(200, map[string]any{"data": shown, "pagination": map[string]int{"current_page": n, "per_page": 1, "total_entries": len(list), "total_pages": len(list)}})
	}
	if at[0] == "" && q.Method == http.MethodGet {
		return page(values(h.zones, func(z string) any { return map[string]any{"id": h.zoneNumber(z), "name": z, "reverse": false} }))
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(404, "Zone `"+zone+"` not found")
	}
	if len(at) < 2 || at[1] != "records" {
		return h.undocumented(q)
	}
	shown := func(r HostedRecord) record {
		return record{idNumber(r.ID), zone, &r.Name, r.Data, r.TTL, r.Type, []string{"global"}, false}
	}
	if len(at) == 2 && q.Method == http.MethodGet {
		h.counted(q, "page", "per_page", "name", "type")
		name := "regional"
		list := []any{record{9, zone, &name, "192.88.99.99", 3600, "A", []string{"SV1"}, false}}
		for _, r := range h.of(zone) {
			if (!q.Query.Has("name") || q.Query.Get("name") == r.Name) && (!q.Query.Has("type") || q.Query.Get("type") == r.Type) {
				list = append(list, shown(r))
			}
		}
		if q.Query.Has("name") {
			list = list[1:]
		}
		return page(list)
	}
	var sent record
	if q.Method != http.MethodDelete && (!h.body(q, &sent) || sent.Name == nil || *sent.Name == "@" || sent.TTL == 0) {
		return jsonReply(400, map[string]any{"message": "Validation failed", "errors": map[string]any{"ttl": []string{"is not a number"}}})
	}
	switch {
	case len(at) == 2 && q.Method == http.MethodPost && sent.Type != "":
		r := h.add(HostedRecord{Zone: zone, Name: *sent.Name, Type: sent.Type, Data: sent.Content, TTL: sent.TTL})
		return jsonReply(201, map[string]any{"data": shown(r)})
	case len(at) == 3 && q.Method == http.MethodPatch:
		r := h.byID(zone, at[2])
		if r == nil || sent.Type != "" || !h.change(r, *sent.Name, r.Type, sent.Content, sent.TTL) {
			return fail(404, "Record `"+at[2]+"` not found")
		}
		return jsonReply(200, map[string]any{"data": shown(*r)})
	case len(at) == 3 && q.Method == http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return r.Zone == zone && r.ID == at[2] }) == 0 {
			return fail(404, "Record `"+at[2]+"` not found")
		}
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}

// answerNetlify: records come and go, and cannot be changed. Those of a site are managed.
func answerNetlify(h *Hosted, q Request) Reply {
	fail := func(status int, message string) Reply {
		return jsonReply(status, map[string]any{"code": status, "message": message})
	}
	type record struct {
		ID       string `json:"id,omitempty"`
		Hostname string `json:"hostname"`
		Type     string `json:"type"`
		Value    string `json:"value"`
		TTL      int    `json:"ttl"`
		Managed  *bool  `json:"managed,omitempty"`
	}
	if !h.bearer(q) {
		return fail(401, "Access Denied: Unauthorized")
	}
	at := parts(q.Path, "/api/v1/dns_zones")
	if at == nil {
		return h.undocumented(q)
	}
	id := func(zone string) string { return "z" + strconv.Itoa(h.zoneNumber(zone)) }
	if at[0] == "" && q.Method == http.MethodGet {
		return jsonReply(200, values(h.zones, func(z string) map[string]any { return map[string]any{"id": id(z), "name": z} }))
	}
	zone, ok := h.zoneOf(strings.TrimPrefix(at[0], "z"))
	if !ok || len(at) < 2 || at[1] != "dns_records" {
		return fail(404, "Not Found")
	}
	shown := func(r HostedRecord) record {
		managed := false
		return record{"r" + r.ID, fqdn(r), r.Type, r.Data, r.TTL, &managed}
	}
	switch {
	case len(at) == 2 && q.Method == http.MethodGet:
		managed := true
		return jsonReply(200, append([]record{{"r0", "site." + zone, "A", "192.88.99.99", 3600, &managed}}, values(h.of(zone), shown)...))
	case len(at) == 2 && q.Method == http.MethodPost:
		var sent record
		if !h.body(q, &sent) || sent.Managed != nil || sent.Hostname != zone && !strings.HasSuffix(sent.Hostname, "."+zone) {
			return fail(422, "Invalid record")
		}
		name := strings.TrimSuffix(strings.TrimSuffix(sent.Hostname, zone), ".")
		return jsonReply(201, shown(h.add(HostedRecord{Zone: zone, Name: name, Type: sent.Type, Data: sent.Value, TTL: sent.TTL})))
	case len(at) == 3 && q.Method == http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return r.Zone == zone && "r"+r.ID == at[2] }) == 0 {
			return fail(404, "Not Found")
		}
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}

// answerGcore: POST makes a set, PUT replaces one with all that belongs to it.
func answerGcore(h *Hosted, q Request) Reply {
	fail := func(status int, text string) Reply { return jsonReply(status, map[string]string{"error": text}) }
	type record struct {
		ID      int            `json:"id,omitempty"`
		Content []string       `json:"content"`
		Enabled bool           `json:"enabled"`
		Meta    map[string]any `json:"meta,omitempty"`
	}
	type set struct {
		Name    string         `json:"name,omitempty"`
		Type    string         `json:"type,omitempty"`
		TTL     int            `json:"ttl"`
		Records []record       `json:"resource_records"`
		Pickers []any          `json:"pickers,omitempty"`
		Meta    map[string]any `json:"meta,omitempty"`
	}
	if q.Header.Get("Authorization") != "APIKey "+h.Kind.Options["token"] {
		return fail(401, "invalid token")
	}
	at := parts(q.Path, "/dns/v2/zones")
	if at == nil {
		return h.undocumented(q)
	}
	if q.Method == http.MethodGet {
		h.counted(q, "limit", "offset")
	}
	if at[0] == "" && q.Method == http.MethodGet {
		return jsonReply(200, map[string]any{"zones": values(h.zones, func(z string) map[string]any { return map[string]any{"id": h.zoneNumber(z), "name": z} }), "total_amount": len(h.zones)})
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(404, "zone is not found")
	}
	if len(at) == 2 && at[1] == "rrsets" && q.Method == http.MethodGet {
		sets := []set{}
		for _, n := range h.setNames(zone) {
			held := h.set(zone, n[0], n[1])
			s := set{Name: fqdn(held[0]), Type: n[1], TTL: held[0].TTL, Records: []record{{9, []string{"192.88.99.99"}, false, nil}}}
			for _, r := range held {
				s.Records = append(s.Records, record{idNumber(r.ID), []string{r.Data}, true, nil})
			}
			if note := h.notes[s.Name+" "+s.Type]; note != nil {
				s.Pickers = []any{note}
			}
			sets = append(sets, s)
		}
		return jsonReply(200, map[string]any{"rrsets": sets, "total_amount": len(sets)})
	}
	if len(at) != 3 || at[1] != zone && !strings.HasSuffix(at[1], "."+zone) {
		return h.undocumented(q)
	}
	name := strings.TrimSuffix(strings.TrimSuffix(at[1], zone), ".")
	there := len(h.set(zone, name, at[2])) > 0
	if there == (q.Method == http.MethodPost) {
		return fail(map[bool]int{true: 409, false: 404}[there], "rrset is not as asked")
	}
	switch q.Method {
	case http.MethodPost, http.MethodPut:
		var sent set
		if !h.body(q, &sent) || sent.TTL == 0 || len(sent.Records) == 0 || slices.ContainsFunc(sent.Records, func(r record) bool { return !r.Enabled || len(r.Content) != 1 }) {
			return fail(400, "invalid rrset")
		}
		h.replace(zone, name, at[2], values(sent.Records, func(r record) string { return r.Content[0] }), sent.TTL)
		return jsonReply(200, set{Name: at[1], Type: at[2], TTL: sent.TTL, Records: sent.Records})
	case http.MethodDelete:
		h.replace(zone, name, at[2], nil, 0)
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}

// answerCPanel: a zone is a file of lines, and a change is of the serial that it names.
func answerCPanel(h *Hosted, q Request) Reply {
	fail := func(text string) Reply {
		return jsonReply(200, map[string]any{"status": 0, "errors": []string{text}, "messages": nil, "warnings": nil, "data": nil, "metadata": map[string]any{}})
	}
	good := func(data any) Reply {
		return jsonReply(200, map[string]any{"status": 1, "errors": nil, "messages": nil, "warnings": nil, "data": data, "metadata": map[string]int{"transformed": 1}})
	}
	if q.Header.Get("Authorization") != "cpanel "+h.Kind.Options["username"]+":"+h.Kind.Options["token"] {
		return Reply{Status: 401, Body: "Access denied"}
	}
	if q.Method != http.MethodGet {
		return h.undocumented(q)
	}
	if q.Path == "/execute/DomainInfo/list_domains" {
		return good(map[string]any{"main_domain": h.zones[0], "addon_domains": h.zones[1:2], "parked_domains": h.zones[2:], "sub_domains": []string{"blog." + h.zones[0]}})
	}
	zone := q.Query.Get("zone")
	if !slices.Contains(h.zones, zone) {
		return fail("You do not control a DNS zone named “" + zone + "”.")
	}
	b64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	serial := strconv.Itoa(2026112500 + h.serial)
	const first = 7 // line of the first record
	if q.Path == "/execute/DNS/parse_zone" {
		lines := []map[string]any{
			{"line_index": 0, "type": "comment", "text_b64": b64("; cPanel")}, {"line_index": 1, "type": "control", "text_b64": b64("$TTL 14400")},
			{"line_index": 2, "type": "record", "record_type": "SOA", "dname_b64": b64(zone + "."), "ttl": 86400,
				"data_b64": []string{b64("ns1.example.edu."), b64("me.example.edu."), b64(serial), b64("3600"), b64("1800"), b64("1209600"), b64("86400")}},
		}
		for i, r := range h.of(zone) {
			name := r.Name
			if name == "" {
				name = zone + "."
			}
			lines = append(lines, map[string]any{"line_index": first + i, "type": "record", "record_type": r.Type, "dname_b64": b64(name), "data_b64": []string{b64(r.Data)}, "ttl": r.TTL})
		}
		return good(lines)
	}
	if q.Path != "/execute/DNS/mass_edit_zone" {
		return h.undocumented(q)
	}
	if q.Query.Get("serial") != serial {
		return fail("The given serial number (" + q.Query.Get("serial") + ") does not match the DNS zone’s serial number (" + serial + ").")
	}
	var sent struct {
		Index  int      `json:"line_index"`
		Name   string   `json:"dname"`
		TTL    int      `json:"ttl"`
		Type   string   `json:"record_type"`
		Data   []string `json:"data"`
		remove bool
	}
	text := q.Query.Get("add") + q.Query.Get("edit")
	if text == "" {
		n, err := strconv.Atoi(q.Query.Get("remove"))
		sent.Index, sent.remove = n, err == nil
	} else if json.Unmarshal([]byte(text), &sent) != nil || len(sent.Data) != 1 || !strings.HasSuffix("."+sent.Name, "."+zone+".") {
		return fail("invalid record")
	}
	h.serial++
	if q.Query.Has("add") {
		h.add(HostedRecord{Zone: zone, Name: strings.TrimSuffix(strings.TrimSuffix(sent.Name, zone+"."), "."), Type: sent.Type, Data: sent.Data[0], TTL: sent.TTL})
		return good(map[string]string{"new_serial": strconv.Itoa(2026112500 + h.serial)})
	}
	held := h.of(zone)
	if sent.Index < first || sent.Index-first >= len(held) {
		return fail("no such line")
	}
	id := held[sent.Index-first].ID
	if sent.remove {
		h.drop(func(r HostedRecord) bool { return r.ID == id })
	} else {
		r := h.byID(zone, id)
		r.Data, r.TTL = sent.Data[0], sent.TTL
	}
	return good(map[string]string{"new_serial": strconv.Itoa(2026112500 + h.serial)})
}
