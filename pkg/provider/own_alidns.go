//go:build !minimal && !no_alidns

package provider

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// alidnsInfo is Alibaba Cloud DNS. Its libdns module asks without the context that it is given and
// takes the first page of a zone for all of it; hence our own.
var alidnsInfo = Info{
	Name:    "alidns",
	Title:   "Alibaba Cloud DNS (AliDNS)",
	Website: "https://www.alibabacloud.com/product/dns",
	Docs:    "https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-overview",
	Options: []Option{
		{
			Name: "api_key", Title: "AccessKey ID", Kind: Text, Required: true,
			Help: "Of a RAM user that may manage DNS (AliyunDNSFullAccess).",
			Link: "https://ram.console.aliyun.com/users",
		},
		{
			Name: "secret_key", Title: "AccessKey secret", Kind: Text, Secret: true, Required: true,
			Help: "Shown once, together with the ID.",
			Link: "https://ram.console.aliyun.com/users",
		},
		zoneOption,
	},
	RecordOptions: ttlFromTenMinutes,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		a := &alidns{}
		a.rest = rest{base: "https://alidns.aliyuncs.com/", sign: alidnsSigner(s.Get("api_key"), s.Get("secret_key"))}
		return newOwn("AliDNS", s, a, module{ttl: cloudTTL, words: alidnsWords})
	},
}

var _ = add(&alidnsInfo)

// cloudTTL is the least that AliDNS and DNSPod take without a paid plan.
const cloudTTL = 10 * time.Minute

// alidnsWords are the codes of its reference by which an outcome is decided.
var alidnsWords = []phrase{
	{"InvalidAccessKeyId", RefusedCredentials, "it does not know the AccessKey ID"},
	{"SignatureDoesNotMatch", RefusedCredentials, "it does not accept the AccessKey secret"},
	{"IncompleteSignature", RefusedCredentials, "it does not accept the AccessKey secret"},
	{"Forbidden", RefusedCredentials, "the RAM user may not manage DNS: give it AliyunDNSFullAccess"},
	{"Throttling", SlowDown, "too many requests"},
	{"InvalidTimeStamp", Trouble, clockAdvice},
	{"InvalidDomainName", RefusedRequest, "it has no such zone"},
	{"IncorrectDomainUser", RefusedRequest, "the zone is another account's"},
	{"DomainRecordDuplicate", RefusedRequest, "it has such a record, but paused: enable or delete it there"},
}

type alidns struct{ rest }

