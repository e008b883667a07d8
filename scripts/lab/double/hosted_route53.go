package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// route53Kind: requests and answers are of the API reference, pages API_ListHostedZonesByName,
// API_ListResourceRecordSets, API_ChangeResourceRecordSets and CommonErrors; how names are written is of
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html, signatures are of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
var route53Kind = HostedKind{
	Name: "route53", Docs: "https://docs.aws.amazon.com/Route53/latest/APIReference/Welcome.html", Host: "route53.amazonaws.com",
	Options:  map[string]string{"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
	Wrong:    [2]string{"secret_access_key", "wrongwrongwrongwrongwrongwrongwrongwrong"},
	TooMany:  Route53Error(400, "Throttling", "Rate exceeded"),
	LeastTTL: 0, answer: answerRoute53,
}

const (
	route53XML  = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	route53Name = "https://route53.amazonaws.com/doc/2013-04-01/"
)

// Route53Error is an answer that says what is wrong.
func Route53Error(status int, code, message string) Reply {
	type text struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		NS      string   `xml:"xmlns,attr"`
		Type    string   `xml:"Error>Type"`
		Code    string   `xml:"Error>Code"`
		Message string   `xml:"Error>Message"`
		ID      string   `xml:"RequestId"`
	}
	return xmlReply(status, text{NS: route53Name, Type: "Sender", Code: code, Message: message, ID: "b25f48e8-84fd-11e6-80d9-574e0c4664cb"})
}

func xmlReply(status int, value any) Reply {
	text, err := xml.Marshal(value)
	if err != nil {
		panic(err)
	}
	return Reply{Status: status, Body: route53XML + string(text), Header: map[string]string{"Content-Type": "text/xml"}}
}

