//go:build !minimal && !no_route53

package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// route53Info is Amazon Route 53, whose records are sets. Its libdns module links a client for all of
// the cloud, 522 KB packed; hence our own. Temporary credentials, which want a session token, are no
// use to a router: they end within hours.
var route53Info = Info{
	Name:    "route53",
	Title:   "Amazon Route 53",
	Website: "https://aws.amazon.com/route53/",
	Docs:    "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html",
	Options: []Option{
		{
			Name: "access_key_id", Title: "Access key ID", Kind: Text, Required: true,
			Help: "Of an IAM user for the router alone, who may do route53:ListHostedZonesByName, route53:ListResourceRecordSets and route53:ChangeResourceRecordSets, and nothing else.",
			Link: "https://console.aws.amazon.com/iam/home#/users",
		},
		{
			Name: "secret_access_key", Title: "Secret access key", Kind: Text, Secret: true, Required: true,
			Help: "Shown once, when the access key is made.",
		},
		zoneOption,
		{
			Name: "zone_id", Title: "Hosted zone ID", Kind: Text, Check: checkRoute53ID,
			Help: "Needed only for a user who may not list the zones, or where several public zones have the same name: Z and digits and capitals, in the console beside the zone.",
			Link: "https://console.aws.amazon.com/route53/v2/hostedzones",
		},
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		r := &route53{only: route53ID(s.Get("zone_id"))}
		if err := checkRoute53ID(r.only); err != nil {
			return nil, errors.New("option zone_id: " + err.Error())
		}
		r.rest = rest{base: "https://route53.amazonaws.com/2013-04-01", sign: awsSigner(s.Get("access_key_id"), s.Get("secret_access_key"), "us-east-1", "route53", time.Now)}
		return newOwnSets("Route 53", s, r, module{xml: true, words: route53Words})
	},
}

var _ = add(&route53Info)

// route53Words are what its errors say that are about the account; the first fits the most exactly.
// https://docs.aws.amazon.com/Route53/latest/APIReference/CommonErrors.html
var route53Words = []phrase{
	{"Signature expired", Trouble, clockAdvice},
	{"Signature not yet current", Trouble, clockAdvice},
	{"RequestExpired", Trouble, clockAdvice},
	{"SignatureDoesNotMatch", RefusedCredentials, "it does not accept the secret access key"},
	{"InvalidSignatureException", RefusedCredentials, "it does not accept the secret access key"},
	{"InvalidClientTokenId", RefusedCredentials, "it does not know the access key ID"},
	{"UnrecognizedClientException", RefusedCredentials, "it does not know the access key ID"},
	{"<Code>Throttling", SlowDown, "too many requests: it takes five a second from an account"},
	{"PriorRequestNotComplete", Trouble, "it is still busy with the change before"},
}

func route53ID(id string) string { return strings.TrimPrefix(id, "/hostedzone/") }

func checkRoute53ID(id string) error {
	id = route53ID(id)
	if len(id) > 32 || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return errors.New("the ID of a hosted zone has capitals and digits only, like Z1D633PJN98FT9")
	}
	return nil
}

// awsSigner signs with AWS Signature Version 4, for which a query is in alphabetical order.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func awsSigner(id, secret, region, service string, clock func() time.Time) func(*http.Request, []byte) {
	signed := []string{"host", "x-amz-date"}
	return func(r *http.Request, body []byte) {
		now := clock().UTC().Format("20060102T150405Z")
		r.Header.Set("Accept", "*/*")
		r.Header.Set("x-amz-date", now)
		scope := now[:8] + "/" + region + "/" + service + "/aws4_request"
		text := "AWS4-HMAC-SHA256\n" + now + "\n" + scope + "\n" + hexHash([]byte(canonical(r, r.URL.Path, signed, body)))
		key := []byte("AWS4" + secret)
		for _, part := range strings.Split(scope, "/") {
			key = keyedHash(key, part)
		}
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+id+"/"+scope+", SignedHeaders="+strings.Join(signed, ";")+", Signature="+signature(key, text))
	}
}

type route53 struct {
	rest
	only string // the hosted zone, by option

	mu  sync.Mutex
	ids map[string]string // of the public zones, by name; with a blank between several
}

// call returns what an answer holds, and what it says where it says what is wrong.
func (r *route53) call(ctx context.Context, method, path string, body any) (*xmlNode, error) {
	var doc []byte
	if err := r.do(ctx, method, path, body, &doc); err != nil {
		x := lastExchange(ctx)
		if x.Status == http.StatusNotFound { // a zone may have been made anew, with another ID
			r.keep(nil)
		}
		return nil, route53Refusal(x.Status, string(x.Answer), err)
	}
	return readXML(string(doc))
}

func (r *route53) keep(ids map[string]string) {
	r.mu.Lock()
	r.ids = ids
	r.mu.Unlock()
}

// route53Refusal is what a 4xx says, of which the beginning is enough.
func route53Refusal(status int, page string, err error) error {
	doc, _ := readXML(page)
	e := doc.at("Error")
	message := e.at("Message").text + doc.at("Messages").at("Message").text
	if status/100 != 4 || message == "" {
		return err
	}
	outcome := RefusedRequest
	if status == http.StatusForbidden {
		outcome = RefusedCredentials
	}
	return &Refusal{Result: Result{Outcome: outcome, Word: e.at("Code").text, Text: "Route 53: " + message}}
}

func (r *route53) zones(ctx context.Context) (names []string, err error) {
	if r.only != "" {
		// The list of a zone's record sets begins with its own name.
		set, err := r.set(ctx, r.only, "?maxitems=1")
		return []string{route53Text(set.at("Name"))}, err
	}
	ids, err := r.find(ctx, "")
	for name := range ids {
		names = append(names, name)
	}
	return names, err
}

