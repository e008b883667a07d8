package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/libdns/cloudflare"
	"github.com/libdns/libdns"
)

// cloudflareInfo is Cloudflare, by https://developers.cloudflare.com/api/resources/dns/ and, for the
// options of a record, .../dns/proxy-status/ and .../dns/manage-dns-records/reference/ (ttl,
// record-attributes).
var cloudflareInfo = Info{
	Name:    "cloudflare",
	Title:   "Cloudflare",
	Website: "https://dash.cloudflare.com/",
	Docs:    "https://developers.cloudflare.com/api/resources/dns/subresources/records/",
	Options: []Option{
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true, Check: checkCloudflareToken,
			Help: "My Profile → API Tokens → Create Token → template “Edit zone DNS”. " +
				"It needs Zone.DNS Edit and Zone.Zone Read for the zone. Not the Global API Key.",
			Link: "https://dash.cloudflare.com/profile/api-tokens",
		},
		{
			Name: "zone", Title: "Zone", Kind: Text, Check: checkCloudflareZone,
			Help: "Leave it empty: wandns finds the zone by itself. Needed only together with the zone ID.",
		},
		{
			Name: "zone_id", Title: "Zone ID", Kind: Text, Check: checkCloudflareID,
			Help: "Needed only for a token without Zone.Zone Read: 32 digits on the zone's overview page, under API.",
			Link: "https://developers.cloudflare.com/fundamentals/account/find-account-and-zone-ids/",
		},
	},
	RecordOptions: []Option{
		{
			Name: "proxied", Title: "Proxied", Kind: Bool,
			Help: "With 1, visitors get Cloudflare's addresses and come through its proxy (orange cloud); with 0, they get the router's. Without it the name stays as it is at Cloudflare, and a new one is not proxied.",
		},
		{
			Name: "ttl", Title: "TTL", Kind: Duration, Min: "1s", Max: "1d",
			Help: "How long resolvers may keep the address: from 60s (30s in Enterprise zones), or 1s for automatic. Without it the name keeps the TTL that it has, and a new one gets the automatic one. A proxied name always has that.",
		},
		{
			Name: "comment", Title: "Comment", Kind: Text, Check: checkCloudflareComment,
			Help: "Note beside the record at Cloudflare: up to 100 characters, 500 on paid plans. Without it the note there stays as it is.",
		},
	},
	Limits:      Limits{CanDelete: true, CanTest: true},
	CheckExtras: checkCloudflareExtras,
	New:         newCloudflare,
}

func checkCloudflareComment(comment string) error {
	if utf8.RuneCountInString(comment) > 500 {
		return errors.New("a comment has at the most 500 characters, and 100 on the free plan")
	}
	return nil
}

func checkCloudflareToken(token string) error {
	for i := range len(token) {
		if c := token[i]; c <= ' ' || c > '~' {
			return errors.New("an API token has no spaces and only ASCII characters")
		}
	}
	if len(token) == 37 && strings.Trim(token, "0123456789abcdef") == "" {
		return errors.New("this looks like the Global API Key; make an API token instead")
	}
	return nil
}

func checkCloudflareZone(zone string) error {
	for i := range len(zone) {
		if zone[i] > '~' {
			return errors.New("a zone in another script is written in its xn-- form, as the service has it")
		}
	}
	if zone != "" && (!strings.Contains(strings.Trim(zone, "."), ".") || strings.ContainsAny(zone, "/ @:")) {
		return errors.New("a zone is a domain like example.org")
	}
	return nil
}

func checkCloudflareID(id string) error {
	if id != "" && !hexID(id) {
		return errors.New("a zone ID has 32 digits from 0 to 9 and a to f")
	}
	return nil
}

// hexID says whether id looks like Cloudflare's identifiers, and so is safe in a path.
func hexID(id string) bool {
	return len(id) == 32 && strings.Trim(id, "0123456789abcdef") == ""
}

// cloudflareDriver asks Cloudflare. The plain case of SetRecords, one address, is libdns'
// driver; what it cannot do (sets of several addresses, reading without its panic, errors that
// keep their code) is done here with the same client.
type cloudflareDriver struct {
	token  string
	client *http.Client
	zone   string // by option; empty: any
	zoneID string // by option; empty: asked for

	mu   sync.Mutex
	ids  map[string]string // zone → ID
	last listing
}

