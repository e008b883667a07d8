package double

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Hosted stands for one service that hosts zones behind an API of its own, as hostedKinds has it
// from the service's documentation. What they have in common is here: accounts, zones, records,
// and that nothing is taken which the documentation does not have.
type Hosted struct {
	Common
	Kind HostedKind

	mu      sync.Mutex
	zones   []string
	records []HostedRecord
	serial  int
	moved   int
	ended   int                          // how often all sessions and tokens have ended
	notes   map[string]map[string]string // what an owner noted beside a record set: HOSTNAME TYPE
	draft   []HostedRecord               // what is not published yet, where the service has that; nil for nothing
	seen    []string                     // what may be used once
	empty   []string                     // record sets that were without any record for a moment
}

// Move makes every zone anew: with the same records, under another ID.
func (h *Hosted) Move() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.moved++
}

// EndSessions makes every session and token invalid that it gave.
func (h *Hosted) EndSessions() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended++
}

// current is a session or a token that it gives now.
func (h *Hosted) current(token string) string { return token + strings.Repeat("2", h.ended) }

// Note writes beside a record set what its owner wants to remember; Noted is what stands there.
func (h *Hosted) Note(hostname, rrtype string, note map[string]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.notes == nil {
		h.notes = map[string]map[string]string{}
	}
	h.notes[hostname+" "+rrtype] = note
}

func (h *Hosted) Noted(hostname, rrtype string) map[string]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.notes[hostname+" "+rrtype]
}

// HostedKind is what the documentation of a service says.
type HostedKind struct {
	Name string // as wandns calls it
	Docs string // where the following is from
	Host string // or several, with blanks between
	// Options are those of an account that the service takes, and Wrong one of them that it does not.
	Options map[string]string
	Wrong   [2]string
	// TooMany is the answer to too many requests.
	TooMany Reply
	// LeastTTL is the least TTL that it takes, in seconds.
	LeastTTL int
	// MostTTL is the most, 0 where that does not matter, and -1 where a record has no TTL of its own.
	MostTTL int

	answer func(*Hosted, Request) Reply
}

// HostedRecord is one record. Name is relative to the zone, empty for the apex.
type HostedRecord struct {
	ID, Zone, Name, Type, Data string
	TTL                        int
	Line                       string // of those who are told it, where the service has that; empty for its usual
	Off                        bool   // nobody is told it
}

// NewHosted makes a double of each service of hostedKinds, with these zones in the account.
func NewHosted(zones ...string) []*Hosted {
	var all []*Hosted
	for _, k := range slices.Concat(hostedKinds, ownKinds, cloudKinds, restKinds, registrarKinds, platformKinds, zoneKinds, []HostedKind{nfsnKind, autodnsKind, ovhKind, transipKind(), googleKind(), azureKind, route53Kind}) {
		all = append(all, &Hosted{Kind: k, zones: zones})
	}
	return all
}

// Hosts are the names of its API.
func (h *Hosted) Hosts() []string { return strings.Fields(h.Kind.Host) }

// ServeHTTP answers one request.
func (h *Hosted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.Serve(w, r, func(q Request) Reply {
		h.mu.Lock()
		defer h.mu.Unlock()
		before := h.sets()
		reply := h.Kind.answer(h, q)
		after := h.sets()
		for set := range before {
			if !after[set] {
				h.empty = append(h.empty, set)
			}
		}
		if reply.Header == nil {
			reply.Header = map[string]string{"Content-Type": "application/json"}
		}
		return reply
	})
}

func (h *Hosted) sets() map[string]bool {
	sets := map[string]bool{}
	for _, r := range h.records {
		sets[fqdn(r)+" "+r.Type] = true
	}
	return sets
}

// Emptied are the record sets that a request left without a record, since Clear.
func (h *Hosted) Emptied() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.empty)
}

