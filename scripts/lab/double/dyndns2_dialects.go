package double

import (
	"net/netip"
	"net/url"
	"strings"
)

// addressList reads addresses with commas between, at the most one of each family.
func addressList(text string) (a, aaaa wish, good bool) {
	if text == "" {
		return a, aaaa, true
	}
	for _, field := range strings.Split(text, ",") {
		addr, err := netip.ParseAddr(field)
		switch {
		case err != nil, addr.Is4In6(), addr.Is4() && a.change, addr.Is6() && aaaa.change:
			return a, aaaa, false
		case addr.Is4():
			a = wish{true, addr}
		default:
			aaaa = wish{true, addr}
		}
	}
	return a, aaaa, true
}

func askedOfNoIP(q url.Values, source netip.Addr) (a, aaaa wish, good bool) {
	a, aaaa, good = addressList(q.Get("myip"))
	if !a.change && !aaaa.change && source.Is4() {
		a = wish{true, source}
	}
	if own := q.Get("myipv6"); own != "" {
		addr, err := netip.ParseAddr(own)
		if err != nil || !addr.Is6() {
			return a, aaaa, false
		}
		aaaa = wish{true, addr}
	}
	return a, aaaa, good
}

func toldByNoIP(h *held, q url.Values) string {
	a, aaaa, _ := addressList(q.Get("myip"))
	var told []string
	if a.change || !aaaa.change {
		told = append(told, h.a.String())
	}
	if (aaaa.change || q.Get("myipv6") != "") && !h.onlyA {
		told = append(told, h.aaaa.String())
	}
	if len(told) == 0 {
		told = append(told, h.a.String())
	}
	return strings.Join(told, ",")
}

func askedOfDynu(q url.Values, source netip.Addr) (a, aaaa wish, good bool) {
	a, good = askedOfDynuFamily(q.Get("myip"), source, netip.Addr.Is4)
	aaaa, good6 := askedOfDynuFamily(q.Get("myipv6"), source, netip.Addr.Is6)
	return a, aaaa, good && good6
}

func askedOfDynuFamily(text string, source netip.Addr, of func(netip.Addr) bool) (w wish, good bool) {
	switch text {
	case "no":
		return w, true
	case "", "10.0.0.0":
		return wish{of(source), source}, true
	}
	addr, err := netip.ParseAddr(text)
	return wish{true, addr}, err == nil && of(addr)
}

func toldByDynu(h *held, _ url.Values) string {
	if h.a.IsValid() {
		return h.a.String()
	}
	return ""
}

func askedOfDyn(q url.Values, source netip.Addr) (a, aaaa wish, good bool) {
	a, aaaa, good = addressList(q.Get("myip"))
	if !a.change && !aaaa.change {
		a = wish{to: source}
	}
	a.change, aaaa.change = true, true
	return a, aaaa, good
}
