package double

//revive:disable:cyclomatic,cognitive-complexity,function-length // one switch over the calls that a documentation lists

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The services of which an access token is asked for at another host (RFC 6749).

func serviceAccount(key *rsa.PrivateKey) string {
	return compact(map[string]string{
		"type": "service_account", "project_id": "home-dns", "private_key_id": "4b1f", "private_key": pemOf(key),
		"client_email": "router@home-dns.iam.gserviceaccount.com", "token_uri": "https://oauth2.googleapis.com/token",
	})
}

// googleKind: tokens are of https://developers.google.com/identity/protocols/oauth2/service-account
func googleKind() HostedKind {
	return HostedKind{
		Name: "googleclouddns", Docs: "https://cloud.google.com/dns/docs/reference/rest/v1/resourceRecordSets", Host: "dns.googleapis.com oauth2.googleapis.com",
		Options: map[string]string{"service_account": serviceAccount(keyPairs()[0])},
		Wrong:   [2]string{"service_account", serviceAccount(keyPairs()[1])},
		TooMany: Reply{Status: 429, Body: `{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}`}, LeastTTL: 1, answer: answerGoogle,
	}
}

// azureKind: tokens are of https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
var azureKind = HostedKind{
	Name: "azure", Docs: "https://learn.microsoft.com/en-us/rest/api/dns/record-sets/create-or-update", Host: "management.azure.com login.microsoftonline.com",
	Options: map[string]string{
		"tenant_id": "8c1a0b7e-1111-4c3d-9e2f-000000000001", "client_id": "5d2b1c8f-2222-4d4e-8f30-000000000002", "client_secret": "Qy8~routerSecretValue.0123456789abcdef",
		"subscription_id": "3e3c2d90-3333-4e5f-9041-000000000003", "resource_group": "rg-router-42",
	},
	Wrong:   [2]string{"client_secret", "wrong~wrongwrongwrongwrongwrong"},
	TooMany: Reply{Status: 429, Body: `{"error":{"code":"TooManyRequests","message":"The request was throttled."}}`}, LeastTTL: 1, answer: answerAzure,
}

const (
	hostedAccess = "ya29.c.b0AXv0zTMxLq"
	oauthScope   = "https://www.googleapis.com/auth/ndev.clouddns.readwrite"
)

// oauthForm is the form of a request for a token; nil where it is no such request.
func oauthForm(q Request) url.Values {
	form, err := url.ParseQuery(q.Body)
	if err != nil || q.Method != http.MethodPost || q.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return nil
	}
	return form
}

func (h *Hosted) oauthToken() Reply {
	return jsonReply(200, map[string]any{"access_token": h.current(hostedAccess), "expires_in": 3599, "token_type": "Bearer"})
}

// assertion says whether a JWT is what the documentation asks for.
func (h *Hosted) assertion(text string) bool {
	part := strings.Split(text, ".")
	if len(part) != 3 {
		return false
	}
	var plain [3][]byte
	for i, p := range part {
		text, err := base64.RawURLEncoding.DecodeString(p)
		if err != nil {
			return false
		}
		plain[i] = text
	}
	var head struct{ Alg, Typ, Kid string }
	var claims struct {
		Iss, Scope, Aud string
		Iat, Exp        int64
	}
	if json.Unmarshal(plain[0], &head) != nil || json.Unmarshal(plain[1], &claims) != nil {
		return false
	}
	if head.Alg != "RS256" || head.Typ != "JWT" || head.Kid != "4b1f" || claims.Aud != "https://oauth2.googleapis.com/token" || claims.Scope != oauthScope ||
		claims.Exp <= claims.Iat || claims.Exp-claims.Iat > 3600 || time.Since(time.Unix(claims.Iat, 0)).Abs() > 5*time.Minute {
		h.Complain("googleclouddns: an assertion of %s %s", plain[0], plain[1])
		return false
	}
	sum := sha256.Sum256([]byte(part[0] + "." + part[1]))
	return claims.Iss == "router@home-dns.iam.gserviceaccount.com" && rsa.VerifyPKCS1v15(&keyPairs()[0].PublicKey, crypto.SHA256, sum[:], plain[2]) == nil
}

