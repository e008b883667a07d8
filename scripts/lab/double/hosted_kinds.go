package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// hostedKinds are the services that Hosted can stand for.
var hostedKinds = []HostedKind{
	{
		Name: "desec", Docs: "https://desec.readthedocs.io/en/latest/dns/rrsets.html", Host: "desec.io",
		Options: map[string]string{"token": "i-T3b1h_OI-H9ab8tRS98stGtURe"}, Wrong: [2]string{"token", "i-T3b1h_OI-H9ab8tRS98stGtURf"},
		TooMany:  Reply{Status: 429, Body: `{"detail":"Request was throttled. Expected available in 119 seconds."}`, Header: map[string]string{"Retry-After": "120"}},
		LeastTTL: 3600, answer: answerDesec,
	},
	{
		Name: "ionos", Docs: "https://developer.hosting.ionos.com/docs/dns", Host: "api.hosting.ionos.com",
		Options: map[string]string{"token": "publicprefix.s3cr3ts3cr3t"}, Wrong: [2]string{"token", "publicprefix.wr0ngwr0ng"},
		TooMany: Reply{Status: 429, Body: `[{"code":"RATE_LIMIT_EXCEEDED","message":"rate limit exceeded"}]`}, LeastTTL: 60, answer: answerIonos,
	},
	{
		Name: "porkbun", Docs: "https://porkbun.com/api/json/v3/documentation", Host: "api.porkbun.com",
		Options: map[string]string{"api_key": "pk1_0123456789abcdef", "secret_key": "sk1_fedcba9876543210"}, Wrong: [2]string{"secret_key", "sk1_wrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"status":"ERROR","message":"Too many requests."}`}, LeastTTL: 600, answer: answerPorkbun,
	},
	{
		Name: "godaddy", Docs: "https://developer.godaddy.com/doc/endpoint/domains", Host: "api.godaddy.com",
		Options: map[string]string{"api_key": "UzQxLikm_46KxDFnbjN7cQjmw6wocia", "secret_key": "46L26ydpkwMaKZV6uVdDWe"}, Wrong: [2]string{"secret_key", "wrongwrongwrongwrong"},
		TooMany:  Reply{Status: 429, Body: `{"code":"TOO_MANY_REQUESTS","message":"Too many requests received within interval","retryAfterSec":30}`},
		LeastTTL: 600, answer: answerGodaddy,
	},
	{
		Name: "namesilo", Docs: "https://www.namesilo.com/api-reference", Host: "www.namesilo.com",
		Options: map[string]string{"token": "acd6c6dea96bbe4a0dd9"}, Wrong: [2]string{"token", "acd6c6dea96bbe4a0000"},
		TooMany: Reply{Status: 429, Body: `{}`}, LeastTTL: 3600, answer: answerNamesilo,
	},
	{
		Name: "infomaniak", Docs: "https://developer.infomaniak.com/docs/api/get/2/zones/%7Bzone%7D/records", Host: "api.infomaniak.com",
		Options: map[string]string{"token": "xPp8nqh2q0fSWdJvTKBXWfYXL9RVzX0F"}, Wrong: [2]string{"token", "wrongwrongwrong"},
		TooMany:  Reply{Status: 429, Body: `{"result":"error","error":{"code":"too_many_requests","description":"Too many requests"}}`},
		LeastTTL: 60, answer: answerInfomaniak,
	},
	{
		Name: "netcup", Docs: "https://ccp.netcup.net/run/webservice/servers/endpoint.php", Host: "ccp.netcup.net",
		Options: map[string]string{"customer": "12345", "api_key": "apikeyapikeyapikey", "password": "passwordpasswordpass"}, Wrong: [2]string{"password", "wrongwrongwrong"},
		TooMany: netcupReply("login", 4013, "Validation Error.", "More than 180 requests per minute. Please wait and retry later.", ""),
		MostTTL: -1, answer: answerNetcup,
	},
}

// answerDesec: a record set is one object; PUT of several replaces those sets whole.
func answerDesec(h *Hosted, q Request) Reply {
	if q.Header.Get("Authorization") != "Token "+h.Kind.Options["token"] {
		return Reply{Status: 401, Body: `{"detail":"Invalid token."}`}
	}
	type set struct {
		Subname string   `json:"subname"`
		Type    string   `json:"type"`
		Records []string `json:"records"`
		TTL     int      `json:"ttl"`
	}
	at := parts(q.Path, "/api/v1/domains/")
	if len(at) == 1 && at[0] == "" && q.Method == http.MethodGet {
		var list []map[string]string
		for _, z := range h.zones {
			list = append(list, map[string]string{"name": z})
		}
		return jsonReply(200, list)
	}
	if len(at) < 2 || at[1] != "rrsets" {
		return h.undocumented(q)
	}
	if !slices.Contains(h.zones, at[0]) {
		return Reply{Status: 404, Body: `{"detail":"Not found."}`}
	}
	read := func(match func(HostedRecord) bool) []set {
		sets := []set{}
		for _, r := range h.of(at[0]) {
			i := slices.IndexFunc(sets, func(s set) bool { return s.Subname == r.Name && s.Type == r.Type })
			switch {
			case !match(r):
			case i >= 0:
				sets[i].Records = append(sets[i].Records, r.Data)
			default:
				sets = append(sets, set{r.Name, r.Type, []string{r.Data}, r.TTL})
			}
		}
		return sets
	}
	switch {
	case len(at) == 2 && q.Method == http.MethodGet:
		return jsonReply(200, read(func(HostedRecord) bool { return true }))
	case len(at) == 4 && q.Method == http.MethodGet:
		sets := read(func(r HostedRecord) bool { return r.Name == strings.TrimPrefix(at[2], "@") && r.Type == at[3] })
		if len(sets) == 0 {
			return Reply{Status: 404, Body: `{"detail":"Not found."}`}
		}
		return jsonReply(200, sets[0])
	case len(at) == 2 && q.Method == http.MethodPut:
		var sets []set
		if !h.body(q, &sets) {
			return Reply{Status: 400, Body: `{"detail":"JSON parse error"}`}
		}
		for _, s := range sets {
			if len(s.Records) > 0 && !h.ttl(s.TTL) {
				return Reply{Status: 400, Body: `[{"ttl":["Ensure this value is greater than or equal to 3600."]}]`}
			}
			kept := h.records
			h.records = nil
			for _, r := range kept {
				if r.Zone != at[0] || r.Name != s.Subname || r.Type != s.Type {
					h.records = append(h.records, r)
				}
			}
			for _, data := range s.Records {
				h.add(HostedRecord{Zone: at[0], Name: s.Subname, Type: s.Type, Data: data, TTL: s.TTL})
			}
		}
		return jsonReply(200, sets)
	}
	return h.undocumented(q)
}

// answerIonos: records have IDs and full names; the ID of a zone is not its name.
func answerIonos(h *Hosted, q Request) Reply {
	if q.Header.Get("X-API-Key") != h.Kind.Options["token"] {
		return Reply{Status: 401, Body: `[{"code":"UNAUTHORIZED","message":"The customer is not authorized to do this operation."}]`}
	}
	at := parts(q.Path, "/dns/v1/zones")
	if at == nil {
		return h.undocumented(q)
	}
	if len(at) == 1 && at[0] == "" && q.Method == http.MethodGet {
		var list []map[string]string
		for i, z := range h.zones {
			list = append(list, map[string]string{"name": z, "id": "11af3414-ebba-11e9-8df5-66fbe8a334" + strconv.Itoa(10+i), "type": "NATIVE"})
		}
		return jsonReply(200, list)
	}
	n, err := strconv.Atoi(strings.TrimPrefix(at[0], "11af3414-ebba-11e9-8df5-66fbe8a334"))
	if err != nil || n < 10 || n-10 >= len(h.zones) {
		return Reply{Status: 404, Body: `[{"code":"ZONE_NOT_FOUND","message":"Zone does not exist."}]`}
	}
	zone := h.zones[n-10]
	type record struct {
		ID       string `json:"id,omitempty"`
		Name     string `json:"name"`
		RootName string `json:"rootName,omitempty"`
		Type     string `json:"type"`
		Content  string `json:"content"`
		TTL      int    `json:"ttl"`
		Prio     int    `json:"prio"`
		Disabled bool   `json:"disabled"`
	}
	shown := func(r HostedRecord) record {
		return record{ID: r.ID, Name: fqdn(r), RootName: zone, Type: r.Type, Content: r.Data, TTL: r.TTL}
	}
	switch {
	case len(at) == 1 && q.Method == http.MethodGet:
		list := []record{}
		for _, r := range h.of(zone) {
			if name, t := q.Query.Get("recordName"), q.Query.Get("recordType"); (name == "" || name == fqdn(r)) && (t == "" || t == r.Type) {
				list = append(list, shown(r))
			}
		}
		return jsonReply(200, map[string]any{"id": at[0], "name": zone, "type": "NATIVE", "records": list})
	case len(at) == 2 && at[1] == "records" && q.Method == http.MethodPost:
		var sent, made []record
		if !h.body(q, &sent) {
			return Reply{Status: 400, Body: `[{"code":"INVALID_DATA"}]`}
		}
		for _, s := range sent {
			if !h.ttl(s.TTL) || s.Name != zone && !strings.HasSuffix(s.Name, "."+zone) {
				return Reply{Status: 400, Body: `[{"code":"INVALID_RECORD","message":"Record is invalid"}]`}
			}
			made = append(made, shown(h.add(HostedRecord{Zone: zone, Name: strings.TrimSuffix(strings.TrimSuffix(s.Name, zone), "."), Type: s.Type, Data: s.Content, TTL: s.TTL})))
		}
		return jsonReply(201, made)
	case len(at) == 3 && at[1] == "records" && (q.Method == http.MethodPut || q.Method == http.MethodDelete):
		r := h.byID(zone, at[2])
		if r == nil {
			return Reply{Status: 404, Body: `[{"code":"RECORD_NOT_FOUND","message":"Record does not exist."}]`}
		}
		if q.Method == http.MethodDelete {
			id := r.ID
			h.drop(func(x HostedRecord) bool { return x.Zone == zone && x.ID == id })
			return Reply{Status: 200}
		}
		var s record
		if !h.body(q, &s) || !h.ttl(s.TTL) {
			return Reply{Status: 400, Body: `[{"code":"INVALID_RECORD","message":"Record is invalid"}]`}
		}
		r.Data, r.TTL = s.Content, s.TTL
		return jsonReply(200, shown(*r))
	}
	return h.undocumented(q)
}

// answerGodaddy: PUT to a type and name replaces that record set.
func answerGodaddy(h *Hosted, q Request) Reply {
	if q.Header.Get("Authorization") != "sso-key "+h.Kind.Options["api_key"]+":"+h.Kind.Options["secret_key"] {
		return Reply{Status: 401, Body: `{"code":"UNABLE_TO_AUTHENTICATE","message":"Unauthorized : Could not authenticate API key/secret"}`}
	}
	type record struct {
		Type string `json:"type,omitempty"`
		Name string `json:"name,omitempty"`
		Data string `json:"data"`
		TTL  int    `json:"ttl"`
	}
	at := parts(q.Path, "/v1/domains/")
	if len(at) < 2 || at[1] != "records" {
		return h.undocumented(q)
	}
	if !slices.Contains(h.zones, at[0]) {
		return Reply{Status: 404, Body: `{"code":"UNKNOWN_DOMAIN","message":"The given domain is not registered, or does not have a zone file"}`}
	}
	named := func(r HostedRecord) bool {
		return r.Zone == at[0] && r.Type == at[2] && r.Name == strings.TrimPrefix(at[3], "@")
	}
	switch {
	case len(at) == 2 && q.Method == http.MethodGet:
		list := []record{}
		for _, r := range h.of(at[0]) {
			name := r.Name
			if name == "" {
				name = "@"
			}
			list = append(list, record{r.Type, name, r.Data, r.TTL})
		}
		return jsonReply(200, list)
	case len(at) == 4 && q.Method == http.MethodPut:
		var sent []record
		if !h.body(q, &sent) {
			return Reply{Status: 400, Body: `{"code":"INVALID_BODY"}`}
		}
		kept := slices.DeleteFunc(slices.Clone(h.records), named)
		h.records = kept
		for _, s := range sent {
			if !h.ttl(s.TTL) {
				return Reply{Status: 422, Body: `{"code":"INVALID_BODY","message":"Request body doesn't fulfill schema"}`}
			}
			h.add(HostedRecord{Zone: at[0], Name: strings.TrimPrefix(at[3], "@"), Type: at[2], Data: s.Data, TTL: s.TTL})
		}
		return Reply{Status: 200}
	case len(at) == 4 && q.Method == http.MethodDelete:
		h.drop(named)
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}
