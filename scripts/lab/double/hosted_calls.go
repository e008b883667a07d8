package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// answerPorkbun: every call is a POST with the keys in it.
func answerPorkbun(h *Hosted, q Request) Reply {
	fail := func(message string) Reply {
		return jsonReply(400, map[string]string{"status": "ERROR", "message": message})
	}
	var sent struct {
		APIKey  string `json:"apikey"`
		Secret  string `json:"secretapikey"`
		Name    string `json:"name"`
		Type    string `json:"type"`
		Content string `json:"content"`
		TTL     string `json:"ttl"`
	}
	at := parts(q.Path, "/api/json/v3/")
	if q.Method != http.MethodPost || len(at) < 2 {
		return h.undocumented(q)
	}
	if !h.body(q, &sent) {
		return fail("Invalid JSON.")
	}
	if sent.APIKey != h.Kind.Options["api_key"] || sent.Secret != h.Kind.Options["secret_key"] {
		return fail("Invalid API key. (002)")
	}
	call := at[0] + "/" + at[1]
	if call == "domain/listAll" {
		list := []map[string]string{}
		for _, z := range h.zones {
			list = append(list, map[string]string{"domain": z, "status": "ACTIVE"})
		}
		return jsonReply(200, map[string]any{"status": "SUCCESS", "domains": list})
	}
	if len(at) < 3 || !slices.Contains(h.zones, at[2]) {
		return fail("Invalid domain.")
	}
	zone, ttl := at[2], 0
	if sent.Content != "" {
		n, err := strconv.Atoi(sent.TTL)
		if err != nil || !h.ttl(n) {
			return fail("Invalid TTL.")
		}
		ttl = n
	}
	named := func(r HostedRecord) bool {
		return r.Zone == zone && r.Type == at[3] && (len(at) == 4 && r.Name == "" || len(at) == 5 && r.Name == at[4])
	}
	success := jsonReply(200, map[string]string{"status": "SUCCESS"})
	switch {
	case call == "dns/retrieve" && len(at) == 3:
		list := []map[string]string{}
		for _, r := range h.of(zone) {
			list = append(list, map[string]string{"id": r.ID, "name": fqdn(r), "type": r.Type, "content": r.Data, "ttl": strconv.Itoa(r.TTL), "prio": "0", "notes": ""})
		}
		return jsonReply(200, map[string]any{"status": "SUCCESS", "records": list})
	case call == "dns/create" && len(at) == 3:
		r := h.add(HostedRecord{Zone: zone, Name: sent.Name, Type: sent.Type, Data: sent.Content, TTL: ttl})
		return jsonReply(200, map[string]string{"status": "SUCCESS", "id": r.ID})
	case call == "dns/editByNameType" && len(at) >= 4:
		changed := false
		for i := range h.records {
			if r := &h.records[i]; named(*r) && (r.Data != sent.Content || r.TTL != ttl) {
				r.Data, r.TTL, changed = sent.Content, ttl, true
			}
		}
		if !changed {
			h.Complain("porkbun takes no edit that changes nothing: %s", q.Path)
			return fail("Edit error: We were unable to edit the DNS record.")
		}
		return success
	case call == "dns/deleteByNameType" && len(at) >= 4:
		if h.drop(named) == 0 {
			return fail("Delete error: We were unable to delete the DNS record.")
		}
		return success
	}
	return h.undocumented(q)
}