func answerGoogle(h *Hosted, q Request) Reply {
	type set struct {
		Name string   `json:"name"`
		Type string   `json:"type"`
		TTL  int      `json:"ttl"`
		Data []string `json:"rrdatas"`
	}
	fail := func(status int, word string) Reply {
		return jsonReply(status, map[string]any{"error": map[string]any{"code": status, "message": word, "status": word}})
	}
	if q.Host == "oauth2.googleapis.com" {
		form := oauthForm(q)
		if q.Path != "/token" || form == nil || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
			return h.undocumented(q)
		}
		if !h.assertion(form.Get("assertion")) {
			return jsonReply(400, map[string]string{"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
		}
		return h.oauthToken()
	}
	if q.Header.Get("Authorization") != "Bearer "+h.current(hostedAccess) {
		return fail(401, "UNAUTHENTICATED")
	}
	at := parts(q.Path, "/dns/v1/projects/home-dns/managedZones")
	if at == nil {
		return h.undocumented(q)
	}
	id := func(zone string) string {
		return "zone-" + strings.ReplaceAll(zone, ".", "-") + strings.Repeat("-2", h.moved)
	}
	if at[0] == "" && q.Method == http.MethodGet {
		h.counted(q, "maxResults", "pageToken", "dnsName")
		list := []map[string]string{{"name": "inside", "dnsName": h.zones[0] + ".", "visibility": "private"}}
		for _, z := range h.zones {
			list = append(list, map[string]string{"name": id(z), "dnsName": z + ".", "visibility": "public"})
		}
		first := q.Query.Get("pageToken") == ""
		if half := len(list) / 2; first {
			return jsonReply(200, map[string]any{"managedZones": list[:half], "nextPageToken": "more+1/="})
		} else if q.Query.Get("pageToken") == "more+1/=" {
			return jsonReply(200, map[string]any{"managedZones": list[half:]})
		}
		return fail(400, "INVALID_ARGUMENT")
	}
	i := slices.IndexFunc(h.zones, func(z string) bool { return id(z) == at[0] })
	if i < 0 || len(at) < 2 || at[1] != "rrsets" {
		return fail(404, "NOT_FOUND")
	}
	zone := h.zones[i]
	name := func(full string) string { return strings.TrimSuffix(strings.TrimSuffix(full, zone+"."), ".") }
	if len(at) == 2 && q.Method == http.MethodGet {
		h.counted(q, "maxResults", "pageToken", "name", "type")
		list := []set{}
		for _, n := range h.setNames(zone) {
			full := strings.TrimPrefix(bare(n[0])+"."+zone+".", ".")
			if q.Query.Has("name") && (q.Query.Get("name") != full || q.Query.Has("type") && q.Query.Get("type") != n[1]) {
				continue
			}
			s := set{Name: full, Type: n[1]}
			for _, r := range h.set(zone, n[0], n[1]) {
				s.TTL, s.Data = r.TTL, append(s.Data, r.Data)
			}
			list = append(list, s)
		}
		return jsonReply(200, map[string]any{"kind": "dns#resourceRecordSetsListResponse", "rrsets": list})
	}
	if len(at) == 4 && q.Method == http.MethodDelete {
		if len(h.set(zone, name(at[2]), at[3])) == 0 {
			return fail(404, "NOT_FOUND")
		}
		h.replace(zone, name(at[2]), at[3], nil, 0)
		return jsonReply(200, struct{}{})
	}
	var sent set
	if !h.body(q, &sent) || !h.ttl(sent.TTL) || len(sent.Data) == 0 || !strings.HasSuffix(sent.Name, zone+".") {
		return fail(400, "INVALID_ARGUMENT")
	}
	there := len(h.set(zone, name(sent.Name), sent.Type)) > 0
	switch {
	case len(at) == 2 && q.Method == http.MethodPost && there:
		return fail(409, "ALREADY_EXISTS")
	case len(at) == 4 && q.Method == http.MethodPatch && (!there || at[2] != sent.Name || at[3] != sent.Type):
		return fail(404, "NOT_FOUND")
	case len(at) == 2 && q.Method == http.MethodPost, len(at) == 4 && q.Method == http.MethodPatch:
		h.replace(zone, name(sent.Name), sent.Type, sent.Data, sent.TTL)
		return jsonReply(200, sent)
	}
	return h.undocumented(q)
}

func answerAzure(h *Hosted, q Request) Reply {
	type address struct {
		V4 string `json:"ipv4Address,omitempty"`
		V6 string `json:"ipv6Address,omitempty"`
	}
	type properties struct {
		Metadata map[string]string `json:"metadata,omitempty"`
		TTL      int               `json:"TTL"`
		A        []address         `json:"ARecords,omitempty"`
		AAAA     []address         `json:"AAAARecords,omitempty"`
		Target   map[string]string `json:"targetResource,omitempty"`
	}
	type set struct {
		Name       string     `json:"name,omitempty"`
		Properties properties `json:"properties"`
	}
	o := h.Kind.Options
	fail := func(status int, code string) Reply {
		return jsonReply(status, map[string]any{"error": map[string]string{"code": code, "message": code}})
	}
	if q.Host == "login.microsoftonline.com" {
		form := oauthForm(q)
		if q.Path != "/"+o["tenant_id"]+"/oauth2/v2.0/token" || form.Get("grant_type") != "client_credentials" || form.Get("scope") != "https://management.azure.com/.default" {
			return h.undocumented(q)
		}
		if form.Get("client_id") != o["client_id"] || form.Get("client_secret") != o["client_secret"] {
			return jsonReply(401, map[string]string{"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."})
		}
		return h.oauthToken()
	}
	if q.Header.Get("Authorization") != "Bearer "+h.current(hostedAccess) {
		return fail(401, "InvalidAuthenticationToken")
	}
	if q.Query.Get("api-version") != "2018-05-01" {
		h.Complain("azure: version %q", q.Query.Get("api-version"))
		return fail(400, "MissingApiVersionParameter")
	}
	at := parts(q.Path, "/subscriptions/"+o["subscription_id"]+"/resourceGroups/"+o["resource_group"]+"/providers/Microsoft.Network/dnsZones")
	if at == nil {
		return fail(403, "AuthorizationFailed")
	}
	if at[0] == "" && q.Method == http.MethodGet {
		h.counted(q, "api-version", "$skipToken")
		page := func(zones []string, next string) Reply {
			list := []map[string]string{}
			for _, z := range zones {
				list = append(list, map[string]string{"name": z, "location": "global"})
			}
			return jsonReply(200, map[string]any{"value": list, "nextLink": next})
		}
		if half := len(h.zones) / 2; !q.Query.Has("$skipToken") {
			return page(h.zones[:half], "https://management.azure.com:443"+strings.ToLower(q.Path)+"?api-version=2018-05-01&$skipToken=second")
		} else if q.Query.Get("$skipToken") == "second" {
			return page(h.zones[half:], "")
		}
		return fail(400, "InvalidSkipToken")
	}
	if !slices.Contains(h.zones, at[0]) {
		return fail(404, "ResourceNotFound")
	}
	if len(at) < 2 || at[1] != "A" && at[1] != "AAAA" {
		return h.undocumented(q)
	}
	zone, rrtype := at[0], at[1]
	noted := func(name string) string { return strings.TrimPrefix(bare(name)+"."+zone, ".") + " " + rrtype }
	shown := func(name string) set {
		s := set{Name: name, Properties: properties{Metadata: h.notes[noted(name)]}}
		for _, r := range h.set(zone, name, rrtype) {
			s.Properties.TTL = r.TTL
			if strings.HasPrefix(r.Data, "/subscriptions/") { // an alias, which has no addresses of its own
				s.Properties.Target = map[string]string{"id": r.Data}
				continue
			}
			if rrtype == "A" {
				s.Properties.A = append(s.Properties.A, address{V4: r.Data})
			} else {
				s.Properties.AAAA = append(s.Properties.AAAA, address{V6: r.Data})
			}
		}
		return s
	}
	if len(at) == 2 && q.Method == http.MethodGet {
		h.counted(q, "api-version", "$top", "$recordsetnamesuffix")
		list := []set{}
		for _, n := range h.setNames(zone) {
			if n[1] == rrtype {
				list = append(list, shown(n[0]))
			}
		}
		return jsonReply(200, map[string]any{"value": list})
	}
	if len(at) != 3 {
		return h.undocumented(q)
	}
	name := at[2]
	there := len(h.set(zone, name, rrtype)) > 0
	switch {
	case q.Method == http.MethodGet && !there:
		return jsonReply(404, map[string]string{"code": "NotFound", "message": "The resource record '" + name + "' does not exist in this resource group."})
	case q.Method == http.MethodGet:
		return jsonReply(200, shown(name))
	case q.Method == http.MethodDelete && !there:
		return Reply{Status: 204}
	case q.Method == http.MethodDelete:
		h.replace(zone, name, rrtype, nil, 0)
		return Reply{Status: 200}
	case q.Method == http.MethodPut:
		var s set
		if !h.body(q, &s) || !h.ttl(s.Properties.TTL) {
			return fail(400, "BadRequest")
		}
		list := values(s.Properties.A, func(a address) string { return a.V4 })
		if rrtype == "AAAA" {
			list = values(s.Properties.AAAA, func(a address) string { return a.V6 })
		}
		if len(list) == 0 || len(s.Properties.A) > 0 && len(s.Properties.AAAA) > 0 || slices.Contains(list, "") {
			return fail(400, "BadRequest")
		}
		h.replace(zone, name, rrtype, list, s.Properties.TTL)
		if h.notes != nil {
			h.notes[noted(name)] = s.Properties.Metadata // without them they are gone
		}
		if !there {
			return jsonReply(201, shown(name))
		}
		return jsonReply(200, shown(name))
	}
	return h.undocumented(q)
}
