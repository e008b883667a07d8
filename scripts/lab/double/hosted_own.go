package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// ownKinds are the services of which wandns has a provider of its own.
var ownKinds = []HostedKind{
	{
		Name: "bunny", Docs: "https://docs.bunny.net/reference/dnszonepublic_addrecord", Host: "api.bunny.net",
		Options: map[string]string{"token": "b1f3c7d2-0000-4444-8888-aaaabbbbccccdddd"}, Wrong: [2]string{"token", "b1f3c7d2-wrong"},
		TooMany: Reply{Status: 429, Body: `{"Message":"Too many requests"}`}, LeastTTL: 15, answer: answerBunny,
	},
	{
		Name: "luadns", Docs: "https://www.luadns.com/api.html", Host: "api.luadns.com",
		Options: map[string]string{"username": "joe@example.org", "token": "d41d8cd98f00b204e9800998ecf8427e"}, Wrong: [2]string{"token", "wrongwrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"status":"Too Many Requests","request_id":"1","message":"Too many requests, please slow down."}`}, LeastTTL: 300, answer: answerLuadns,
	},
	{
		Name: "domainnameshop", Docs: "https://api.domeneshop.no/docs/", Host: "api.domeneshop.no",
		Options: map[string]string{"token": "Vk2n8uEEF6RdQ0Ft", "secret_key": "s8VdYzYaiGSrkNbSpG4qXzNZm3sLkO2u"}, Wrong: [2]string{"secret_key", "wrongwrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"help":"Rate limited","code":"rate"}`}, LeastTTL: 60, answer: answerDomeneshop,
	},
	{
		Name: "simplydotcom", Docs: "https://api.simply.com/2/doc/", Host: "api.simply.com",
		Options: map[string]string{"username": "S123456", "token": "kGq0n5t9yXbW2v7c"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"status":429,"message":"Rate limit exceeded"}`}, LeastTTL: 60, answer: answerSimply,
	},
	{
		Name: "njalla", Docs: "https://njal.la/api/", Host: "njal.la",
		Options: map[string]string{"token": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"}, Wrong: [2]string{"token", "0000000000000000000000000000000000000000"},
		TooMany: Reply{Status: 429, Body: `{}`}, LeastTTL: 60, answer: answerNjalla,
	},
	{
		Name: "mijnhost", Docs: "https://mijn.host/api/doc/", Host: "mijn.host",
		Options: map[string]string{"token": "7f2a1c4be9d84f6ab1c0"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"status":429,"status_description":"Too many requests"}`}, LeastTTL: 60, answer: answerMijnhost,
	},
	{
		Name: "inwx", Docs: "https://www.inwx.com/en/help/apidoc", Host: "api.domrobot.com",
		Options: map[string]string{"username": "router", "password": "correct-horse-battery"}, Wrong: [2]string{"password", "wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{}`}, LeastTTL: 300, answer: answerInwx,
	},
}

// bare is the apex as an empty name, however a service writes it.
func bare(name string) string { return strings.TrimPrefix(name, "@") }

// apex is the opposite of bare.
func apex(name string) string {
	if name == "" {
		return "@"
	}
	return name
}

// zoneNumber is the ID of the i-th zone, where zones have numbers.
func (h *Hosted) zoneNumber(zone string) int { return 4100 + slices.Index(h.zones, zone) }

func (h *Hosted) zoneOf(number string) (string, bool) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 4100 || n-4100 >= len(h.zones) {
		return "", false
	}
	return h.zones[n-4100], true
}

func idNumber(id string) int {
	n, err := strconv.Atoi(id)
	if err != nil {
		panic(err)
	}
	return n
}

// change gives a record its data and TTL, which must fit.
func (h *Hosted) change(r *HostedRecord, name, rrtype, data string, ttl int) bool {
	if r == nil || r.Name != bare(name) || r.Type != rrtype || !h.ttl(ttl) {
		return false
	}
	r.Data, r.TTL = data, ttl
	return true
}

// answerBunny: types are numbers, the key is a header of its own; an update answers with nothing.
func answerBunny(h *Hosted, q Request) Reply {
	fail := func(status int, key string) Reply {
		return jsonReply(status, map[string]string{"ErrorKey": key, "Field": "", "Message": key})
	}
	if q.Header.Get("AccessKey") != h.Kind.Options["token"] {
		return Reply{Status: 401, Body: `{"Message":"Authorization has been denied for this request."}`}
	}
	type record struct {
		ID    int    `json:"Id"`
		Type  int    `json:"Type"`
		TTL   int    `json:"Ttl"`
		Value string `json:"Value"`
		Name  string `json:"Name"`
		Off   bool   `json:"Disabled,omitempty"`
	}
	types := []string{"A", "AAAA", "CNAME", "TXT", "MX"}
	records := func(zone string) []record {
		list := []record{}
		for _, r := range h.of(zone) {
			list = append(list, record{idNumber(r.ID), slices.Index(types, r.Type), r.TTL, r.Data, r.Name, r.Off})
		}
		return list
	}
	at := parts(q.Path, "/dnszone")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		list := []map[string]any{}
		for _, z := range h.zones {
			if strings.Contains(z, q.Query.Get("search")) {
				list = append(list, map[string]any{"Id": h.zoneNumber(z), "Domain": z, "Records": records(z)})
			}
		}
		size, _ := strconv.Atoi(q.Query.Get("perPage"))
		if size < 5 || size > 1000 {
			return fail(400, "validation_error")
		}
		from := min((h.page(q)-1)*size, len(list))
		to := min(from+size, len(list))
		return jsonReply(200, map[string]any{"Items": list[from:to], "CurrentPage": h.page(q), "TotalItems": len(list), "HasMoreItems": to < len(list)})
	}
	zone, ok := h.zoneOf(at[0])
	if !ok {
		return fail(404, "dnszone.not_found")
	}
	if len(at) == 1 && q.Method == http.MethodGet {
		return jsonReply(200, map[string]any{"Id": idNumber(at[0]), "Domain": zone, "Records": records(zone)})
	}
	if len(at) < 2 || at[1] != "records" {
		return h.undocumented(q)
	}
	var sent record
	if q.Method != http.MethodDelete && (!h.body(q, &sent) || sent.Type < 0 || sent.Type >= len(types)) {
		return fail(400, "validation_error")
	}
	switch {
	case len(at) == 2 && q.Method == http.MethodPut:
		if !h.ttl(sent.TTL) {
			return fail(400, "validation_error")
		}
		r := h.add(HostedRecord{Zone: zone, Name: sent.Name, Type: types[sent.Type], Data: sent.Value, TTL: sent.TTL})
		sent.ID = idNumber(r.ID)
		return jsonReply(201, sent)
	case len(at) == 3 && q.Method == http.MethodPost:
		if strconv.Itoa(sent.ID) != at[2] || !h.change(h.byID(zone, at[2]), sent.Name, types[sent.Type], sent.Value, sent.TTL) {
			return fail(400, "validation_error")
		}
		return Reply{Status: 204}
	case len(at) == 3 && q.Method == http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return r.Zone == zone && r.ID == at[2] }) == 0 {
			return fail(404, "dnszone.record.not_found")
		}
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}