// Clear forgets all records and requests.
func (h *Hosted) Clear() {
	h.mu.Lock()
	h.records, h.draft, h.empty = nil, nil, nil
	h.mu.Unlock()
	h.Forget()
}

// Put adds a record for a full name of one of the zones.
func (h *Hosted) Put(name, rrtype, data string, ttl int) {
	h.PutAs(name, HostedRecord{Type: rrtype, Data: data, TTL: ttl})
}

// PutAs is Put of a record with all that it says.
func (h *Hosted) PutAs(name string, r HostedRecord) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, z := range h.zones {
		if name == z || strings.HasSuffix(name, "."+z) {
			r.Zone, r.Name, r.TTL = z, strings.TrimSuffix(strings.TrimSuffix(name, z), "."), h.kept(r.TTL)
			h.add(r)
			return
		}
	}
	panic(name + " is in no zone")
}

// kept is a TTL as the service keeps it.
func (h *Hosted) kept(ttl int) int {
	if h.Kind.MostTTL > 0 {
		return min(ttl, h.Kind.MostTTL)
	}
	return ttl
}

// Held is the data and TTL of the records of a full name and type, in order.
func (h *Hosted) Held(name, rrtype string) (data []string, ttls []int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.records {
		if fqdn(r) == name && r.Type == rrtype {
			data, ttls = append(data, r.Data), append(ttls, r.TTL)
		}
	}
	slices.Sort(data)
	return data, ttls
}

func fqdn(r HostedRecord) string { return strings.TrimPrefix(r.Name+"."+r.Zone, ".") }

func (h *Hosted) add(r HostedRecord) HostedRecord {
	h.serial++
	r.ID = strconv.Itoa(h.serial)
	h.records = append(h.records, r)
	return r
}

// of are the records of a zone.
func (h *Hosted) of(zone string) []HostedRecord {
	var out []HostedRecord
	for _, r := range h.records {
		if r.Zone == zone {
			out = append(out, r)
		}
	}
	return out
}

// drop deletes the records that match says, and returns how many.
func (h *Hosted) drop(match func(HostedRecord) bool) int {
	n := len(h.records)
	h.records = slices.DeleteFunc(h.records, match)
	return n - len(h.records)
}

// byID is the record of a zone with that ID, or nil.
func (h *Hosted) byID(zone, id string) *HostedRecord {
	for i := range h.records {
		if h.records[i].Zone == zone && h.records[i].ID == id {
			return &h.records[i]
		}
	}
	return nil
}

// body decodes a JSON body that may have the documented fields only.
func (h *Hosted) body(q Request, into any) bool {
	d := json.NewDecoder(strings.NewReader(q.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		h.Complain("%s %s: %v in %s", q.Method, q.Path, err, q.Body)
		return false
	}
	return true
}

// undocumented is the answer to what the documentation does not have.
func (h *Hosted) undocumented(q Request) Reply {
	h.Complain("%s: no %s %s in its documentation", h.Kind.Name, q.Method, q.Path)
	return Reply{Status: http.StatusNotFound, Body: `{}`}
}

// ttl complains about one that the service does not take.
func (h *Hosted) ttl(seconds int) bool {
	if seconds < h.Kind.LeastTTL {
		h.Complain("%s takes no TTL of %d s", h.Kind.Name, seconds)
		return false
	}
	return true
}

func jsonReply(status int, value any) Reply {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return Reply{Status: status, Body: string(text)}
}

// unicode is a zone as services call it that have a form for people, too.
func unicode(zone string) string { return strings.Replace(zone, "xn--bcher-kva", "bücher", 1) }

// status is whether a record is told, as services say it.
func (r HostedRecord) status() string {
	if r.Off {
		return "DISABLE"
	}
	return "ENABLE"
}

// parts are the segments of a path below a prefix; none where it is not there.
func parts(path, prefix string) []string {
	rest, ok := strings.CutPrefix(path, prefix)
	if !ok {
		return nil
	}
	return strings.Split(strings.Trim(rest, "/"), "/")
}