// route53Signed says what is wrong with the signature of a request, nil where nothing is.
func route53Signed(h *Hosted, q Request) *Reply {
	refuse := func(status int, code, message string) *Reply {
		r := Route53Error(status, code, message)
		return &r
	}
	fields, ok := strings.CutPrefix(q.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return refuse(403, "MissingAuthenticationToken", "Missing Authentication Token")
	}
	var credential, signed, proof string
	for _, field := range strings.Split(fields, ",") {
		switch key, value, _ := strings.Cut(strings.TrimSpace(field), "="); key {
		case "Credential":
			credential = value
		case "SignedHeaders":
			signed = value
		case "Signature":
			proof = value
		}
	}
	part := strings.Split(credential, "/")
	stamp := q.Header.Get("X-Amz-Date")
	at, err := time.Parse("20060102T150405Z", stamp)
	if err != nil || len(part) != 5 || part[1] != at.Format("20060102") || strings.Join(part[2:], "/") != "us-east-1/route53/aws4_request" {
		return refuse(400, "IncompleteSignature", "Credential should be scoped to a valid region.")
	}
	if part[0] != h.Kind.Options["access_key_id"] {
		return refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	names := strings.Split(signed, ";")
	if !slices.IsSorted(names) || !slices.Contains(names, "host") || !slices.Contains(names, "x-amz-date") {
		return refuse(403, "SignatureDoesNotMatch", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	var query []string
	for key, values := range q.Query {
		for _, v := range values {
			query = append(query, awsEscape(key)+"="+awsEscape(v))
		}
	}
	slices.Sort(query)
	canonical := q.Method + "\n" + (&url.URL{Path: q.Path}).EscapedPath() + "\n" + strings.Join(query, "&") + "\n"
	for _, name := range names {
		value := q.Header.Get(name)
		if name == "host" {
			value = q.Host
		}
		canonical += name + ":" + strings.Join(strings.Fields(value), " ") + "\n"
	}
	body := sha256.Sum256([]byte(q.Body))
	hash := sha256.Sum256([]byte(canonical + "\n" + signed + "\n" + hex.EncodeToString(body[:])))
	mac := func(key []byte, text string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(text))
		return m.Sum(nil)
	}
	key := mac(mac(mac(mac([]byte("AWS4"+h.Kind.Options["secret_access_key"]), part[1]), part[2]), part[3]), part[4])
	want := hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n"+stamp+"\n"+strings.Join(part[1:], "/")+"\n"+hex.EncodeToString(hash[:])))
	now := time.Now().UTC()
	switch {
	case now.Sub(at) > 5*time.Minute:
		return refuse(403, "SignatureDoesNotMatch", fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 5 min.)", stamp,
			now.Add(-5*time.Minute).Format("20060102T150405Z"), now.Format("20060102T150405Z")))
	case at.Sub(now) > 5*time.Minute:
		return refuse(403, "SignatureDoesNotMatch", "Signature not yet current: "+stamp+" is still later than "+now.Format("20060102T150405Z"))
	case proof != want:
		return refuse(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

// awsEscape escapes all but the unreserved characters of RFC 3986.
func awsEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// route53Order is a name as lists are sorted: its labels in reverse, with the dot at the end.
func route53Order(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

// Route53ID is the ID of a zone.
func (h *Hosted) Route53ID(zone string) string {
	return "Z1D633PJN9" + strings.Repeat("M", h.moved) + strconv.Itoa(h.zoneNumber(zone))
}

type route53Zone struct {
	ID      string `xml:"Id"`
	Name    string `xml:"Name"`
	Caller  string `xml:"CallerReference"`
	Comment string `xml:"Config>Comment,omitempty"`
	Private bool   `xml:"Config>PrivateZone"`
	Count   int    `xml:"ResourceRecordSetCount"`
}

type route53Set struct {
	Name   string          `xml:"Name"`
	Type   string          `xml:"Type"`
	TTL    int             `xml:"TTL"`
	Values []route53Record `xml:"ResourceRecords>ResourceRecord"`
}

type route53Record struct {
	Value string `xml:"Value"`
}

// answerRoute53: a private zone has the name of a public one, and lists come in small pages.
func answerRoute53(h *Hosted, q Request) Reply {
	if r := route53Signed(h, q); r != nil {
		return *r
	}
	if q.Path == "/2013-04-01/hostedzonesbyname" && q.Method == http.MethodGet {
		h.counted(q, "dnsname", "hostedzoneid", "maxitems")
		return route53Zones(h, q)
	}
	at := parts(q.Path, "/2013-04-01/hostedzone")
	if len(at) != 2 || at[1] != "rrset" {
		return h.undocumented(q)
	}
	i := slices.IndexFunc(h.zones, func(z string) bool { return h.Route53ID(z) == at[0] })
	if i < 0 {
		return Route53Error(404, "NoSuchHostedZone", "No hosted zone found with ID: "+at[0])
	}
	switch q.Method {
	case http.MethodGet:
		h.counted(q, "identifier", "maxitems", "name", "type")
		return route53Sets(h, q, h.zones[i])
	case http.MethodPost:
		return route53Change(h, q, h.zones[i])
	}
	return h.undocumented(q)
}

func route53Zones(h *Hosted, q Request) Reply {
	var all []route53Zone
	for _, z := range h.zones {
		all = append(all, route53Zone{ID: "/hostedzone/" + h.Route53ID(z), Name: z + ".", Caller: "x", Count: 2})
	}
	if len(h.zones) > 0 {
		all = append(all, route53Zone{ID: "/hostedzone/Z0INSIDE", Name: h.zones[0] + ".", Caller: "y", Private: true, Count: 2})
	}
	slices.SortFunc(all, func(a, b route53Zone) int {
		return strings.Compare(route53Order(a.Name)+a.ID, route53Order(b.Name)+b.ID)
	})
	const page = 2
	var list []route53Zone
	answer := struct {
		XMLName   xml.Name      `xml:"ListHostedZonesByNameResponse"`
		NS        string        `xml:"xmlns,attr"`
		Zones     []route53Zone `xml:"HostedZones>HostedZone"`
		Truncated bool          `xml:"IsTruncated"`
		NextName  string        `xml:"NextDNSName,omitempty"`
		NextID    string        `xml:"NextHostedZoneId,omitempty"`
		Most      string        `xml:"MaxItems"`
	}{NS: route53Name, Most: cmp.Or(q.Query.Get("maxitems"), "100")}
	first := route53Order(q.Query.Get("dnsname"))
	for _, z := range all {
		order := route53Order(z.Name)
		if q.Query.Has("dnsname") && (order < first || order == first && z.ID < "/hostedzone/"+q.Query.Get("hostedzoneid")) {
			continue
		}
		if len(list) == page {
			answer.Truncated, answer.NextName, answer.NextID = true, z.Name, strings.TrimPrefix(z.ID, "/hostedzone/")
			break
		}
		list = append(list, z)
	}
	answer.Zones = list
	return xmlReply(200, answer)
}

func route53Sets(h *Hosted, q Request, zone string) Reply {
	type shown struct {
		route53Set
		order string
	}
	all := []shown{
		{route53Set{zone + ".", "NS", 172800, []route53Record{{"ns-1.awsdns-00.com."}}}, route53Order(zone) + " NS"},
		{route53Set{zone + ".", "SOA", 900, []route53Record{{"ns-1.awsdns-00.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}}}, route53Order(zone) + " SOA"},
	}
	for _, n := range h.setNames(zone) {
		full := strings.TrimPrefix(bare(n[0])+"."+zone+".", ".")
		s := shown{route53Set{Name: strings.ReplaceAll(full, "*", `\052`), Type: n[1]}, route53Order(full) + " " + n[1]}
		for _, r := range h.set(zone, n[0], n[1]) {
			s.TTL, s.Values = r.TTL, append(s.Values, route53Record{r.Data})
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b shown) int { return strings.Compare(a.order, b.order) })
	most, err := strconv.Atoi(q.Query.Get("maxitems"))
	if q.Query.Has("type") && !q.Query.Has("name") || err != nil && q.Query.Has("maxitems") {
		return Route53Error(400, "InvalidInput", "Invalid parameters")
	}
	if err != nil || most > 300 {
		most = 300
	}
	list := []route53Set{}
	first := route53Order(q.Query.Get("name")) + " " + q.Query.Get("type")
	truncated := false
	for _, s := range all {
		if q.Query.Has("name") && s.order < first {
			continue
		}
		if truncated = len(list) == most; truncated {
			break
		}
		list = append(list, s.route53Set)
	}
	return xmlReply(200, struct {
		XMLName   xml.Name     `xml:"ListResourceRecordSetsResponse"`
		NS        string       `xml:"xmlns,attr"`
		Sets      []route53Set `xml:"ResourceRecordSets>ResourceRecordSet"`
		Truncated bool         `xml:"IsTruncated"`
		Most      int          `xml:"MaxItems"`
	}{NS: route53Name, Sets: list, Truncated: truncated, Most: most})
}

func route53Change(h *Hosted, q Request, zone string) Reply {
	var sent struct {
		XMLName xml.Name `xml:"https://route53.amazonaws.com/doc/2013-04-01/ ChangeResourceRecordSetsRequest"`
		Changes []struct {
			Action string     `xml:"Action"`
			Set    route53Set `xml:"ResourceRecordSet"`
		} `xml:"ChangeBatch>Changes>Change"`
	}
	if err := xml.Unmarshal([]byte(q.Body), &sent); err != nil || len(sent.Changes) == 0 {
		h.Complain("route53: %v in %s", err, q.Body)
		return Route53Error(400, "MalformedInput", "The request body is invalid")
	}
	invalid := func(text string, s route53Set) Reply {
		return Route53Error(400, "InvalidChangeBatch", fmt.Sprintf("[Tried to "+text+" [name='%s', type='%s']]", s.Name, s.Type))
	}
	for _, c := range sent.Changes {
		full := strings.TrimSuffix(c.Set.Name, ".")
		if full != zone && !strings.HasSuffix(full, "."+zone) {
			return Route53Error(400, "InvalidChangeBatch", "[RRSet with DNS name "+c.Set.Name+" is not permitted in zone "+zone+".]")
		}
		name := strings.TrimSuffix(strings.TrimSuffix(full, zone), ".")
		held := values(h.set(zone, name, c.Set.Type), func(r HostedRecord) string { return r.Data })
		sent := values(c.Set.Values, func(r route53Record) string { return r.Value })
		switch {
		case len(sent) == 0:
			return Route53Error(400, "InvalidInput", "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]")
		case c.Action == "UPSERT" && len(h.set(zone, name, "CNAME")) > 0:
			return Route53Error(400, "InvalidChangeBatch", "[RRSet of type "+c.Set.Type+" with DNS name "+c.Set.Name+" is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone "+zone+".]")
		case c.Action == "UPSERT":
			h.replace(zone, name, c.Set.Type, sent, c.Set.TTL)
		case c.Action == "DELETE" && len(held) == 0:
			return invalid("delete resource record set, but it was not found", c.Set)
		case c.Action == "DELETE" && (!slices.Equal(held, sent) || h.set(zone, name, c.Set.Type)[0].TTL != c.Set.TTL):
			return invalid("delete resource record set, but the values provided do not match the current values", c.Set)
		case c.Action == "DELETE":
			h.replace(zone, name, c.Set.Type, nil, 0)
		default:
			return Route53Error(400, "InvalidInput", "Invalid action")
		}
	}
	return xmlReply(200, struct {
		XMLName xml.Name `xml:"ChangeResourceRecordSetsResponse"`
		NS      string   `xml:"xmlns,attr"`
		ID      string   `xml:"ChangeInfo>Id"`
		Status  string   `xml:"ChangeInfo>Status"`
		At      string   `xml:"ChangeInfo>SubmittedAt"`
	}{NS: route53Name, ID: "/change/C2682N5HXP0BZ4", Status: "PENDING", At: time.Now().UTC().Format(time.RFC3339)})
}
