package config_test

import (
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/pkg/provider"
)

// The services of these tests: one with zones that can do everything, one that can do little.
var services = map[string]*provider.Info{
	"big": {
		Name: "big", Title: "Big DNS",
		Options: []provider.Option{
			{Name: "token", Kind: provider.Text, Secret: true, Required: true, Help: "Made under API.", Link: "https://big.example/api"},
			{Name: "server", Kind: provider.URL, Default: "https://api.big.example"},
			{Name: "ttl", Kind: provider.Number},
			{Name: "mode", Kind: provider.Choice, Values: []string{"fast", "slow"}},
			{Name: "wait", Kind: provider.Duration},
			{Name: "even", Kind: provider.Text, Check: func(v string) error {
				if len(v)%2 != 0 {
					return errors.New("its length is odd")
				}
				return nil
			}},
			{Name: "pin", Kind: provider.Number, Secret: true},
		},
		Limits: provider.Limits{CanDelete: true},
		New: func(s provider.Settings) (provider.Driver, error) {
			if s.Get("mode") == "slow" && s.Get("wait") == "" {
				return nil, errors.New("mode slow needs wait; the token " + s.Get("token") + " is fine")
			}
			return nil, nil
		},
	},
	"small": {
		Name: "small", Title: "Small DNS",
		Options: []provider.Option{{Name: "token", Kind: provider.Text, Secret: true, Required: true}},
		Limits:  provider.Limits{MaxAddresses: 1, Suffixes: []string{"small.example", "tiny.example"}},
	},
}

func lookup(name string) *provider.Info { return services[name] }

const accounts = `
config account 'b'
	option provider 'big'
	option token 'tok-b'

config account 's'
	option provider 'small'
	option token 'tok-s'
`

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Parse("/etc/config/wandns", []byte(text), lookup)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parseClean(t *testing.T, text string) *config.Config {
	t.Helper()
	c := parse(t, text)
	for _, p := range c.Problems {
		t.Errorf("problem: %v", p)
	}
	return c
}

// outsideDefaults fills in whom an owner who says nothing about it asks.
func outsideDefaults(m config.Main) config.Main {
	m.STUNServers = []string{"stun.cloudflare.com:3478", "stun.l.google.com:19302", "stun.nextcloud.com:443", "stun.sipgate.net:3478"}
	m.EchoURLs = []string{"https://api64.ipify.org", "https://icanhazip.com"}
	m.OutsideInterval, m.LeaseFiles = 2*time.Minute, []string{"/tmp/dhcp.leases"}
	return m
}

func TestParse_whom_to_ask_outside(t *testing.T) {
	for _, c := range []struct {
		name, line string
		right      bool
	}{
		{"name-and-port", "list stun_server 'stun.example.org:443'", true},
		{"name-alone", "list stun_server 'stun.example.org'", true},
		{"ipv4", "list stun_server '192.88.99.1:3478'", true},
		{"ipv6-and-port", "list stun_server '[2a00::1]:3478'", true},
		{"ipv6-alone", "list stun_server '2a00::1'", true},
		{"no-such-port", "list stun_server 'stun.example.org:70000'", false},
		{"port-zero", "list stun_server 'stun.example.org:0'", false},
		{"url-for-a-server", "list stun_server 'stun:stun.example.org:3478'", false},
		{"path-for-a-server", "list stun_server 'stun.example.org/x'", false},
		{"echo", "list echo_url 'https://ip.example.org/me'", true},
		{"echo-in-the-open", "list echo_url 'http://ip.example.org'", false},
		{"interval", "option outside_interval '10s'", true},
		{"too-often", "option outside_interval '9s'", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := parse(t, "config wandns 'main'\n\t"+c.line+"\n"); (len(got.Problems) == 0) != c.right {
				t.Errorf("%s: %v", c.line, got.Problems)
			}
		})
	}
}

