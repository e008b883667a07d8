package daemon

import (
	"context"
	"strconv"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/egress"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
)

// reload reads the configuration. One that cannot be used leaves the old one in force: a typing
// error must not take names off the air.
func (d *Daemon) reload(ctx context.Context) {
	cfg, err := config.LoadCopy(d.o.ConfigPath, d.o.ConfigName, d.o.Lookup)
	if err != nil {
		d.cfgError = err.Error()
		d.o.Log.Log(Error, "the configuration cannot be used", "error", err.Error())
		d.markDirty()
		return
	}
	if d.cfgError != "" { // whoever read of it in the log shall read this as well
		d.o.Log.Log(Info, "the configuration can be used again")
	}
	d.cfgError = ""
	d.cfg = cfg
	if level, ok := ParseLevel(cfg.Main.LogLevel); ok {
		d.o.Log.SetLevel(level)
	}
	for _, p := range cfg.Problems {
		d.o.Log.Log(Error, "left out of the configuration", "error", p.Error())
	}
	d.nameHosts(ctx)
	d.decide()
	d.o.Log.Log(Debug, "configuration read", "accounts", strconv.Itoa(len(cfg.Accounts)), "records", strconv.Itoa(len(cfg.Records)))
	d.markDirty()
}

// accounts makes the accounts that records use ready; those that were are kept.
func (d *Daemon) accounts() []publish.Account {
	used := map[string]bool{}
	for i := range d.cfg.Records {
		if d.cfg.Records[i].Enabled {
			used[d.cfg.Records[i].Account] = true
		}
	}
	var list []publish.Account
	keep := map[string]opened{}
	for i := range d.cfg.Accounts {
		a := &d.cfg.Accounts[i]
		if !used[a.Name] {
			continue
		}
		o := d.services[a.Name]
		if mark := a.Fingerprint(d.pub.Salt()) + a.CAFile; o.service == nil || o.fingerprint != mark {
			service, err := open(a)
			if err != nil {
				d.o.Log.Log(Error, "the account cannot be used", "account", a.Name, "error", err.Error())
				continue
			}
			o = opened{mark, service}
		}
		keep[a.Name] = o
		list = append(list, publish.Account{Name: a.Name, Fingerprint: o.fingerprint, Service: o.service})
	}
	d.services = keep
	return list
}

func open(a *config.Account) (*provider.Service, error) {
	return provider.Open(a.Provider, a.Settings, egress.Path{
		CAFile: a.CAFile, Proxy: a.ProxyURL(), InsecureHTTP: a.InsecureHTTP,
	})
}
