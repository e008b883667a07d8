package daemon

import (
	"context"
	"net/netip"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/netwatch"
)

// host is the host that a record about one on the LAN means now, or why that is not known.
func (d *Daemon) host(r *config.Record) (mac netwatch.MAC, code address.Code, why string) {
	if r.HostName == "" {
		return r.MAC, address.Available, ""
	}
	macs := d.leases.Hosts(r.HostName)
	switch len(macs) {
	case 0:
		return mac, address.NoLease, "no DHCP lease is known of a host called " + r.HostName
	case 1:
		return macs[0], address.Available, ""
	}
	why = "several hosts are called " + r.HostName + " in the DHCP leases:"
	for _, m := range macs {
		why += " " + m.String()
	}
	return mac, address.SharedName, why
}

// nameHosts says which names of hosts on the LAN count, and reads the leases.
func (d *Daemon) nameHosts(ctx context.Context) {
	var names []string
	for i := range d.cfg.Records {
		if r := &d.cfg.Records[i]; r.Enabled && r.HostName != "" {
			names = append(names, r.HostName)
		}
	}
	d.leases.Configure(d.cfg.Main.LeaseFiles, names)
	d.leases.Refresh(ctx)
}

// askLeases decides again when a name is another host's.
func (d *Daemon) askLeases(ctx context.Context) {
	if d.leases.Refresh(ctx) {
		d.decide()
	}
}

// seek has the kernel's neighbour table looked at for the hosts that records are about, and the
// kernel asked about addresses that they may have.
func (d *Daemon) seek(wanted []netwatch.MAC, ask []netip.Addr) {
	d.seeking = len(wanted) > 0
	d.watch.Neighbours(wanted)
	if len(ask) == 0 {
		return
	}
	d.o.Log.Log(Debug, "looking for neighbours", "address", texts(ask))
	if err := netwatch.Solicit(ask); err != nil {
		d.o.Log.Log(Debug, "neighbours cannot be looked for", "error", err.Error())
	}
}

// timePassed decides again because a time has come. That nobody answers at an address is no event
// of the kernel: where that matters, its table is looked at first.
func (d *Daemon) timePassed() {
	if d.seeking {
		d.watch.Look()
		return
	}
	d.decide()
}
