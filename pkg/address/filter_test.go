package address_test

import (
	"net/netip"
	"testing"

	"github.com/wandns/wandns/pkg/address"
)

func TestChoose_filters_hold_for_every_source(t *testing.T) {
	seen := func(string, address.Family) address.View {
		return address.View{Addr: netip.MustParseAddr("192.88.99.7")}
	}
	for _, c := range []struct {
		name string
		own  string
		rule address.Rule
	}{
		{"outside", "192.168.1.2", address.Rule{Source: address.SeenOutside}},
		{"auto-behind-nat", "192.168.1.2", address.Rule{Source: address.Auto}},
		{"interface", "192.88.99.7", address.Rule{Source: address.Interface}},
		{"static", "", address.Rule{Source: address.Static, Static: ips("192.88.99.7")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, rule := world(up("wan")), c.rule
			if c.own != "" {
				s = world(up("wan", c.own))
			}
			rule.Interfaces = []string{"wan"}
			if d := address.Choose(s, rule, address.IPv4, nil, nil, seen); d.String() != "192.88.99.7" {
				t.Fatalf("without a filter: %v", d)
			}
			rule.Reject = nets("192.88.99.0/24")
			if d := address.Choose(s, rule, address.IPv4, nil, nil, seen); d.Code != address.Filtered || d.Text == "" {
				t.Fatalf("rejected: %+v", d)
			}
			rule.Reject, rule.Accept = nil, nets("192.88.98.0/24")
			if d := address.Choose(s, rule, address.IPv4, nil, nil, seen); d.Code != address.Filtered {
				t.Fatalf("not accepted: %+v", d)
			}
		})
	}
}
