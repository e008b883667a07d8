//go:build !minimal && !no_cpanel

package provider

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// cpanelInfo is the cPanel of a hoster, by its UAPI. A zone is a file: its records are lines, and a
// change names the serial of the file that it is meant for, so that nothing is overwritten.
var cpanelInfo = Info{
	Name:    "cpanel",
	Title:   "cPanel (the hoster's)",
	Website: "https://cpanel.net/",
	Docs:    "https://api.docs.cpanel.net/openapi/cpanel/operation/dns-mass_edit_zone/",
	Options: []Option{
		{
			Name: "server", Title: "Server", Kind: Text, Required: true, Check: checkServer,
			Help: "Where you log in to cPanel, like https://cpanel.example.org:2083. The port is 2083 when it is not given.",
		},
		{Name: "username", Title: "Username", Kind: Text, Required: true, Check: checkUsername, Help: "Of the cPanel account."},
		{
			Name: "token", Title: "API token", Kind: Text, Secret: true, Required: true,
			Help: "cPanel → Security → Manage API Tokens. It may do all that you may there.",
		},
		zoneOption,
	},
	RecordOptions: ttlFromMinute,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		u, err := updateURL(s.Get("server"))
		if err != nil {
			return nil, errors.New("option server: " + err.Error())
		}
		if u.Port() == "" {
			u.Host += ":2083"
		}
		c := &cpanel{rest{base: u.Scheme + "://" + u.Host + "/execute/", sign: header("Authorization", "cpanel "+s.Get("username")+":"+s.Get("token"))}}
		return newOwn("cPanel", s, c, module{words: cpanelWords, readPaths: []string{"/parse_zone", "/list_domains"}})
	},
}

var _ = add(&cpanelInfo)

const changedMeanwhile = "the zone was changed at the same moment"

var cpanelWords = []phrase{
	{"serial number", Trouble, changedMeanwhile},
	{"do not control a DNS zone", RefusedRequest, "the account has no such zone"},
}

type cpanel struct{ rest }

// cpanelAnswer is the same over HTTP and from its command line, which puts it into "result".
type cpanelAnswer struct {
	Status int
	Errors []string
	Data   json.RawMessage
	Result *cpanelAnswer
}

func (c *cpanel) call(ctx context.Context, function string, parameters url.Values, into any) error {
	var answer cpanelAnswer
	if err := c.do(ctx, http.MethodGet, function+"?"+parameters.Encode(), nil, &answer); err != nil {
		return err
	}
	if answer.Result != nil {
		answer = *answer.Result
	}
	if answer.Status != 1 {
		return refuseRequest("", "cPanel refused %s: %s", function, strings.Join(answer.Errors, ", "))
	}
	return json.Unmarshal(answer.Data, into)
}

func (c *cpanel) zones(ctx context.Context) (names []string, err error) {
	var all struct {
		Main   string   `json:"main_domain"`
		Addon  []string `json:"addon_domains"`
		Parked []string `json:"parked_domains"`
	}
	err = c.call(ctx, "DomainInfo/list_domains", nil, &all)
	for _, name := range slices.Concat([]string{all.Main}, all.Addon, all.Parked) {
		if name != "" {
			names = append(names, name)
		}
	}
	return names, err
}

// cpanelLine is a line of a zone's file, of which records are of interest.
type cpanelLine struct {
	Index int      `json:"line_index"`
	Type  string   `json:"record_type"`
	Name  string   `json:"dname_b64"`
	Data  []string `json:"data_b64"`
	TTL   int
}

// read returns the addresses of a zone with their lines, and its serial.
func (c *cpanel) read(ctx context.Context, zone string) (list []entry, serial string, err error) {
	var lines []cpanelLine
	if err := c.call(ctx, "DNS/parse_zone", url.Values{"zone": {zone}}, &lines); err != nil {
		return nil, "", err
	}
	for _, l := range lines {
		switch {
		case l.Type == "SOA" && len(l.Data) > 2:
			serial = plainText(l.Data[2])
		case isAddress(l.Type) && len(l.Data) > 0:
			list = append(list, entry{strconv.Itoa(l.Index), c.relative(plainText(l.Name), zone), l.Type, plainText(l.Data[0]), l.TTL, ""})
		}
	}
	if serial == "" {
		err = errors.New("cPanel's zone has no serial: it is not changed")
	}
	return list, serial, err
}

func plainText(b64 string) string {
	text, err := base64.StdEncoding.DecodeString(b64)
	if err != nil {
		return "" // is no name and no address then
	}
	return string(text)
}

// relative is a name of a zone's file, where a dot at the end makes it a full one.
func (c *cpanel) relative(name, zone string) string {
	if strings.HasSuffix(name, ".") {
		return inZone(name, zone)
	}
	return strings.ToLower(name)
}

// list names a record by its address: its line may be another one by the time of a change.
func (c *cpanel) list(ctx context.Context, zone string) ([]entry, error) {
	list, _, err := c.read(ctx, zone)
	for i := range list {
		list[i].id = list[i].data
	}
	return list, err
}

func (c *cpanel) create(ctx context.Context, zone string, e entry) error {
	_, serial, err := c.read(ctx, zone)
	if err != nil {
		return err
	}
	return c.edit(ctx, zone, serial, "add", c.line(zone, e))
}

// line is a record as a change has it.
func (c *cpanel) line(zone string, e entry) map[string]any {
	return map[string]any{"dname": absolute(e.name, zone) + ".", "ttl": e.ttl, "record_type": e.rrtype, "data": []string{e.data}}
}

func (c *cpanel) update(ctx context.Context, zone string, e entry) error {
	held, serial, err := c.find(ctx, zone, e, e.id)
	if err != nil {
		return err
	}
	line := c.line(zone, e)
	line["line_index"] = json.Number(held.id)
	return c.edit(ctx, zone, serial, "edit", line)
}

func (c *cpanel) remove(ctx context.Context, zone string, e entry) error {
	held, serial, err := c.find(ctx, zone, e, e.data)
	if err != nil {
		return err
	}
	return c.edit(ctx, zone, serial, "remove", json.Number(held.id))
}

// find is the record with the name and type of another, and that address.
func (c *cpanel) find(ctx context.Context, zone string, e entry, address string) (entry, string, error) {
	list, serial, err := c.read(ctx, zone)
	if err != nil {
		return entry{}, "", err
	}
	at := slices.IndexFunc(list, func(x entry) bool { return x.name == e.name && x.rrtype == e.rrtype && x.data == address })
	if at < 0 {
		return entry{}, "", &Refusal{Result: Result{Outcome: Trouble, Text: "cPanel: " + changedMeanwhile}}
	}
	return list[at], serial, nil
}

func (c *cpanel) edit(ctx context.Context, zone, serial, what string, line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	return c.call(ctx, "DNS/mass_edit_zone", url.Values{"zone": {zone}, "serial": {serial}, what: {string(text)}}, new(struct{}))
}
