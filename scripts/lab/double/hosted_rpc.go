package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// answerNjalla: one address takes every call; an error has the status 200.
func answerNjalla(h *Hosted, q Request) Reply {
	good := func(result any) Reply { return jsonReply(200, map[string]any{"jsonrpc": "2.0", "result": result}) }
	fail := func(code int, message string) Reply {
		return jsonReply(200, map[string]any{"jsonrpc": "2.0", "error": map[string]any{"code": code, "message": message}})
	}
	if q.Method != http.MethodPost || q.Path != "/api/1/" {
		return h.undocumented(q)
	}
	if q.Header.Get("Authorization") != "Njalla "+h.Kind.Options["token"] {
		return fail(403, "Permission denied")
	}
	var sent struct {
		Method string `json:"method"`
		Params struct {
			ID      string `json:"id"`
			Domain  string `json:"domain"`
			Name    string `json:"name"`
			Type    string `json:"type"`
			Content string `json:"content"`
			TTL     int    `json:"ttl"`
		} `json:"params"`
	}
	if !h.body(q, &sent) {
		return fail(400, "Invalid request")
	}
	p := sent.Params
	if sent.Method == "list-domains" {
		list := []map[string]string{}
		for _, z := range h.zones {
			list = append(list, map[string]string{"name": z, "status": "active"})
		}
		return good(map[string]any{"domains": list})
	}
	if !slices.Contains(h.zones, p.Domain) {
		return fail(404, "Domain not found")
	}
	shown := func(r HostedRecord) map[string]any {
		return map[string]any{"id": idNumber(r.ID), "name": apex(r.Name), "type": r.Type, "content": r.Data, "ttl": r.TTL}
	}
	switch sent.Method {
	case "list-records":
		list := []map[string]any{}
		for _, r := range h.of(p.Domain) {
			list = append(list, shown(r))
		}
		return good(map[string]any{"records": list})
	case "add-record":
		if !h.ttl(p.TTL) || p.Name == "" || p.Type == "" {
			return fail(400, "Invalid TTL")
		}
		return good(shown(h.add(HostedRecord{Zone: p.Domain, Name: bare(p.Name), Type: p.Type, Data: p.Content, TTL: p.TTL})))
	case "edit-record":
		r := h.byID(p.Domain, p.ID)
		if r == nil || !h.ttl(p.TTL) {
			return fail(404, "Record not found")
		}
		r.Data, r.TTL = p.Content, p.TTL
		return good(shown(*r))
	case "remove-record":
		if h.drop(func(r HostedRecord) bool { return r.Zone == p.Domain && r.ID == p.ID }) == 0 {
			return fail(404, "Record not found")
		}
		return good(map[string]any{})
	}
	return h.undocumented(q)
}

// foreignRecord is one that a client may not know: it must come back as it went out.
const foreignRecord = `{"type":"SSHFP","name":"host.example.","value":"1 1 ABC","ttl":900,"note":"kept"}`

// answerMijnhost: records have no IDs; a zone is written as a whole.
func answerMijnhost(h *Hosted, q Request) Reply {
	reply := func(status int, description string, data any) Reply {
		return jsonReply(status, map[string]any{"status": status, "status_description": description, "data": data})
	}
	if q.Header.Get("API-Key") != h.Kind.Options["token"] {
		return reply(401, "Invalid API key", nil)
	}
	at := parts(q.Path, "/api/v2/domains")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		list := []map[string]any{}
		for _, z := range h.zones {
			list = append(list, map[string]any{"id": h.zoneNumber(z), "domain": z, "status": "active"})
		}
		return reply(200, "Request successful", map[string]any{"domains": list})
	}
	if len(at) != 2 || at[1] != "dns" {
		return h.undocumented(q)
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return reply(404, "Domain not found", nil)
	}
	type record struct {
		Type  string `json:"type"`
		Name  string `json:"name"`
		Value string `json:"value"`
		TTL   int    `json:"ttl"`
	}
	switch q.Method {
	case http.MethodGet:
		list := []any{json.RawMessage(foreignRecord)}
		for _, r := range h.of(zone) {
			list = append(list, record{r.Type, fqdn(r) + ".", r.Data, r.TTL})
		}
		return reply(200, "Request successful", map[string]any{"domain": zone, "records": list})
	case http.MethodPut:
		var sent struct {
			Records []json.RawMessage `json:"records"`
		}
		if !h.body(q, &sent) || !slices.ContainsFunc(sent.Records, func(r json.RawMessage) bool { return compact(r) == foreignRecord }) {
			h.Complain("a zone was written without a record that it has: %s", q.Body)
			return reply(400, "Invalid records", nil)
		}
		var made []HostedRecord
		for _, raw := range sent.Records {
			var r record
			if compact(raw) == foreignRecord {
				continue
			}
			name, dotted := "", false
			if json.Unmarshal(raw, &r) == nil {
				name, dotted = strings.CutSuffix(r.Name, zone+".")
			}
			if !dotted || !h.ttl(r.TTL) {
				return reply(400, "Invalid record", nil)
			}
			made = append(made, HostedRecord{Zone: zone, Name: strings.TrimSuffix(name, "."), Type: r.Type, Data: r.Value, TTL: r.TTL})
		}
		h.drop(func(r HostedRecord) bool { return r.Zone == zone })
		for _, r := range made {
			h.add(r)
		}
		return reply(200, "Request successful", nil)
	}
	return h.undocumented(q)
}

