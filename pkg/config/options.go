package config

import (
	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/provider"
)

// Option describes one option of a section: what the parser takes and what the reference says.
// For kind URL, Values are the schemes that it can have (https and http when there are none).
type Option struct {
	provider.Option
	List bool `json:"list"` // may be given several times, by `list`
}

// The section types.
const (
	sectionMain    = "wandns"
	sectionAccount = "account"
	sectionRecord  = "record"
)

// SectionTypes are the section types of the file, in the order in which people write them.
func SectionTypes() []string { return []string{sectionMain, sectionAccount, sectionRecord} }

// Options returns the options of a section type, in the order a form shows them; for "account"
// those that every account has, beside the ones of its provider, and for "record" those of every record. It is a copy.
func Options(sectionType string) []Option {
	common := recordOptions[:len(recordOptions)-extraRows]
	table := map[string][]Option{sectionMain: mainOptions, sectionAccount: accountOptions, sectionRecord: common}[sectionType]
	return append([]Option(nil), table...)
}

var mainOptions = []Option{
	{Option: provider.Option{Name: "enabled", Title: "Enabled", Kind: provider.Bool, Default: "1",
		Help: "With 0, nothing is watched and nothing is sent."}},
	{Option: provider.Option{Name: "log_level", Title: "Log level", Kind: provider.Choice, Default: "info",
		Values: []string{"error", "warn", "info", "debug"},
		Help:   "What is worth a line in the log: info is a line for each change and each failure."}},
	{Option: provider.Option{Name: "ca_file", Title: "CA bundle", Kind: provider.Text, Check: checkPath,
		Help: "PEM file of the authorities that may vouch for a service; the system's when it is not given."}},
	{Option: provider.Option{Name: "stun_server", Title: "STUN servers", Kind: provider.Text, Check: checkServer,
		Default: "stun.cloudflare.com:3478 stun.l.google.com:19302 stun.nextcloud.com:443 stun.sipgate.net:3478",
		Help:    "STUN server to ask which address the Internet sees, as host:port. A change is believed when servers under two domains say the same, so name three or more; of one only, that one is trusted."}, List: true},
	{Option: provider.Option{Name: "echo_url", Title: "Address echo", Kind: provider.URL, Values: []string{"https"},
		Default: "https://api64.ipify.org https://icanhazip.com",
		Help:    "Web address that answers with the asker's address as plain text, for networks where no STUN server can be reached."}, List: true},
	{Option: provider.Option{Name: "outside_interval", Title: "Ask outside every", Kind: provider.Duration, Default: "2m",
		Help: "How often the outside address is asked for while the interface is behind NAT, give or take a tenth. What changes on the router itself is noticed at once.", Min: "10s", Max: "1d"}},
	{Option: provider.Option{Name: "lease_file", Title: "DHCP leases", Kind: provider.Text, Check: checkPath, Default: "/tmp/dhcp.leases",
		Help: "File in which dnsmasq keeps its leases, for records with a host_name. odhcpd is asked over ubus."}, List: true},
}

var accountOptions = []Option{
	{Option: provider.Option{Name: "provider", Title: "Service", Kind: provider.Text, Required: true,
		Help: "The service that the account is at; 'wandns providers' lists them."}},
	{Option: provider.Option{Name: "bind", Title: "Bind to interface", Kind: provider.Bool, Default: "0",
		Help: "Requests leave by the interface whose address they report, or not at all. For routers with two WANs."}},
	{Option: provider.Option{Name: "proxy", Title: "Proxy", Kind: provider.URL, Secret: true,
		Values: []string{"http", "https", "socks5"},
		Help:   "Proxy for this account's requests: http://, https:// or socks5://, with user:password@ where it needs one."}},
	{Option: provider.Option{Name: "ca_file", Title: "CA bundle", Kind: provider.Text, Check: checkPath,
		Help: "PEM file of the authorities that may vouch for this service, for one with a certificate of its own; that of the main section when it is not given."}},
	{Option: provider.Option{Name: "insecure_http", Title: "Allow plain HTTP", Kind: provider.Bool, Default: "0",
		Help: "Lets requests go out unencrypted, where anyone on the way can read the password. Only for services without HTTPS."}},
}

