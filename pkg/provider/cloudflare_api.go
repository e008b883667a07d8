package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const cloudflareBase = "https://api.cloudflare.com/client/v4"

// Bounds of listing one record set: no name of a router has more.
const (
	cloudflarePage  = 100
	cloudflarePages = 3
)

// cloudflareRecord is a record as far as wandns looks at it.
type cloudflareRecord struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Content string `json:"content"`
	Proxied bool   `json:"proxied"`
	TTL     int    `json:"ttl"`
	Comment string `json:"comment"` // null for none
}

// cloudflareAnswer is the envelope of every answer. The pointer tells an answer of another kind
// from a refusal.
type cloudflareAnswer struct {
	Success *bool             `json:"success"`
	Errors  []cloudflareError `json:"errors"`
	Result  json.RawMessage   `json:"result"`
}

type cloudflareError struct {
	Code    int               `json:"code"`
	Message string            `json:"message"`
	Chain   []cloudflareError `json:"error_chain"`
}

// cloudflareCodes are the error codes by which an outcome is decided; any other code counts as
// its HTTP status does. Cloudflare's reference lists codes with each call; these are the ones
// that its DNS and token calls answer with.
var cloudflareCodes = []struct {
	code    int
	outcome Outcome
	advice  string
}{
	{10000, RefusedCredentials, "the token may not do this: it needs Zone.Zone Read and Zone.DNS Edit for this zone"},
	{9109, RefusedCredentials, "the token is not valid, or may not do this: it needs Zone.Zone Read and Zone.DNS Edit for this zone"},
	{9103, RefusedCredentials, "the token is not accepted: make an API token, not a key"},
	{9106, RefusedCredentials, "the token is missing"},
	{6003, RefusedCredentials, "the token is not of the form that Cloudflare gives: copy it again"},
	{6111, RefusedCredentials, "the token is not of the form that Cloudflare gives: copy it again"},
	{10001, RefusedCredentials, "the token is not accepted"},
	{971, SlowDown, "too many requests"},
	{10429, SlowDown, "too many requests"},
	{81057, Confirmed, "the record was there already"},
	{81058, Confirmed, "the record was there already"},
	{81044, Trouble, "the record went away meanwhile"},
	{81053, RefusedRequest, "another record, perhaps a CNAME, stands in the way: delete it at Cloudflare"},
	{81054, RefusedRequest, "a CNAME record stands in the way: delete it at Cloudflare"},
}

// judge is the refusal for an answer that is no success; nil where the HTTP status says all.
func (a *cloudflareAnswer) judge(status int, path string) *Refusal {
	var first *cloudflareError
	for i := range a.Errors {
		e := &a.Errors[i]
		if first == nil {
			first = e
		}
		for _, known := range cloudflareCodes {
			if known.code == e.Code && status < 500 {
				return e.refusal(known.outcome, known.advice, path)
			}
		}
	}
	switch {
	case status == http.StatusUnauthorized:
		return first.refusal(RefusedCredentials, "the token is not valid: check or renew it", path)
	case status == http.StatusForbidden:
		return first.refusal(RefusedCredentials, "the token may not do this", path)
	case status == http.StatusTooManyRequests:
		return first.refusal(SlowDown, "too many requests", path)
	case status < 500 && status != http.StatusRequestTimeout:
		return first.refusal(RefusedRequest, "it does not accept the request", path)
	}
	return nil
}

// refusal puts Cloudflare's own words behind the advice.
func (e *cloudflareError) refusal(outcome Outcome, advice, path string) *Refusal {
	res := Result{Outcome: outcome, Unchanged: outcome == Confirmed, Text: "Cloudflare: " + advice}
	// What it says about the list of zones or the token itself is about the account.
	res.Whole = outcome == SlowDown || outcome == RefusedCredentials && !strings.Contains(path, "/dns_records")
	if e == nil {
		return &Refusal{Result: res}
	}
	deep := e
	for len(deep.Chain) > 0 && deep.Chain[0].Message != "" {
		deep = &deep.Chain[0]
	}
	if e.Code == 9109 && strings.Contains(e.Message, "location") {
		res.Text = "Cloudflare: the token is limited to certain client addresses, which a changing address cannot keep: " +
			"take that limit out of the token"
	}
	res.Word = "error " + strconv.Itoa(e.Code)
	res.Text += " (" + cut(deep.Message, 120) + ", " + res.Word + ")"
	return &Refusal{Result: res}
}

