package daemon

import (
	"strings"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/discover"
	"github.com/wandns/wandns/pkg/netwatch"
)

// outside is what the daemon knows of how its interfaces look from the Internet.
type outside struct {
	finder  *discover.Finder
	news    chan struct{}     // of size 1: a view has changed
	servers string            // whom the finder asks, as configured
	nats    map[string]string // what was last said of each interface's NAT, by interface name
}

func newOutside() outside {
	o := outside{news: make(chan struct{}, 1), nats: map[string]string{}}
	o.finder = discover.New(discover.Router{}, func() { poke(o.news) })
	return o
}

// configure sets whom to ask. The witnesses stay as they are while their names do, because they
// remember addresses.
func (o *outside) configure(m config.Main) {
	servers := strings.Join(m.STUNServers, " ") + "\n" + strings.Join(m.EchoURLs, " ") + "\n" + m.CAFile + m.OutsideInterval.String()
	if servers == o.servers {
		return
	}
	o.servers = servers
	var stun, echo []discover.Witness
	for _, s := range m.STUNServers {
		stun = append(stun, discover.NewSTUN(s))
	}
	for _, u := range m.EchoURLs {
		echo = append(echo, &discover.Echo{URL: u, CAFile: m.CAFile})
	}
	o.finder.Configure(discover.Config{Tiers: [][]discover.Witness{stun, echo}, Interval: m.OutsideInterval})
}

// askOutside asks what must be known from outside. hint says that this machine's network changed
// in some way.
func (d *Daemon) askOutside(hint bool) {
	if !d.cfg.Main.Enabled {
		d.outside.finder.Ask(nil, false)
		return
	}
	d.outside.configure(d.cfg.Main)
	d.outside.finder.Ask(questions(d.cfg, d.snap, d.device), hint)
}

// device is the device of an interface now; empty when it has none.
func (d *Daemon) device(iface string) string {
	devices := d.devices()
	if devices == nil {
		return iface
	}
	device, _, ok := devices(iface)
	if !ok {
		return ""
	}
	return device
}

// doubt says that an IPv4 address of a record's interfaces is in doubt.
func (d *Daemon) doubt(r *config.Record) bool {
	for _, iface := range r.Interfaces {
		if d.outside.finder.View(d.device(iface), address.IPv4).Doubt {
			return true
		}
	}
	return false
}

// questions are what the records need to know from outside: all about source outside, and for
// auto whether there is NAT before an IPv4 address. source interface asks nobody.
func questions(cfg *config.Config, s netwatch.Snapshot, device func(iface string) string) []discover.Question {
	type key struct {
		device string
		family address.Family
	}
	at := map[key]int{} // where in the list
	var list []discover.Question
	for i := range cfg.Records {
		r := &cfg.Records[i]
		if !r.Enabled || r.Source != address.Auto && r.Source != address.SeenOutside {
			continue
		}
		for _, family := range r.Families {
			if r.Source == address.Auto && (family != address.IPv4 || r.PublishPrivate) {
				continue
			}
			for _, iface := range r.Interfaces {
				k := key{device(iface), family}
				if k.device == "" || !address.CanAsk(s, k.device, family) {
					continue
				}
				q := question(s, k.device, family, r.Source == address.SeenOutside)
				if i, known := at[k]; !known {
					at[k] = len(list)
					list = append(list, q)
				} else if q.Needed {
					list[i] = q
				}
			}
		}
	}
	return list
}

// question is what is local to a device: its addresses of the family and its default routes.
// needed says that only the outside address will do; without it, the outside address matters
// behind RFC 1918 only, and behind the ISP's NAT is good to know once.
func question(s netwatch.Snapshot, device string, family address.Family, needed bool) discover.Question {
	q := discover.Question{Device: device, Family: family, Needed: needed}
	l, _ := s.LinkByName(device)
	classes := map[address.Class]bool{}
	var local strings.Builder
	for _, a := range l.Addresses {
		if address.FamilyOf(a.Addr) == family {
			local.WriteString(a.Addr.String() + " ")
			class := address.Classify(a.Addr)
			if class == address.Public && !q.Own.IsValid() {
				q.Own = a.Addr
			}
			classes[class] = true
		}
	}
	shared := classes[address.SharedCGN] || classes[address.IETFAssignment]
	q.Behind = !classes[address.Public] && (needed || !shared)
	for _, r := range s.Routes {
		if r.Link != device || r.IPv6 != (family == address.IPv6) {
			continue
		}
		local.WriteString("via " + r.Gateway.String() + " ")
		if classes[address.Private] && q.Behind && !q.Gateway.IsValid() {
			q.Gateway = r.Gateway
		}
	}
	q.Local = local.String()
	return q
}

// nat tells what stands between an interface and the Internet.
func (d *Daemon) nat(iface string) (address.NAT, string, address.View) {
	device := d.device(iface)
	if device == "" {
		return address.NATUnknown, "", address.View{}
	}
	v := d.outside.finder.View(device, address.IPv4)
	nat, text := address.TellNAT(d.snap, device, v)
	return nat, text, v
}

// tellNATs logs what stands before each interface when it is not what it was.
func (d *Daemon) tellNATs() {
	now := map[string]string{}
	for i := range d.cfg.Records {
		if d.cfg.Records[i].LAN() {
			continue // NAT is between a WAN and the Internet
		}
		for _, iface := range d.cfg.Records[i].Interfaces {
			if _, done := now[iface]; done {
				continue
			}
			nat, text, v := d.nat(iface)
			now[iface] = text
			switch {
			case v.Pending:
				now[iface] = d.outside.nats[iface] // more will be known in a moment
			case text != d.outside.nats[iface]:
				d.o.Log.Log(Info, "nat", "interface", iface, "kind", string(nat), "reason", text)
			}
		}
	}
	d.outside.nats = now
}
