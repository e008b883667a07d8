package provider_test

import (
	"cmp"
	"testing"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab/double"
)

// A form offers to test an account by what the table says.
func TestInfo_says_whether_a_login_can_be_tested(t *testing.T) {
	fit := map[string]string{"server": "dyndns.example.org", "url": "https://example.org/{ip}", "domain": "example.org", "token": "a7c4d0ad-114e-40ef-ba1d-d217904a50f2"}
	for _, s := range double.NewHosted() {
		for _, name := range []string{"private_key", "service_account"} { // are of a form
			fit[name] = cmp.Or(s.Kind.Options[name], fit[name])
		}
	}
	tested := 0
	for _, info := range provider.All() {
		settings := provider.Settings{}
		for _, o := range info.Options {
			settings[o.Name] = provider.NewSecret(o.Default)
			if o.Required {
				settings[o.Name] = provider.NewSecret(cmp.Or(fit[o.Name], "0123456789"))
			}
		}
		d, err := info.New(settings)
		if err != nil {
			t.Errorf("%s: %v", info.Name, err)
			continue
		}
		_, can := d.(provider.Tester)
		if can != info.Limits.CanTest {
			t.Errorf("%s: the table says %t, and its driver %t", info.Name, info.Limits.CanTest, can)
		}
		if can {
			tested++
		}
	}
	if tested == 0 {
		t.Error("no service can be tested")
	}
}
