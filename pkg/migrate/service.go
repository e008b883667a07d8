package migrate

import (
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/uci"
)

// reader reads one `config service` and notes what becomes of each option.
type reader struct {
	m       *migration
	section uci.Section
	notes   map[string]*Note
	family  int
	why     string // the section has to be left out
	account *account
	record  *record
}

// service takes one section over, or says in its report why not.
func (m *migration) service(s uci.Section, report *Report) {
	r := reader{m: m, section: s, notes: map[string]*Note{}, account: &account{settings: map[string]string{}}}
	r.record = &record{account: r.account, enabled: isSet(r.get("enabled")), reports: []*Report{report}}
	r.taken("enabled", "option enabled")
	if !s.Anonymous {
		r.record.section0 = s.Name
	}
	if isSet(r.get("use_ipv6")) {
		r.family = ipv6
	}
	r.taken("use_ipv6", "list family '"+familyNames[r.family]+"'")
	for _, step := range []func(*reader){(*reader).login, (*reader).interfaces, (*reader).way, (*reader).refresh, (*reader).complete, (*reader).claim} {
		if step(&r); r.why != "" {
			report.Why = r.why
			break
		}
	}
	for _, o := range append(slices.Clip(s.Options), uci.Option{Name: "use_https"}) { // the one default that is worth a word
		n := r.notes[o.Name]
		switch {
		case n != nil && (r.why == "" || n.Fate == Lost):
			report.Options = append(report.Options, *n)
			delete(r.notes, o.Name)
		case n == nil && r.why == "" && o.Values != nil:
			report.Options = append(report.Options, standing(o.Name))
		}
	}
	if r.why == "" {
		r.record.account = m.accountFor(r.account)
		m.records = append(m.records, r.record)
	}
}

// get is the value of an option, empty when it is not there.
func (r *reader) get(name string) string { return value(r.section, name) }

func (r *reader) taken(option, as string)      { r.note(option, Taken, as) }
func (r *reader) unneeded(option, text string) { r.note(option, Unneeded, text) }
func (r *reader) lost(option, text string)     { r.note(option, Lost, text) }

// set sets an option of the account.
func (r *reader) set(option, value string) { r.account.settings[option] = value }

func (r *reader) note(option string, fate Fate, text string) {
	r.notes[option] = &Note{option, fate, text}
}

// isSet is how ddns-scripts reads a switch: it compares numbers.
func isSet(v string) bool {
	n, err := strconv.Atoi(v)
	return err == nil && n != 0
}

// interfaces reads where the address comes from.
func (r *reader) interfaces() {
	wan := []string{"wan", "wan6"}[r.family]
	from, source := "ip_network", ""
	if r.m.private {
		source = string(address.Interface) // auto would look outside for a better one
	}
	switch r.get("ip_source") {
	case "", "network":
	case "interface":
		from, source, wan = "ip_interface", string(address.Interface), ""
	case "web":
		source = string(address.SeenOutside)
		if from = "interface"; r.get("bind_network") != "" {
			from = "bind_network"
		}
		r.taken("ip_source", "option source 'outside'")
		r.unneeded("ip_url", "several servers are asked instead: option stun_server")
	default:
		r.why = "an address cannot come from a script (ip_source): name the interface that has it; for a host on the LAN, write a record with source 'host'"
		return
	}
	if v := strings.TrimPrefix(r.get(from), "@"); v != "" { // @wan is an alias of netifd
		wan = v
	}
	if wan == "" {
		r.why = "ip_interface is missing: which device has the address?"
		return
	}
	r.record.from, r.record.source, r.record.private = from, source, r.m.private && r.family == ipv4
	r.record.interfaces[r.family] = []string{wan}
	r.taken(from, "list interface '"+wan+"'")
	if r.notes["ip_source"] == nil {
		r.taken("ip_source", "list interface '"+wan+"'")
	}
}

// way reads how the requests leave.
func (r *reader) way() {
	if bind := r.get("bind_network"); bind == r.record.interfaces[r.family][0] {
		r.set("bind", "1")
		r.taken("bind_network", "option bind '1' of the account")
	} else if bind != "" {
		r.lost("bind_network", "requests can be bound to the interface whose address they report, and to no other")
	}
	if v := r.get("proxy"); v != "" {
		r.set("proxy", proxyURL(v))
		r.taken("proxy", "option proxy of the account")
	}
	switch ca := r.get("cacert"); {
	case ca == "IGNORE":
		r.lost("cacert", "certificates are always verified; where a service has an authority of its own, set ca_file")
	case path.Ext(ca) == "", ca == "/etc/ssl/certs/ca-certificates.crt", ca == "/etc/ssl/cert.pem": // a directory, or the system's
		r.unneeded("cacert", "the system's authorities are used")
	default:
		r.set("ca_file", ca)
		r.taken("cacert", "option ca_file of the account")
	}
}

