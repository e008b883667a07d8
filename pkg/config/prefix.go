package config

import (
	"errors"
	"net/netip"
)

// prefixes reads what checkPrefix has checked.
func prefixes(values []string) []netip.Prefix {
	var out []netip.Prefix
	for _, v := range unique(values) {
		if p, err := netip.ParsePrefix(v); err == nil {
			out = append(out, p)
		}
	}
	return out
}

func checkPrefix(v string) error {
	p, err := netip.ParsePrefix(v)
	switch {
	case err != nil || p.Addr().Is4In6():
		return errors.New(quote(v) + " is not a prefix; write it like '2001:db8::/32' or '192.88.99.0/24'")
	case p.Masked() != p:
		return errors.New(quote(v) + " has bits after its length; write '" + p.Masked().String() + "'")
	}
	return nil
}