// answerNamesilo: every call is a GET; a code in the answer says what came of it.
func answerNamesilo(h *Hosted, q Request) Reply {
	reply := func(code int, detail string, records any) Reply {
		body := map[string]any{"code": code, "detail": detail}
		if records != nil {
			body["resource_record"] = records
		}
		return jsonReply(200, map[string]any{"reply": body})
	}
	get := q.Query.Get
	call := strings.TrimPrefix(q.Path, "/api/")
	switch {
	case q.Method != http.MethodGet || get("version") != "1" || get("type") != "json":
		return h.undocumented(q)
	case get("key") != h.Kind.Options["token"]:
		return reply(110, "Invalid API Key", nil)
	case !slices.Contains(h.zones, get("domain")):
		return reply(200, "Domain is not active, or does not belong to this user", nil)
	}
	zone := get("domain")
	if call == "dnsListRecords" {
		list := []map[string]any{}
		for _, r := range h.of(zone) {
			list = append(list, map[string]any{"record_id": r.ID, "type": r.Type, "host": fqdn(r), "value": r.Data, "ttl": strconv.Itoa(r.TTL), "distance": 0})
		}
		return reply(300, "success", list)
	}
	r := h.byID(zone, get("rrid"))
	if call != "dnsAddRecord" && r == nil {
		return reply(280, "DNS modification error: invalid record id", nil)
	}
	if call == "dnsDeleteRecord" {
		id := r.ID
		h.drop(func(x HostedRecord) bool { return x.ID == id })
		return reply(300, "success", nil)
	}
	ttl := 7207 // its default
	if get("rrttl") != "" {
		n, err := strconv.Atoi(get("rrttl"))
		if err != nil || !h.ttl(n) {
			return reply(280, "DNS modification error: invalid TTL", nil)
		}
		ttl = n
	}
	switch call {
	case "dnsAddRecord":
		h.add(HostedRecord{Zone: zone, Name: get("rrhost"), Type: get("rrtype"), Data: get("rrvalue"), TTL: ttl})
	case "dnsUpdateRecord":
		r.Name, r.Data, r.TTL = get("rrhost"), get("rrvalue"), ttl
	default:
		return h.undocumented(q)
	}
	return reply(300, "success", nil)
}

// answerInfomaniak: an envelope says success or error.
func answerInfomaniak(h *Hosted, q Request) Reply {
	fail := func(status int, code string) Reply {
		return jsonReply(status, map[string]any{"result": "error", "error": map[string]string{"code": code, "description": code}})
	}
	good := func(data any) Reply { return jsonReply(200, map[string]any{"result": "success", "data": data}) }
	if q.Header.Get("Authorization") != "Bearer "+h.Kind.Options["token"] {
		return fail(401, "not_authorized")
	}
	if at := parts(q.Path, "/2/domains/"); len(at) == 2 && at[1] == "zones" && q.Method == http.MethodGet {
		list := []map[string]string{}
		for _, z := range h.zones {
			if at[0] == z || strings.HasSuffix(at[0], "."+z) {
				list = append(list, map[string]string{"fqdn": z})
			}
		}
		if len(list) == 0 {
			return fail(404, "object_not_found")
		}
		return good(list)
	}
	at := parts(q.Path, "/2/zones/")
	if len(at) < 2 || at[1] != "records" {
		return h.undocumented(q)
	}
	if !slices.Contains(h.zones, at[0]) {
		return fail(404, "object_not_found")
	}
	type record struct {
		ID          int             `json:"id,omitempty"`
		Source      string          `json:"source"`
		Type        string          `json:"type"`
		TTL         int             `json:"ttl"`
		Target      string          `json:"target"`
		Description json.RawMessage `json:"description,omitempty"`
	}
	shown := func(r HostedRecord) record {
		id, _ := strconv.Atoi(r.ID)
		name := r.Name
		if name == "" {
			name = "."
		}
		return record{ID: id, Source: name, Type: r.Type, TTL: r.TTL, Target: r.Data}
	}
	switch {
	case len(at) == 2 && q.Method == http.MethodGet:
		list := []record{}
		for _, r := range h.of(at[0]) {
			list = append(list, shown(r))
		}
		return good(list)
	case len(at) == 2 && q.Method == http.MethodPost:
		var s record
		if !h.body(q, &s) || !h.ttl(s.TTL) || s.Source == "" || s.Source == "@" {
			return fail(422, "validation_failed")
		}
		return good(shown(h.add(HostedRecord{Zone: at[0], Name: strings.TrimPrefix(s.Source, "."), Type: s.Type, Data: s.Target, TTL: s.TTL})))
	case len(at) == 3 && q.Method == http.MethodPut:
		var s record
		if !h.body(q, &s) || !h.change(h.byID(at[0], at[2]), strings.TrimPrefix(s.Source, "."), s.Type, s.Target, s.TTL) {
			return fail(422, "validation_failed")
		}
		return good(shown(*h.byID(at[0], at[2])))
	case len(at) == 3 && q.Method == http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return r.Zone == at[0] && r.ID == at[2] }) == 0 {
			return fail(404, "object_not_found")
		}
		return good(true)
	}
	return h.undocumented(q)
}

