package double

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Cloudflare is api.cloudflare.com as far as a dynamic DNS client needs it, by
// https://developers.cloudflare.com/api/resources/zones/methods/list/,
// https://developers.cloudflare.com/api/resources/dns/subresources/records/ (list, create,
// update, delete), https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
// and, for limits, https://developers.cloudflare.com/fundamentals/api/reference/limits/.
type Cloudflare struct {
	Common
	token string

	mu      sync.Mutex
	zones   []string
	records []*CloudflareRecord
	serial  int
	// account: the token belongs to an account, so that /user/tokens/verify does not know it.
	account bool
	// blind: the token may not list zones.
	blind bool
	gaps  []string
}

// CloudflareRecord is a DNS record as the API shows it.
type CloudflareRecord struct {
	ID      string   `json:"id"`
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Content string   `json:"content"`
	TTL     int      `json:"ttl"`
	Proxied bool     `json:"proxied"`
	Comment string   `json:"comment"`
	Tags    []string `json:"tags"`
	Version int      `json:"-"` // grows with each write
	zone    string
}

// NewCloudflare makes an account with zones, for one token.
func NewCloudflare(token string, zones ...string) *Cloudflare {
	return &Cloudflare{token: token, zones: zones}
}

// Hosts are the service's names.
func (c *Cloudflare) Hosts() []string { return []string{"api.cloudflare.com"} }

// AccountOwned makes the token one of an account instead of a user.
func (c *Cloudflare) AccountOwned() { c.mu.Lock(); c.account = true; c.mu.Unlock() }

// Blind takes the token's permission to list zones.
func (c *Cloudflare) Blind() { c.mu.Lock(); c.blind = true; c.mu.Unlock() }

// Move takes a zone away and adds it again under another ID, as deleting and adding it does.
func (c *Cloudflare) Move(zone string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.zones = append(slices.DeleteFunc(c.zones, func(z string) bool { return strings.TrimSuffix(z, "'") == zone }), zone+"'")
	for _, r := range c.records {
		if strings.TrimSuffix(r.zone, "'") == zone {
			r.zone = zone + "'"
		}
	}
}

// Put adds a record; ID is given to it, TTL 0 becomes 1 (automatic). Its zone is the longest.
func (c *Cloudflare) Put(r CloudflareRecord) CloudflareRecord {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, z := range c.zones {
		name := strings.TrimSuffix(z, "'")
		if (r.Name == name || strings.HasSuffix(r.Name, "."+name)) && len(z) > len(r.zone) {
			r.zone = z
		}
	}
	return *c.add(r)
}

func (c *Cloudflare) add(r CloudflareRecord) *CloudflareRecord {
	c.serial++
	r.ID = identifier("record", strconv.Itoa(c.serial))
	if r.TTL = max(r.TTL, 1); r.Proxied {
		r.TTL = 1
	}
	c.records = append(c.records, &r)
	return &r
}

// Change lets the owner change a record by hand, on the service's web page.
func (c *Cloudflare) Change(id string, change func(*CloudflareRecord)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.records {
		if r.ID == id {
			change(r)
		}
	}
}

// Records are copies of all records, in the order they were made.
func (c *Cloudflare) Records() []CloudflareRecord {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []CloudflareRecord
	for _, r := range c.records {
		out = append(out, *r)
	}
	return out
}

// Holds is what a record set holds, sorted.
func (c *Cloudflare) Holds(name, rrtype string) []string {
	var out []string
	for _, r := range c.Records() {
		if r.Name == name && r.Type == rrtype {
			out = append(out, r.Content)
		}
	}
	slices.Sort(out)
	return out
}

// Gaps are the record sets that were empty for a moment after they had held something.
func (c *Cloudflare) Gaps() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.gaps)
}

// ZoneID is the identifier of a zone.
func (c *Cloudflare) ZoneID(zone string) string { return identifier("zone", zone) }

func identifier(kind, name string) string {
	sum := md5.Sum([]byte(kind + " " + name))
	return hex.EncodeToString(sum[:])
}

func (c *Cloudflare) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.Serve(w, r, c.answer) }

// Refuse is an answer of Cloudflare's that is no success.
func Refuse(status, code int, message string) Reply {
	return Reply{
		Status: status, Header: map[string]string{"Content-Type": "application/json"},
		Body: fmt.Sprintf(`{"success":false,"errors":[{"code":%d,"message":%q}],"messages":[],"result":null}`, code, message),
	}
}

// succeed is an answer with a result; paged lists have result_info as well.
func succeed(result any, info map[string]int) Reply {
	answer := map[string]any{"success": true, "errors": []any{}, "messages": []any{}, "result": result}
	if info != nil {
		answer["result_info"] = info
	}
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	return Reply{Header: map[string]string{"Content-Type": "application/json"}, Body: string(body)}
}

