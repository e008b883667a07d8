//go:build !minimal && !no_edgeone && !no_tencentcloud

package provider

import (
	"context"
	"strconv"
	"strings"
)

// edgeoneInfo is the DNS of Tencent Cloud EdgeOne, for sites whose name servers are EdgeOne's. Its libdns
// module wants a newer Go than the oldest OpenWrt with a feed of ours has; hence our own.
var edgeoneInfo = Info{
	Name:    "edgeone",
	Title:   "Tencent Cloud EdgeOne",
	Website: "https://edgeone.ai/",
	Docs:    "https://www.tencentcloud.com/document/product/1145/50479",
	Options: []Option{
		{
			Name: "api_key", Title: "SecretId", Kind: Text, Required: true,
			Help: "Of a sub-account that may manage EdgeOne (QcloudTEOFullAccess).",
			Link: "https://console.tencentcloud.com/cam/capi",
		},
		{
			Name: "secret_key", Title: "SecretKey", Kind: Text, Secret: true, Required: true,
			Help: "Shown once, together with the SecretId.",
			Link: "https://console.tencentcloud.com/cam/capi",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		e := &edgeone{tencentcloud{title: "EdgeOne", policy: "QcloudTEOFullAccess", rest: rest{
			base: "https://teo.tencentcloudapi.com/",
			sign: tencentcloudSigner(s.Get("api_key"), s.Get("secret_key"), "teo", "2022-09-01"),
		}}}
		return newOwn("EdgeOne", s, e, module{})
	},
}

var _ = add(&edgeoneInfo)

// edgeone speaks as DNSPod does.
type edgeone struct{ tencentcloud }

// edgeoneRecord has its full name. Location is a view; Weight is -1 where there is none.
type edgeoneRecord struct {
	RecordID string `json:"RecordId,omitempty"`
	Name     string
	Type     string
	Content  string
	Location string `json:",omitempty"`
	TTL      int
	Weight   *int   `json:",omitempty"`
	Status   string `json:",omitempty"`
}

// edgeoneLine is its name of the view for everybody.
const edgeoneLine = "Default"

// edgeonePages of these sizes are asked for at the most.
const (
	edgeonePages   = 20
	edgeoneZones   = 100
	edgeoneRecords = 1000
)

// all are the sites of the account: their numbers by their names.
func (e *edgeone) all(ctx context.Context) (map[string]string, error) {
	sites := map[string]string{}
	for page := range edgeonePages {
		var held struct {
			Zones      []struct{ ZoneID, ZoneName, Type string }
			TotalCount int
		}
		if err := e.call(ctx, "DescribeZones", map[string]any{"Offset": page * edgeoneZones, "Limit": edgeoneZones}, &held); err != nil {
			return nil, err
		}
		for _, z := range held.Zones {
			if z.Type == "full" {
				sites[z.ZoneName] = z.ZoneID
			}
		}
		if (page+1)*edgeoneZones >= held.TotalCount {
			break
		}
	}
	return sites, nil
}

func (e *edgeone) zones(ctx context.Context) (names []string, err error) {
	sites, err := e.all(ctx)
	for name := range sites {
		names = append(names, name)
	}
	return names, err
}

func (e *edgeone) id(ctx context.Context, zone string) (string, error) {
	sites, err := e.all(ctx)
	if err == nil && sites[zone] == "" {
		err = noZone(zone)
	}
	return sites[zone], err
}

func (e *edgeone) list(ctx context.Context, zone string) ([]entry, error) {
	return e.some(ctx, zone, nil)
}

// listSet is of one view.
func (e *edgeone) listSet(ctx context.Context, zone, name, rrtype string) ([]entry, error) {
	filter := func(field, value string) map[string]any {
		return map[string]any{"Name": field, "Values": []string{value}}
	}
	list, err := e.some(ctx, zone, []map[string]any{filter("name", absolute(name, zone)), filter("type", rrtype)})
	if err != nil {
		return nil, err
	}
	return setOfLine(list, "EdgeOne", zone, name, rrtype, edgeoneLine)
}

// some leaves out what is paused: nobody is told it.
func (e *edgeone) some(ctx context.Context, zone string, filters []map[string]any) (list []entry, err error) {
	id, err := e.id(ctx, zone)
	if err != nil {
		return nil, err
	}
	for page := range edgeonePages {
		var held struct {
			DNSRecords []edgeoneRecord
			TotalCount int
		}
		params := map[string]any{"ZoneId": id, "Offset": page * edgeoneRecords, "Limit": edgeoneRecords}
		if filters != nil {
			params["Filters"], params["Match"] = filters, "all"
		}
		if err := e.call(ctx, "DescribeDnsRecords", params, &held); err != nil {
			return nil, err
		}
		for _, r := range held.DNSRecords {
			if isAddress(r.Type) && r.Status != "disable" {
				list = append(list, entry{r.id(), inZone(r.Name, zone), r.Type, r.Content, r.TTL, r.Location})
			}
		}
		if (page+1)*edgeoneRecords >= held.TotalCount {
			return list, nil
		}
	}
	return nil, errTooMany
}

// id is the record's, with the weight that an update has to send back.
func (r edgeoneRecord) id() string {
	if r.Weight == nil {
		return r.RecordID
	}
	return r.RecordID + " " + strconv.Itoa(*r.Weight)
}

func (e *edgeone) record(zone string, x entry) edgeoneRecord {
	id, weight, _ := strings.Cut(x.id, " ")
	r := edgeoneRecord{RecordID: id, Name: absolute(x.name, zone), Type: x.rrtype, Content: x.data, TTL: x.ttl, Location: x.line}
	if n, err := strconv.Atoi(weight); err == nil {
		r.Weight = &n
	}
	return r
}

// create adds to the view of the others.
func (e *edgeone) create(ctx context.Context, zone string, x entry) error {
	id, err := e.id(ctx, zone)
	if err != nil {
		return err
	}
	set, err := e.listSet(ctx, zone, x.name, x.rrtype)
	if err != nil {
		return err
	}
	r := e.record(zone, x)
	return e.call(ctx, "CreateDnsRecord", map[string]any{"ZoneId": id, "Name": r.Name, "Type": r.Type, "Content": r.Content, "TTL": r.TTL,
		"Location": lineOf(set, edgeoneLine)}, new(struct{}))
}

func (e *edgeone) update(ctx context.Context, zone string, x entry) error {
	id, err := e.id(ctx, zone)
	if err != nil {
		return err
	}
	return e.call(ctx, "ModifyDnsRecords", map[string]any{"ZoneId": id, "DnsRecords": []edgeoneRecord{e.record(zone, x)}}, new(struct{}))
}

func (e *edgeone) remove(ctx context.Context, zone string, x entry) error {
	id, err := e.id(ctx, zone)
	if err != nil {
		return err
	}
	return e.call(ctx, "DeleteDnsRecords", map[string]any{"ZoneId": id, "RecordIds": []string{e.record(zone, x).RecordID}}, new(struct{}))
}