// route53Text is a name as it is elsewhere: a star is written as its number, and a dot is at the end.
func route53Text(n *xmlNode) string {
	return strings.TrimSuffix(strings.ReplaceAll(n.text, `\052`, "*"), ".")
}

// route53Pages is how many times 100 zones are asked for.
const route53Pages = 50

// find lists the public zones: those of a name, and after it those that come behind it in the order
// of their labels; all where none is given.
func (r *route53) find(ctx context.Context, zone string) (map[string]string, error) {
	ids := map[string]string{}
	from := ""
	if zone != "" {
		from = "dnsname=" + zone + "&"
	}
	for range route53Pages {
		doc, err := r.call(ctx, http.MethodGet, "/hostedzonesbyname?"+from+"maxitems=100", nil)
		if err != nil {
			return nil, err
		}
		for _, z := range doc.at("HostedZones").in {
			name, id := route53Text(z.at("Name")), route53ID(z.at("Id").text)
			if z.at("Config").at("PrivateZone").text != "true" && id != "" && checkRoute53ID(id) == nil {
				ids[name] = strings.TrimSpace(ids[name] + " " + id)
			}
		}
		next := doc.at("NextDNSName").text
		if zone != "" || next == "" {
			break
		}
		from = "dnsname=" + url.QueryEscape(next) + "&hostedzoneid=" + url.QueryEscape(doc.at("NextHostedZoneId").text) + "&"
	}
	r.keep(ids)
	return ids, nil
}

// id is the hosted zone of a name. Where there are several, only one of them is delegated to, and
// which that is cannot be told from here.
func (r *route53) id(ctx context.Context, zone string) (string, error) {
	id := r.only
	if id == "" {
		r.mu.Lock()
		id = r.ids[zone]
		r.mu.Unlock()
	}
	if id == "" {
		ids, err := r.find(ctx, zone)
		if err != nil {
			return "", err
		}
		if id = ids[zone]; id == "" {
			return "", noZone(zone)
		}
	}
	if strings.Contains(id, " ") {
		return "", refuseRequest(zone, "several public zones at Route 53 are called %s: set zone_id to the one whose name servers the domain has", zone)
	}
	return id, nil
}

// set is the first record set of a list.
func (r *route53) set(ctx context.Context, id, query string) (*xmlNode, error) {
	doc, err := r.call(ctx, http.MethodGet, "/hostedzone/"+id+"/rrset"+query, nil)
	if err != nil {
		return nil, err
	}
	return doc.at("ResourceRecordSets").at("ResourceRecordSet"), nil
}

// read returns the record set of a name and type; an empty one where it is not there. One that holds
// more than addresses (an alias, a routing policy, a health check) belongs to somebody who wants that so.
func (r *route53) read(ctx context.Context, zone, name, rrtype string) (id string, s *xmlNode, err error) {
	if id, err = r.id(ctx, zone); err != nil {
		return "", nil, err
	}
	full := absolute(name, zone)
	s, err = r.set(ctx, id, "?maxitems=1&name="+url.QueryEscape(full)+"&type="+rrtype)
	if err != nil || !strings.EqualFold(route53Text(s.at("Name")), full) || s.at("Type").text != rrtype {
		return id, &xmlNode{}, err
	}
	for _, e := range s.in {
		switch e.name {
		case "Name", "Type", "TTL", "ResourceRecords":
		default:
			return "", nil, refuseRequest(full, "the %s record of %s at Route 53 has an alias or a routing policy (%s) and is left alone: delete it there, or take another name", rrtype, full, e.name)
		}
	}
	return id, s, nil
}

func (r *route53) listSet(ctx context.Context, zone, name, rrtype string) ([]entry, error) {
	_, s, err := r.read(ctx, zone, name, rrtype)
	if err != nil {
		return nil, err
	}
	return route53Entries(s, name, rrtype), nil
}

func route53Entries(s *xmlNode, name, rrtype string) (list []entry) {
	ttl, _ := strconv.Atoi(s.at("TTL").text)
	for _, v := range s.at("ResourceRecords").in {
		list = append(list, entry{name: name, rrtype: rrtype, data: v.at("Value").text, ttl: ttl})
	}
	return list
}

// list is not asked for: listSet is there.
func (r *route53) list(context.Context, string) ([]entry, error) { return nil, ErrUnreadable }

// put comes right after listSet, which finds what must not be written over.
func (r *route53) put(ctx context.Context, zone string, records []entry) error {
	id, err := r.id(ctx, zone)
	if err != nil {
		return err
	}
	return r.change(ctx, "UPSERT", id, zone, records)
}

// drop has to say what the set holds.
func (r *route53) drop(ctx context.Context, zone, name, rrtype string) error {
	id, s, err := r.read(ctx, zone, name, rrtype)
	if err != nil {
		return err
	}
	held := route53Entries(s, name, rrtype)
	if len(held) == 0 {
		return nil
	}
	return r.change(ctx, "DELETE", id, zone, held)
}

func (r *route53) change(ctx context.Context, action, id, zone string, records []entry) error {
	e := records[0]
	text := `<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change><Action>` + action +
		"</Action><ResourceRecordSet><Name>" + absolute(e.name, zone) + "</Name><Type>" + e.rrtype + "</Type><TTL>" + strconv.Itoa(e.ttl) + "</TTL><ResourceRecords>"
	for _, e := range records {
		text += "<ResourceRecord><Value>" + xmlEscape.Replace(e.data) + "</Value></ResourceRecord>"
	}
	text += "</ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
	doc, err := r.call(ctx, http.MethodPost, "/hostedzone/"+id+"/rrset/", []byte(text))
	if err == nil && doc.at("ChangeInfo").at("Status").text == "" {
		err = errXML
	}
	return err
}