func (c *Cloudflare) answer(r Request) Reply {
	c.mu.Lock()
	defer c.mu.Unlock()
	path, ok := strings.CutPrefix(r.Path, "/client/v4")
	if !ok {
		c.Complain("%s is not under /client/v4", r.Path)
		return Refuse(http.StatusNotFound, 7000, "No route for that URI")
	}
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case !ok || strings.ContainsAny(bearer, " \t"):
		c.Complain("%s %s: Authorization is no Bearer token", r.Method, r.Path)
		return Refuse(http.StatusBadRequest, 6003, "Invalid request headers")
	case bearer != c.token:
		if path == "/user/tokens/verify" {
			return Refuse(http.StatusUnauthorized, 1000, "Invalid API Token")
		}
		return Refuse(http.StatusForbidden, 9109, "Invalid access token")
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case path == "/user/tokens/verify" && r.Method == http.MethodGet:
		if c.account {
			return Refuse(http.StatusUnauthorized, 1000, "Invalid API Token")
		}
		return succeed(map[string]string{"id": identifier("token", ""), "status": "active"}, nil)
	case path == "/zones" && r.Method == http.MethodGet:
		return c.listZones(r)
	case len(parts) >= 3 && parts[0] == "zones" && parts[2] == "dns_records":
		return c.dnsRecords(r, parts)
	}
	c.Complain("%s %s is not documented", r.Method, r.Path)
	return Refuse(http.StatusNotFound, 7000, "No route for that URI")
}

func (c *Cloudflare) listZones(r Request) Reply {
	c.params(r, "name", "per_page", "page")
	result := []map[string]string{}
	for _, z := range c.zones {
		name := strings.TrimSuffix(z, "'")
		if want := r.Query.Get("name"); !c.blind && (want == "" || want == name) {
			result = append(result, map[string]string{"id": identifier("zone", z), "name": name, "status": "active"})
		}
	}
	if n := r.Query.Get("per_page"); n != "" {
		if most, err := strconv.Atoi(n); err != nil || most < 5 || most > 50 {
			c.Complain("zones per page go from 5 to 50, not %q", n)
		}
	}
	return succeed(result, map[string]int{"page": 1, "per_page": 20, "count": len(result), "total_count": len(result)})
}

// params complains about parameters that are not documented.
func (c *Cloudflare) params(r Request, known ...string) {
	for key, values := range r.Query {
		if !slices.Contains(known, key) || len(values) != 1 {
			c.Complain("%s %s: parameter %s=%q is not documented", r.Method, r.Path, key, values)
		}
	}
}

func (c *Cloudflare) dnsRecords(r Request, parts []string) Reply {
	zone := ""
	for _, z := range c.zones {
		if identifier("zone", z) == parts[1] {
			zone = z
		}
	}
	if zone == "" {
		return Refuse(http.StatusNotFound, 7003, "Could not route to /client/v4/zones/"+parts[1]+"/dns_records, perhaps your object identifier is invalid?")
	}
	if r.Body != "" && r.Header.Get("Content-Type") != "application/json" {
		c.Complain("%s %s: Content-Type is %q, not application/json", r.Method, r.Path, r.Header.Get("Content-Type"))
	}
	if r.Method != http.MethodGet {
		c.params(r)
	}
	if len(parts) == 3 {
		switch r.Method {
		case http.MethodGet:
			return c.listRecords(r, zone)
		case http.MethodPost:
			return c.createRecord(r, zone)
		}
	}
	i := slices.IndexFunc(c.records, func(x *CloudflareRecord) bool { return len(parts) == 4 && x.ID == parts[3] && x.zone == zone })
	switch {
	case len(parts) == 4 && i < 0:
		return Refuse(http.StatusNotFound, 81044, "Record does not exist.")
	case len(parts) == 4 && r.Method == http.MethodPatch:
		return c.changeRecord(r, c.records[i])
	case len(parts) == 4 && r.Method == http.MethodDelete:
		gone := c.records[i]
		c.records = slices.Delete(c.records, i, i+1)
		c.noteGap(gone)
		return succeed(map[string]string{"id": gone.ID}, nil)
	}
	c.Complain("%s %s is not documented", r.Method, r.Path)
	return Refuse(http.StatusMethodNotAllowed, 10405, "Method not allowed for this authentication scheme")
}

func (c *Cloudflare) noteGap(gone *CloudflareRecord) {
	for _, r := range c.records {
		if r.Name == gone.Name && r.Type == gone.Type {
			return
		}
	}
	c.gaps = append(c.gaps, gone.Name+" "+gone.Type)
}

func (c *Cloudflare) listRecords(r Request, zone string) Reply {
	c.params(r, "name", "name.exact", "type", "content.exact", "page", "per_page")
	page, size := number(r.Query, "page", 1), number(r.Query, "per_page", 100)
	if page < 1 || size < 1 || size > 5000000 {
		c.Complain("page %d of %d records cannot be", page, size)
		return Refuse(http.StatusBadRequest, 1004, "DNS Validation Error")
	}
	match := []*CloudflareRecord{}
	for _, x := range c.records {
		name := r.Query.Get("name") + r.Query.Get("name.exact")
		if x.zone == zone && (name == "" || name == x.Name) &&
			(!r.Query.Has("type") || r.Query.Get("type") == x.Type) &&
			(!r.Query.Has("content.exact") || r.Query.Get("content.exact") == x.Content) {
			match = append(match, x)
		}
	}
	from := min((page-1)*size, len(match))
	part := match[from:min(from+size, len(match))]
	return succeed(part, map[string]int{"page": page, "per_page": size, "count": len(part), "total_count": len(match)})
}