// basic says whether a request is signed in by these options.
func (h *Hosted) basic(q Request, user, password string) bool {
	r := http.Request{Header: q.Header}
	u, p, ok := r.BasicAuth()
	return ok && u == h.Kind.Options[user] && p == h.Kind.Options[password]
}

// answerLuadns: full names with a dot at the end; every change answers with the record.
func answerLuadns(h *Hosted, q Request) Reply {
	fail := func(status int, message string) Reply {
		return jsonReply(status, map[string]string{"status": http.StatusText(status), "request_id": "92de2f6c", "message": message})
	}
	if !h.basic(q, "username", "token") {
		return fail(401, "Invalid credentials.")
	}
	type record struct {
		ID      int    `json:"id,omitempty"`
		Name    string `json:"name"`
		Type    string `json:"type"`
		Content string `json:"content"`
		TTL     int    `json:"ttl"`
		ZoneID  int    `json:"zone_id,omitempty"`
	}
	at := parts(q.Path, "/v1/zones")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		list := []map[string]any{}
		for _, z := range h.zones {
			list = append(list, map[string]any{"id": h.zoneNumber(z), "name": z, "synced": true})
		}
		return jsonReply(200, list)
	}
	zone, ok := h.zoneOf(at[0])
	if !ok {
		return fail(404, "Zone not found.")
	}
	if len(at) < 2 || at[1] != "records" {
		return h.undocumented(q)
	}
	shown := func(r HostedRecord) record {
		return record{idNumber(r.ID), fqdn(r) + ".", r.Type, r.Data, r.TTL, idNumber(at[0])}
	}
	var sent record
	if (q.Method == http.MethodPost || q.Method == http.MethodPut) && !h.body(q, &sent) {
		return fail(400, "Invalid JSON.")
	}
	full, dotted := strings.CutSuffix(sent.Name, ".")
	name := strings.TrimSuffix(strings.TrimSuffix(full, zone), ".")
	switch {
	case len(at) == 2 && q.Method == http.MethodGet:
		list := []record{}
		for _, r := range h.of(zone) {
			list = append(list, shown(r))
		}
		return jsonReply(200, list)
	case len(at) == 2 && q.Method == http.MethodPost && dotted && h.ttl(sent.TTL):
		return jsonReply(201, shown(h.add(HostedRecord{Zone: zone, Name: name, Type: sent.Type, Data: sent.Content, TTL: sent.TTL})))
	case len(at) == 3 && q.Method == http.MethodPut && dotted:
		if r := h.byID(zone, at[2]); h.change(r, name, sent.Type, sent.Content, sent.TTL) {
			return jsonReply(200, shown(*r))
		}
		return fail(404, "Record not found.")
	case len(at) == 3 && q.Method == http.MethodDelete:
		r := h.byID(zone, at[2])
		if r == nil {
			return fail(404, "Record not found.")
		}
		gone := shown(*r)
		h.drop(func(x HostedRecord) bool { return x.Zone == zone && x.ID == at[2] })
		return jsonReply(200, gone)
	}
	return h.undocumented(q)
}

