package doctor_test

import (
	"testing"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/doctor"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/publish"
)

func TestExamine_has_words_for_everything(t *testing.T) {
	base := doctor.Name{Hostname: "home.example.org", Type: "A", State: publish.Waiting, Reason: "as told"}
	with := func(f func(*doctor.Name)) doctor.Name {
		n := base
		f(&n)
		return n
	}
	names := map[string]doctor.Name{
		"current":  with(func(n *doctor.Name) { n.State, n.Outcome = publish.Current, provider.Confirmed }),
		"updating": with(func(n *doctor.Name) { n.State = publish.Updating }),
		"too-many": with(func(n *doctor.Name) { n.Outcome = provider.Confirmed }),
	}
	for _, c := range []address.Code{
		address.NoDevice, address.LinkDown, address.NoAddress, address.WaitingForDAD, address.DuplicateAddress,
		address.OnlyDeprecated, address.OnlyTemporary, address.OnlyULA, address.OnlyLinkLocal, address.PrivateAddress,
		address.CarrierGradeNAT, address.SpecialAddress, address.Filtered, address.NotYetKnown, address.NotSeen,
	} {
		names[string(c)] = with(func(n *doctor.Name) { n.State, n.Unavailable = publish.Idle, c })
	}
	for _, c := range []publish.HoldCode{publish.HoldCredentials, publish.HoldRequest, publish.HoldBanned, publish.HoldForeign} {
		names[string(c)] = with(func(n *doctor.Name) { n.State, n.Hold = publish.Held, c })
	}
	for _, o := range []provider.Outcome{provider.SlowDown, provider.Trouble, provider.Unknown} {
		names[o.String()] = with(func(n *doctor.Name) { n.Outcome = o })
	}
	for name, n := range names {
		f := doctor.Examine(n)
		if f.Severity == "" || f.Code == "" || f.What == "" || f.Name != "home.example.org A" {
			t.Errorf("%s: %+v", name, f)
		}
		if f.Severity == doctor.Act && f.Do == "" {
			t.Errorf("%s: somebody has to act and is not told how: %+v", name, f)
		}
		if f.Severity != doctor.Fine && f.Why != "as told" {
			t.Errorf("%s: the reason is lost: %+v", name, f)
		}
	}
}

func TestExamine_a_hold_comes_first(t *testing.T) {
	f := doctor.Examine(doctor.Name{State: publish.Held, Hold: publish.HoldBanned, Unavailable: address.LinkDown})
	if f.Code != string(publish.HoldBanned) || f.Severity != doctor.Act {
		t.Fatalf("%+v", f)
	}
}

func TestExamine_no_way_out_by_the_wan(t *testing.T) {
	n := doctor.Name{State: publish.Waiting, Outcome: provider.Trouble, Reason: "connecting to dyn.example (192.0.2.1:443): no route to host"}
	if f := doctor.Examine(n); f.Code != "trouble" {
		t.Errorf("not bound: %+v", f)
	}
	n.Bound = true
	if f := doctor.Examine(n); f.Code != "no-way" || f.Severity != doctor.Act || f.Do == "" {
		t.Errorf("bound: %+v", f)
	}
	n.Reason = "connecting to dyn.example (192.0.2.1:443): timed out"
	if f := doctor.Examine(n); f.Code != "trouble" {
		t.Errorf("bound, and it is the service: %+v", f)
	}
}
