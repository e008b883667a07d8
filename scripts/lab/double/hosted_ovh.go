package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"crypto/sha1" // what the service signs with
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ovhKind signs each request and changes a draft of a zone. The first is from
// https://docs.ovh.com/gb/en/customer/first-steps-with-ovh-api/, the second from the console.
var ovhKind = HostedKind{
	Name: "ovh", Docs: "https://api.eu.ovhcloud.com/console/#/domain/zone", Host: "api.eu.ovhcloud.com",
	Options: map[string]string{
		"application_key": "7kbG7Bk7S9Nt7ZSV", "application_secret": "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF", "consumer_key": "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1",
	},
	Wrong:   [2]string{"application_secret", "wrongwrongwrongwrongwrongwrongwr"},
	TooMany: Reply{Status: 429, Body: `{"class":"Client::TooManyRequests","message":"Too many requests"}`}, LeastTTL: 60, answer: answerOvh,
}

func ovhFail(status int, class, code, message string) Reply {
	return jsonReply(status, map[string]string{"class": class, "errorCode": code, "message": message})
}

// answerOvh keeps the changes of a zone apart until the zone is refreshed.
func answerOvh(h *Hosted, q Request) Reply {
	published := h.records
	if h.draft != nil {
		h.records = h.draft
	}
	h.records = slices.Clone(h.records)
	reply := answerOvhDraft(h, q)
	if strings.HasSuffix(q.Path, "/refresh") && reply.Status == 200 {
		h.draft = nil
		return reply
	}
	if q.Method != http.MethodGet {
		h.draft = h.records
		if h.draft == nil {
			h.draft = []HostedRecord{}
		}
	}
	h.records = published
	return reply
}

func ovhSigned(h *Hosted, q Request) *Reply {
	o := h.Kind.Options
	stamp := q.Header.Get("X-Ovh-Timestamp")
	address := "https://" + h.Kind.Host + q.Path
	if query := q.query(); query != "" {
		address += "?" + query
	}
	text := strings.Join([]string{o["application_secret"], o["consumer_key"], q.Method, address, q.Body, stamp}, "+")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	var reply Reply
	switch {
	case q.Header.Get("X-Ovh-Application") != o["application_key"]:
		reply = ovhFail(403, "Client::Forbidden", "INVALID_KEY", "This application key is invalid")
	case q.Header.Get("X-Ovh-Consumer") != o["consumer_key"]:
		reply = ovhFail(403, "Client::Forbidden", "INVALID_CREDENTIAL", "This credential is not valid")
	case err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute:
		reply = ovhFail(400, "Client::BadRequest", "QUERY_TIME_OUT", "Query out of time")
	case q.Header.Get("X-Ovh-Signature") != fmt.Sprintf("$1$%x", sha1.Sum([]byte(text))):
		reply = ovhFail(400, "Client::BadRequest", "INVALID_SIGNATURE", "Invalid signature")
	default:
		return nil
	}
	return &reply
}

func answerOvhDraft(h *Hosted, q Request) Reply {
	type record struct {
		ID     int    `json:"id,omitempty"`
		Zone   string `json:"zone,omitempty"`
		Type   string `json:"fieldType,omitempty"`
		Name   string `json:"subDomain"`
		Target string `json:"target"`
		TTL    int    `json:"ttl"`
	}
	null := Reply{Status: 200, Body: "null"}
	gone := ovhFail(404, "Client::NotFound", "NOT_FOUND", "The requested object does not exist")
	if reply := ovhSigned(h, q); reply != nil {
		return *reply
	}
	if q.Body != "" && q.Header.Get("Content-Type") != "application/json" {
		return ovhFail(400, "Client::BadRequest", "", "unsupported content type")
	}
	at := parts(q.Path, "/1.0/domain/zone")
	switch {
	case at == nil:
		return h.undocumented(q)
	case at[0] == "" && q.Method == http.MethodGet && h.counted(q):
		return jsonReply(200, h.zones)
	case len(at) < 2 || at[1] != "record" && at[1] != "refresh":
		return h.undocumented(q)
	case !slices.Contains(h.zones, at[0]):
		return ovhFail(404, "Client::NotFound", "NOT_FOUND", "This service does not exist")
	}
	zone := at[0]
	shown := func(r HostedRecord) Reply {
		return jsonReply(200, record{idNumber(r.ID), zone, r.Type, r.Name, r.Data, r.TTL})
	}
	var sent record
	if q.Method == http.MethodPut || q.Method == http.MethodPost && at[1] == "record" {
		if !h.body(q, &sent) || !h.ttl(sent.TTL) || strings.HasPrefix(sent.Name, "@") || sent.Target == "" {
			return ovhFail(400, "Client::BadRequest", "", "Invalid record")
		}
	}
	switch {
	case at[1] == "refresh" && len(at) == 2 && q.Method == http.MethodPost && q.Body == "":
		return null
	case len(at) == 2 && q.Method == http.MethodGet:
		h.counted(q, "fieldType", "subDomain")
		ids := []int{}
		for _, r := range h.of(zone) {
			if (!q.Query.Has("fieldType") || q.Query.Get("fieldType") == r.Type) && (!q.Query.Has("subDomain") || q.Query.Get("subDomain") == r.Name) {
				ids = append(ids, idNumber(r.ID))
			}
		}
		return jsonReply(200, ids)
	case len(at) == 2 && q.Method == http.MethodPost && sent.Type != "":
		return shown(h.add(HostedRecord{Zone: zone, Name: sent.Name, Type: sent.Type, Data: sent.Target, TTL: sent.TTL}))
	case len(at) != 3 || at[1] != "record" || h.byID(zone, at[2]) == nil:
		return gone
	case q.Method == http.MethodGet:
		return shown(*h.byID(zone, at[2]))
	case q.Method == http.MethodPut && sent.Type == "":
		r := h.byID(zone, at[2])
		r.Name, r.Data, r.TTL = sent.Name, sent.Target, sent.TTL
		return null
	case q.Method == http.MethodDelete:
		h.drop(func(r HostedRecord) bool { return r.Zone == zone && r.ID == at[2] })
		return null
	}
	return h.undocumented(q)
}