func newCloudflare(s Settings) (Driver, error) {
	d := &cloudflareDriver{
		token: s.Get("token"), client: new(http.Client), ids: map[string]string{},
		zone: strings.ToLower(strings.Trim(s.Get("zone"), ".")), zoneID: s.Get("zone_id"),
	}
	if d.token == "" {
		return nil, errors.New("option token is missing")
	}
	for _, check := range []struct {
		option string
		err    error
	}{
		{"token", checkCloudflareToken(d.token)},
		{"zone", checkCloudflareZone(d.zone)},
		{"zone_id", checkCloudflareID(d.zoneID)},
	} {
		if check.err != nil {
			return nil, fmt.Errorf("option %s: %w", check.option, check.err)
		}
	}
	if d.zoneID != "" && d.zone == "" {
		return nil, errors.New("option zone is missing: the zone ID needs the zone's name beside it")
	}
	return d, nil
}

// FindZone asks for the hostname itself, then for each parent with at least two labels. With
// the option zone it asks for that alone, with zone_id for nothing.
func (d *cloudflareDriver) FindZone(ctx context.Context, hostname string) (string, error) {
	if d.zone != "" {
		if !under(hostname, d.zone) {
			return "", refuseRequest(hostname, "%s is not in the zone %s of the account's option zone", hostname, d.zone)
		}
		_, err := d.id(ctx, d.zone)
		return d.zone, err
	}
	for name := hostname; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		id, err := d.lookup(ctx, name)
		if err != nil {
			return "", err
		}
		if id != "" {
			return name, nil
		}
	}
	return "", refuseRequest(hostname, "no zone of this Cloudflare token holds %s: "+
		"the token needs Zone.Zone Read and Zone.DNS Edit for its zone", hostname)
}

func refuseRequest(hostname, format string, args ...any) error {
	return &Refusal{Hostname: hostname, Result: Result{Outcome: RefusedRequest, Text: fmt.Sprintf(format, args...)}}
}

// lookup is the ID of a zone, as remembered or as Cloudflare says; empty when there is none.
func (d *cloudflareDriver) lookup(ctx context.Context, zone string) (string, error) {
	d.mu.Lock()
	id := d.ids[zone]
	d.mu.Unlock()
	if id != "" {
		return id, nil
	}
	var zones []struct{ ID, Name string }
	if err := d.call(ctx, http.MethodGet, "/zones?"+url.Values{"name": {zone}}.Encode(), nil, &zones); err != nil {
		return "", err
	}
	for _, z := range zones {
		if strings.EqualFold(strings.TrimSuffix(z.Name, "."), zone) && hexID(z.ID) {
			d.mu.Lock()
			d.ids[zone] = z.ID
			d.mu.Unlock()
			return z.ID, nil
		}
	}
	return "", nil
}

// id is the ID of a zone that must be there.
func (d *cloudflareDriver) id(ctx context.Context, zone string) (string, error) {
	if d.zoneID != "" {
		return d.zoneID, nil
	}
	id, err := d.lookup(ctx, zone)
	if err == nil && id == "" {
		err = refuseRequest("", "Cloudflare shows no zone %s to this token: it needs Zone.Zone Read for it", zone)
	}
	return id, err
}

// dropID forgets a zone's ID, after Cloudflare did not know it.
func (d *cloudflareDriver) dropID(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for zone, known := range d.ids {
		if known == id {
			delete(d.ids, zone)
		}
	}
}

// ReadSet returns what the record set holds.
func (d *cloudflareDriver) ReadSet(ctx context.Context, zone, name, rrtype string) ([]netip.Addr, error) {
	id, err := d.id(ctx, zone)
	if err != nil {
		return nil, err
	}
	hostname := absolute(name, zone)
	records, err := d.list(ctx, id, hostname, rrtype)
	if err != nil {
		return nil, err
	}
	d.keep(listing{id, hostname, rrtype, records, time.Now()})
	var addrs []netip.Addr
	for _, r := range records {
		a, err := netip.ParseAddr(r.Content)
		if err != nil {
			return nil, fmt.Errorf("the %s record of %s at Cloudflare holds %q, which is no address", rrtype, hostname, r.Content)
		}
		addrs = append(addrs, a)
	}
	return addrs, nil
}

// listing is a record set as it was read a moment ago. Who publishes reads first, to leave alone
// what is not ours; the write that follows need not ask the same again.
type listing struct {
	id, hostname, rrtype string
	records              []cloudflareRecord
	at                   time.Time
}

// freshTime is how long a listing may serve the write that follows it.
const freshTime = 5 * time.Second

func (d *cloudflareDriver) keep(l listing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = l
}

// take is the last listing, if it is of this record set and of just now. It serves once.
func (d *cloudflareDriver) take(id, hostname, rrtype string) ([]cloudflareRecord, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.last
	d.last = listing{}
	return l.records, l.id == id && l.hostname == hostname && l.rrtype == rrtype && time.Since(l.at) < freshTime
}

