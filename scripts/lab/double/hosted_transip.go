package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// keyPairs are made once: a right one, and one that no account knows.
var keyPairs = sync.OnceValue(func() (pairs [2]*rsa.PrivateKey) {
	for i := range pairs {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		pairs[i] = key
	}
	return pairs
})

// pemOf is a private key as services hand it out.
func pemOf(key *rsa.PrivateKey) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// oneLine is the same as an option can hold it.
func oneLine(key *rsa.PrivateKey) string { return strings.ReplaceAll(pemOf(key), "\n", "") }

func transipKind() HostedKind {
	return HostedKind{
		Name: "transip", Docs: "https://api.transip.nl/rest/docs.html", Host: "api.transip.nl",
		Options: map[string]string{"username": "routerowner", "private_key": oneLine(keyPairs()[0])},
		Wrong:   [2]string{"private_key", oneLine(keyPairs()[1])},
		TooMany: Reply{Status: 429, Body: `{"error":"Rate limit exceeded"}`}, LeastTTL: 60, answer: answerTransip,
	}
}

const transipToken = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzUxMiIsImp0aSI6InRlc3QifQ.dGVzdA.c2lnbmF0dXJl"

// transipAuth gives a token for a request that is signed with the account's key.
func transipAuth(h *Hosted, q Request) Reply {
	var sent struct {
		Login      string `json:"login"`
		Nonce      string `json:"nonce"`
		ReadOnly   *bool  `json:"read_only"`
		Expiration string `json:"expiration_time"`
		Label      string `json:"label"`
		Global     bool   `json:"global_key"` // good from addresses that are not listed
	}
	sum := sha512.Sum512([]byte(q.Body))
	proof, err := base64.StdEncoding.DecodeString(q.Header.Get("Signature"))
	switch {
	case !h.body(q, &sent):
		return jsonReply(400, map[string]string{"error": "Invalid JSON"})
	case sent.Nonce == "" || len(sent.Nonce) > 32 || sent.ReadOnly == nil || *sent.ReadOnly || !sent.Global || sent.Expiration == "":
		h.Complain("transip: a token for changes from anywhere is asked for otherwise: %s", q.Body)
		return jsonReply(406, map[string]string{"error": "Parameters are missing"})
	case slices.Contains(h.seen, sent.Nonce):
		return jsonReply(406, map[string]string{"error": "The nonce has been used before"})
	case err != nil || sent.Login != h.Kind.Options["username"] || rsa.VerifyPKCS1v15(&keyPairs()[0].PublicKey, crypto.SHA512, sum[:], proof) != nil:
		return jsonReply(401, map[string]string{"error": "Invalid signature"})
	}
	h.seen = append(h.seen, sent.Nonce)
	return jsonReply(201, map[string]string{"token": h.current(transipToken)})
}

// answerTransip: an entry has no number, and expire cannot be changed.
func answerTransip(h *Hosted, q Request) Reply {
	type entry struct {
		Name    string `json:"name"`
		Expire  int    `json:"expire"`
		Type    string `json:"type"`
		Content string `json:"content"`
	}
	fail := func(status int, text string) Reply { return jsonReply(status, map[string]string{"error": text}) }
	if q.Path == "/v6/auth" && q.Method == http.MethodPost {
		return transipAuth(h, q)
	}
	if q.Header.Get("Authorization") != "Bearer "+h.current(transipToken) {
		return fail(401, "Your access token is invalid.")
	}
	at := parts(q.Path, "/v6/domains")
	switch {
	case at == nil:
		return h.undocumented(q)
	case at[0] == "" && q.Method == http.MethodGet && h.counted(q, "tags", "include"):
		list := []map[string]string{}
		for _, z := range h.zones {
			list = append(list, map[string]string{"name": z})
		}
		return jsonReply(200, map[string]any{"domains": list})
	case len(at) != 2 || at[1] != "dns":
		return h.undocumented(q)
	case !slices.Contains(h.zones, at[0]):
		return fail(404, "Domain with name '"+at[0]+"' not found")
	}
	zone := at[0]
	if q.Method == http.MethodGet {
		list := []entry{}
		for _, r := range h.of(zone) {
			list = append(list, entry{apex(r.Name), r.TTL, r.Type, r.Data})
		}
		return jsonReply(200, map[string]any{"dnsEntries": list})
	}
	var sent struct {
		Entry *json.RawMessage `json:"dnsEntry"`
	}
	var e entry
	if !h.body(q, &sent) || sent.Entry == nil {
		return fail(406, "dnsEntry is missing")
	}
	if q.Body = string(*sent.Entry); !h.body(q, &e) || e.Name == "" || strings.HasSuffix(e.Name, ".") || !h.ttl(e.Expire) {
		return fail(406, "dnsEntry is invalid")
	}
	same := func(r HostedRecord) bool {
		return r.Zone == zone && r.Name == bare(e.Name) && r.Type == e.Type && r.TTL == e.Expire
	}
	var found []int
	for i, r := range h.records {
		if same(r) {
			found = append(found, i)
		}
	}
	switch q.Method {
	case http.MethodPost:
		h.add(HostedRecord{Zone: zone, Name: bare(e.Name), Type: e.Type, Data: e.Content, TTL: e.Expire})
		return Reply{Status: 201}
	case http.MethodPatch:
		if len(found) != 1 {
			return fail(404, "Dns entry not found, or there are several")
		}
		h.records[found[0]].Data = e.Content
		return Reply{Status: 204}
	case http.MethodDelete:
		if h.drop(func(r HostedRecord) bool { return same(r) && r.Data == e.Content }) == 0 {
			return fail(404, "Dns entry not found")
		}
		return Reply{Status: 204}
	}
	return h.undocumented(q)
}