// proxyURL makes a URL of [user:password@]host:port.
func proxyURL(v string) string {
	if strings.Contains(v, "://") {
		return v
	}
	at := strings.LastIndexByte(v, '@')
	u := url.URL{Scheme: "http", Host: v[at+1:]}
	if at >= 0 {
		user, password, _ := strings.Cut(v[:at], ":")
		u.User = url.UserPassword(user, password)
	}
	return u.String()
}

// Bounds of what is taken over as a refresh: less than the first is called abuse by services
// that also want a sign of life every month; the second is the most that there is.
const (
	minRefresh = 25 * 24 * time.Hour
	maxRefresh = 365 * 24 * time.Hour
)

// refresh reads how often an unchanged address is sent again. The default of ddns-scripts is
// every 72 hours.
func (r *reader) refresh() {
	unit := map[string]time.Duration{"seconds": time.Second, "minutes": time.Minute, "": time.Hour, "hours": time.Hour, "days": 24 * time.Hour}[r.get("force_unit")]
	text := r.get("force_interval")
	n, err := strconv.ParseUint(text, 10, 24)
	every := min(time.Duration(n)*unit, maxRefresh)
	switch {
	case err == nil && every >= minRefresh:
		r.record.refresh = every
		r.taken("force_interval", "option refresh '"+config.FormatDuration(every)+"'")
		r.taken("force_unit", "option refresh")
	case err == nil && n == 0:
		r.lost("force_interval", "0 meant one update and then an end; wandns keeps watching, and sends only what changed")
	default:
		r.unneeded("force_interval", "an unchanged address is not sent again: services call it abuse; where idle names expire, set refresh '25d'")
	}
}

// complete lets package config say whether the section is right as it stands here, by itself.
func (r *reader) complete() {
	a, rec := *r.account, *r.record
	a.name, rec.name, rec.account = "account", "record", &a
	text, err := uci.Format([]uci.Section{a.section(r.m.services), rec.section()})
	if err != nil {
		r.why = "its values cannot be written as UCI"
		return
	}
	c, err := config.Parse("", text, r.m.services)
	if err != nil {
		r.why = "its values cannot be written as UCI"
		return
	}
	for _, p := range c.Problems {
		why := p.Message
		if p.Option == "account" { // follows from what is said about the account
			continue
		} else if p.Option != "" {
			why = "option " + p.Option + ": " + why
		}
		r.why = strings.TrimPrefix(r.why+"; "+why, "; ")
	}
}

// claim sees to it that a name is kept once. Where only the interface differs, join makes it one.
func (r *reader) claim() {
	for _, h := range r.record.hostnames {
		if name := r.m.kept[keep(r.account.provider, h, familyNames[r.family])]; name != "" {
			r.why = "record '" + name + "' of wandns keeps " + h + " already"
			return
		}
	}
	for _, o := range r.m.records {
		same := o.account.provider == r.account.provider && o.enabled && r.record.enabled &&
			len(o.interfaces[r.family]) > 0 && overlap(o.hostnames, r.record.hostnames)
		if same && (o.source != r.record.source || !slices.Equal(o.hostnames, r.record.hostnames) ||
			!maps.Equal(o.account.settings, r.account.settings) || o.account.perFamily.value[r.family] != r.account.perFamily.value[r.family]) {
			r.why = "section '" + o.reports[0].Section + "' keeps the same name already, in another way"
			return
		}
	}
}

// standing is what becomes of an option whatever its value.
func standing(name string) Note {
	for _, row := range standings {
		if slices.Contains(strings.Fields(row.options), name) {
			return Note{name, row.fate, row.text}
		}
	}
	return Note{name, Lost, "neither ddns-scripts nor wandns knows it"}
}

var standings = []struct {
	options string
	fate    Fate
	text    string
}{
	{"check_interval check_unit check_interval_min interface", Unneeded, "a change is noticed at once"},
	{"retry_interval retry_unit retry_count retry_max_count", Unneeded, "how to retry follows from the answer"},
	{"force_unit", Unneeded, "as force_interval"},
	{"use_https", Unneeded, "it is always HTTPS"},
	{"use_syslog use_logfile", Unneeded, "it logs to the system log"},
	{"dns_server force_dnstcp is_glue use_api_check lookup_host", Unneeded, "what is published is asked at the service or the zone's own name servers"},
	{"force_ipversion user_agent", Unneeded, "wandns sees to it"},
	{"ip_network ip_interface ip_url ip_script", Unneeded, "it is not used with this ip_source"},
	{"zone_id record_id rec_id dns_record_id", Unneeded, "it is found by asking the service"},
	{"username password domain param_enc param_opt update_url", Unneeded, "this service does not use it"},
	{"update_script", Unneeded, "service_name comes first"},
}