// TestLogin asks whether the token is valid and shows a zone. Tokens that belong to an account
// and not to a user cannot be verified by themselves; that they show a zone is proof enough.
func (d *cloudflareDriver) TestLogin(ctx context.Context) error {
	var token struct{ Status string }
	verdict := d.call(ctx, http.MethodGet, "/user/tokens/verify", nil, &token)
	if verdict == nil && token.Status != "active" {
		return &Refusal{Result: Result{Outcome: RefusedCredentials, Whole: true, Word: cut(token.Status, maxWord),
			Text: "Cloudflare says that the token is " + token.Status + ": make a new one"}}
	}
	var refusal *Refusal
	if verdict != nil && !errors.As(verdict, &refusal) {
		return verdict
	}
	if d.zoneID != "" {
		_, err := d.list(ctx, d.zoneID, d.zone, "A")
		return err
	}
	query := url.Values{"per_page": {"5"}}
	if d.zone != "" {
		query.Set("name", d.zone)
	}
	var zones []struct{ ID string }
	switch err := d.call(ctx, http.MethodGet, "/zones?"+query.Encode(), nil, &zones); {
	case err != nil && verdict != nil:
		return verdict
	case err != nil:
		return err
	case len(zones) == 0:
		return &Refusal{Result: Result{Outcome: RefusedCredentials, Whole: true,
			Text: "Cloudflare takes the token but shows it no zone: it needs Zone.Zone Read and Zone.DNS Edit"}}
	}
	return nil
}

// SetRecords makes each (name, type) among the records hold just their addresses. One address
// in a set that has one or none, and nothing beside it, goes by libdns' driver; the rest is replace's.
func (d *cloudflareDriver) SetRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	id, err := d.id(ctx, zone)
	if err != nil {
		return nil, err
	}
	type set struct{ name, rrtype string }
	var order []set
	wanted := map[set][]netip.Addr{}
	extras := map[set]Extras{}
	for _, r := range recs {
		a, ok := r.(libdns.Address)
		if !ok {
			return nil, errors.New("only addresses can be published at Cloudflare")
		}
		s := set{a.Name, a.RR().Type}
		if wanted[s] == nil {
			order = append(order, s)
		}
		wanted[s], extras[s] = append(wanted[s], a.IP), extrasOf(a)
	}
	for _, s := range order {
		target := cloudflareSet{id, absolute(s.name, zone), s.rrtype, extras[s]}
		if err := d.set(ctx, zone, s.name, target, cleanAddrs(wanted[s], s.rrtype)); err != nil {
			return nil, err
		}
	}
	return recs, nil
}

// set makes one record set hold these addresses.
func (d *cloudflareDriver) set(ctx context.Context, zone, name string, s cloudflareSet, addrs []netip.Addr) error {
	existing, fresh := d.take(s.id, s.hostname, s.rrtype)
	var err error
	if !fresh {
		existing, err = d.list(ctx, s.id, s.hostname, s.rrtype)
	}
	if err != nil {
		return err
	}
	wrote := true
	if len(addrs) > 1 || len(existing) > 1 || s.extras != (Extras{}) {
		wrote, err = d.replace(ctx, s, existing, addrs)
	} else {
		door := &cloudflareDoor{driver: d, zone: zone, id: s.id, records: existing}
		lib := cloudflare.Provider{APIToken: d.token, HTTPClient: door}
		_, err = lib.SetRecords(ctx, zone, []libdns.Record{libdns.Address{Name: name, IP: addrs[0]}})
	}
	switch {
	case err == nil && (wrote || !fresh): // what is old and was not written, only a new look can confirm
		return nil
	case err != nil && !already(err):
		return err
	}
	return d.verify(ctx, s.id, s.hostname, s.rrtype, addrs)
}

// DeleteRecords deletes whole record sets: what the records hold is not looked at.
func (d *cloudflareDriver) DeleteRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	id, err := d.id(ctx, zone)
	if err != nil {
		return nil, err
	}
	d.keep(listing{}) // what was read before is no more
	for _, r := range recs {
		rr := r.RR()
		hostname := absolute(rr.Name, zone)
		existing, err := d.list(ctx, id, hostname, rr.Type)
		for _, e := range existing {
			if err = d.remove(ctx, id, e); err != nil && !already(err) {
				break
			}
		}
		if already(err) {
			err = d.verify(ctx, id, hostname, rr.Type, nil)
		}
		if err != nil {
			return nil, err
		}
	}
	return recs, nil
}