// do sends a request and lets only a success through, with its body read. A refusal of
// Cloudflare is a *Refusal; an answer that is not Cloudflare's JSON is an error that leaves the
// judgement to the HTTP status.
func (d *cloudflareDriver) do(req *http.Request) (*http.Response, error) {
	resp, err := d.client.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body) // egress bounds it
	resp.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("reading Cloudflare's answer: %w", err)
	}
	var answer cloudflareAnswer
	if json.Unmarshal(body, &answer) != nil || answer.Success == nil {
		return nil, fmt.Errorf("the answer with HTTP status %d is not Cloudflare's", resp.StatusCode)
	}
	if !*answer.Success || resp.StatusCode > 299 {
		id := zoneOf(req.URL.Path)
		if resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusBadRequest {
			d.dropID(id)
		}
		if r := answer.judge(resp.StatusCode, req.URL.Path); r != nil {
			return nil, r
		}
		return nil, fmt.Errorf("HTTP status %d", resp.StatusCode)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// zoneOf is the zone ID in the path of a request, or empty.
func zoneOf(path string) string {
	_, rest, _ := strings.Cut(path, "/zones/")
	id, _, _ := strings.Cut(rest, "/")
	return id
}

// call is one request of ours. body, when not nil, goes as JSON; the result of the answer is
// decoded into result.
func (d *cloudflareDriver) call(ctx context.Context, method, path string, body, result any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, cloudflareBase+path, sent)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+d.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := d.do(req)
	if err != nil {
		return err
	}
	var answer cloudflareAnswer
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		return errors.New("the result in Cloudflare's answer is not what its reference says")
	}
	return nil
}

// list is the record set of a hostname and type. What does not belong to it is left out,
// whatever Cloudflare filtered by.
func (d *cloudflareDriver) list(ctx context.Context, id, hostname, rrtype string) ([]cloudflareRecord, error) {
	var out []cloudflareRecord
	for page := 1; page <= cloudflarePages; page++ {
		query := url.Values{"name.exact": {hostname}, "type": {rrtype}, "per_page": {strconv.Itoa(cloudflarePage)}, "page": {strconv.Itoa(page)}}
		var records []cloudflareRecord
		if err := d.call(ctx, http.MethodGet, "/zones/"+id+"/dns_records?"+query.Encode(), nil, &records); err != nil {
			return nil, err
		}
		for _, r := range records {
			if strings.EqualFold(r.Name, hostname) && r.Type == rrtype && hexID(r.ID) {
				out = append(out, r)
			}
		}
		if len(records) < cloudflarePage {
			return out, nil
		}
	}
	return nil, refuseRequest(hostname, "%s has more than %d records of type %s at Cloudflare", hostname, cloudflarePage*cloudflarePages, rrtype)
}

// cloudflareSet is a record set to write, in a zone by its ID, and what its records are to say
// beside the addresses.
type cloudflareSet struct {
	id, hostname, rrtype string
	extras               Extras
}

// replace makes a record set hold just these addresses, with these extras. Records that hold
// one already keep it; others are changed in place, which keeps proxied, comment, tags
// and TTL as far as the extras do not say otherwise; then what is missing is created, like its
// siblings; what is too much goes last. So the name holds an address at every moment. Where
// Cloudflare says that something was so already, the rest is done and that is the error.
func (d *cloudflareDriver) replace(ctx context.Context, set cloudflareSet, existing []cloudflareRecord, addrs []netip.Addr) (wrote bool, err error) {
	missing, kept, stale := difference(existing, addrs)
	var was error
	did := func(err error) error {
		wrote = true
		if already(err) {
			was, err = err, nil
		}
		return err
	}
	for _, r := range kept {
		if fields := set.extras.changes(r); fields != (cloudflareFields{}) {
			if err := did(d.change(ctx, set.id, r, fields)); err != nil {
				return wrote, err
			}
		}
	}
	for _, a := range missing {
		var err error
		if len(stale) == 0 {
			err = d.create(ctx, set, a, existing)
		} else {
			fields := set.extras.changes(stale[0])
			fields.Content = a.String()
			if err = d.change(ctx, set.id, stale[0], fields); err == nil {
				stale = stale[1:] // else another record holds that address by now, and this one is too much
			}
		}
		if err := did(err); err != nil {
			return wrote, err
		}
	}
	for _, r := range stale {
		if err := did(d.remove(ctx, set.id, r)); err != nil {
			return wrote, err
		}
	}
	return wrote, was
}