const netcupSession = "cVd5Z1UyNUtS"

func netcupReply(action string, code int, short, long string, data any) Reply {
	status := "error"
	if code == 2000 {
		status = "success"
	}
	return jsonReply(200, map[string]any{
		"serverrequestid": "Ff0kDS0sM8Ys", "clientrequestid": "", "action": action, "status": status,
		"statuscode": code, "shortmessage": short, "longmessage": long, "responsedata": data,
	})
}

// answerNetcup: one address takes every call; a session begins with login and ends with logout.
func answerNetcup(h *Hosted, q Request) Reply {
	type record struct {
		ID          string `json:"id"`
		Hostname    string `json:"hostname"`
		Type        string `json:"type"`
		Priority    string `json:"priority"`
		Destination string `json:"destination"`
		Delete      bool   `json:"deleterecord"`
	}
	type records struct {
		List []record `json:"dnsrecords"`
	}
	var sent struct {
		Action string `json:"action"`
		Param  struct {
			Domain   string  `json:"domainname"`
			Customer string  `json:"customernumber"`
			Key      string  `json:"apikey"`
			Password string  `json:"apipassword"`
			Session  string  `json:"apisessionid"`
			Set      records `json:"dnsrecordset"`
		} `json:"param"`
	}
	if _, asked := q.Query["JSON"]; q.Method != http.MethodPost || q.Path != "/run/webservice/servers/endpoint.php" || !asked {
		return h.undocumented(q)
	}
	if !h.body(q, &sent) {
		return netcupReply("", 4013, "Validation Error.", "Api key missing. JSON decode failed while validating request.", "")
	}
	p, options := sent.Param, h.Kind.Options
	account := p.Customer == options["customer"] && p.Key == options["api_key"]
	if sent.Action == "login" {
		if !account || p.Password != options["password"] {
			return netcupReply("login", 4013, "Validation Error.", "The login credentials are not valid.", "")
		}
		return netcupReply("login", 2000, "Login successful", "Session has been created successful.", map[string]string{"apisessionid": netcupSession})
	}
	if !account || p.Session != netcupSession {
		return netcupReply(sent.Action, 4001, "Api session id in invalid format", "", "")
	}
	if sent.Action == "logout" {
		return netcupReply("logout", 2000, "Logout successful", "Session has been terminated successful.", "")
	}
	if !slices.Contains(h.zones, p.Domain) {
		return netcupReply(sent.Action, 5029, "Can not get DNS records for zone", "The zone "+p.Domain+" could not be found.", "")
	}
	list := func() records {
		var out records
		for _, r := range h.of(p.Domain) {
			name := r.Name
			if name == "" {
				name = "@"
			}
			out.List = append(out.List, record{ID: r.ID, Hostname: name, Type: r.Type, Priority: "0", Destination: r.Data})
		}
		return out
	}
	switch sent.Action {
	case "infoDnsZone":
		return netcupReply(sent.Action, 2000, "DNS zone found", "", map[string]string{"name": p.Domain, "ttl": "86400"})
	case "infoDnsRecords":
		return netcupReply(sent.Action, 2000, "DNS records found", "", list())
	case "updateDnsRecords":
		for _, s := range p.Set.List {
			r := h.byID(p.Domain, s.ID)
			switch {
			case s.ID == "" && !s.Delete:
				h.add(HostedRecord{Zone: p.Domain, Name: strings.TrimPrefix(s.Hostname, "@"), Type: s.Type, Data: s.Destination, TTL: 86400})
			case r == nil:
				return netcupReply(sent.Action, 5028, "Update of DNS records failed", "There is no record with this ID.", "")
			case s.Delete:
				h.drop(func(x HostedRecord) bool { return x.Zone == p.Domain && x.ID == s.ID })
			default:
				r.Data = s.Destination
			}
		}
		return netcupReply(sent.Action, 2000, "DNS records successful updated", "", list())
	}
	return h.undocumented(q)
}
