package migrate_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/wandns/wandns/pkg/migrate"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/uci"
	"github.com/wandns/wandns/scripts/lab/double"
)

// rivalServices are all names that option service_name can have in ddns-scripts 2.8.4.
const rivalServices = `3322.org afraid.org-basicauth afraid.org-keyauth afraid.org-v2-basic afraid.org-v2-token
aliyun.com all-inkl.com apertodns.com apertodns.com-token beget.com bind-nsupdate blazingfast.io changeip.com
cloud.google.com-v1 cloudflare.com-v4 cnkuai.cn core-networks.de ddnss.de ddo.jp desec.io dhis.org
digitalocean.com-v2 dnsdynamic.org dnsever.com dnsexit.com dnshome.de dnsmadeeasy.com dnsmax.com dnsomatic.com
dnspark.com dnspod.cn dnspod.cn-v3 do.de domopoli.de dondominio.com duckdns.org duiadns.net dy.fi dyn.com
dyndns.it dyndns.org dynu.com dynv6.com easydns.com eurodns.com freedns.42.pl gandi.net godaddy.com-v1 goip.de
google.com he.net hetzner.cloud hosting.de huaweicloud.com infomaniak.com inwx.de ipnodns.ru ipv64.net joker.com
loopia.se luadns.com-v1 moniker.com mydns.jp myonlineportal.net mythic-beasts.com mythic-beasts.com-v2
namecheap.com namesilo.com-v1 netcup.com njal.la no-ip.com no-ip.pl now-dns.com ns1.com nsupdate.info one.com
opendns.com oray.com ovh.com pdns porkbun.com-v3 regfish.de route53-v1 scaleway.com schokokeks.org selfhost.de
servercow.de simply.com sitelutions.com spdyn.de strato.com system-ns.com thatip.com transip.nl twodns.de
udmedia.de variomedia.de xlhost.de ydns.io zoneedit.com`

// filledIn is a section with everything that a service can want.
func filledIn(service string, info *provider.Info) uci.Section {
	domain, username, password := "home.example.org", "somebody", "0f3c1c9e-77aa-4d0f-9d0c-6a1f1d9e0b11"
	if info != nil && len(info.Limits.Suffixes) > 0 {
		domain = "home." + info.Limits.Suffixes[0]
	}
	if service == "cloudflare.com-v4" {
		username, password = "Bearer", "Zq8sT0kenTokenTokenTokenTokenTokenToken1"
	}
	if service == "mythic-beasts.com" || service == "ns1.com" {
		username = "example.org"
	}
	zone := domain
	if service == "route53-v1" {
		zone = "Z1D633PJN98FT9"
	}
	for _, k := range keys() {
		if k.Kind.Name == "transip" && service == "transip.nl" {
			password = k.Kind.Options["private_key"]
		}
		if k.Kind.Name == "googleclouddns" && service == "cloud.google.com-v1" {
			password = k.Kind.Options["service_account"]
		}
	}
	s := uci.Section{Type: "service", Name: "s", Line: 1}
	if service == "pdns" {
		s.Options = append(s.Options, uci.Option{Name: "param_opt", Values: []string{"https://ns.example.org:8443"}, Line: 1})
	}
	for _, o := range [][2]string{
		{"enabled", "1"},
		{"service_name", service},
		{"lookup_host", domain},
		{"domain", zone},
		{"username", username},
		{"password", password},
		{"param_enc", "geheim"},
		{"dns_server", "ns.example.org"},
	} {
		s.Options = append(s.Options, uci.Option{Name: o[0], Values: []string{o[1]}, Line: 1})
	}
	return s
}

// keys has keys that are of the form that a service wants.
var keys = sync.OnceValue(func() []*double.Hosted { return double.NewHosted() })

func TestImport_every_service_of_ddns_scripts(t *testing.T) {
	t.Parallel()
	all := strings.Fields(rivalServices)
	if len(all) != 100 {
		t.Errorf("%d services, and ddns-scripts has 100", len(all))
	}
	for _, service := range all {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			ours, reason := provider.ByRivalName(service)
			plan := migrate.Import([]uci.Section{filledIn(service, services(ours))}, nil, services, provider.ByRivalName)
			why := plan.Report[0].Why
			switch {
			case ours == "" && (len(plan.Add) > 0 || !strings.Contains(why, reason)):
				t.Errorf("it is not there because %q, and what is told is %q", reason, why)
			case ours != "" && len(plan.Add) != 2:
				t.Errorf("it is %s here, and is left out: %s", ours, why)
			}
			if len(plan.Add) == 2 {
				checkRight(t, plan.Add)
				if p, _ := plan.Add[0].Option("provider"); p.Values[0] != ours {
					t.Errorf("its provider is %v, want %s", p.Values, ours)
				}
			}
		})
	}
}