func number(q url.Values, key string, missing int) int {
	if !q.Has(key) {
		return missing
	}
	n, err := strconv.Atoi(q.Get(key))
	if err != nil {
		return -1
	}
	return n
}

// body decodes a record, and complains about fields that the reference does not have.
func (c *Cloudflare) body(r Request) (map[string]any, bool) {
	fields := map[string]any{}
	if json.Unmarshal([]byte(r.Body), &fields) != nil {
		c.Complain("%s %s: the body is no JSON object", r.Method, r.Path)
		return nil, false
	}
	known := []string{"type", "name", "content", "ttl", "proxied", "comment", "tags", "settings", "data",
		"created_on", "modified_on"} // the last two are read-only; Cloudflare ignores them
	for key := range fields {
		if !slices.Contains(known, key) {
			c.Complain("%s %s: field %q is not documented", r.Method, r.Path, key)
		}
	}
	return fields, true
}

// apply puts the fields into a record; a string that is not empty says what is wrong.
func (x *CloudflareRecord) apply(fields map[string]any) string {
	if v, ok := fields["type"].(string); ok {
		x.Type = v
	}
	if v, ok := fields["name"].(string); ok {
		zone := strings.TrimSuffix(x.zone, "'")
		switch {
		case v == "@":
			v = zone
		case v != zone && !strings.HasSuffix(v, "."+zone):
			v += "." + zone
		}
		x.Name = v
	}
	if v, ok := fields["content"].(string); ok {
		x.Content = v
	}
	if wrong := x.describe(fields); wrong != "" {
		return wrong
	}
	a, err := netip.ParseAddr(x.Content)
	if err != nil || a.Zone() != "" || a.Is4In6() || x.Type == "A" && !a.Is4() || x.Type == "AAAA" && !a.Is6() {
		return "Content for " + x.Type + " record is invalid."
	}
	return ""
}

// describe is apply for what a record says beside its content.
func (x *CloudflareRecord) describe(fields map[string]any) string {
	ttl, comment := float64(x.TTL), x.Comment
	for field, into := range map[string]any{"ttl": &ttl, "proxied": &x.Proxied, "comment": &comment} {
		if v, given := fields[field]; given && !assign(into, v) {
			return "Invalid " + field + "."
		}
	}
	// "Value must be between 60 and 86400, with the minimum reduced to 30 for Enterprise zones"; 1 is automatic.
	if x.TTL = int(ttl); x.TTL != 1 && (x.TTL < 60 || x.TTL > 86400) {
		return "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic."
	}
	if x.Proxied { // "by default, all proxied records have a TTL of Auto, and this cannot be edited"
		x.TTL = 1
	}
	if x.Comment = comment; len([]rune(comment)) > 100 { // of the free plan
		return "DNS record comments must be 100 characters or less."
	}
	return ""
}

// assign puts a JSON value where it belongs, if it is of that type.
func assign(into, value any) bool {
	switch into := into.(type) {
	case *float64:
		v, ok := value.(float64)
		*into = v
		return ok
	case *bool:
		v, ok := value.(bool)
		*into = v
		return ok
	case *string:
		v, ok := value.(string)
		*into = v
		return ok
	}
	return false
}

func (c *Cloudflare) twin(x *CloudflareRecord) bool {
	return slices.ContainsFunc(c.records, func(y *CloudflareRecord) bool {
		return y.ID != x.ID && y.Name == x.Name && y.Type == x.Type && y.Content == x.Content
	})
}

func (c *Cloudflare) createRecord(r Request, zone string) Reply {
	fields, ok := c.body(r)
	if !ok {
		return Refuse(http.StatusBadRequest, 9207, "Request body is invalid.")
	}
	x := CloudflareRecord{zone: zone, TTL: 1}
	if wrong := x.apply(fields); wrong != "" {
		c.Complain("POST %s: %s", r.Body, wrong)
		return Refuse(http.StatusBadRequest, 9005, wrong)
	}
	if c.twin(&x) {
		return Refuse(http.StatusBadRequest, 81058, "An identical record already exists.")
	}
	for _, y := range c.records {
		if y.Name == x.Name && y.Type == "CNAME" {
			return Refuse(http.StatusBadRequest, 81054, "A CNAME record with that host already exists.")
		}
	}
	return succeed(c.add(x), nil)
}

func (c *Cloudflare) changeRecord(r Request, old *CloudflareRecord) Reply {
	fields, ok := c.body(r)
	if !ok {
		return Refuse(http.StatusBadRequest, 9207, "Request body is invalid.")
	}
	x := *old
	if wrong := x.apply(fields); wrong != "" {
		c.Complain("PATCH %s: %s", r.Body, wrong)
		return Refuse(http.StatusBadRequest, 9005, wrong)
	}
	if c.twin(&x) {
		return Refuse(http.StatusBadRequest, 81058, "An identical record already exists.")
	}
	x.Version++
	*old = x
	return succeed(x, nil)
}