func TestParse_defaults_are_what_an_owner_expects(t *testing.T) {
	c := parseClean(t, accounts+"config record 'home'\n\toption account 'b'\n\tlist hostname 'home.example.org'\n")
	if want := outsideDefaults(config.Main{Enabled: true, LogLevel: "info"}); !reflect.DeepEqual(c.Main, want) {
		t.Errorf("main is %+v, want %+v", c.Main, want)
	}
	want := config.Record{
		Name: "home", Line: 9, Enabled: true, Account: "b", Hostnames: []string{"home.example.org"},
		Interfaces: []string{"wan", "wan6"}, Families: []address.Family{address.IPv4, address.IPv6},
		Source: address.Auto, Policy: address.Failover, OnLoss: config.OnLossKeep, LossWait: 5 * time.Minute, FailbackWait: 30 * time.Second,
		RateBurst: 3, RateInterval: 30 * time.Second,
	}
	if len(c.Records) != 1 || !reflect.DeepEqual(c.Records[0], want) {
		t.Errorf("records are %+v\nwant %+v", c.Records, want)
	}
	a, ok := c.Account("b")
	if !ok || a.Provider.Name != "big" || a.Settings.Get("server") != "https://api.big.example" || a.Settings.Get("token") != "tok-b" {
		t.Errorf("account b is %+v", a)
	}
	if a.Bind || a.InsecureHTTP || a.ProxyURL() != nil || a.CAFile != "" {
		t.Errorf("common options of b are not at their defaults: %+v", a)
	}
	if _, ok := c.Account("x"); ok {
		t.Error("found an account that is not there")
	}
}

func TestParse_everything_set(t *testing.T) {
	c := parseClean(t, `
config record 'all'
	option enabled 'no'
	option account 'b'
	option hostname 'Home.Example.ORG. *.example.org home.example.org'
	list interface 'wan'
	list interface 'eth0.2'
	list interface 'wan'
	list family 'ipv6'
	option source 'interface'
	option policy 'all'
	option on_loss 'delete'
	option loss_wait '1d'
	option failback_wait '0'
	option prefer 'shortest-prefix'
	option accept '2a00::/12 192.88.99.0/24'
	list reject '2a00:1::/32'
	option publish_private 'true'
	list allow 'ula'
	list allow 'temporary'
	list allow 'link-local'
	option replace 'on'
	option refresh '25d'
	option rate_burst '10'
	option rate_interval '1h'

config record
	option account 's'
	list hostname 'a.small.example'
	option source 'static'
	list address '2001:db8::1'
	list address '2001:0db8::1'

config account 'b'
	option provider 'big'
	option token ' tok '
	option bind 'yes'
	option proxy 'socks5://me:pa%20ss@10.0.0.1:1080'
	option ca_file '/etc/b.pem'
	option insecure_http '1'
	option server 'http://10.0.0.2:8080/x'
	option ttl '60'
	option mode 'slow'
	option wait '1d12h'
	option even 'ab'
`+accounts[strings.Index(accounts, "config account 's'"):]+`
config wandns 'main'
	option enabled 'off'
	option log_level 'debug'
	option ca_file '/etc/all.pem'
`)
	if want := outsideDefaults(config.Main{LogLevel: "debug", CAFile: "/etc/all.pem"}); !reflect.DeepEqual(c.Main, want) {
		t.Errorf("main is %+v, want %+v", c.Main, want)
	}
	want := config.Record{
		Name: "all", Line: 2, Account: "b", Hostnames: []string{"home.example.org", "*.example.org"},
		Interfaces: []string{"wan", "eth0.2"}, Families: []address.Family{address.IPv6},
		Source: address.Interface, Policy: address.All, OnLoss: config.OnLossDelete, LossWait: 24 * time.Hour,
		Prefer: address.PreferShortestPrefix, Reject: []netip.Prefix{netip.MustParsePrefix("2a00:1::/32")},
		Accept:  []netip.Prefix{netip.MustParsePrefix("2a00::/12"), netip.MustParsePrefix("192.88.99.0/24")},
		Replace: true, PublishPrivate: true, AllowTemporary: true, AllowULA: true, AllowLinkLocal: true,
		Refresh: 25 * 24 * time.Hour, RateBurst: 10, RateInterval: time.Hour,
	}
	if !reflect.DeepEqual(c.Records[0], want) {
		t.Errorf("record is %+v\nwant %+v", c.Records[0], want)
	}
	static := c.Records[1]
	if static.Name != "@record[1]" || len(static.Addresses) != 1 || len(static.Interfaces) != 0 ||
		!reflect.DeepEqual(static.Families, []address.Family{address.IPv6}) {
		t.Errorf("static record is %+v", static)
	}
	b, _ := c.Account("b")
	if !b.Bind || !b.InsecureHTTP || b.CAFile != "/etc/b.pem" || b.ProxyURL().Host != "10.0.0.1:1080" || b.Settings.Get("token") != "tok" {
		t.Errorf("account is %+v", b)
	}
	if s, _ := c.Account("s"); s.CAFile != "/etc/all.pem" {
		t.Errorf("account s has CA file %q, want that of main", s.CAFile)
	}
	var hidden []string
	for _, s := range b.Secrets() {
		hidden = append(hidden, s.Reveal())
	}
	if want := []string{"socks5://me:pa%20ss@10.0.0.1:1080", "tok", "pa ss"}; !reflect.DeepEqual(hidden, want) {
		t.Errorf("secrets are %q, want %q", hidden, want)
	}
}

