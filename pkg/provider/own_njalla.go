//go:build !minimal && !no_njalla

package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
)

// njallaInfo is Njalla. Its libdns module has no release, asks up to four times by itself, also
// when it was told to slow down, and mixes up records of one name; hence our own.
var njallaInfo = Info{
	Name:    "njalla",
	Title:   "Njalla",
	Website: "https://njal.la/",
	Docs:    "https://njal.la/api/",
	Options: []Option{
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true,
			Help: "Settings → API → Add token. Allow it the methods list-domains, list-records, add-record, edit-record and remove-record. An allowed address that is not the router’s makes it useless.",
			Link: "https://njal.la/settings/api/",
		},
		zoneOption,
	},
	RecordOptions: ttlOfAFew,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		n := &njalla{rest{base: "https://njal.la/api/1/", sign: header("Authorization", "Njalla "+s.Get("token"))}}
		return newOwn("Njalla", s, n, module{})
	},
}

var _ = add(&njallaInfo)

type njalla struct{ rest }

type njallaRecord struct {
	ID      string `json:"id,omitempty"`
	Domain  string `json:"domain"`
	Name    string `json:"name,omitempty"`
	Type    string `json:"type,omitempty"`
	Content string `json:"content,omitempty"`
	TTL     int    `json:"ttl,omitempty"`
}

// call is JSON-RPC. The service says what is wrong by the codes of HTTP, with the status 200.
func (n *njalla) call(ctx context.Context, method string, params, into any) error {
	var answer struct {
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if err := n.do(ctx, http.MethodPost, "", map[string]any{"method": method, "params": params}, &answer); err != nil {
		return err
	}
	if e := answer.Error; e != nil {
		r := Result{Outcome: RefusedRequest, Word: strconv.Itoa(e.Code), Text: "Njalla refused " + method + ": " + e.Message}
		switch {
		case e.Code == http.StatusUnauthorized || e.Code == http.StatusForbidden:
			r = Result{Outcome: RefusedCredentials, Word: r.Word, Whole: true, Text: "Njalla does not accept the token for " + method + ": check it, its methods and its addresses"}
		case e.Code == http.StatusTooManyRequests:
			r.Outcome, r.Whole = SlowDown, true
		case e.Code >= http.StatusInternalServerError:
			r.Outcome = Trouble
		}
		return &Refusal{Result: r}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer.Result, into)
}

func (n *njalla) zones(ctx context.Context) (names []string, err error) {
	var all struct {
		Domains []struct {
			Name string `json:"name"`
		} `json:"domains"`
	}
	err = n.call(ctx, "list-domains", struct{}{}, &all)
	for _, d := range all.Domains {
		names = append(names, d.Name)
	}
	return names, err
}

func (n *njalla) list(ctx context.Context, zone string) (list []entry, err error) {
	var held struct {
		Records []struct {
			ID                  json.Number
			Name, Type, Content string
			TTL                 int
		} `json:"records"`
	}
	if err := n.call(ctx, "list-records", njallaRecord{Domain: zone}, &held); err != nil {
		return nil, err
	}
	for _, r := range held.Records {
		if isAddress(r.Type) {
			list = append(list, entry{r.ID.String(), r.Name, r.Type, r.Content, r.TTL, ""})
		}
	}
	return list, nil
}

func (n *njalla) create(ctx context.Context, zone string, e entry) error {
	return n.call(ctx, "add-record", njallaRecord{Domain: zone, Name: e.name, Type: e.rrtype, Content: e.data, TTL: e.ttl}, nil)
}

func (n *njalla) update(ctx context.Context, zone string, e entry) error {
	return n.call(ctx, "edit-record", njallaRecord{ID: e.id, Domain: zone, Content: e.data, TTL: e.ttl}, nil)
}

func (n *njalla) remove(ctx context.Context, zone string, e entry) error {
	return n.call(ctx, "remove-record", njallaRecord{ID: e.id, Domain: zone}, nil)
}
