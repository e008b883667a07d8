//go:build !minimal && !no_huaweicloud

package provider

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/libdns/libdns"
)

// huaweicloudInfo is Huawei Cloud DNS, whose records are sets. Its libdns module reads the first
// page of a zone only and writes each address over the one before; hence our own.
var huaweicloudInfo = Info{
	Name:    "huaweicloud",
	Title:   "Huawei Cloud DNS",
	Website: "https://www.huaweicloud.com/intl/en-us/product/dns.html",
	Docs:    "https://support.huaweicloud.com/intl/en-us/api-dns/dns_api_64001.html",
	Options: []Option{
		{
			Name: "api_key", Title: "Access key (AK)", Kind: Text, Required: true,
			Help: "My credentials → Access keys, of a user that may manage DNS (DNS FullAccess).",
			Link: "https://console-intl.huaweicloud.com/iam/#/mine/accessKey",
		},
		{
			Name: "secret_key", Title: "Secret access key (SK)", Kind: Text, Secret: true, Required: true,
			Help: "In the file that is offered once, when the key is made.",
			Link: "https://console-intl.huaweicloud.com/iam/#/mine/accessKey",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		h := &huaweicloud{}
		h.rest = rest{base: "https://dns.myhuaweicloud.com/v2/zones", sign: huaweicloudSigner(s.Get("api_key"), s.Get("secret_key"))}
		return newLibdns("Huawei Cloud", s, module{lib: h, set: whole, words: []phrase{
			{"signature expired", Trouble, clockAdvice}, // https://support.huaweicloud.com/intl/en-us/usermanual-apig/apig-faq-0009.html
		}})
	},
}

var _ = add(&huaweicloudInfo)

type huaweicloud struct{ rest }

// huaweicloudSigner signs with SDK-HMAC-SHA256, for which a path ends with a slash.
func huaweicloudSigner(id, secret string) func(*http.Request, []byte) {
	signed := []string{"host", "x-sdk-date"}
	return func(r *http.Request, body []byte) {
		now := time.Now().UTC().Format("20060102T150405Z")
		r.Header.Set("x-sdk-date", now)
		text := "SDK-HMAC-SHA256\n" + now + "\n" + hexHash([]byte(canonical(r, r.URL.Path+"/", signed, body)))
		r.Header.Set("Authorization", "SDK-HMAC-SHA256 Access="+id+", SignedHeaders="+strings.Join(signed, ";")+
			", Signature="+signature([]byte(secret), text))
	}
}

type huaweicloudSet struct {
	ID      string   `json:"id,omitempty"`
	Name    string   `json:"name"` // full, with the dot at the end
	Type    string   `json:"type"`
	TTL     int      `json:"ttl"`
	Records []string `json:"records"`
	Status  string   `json:"status,omitempty"`
}

// find lists zones whose names hold a part.
func (h *huaweicloud) find(ctx context.Context, part string) (map[string]string, error) {
	var all struct {
		Zones []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"zones"`
	}
	err := h.do(ctx, http.MethodGet, "?limit=500&name="+url.QueryEscape(part)+"&type=public", nil, &all)
	ids := map[string]string{}
	for _, z := range all.Zones {
		ids[strings.TrimSuffix(z.Name, ".")] = z.ID
	}
	return ids, err
}

// ListZones lists the zones of the account.
func (h *huaweicloud) ListZones(ctx context.Context) (zones []libdns.Zone, err error) {
	ids, err := h.find(ctx, "")
	for name := range ids {
		zones = append(zones, libdns.Zone{Name: name})
	}
	return zones, err
}

// sets returns the path of a zone's record sets, and those of a name that are of addresses; all
// names where none is given.
func (h *huaweicloud) sets(ctx context.Context, zone, name string) (path string, list []huaweicloudSet, err error) {
	ids, err := h.find(ctx, zone)
	if err != nil {
		return "", nil, err
	}
	if ids[zone] == "" {
		return "", nil, noZone(zone)
	}
	path = "/" + ids[zone] + "/recordsets"
	query := "?limit=500"
	if name != "" {
		query += "&name=" + url.QueryEscape(absolute(name, zone)+".") + "&search_mode=equal"
	}
	var held struct {
		Sets []huaweicloudSet `json:"recordsets"`
	}
	if err := h.do(ctx, http.MethodGet, path+query, nil, &held); err != nil {
		return "", nil, err
	}
	for _, s := range held.Sets {
		if relative := inZone(s.Name, zone); isAddress(s.Type) && (name == "" || relative == name) {
			s.Name = relative
			list = append(list, s)
		}
	}
	return path, list, nil
}

// GetRecords returns the addresses of a zone.
func (h *huaweicloud) GetRecords(ctx context.Context, zone string) (records []libdns.Record, err error) {
	_, list, err := h.sets(ctx, zone, "")
	for _, s := range list {
		records = append(records, s.records()...)
	}
	return records, err
}

// getSet returns one record set. One that is disabled is told to nobody, and stays so when it is changed.
func (h *huaweicloud) getSet(ctx context.Context, zone, name, rrtype string) (records []libdns.Record, err error) {
	_, list, err := h.sets(ctx, zone, name)
	for _, s := range list {
		if s.Type != rrtype {
			continue
		}
		if full := absolute(name, zone); s.Status == "DISABLE" {
			return nil, refuseRequest(full, "the %s record of %s at Huawei Cloud is disabled: enable or delete it there", rrtype, full)
		}
		records = append(records, s.records()...)
	}
	return records, err
}

func (s huaweicloudSet) records() (records []libdns.Record) {
	for _, data := range s.Records {
		records = append(records, libdns.RR{Name: s.Name, Type: s.Type, Data: data, TTL: time.Duration(s.TTL) * time.Second})
	}
	return records
}

// SetRecords makes the set of one name and type hold just the records.
func (h *huaweicloud) SetRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	return recs, h.write(ctx, zone, recs, false)
}

// AppendRecords adds records to the set of one name and type.
func (h *huaweicloud) AppendRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	return recs, h.write(ctx, zone, recs, true)
}

func (h *huaweicloud) write(ctx context.Context, zone string, recs []libdns.Record, more bool) error {
	if len(recs) == 0 {
		return nil
	}
	first := entryOf(recs[0])
	path, list, err := h.sets(ctx, zone, first.name)
	if err != nil {
		return err
	}
	set := huaweicloudSet{Name: absolute(first.name, zone) + ".", Type: first.rrtype, TTL: first.ttl}
	method := http.MethodPost
	for _, s := range list {
		if s.Type == set.Type {
			method = http.MethodPut
			path += "/" + s.ID
			if more {
				set.Records = s.Records
			}
		}
	}
	for _, r := range recs {
		set.Records = append(set.Records, r.RR().Data)
	}
	return h.do(ctx, method, path, set, new(huaweicloudSet))
}

// DeleteRecords deletes the sets that the records are of.
func (h *huaweicloud) DeleteRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	for _, r := range recs {
		e := entryOf(r)
		path, list, err := h.sets(ctx, zone, e.name)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if s.Type != e.rrtype {
				continue
			}
			if err := h.do(ctx, http.MethodDelete, path+"/"+s.ID, nil, new(huaweicloudSet)); err != nil {
				return nil, err
			}
		}
	}
	return recs, nil
}