// alidnsSigner signs with ACS3-HMAC-SHA256. The path of the request names the action.
func alidnsSigner(id, secret string) func(*http.Request, []byte) {
	signed := []string{"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}
	return func(r *http.Request, body []byte) {
		nonce := make([]byte, 16)
		_, _ = rand.Read(nonce) // never fails
		r.Header.Set("x-acs-action", strings.TrimPrefix(r.URL.Path, "/"))
		r.URL.Path = "/"
		r.Header.Set("x-acs-version", "2015-01-09")
		r.Header.Set("x-acs-date", time.Now().UTC().Format("2006-01-02T15:04:05Z"))
		r.Header.Set("x-acs-signature-nonce", hex.EncodeToString(nonce))
		r.Header.Set("x-acs-content-sha256", hexHash(body))
		text := "ACS3-HMAC-SHA256\n" + hexHash([]byte(canonical(r, "/", signed, body)))
		r.Header.Set("Authorization", "ACS3-HMAC-SHA256 Credential="+id+",SignedHeaders="+strings.Join(signed, ";")+
			",Signature="+signature([]byte(secret), text))
	}
}

// call takes names and values. What reads is a GET, what writes a POST; both have everything in
// the query.
func (a *alidns) call(ctx context.Context, action string, into any, params ...string) error {
	method := http.MethodPost
	if strings.HasPrefix(action, "Describe") {
		method = http.MethodGet
	}
	query := url.Values{}
	for i := 0; i < len(params); i += 2 {
		query.Set(params[i], params[i+1])
	}
	if zone := query.Get("DomainName"); strings.Contains(zone, "xn--") {
		all, err := a.domains(ctx)
		if err != nil {
			return err
		}
		for _, d := range all {
			if d.PunyCode == zone {
				query.Set("DomainName", d.DomainName)
			}
		}
	}
	// The signature wants %20 for a blank and %2A for a star.
	text := strings.NewReplacer("+", "%20", "*", "%2A").Replace(query.Encode())
	return a.do(ctx, method, action+"?"+text, nil, into)
}

// cloudPage is how many zones or records are asked for at a time, and cloudPages how often.
const (
	cloudPage  = 100
	cloudPages = 50
)

// alidnsLine is its name of the line for everybody.
const alidnsLine = "default"

// alidnsDomain is a zone. Of one with an internationalised name the service has both forms, and
// calls it by the one that is no A-label.
type alidnsDomain struct{ DomainName, PunyCode string }

func (a *alidns) zones(ctx context.Context) (names []string, err error) {
	all, err := a.domains(ctx)
	for _, d := range all {
		names = append(names, cmp.Or(d.PunyCode, d.DomainName))
	}
	return names, err
}

func (a *alidns) domains(ctx context.Context) (list []alidnsDomain, err error) {
	for page := 1; ; page++ {
		var all struct {
			TotalCount int
			Domains    struct{ Domain []alidnsDomain }
		}
		err = a.call(ctx, "DescribeDomains", &all, "PageNumber", strconv.Itoa(page), "PageSize", strconv.Itoa(cloudPage))
		list = append(list, all.Domains.Domain...)
		if err != nil || page*cloudPage >= all.TotalCount || page == cloudPages {
			return list, err
		}
	}
}

// listSet is of one line.
func (a *alidns) listSet(ctx context.Context, zone, name, rrtype string) ([]entry, error) {
	list, err := a.list(ctx, zone)
	if err != nil {
		return nil, err
	}
	return setOfLine(list, "AliDNS", zone, name, rrtype, alidnsLine)
}

// list leaves out what is paused: nobody is told it.
func (a *alidns) list(ctx context.Context, zone string) (list []entry, err error) {
	for page := 1; ; page++ {
		var held struct {
			TotalCount    int
			DomainRecords struct {
				Record []struct {
					RecordID, RR, Type, Value, Line, Status string
					TTL                                     int
				}
			}
		}
		err = a.call(ctx, "DescribeDomainRecords", &held, "DomainName", zone, "PageNumber", strconv.Itoa(page), "PageSize", strconv.Itoa(cloudPage))
		for _, r := range held.DomainRecords.Record {
			if isAddress(r.Type) && !strings.EqualFold(r.Status, "disable") {
				list = append(list, entry{id: r.RecordID, name: r.RR, rrtype: r.Type, data: r.Value, ttl: r.TTL, line: r.Line})
			}
		}
		if err != nil || page*cloudPage >= held.TotalCount {
			return list, err
		}
		if page == cloudPages {
			return nil, errTooMany
		}
	}
}

// create adds to the line of the others.
func (a *alidns) create(ctx context.Context, zone string, e entry) error {
	set, err := a.listSet(ctx, zone, e.name, e.rrtype)
	if err != nil {
		return err
	}
	return a.call(ctx, "AddDomainRecord", new(struct{}), "DomainName", zone, "RR", e.name, "Type", e.rrtype, "Value", e.data, "TTL", strconv.Itoa(e.ttl), "Line", lineOf(set, alidnsLine))
}

func (a *alidns) update(ctx context.Context, _ string, e entry) error {
	return a.call(ctx, "UpdateDomainRecord", new(struct{}), "RecordId", e.id, "RR", e.name, "Type", e.rrtype, "Value", e.data, "TTL", strconv.Itoa(e.ttl), "Line", e.line)
}

func (a *alidns) remove(ctx context.Context, _ string, e entry) error {
	return a.call(ctx, "DeleteDomainRecord", new(struct{}), "RecordId", e.id)
}
