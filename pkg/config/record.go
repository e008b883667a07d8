package config

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/uci"
)

// Record is a rule: these hostnames hold the address of these interfaces.
type Record struct {
	Name       string // of the section; @record[0] when it has none
	Line       int
	Enabled    bool
	Account    string           // an account that is in the Config
	Hostnames  []string         // fully qualified, lower case, A-labels, no trailing dot; each once
	Interfaces []string         // in the order of preference; empty for static addresses that name none
	Families   []address.Family // IPv4 before IPv6, at least one
	Source     address.Source
	Addresses  []netip.Addr // of the families, for address.Static only
	HostID     uint64       // second half of the address, for address.Host only
	MAC        netwatch.MAC // of the host on the LAN, for address.Host and address.Neighbour
	HostName   string       // of the host on the LAN in its DHCP lease, lower case, instead of MAC or HostID
	Subnet     uint64       // which /64 of the interface's prefix, for address.Host only
	Policy     address.Policy
	OnLoss     OnLoss

	FailbackWait time.Duration // 0 to a day; for address.Failover

	LossWait time.Duration // 10 s to 30 days; for OnLossDelete
	Prefer   address.Prefer
	Accept   []netip.Prefix // only addresses in one of these; masked
	Reject   []netip.Prefix // none of these; masked

	Replace        bool // may replace addresses at the service that are not ours
	PublishPrivate bool // publish IPv4 addresses that the Internet cannot route
	AllowTemporary bool // publish IPv6 privacy addresses
	AllowULA       bool // publish fc00::/7
	AllowLinkLocal bool // publish fe80::/10

	Refresh      time.Duration // 0: never; else at least a day
	RateBurst    int           // 1 to 10
	RateInterval time.Duration // 5 s to 1 h

	Extras provider.Extras // of those that the account's service takes
}

// SourceDoc describes a source.
type SourceDoc struct {
	Source address.Source
	Help   string
	// Options are the options that have a meaning with this source and not with every other.
	Options []string
	// Fixed: the addresses do not come from an interface.
	Fixed bool
	// LAN: the addresses are those of an IPv6 host behind the interface, not of the interface.
	LAN bool
}

// sources are the sources that there are: the parser takes these and no other.
var sources = []SourceDoc{
	{Source: address.Auto, Help: "The interface's own address, if the Internet can reach it; for IPv4 behind another router's NAT, the outside address. Behind carrier-grade NAT nothing is published, because nobody could connect to it: so that an ISP's NAT behind an address that only looks public is found out, the first IPv4 address in a network waits for STUN servers to see it, for a second at the most."},
	{Source: address.Interface, Help: "The interface's own address. Nobody outside is asked anything."},
	{Source: address.SeenOutside, Help: "The address that the Internet sees, asked of STUN servers (HTTPS servers where none answers) by the interface. Behind carrier-grade NAT too."},
	{Source: address.Host, Help: "An IPv6 host on the LAN whose second half of the address stays, whatever prefix the ISP delegates: the prefix on the interface (lan when none is given) with host_id or, from the option mac or host_name, the EUI-64. When the prefix changes, all such records change at once.",
		Options: []string{"mac", "host_name", "host_id", "subnet_id"}, LAN: true},
	{Source: address.Neighbour, Help: "An IPv6 host on the LAN with its own address, as it shows it: found by its mac (or host_name) in the router's neighbour table, in the prefix on the interface (lan when none is given). An address that is sure to stay is taken before one that may be temporary; those are told apart as far as can be known.",
		Options: []string{"mac", "host_name"}, LAN: true},
	{Source: address.Static, Help: "The addresses that the option address gives.", Options: []string{"address"}, Fixed: true},
}

// Sources returns the sources that a record can have. It is a copy.
func Sources() []SourceDoc { return append([]SourceDoc(nil), sources...) }

func sourceNames() []string {
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = string(s.Source)
	}
	return names
}

func sourceDoc(s address.Source) SourceDoc {
	for _, d := range sources {
		if d.Source == s {
			return d
		}
	}
	return SourceDoc{Source: s}
}

// OnLoss is what becomes of a name when its address is lost.
type OnLoss string

// What can become of it.
const (
	OnLossKeep   OnLoss = "keep"
	OnLossDelete OnLoss = "delete"
)

// claim is what only one record may keep.
type claim struct {
	account, hostname string
	family            address.Family
}

