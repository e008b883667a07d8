//go:build !minimal && !no_tencentcloud

package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tencentcloudInfo is Tencent Cloud's DNSPod. The releases of its libdns module cannot be had with
// a checksum; hence our own.
var tencentcloudInfo = Info{
	Name:    "tencentcloud",
	Title:   "Tencent Cloud DNSPod",
	Website: "https://www.dnspod.cn/",
	Docs:    "https://www.tencentcloud.com/document/product/1157/49025",
	Options: []Option{
		{
			Name: "api_key", Title: "SecretId", Kind: Text, Required: true,
			Help: "Of a sub-account that may manage DNSPod (QcloudDNSPodFullAccess).",
			Link: "https://console.tencentcloud.com/cam/capi",
		},
		{
			Name: "secret_key", Title: "SecretKey", Kind: Text, Secret: true, Required: true,
			Help: "Shown once, together with the SecretId.",
			Link: "https://console.tencentcloud.com/cam/capi",
		},
		zoneOption,
	},
	RecordOptions: ttlFromTenMinutes,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		t := &tencentcloud{title: "DNSPod", policy: "QcloudDNSPodFullAccess", rest: rest{
			base: "https://dnspod.tencentcloudapi.com/",
			sign: tencentcloudSigner(s.Get("api_key"), s.Get("secret_key"), "dnspod", "2021-03-23"),
		}}
		return newOwn("DNSPod", s, t, module{ttl: tencentcloudTTL})
	},
}

var _ = add(&tencentcloudInfo)

// tencentcloudTTL is the least that DNSPod takes without a paid plan.
const tencentcloudTTL = 10 * time.Minute

// defaultLine is DNSPod's name of the view that answers everybody.
const defaultLine = "默认"

// tencentcloud asks a service of Tencent Cloud; policy is what a sub-account needs for it.
type tencentcloud struct {
	rest
	title, policy string
}

// tencentcloudSigner signs with TC3-HMAC-SHA256. The path of the request names the action.
func tencentcloudSigner(id, secret, service, version string) func(*http.Request, []byte) {
	signed := []string{"content-type", "host"}
	return func(r *http.Request, body []byte) {
		now := time.Now().UTC()
		day, seconds := now.Format(time.DateOnly), strconv.FormatInt(now.Unix(), 10)
		scope := day + "/" + service + "/tc3_request"
		r.Header.Set("X-TC-Action", strings.TrimPrefix(r.URL.Path, "/"))
		r.URL.Path = "/"
		r.Header.Set("X-TC-Version", version)
		r.Header.Set("X-TC-Timestamp", seconds)
		text := "TC3-HMAC-SHA256\n" + seconds + "\n" + scope + "\n" + hexHash([]byte(canonical(r, "/", signed, body)))
		key := keyedHash(keyedHash(keyedHash([]byte("TC3"+secret), day), service), "tc3_request")
		r.Header.Set("Authorization", "TC3-HMAC-SHA256 Credential="+id+"/"+scope+", SignedHeaders="+strings.Join(signed, ";")+
			", Signature="+signature(key, text))
	}
}

// noRecords is how DNSPod says that a zone has none.
var errNoRecords = errors.New("the zone has no records")

