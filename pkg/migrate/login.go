package migrate

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
)

const customProvider = "custom"

// form is how a service's sections give the hostname.
type form uint8

const (
	inDomain form = iota // in domain
	inLookup             // in lookup_host; domain, if it is used at all, is something else
	asZone               // in domain: host@example.org, or @example.org
	withUser             // username and domain are the two parts of it
	withEnc              // param_enc and domain are
)

// dialect is how sections of a service differ from others, by the name that ddns-scripts has
// for it.
type dialect struct {
	service string
	form    form
	// set says which options of the account hold which of the section, where it is not username
	// and password, in this order, for those that the account must have.
	set string
}

var dialects = []dialect{
	{"afraid.org-keyauth", inLookup, ""},
	{"afraid.org-v2-token", inLookup, ""},
	{"aliyun.com", asZone, ""},
	{"all-inkl.com", inLookup, ""},
	{"cloudflare.com-v4", asZone, ""},
	{"dhis.org", inLookup, ""},
	{"digitalocean.com-v2", withUser, ""},
	{"dnsmadeeasy.com", inLookup, "id=domain"},
	{"dnspod.cn-v3", asZone, ""},
	{"gandi.net", withUser, ""},
	{"godaddy.com-v1", asZone, ""},
	{"hetzner.cloud", withUser, ""},
	{"huaweicloud.com", asZone, ""},
	{"inwx.de", inLookup, ""},
	{"ipnodns.ru", inLookup, ""},
	{"mydns.jp", inLookup, ""},
	{"mythic-beasts.com", inDomain, "domain=username"},
	{"namecheap.com", withUser, "domain=domain"},
	{"namesilo.com-v1", withUser, ""},
	{"netcup.com", inDomain, "customer_number=username api_key=param_enc"},
	{"ns1.com", inDomain, "zone=username"},
	{"opendns.com", inLookup, "network=domain"},
	{"pdns", withUser, "server=param_opt"},
	{"bind-nsupdate", inDomain, "server=dns_server"},
	{"route53-v1", inLookup, "zone_id=domain"},
	{"scaleway.com", withUser, ""},
	{"schokokeks.org", inLookup, ""},
	{"selfhost.de", inLookup, ""},
	{"sitelutions.com", inLookup, "id=domain"},
	{"transip.nl", withEnc, ""},
	{"udmedia.de", inLookup, ""},
}

// login reads the service, the credentials and the hostname.
func (r *reader) login() {
	if r.sample() {
		r.why = "it is the sample that came with ddns-scripts"
		return
	}
	service := r.get("service_name")
	url := r.get("update_url")
	var d dialect
	switch {
	case service != "" && service != "-" && service != "custom":
		d = r.service(service)
	case url != "":
		r.unneeded("service_name", "update_url says it")
		d = r.custom(url)
	case r.get("update_script") != "":
		r.why = "wandns runs no script (update_script): look for the service in 'wandns providers', or set its update URL in an account with provider 'custom'"
	default:
		r.why = "service_name is missing"
	}
	if r.why == "" {
		r.hostname(d)
	}
}

// sample says whether nobody has filled the section in.
func (r *reader) sample() bool {
	const name = "yourhost.example.com"
	return r.get("domain") == name || r.get("lookup_host") == name
}

// service reads the credentials for a service that both know.
func (r *reader) service(name string) dialect {
	ours, reason := r.m.rivals(name)
	if ours == "" {
		ours, reason = r.m.rivals(strings.ToLower(name))
	}
	info := r.m.services(ours)
	if ours == "" || info == nil || info.Err != nil {
		r.why = name + ": " + reason
		return dialect{}
	}
	r.account.provider = ours
	r.taken("service_name", "option provider '"+ours+"'")
	d := dialect{service: name}
	for _, row := range dialects {
		if row.service == strings.ToLower(name) {
			d = row
		}
	}
	r.credentials(info, d)
	switch {
	case ours == "cloudflare":
		r.cloudflare()
	case ours == "googleclouddns":
		r.google()
	case ours == "freedns-token":
		p := &r.account.perFamily
		p.option, p.optionIPv6, p.value[r.family] = "token", "token_ipv6", r.get("password")
		delete(r.account.settings, "token")
	case ours == "powerdns" && strings.HasPrefix(r.get("param_opt"), "http://"):
		r.plainHTTP()
	case strings.Contains(firstHelp(info), "insecure_http") && r.get("use_https") != "1":
		r.plainHTTP()
	}
	return d
}

// firstHelp is where a service says that it has no HTTPS.
func firstHelp(info *provider.Info) string {
	if len(info.Options) == 0 {
		return ""
	}
	return info.Options[0].Help
}

func (r *reader) plainHTTP() {
	r.set("insecure_http", "1")
	r.lost("use_https", "it stays plain http, by option insecure_http '1': anyone on the way can read the password")
}