// record reads a record section into the configuration, or leaves it out with problems.
// Disabled records are checked as well.
func (p *parser) record(s uci.Section) {
	f := p.read(s, recordOptions)
	r := &Record{
		Name: s.Name, Line: s.Line, Enabled: f.bool("enabled"), Account: f.text("account"),
		Hostnames: hostnames(f.list("hostname")), Interfaces: unique(f.list("interface")), Families: families(f.list("family")),
		Source: address.Source(f.text("source")), Policy: address.Policy(f.text("policy")), OnLoss: OnLoss(f.text("on_loss")),
		FailbackWait: f.duration("failback_wait"),
		LossWait:     f.duration("loss_wait"), Prefer: address.Prefer(f.text("prefer")), Accept: prefixes(f.list("accept")), Reject: prefixes(f.list("reject")),
		Replace: f.bool("replace"), PublishPrivate: f.bool("publish_private"),
		Refresh: f.duration("refresh"), RateBurst: f.number("rate_burst"), RateInterval: f.duration("rate_interval"),
		Extras: f.extras(),
	}
	for _, kind := range f.list("allow") {
		r.AllowTemporary = r.AllowTemporary || kind == "temporary"
		r.AllowULA = r.AllowULA || kind == "ula"
		r.AllowLinkLocal = r.AllowLinkLocal || kind == "link-local"
	}
	r.AllowTemporary = r.AllowTemporary || r.Prefer == address.PreferTemporary
	f.checkSource(r)
	account := f.findAccount(r.Account)
	if account != nil {
		f.checkHostnames(r, account)
		f.checkLimits(r, account)
		f.checkExtras(r, account)
	}
	if f.ok && r.Enabled {
		f.checkClaims(r)
	}
	if f.ok {
		p.config.Records = append(p.config.Records, *r)
	}
}

// checkSource sees to it that the options fit the source, and fills in interfaces and families.
func (f *fields) checkSource(r *Record) {
	source := sourceDoc(r.Source)
	told := map[string]bool{}
	for _, other := range sources {
		for _, option := range other.Options {
			if f.given[option] != 0 && !contains(source.Options, option) && !told[option] {
				told[option] = true
				f.about(option, "it has no meaning with source '"+string(r.Source)+"'; set source '"+string(other.Source)+"' or take the line out")
			}
		}
	}
	switch {
	case source.Fixed:
		f.checkAddresses(r)
	case source.LAN:
		f.checkHost(r)
	case len(r.Interfaces) == 0:
		r.Interfaces = []string{"wan", "wan6"}
	}
	if len(r.Families) == 0 {
		r.Families = []address.Family{address.IPv4, address.IPv6}
	}
}

// checkAddresses reads static addresses. Without a family given, theirs are meant.
func (f *fields) checkAddresses(r *Record) {
	if f.given["address"] == 0 {
		f.about("address", "it is missing; source static needs list address '192.88.99.1'")
		return
	}
	has := map[address.Family]bool{}
	seen := map[netip.Addr]bool{}
	for _, v := range f.list("address") {
		a, err := netip.ParseAddr(v)
		if err != nil {
			continue // cannot be: checkAddress has read it
		}
		a = a.Unmap()
		family := address.FamilyOf(a)
		if len(r.Families) > 0 && !contains(r.Families, family) {
			f.about("address", quote(v)+" is of a family that the record does not have; add list family '"+family.String()+"' or take the address out")
		}
		has[family] = true
		if !seen[a] {
			seen[a] = true
			r.Addresses = append(r.Addresses, a)
		}
	}
	for _, family := range r.Families {
		if !has[family] && len(r.Addresses) > 0 {
			f.about("family", "there is no "+family.String()+" address in the record; add one with list address, or take the family out")
		}
	}
	if len(r.Families) == 0 {
		for _, family := range []address.Family{address.IPv4, address.IPv6} {
			if has[family] {
				r.Families = append(r.Families, family)
			}
		}
	}
}

// findAccount finds the record's account; nil, with a problem, when there is none to use.
func (f *fields) findAccount(name string) *Account {
	if name == "" {
		return nil // said already: it is missing
	}
	entry, known := f.p.accounts[name]
	switch {
	case !known:
		names := make([]string, len(f.p.config.Accounts))
		for i, a := range f.p.config.Accounts {
			names[i] = a.Name
		}
		hint := "there is none yet; write config account '" + name + "'"
		if len(names) > 0 {
			hint = choose(name, names)
		}
		f.about("account", "there is no account "+quote(name)+"; "+hint)
	case entry.account == nil:
		f.about("account", "account '"+name+"' on line "+strconv.Itoa(entry.line)+" is left out because of its own mistakes; mend those first")
	}
	return entry.account
}

func (f *fields) checkHostnames(r *Record, a *Account) {
	suffixes := a.Provider.Limits.Suffixes
	if len(suffixes) == 0 {
		return
	}
	for _, h := range r.Hostnames {
		if !underAny(h, suffixes) {
			f.about("hostname", quote(h)+" is not under a domain of "+a.Provider.Title+"; its names end in "+either(suffixes))
		}
	}
}

func underAny(hostname string, suffixes []string) bool {
	for _, s := range suffixes {
		if strings.HasSuffix(hostname, "."+s) {
			return true
		}
	}
	return false
}

