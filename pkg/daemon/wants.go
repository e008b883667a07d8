package daemon

import (
	"net/netip"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/publish"
)

// part is one family of one record: what is decided about as one.
type part struct {
	record string
	family address.Family
}

// choice is what is decided about a part.
type choice struct {
	address.Decision
	// lostAt is since when there is no address; zero while there is one, or while it is not
	// certain that there is none.
	lostAt time.Time
	memory address.Memory
	told   string // the last decision that was told
}

// lost says that the interface is certain to have no address, in contrast to one that must not
// be published or is still being checked. named says that it is known which devices the interfaces
// have: while netifd has never answered, nothing is certain. Interface wan may be PPPoE, and device
// wan the switch port below it, which is there and never has an address.
func lost(c address.Code, named bool) bool {
	switch c {
	case address.LinkDown, address.NoAddress, address.NoDevice:
		return named
	}
	return false
}

// follow takes a decision over from the one before it.
func (c choice) follow(d address.Decision, named bool, now time.Time) choice {
	next := choice{Decision: d}
	if lost(d.Code, named) {
		next.lostAt = c.lostAt
		if next.lostAt.IsZero() {
			next.lostAt = now
		}
	}
	return next
}

// deleteAt is when the record set is to be deleted; zero for never.
func (c choice) deleteAt(r *config.Record) time.Time {
	if r.OnLoss != config.OnLossDelete || c.lostAt.IsZero() {
		return time.Time{}
	}
	return c.lostAt.Add(r.LossWait)
}

// wants is what the choices mean for the publisher, and when to look again because time alone
// changes it (zero: never).
func wants(cfg *config.Config, choices map[part]choice, now time.Time) (list []publish.Want, again time.Time) {
	for i := range cfg.Records {
		r := &cfg.Records[i]
		if !r.Enabled {
			continue
		}
		account, ok := cfg.Account(r.Account)
		if !ok {
			continue
		}
		for _, family := range r.Families {
			c := choices[part{r.Name, family}]
			del := c.deleteAt(r)
			if del.After(now) {
				again = address.Sooner(again, del)
			}
			for _, hostname := range r.Hostnames {
				w := publish.Want{
					Target: publish.Target{Account: r.Account, Hostname: hostname, Type: family.RRType()},
					Record: r.Name, Addrs: c.Addrs, Delete: !del.IsZero() && !del.After(now),
					Extras: r.Extras, Replace: r.Replace, Refresh: r.Refresh, Burst: r.RateBurst, Every: r.RateInterval,
				}
				if account.Bind && !r.LAN() { // a LAN has no way to the Internet of its own
					w.Device = c.Device
				}
				list = append(list, w)
			}
		}
	}
	return list, again
}

// rule is what package address needs to know of a record.
func (d *Daemon) rule(r *config.Record) address.Rule {
	mac, nameless, why := d.host(r)
	id := r.HostID
	if r.HostName != "" {
		id = address.EUI64(mac)
	}
	return address.Rule{
		Interfaces: r.Interfaces, Source: r.Source, Static: r.Addresses, Policy: r.Policy, Failback: r.FailbackWait,
		HostID: id, Subnet: r.Subnet, MAC: mac, Nameless: nameless, NamelessText: why, Prefer: r.Prefer, Accept: r.Accept, Reject: r.Reject,
		PublishPrivate: r.PublishPrivate, AllowTemporary: r.AllowTemporary, AllowULA: r.AllowULA, AllowLinkLocal: r.AllowLinkLocal,
	}
}

func texts(addrs []netip.Addr) string {
	s := ""
	for i, a := range addrs {
		if i > 0 {
			s += ","
		}
		s += a.String()
	}
	return s
}