// Clouds want more than a login; where ddns-scripts has it, it is taken over.
func TestImport_keys_of_clouds(t *testing.T) {
	t.Parallel()
	key := ""
	for _, k := range keys() {
		if k.Kind.Name == "transip" {
			key = k.Kind.Options["private_key"]
		}
	}
	section := func(service string, options ...string) []uci.Section {
		s := uci.Section{Type: "service", Name: "s", Options: []uci.Option{{Name: "service_name", Values: []string{service}}, {Name: "enabled", Values: []string{"1"}}}}
		for i := 0; i < len(options); i += 2 {
			s.Options = append(s.Options, uci.Option{Name: options[i], Values: []string{options[i+1]}})
		}
		return []uci.Section{s}
	}
	for _, c := range []struct {
		name string
		old  []uci.Section
		want map[string]string // options of the account
		host string
		why  string // that it is left out
	}{
		{
			name: "route53", host: "home.example.org",
			old:  section("route53-v1", "username", "AKIAIOSFODNN7EXAMPLE", "password", "wJalrXUtnFEMI/K7", "domain", "Z1D633PJN98FT9", "lookup_host", "home.example.org"),
			want: map[string]string{"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "wJalrXUtnFEMI/K7", "zone_id": "Z1D633PJN98FT9"},
		},
		{
			name: "route53-without-a-zone-id", why: "zone_id",
			old: section("route53-v1", "username", "AKIAIOSFODNN7EXAMPLE", "password", "wJalrXUtnFEMI/K7", "domain", "example.org", "lookup_host", "home.example.org"),
		},
		{
			name: "google-private-key", host: "home.example.org",
			old: section("cloud.google.com-v1", "username", "router@home-dns.iam.gserviceaccount.com", "password", key, "domain", "home.example.org",
				"lookup_host", "home.example.org", "param_enc", "project=home-dns&zone=my-zone", "param_opt", "300"),
			want: map[string]string{"project": "home-dns",
				"service_account": `{"client_email":"router@home-dns.iam.gserviceaccount.com","private_key":"` + key + `","project_id":"home-dns"}`},
		},
		{
			name: "google-key-file", why: "/etc/ddns/key.json",
			old: section("cloud.google.com-v1", "username", "router@home-dns.iam.gserviceaccount.com", "password", "/etc/ddns/key.json", "domain", "home.example.org", "param_enc", "project=home-dns&zone=z"),
		},
		{
			name: "transip", host: "home.example.org",
			old:  section("transip.nl", "username", "routerowner", "password", key, "domain", "example.org", "param_enc", "home", "param_opt", "300", "lookup_host", "home.example.org"),
			want: map[string]string{"username": "routerowner", "private_key": key},
		},
	} {
		plan := migrate.Import(c.old, nil, services, provider.ByRivalName)
		if c.why != "" {
			if len(plan.Add) > 0 || !strings.Contains(plan.Report[0].Why, c.why) {
				t.Errorf("%s: %d sections, because %q", c.name, len(plan.Add), plan.Report[0].Why)
			}
			continue
		}
		if len(plan.Add) != 2 {
			t.Errorf("%s is left out: %s", c.name, plan.Report[0].Why)
			continue
		}
		checkRight(t, plan.Add)
		checkComplete(t, c.old, plan)
		for name, want := range c.want {
			if o, _ := plan.Add[0].Option(name); len(o.Values) != 1 || o.Values[0] != want {
				t.Errorf("%s: option %s is %q, want %q", c.name, name, o.Values, want)
			}
		}
		if o, _ := plan.Add[1].Option("hostname"); len(o.Values) != 1 || o.Values[0] != c.host {
			t.Errorf("%s: hostname %q", c.name, o.Values)
		}
		for _, n := range plan.Report[0].Options {
			if n.Fate == migrate.Lost {
				t.Errorf("%s: %+v", c.name, n)
			}
		}
	}
}

func TestImport_names_that_are_there_already(t *testing.T) {
	t.Parallel()
	old := parse(t, "ddns", "config service 'main'\n\toption enabled '1'\n\toption service_name 'he.net'\n\toption domain 'a.example.org'\n\toption password 'geheim'\n")
	for name, want := range map[string][]string{
		"config wandns 'main'\n": nil,
		"config account 'he'\n":  {"he"},
		"config record 'he'\n\nconfig record 'main_2'\n\nconfig record\n": {"he", "main_2"},
	} {
		plan := migrate.Import(old, parse(t, "wandns", name), services, provider.ByRivalName)
		if strings.Join(plan.Clashes, " ") != strings.Join(want, " ") {
			t.Errorf("beside %q: clashes %v, want %v", name, plan.Clashes, want)
		}
	}
}

func TestImport_hostnames_that_are_kept_already(t *testing.T) {
	t.Parallel()
	const old = "config service 'new'\n\toption enabled '1'\n\toption service_name 'he.net'\n\toption domain 'a.example.org'\n\toption password 'geheim'\n"
	const account = "config account 'mine'\n\toption provider 'he'\n\toption password 'other'\n\n"
	for _, c := range []struct {
		name, present string
		left          bool
	}{
		{"same-name", account + "config record 'x'\n\toption account 'mine'\n\tlist hostname 'b.example.org'\n\tlist hostname 'A.example.org.'\n", true},
		{"same-name-other-family", account + "config record 'x'\n\toption account 'mine'\n\tlist hostname 'a.example.org'\n\tlist family 'ipv6'\n", false},
		{"same-name-other-service", "config record 'x'\n\toption account 'mine'\n\tlist hostname 'a.example.org'\n", false},
		{"other-name", account + "config record 'x'\n\toption account 'mine'\n\tlist hostname 'b.example.org'\n", false},
	} {
		plan := migrate.Import(parse(t, "ddns", old), parse(t, "wandns", c.present), services, provider.ByRivalName)
		if (len(plan.Add) == 0) != c.left || (plan.Report[0].Why != "") != c.left {
			t.Errorf("%s: added %v, because %q", c.name, plan.Add, plan.Report[0].Why)
		}
	}
}

// FuzzImport: whatever the old file holds, what comes out has no problems, and every section is
// told of.
func FuzzImport(f *testing.F) {
	for _, service := range strings.Fields("duckdns.org cloudflare.com-v4 no-ip.com afraid.org-v2-token namecheap.com - google.com") {
		f.Add(service, "home.example.org", "@example.org", "Bearer", "pw", "https://[USERNAME]:[PASSWORD]@dyn.example/[PARAMENC]?h=[DOMAIN]&[PARAMOPT]", "web", "28", "u:p@proxy:1", "zone_id=1")
		f.Add(service, "my", "my.duckdns.org", "u", "0f3c1c9e-77aa-4d0f-9d0c-6a1f1d9e0b11", "http://x/{[IP]}#", "network", "9999999999", "proxy:1", "a b")
	}
	f.Fuzz(func(t *testing.T, service, domain, lookup, username, password, url, source, force, proxy, param string) {
		values := map[string]string{
			"service_name": service, "domain": domain, "lookup_host": lookup, "username": username, "password": password,
			"update_url": url, "ip_source": source, "force_interval": force, "force_unit": "days", "proxy": proxy,
			"param_opt": param, "param_enc": param, "ip_interface": source, "bind_network": source, "cacert": param, "enabled": "1",
		}
		var old []uci.Section
		for _, name := range []string{"a", "b_ipv6", "c"} {
			s := uci.Section{Type: "service", Name: name, Line: len(old) + 1}
			for option, v := range values {
				if v != "" && !(name == "c" && option == "proxy") {
					s.Options = append(s.Options, uci.Option{Name: option, Values: []string{v}})
				}
			}
			if name == "b_ipv6" {
				s.Options = append(s.Options, uci.Option{Name: "use_ipv6", Values: []string{"1"}})
			}
			old = append(old, s)
		}
		plan := migrate.Import(old, nil, services, provider.ByRivalName)
		checkRight(t, plan.Add)
		checkComplete(t, old, plan)
	})
}