var recordOptions = []Option{
	{Option: provider.Option{Name: "enabled", Title: "Enabled", Kind: provider.Bool, Default: "1",
		Help: "With 0, the record is checked but not published."}},
	{Option: provider.Option{Name: "account", Title: "Account", Kind: provider.Text, Required: true,
		Help: "Name of the account section that the hostnames belong to."}},
	{Option: provider.Option{Name: "hostname", Title: "Hostnames", Kind: provider.Text, Required: true, Check: checkHostname,
		Help: "Full name to keep up to date, such as home.example.org. A wildcard is written *.example.org. Names in other scripts are taken as they are."}, List: true},
	{Option: provider.Option{Name: "interface", Title: "Interfaces", Kind: provider.Text, Check: checkInterface,
		Help: "Interface whose address is published, as in /etc/config/network (or a device name). With several, their order matters. wan and wan6 when none is given."}, List: true},
	{Option: provider.Option{Name: "family", Title: "Address families", Kind: provider.Choice, Values: []string{"ipv4", "ipv6"},
		Help: "ipv4 keeps an A record, ipv6 an AAAA record; both when none is given, and for fixed addresses those that they have."}, List: true},
	{Option: provider.Option{Name: "source", Title: "Address source", Kind: provider.Choice, Default: string(address.Auto), Values: sourceNames(),
		Help: "Where the address comes from. The default is right for a router's own address."}},
	{Option: provider.Option{Name: "address", Title: "Addresses", Kind: provider.Text, Check: checkAddress,
		Help: "Address to publish with source static."}, List: true},
	{Option: provider.Option{Name: "mac", Title: "MAC address", Kind: provider.Text, Check: checkMAC,
		Help: "MAC address of the host on the LAN, like 00:16:3e:12:34:56. For source host, the second half of its address is made of it (EUI-64); for source neighbour, it is found by it."}},
	{Option: provider.Option{Name: "host_name", Title: "Host name", Kind: provider.Text, Check: checkHostName,
		Help: "Name of the host on the LAN, like nas, as its DHCP lease has it: stands for the MAC address of that lease."}},
	{Option: provider.Option{Name: "host_id", Title: "Host part", Kind: provider.Text, Check: checkHostID,
		Help: "Second half of the address of the host on the LAN, with source host, like ::1234:5678:9abc:def0 or ::10."}},
	{Option: provider.Option{Name: "subnet_id", Title: "Subnet", Kind: provider.Text, Default: "0", Check: checkSubnetID,
		Help: "Which /64 the host is in, in hexadecimal as ip6hint has it, where the interface has a shorter prefix (ip6assign 60 gives 0 to f)."}},
	{Option: provider.Option{Name: "policy", Title: "Several interfaces", Kind: provider.Choice, Default: string(address.Failover),
		Values: []string{string(address.Failover), string(address.All)},
		Help:   "failover publishes the address of the first interface that is up and has one and a default route, in whatever table, and follows at once when that is lost; all publishes the addresses of every interface, where the service can hold several."}},
	{Option: provider.Option{Name: "failback_wait", Title: "Return after", Kind: provider.Duration, Default: "30s",
		Help: "How long an interface that comes first must have been good again before failover returns to it.", Min: "0", Max: "1d"}},
	{Option: provider.Option{Name: "on_loss", Title: "When the address is lost", Kind: provider.Choice, Default: string(OnLossKeep),
		Values: []string{string(OnLossKeep), string(OnLossDelete)},
		Help:   "keep leaves the name as it is; delete removes the address from it, where the service can."}},
	{Option: provider.Option{Name: "loss_wait", Title: "Delete after", Kind: provider.Duration, Default: "5m",
		Help: "How long the address must have been lost without a break before on_loss delete deletes. An address that is there and must not be published, or that nobody knows, is not lost.", Min: "10s", Max: "30d"}},
	{Option: provider.Option{Name: "publish_private", Title: "Publish private IPv4", Kind: provider.Bool, Default: "0",
		Help: "Publishes an IPv4 address even if the Internet cannot reach it: private, carrier-grade NAT."}},
	{Option: provider.Option{Name: "allow", Title: "Allow IPv6", Kind: provider.Choice, Values: []string{"temporary", "ula", "link-local"},
		Help: "Kinds of IPv6 address that are never published otherwise: temporary (privacy) addresses, unique local ones (fc00::/7), link-local ones."}, List: true},
	{Option: provider.Option{Name: "prefer", Title: "Prefer", Kind: provider.Choice,
		Values: []string{string(address.PreferEUI64), string(address.PreferStable), string(address.PreferTemporary), string(address.PreferShortestPrefix)},
		Help:   "Which of several IPv6 addresses to publish: the one made of the MAC (eui64), one that stays (stable: RFC 7217, fixed, or given as a small number by DHCPv6), a temporary one (which allows those), or one in the largest prefix. Without it, what is published stays."}},
	{Option: provider.Option{Name: "accept", Title: "Accept only", Kind: provider.Text, Check: checkPrefix,
		Help: "Prefix, like 2001:db8::/32, that an address must be in to be published. With prefixes of one family only, the other family is not restricted."}, List: true},
	{Option: provider.Option{Name: "reject", Title: "Reject", Kind: provider.Text, Check: checkPrefix,
		Help: "Prefix whose addresses are never published, such as that of a VPN or of a tunnel. It goes before accept."}, List: true},
	{Option: provider.Option{Name: "replace", Title: "Replace foreign addresses", Kind: provider.Bool, Default: "0",
		Help: "Lets wandns replace several addresses of the name at the service that it did not put there. Without it the record is held and says so."}},
	{Option: provider.Option{Name: "refresh", Title: "Refresh", Kind: provider.Duration, Default: "0", Check: checkRefresh,
		Help: "Sends the unchanged address again after this time, for a service that lets idle names expire: 0 (never) or from 1d. Many services call needless updates abuse.", Max: "365d"}},
	{Option: provider.Option{Name: "rate_burst", Title: "Updates in a row", Kind: provider.Number, Default: "3",
		Help: "How many updates of a name may follow each other at once when its address keeps changing.", Min: "1", Max: "10"}},
	{Option: provider.Option{Name: "rate_interval", Title: "Then one in", Kind: provider.Duration, Default: "30s",
		Help: "The time between updates of a name after that.", Min: "5s", Max: "1h"}},
	// At some services only, whose tables say the rest.
	{Option: provider.Option{Name: "ttl", Kind: provider.Duration}},
	{Option: provider.Option{Name: "proxied", Kind: provider.Bool}},
	{Option: provider.Option{Name: "comment", Kind: provider.Text}},
}

// extraRows is how many rows at the end of recordOptions are for some services only.
const extraRows = 3