const inwxSession = "domrobot=e4b2d7a90c"

// answerInwx: a session in a cookie; a code says what came of a call.
func answerInwx(h *Hosted, q Request) Reply {
	reply := func(code int, message string, data any) Reply {
		body := map[string]any{"code": code, "msg": message, "runtime": 0.1}
		if data != nil {
			body["resData"] = data
		}
		return jsonReply(200, body)
	}
	if q.Method != http.MethodPost || q.Path != "/jsonrpc/" {
		return h.undocumented(q)
	}
	var sent struct {
		Method string `json:"method"`
		Params struct {
			User    string `json:"user"`
			Pass    string `json:"pass"`
			Page    int    `json:"page"`
			Limit   int    `json:"pagelimit"`
			Domain  string `json:"domain"`
			ID      int    `json:"id"`
			Name    string `json:"name"`
			Type    string `json:"type"`
			Content string `json:"content"`
			TTL     int    `json:"ttl"`
		} `json:"params"`
	}
	if !h.body(q, &sent) {
		return reply(2001, "Command syntax error", nil)
	}
	p := sent.Params
	if sent.Method == "account.login" {
		if p.User != h.Kind.Options["username"] || p.Pass != h.Kind.Options["password"] {
			return reply(2200, "Authentication error", nil)
		}
		r := reply(1000, "Command completed successfully", map[string]any{"customerId": 1, "tfa": "0"})
		r.Header = map[string]string{"Content-Type": "application/json", "Set-Cookie": h.current(inwxSession) + "; path=/; secure; HttpOnly"}
		return r
	}
	if q.Header.Get("Cookie") != h.current(inwxSession) {
		return reply(2200, "Authentication error", nil)
	}
	id := func(r HostedRecord) bool { return idNumber(r.ID) == p.ID }
	switch sent.Method {
	case "nameserver.list":
		list := []map[string]string{}
		for _, z := range h.zones {
			list = append(list, map[string]string{"domain": z, "type": "MASTER"})
		}
		return reply(1000, "Command completed successfully", map[string]any{"count": len(list), "domains": list})
	case "nameserver.info":
		if !slices.Contains(h.zones, p.Domain) {
			return reply(2303, "Object does not exist", nil)
		}
		list := []map[string]any{}
		for _, r := range h.of(p.Domain) {
			list = append(list, map[string]any{"id": idNumber(r.ID), "name": fqdn(r), "type": r.Type, "content": r.Data, "ttl": r.TTL, "prio": 0})
		}
		return reply(1000, "Command completed successfully", map[string]any{"domain": p.Domain, "record": list})
	case "nameserver.createRecord":
		name, ok := strings.CutSuffix(p.Name, p.Domain)
		if !ok || !slices.Contains(h.zones, p.Domain) || !h.ttl(p.TTL) {
			return reply(2005, "Parameter value syntax error", nil)
		}
		r := h.add(HostedRecord{Zone: p.Domain, Name: strings.TrimSuffix(name, "."), Type: p.Type, Data: p.Content, TTL: p.TTL})
		return reply(1000, "Command completed successfully", map[string]any{"id": idNumber(r.ID)})
	case "nameserver.updateRecord":
		at := slices.IndexFunc(h.records, id)
		if at < 0 || !h.ttl(p.TTL) {
			return reply(2303, "Object does not exist", nil)
		}
		h.records[at].Data, h.records[at].TTL = p.Content, p.TTL
		return reply(1000, "Command completed successfully", nil)
	case "nameserver.deleteRecord":
		if h.drop(id) == 0 {
			return reply(2303, "Object does not exist", nil)
		}
		return reply(1000, "Command completed successfully", nil)
	}
	return h.undocumented(q)
}