// answerDomeneshop: a TTL is a multiple of 60; changes answer with nothing.
func answerDomeneshop(h *Hosted, q Request) Reply {
	fail := func(status int, code string) Reply {
		return jsonReply(status, map[string]string{"code": code, "help": "See the documentation."})
	}
	if !h.basic(q, "token", "secret_key") {
		return fail(401, "auth")
	}
	type record struct {
		ID   int    `json:"id,omitempty"`
		Host string `json:"host"`
		Type string `json:"type"`
		Data string `json:"data"`
		TTL  int    `json:"ttl"`
	}
	at := parts(q.Path, "/v0/domains")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		list := []map[string]any{}
		for _, z := range h.zones {
			if strings.Contains(z, q.Query.Get("domain")) {
				list = append(list, map[string]any{"id": h.zoneNumber(z), "domain": z, "status": "active"})
			}
		}
		return jsonReply(200, list)
	}
	zone, ok := h.zoneOf(at[0])
	if !ok {
		return fail(404, "domain:notfound")
	}
	if len(at) < 2 || at[1] != "dns" {
		return h.undocumented(q)
	}
	var sent record
	if q.Method == http.MethodPost || q.Method == http.MethodPut {
		if !h.body(q, &sent) || sent.TTL%60 != 0 || !h.ttl(sent.TTL) || sent.Host == "" {
			return fail(400, "dns:invalid")
		}
	}
	switch {
	case len(at) == 2 && q.Method == http.MethodGet:
		list := []record{}
		for _, r := range h.of(zone) {
			list = append(list, record{idNumber(r.ID), apex(r.Name), r.Type, r.Data, r.TTL})
		}
		return jsonReply(200, list)
	case len(at) == 2 && q.Method == http.MethodPost:
		r := h.add(HostedRecord{Zone: zone, Name: bare(sent.Host), Type: sent.Type, Data: sent.Data, TTL: sent.TTL})
		return jsonReply(201, map[string]int{"id": idNumber(r.ID)})
	case len(at) == 3 && q.Method == http.MethodPut:
		if !h.change(h.byID(zone, at[2]), sent.Host, sent.Type, sent.Data, sent.TTL) {
			return fail(404, "dns:notfound")
		}
		return Reply{Status: 204}
	case len(at) == 3 && q.Method == http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return r.Zone == zone && r.ID == at[2] }) == 0 {
			return fail(404, "dns:notfound")
		}
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}

// answerSimply: a product is addressed by its domain.
func answerSimply(h *Hosted, q Request) Reply {
	reply := func(status int, message string, more map[string]any) Reply {
		body := map[string]any{"status": status, "message": message}
		for k, v := range more {
			body[k] = v
		}
		return jsonReply(status, body)
	}
	if !h.basic(q, "username", "token") {
		return reply(401, "Invalid credentials", nil)
	}
	type record struct {
		ID   int    `json:"record_id,omitempty"`
		Name string `json:"name"`
		Type string `json:"type"`
		Data string `json:"data"`
		TTL  int    `json:"ttl"`
	}
	at := parts(q.Path, "/2/my/products/")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		list := []map[string]any{}
		for _, z := range h.zones {
			list = append(list, map[string]any{"object": z, "domain": map[string]string{"name": z, "name_idn": z}})
		}
		return reply(200, "success", map[string]any{"products": list})
	}
	if len(at) < 3 || at[1] != "dns" || at[2] != "records" {
		return h.undocumented(q)
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return reply(404, "Product not found", nil)
	}
	var sent record
	if q.Method == http.MethodPost || q.Method == http.MethodPut {
		if !h.body(q, &sent) || !h.ttl(sent.TTL) || sent.Name == "" {
			return reply(400, "Invalid record", nil)
		}
	}
	switch {
	case len(at) == 3 && q.Method == http.MethodGet:
		list := []record{}
		for _, r := range h.of(zone) {
			list = append(list, record{idNumber(r.ID), apex(r.Name), r.Type, r.Data, r.TTL})
		}
		return reply(200, "success", map[string]any{"records": list})
	case len(at) == 3 && q.Method == http.MethodPost:
		r := h.add(HostedRecord{Zone: zone, Name: bare(sent.Name), Type: sent.Type, Data: sent.Data, TTL: sent.TTL})
		return reply(200, "success", map[string]any{"record": map[string]int{"id": idNumber(r.ID)}})
	case len(at) == 4 && q.Method == http.MethodPut:
		if !h.change(h.byID(zone, at[3]), sent.Name, sent.Type, sent.Data, sent.TTL) {
			return reply(404, "Record not found", nil)
		}
		return reply(200, "success", nil)
	case len(at) == 4 && q.Method == http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return r.Zone == zone && r.ID == at[3] }) == 0 {
			return reply(404, "Record not found", nil)
		}
		return reply(200, "success", nil)
	}
	return h.undocumented(q)
}

// compact is a JSON value without blanks, to compare.
func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
