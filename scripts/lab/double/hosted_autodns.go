package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"net/http"
	"slices"
)

var autodnsKind = HostedKind{
	Name: "autodns", Docs: "https://help.internetx.com/display/APIXMLEN/JSON+API+Basics", Host: "api.autodns.com",
	Options: map[string]string{"username": "router", "password": "correct-horse-battery", "context": "4"}, Wrong: [2]string{"password", "wrongwrongwrong"},
	TooMany: Reply{Status: 429, Body: `{"status":{"type":"ERROR","code":"E429","text":"Too many requests"}}`}, LeastTTL: 60, answer: answerAutodns,
}

// answerAutodns: a zone is found with its name server; a change lists what comes and what goes.
func answerAutodns(h *Hosted, q Request) Reply {
	reply := func(status int, code string, data any) Reply {
		return jsonReply(status, map[string]any{"stid": "20260101-app1-1", "status": map[string]string{"code": code, "type": "SUCCESS"}, "data": data})
	}
	type record struct {
		Name  string `json:"name"`
		Type  string `json:"type"`
		Value string `json:"value"`
		TTL   *int   `json:"ttl,omitempty"` // none where the zone's counts
	}
	ttl := func(r record) int {
		if r.TTL == nil {
			return 0
		}
		return *r.TTL
	}
	at := parts(q.Path, "/v1/zone/")
	switch {
	case !h.basic(q, "username", "password") || q.Header.Get("X-Domainrobot-Context") != "4":
		return reply(401, "EF00202", nil)
	case at == nil:
		return h.undocumented(q)
	}
	if len(at) == 1 && at[0] == "_search" && q.Method == http.MethodPost {
		var sent struct {
			Filters []struct {
				Key      string `json:"key"`
				Operator string `json:"operator"`
				Value    string `json:"value"`
			} `json:"filters"`
			View struct {
				Limit int `json:"limit"`
			} `json:"view"`
		}
		if !h.body(q, &sent) {
			return reply(400, "EF00100", nil)
		}
		list := []map[string]string{}
		for _, z := range h.zones {
			if len(sent.Filters) == 0 || sent.Filters[0].Key == "name" && sent.Filters[0].Operator == "EQUAL" && sent.Filters[0].Value == z {
				list = append(list, map[string]string{"origin": z, "virtualNameServer": "a.ns14.net"})
			}
		}
		return reply(200, "S0205", list)
	}
	if len(at) != 2 || at[1] != "a.ns14.net" {
		return h.undocumented(q)
	}
	if !slices.Contains(h.zones, at[0]) {
		return reply(404, "EF02017", nil)
	}
	switch q.Method {
	case http.MethodGet:
		list := []record{}
		for _, r := range h.of(at[0]) {
			shown := record{Name: r.Name, Type: r.Type, Value: r.Data}
			if r.TTL > 0 {
				shown.TTL = &r.TTL
			}
			list = append(list, shown)
		}
		return reply(200, "S0205", []map[string]any{{"origin": at[0], "virtualNameServer": at[1], "resourceRecords": list}})
	case http.MethodPatch:
		var sent struct {
			Add []record `json:"resourceRecordsAdd"`
			Rem []record `json:"resourceRecordsRem"`
		}
		if !h.body(q, &sent) || slices.ContainsFunc(sent.Add, func(r record) bool { return !h.ttl(ttl(r)) || r.Name == "" && r.Type == "A" }) {
			return reply(400, "EF02020", nil)
		}
		for _, r := range sent.Rem {
			if h.drop(func(x HostedRecord) bool {
				return x.Zone == at[0] && x.Name == r.Name && x.Type == r.Type && x.Data == r.Value && x.TTL == ttl(r) && (r.TTL == nil) == (x.TTL == 0)
			}) == 0 {
				return reply(400, "EF02021", nil)
			}
		}
		for _, r := range sent.Add {
			h.add(HostedRecord{Zone: at[0], Name: r.Name, Type: r.Type, Data: r.Value, TTL: ttl(r)})
		}
		return reply(200, "S0202", []map[string]any{{"origin": at[0], "virtualNameServer": at[1]}})
	}
	return h.undocumented(q)
}
