package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// set is the records of a name and type in a zone.
func (h *Hosted) set(zone, name, rrtype string) (set []HostedRecord) {
	for _, r := range h.of(zone) {
		if r.Name == bare(name) && r.Type == rrtype {
			set = append(set, r)
		}
	}
	return set
}

// replace makes a record set hold these values.
func (h *Hosted) replace(zone, name, rrtype string, values []string, ttl int) {
	h.drop(func(r HostedRecord) bool { return r.Zone == zone && r.Name == bare(name) && r.Type == rrtype })
	for _, v := range values {
		h.add(HostedRecord{Zone: zone, Name: bare(name), Type: rrtype, Data: v, TTL: ttl})
	}
}

// setNames are the name and type of each record set of a zone, once.
func (h *Hosted) setNames(zone string) (names [][2]string) {
	for _, r := range h.of(zone) {
		if key := [2]string{apex(r.Name), r.Type}; !slices.Contains(names, key) {
			names = append(names, key)
		}
	}
	return names
}

func answerGandi(h *Hosted, q Request) Reply {
	fail := func(status int, message string) Reply {
		return jsonReply(status, map[string]any{"object": "HTTP" + strconv.Itoa(status), "cause": message, "code": status, "message": message})
	}
	type set struct {
		Name   string   `json:"rrset_name,omitempty"`
		Type   string   `json:"rrset_type,omitempty"`
		TTL    int      `json:"rrset_ttl"`
		Values []string `json:"rrset_values"`
	}
	if !h.bearer(q) {
		return fail(401, "The server could not verify that you authorized to access the document you requested.")
	}
	at := parts(q.Path, "/v5/livedns/domains")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		list := []map[string]string{}
		for _, z := range h.zones {
			if h.counted(q, "page", "per_page") {
				list = append(list, map[string]string{"fqdn": z})
			}
		}
		return jsonReply(200, list)
	}
	if len(at) < 2 || at[1] != "records" {
		return h.undocumented(q)
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(404, "The resource could not be found.")
	}
	if len(at) == 2 && q.Method == http.MethodGet {
		list := []set{}
		for _, n := range h.setNames(zone) {
			s := set{Name: n[0], Type: n[1]}
			for _, r := range h.set(zone, n[0], n[1]) {
				s.TTL, s.Values = r.TTL, append(s.Values, r.Data)
			}
			if h.counted(q, "page", "per_page") {
				list = append(list, s)
			}
		}
		return jsonReply(200, list)
	}
	if len(at) != 4 {
		return h.undocumented(q)
	}
	switch q.Method {
	case http.MethodPut:
		var sent set
		if !h.body(q, &sent) || !h.ttl(sent.TTL) || len(sent.Values) == 0 {
			return fail(400, "Validation error")
		}
		h.replace(zone, at[2], at[3], sent.Values, sent.TTL)
		return jsonReply(201, map[string]string{"message": "DNS Record Created"})
	case http.MethodDelete:
		if len(h.set(zone, at[2], at[3])) == 0 {
			return fail(404, "Can't find the DNS record "+at[2]+"/"+at[3]+" in the zone")
		}
		h.replace(zone, at[2], at[3], nil, 0)
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}

// answerHetzner: a set that is there is changed by actions, one that is not is created.
func answerHetzner(h *Hosted, q Request) Reply {
	fail := func(status int, code string) Reply {
		return jsonReply(status, map[string]any{"error": map[string]string{"code": code, "message": code}})
	}
	type record struct {
		Value   string `json:"value"`
		Comment string `json:"comment,omitempty"`
	}
	type set struct {
		ID      string   `json:"id,omitempty"`
		Name    string   `json:"name,omitempty"`
		Type    string   `json:"type,omitempty"`
		TTL     *int     `json:"ttl,omitempty"`
		Records []record `json:"records,omitempty"`
	}
	action := jsonReply(201, map[string]any{"action": map[string]any{"id": 1, "status": "running", "error": nil}})
	meta := map[string]any{"pagination": map[string]any{"page": 1, "per_page": 50, "next_page": nil}}
	if !h.bearer(q) {
		return fail(401, "unauthorized")
	}
	at := parts(q.Path, "/v1/zones")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		h.counted(q, "page", "per_page", "name")
		list := []map[string]any{}
		for _, z := range h.zones {
			list = append(list, map[string]any{"id": h.zoneNumber(z), "name": z, "mode": "primary", "status": "ok"})
		}
		return jsonReply(200, map[string]any{"zones": list, "meta": meta})
	}
	if len(at) < 2 || at[1] != "rrsets" {
		return h.undocumented(q)
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(404, "not_found")
	}
	shown := func(name, rrtype string) set {
		s := set{ID: name + "/" + rrtype, Name: name, Type: rrtype}
		for _, r := range h.set(zone, name, rrtype) {
			ttl := r.TTL
			s.TTL, s.Records = &ttl, append(s.Records, record{Value: r.Data})
		}
		return s
	}
	if len(at) == 2 && q.Method == http.MethodGet {
		h.counted(q, "page", "per_page", "type", "name")
		list := []set{}
		for _, n := range h.setNames(zone) {
			if types := q.Query["type"]; len(types) == 0 || slices.Contains(types, n[1]) {
				list = append(list, shown(n[0], n[1]))
			}
		}
		return jsonReply(200, map[string]any{"rrsets": list, "meta": meta})
	}
	var sent set
	if q.Method == http.MethodPost && !h.body(q, &sent) {
		return fail(400, "json_error")
	}
	if len(at) == 2 && q.Method == http.MethodPost {
		if len(h.set(zone, sent.Name, sent.Type)) > 0 {
			return fail(409, "uniqueness_error")
		}
		if sent.TTL == nil || !h.ttl(*sent.TTL) || len(sent.Records) == 0 {
			return fail(422, "invalid_input")
		}
		h.replace(zone, sent.Name, sent.Type, values(sent.Records, func(r record) string { return r.Value }), *sent.TTL)
		return action
	}
	if len(at) < 4 {
		return h.undocumented(q)
	}
	held := shown(at[2], at[3])
	if len(held.Records) == 0 {
		return fail(404, "not_found")
	}
	switch rest := strings.Join(at[4:], "/"); {
	case rest == "" && q.Method == http.MethodGet:
		return jsonReply(200, map[string]any{"rrset": held})
	case rest == "" && q.Method == http.MethodDelete:
		h.replace(zone, at[2], at[3], nil, 0)
		return action
	case rest == "actions/set_records" && q.Method == http.MethodPost && len(sent.Records) > 0:
		h.replace(zone, at[2], at[3], values(sent.Records, func(r record) string { return r.Value }), *held.TTL)
		return action
	case rest == "actions/change_ttl" && q.Method == http.MethodPost && sent.TTL != nil && h.ttl(*sent.TTL):
		h.replace(zone, at[2], at[3], values(held.Records, func(r record) string { return r.Value }), *sent.TTL)
		return action
	}
	return h.undocumented(q)
}

