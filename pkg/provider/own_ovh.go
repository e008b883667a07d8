//go:build !minimal && !no_ovh

package provider

import (
	"context"
	"crypto/sha1" // what the service signs with
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ovhInfo is the DNS of OVHcloud, for the records of a zone; ovh-dynhost is for DynHost names. Its
// libdns module links a client with a configuration file of its own; hence our own. The addresses are
// those that OVHcloud's own clients moved to in 2026, https://github.com/ovh/go-ovh.
var ovhInfo = Info{
	Name:    "ovh",
	Title:   "OVHcloud",
	Website: "https://www.ovhcloud.com/",
	Docs:    "https://docs.ovh.com/gb/en/customer/first-steps-with-ovh-api/",
	Options: []Option{
		{
			Name: "application_key", Title: "Application key", Kind: Text, Required: true,
			Help: "Made together with the two below, with the rights GET, POST, PUT and DELETE on /domain/zone* and no end.",
			Link: "https://auth.eu.ovhcloud.com/api/createToken/",
		},
		{
			Name: "application_secret", Title: "Application secret", Kind: Text, Secret: true, Required: true,
			Help: "Shown once, when the key is made.",
		},
		{
			Name: "consumer_key", Title: "Consumer key", Kind: Text, Secret: true, Required: true,
			Help: "Shown once, when the key is made.",
		},
		{
			Name: "region", Title: "Region", Kind: Choice, Values: []string{"eu", "ca", "us"}, Default: "eu",
			Help: "Where the account is: keys of one region are not known to another.",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		region := s.Get("region")
		if region == "" {
			region = "eu"
		}
		o := &ovh{fresh: map[string]bool{}}
		o.rest = rest{base: "https://api." + region + ".ovhcloud.com/1.0/domain/zone", sign: ovhSigner(s.Get("application_key"), s.Get("application_secret"), s.Get("consumer_key"))}
		return newOwn("OVHcloud", s, o, module{blank: true, words: []phrase{
			{"QUERY_TIME_OUT", Trouble, clockAdvice},
			{"NVALID_SIGNATURE", RefusedCredentials, "the application secret does not fit the keys"},
			{"nvalid signature", RefusedCredentials, "the application secret does not fit the keys"},
		}})
	},
}

var _ = add(&ovhInfo)

// ovh changes a draft of a zone, which becomes the zone when it is told to refresh.
type ovh struct {
	rest
	mu    sync.Mutex
	fresh map[string]bool // zones that hold no change of ours which is a draft only
}

// ovhSigner signs the whole address, the body and the time.
func ovhSigner(key, secret, consumer string) func(*http.Request, []byte) {
	return func(r *http.Request, body []byte) {
		now := strconv.FormatInt(time.Now().Unix(), 10)
		sum := sha1.Sum([]byte(strings.Join([]string{secret, consumer, r.Method, r.URL.String(), string(body), now}, "+")))
		r.Header.Set("X-Ovh-Application", key)
		r.Header.Set("X-Ovh-Consumer", consumer)
		r.Header.Set("X-Ovh-Timestamp", now)
		r.Header.Set("X-Ovh-Signature", "$1$"+hex.EncodeToString(sum[:]))
	}
}

// ovhRecord has its name relative to the zone, empty for the apex.
type ovhRecord struct {
	ID     int64  `json:"id,omitempty"`
	Type   string `json:"fieldType,omitempty"`
	Name   string `json:"subDomain"`
	Target string `json:"target"`
	TTL    int    `json:"ttl"`
}

func (o *ovh) zones(ctx context.Context) (names []string, err error) {
	err = o.do(ctx, http.MethodGet, "", nil, &names)
	return names, err
}

func (o *ovh) list(ctx context.Context, zone string) ([]entry, error) {
	var all []entry
	for _, rrtype := range []string{"A", "AAAA"} {
		list, err := o.read(ctx, zone, "?fieldType="+rrtype)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// listSet first publishes what an earlier run may have left as a draft: the list shows that as if it
// were published.
func (o *ovh) listSet(ctx context.Context, zone, name, rrtype string) ([]entry, error) {
	o.mu.Lock()
	fresh := o.fresh[zone]
	o.mu.Unlock()
	if !fresh {
		if err := o.refresh(ctx, zone); err != nil {
			return nil, err
		}
	}
	return o.read(ctx, zone, "?fieldType="+rrtype+"&subDomain="+url.QueryEscape(apexless(name)))
}

// read asks for the numbers of records, then for one after the other: there is no other way.
func (o *ovh) read(ctx context.Context, zone, query string) ([]entry, error) {
	var ids []int64
	if err := o.do(ctx, http.MethodGet, "/"+zone+"/record"+query, nil, &ids); err != nil {
		return nil, err
	}
	var list []entry
	for _, id := range ids {
		var r ovhRecord
		number := strconv.FormatInt(id, 10)
		if err := o.do(ctx, http.MethodGet, "/"+zone+"/record/"+number, nil, &r); err != nil {
			return nil, err
		}
		if r.Name == "" {
			r.Name = "@"
		}
		list = append(list, entry{number, r.Name, r.Type, r.Target, r.TTL, ""})
	}
	return list, nil
}

func (o *ovh) create(ctx context.Context, zone string, e entry) error {
	return o.change(ctx, http.MethodPost, zone, "", &ovhRecord{Type: e.rrtype, Name: apexless(e.name), Target: e.data, TTL: e.ttl})
}

func (o *ovh) update(ctx context.Context, zone string, e entry) error {
	return o.change(ctx, http.MethodPut, zone, "/"+e.id, &ovhRecord{Name: apexless(e.name), Target: e.data, TTL: e.ttl})
}

func (o *ovh) remove(ctx context.Context, zone string, e entry) error {
	return o.change(ctx, http.MethodDelete, zone, "/"+e.id, nil)
}

// change changes the draft and publishes it. Between the two it is not fresh.
func (o *ovh) change(ctx context.Context, method, zone, path string, r *ovhRecord) error {
	o.mu.Lock()
	delete(o.fresh, zone)
	o.mu.Unlock()
	var body any
	if r != nil {
		body = r
	}
	if err := o.do(ctx, method, "/"+zone+"/record"+path, body, new(any)); err != nil {
		return err
	}
	return o.refresh(ctx, zone)
}

func (o *ovh) refresh(ctx context.Context, zone string) error {
	if err := o.do(ctx, http.MethodPost, "/"+zone+"/refresh", nil, new(any)); err != nil {
		return err
	}
	o.mu.Lock()
	o.fresh[zone] = true
	o.mu.Unlock()
	return nil
}