// call says by a code what is wrong, with the status 200.
func (t *tencentcloud) call(ctx context.Context, action string, params map[string]any, into any) error {
	if zone, _ := params["Domain"].(string); strings.Contains(zone, "xn--") {
		all, err := t.domains(ctx)
		if err != nil {
			return err
		}
		for _, d := range all {
			if d.Punycode == zone {
				params["Domain"] = d.Name
			}
		}
	}
	var answer struct {
		Response json.RawMessage
	}
	if err := t.do(ctx, http.MethodPost, action, params, &answer); err != nil {
		return err
	}
	var failed struct {
		RequestID string
		Error     *struct{ Code, Message string }
	}
	if err := json.Unmarshal(answer.Response, &failed); err != nil {
		return err
	}
	e := failed.Error
	switch {
	case e == nil && failed.RequestID == "":
		return errors.New("the answer is not " + t.title + "'s")
	case e == nil:
		return json.Unmarshal(answer.Response, into)
	case e.Code == "ResourceNotFound.NoDataOfRecord":
		return errNoRecords
	}
	r := Result{Outcome: RefusedRequest, Word: e.Code, Text: t.title + " refused " + action + ": " + e.Message}
	switch code, _, _ := strings.Cut(e.Code, "."); {
	case e.Code == "AuthFailure.SignatureExpire":
		r = Result{Outcome: Trouble, Word: e.Code, Text: t.title + ": " + clockAdvice}
	case code == "AuthFailure":
		r = Result{Outcome: RefusedCredentials, Word: e.Code, Whole: true, Text: t.title + " does not accept SecretId and SecretKey"}
	case code == "UnauthorizedOperation":
		r = Result{Outcome: RefusedCredentials, Word: e.Code, Whole: true, Text: "the sub-account may not manage " + t.title + ": give it " + t.policy}
	case code == "RequestLimitExceeded", e.Code == "LimitExceeded.RateLimitExceeded":
		r.Outcome, r.Whole = SlowDown, true
	case code == "InternalError", code == "ResourceUnavailable" && e.Code != "ResourceUnavailable.ZoneNotFound",
		e.Code == "OperationDenied.ResourceLockedTemporary", e.Code == "InvalidParameter.ActionInProgress":
		r.Outcome = Trouble
	}
	return &Refusal{Result: r}
}

// tencentcloudDomain is a zone. Of one with an internationalised name the service has both forms, and
// calls it by the one that is no A-label.
type tencentcloudDomain struct{ Name, Punycode string }

func (t *tencentcloud) zones(ctx context.Context) (names []string, err error) {
	all, err := t.domains(ctx)
	for _, d := range all {
		names = append(names, cmp.Or(d.Punycode, d.Name))
	}
	return names, err
}

func (t *tencentcloud) domains(ctx context.Context) ([]tencentcloudDomain, error) {
	var all struct{ DomainList []tencentcloudDomain }
	err := t.call(ctx, "DescribeDomainList", map[string]any{"Limit": tencentcloudPage}, &all)
	return all.DomainList, err
}

// tencentcloudPage is the most that DNSPod gives at a time.
const tencentcloudPage = 3000

// listSet is of one line.
func (t *tencentcloud) listSet(ctx context.Context, zone, name, rrtype string) ([]entry, error) {
	list, err := t.list(ctx, zone)
	if err != nil {
		return nil, err
	}
	return setOfLine(list, "DNSPod", zone, name, rrtype, defaultLine, "Default")
}

// list leaves out what is paused: nobody is told it.
func (t *tencentcloud) list(ctx context.Context, zone string) (list []entry, err error) {
	var held struct {
		RecordList []struct {
			RecordID                        int64
			Name, Type, Value, Line, Status string
			TTL                             int
		}
	}
	err = t.call(ctx, "DescribeRecordList", map[string]any{"Domain": zone, "Limit": tencentcloudPage}, &held)
	if errors.Is(err, errNoRecords) {
		return nil, nil
	}
	for _, r := range held.RecordList {
		if isAddress(r.Type) && !strings.EqualFold(r.Status, "disable") {
			list = append(list, entry{id: strconv.FormatInt(r.RecordID, 10), name: r.Name, rrtype: r.Type, data: r.Value, ttl: r.TTL, line: r.Line})
		}
	}
	return list, err
}

// create adds to the line of the others.
func (t *tencentcloud) create(ctx context.Context, zone string, e entry) error {
	set, err := t.listSet(ctx, zone, e.name, e.rrtype)
	if err != nil {
		return err
	}
	e.line = lineOf(set, defaultLine)
	return t.call(ctx, "CreateRecord", t.params(zone, e), new(struct{}))
}

func (t *tencentcloud) update(ctx context.Context, zone string, e entry) error {
	params := t.params(zone, e)
	params["RecordId"] = json.Number(e.id)
	return t.call(ctx, "ModifyRecord", params, new(struct{}))
}

func (t *tencentcloud) remove(ctx context.Context, zone string, e entry) error {
	return t.call(ctx, "DeleteRecord", map[string]any{"Domain": zone, "RecordId": json.Number(e.id)}, new(struct{}))
}

func (t *tencentcloud) params(zone string, e entry) map[string]any {
	return map[string]any{"Domain": zone, "SubDomain": e.name, "RecordType": e.rrtype, "RecordLine": e.line, "Value": e.data, "TTL": e.ttl}
}
