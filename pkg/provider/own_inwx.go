//go:build !minimal && !no_inwx

package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
)

// inwxInfo is INWX. Its libdns module wants a newer Go than the oldest OpenWrt with a feed of
// ours has, and draws bar codes; hence our own.
var inwxInfo = Info{
	Name:    "inwx",
	Title:   "INWX",
	Website: "https://www.inwx.com/",
	Docs:    "https://www.inwx.com/en/help/apidoc",
	Options: []Option{
		{
			Name: "username", Title: "User name", Kind: Text, Required: true,
			Help: "Of the account, or better of a sub-account for the router. It must be without two-factor authentication.",
			Link: "https://www.inwx.com/en/account/subaccounts",
		},
		{Name: "password", Title: "Password", Kind: Text, Secret: true, Required: true, Help: "Of that user."},
		zoneOption,
	},
	RecordOptions: ttlFromFive,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		x := &inwx{user: s.Get("username"), password: s.Get("password")}
		x.rest = rest{base: "https://api.domrobot.com/jsonrpc/", sign: func(r *http.Request, _ []byte) {
			if x.session != nil {
				r.AddCookie(x.session)
			}
		}}
		return newOwn("INWX", s, x, module{})
	},
}

var _ = add(&inwxInfo)

// inwx keeps the session that a login began, until the service does not know it any more.
type inwx struct {
	rest
	user, password string
	mu             sync.Mutex
	session        *http.Cookie
}

// The codes of its answers by which something is decided.
const (
	inwxDone       = 1000
	inwxDoneLater  = 1001
	inwxLogin      = 2200 // wrong, or not there
	inwxPermission = 2201
	inwxFailed     = 2400 // by a fault of the service, as are those of 2500 and above
)

type inwxAnswer struct {
	Code    int             `json:"code"`
	Message string          `json:"msg"`
	Data    json.RawMessage `json:"resData"`
}

type inwxRecord struct {
	ID      json.Number `json:"id"`
	Name    string      `json:"name"`
	Type    string      `json:"type"`
	Content string      `json:"content"`
	TTL     int         `json:"ttl"`
}

// call logs in where there is no session, and once more where it has ended.
func (x *inwx) call(ctx context.Context, method string, params map[string]any, into any) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var answer inwxAnswer
	for range 2 {
		fresh := x.session == nil
		if fresh {
			if err := x.login(ctx); err != nil {
				return err
			}
		}
		answer = inwxAnswer{}
		if err := x.do(ctx, http.MethodPost, "", map[string]any{"method": method, "params": params}, &answer); err != nil {
			return err
		}
		if answer.Code != inwxLogin || fresh {
			break
		}
		x.session = nil
	}
	if err := answer.refusal(method); err != nil {
		return err
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer.Data, into)
}

func (x *inwx) login(ctx context.Context) error {
	var answer inwxAnswer
	cookies, err := x.exchange(ctx, http.MethodPost, "", map[string]any{"method": "account.login", "params": map[string]any{"user": x.user, "pass": x.password}}, &answer)
	if err != nil {
		return err
	}
	if err := answer.refusal("account.login"); err != nil {
		return err
	}
	var data struct {
		TFA string `json:"tfa"`
	}
	if json.Unmarshal(answer.Data, &data) == nil && data.TFA != "" && data.TFA != "0" {
		return &Refusal{Result: Result{Outcome: RefusedCredentials, Whole: true,
			Text: "INWX asks this user for a second factor: make a sub-account without one for the router"}}
	}
	for _, c := range cookies {
		if c.Name == "domrobot" {
			x.session = &http.Cookie{Name: c.Name, Value: c.Value}
			return nil
		}
	}
	return &Refusal{Result: Result{Outcome: Trouble, Text: "INWX began no session"}}
}

// refusal is what the code of an answer means, nil where it is good.
func (a inwxAnswer) refusal(method string) error {
	r := Result{Outcome: RefusedRequest, Word: strconv.Itoa(a.Code), Text: "INWX refused " + method + ": " + a.Message}
	switch {
	case a.Code == inwxDone || a.Code == inwxDoneLater:
		return nil
	case a.Code == inwxLogin:
		r = Result{Outcome: RefusedCredentials, Word: r.Word, Whole: true, Text: "INWX does not accept user name and password"}
	case a.Code == inwxPermission:
		r = Result{Outcome: RefusedCredentials, Word: r.Word, Whole: true, Text: "INWX does not let this user change name servers: give its role that right"}
	case a.Code == inwxFailed || a.Code >= 2500 || a.Code < inwxDone:
		r.Outcome = Trouble
	}
	return &Refusal{Result: r}
}

func (x *inwx) zones(ctx context.Context) (names []string, err error) {
	for page := 1; ; page++ {
		var all struct {
			Count   int `json:"count"`
			Domains []struct {
				Domain string `json:"domain"`
			} `json:"domains"`
		}
		err = x.call(ctx, "nameserver.list", map[string]any{"page": page, "pagelimit": inwxPage}, &all)
		for _, d := range all.Domains {
			names = append(names, d.Domain)
		}
		if err != nil || len(all.Domains) == 0 || len(names) >= all.Count || page == inwxPages {
			return names, err
		}
	}
}

// inwxPage is how many zones are asked for at a time, and inwxPages how often.
const (
	inwxPage  = 250
	inwxPages = 8
)

func (x *inwx) list(ctx context.Context, zone string) (list []entry, err error) {
	var held struct {
		Records []inwxRecord `json:"record"`
	}
	err = x.call(ctx, "nameserver.info", map[string]any{"domain": zone}, &held)
	if err != nil {
		return nil, err
	}
	for _, r := range held.Records {
		if isAddress(r.Type) {
			list = append(list, entry{r.ID.String(), inZone(r.Name, zone), r.Type, r.Content, r.TTL, ""})
		}
	}
	return list, nil
}

func (x *inwx) create(ctx context.Context, zone string, e entry) error {
	return x.call(ctx, "nameserver.createRecord", map[string]any{
		"domain": zone, "name": absolute(e.name, zone), "type": e.rrtype, "content": e.data, "ttl": e.ttl,
	}, nil)
}

func (x *inwx) update(ctx context.Context, _ string, e entry) error {
	return x.call(ctx, "nameserver.updateRecord", map[string]any{"id": json.Number(e.id), "content": e.data, "ttl": e.ttl}, nil)
}

func (x *inwx) remove(ctx context.Context, _ string, e entry) error {
	return x.call(ctx, "nameserver.deleteRecord", map[string]any{"id": json.Number(e.id)}, nil)
}