func TestParse_preferring_temporary_addresses_allows_them(t *testing.T) {
	r := parseClean(t, accounts+"config record 'r'\noption account 'b'\nlist hostname 'r.example.org'\noption prefer 'temporary'\n").Records[0]
	if !r.AllowTemporary || r.Prefer != address.PreferTemporary {
		t.Errorf("record is %+v", r)
	}
}

func TestParse_a_host_on_the_lan(t *testing.T) {
	head := accounts + "config record 'nas'\n\toption account 'b'\n\tlist hostname 'nas.example.org'\n\toption source 'host'\n"
	for _, c := range []struct {
		name, lines string
		id, subnet  uint64
	}{
		{"by-host-part", "\toption host_id '::1234:5678:9abc:def0'\n", 0x123456789abcdef0, 0},
		{"by-short-host-part", "\toption host_id '::10'\n\toption subnet_id '1f'\n", 0x10, 0x1f},
		{"by-mac", "\toption mac '00:16:3e:12:34:56'\n", 0x02163efffe123456, 0},
		{"by-mac-with-dashes", "\toption mac '02-16-3E-12-34-56'\n", 0x00163efffe123456, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := parseClean(t, head+c.lines).Records[0]
			if r.HostID != c.id || r.Subnet != c.subnet {
				t.Errorf("host %x in subnet %x", r.HostID, r.Subnet)
			}
			if !reflect.DeepEqual(r.Interfaces, []string{"lan"}) || !reflect.DeepEqual(r.Families, []address.Family{address.IPv6}) || !r.LAN() {
				t.Errorf("record is %+v", r)
			}
		})
	}
}

func TestParse_a_neighbour(t *testing.T) {
	head := accounts + "config record 'nas'\n\toption account 'b'\n\tlist hostname 'nas.example.org'\n\toption source 'neighbour'\n"
	for _, c := range []struct {
		name, line, host string
		mac              netwatch.MAC
	}{
		{"by-mac", "\toption mac '00:16:3e:12:34:56'\n", "", netwatch.MAC{0, 0x16, 0x3e, 0x12, 0x34, 0x56}},
		{"by-name", "\toption host_name 'NAS.lan'\n", "nas.lan", netwatch.MAC{}},
	} {
		r := parseClean(t, head+c.line).Records[0]
		if r.MAC != c.mac || r.HostName != c.host || !reflect.DeepEqual(r.Interfaces, []string{"lan"}) || !reflect.DeepEqual(r.Families, []address.Family{address.IPv6}) || !r.LAN() {
			t.Errorf("%s: record is %+v", c.name, r)
		}
	}
}

