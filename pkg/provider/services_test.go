//go:build !minimal

package provider_test

import (
	"os"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/provider"
)

// Those that are known to have no HTTPS; one more is a decision.
var plainServices = map[string]bool{"3322": true}

func TestServices_descriptions_are_whole(t *testing.T) {
	all := provider.Described()
	if len(all) < 99 || len(provider.All()) < 100 {
		t.Errorf("%d services", len(all))
	}
	before := ""
	for _, i := range all {
		if i.Err != nil || i.Name <= before {
			t.Errorf("%s: %v (after %s)", i.Name, i.Err, before)
		}
		before = i.Name
		if !strings.HasPrefix(i.Website, "https://") || !strings.HasPrefix(i.Docs, "https://") {
			t.Errorf("%s: title %q, website %q, docs %q", i.Name, i.Title, i.Website, i.Docs)
		}
		help := ""
		for _, o := range i.Options {
			help += o.Help
			if o.Title == o.Name || !strings.HasSuffix(o.Help, ".") || o.Check == nil || o.Check("a\nb") == nil {
				t.Errorf("%s: option %+v is not complete", i.Name, o)
			}
		}
		if strings.Contains(help, "insecure_http") != plainServices[i.Name] {
			t.Errorf("%s: has it HTTPS? %s", i.Name, help)
		}
		settings := provider.Settings{}
		for _, o := range i.Options {
			settings[o.Name] = provider.NewSecret("example.org")
		}
		if _, err := i.New(settings); err != nil {
			t.Errorf("%s: %v", i.Name, err)
		}
		for _, o := range i.Options {
			lacking := provider.Settings{}
			for n, v := range settings {
				if n != o.Name {
					lacking[n] = v
				}
			}
			if _, err := i.New(lacking); (err != nil) != o.Required || err != nil && !strings.Contains(err.Error(), o.Name) {
				t.Errorf("%s without %s: %v", i.Name, o.Name, err)
			}
		}
	}
}

// The names of ddns-scripts 2.8.4, those of its script packages as well.
func TestByRivalName_answers_for_every_service_of_ddns_scripts(t *testing.T) {
	list, err := os.ReadFile("testdata/ddns-scripts-services.txt")
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(list))
	if len(names) != 100 {
		t.Errorf("%d names", len(names))
	}
	mapped := 0
	for _, name := range names {
		ours, reason := provider.ByRivalName(name)
		switch {
		case strings.HasPrefix(reason, "wandns does not know"):
			t.Errorf("%s is not covered", name)
		case (ours == "") == (reason == ""):
			t.Errorf("%s: %q and the reason %q", name, ours, reason)
		case ours != "" && provider.Lookup(ours) == nil:
			t.Errorf("%s is called %s here, and that is not there", name, ours)
		}
		if ours != "" {
			mapped++
		}
	}
	if mapped < 73 {
		t.Errorf("%d of them can be used", mapped)
	}
}

func TestByRivalName(t *testing.T) {
	for rival, want := range map[string]string{
		"dyndns.org": "dyn", "dyn.com": "dyn", "no-ip.com": "noip", "cloudflare.com-v4": "cloudflare", "dyn": "dyn",
		"google.com": "", "one.com": "", "nobody.example": "", "": "", "name": "", "dyndns.or": "",
	} {
		if ours, reason := provider.ByRivalName(rival); ours != want || (ours == "") != (reason != "") {
			t.Errorf("%q: %q, %q; want %q", rival, ours, reason, want)
		}
	}
}

func TestDead(t *testing.T) {
	for name, want := range map[string]bool{"google.com": true, "google": true, "dnsdynamic.org": true, "noip": false, "one.com": false, "": false} {
		reason, dead := provider.Dead(name)
		if dead != want || (reason != "") != want {
			t.Errorf("%q: %v, %q", name, dead, reason)
		}
		if dead && provider.Lookup(name) != nil {
			t.Errorf("%q is dead and can be used", name)
		}
	}
}

// A section that is begun wrongly would be passed over in silence.
func TestServices_sections_begin_as_they_should(t *testing.T) {
	for _, part := range strings.Split(provider.ServicesText(), "\n\n") {
		head, body, _ := strings.Cut(part, "\n")
		kind, name, _ := strings.Cut(head, " ")
		switch kind {
		case "#", "driver":
		case "name":
			if !strings.Contains(body, "title ") {
				t.Errorf("%s has no title", name)
			}
		case "dead", "none":
			if !strings.Contains(body, "why ") {
				t.Errorf("%s has no reason", name)
			}
		default:
			t.Errorf("a section begins with %q", head)
		}
		if kind != "#" && (name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "") {
			t.Errorf("%q is no name", name)
		}
	}
}

// What a router pays: one description for each account, and all of them for `wandns providers`.
func BenchmarkLookup(b *testing.B) {
	b.Run("first", func(b *testing.B) { benchmarkLookup(b, "1984") })
	b.Run("last", func(b *testing.B) { benchmarkLookup(b, "zoneedit") })
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			provider.All()
		}
	})
}

func benchmarkLookup(b *testing.B, name string) {
	b.ReportAllocs()
	for range b.N {
		if provider.Lookup(name) == nil {
			b.Fatal("it is not there")
		}
	}
}