// credentials fills in the options that an account must have.
func (r *reader) credentials(info *provider.Info, d dialect) {
	from := map[string]string{}
	for _, pair := range strings.Fields(d.set) {
		ours, theirs, _ := strings.Cut(pair, "=")
		from[ours] = theirs
	}
	var open []string
	for _, o := range info.Options {
		if o.Required && from[o.Name] == "" {
			open = append(open, o.Name)
		}
	}
	sources := []string{"username", "password"}
	switch {
	case len(open) == 1:
		from[open[0]] = "password"
	case len(open) == len(sources):
		from[open[0]], from[open[1]] = sources[0], sources[1]
	case len(open) > 0:
		r.why = "an account of " + info.Title + " needs the options " + strings.Join(open, ", ") + ", which ddns-scripts has not: write it by hand"
		return
	}
	for _, o := range info.Options {
		theirs := from[o.Name]
		if v := r.get(theirs); theirs != "" && v != "" {
			r.set(o.Name, v)
			r.taken(theirs, "option "+o.Name+" of the account")
		}
	}
}

// cloudflare takes an API token, and a zone by its number where the token may not list zones.
func (r *reader) cloudflare() {
	if user := r.get("username"); user != "" && user != "Bearer" {
		r.why = "wandns does not take Cloudflare's Global API Key, which can do anything: make an API token (template 'Edit zone DNS') and set it in an account with provider 'cloudflare'"
		return
	}
	r.taken("username", "option token of the account")
	r.unneeded("param_opt", "zone and record are found by asking, and whether it is proxied stays as it is")
	_, zone, _ := strings.Cut(r.get("domain"), "@")
	for _, pair := range strings.Fields(r.get("param_opt")) {
		if id, ok := strings.CutPrefix(pair, "zone_id="); ok && zone != "" {
			r.set("zone", zone)
			r.set("zone_id", id)
			r.taken("param_opt", "options zone and zone_id of the account")
		}
	}
}

// google takes the key of a service account, all of it or the private key alone; with that, the rest is
// in other options.
func (r *reader) google() {
	project := ""
	for _, pair := range strings.Split(r.get("param_enc"), "&") {
		if p, ok := strings.CutPrefix(pair, "project="); ok && p != "" {
			project = p
			r.set("project", p)
			r.taken("param_enc", "option project of the account; the zone is found by asking")
		}
	}
	switch key := r.get("password"); {
	case strings.HasPrefix(key, "---"):
		text, _ := json.Marshal(map[string]string{"client_email": r.get("username"), "project_id": project, "private_key": key})
		r.set("service_account", string(text))
		r.taken("username", "option service_account of the account")
	case strings.HasSuffix(key, ".json"), strings.HasSuffix(key, ".pem"):
		r.why = "the key is in the file " + key + ": put the JSON file of the service account, in one line, into option service_account of an account with provider 'googleclouddns'"
		return
	default:
		r.unneeded("username", "the key says it")
	}
	r.unneeded("param_opt", "the TTL stays as it is at the service")
}

// hostname finds the names that the section keeps.
func (r *reader) hostname(d dialect) {
	domain, lookup := r.get("domain"), r.get("lookup_host")
	from, text := "domain", domain
	switch d.form {
	case inLookup:
		from, text = "lookup_host", lookup
	case asZone:
		text = strings.TrimPrefix(strings.Replace(domain, "@", ".", 1), ".")
	case withUser:
		text = below(r.get("username"), domain)
		r.taken("username", "list hostname")
	case withEnc:
		text = below(r.get("param_enc"), domain)
		r.taken("param_enc", "list hostname")
		r.unneeded("param_opt", "the TTL stays as it is at the service")
	}
	names, err := r.names(text)
	if err != nil { // such as 'none', or what only the service understands
		other, otherText := "lookup_host", lookup
		if from == other {
			other, otherText = "domain", domain
		}
		if more, worse := r.names(otherText); worse == nil {
			names, err, from = more, nil, other
		}
	}
	if err != nil {
		r.why = "option " + from + ": " + err.Error()
		return
	}
	r.record.hostnames, r.account.hostnames = names, names
	r.taken(from, "list hostname '"+strings.Join(names, "', '")+"'")
}

// below puts a name into its zone, unless it is there already.
func below(name, zone string) string {
	switch {
	case name == "" || name == "@" || name == zone:
		return zone
	case strings.HasSuffix(name, "."+zone):
		return name
	}
	return name + "." + zone
}

// names reads one or more hostnames. A service whose names all end alike takes them without the end.
func (r *reader) names(text string) ([]string, error) {
	var names []string
	info := r.m.services(r.account.provider)
	for _, name := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' }) {
		if suffixes := info.Limits.Suffixes; len(suffixes) == 1 && !strings.Contains(name, ".") {
			name += "." + suffixes[0]
		}
		name, err := config.NormalizeHostname(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return nil, errNoName
	}
	return names, nil
}