func TestParse_says_where_and_what_is_wrong(t *testing.T) {
	record := func(lines string) string {
		return accounts + "config record 'r'\noption account 'b'\nlist hostname 'r.example.org'\n" + lines
	}
	small := func(lines string) string {
		return accounts + "config record 'r'\noption account 's'\nlist hostname 'r.small.example'\n" + lines
	}
	account := func(lines string) string {
		return "config account 'a'\noption provider 'big'\noption token 'hunter2'\n" + lines
	}
	const first = 12 // the line after those of record and small
	for name, tc := range map[string]struct {
		text   string
		line   int
		option string
		hint   string // a word that the owner needs to mend it
	}{
		"unknown-section-type":         {"config recrod 'r'\n", 1, "", "'record'"},
		"main-twice":                   {"config wandns 'main'\nconfig wandns 'other'\n", 2, "", "line 1"},
		"main-unknown-option":          {"config wandns 'main'\noption enable '1'\n", 2, "enable", "'enabled'"},
		"main-log-level":               {"config wandns 'main'\noption log_level 'verbose'\n", 2, "log_level", "'debug'"},
		"boolean":                      {"config wandns 'main'\noption enabled 'maybe'\n", 2, "enabled", "'1'"},
		"account-without-name":         {"config account\noption provider 'big'\noption token 'x'\n", 1, "", "'NAME'"},
		"account-without-provider":     {"config account 'a'\noption token 'x'\n", 1, "provider", "wandns providers"},
		"account-unknown-provider":     {"config account 'a'\noption provider 'nope'\n", 2, "provider", "wandns providers"},
		"account-provider-upper-case":  {"config account 'a'\noption provider 'Big'\noption token 'x'\n", 2, "provider", "'big'"},
		"account-secret-missing":       {"config account 'a'\noption provider 'big'\n", 1, "token", "https://big.example/api"},
		"account-secret-only-spaces":   {"config account 'a'\noption provider 'big'\noption token ' '\n", 3, "token", "empty"},
		"account-secret-line-break":    {"config account 'a'\noption provider 'big'\noption token 'hun\nter2'\n", 3, "token", "line break"},
		"account-option-of-other":      {account("option username 'x'\n"), 4, "username", "'token'"},
		"account-option-mistyped":      {account("option tokn 'x'\n"), 4, "tokn", "'token'"},
		"account-value-check":          {account("option even 'abc'\n"), 4, "even", "odd"},
		"account-number":               {account("option ttl 'long'\n"), 4, "ttl", "number"},
		"account-secret-number":        {account("option pin 'hunter2'\n"), 4, "pin", "number"},
		"account-choice":               {account("option mode 'swift'\n"), 4, "mode", "'fast' or 'slow'"},
		"account-duration":             {account("option wait '5 minutes'\n"), 4, "wait", "90s"},
		"account-options-together":     {account("option mode 'slow'\n"), 1, "", "needs wait"},
		"account-url":                  {account("option server 'api.big.example'\n"), 4, "server", "https://"},
		"account-url-scheme":           {account("option server 'ftp://api.big.example'\n"), 4, "server", "https://"},
		"account-plain-http":           {account("option server 'http://api.big.example'\n"), 4, "server", "insecure_http"},
		"account-proxy":                {account("option proxy 'hunter2@10.0.0.1'\n"), 4, "proxy", "http://"},
		"account-proxy-scheme":         {account("option proxy 'ftp://u:hunter2@10.0.0.1'\n"), 4, "proxy", "socks5://"},
		"account-proxy-bad-port":       {account("option proxy 'http://u:hunter2@10.0.0.1:x'\n"), 4, "proxy", "http://"},
		"account-ca-file":              {account("option ca_file 'my.pem'\n"), 4, "ca_file", "path"},
		"account-list-of-two":          {account("list token 'hunter2'\n"), 3, "token", "once"},
		"record-without-account":       {"config record 'r'\nlist hostname 'r.example.org'\n", 1, "account", "account section"},
		"record-account-mistyped":      {accounts + "config account 'home'\noption provider 'big'\noption token 'x'\nconfig record 'r'\noption account 'hmoe'\nlist hostname 'r.example.org'\n", 13, "account", "'home'"},
		"record-account-unknown":       {accounts + "config record 'r'\noption account 'other'\nlist hostname 'r.example.org'\n", 10, "account", "'b' or 's'"},
		"record-no-accounts-at-all":    {"config record 'r'\noption account 'other'\nlist hostname 'r.example.org'\n", 2, "account", "config account 'other'"},
		"record-without-hostname":      {accounts + "config record 'r'\noption account 'b'\n", 9, "hostname", "home.example.org"},
		"record-hostname":              {record("list hostname 'http://x.example.org/'\n"), 11, "hostname", "https://"},
		"record-empty-list-item":       {record("list interface ''\n"), first, "interface", "empty"},
		"record-hostname-not-theirs":   {accounts + "config record 'r'\noption account 's'\nlist hostname 'r.example.org'\n", 11, "hostname", "tiny.example"},
		"record-suffix-itself":         {accounts + "config record 'r'\noption account 's'\nlist hostname 'small.example'\n", 11, "hostname", "'small.example'"},
		"record-suffix-inside-a-label": {accounts + "config record 'r'\noption account 's'\nlist hostname 'notsmall.example'\n", 11, "hostname", "'small.example'"},
		"record-family":                {record("list family 'ipv5'\n"), first, "family", "'ipv4' or 'ipv6'"},
		"record-source":                {record("option source 'web'\n"), first, "source", "'auto', 'interface', 'outside', 'host', 'neighbour' or 'static'"},
		"record-interface":             {record("list interface '/dev/wan'\n"), first, "interface", "'wan'"},
		"record-interface-too-long":    {record("list interface '" + strings.Repeat("x", 33) + "'\n"), first, "interface", "long"},
		"record-address-without-use":   {record("list address '192.88.99.1'\n"), first, "address", "static"},
		"record-static-no-address":     {record("option source 'static'\n"), 9, "address", "list address"},
		"record-static-prefix":         {record("option source 'static'\nlist address '192.88.99.1/24'\n"), first + 1, "address", "prefix"},
		"record-static-zone":           {record("option source 'static'\nlist address 'fe80::1%eth0'\n"), first + 1, "address", "%eth0"},
		"record-static-unspecified":    {record("option source 'static'\nlist address '::'\n"), first + 1, "address", "publish"},
		"record-static-other-family":   {record("option source 'static'\nlist family 'ipv4'\nlist address '192.88.99.1'\nlist address '2001:db8::1'\n"), first + 2, "address", "'ipv6'"},
		"record-static-lacks-family":   {record("option source 'static'\nlist family 'ipv4'\nlist family 'ipv6'\nlist address '192.88.99.1'\n"), first + 1, "family", "ipv6"},
		"record-host-unnamed":          {record("option source 'host'\n"), 9, "host_id", "option mac"},
		"record-host-named-twice":      {record("option source 'host'\noption mac '00:16:3e:00:00:01'\noption host_id '::1'\n"), first + 2, "host_id", "mac"},
		"record-neighbour-unnamed":     {record("option source 'neighbour'\n"), 9, "mac", "option host_name"},
		"record-neighbour-by-host-id":  {record("option source 'neighbour'\noption mac '00:16:3e:00:00:01'\noption host_id '::1'\n"), first + 2, "host_id", "source 'host'"},
		"record-neighbour-twice":       {record("option source 'neighbour'\noption mac '00:16:3e:00:00:01'\noption host_name 'nas'\n"), first + 2, "host_name", "mac"},
		"record-neighbour-ipv4":        {record("option source 'neighbour'\noption mac '00:16:3e:00:00:01'\nlist family 'ipv4'\n"), first + 2, "family", "router's address"},
		"record-host-name-odd":         {record("option source 'host'\noption host_name 'my nas'\n"), first + 1, "host_name", "'nas'"},
		"record-host-name-dashed":      {record("option source 'host'\noption host_name '-nas'\n"), first + 1, "host_name", "'nas'"},
		"record-mac-without-use":       {record("option mac '00:16:3e:00:00:01'\n"), first, "mac", "source 'host'"},
		"record-host-ipv4":             {record("option source 'host'\noption host_id '::1'\nlist family 'ipv4'\n"), first + 2, "family", "router's address"},
		"record-host-whole-address":    {record("option source 'host'\noption host_id '2a00::1'\n"), first + 1, "host_id", "'::10'"},
		"record-mac-of-a-group":        {record("option source 'host'\noption mac '01:00:5e:00:00:01'\n"), first + 1, "mac", "00:16:3e"},
		"record-mac-too-long":          {record("option source 'host'\noption mac '00:16:3e:00:00:01:02:03'\n"), first + 1, "mac", "00:16:3e"},
		"record-host-id-without-use":   {record("option host_id '::1'\n"), first, "host_id", "'host'"},
		"record-subnet-id":             {record("option source 'host'\noption host_id '::1'\noption subnet_id '-1'\n"), first + 2, "subnet_id", "hexadecimal"},
		"record-policy":                {record("option policy 'both'\n"), first, "policy", "'failover' or 'all'"},
		"record-policy-all-no-room":    {small("list interface 'wan'\nlist interface 'wanb'\noption policy 'all'\n"), first + 2, "policy", "'failover'"},
		"record-static-no-room":        {small("option source 'static'\nlist address '192.88.99.1'\nlist address '192.88.99.2'\n"), first + 1, "address", "2 ipv4"},
		"record-on-loss":               {record("option on_loss 'remove'\n"), first, "on_loss", "'delete'"},
		"record-on-loss-cannot":        {small("option on_loss 'delete'\n"), first, "on_loss", "'keep'"},
		"record-loss-wait-too-short":   {record("option loss_wait '5s'\n"), first, "loss_wait", "10s"},
		"record-prefer":                {record("option prefer 'random'\n"), first, "prefer", "'stable'"},
		"record-accept-no-length":      {record("list accept '2a00::'\n"), first, "accept", "'2001:db8::/32'"},
		"record-reject-host-bits":      {record("list reject '192.88.99.7/24'\n"), first, "reject", "'192.88.99.0/24'"},
		"record-allow":                 {record("list allow 'private'\n"), first, "allow", "'ula'"},
		"record-refresh-too-often":     {record("option refresh '10m'\n"), first, "refresh", "1d"},
		"record-refresh-too-long":      {record("option refresh '400d'\n"), first, "refresh", "365d"},
		"record-refresh-no-unit":       {record("option refresh '25'\n"), first, "refresh", "25s"},
		"record-rate-burst":            {record("option rate_burst '11'\n"), first, "rate_burst", "10"},
		"record-rate-burst-zero":       {record("option rate_burst '0'\n"), first, "rate_burst", "1"},
		"record-rate-interval":         {record("option rate_interval '4s'\n"), first, "rate_interval", "5s"},
		"record-unknown-option":        {record("option domain 'x'\n"), first, "domain", "'hostname'"},
		"record-plural-option":         {record("list hostnames 'x'\n"), first, "hostnames", "'hostname'"},
		"record-dashed-option":         {record("option onloss 'keep'\n"), first, "onloss", "'on_loss'"},
	} {
		t.Run(name, func(t *testing.T) {
			c := parse(t, tc.text)
			if len(c.Problems) != 1 {
				t.Fatalf("problems are %v, want one", c.Problems)
			}
			p := c.Problems[0]
			if p.File != "/etc/config/wandns" || p.Line != tc.line || p.Option != tc.option {
				t.Errorf("line %d, option %q; want %d, %q: %v", p.Line, p.Option, tc.line, tc.option, p)
			}
			if !strings.Contains(p.Message, tc.hint) {
				t.Errorf("%v\ndoes not help with %q", p, tc.hint)
			}
			if strings.Contains(p.Error(), "hunter2") {
				t.Errorf("a secret is in %v", p)
			}
			if len(c.Records) != 0 {
				t.Errorf("the record is still there: %+v", c.Records)
			}
		})
	}
}
