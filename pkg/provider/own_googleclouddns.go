//go:build !minimal && !no_googleclouddns

package provider

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// googleclouddnsInfo is Google Cloud DNS, whose records are sets. Its libdns module links clients for
// all of the cloud; hence our own.
var googleclouddnsInfo = Info{
	Name:    "googleclouddns",
	Title:   "Google Cloud DNS",
	Website: "https://cloud.google.com/dns",
	Docs:    "https://cloud.google.com/dns/docs/reference/rest/v1/resourceRecordSets",
	Options: []Option{
		{
			Name: "service_account", Title: "Service account key", Kind: Text, Secret: true, Required: true,
			Help:  "The JSON file that a new key of a service account comes as, all of it in one line. The account needs the role DNS Administrator.",
			Link:  "https://console.cloud.google.com/iam-admin/serviceaccounts",
			Check: func(s string) error { _, err := readServiceAccount(s); return err },
		},
		{
			Name: "project", Title: "Project", Kind: Text,
			Help: "The ID of the project that the zones are in, where it is not that of the service account.",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New:           newGoogleclouddns,
}

var _ = add(&googleclouddnsInfo)

// serviceAccount is what counts of a key file. Where to ask for a token is in the file, too; the
// key goes nowhere else than where the documentation says.
type serviceAccount struct {
	Email   string `json:"client_email"`
	KeyID   string `json:"private_key_id"`
	Private string `json:"private_key"`
	Project string `json:"project_id"`
	key     *rsa.PrivateKey
}

func readServiceAccount(text string) (a serviceAccount, err error) {
	if json.Unmarshal([]byte(text), &a) != nil || a.Email == "" || a.Project == "" {
		return a, errors.New(`it must be the JSON of a service account's key, with "client_email", "private_key" and "project_id"`)
	}
	if a.key, err = rsaKey(a.Private); err != nil {
		err = fmt.Errorf(`"private_key": %w`, err)
	}
	return a, err
}

const (
	googleTokens = "https://oauth2.googleapis.com/token"
	googleScope  = "https://www.googleapis.com/auth/ndev.clouddns.readwrite"
	googlePages  = 50
)

// assertion is a token of ours (RFC 7519, RS256) with which one of Google's is asked for.
func (a serviceAccount) assertion(now time.Time) (string, error) {
	var text string
	for _, part := range []any{
		map[string]string{"alg": "RS256", "typ": "JWT", "kid": a.KeyID},
		map[string]any{"iss": a.Email, "scope": googleScope, "aud": googleTokens, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()},
	} {
		body, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		text += "." + base64.RawURLEncoding.EncodeToString(body)
	}
	text = text[1:]
	sum, err := rsaSign(a.key, crypto.SHA256, []byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(sum), err
}

type googleclouddns struct {
	*tokenRest
	zonesMu sync.Mutex
	ids     map[string]string // what the project calls a zone, by its name
}

func newGoogleclouddns(s Settings) (Driver, error) {
	account, err := readServiceAccount(s.Get("service_account"))
	if err != nil {
		return nil, fmt.Errorf("option service_account: %w", err)
	}
	project := s.Get("project")
	if project == "" {
		project = account.Project
	}
	tokens := rest{base: googleTokens, sign: unsigned}
	g := &googleclouddns{}
	g.tokenRest = newTokenRest("https://dns.googleapis.com/dns/v1/projects/"+url.PathEscape(project)+"/managedZones", func(ctx context.Context) (string, time.Duration, error) {
		text, err := account.assertion(time.Now())
		if err != nil {
			return "", 0, err
		}
		return oauth(ctx, &tokens, "", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {text}})
	})
	g.silent = true // when it has deleted
	return newOwnSets("Google Cloud DNS", s, g, module{blank: true, words: oauthWords})
}

type googleSet struct {
	Name string   `json:"name"` // full, with the dot at the end
	Type string   `json:"type"`
	TTL  int      `json:"ttl"`
	Data []string `json:"rrdatas"`
}

func (g *googleclouddns) zones(ctx context.Context) (names []string, err error) {
	ids := map[string]string{}
	next := ""
	for range googlePages {
		var all struct {
			Zones []struct{ Name, DNSName, Visibility string } `json:"managedZones"`
			Next  string                                       `json:"nextPageToken"`
		}
		if err := g.call(ctx, http.MethodGet, "?maxResults=100"+next, nil, &all); err != nil {
			return nil, err
		}
		for _, z := range all.Zones {
			name := strings.TrimSuffix(z.DNSName, ".")
			if z.Visibility != "private" && ids[name] == "" {
				ids[name] = z.Name
				names = append(names, name)
			}
		}
		if all.Next == "" {
			break
		}
		next = "&pageToken=" + url.QueryEscape(all.Next)
	}
	g.keep(ids)
	return names, nil
}

func (g *googleclouddns) keep(ids map[string]string) {
	g.zonesMu.Lock()
	g.ids = ids
	g.zonesMu.Unlock()
}

// call forgets what the zones are called when one is not there: it may have been made anew.
func (g *googleclouddns) call(ctx context.Context, method, path string, send, into any) error {
	err := g.tokenRest.call(ctx, method, path, send, into)
	if err != nil && lastExchange(ctx).Status == http.StatusNotFound {
		g.keep(nil)
	}
	return err
}

// path is where the record sets of a zone are.
func (g *googleclouddns) path(ctx context.Context, zone string) (string, error) {
	for range 2 {
		g.zonesMu.Lock()
		id := g.ids[zone]
		g.zonesMu.Unlock()
		if id != "" {
			return "/" + url.PathEscape(id) + "/rrsets", nil
		}
		if _, err := g.zones(ctx); err != nil {
			return "", err
		}
	}
	return "", noZone(zone)
}

func (g *googleclouddns) list(ctx context.Context, zone string) ([]entry, error) {
	return g.read(ctx, zone, "")
}

func (g *googleclouddns) listSet(ctx context.Context, zone, name, rrtype string) ([]entry, error) {
	return g.read(ctx, zone, "&name="+url.QueryEscape(absolute(name, zone)+".")+"&type="+rrtype)
}

func (g *googleclouddns) read(ctx context.Context, zone, query string) (list []entry, err error) {
	path, err := g.path(ctx, zone)
	if err != nil {
		return nil, err
	}
	next := ""
	for range googlePages {
		var all struct {
			Sets []googleSet `json:"rrsets"`
			Next string      `json:"nextPageToken"`
		}
		if err := g.call(ctx, http.MethodGet, path+"?maxResults=100"+query+next, nil, &all); err != nil {
			return nil, err
		}
		for _, s := range all.Sets {
			for _, data := range s.Data {
				if isAddress(s.Type) {
					list = append(list, entry{name: inZone(s.Name, zone), rrtype: s.Type, data: data, ttl: s.TTL})
				}
			}
		}
		if all.Next == "" {
			break
		}
		next = "&pageToken=" + url.QueryEscape(all.Next)
	}
	return list, nil
}

// put creates a set that is not there, and changes one that is.
func (g *googleclouddns) put(ctx context.Context, zone string, records []entry) error {
	e := records[0]
	path, err := g.path(ctx, zone)
	if err != nil {
		return err
	}
	held, err := g.listSet(ctx, zone, e.name, e.rrtype)
	if err != nil {
		return err
	}
	set := googleSet{Name: absolute(e.name, zone) + ".", Type: e.rrtype, TTL: e.ttl}
	for _, r := range records {
		set.Data = append(set.Data, r.data)
	}
	if len(held) == 0 {
		return g.call(ctx, http.MethodPost, path, set, new(struct{}))
	}
	return g.call(ctx, http.MethodPatch, path+"/"+set.Name+"/"+set.Type, set, new(struct{}))
}

func (g *googleclouddns) drop(ctx context.Context, zone, name, rrtype string) error {
	path, err := g.path(ctx, zone)
	if err != nil {
		return err
	}
	return g.call(ctx, http.MethodDelete, path+"/"+absolute(name, zone)+"./"+rrtype, nil, nil)
}