// checkLimits compares what the record wants with what the service can hold.
func (f *fields) checkLimits(r *Record, a *Account) {
	title, limits := a.Provider.Title, a.Provider.Limits
	if r.OnLoss == OnLossDelete && !limits.CanDelete {
		f.about("on_loss", title+" has no way to delete the addresses of one family; write 'keep'")
	}
	f.checkFamilies(r, title, limits.Families)
	if limits.MaxAddresses == 0 {
		return
	}
	room := "holds at the most " + strconv.Itoa(limits.MaxAddresses) + " address(es) of a family for a name"
	if r.Policy == address.All && !sourceDoc(r.Source).Fixed && len(r.Interfaces) > limits.MaxAddresses {
		f.about("policy", title+" "+room+", and the record has "+strconv.Itoa(len(r.Interfaces))+" interfaces; write 'failover'")
	}
	count := map[address.Family]int{}
	for _, addr := range r.Addresses {
		count[address.FamilyOf(addr)]++
	}
	for _, family := range r.Families {
		if count[family] > limits.MaxAddresses {
			f.about("address", title+" "+room+", and the record has "+strconv.Itoa(count[family])+" "+family.String()+" addresses; take the others out")
		}
	}
}

// checkFamilies leaves out the family that the service cannot hold, unless the record names it.
func (f *fields) checkFamilies(r *Record, title string, able []string) {
	if len(able) == 0 {
		return
	}
	var kept []address.Family
	for _, family := range r.Families {
		switch {
		case contains(able, family.String()):
			kept = append(kept, family)
		case f.given["family"] != 0 || f.given["address"] != 0:
			f.about("family", title+" takes "+able[0]+" addresses only; take "+family.String()+" out of the record")
		}
	}
	r.Families = kept
}

// checkClaims sees to it that two records do not pull one name to and fro.
func (f *fields) checkClaims(r *Record) {
	claims := make([]claim, 0, len(r.Hostnames)*len(r.Families))
	for _, h := range r.Hostnames {
		for _, family := range r.Families {
			c := claim{r.Account, h, family}
			if other := f.p.taken[c]; other != nil {
				f.about("hostname", quote(h)+" ("+family.String()+") is kept by record '"+other.Name+"' on line "+strconv.Itoa(other.Line)+
					" already; take it out of one of them, or give them different families")
			}
			claims = append(claims, c)
		}
	}
	if !f.ok {
		return // what is left out claims nothing
	}
	for _, c := range claims {
		f.p.taken[c] = r
	}
}

func families(names []string) []address.Family {
	var out []address.Family
	for _, family := range []address.Family{address.IPv4, address.IPv6} {
		if contains(names, family.String()) {
			out = append(out, family)
		}
	}
	return out
}

func unique(values []string) []string {
	var out []string
	for _, v := range values {
		if !contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func contains[T comparable](values []T, v T) bool {
	for _, x := range values {
		if x == v {
			return true
		}
	}
	return false
}

func checkRefresh(v string) error {
	if d, err := ParseDuration(v); err == nil && d != 0 && d < 24*time.Hour {
		return errors.New(quote(v) + " is too often: services call it abuse; write 0 for never, or 1d and longer")
	}
	return nil
}

// checkServer takes "host", "host:port" and "[2001:db8::1]:port".
func checkServer(v string) error {
	host, port := v, "3478"
	if h, p, err := net.SplitHostPort(v); err == nil {
		host, port = h, p
	}
	n, err := strconv.ParseUint(port, 10, 16)
	_, bad := netip.ParseAddr(strings.Trim(host, "[]"))
	if bad != nil && !strings.ContainsAny(host, ":/@[]") {
		bad = checkHostname(host)
	}
	if err != nil || n == 0 || bad != nil {
		return errors.New(quote(v) + " is not a server; write it like 'stun.example.org:3478'")
	}
	return nil
}

func checkAddress(v string) error {
	a, err := netip.ParseAddr(v)
	switch {
	case err != nil:
		return errors.New(quote(v) + " is not an IP address; write one like '192.88.99.1' or '2001:db8::1', without a prefix length")
	case a.Zone() != "":
		return errors.New(quote(v) + " names a zone, which DNS cannot hold; write it without '%" + a.Zone() + "'")
	case a.IsUnspecified():
		return errors.New(quote(v) + " means no address; write the one to publish")
	}
	return nil
}

// checkInterface keeps to what netifd and the kernel can have as a name.
func checkInterface(v string) error {
	if len(v) > 32 {
		return errors.New(quote(v) + " is too long for an interface")
	}
	for i := 0; i < len(v); i++ {
		c := v[i]
		if c <= ' ' || c >= 0x7f || c == '/' || c == '@' || c == '\'' || c == '"' {
			return errors.New(quote(v) + " is not the name of an interface; write it as in /etc/config/network, like 'wan'")
		}
	}
	return nil
}
