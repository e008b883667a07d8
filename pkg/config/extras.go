package config

import "github.com/wandns/wandns/pkg/provider"

// extras are the values of the options that a record can have at some services only.
func (f *fields) extras() provider.Extras {
	e := provider.Extras{TTL: f.duration("ttl"), Comment: f.text("comment")}
	if f.given["proxied"] != 0 {
		e.Proxied = provider.Off
		if f.bool("proxied") {
			e.Proxied = provider.On
		}
	}
	return e
}

// checkExtras sees to it that the account's service has them, and takes their values.
func (f *fields) checkExtras(r *Record, a *Account) {
	for _, name := range provider.ExtraNames() {
		if len(f.list(name)) == 0 { // not given, or told of already
			continue
		}
		message := a.Provider.Title + " has no such setting for a record; take the line out"
		for i := range a.Provider.RecordOptions {
			if row := (Option{Option: a.Provider.RecordOptions[i]}); row.Name == name {
				message = ""
				if err := row.checkValue(f.text(name)); err != nil {
					message = err.Error()
				}
			}
		}
		if message != "" {
			f.about(name, message)
			return
		}
	}
	if a.Provider.CheckExtras == nil {
		return
	}
	if option, err := a.Provider.CheckExtras(r.Extras); err != nil {
		f.about(option, err.Error())
	}
}
