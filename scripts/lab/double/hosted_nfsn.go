package double

import (
	"crypto/sha1"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

var nfsnKind = HostedKind{
	Name: "nfsn", Docs: "https://members.nearlyfreespeech.net/wiki/API/Introduction", Host: "api.nearlyfreespeech.net",
	Options: map[string]string{"username": "testuser", "token": "p3kxmRKf9dk3l6ls"}, Wrong: [2]string{"token", "wrongwrongwrong"},
	TooMany: Reply{Status: 429, Body: `{"error":"Too many requests.","debug":""}`}, LeastTTL: 180, answer: answerNfsn,
}

// nfsnAuthentic checks the header of the documentation's page on authentication.
func (h *Hosted) nfsnAuthentic(q Request) bool {
	hash := func(text string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(text))) }
	at := strings.Split(q.Header.Get("X-NFSN-Authentication"), ";")
	if len(at) != 4 || at[0] != h.Kind.Options["username"] || len(at[2]) != 16 {
		return false
	}
	seconds, err := strconv.ParseInt(at[1], 10, 64)
	want := hash(strings.Join([]string{at[0], at[1], at[2], h.Kind.Options["token"], q.Path, hash(q.Body)}, ";"))
	return err == nil && time.Since(time.Unix(seconds, 0)).Abs() < 5*time.Second && at[3] == want
}

// answerNfsn: forms in, and nothing out where all went well; no IDs.
func answerNfsn(h *Hosted, q Request) Reply {
	fail := func(status int, text string) Reply {
		return jsonReply(status, map[string]string{"error": text, "debug": text})
	}
	at := parts(q.Path, "/dns/")
	form, err := url.ParseQuery(q.Body)
	switch {
	case !h.nfsnAuthentic(q):
		return fail(401, "The API request could not be authenticated.")
	case len(at) != 2 || q.Method != http.MethodPost || err != nil || q.Header.Get("Content-Type") != "application/x-www-form-urlencoded":
		return h.undocumented(q)
	case !slices.Contains(h.zones, at[0]):
		return fail(404, "No such domain.")
	}
	r := HostedRecord{Zone: at[0], Name: form.Get("name"), Type: form.Get("type"), Data: form.Get("data")}
	r.TTL, _ = strconv.Atoi(form.Get("ttl"))
	named := func(x HostedRecord) bool { return x.Zone == r.Zone && x.Name == r.Name && x.Type == r.Type }
	switch at[1] {
	case "listRRs":
		list := []map[string]any{}
		for _, x := range h.of(at[0]) {
			list = append(list, map[string]any{"name": x.Name, "type": x.Type, "data": x.Data, "ttl": x.TTL, "scope": "member"})
		}
		return jsonReply(200, list)
	case "removeRR":
		if h.drop(func(x HostedRecord) bool { return named(x) && x.Data == r.Data }) == 0 {
			return fail(404, "No such record.")
		}
		return Reply{Status: 200}
	case "addRR", "replaceRR":
		if !h.ttl(r.TTL) || slices.ContainsFunc(h.records, func(x HostedRecord) bool { return named(x) && x.Data == r.Data && x.TTL == r.TTL }) {
			return fail(400, "That record exists.")
		}
		if at[1] == "replaceRR" {
			h.drop(named)
		}
		h.add(r)
		return Reply{Status: 200}
	}
	return h.undocumented(q)
}
