package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// perAccount is how many hostnames an account has: as many as Dyn's documentation allows in a request.
const perAccount = 20

const (
	user     = "owner"
	password = "4hq7x0c2lm9d" // at the double
	bundle   = "/etc/ssl/certs/ca-certificates.crt"
)

// entry is a hostname to keep, where it is kept, and the device that its address is on.
type entry struct{ server, hostname, device string }

// records are n entries of one device, perAccount at each server.
func records(n int) []entry {
	var all []entry
	for i := range n {
		all = append(all, entry{fmt.Sprintf("ns%d.example.net", i/perAccount), fmt.Sprintf("host%d.example.org", i), "wan0"})
	}
	return all
}

// devices are n entries, each of a device and a server of its own.
func devices(n int) []entry {
	var all []entry
	for i := range n {
		all = append(all, entry{fmt.Sprintf("ns%d.example.net", i), fmt.Sprintf("host%d.example.org", i), fmt.Sprintf("wan%d", i)})
	}
	return all
}

// servers are those of entries, each once, in order.
func servers(entries []entry) (all []string) {
	for _, e := range entries {
		if !slices.Contains(all, e.server) {
			all = append(all, e.server)
		}
	}
	return all
}

// hostnames are those of a server.
func hostnames(entries []entry, server string) (all []string) {
	for _, e := range entries {
		if e.server == server {
			all = append(all, e.hostname)
		}
	}
	return all
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// wandnsConfiguration has a section for each record, as its page writes them. Limits on changes are
// as high as they go.
func wandnsConfiguration(entries []entry, _ time.Duration) string {
	var b strings.Builder
	number := map[string]int{}
	for i, s := range servers(entries) {
		number[s] = i
		fmt.Fprintf(&b, "config account 'a%d'\n\toption provider 'dyndns2'\n\toption server '%s'\n\toption username '%s'\n\toption password '%s'\n\n", i, s, user, password)
	}
	for i, e := range entries {
		fmt.Fprintf(&b, "config record 'r%d'\n\toption account 'a%d'\n\tlist hostname '%s'\n\tlist interface '%s'\n\tlist family 'ipv4'\n"+
			"\toption source 'interface'\n\toption rate_burst '10'\n\toption rate_interval '5s'\n\n", i, number[e.server], e.hostname, e.device)
	}
	return b.String()
}

// inadynConfiguration follows inadyn.conf(5).
func inadynConfiguration(entries []entry, period time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "period = %s\niface = %s\nca-trust-file = %s\n", seconds(period), entries[0].device, bundle)
	for i, s := range servers(entries) {
		fmt.Fprintf(&b, "custom dyn:%d {\n\tusername = %s\n\tpassword = %s\n\tddns-server = %s\n\tddns-path = \"/nic/update?hostname=%%h&myip=%%i\"\n\thostname = { %s }\n}\n",
			i+1, user, password, s, quoted(hostnames(entries, s)))
	}
	return b.String()
}

// quoted are words in double quotes, with commas between.
func quoted(words []string) string { return `"` + strings.Join(words, `", "`) + `"` }

// ddclientConfiguration follows ddclient(8).
func ddclientConfiguration(entries []entry, period time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "daemon=%s\nssl=yes\nssl_ca_file=%s\nuse=if, if=%s\nprotocol=dyndns2\n", seconds(period), bundle, entries[0].device)
	for _, e := range entries {
		fmt.Fprintf(&b, "server=%s, login=%s, password=%s %s\n", e.server, user, password, e.hostname)
	}
	return b.String()
}

// ddnsGoConfiguration is as its page writes it (config.Config of the source, in YAML). The service is
// its "callback", a request of one's own: it has no dyndns2. Its file names no period.
func ddnsGoConfiguration(entries []entry, _ time.Duration) string {
	var b strings.Builder
	b.WriteString("dnsconf:\n")
	for _, s := range servers(entries) {
		fmt.Fprintf(&b, "- name: %s\n  ipv4:\n    enable: true\n    gettype: netInterface\n    netinterface: %s\n    domains: [ %s ]\n"+
			"  dns:\n    name: callback\n    id: 'https://%s:%s@%s/nic/update?hostname=#{domain}&myip=#{ip}'\n",
			s, entries[0].device, quoted(hostnames(entries, s)), user, password, s)
	}
	b.WriteString("notallowwanaccess: true\nlang: en\n")
	return b.String()
}
