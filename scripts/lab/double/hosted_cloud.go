package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cloudKinds are the services that sign each request.
var cloudKinds = []HostedKind{
	{
		Name: "alidns", Docs: "https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-overview", Host: "alidns.aliyuncs.com",
		Options: map[string]string{"api_key": "LTAI4FzUVkTkzQfcS4Hz", "secret_key": "KZo149BD9GLPNiDIEmdQ7d"}, Wrong: [2]string{"secret_key", "wrongwrongwrongwrong"},
		TooMany: Reply{Status: 400, Body: `{"RequestId":"1","Code":"Throttling.User","Message":"Request was denied due to user flow control."}`}, LeastTTL: 600, answer: answerAlidns,
	},
	{
		Name: "tencentcloud", Docs: "https://www.tencentcloud.com/document/product/1157/49025", Host: "dnspod.tencentcloudapi.com",
		Options: map[string]string{"api_key": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3", "secret_key": "Gu5t9xGARNpq86cd98joQYCN3"}, Wrong: [2]string{"secret_key", "wrongwrongwrongwrong"},
		TooMany: Reply{Status: 200, Body: `{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":"slow down"},"RequestId":"1"}}`}, LeastTTL: 600, answer: answerTencentcloud,
	},
	{
		Name: "edgeone", Docs: "https://www.tencentcloud.com/document/product/1145/50479", Host: "teo.tencentcloudapi.com",
		Options: map[string]string{"api_key": "AKIDz8krbsJ5yKBZQpn74WFkmLPx4", "secret_key": "Gu5t9xGARNpq86cd98joQYCN4"}, Wrong: [2]string{"secret_key", "wrongwrongwrongwrong"},
		TooMany: Reply{Status: 200, Body: `{"Response":{"Error":{"Code":"LimitExceeded.RateLimitExceeded","Message":"slow down"},"RequestId":"1"}}`}, LeastTTL: 60, answer: answerEdgeone,
	},
	{
		Name: "huaweicloud", Docs: "https://support.huaweicloud.com/intl/en-us/api-dns/dns_api_64001.html", Host: "dns.myhuaweicloud.com",
		Options: map[string]string{"api_key": "QTWAOYTTINDUT2QVKYUC", "secret_key": "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"}, Wrong: [2]string{"secret_key", "wrongwrongwrongwrong"},
		TooMany: Reply{Status: 429, Body: `{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached"}`}, LeastTTL: 1, answer: answerHuaweicloud,
	},
}

func sum(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

func mac(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return string(h.Sum(nil))
}

// query is a query in the order and the escapes that the clouds sign (RFC 3986).
func (q Request) query() string {
	var list []string
	for name, values := range q.Query {
		for _, v := range values {
			list = append(list, escape(name)+"="+escape(v))
		}
	}
	slices.Sort(list)
	return strings.Join(list, "&")
}

func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// signed is the text that a signature is of, with these headers in it.
func (q Request) signed(path, host string, headers string) string {
	text := q.Method + "\n" + path + "\n" + q.query() + "\n"
	for _, name := range strings.Split(headers, ";") {
		value := q.Header.Get(name)
		if name == "host" {
			value = host
		}
		text += name + ":" + value + "\n"
	}
	return text + "\n" + headers + "\n" + sum(q.Body)
}

// recent says whether a time in a layout is of now.
func recent(layout, text string) bool {
	at, err := time.Parse(layout, text)
	return err == nil && time.Since(at).Abs() < 5*time.Minute
}

// answerAlidns: RPC with everything in the query; records may be of a line.
func answerAlidns(h *Hosted, q Request) Reply {
	fail := func(status int, code string) Reply {
		return jsonReply(status, map[string]string{"RequestId": "6F0F5E6B", "Code": code, "Message": code, "HostId": h.Kind.Host})
	}
	const headers = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
	text := "ACS3-HMAC-SHA256\n" + sum(q.signed("/", h.Kind.Host, headers))
	want := "ACS3-HMAC-SHA256 Credential=" + h.Kind.Options["api_key"] + ",SignedHeaders=" + headers + ",Signature=" + fmt.Sprintf("%x", mac(h.Kind.Options["secret_key"], text))
	get := q.Query.Get
	switch {
	case q.Path != "/" || q.Header.Get("x-acs-version") != "2015-01-09" || q.Header.Get("x-acs-signature-nonce") == "" || q.Header.Get("x-acs-content-sha256") != sum(q.Body):
		return h.undocumented(q)
	case !recent("2006-01-02T15:04:05Z", q.Header.Get("x-acs-date")):
		return fail(400, "InvalidTimeStamp.Expired")
	case q.Header.Get("Authorization") != want:
		return fail(400, "SignatureDoesNotMatch")
	}
	size, _ := strconv.Atoi(get("PageSize"))
	page, _ := strconv.Atoi(get("PageNumber"))
	if strings.HasPrefix(q.Header.Get("x-acs-action"), "Describe") && (size < 1 || size > 500 || page < 1 || q.Method != http.MethodGet) {
		return fail(400, "InvalidParameter")
	}
	cut := func(list []map[string]any) []map[string]any {
		from := min((page-1)*size, len(list))
		return list[from:min(from+size, len(list))]
	}
	ttl, _ := strconv.Atoi(get("TTL"))
	done := func(r HostedRecord) Reply {
		return jsonReply(200, map[string]string{"RequestId": "536E9CAD", "RecordId": r.ID})
	}
	at := slices.IndexFunc(h.records, func(r HostedRecord) bool { return r.ID == get("RecordId") })
	switch action := q.Header.Get("x-acs-action"); action {
	case "DescribeDomains":
		list := []map[string]any{}
		for _, z := range h.zones {
			domain := map[string]any{"DomainName": unicode(z)}
			if unicode(z) != z {
				domain["PunyCode"] = z
			}
			list = append(list, domain)
		}
		return jsonReply(200, map[string]any{"TotalCount": len(list), "Domains": map[string]any{"Domain": cut(list)}})
	case "DescribeDomainRecords", "AddDomainRecord":
		i := slices.IndexFunc(h.zones, func(z string) bool { return unicode(z) == get("DomainName") })
		if i < 0 {
			return fail(400, "InvalidDomainName.NoExist")
		}
		zone := h.zones[i]
		if action == "AddDomainRecord" {
			switch same := func(r HostedRecord) bool {
				return r.Zone == zone && r.Name == bare(get("RR")) && r.Type == get("Type") && r.Data == get("Value") && cmp.Or(r.Line, "telecom") == cmp.Or(get("Line"), "default")
			}; {
			case get("RR") == "" || !h.ttl(ttl):
				return fail(400, "InvalidTTL")
			case slices.ContainsFunc(h.records, same):
				return fail(400, "DomainRecordDuplicate")
			}
			return done(h.add(HostedRecord{Zone: zone, Name: bare(get("RR")), Type: get("Type"), Data: get("Value"), TTL: ttl, Line: cmp.Or(get("Line"), "default")}))
		}
		list := []map[string]any{}
		for _, r := range h.of(zone) {
			list = append(list, map[string]any{"RecordId": r.ID, "RR": apex(r.Name), "Type": r.Type, "Value": r.Data, "TTL": r.TTL, "Line": cmp.Or(r.Line, "telecom"), "Status": r.status()})
		}
		return jsonReply(200, map[string]any{"TotalCount": len(list), "DomainRecords": map[string]any{"Record": cut(list)}})
	case "UpdateDomainRecord":
		if at < 0 || get("Line") != cmp.Or(h.records[at].Line, "telecom") || h.records[at].Data == get("Value") && h.records[at].TTL == ttl || !h.change(&h.records[at], get("RR"), get("Type"), get("Value"), ttl) {
			return fail(400, "DomainRecordDuplicate")
		}
		return done(h.records[at])
	case "DeleteDomainRecord":
		if at < 0 {
			return fail(400, "DomainRecordNotBelongToUser")
		}
		gone := h.records[at]
		h.records = slices.Delete(h.records, at, at+1)
		return done(gone)
	}
	return h.undocumented(q)
}

// tencentReply is an answer of Tencent Cloud, which has the status 200 also for a refusal.
func tencentReply(body map[string]any) Reply {
	body["RequestId"] = "ab4f1426-ea15"
	return jsonReply(200, map[string]any{"Response": body})
}

func tencentFail(code string) Reply {
	return tencentReply(map[string]any{"Error": map[string]string{"Code": code, "Message": code}})
}

// tencentSigned looks at what every request has: nil, or the answer where that is wrong.
func (h *Hosted) tencentSigned(q Request, service, version string) *Reply {
	seconds, _ := strconv.ParseInt(q.Header.Get("X-TC-Timestamp"), 10, 64)
	at := time.Unix(seconds, 0).UTC()
	scope := at.Format("2006-01-02") + "/" + service + "/tc3_request"
	const headers = "content-type;host"
	text := "TC3-HMAC-SHA256\n" + q.Header.Get("X-TC-Timestamp") + "\n" + scope + "\n" + sum(q.signed("/", h.Kind.Host, headers))
	key := mac(mac(mac("TC3"+h.Kind.Options["secret_key"], at.Format("2006-01-02")), service), "tc3_request")
	want := "TC3-HMAC-SHA256 Credential=" + h.Kind.Options["api_key"] + "/" + scope + ", SignedHeaders=" + headers + ", Signature=" + fmt.Sprintf("%x", mac(key, text))
	var wrong Reply
	switch {
	case q.Method != http.MethodPost || q.Path != "/" || q.Header.Get("X-TC-Version") != version || q.Header.Get("Content-Type") != "application/json":
		wrong = h.undocumented(q)
	case time.Since(at).Abs() > 5*time.Minute:
		wrong = tencentFail("AuthFailure.SignatureExpire")
	case q.Header.Get("Authorization") != want:
		wrong = tencentFail("AuthFailure.SignatureFailure")
	default:
		return nil
	}
	return &wrong
}

// answerEdgeone: a site has a number, a record its full name, a view and a weight.
func answerEdgeone(h *Hosted, q Request) Reply {
	if wrong := h.tencentSigned(q, "teo", "2022-09-01"); wrong != nil {
		return *wrong
	}
	type record struct {
		RecordID string `json:"RecordId"`
		Name     string
		Type     string
		Content  string
		Location string
		TTL      int
		Weight   *int
		Status   string
	}
	var p struct {
		ZoneID        string `json:"ZoneId"`
		Offset, Limit int
		Filters       []struct {
			Name   string
			Values []string
		}
		Match, Name, Type, Content, Location string
		TTL                                  int
		Records                              []record `json:"DnsRecords"`
		IDs                                  []string `json:"RecordIds"`
	}
	if !h.body(q, &p) {
		return tencentFail("InvalidParameter")
	}
	action := q.Header.Get("X-TC-Action")
	if action == "DescribeZones" {
		if p.Limit < 1 || p.Limit > 100 {
			return tencentFail("InvalidParameter")
		}
		list := []map[string]string{{"ZoneId": "zone-1", "ZoneName": "cname.example", "Type": "partial"}}
		for _, z := range h.zones {
			list = append(list, map[string]string{"ZoneId": "zone-" + strconv.Itoa(h.zoneNumber(z)), "ZoneName": z, "Type": "full"})
		}
		return tencentReply(map[string]any{"TotalCount": len(list), "Zones": list})
	}
	zone, ok := h.zoneOf(strings.TrimPrefix(p.ZoneID, "zone-"))
	if !ok {
		return tencentFail("ResourceUnavailable.ZoneNotFound")
	}
	weight := 7
	switch action {
	case "DescribeDnsRecords":
		list := []record{}
		for _, r := range h.of(zone) {
			shown := record{"record-" + r.ID, fqdn(r), r.Type, r.Data, cmp.Or(r.Line, "Default"), r.TTL, &weight, strings.ToLower(r.status())}
			fits := true
			for _, f := range p.Filters {
				fits = fits && slices.Contains(f.Values, map[string]string{"name": shown.Name, "type": shown.Type}[f.Name])
			}
			if fits {
				list = append(list, shown)
			}
		}
		return tencentReply(map[string]any{"TotalCount": len(list), "DnsRecords": list})
	case "CreateDnsRecord":
		if p.Location == "" || p.TTL < h.Kind.LeastTTL || p.Name != zone && !strings.HasSuffix(p.Name, "."+zone) {
			return tencentFail("InvalidParameterValue.InvalidDNSName")
		}
		made := h.add(HostedRecord{Zone: zone, Name: strings.TrimSuffix(strings.TrimSuffix(p.Name, zone), "."), Type: p.Type, Data: p.Content, TTL: p.TTL, Line: p.Location})
		return tencentReply(map[string]any{"RecordId": "record-" + made.ID})
	case "ModifyDnsRecords":
		for _, s := range p.Records {
			r := h.byID(zone, strings.TrimPrefix(s.RecordID, "record-"))
			if r == nil || s.Location != cmp.Or(r.Line, "Default") || s.Weight == nil || *s.Weight != weight || fqdn(*r) != s.Name || !h.ttl(s.TTL) {
				return tencentFail("ResourceNotFound")
			}
			r.Data, r.TTL = s.Content, s.TTL
		}
		return tencentReply(map[string]any{})
	case "DeleteDnsRecords":
		for _, id := range p.IDs {
			if h.drop(func(r HostedRecord) bool { return r.Zone == zone && "record-"+r.ID == id }) == 0 {
				return tencentFail("ResourceNotFound")
			}
		}
		return tencentReply(map[string]any{})
	}
	return h.undocumented(q)
}

func answerTencentcloud(h *Hosted, q Request) Reply {
	good, fail := tencentReply, tencentFail
	if wrong := h.tencentSigned(q, "dnspod", "2021-03-23"); wrong != nil {
		return *wrong
	}
	var p struct {
		Domain, SubDomain, RecordType, RecordLine, Value string
		Limit, TTL, RecordID                             int
	}
	if !h.body(q, &p) {
		return fail("InvalidParameter")
	}
	action := q.Header.Get("X-TC-Action")
	if action == "DescribeDomainList" {
		list := []map[string]any{}
		for _, z := range h.zones {
			list = append(list, map[string]any{"Name": unicode(z), "Punycode": z, "DomainId": h.zoneNumber(z)})
		}
		return good(map[string]any{"DomainList": list})
	}
	i := slices.IndexFunc(h.zones, func(z string) bool { return unicode(z) == p.Domain })
	if i < 0 {
		return fail("ResourceNotFound.NoDataOfDomain")
	}
	p.Domain = h.zones[i]
	r := h.byID(p.Domain, strconv.Itoa(p.RecordID))
	switch action {
	case "DescribeRecordList":
		list := []map[string]any{}
		for _, r := range h.of(p.Domain) {
			list = append(list, map[string]any{"RecordId": idNumber(r.ID), "Name": apex(r.Name), "Type": r.Type, "Value": r.Data, "TTL": r.TTL, "Line": cmp.Or(r.Line, "电信"), "Status": r.status()})
		}
		if len(list) == 0 {
			return fail("ResourceNotFound.NoDataOfRecord")
		}
		return good(map[string]any{"RecordList": list})
	case "CreateRecord":
		if p.RecordLine == "" || p.SubDomain == "" || !h.ttl(p.TTL) {
			return fail("InvalidParameter.RecordLineInvalid")
		}
		made := h.add(HostedRecord{Zone: p.Domain, Name: bare(p.SubDomain), Type: p.RecordType, Data: p.Value, TTL: p.TTL, Line: p.RecordLine})
		return good(map[string]any{"RecordId": idNumber(made.ID)})
	case "ModifyRecord":
		if r == nil || p.RecordLine != cmp.Or(r.Line, "电信") || !h.change(r, p.SubDomain, p.RecordType, p.Value, p.TTL) {
			return fail("InvalidParameter.RecordIdInvalid")
		}
		return good(map[string]any{"RecordId": p.RecordID})
	case "DeleteRecord":
		if r == nil {
			return fail("InvalidParameter.RecordIdInvalid")
		}
		id := r.ID
		h.drop(func(x HostedRecord) bool { return x.ID == id })
		return good(map[string]any{})
	}
	return h.undocumented(q)
}

// answerHuaweicloud: record sets with IDs; a change is accepted and done later.
func answerHuaweicloud(h *Hosted, q Request) Reply {
	fail := func(status int, code string) Reply {
		return jsonReply(status, map[string]string{"code": code, "message": code})
	}
	const headers = "host;x-sdk-date"
	date := q.Header.Get("X-Sdk-Date")
	text := "SDK-HMAC-SHA256\n" + date + "\n" + sum(q.signed(q.Path+"/", h.Kind.Host, headers))
	want := "SDK-HMAC-SHA256 Access=" + h.Kind.Options["api_key"] + ", SignedHeaders=" + headers + ", Signature=" + fmt.Sprintf("%x", mac(h.Kind.Options["secret_key"], text))
	if q.Header.Get("Authorization") != want || !recent("20060102T150405Z", date) {
		return jsonReply(401, map[string]string{"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information: verify aksk signature fail"})
	}
	at := parts(q.Path, "/v2/zones")
	if at == nil {
		return h.undocumented(q)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		list := []map[string]any{}
		for _, z := range h.zones {
			if strings.Contains(z, q.Query.Get("name")) {
				list = append(list, map[string]any{"id": "ff8080825b8fc86c015b94bc6f" + strconv.Itoa(h.zoneNumber(z)), "name": z + ".", "zone_type": "public"})
			}
		}
		return jsonReply(200, map[string]any{"zones": list, "metadata": map[string]int{"total_count": len(list)}})
	}
	zone, ok := h.zoneOf(strings.TrimPrefix(at[0], "ff8080825b8fc86c015b94bc6f"))
	if !ok {
		return fail(404, "DNS.0302")
	}
	type set struct {
		ID      string   `json:"id,omitempty"`
		Name    string   `json:"name"`
		Type    string   `json:"type"`
		TTL     int      `json:"ttl"`
		Records []string `json:"records"`
		Status  string   `json:"status,omitempty"`
	}
	sets := []set{}
	for _, r := range h.of(zone) {
		i := slices.IndexFunc(sets, func(s set) bool { return s.Name == fqdn(r)+"." && s.Type == r.Type })
		if i < 0 {
			sets = append(sets, set{"set-" + fqdn(r) + "-" + r.Type, fqdn(r) + ".", r.Type, r.TTL, nil, map[bool]string{false: "ACTIVE", true: "DISABLE"}[r.Off]})
			i = len(sets) - 1
		}
		sets[i].Records = append(sets[i].Records, r.Data)
	}
	if len(at) < 2 || at[1] != "recordsets" {
		return h.undocumented(q)
	}
	if len(at) == 2 && q.Method == http.MethodGet {
		name, equal := q.Query.Get("name"), q.Query.Get("search_mode") == "equal"
		list := slices.DeleteFunc(slices.Clone(sets), func(s set) bool { return !strings.Contains(s.Name, name) || equal && s.Name != name })
		return jsonReply(200, map[string]any{"recordsets": list[:min(len(list), 500)], "metadata": map[string]int{"total_count": len(list)}})
	}
	var sent set
	if q.Method != http.MethodDelete && (!h.body(q, &sent) || !h.ttl(sent.TTL) || len(sent.Records) == 0 || sent.Status != "") {
		return fail(400, "DNS.0308")
	}
	existing := slices.IndexFunc(sets, func(s set) bool {
		return len(at) == 3 && s.ID == at[2] || len(at) == 2 && s.Name == sent.Name && s.Type == sent.Type
	})
	switch {
	case len(at) == 2 && q.Method == http.MethodPost && existing >= 0:
		return fail(400, "DNS.0312")
	case len(at) == 2 && q.Method == http.MethodPost:
	case len(at) == 3 && existing < 0:
		return fail(404, "DNS.0313")
	case len(at) == 3 && q.Method == http.MethodDelete:
		sent = sets[existing]
		sent.Records = nil
	case len(at) == 3 && q.Method == http.MethodPut && sets[existing].Name == sent.Name && sets[existing].Type == sent.Type:
	default:
		return h.undocumented(q)
	}
	name, dotted := strings.CutSuffix(sent.Name, zone+".")
	if !dotted {
		return fail(400, "DNS.0309")
	}
	name = strings.TrimSuffix(name, ".")
	h.drop(func(r HostedRecord) bool { return r.Zone == zone && r.Name == name && r.Type == sent.Type })
	for _, data := range sent.Records {
		h.add(HostedRecord{Zone: zone, Name: name, Type: sent.Type, Data: data, TTL: sent.TTL})
	}
	return jsonReply(202, sent)
}