// difference is what the records lack of addrs, which of them hold one, and which hold something
// else (or the same as an earlier one).
func difference(records []cloudflareRecord, addrs []netip.Addr) (missing []netip.Addr, kept, stale []cloudflareRecord) {
	held := map[netip.Addr]bool{}
	for _, r := range records {
		a, err := netip.ParseAddr(r.Content)
		if err != nil || held[a] || !slices.Contains(addrs, a) {
			stale = append(stale, r)
			continue
		}
		held[a] = true
		kept = append(kept, r)
	}
	for _, a := range addrs {
		if !held[a] {
			missing = append(missing, a)
		}
	}
	return missing, kept, stale
}

// change sets fields of a record; the others stay.
func (d *cloudflareDriver) change(ctx context.Context, id string, r cloudflareRecord, fields cloudflareFields) error {
	return d.call(ctx, http.MethodPatch, "/zones/"+id+"/dns_records/"+r.ID, fields, nil)
}

func (d *cloudflareDriver) create(ctx context.Context, set cloudflareSet, a netip.Addr, siblings []cloudflareRecord) error {
	r := cloudflareRecord{TTL: 1} // automatic
	if len(siblings) > 0 {
		r = siblings[0]
	}
	body := set.extras.changes(r)
	body.Type, body.Name, body.Content = set.rrtype, set.hostname, a.String()
	if body.Proxied == nil {
		body.Proxied = &r.Proxied
	}
	if *body.Proxied {
		body.TTL = 1
	} else if body.TTL == 0 {
		body.TTL = max(r.TTL, 1)
	}
	body.Comment = set.extras.Comment
	return d.call(ctx, http.MethodPost, "/zones/"+set.id+"/dns_records", body, nil)
}

func (d *cloudflareDriver) remove(ctx context.Context, id string, r cloudflareRecord) error {
	err := d.call(ctx, http.MethodDelete, "/zones/"+id+"/dns_records/"+r.ID, nil, nil)
	var refusal *Refusal
	if errors.As(err, &refusal) && refusal.Result.Word == recordGone {
		refusal.Result.Outcome = Confirmed
	}
	return err
}

// recordGone is Cloudflare's word for a record that does not exist.
const recordGone = "error 81044"

// already says whether an error is Cloudflare's word that all was as asked.
func already(err error) bool {
	var refusal *Refusal
	return errors.As(err, &refusal) && refusal.Result.Outcome == Confirmed
}

// verify reads back what somebody else seems to have changed at the same moment.
func (d *cloudflareDriver) verify(ctx context.Context, id, hostname, rrtype string, addrs []netip.Addr) error {
	records, err := d.list(ctx, id, hostname, rrtype)
	if err != nil {
		return err
	}
	if missing, _, stale := difference(records, addrs); len(missing)+len(stale) > 0 {
		return fmt.Errorf("the %s records of %s are being changed by somebody else", rrtype, hostname)
	}
	return nil
}

// cloudflareDoor is the HTTP client that libdns' driver is given. What the driver asks before
// it writes (the zone's ID, the records) is known by then and answered here, so that each
// update costs one request less and nothing old is remembered; the write itself goes out.
type cloudflareDoor struct {
	driver  *cloudflareDriver
	zone    string
	id      string
	records []cloudflareRecord
}

// Do is the client's one method.
func (c *cloudflareDoor) Do(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return c.driver.do(req)
	}
	var result any = c.records
	if strings.HasSuffix(req.URL.Path, "/zones") {
		result = []map[string]string{{"id": c.id, "name": c.zone}}
	}
	body, err := json.Marshal(map[string]any{"success": true, "result": result})
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
}