func values[T, V any](list []T, value func(T) V) (out []V) {
	for _, x := range list {
		out = append(out, value(x))
	}
	return out
}

// answerScaleway: a PATCH of a zone's records holds changes, each of a whole set.
func answerScaleway(h *Hosted, q Request) Reply {
	fail := func(status int, kind string) Reply {
		return jsonReply(status, map[string]string{"type": kind, "message": kind})
	}
	type record struct {
		ID      string `json:"id,omitempty"`
		Name    string `json:"name"`
		Type    string `json:"type"`
		Data    string `json:"data"`
		TTL     int    `json:"ttl"`
		Comment string `json:"comment,omitempty"`
	}
	type target struct {
		ID      struct{ Name, Type string } `json:"id_fields"`
		Records []record                    `json:"records"`
	}
	if q.Header.Get("X-Auth-Token") != h.Kind.Options["secret_key"] {
		return fail(401, "denied_authentication")
	}
	at := parts(q.Path, "/domain/v2beta1/dns-zones")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		h.counted(q, "page", "page_size", "domain")
		list := []map[string]string{}
		for _, z := range h.zones {
			sub, domain := "", z
			if first, rest, _ := strings.Cut(z, "."); strings.Contains(rest, ".") {
				sub, domain = first, rest
			}
			list = append(list, map[string]string{"domain": domain, "subdomain": sub, "status": "active"})
		}
		return jsonReply(200, map[string]any{"dns_zones": list, "total_count": len(list)})
	}
	if len(at) != 2 || at[1] != "records" {
		return h.undocumented(q)
	}
	zone := at[0]
	if !slices.Contains(h.zones, zone) {
		return fail(404, "not_found")
	}
	switch q.Method {
	case http.MethodGet:
		h.counted(q, "page", "page_size", "name", "type")
		list := []record{}
		for _, r := range h.of(zone) {
			if (!q.Query.Has("name") || q.Query.Get("name") == r.Name) && (!q.Query.Has("type") || q.Query.Get("type") == r.Type) {
				list = append(list, record{r.ID, r.Name, r.Type, r.Data, r.TTL, ""})
			}
		}
		return jsonReply(200, map[string]any{"records": list, "total_count": len(list)})
	case http.MethodPatch:
		var sent struct {
			Changes []struct {
				Set    *target `json:"set"`
				Delete *target `json:"delete"`
			} `json:"changes"`
			NoZone bool `json:"disallow_new_zone_creation"`
		}
		if !h.body(q, &sent) || len(sent.Changes) != 1 {
			return fail(400, "invalid_arguments")
		}
		if d := sent.Changes[0].Delete; d != nil {
			h.replace(zone, d.ID.Name, d.ID.Type, nil, 0)
			return jsonReply(200, map[string]any{"records": []record{}})
		}
		s := sent.Changes[0].Set
		if s == nil || len(s.Records) == 0 || !h.ttl(s.Records[0].TTL) {
			return fail(400, "invalid_arguments")
		}
		h.replace(zone, s.ID.Name, s.ID.Type, values(s.Records, func(r record) string { return r.Data }), s.Records[0].TTL)
		return jsonReply(200, map[string]any{"records": s.Records})
	}
	return h.undocumented(q)
}
