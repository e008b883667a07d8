//go:build !minimal

package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// What people have in their zones that wandns would not have put there.

// A record that is there twice, with the same TTL or another: one of them stays.
func TestLibdns_record_that_is_there_twice(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		const name = "home.example.org"
		svc := h.account(s)
		// Where a record is what it holds, there is none twice.
		if svc.Info().Limits.MaxAddresses == 1 || slices.Contains([]string{"dreamhost", "nfsn", "spaceship"}, s.Kind.Name) {
			return
		}
		sameTTL := !slices.Contains([]string{"autodns", "transip"}, s.Kind.Name)
		for _, ttls := range [][]int{{3600, 3600}, {3600, 7200}, {7200, 3600}} {
			if ttls[0] == ttls[1] && !sameTTL {
				continue
			}
			for _, want := range []string{"192.88.99.1", "192.88.99.2", "192.88.99.1 192.88.99.2"} {
				s.Clear()
				for _, ttl := range ttls {
					s.Put(name, "A", "192.88.99.1", ttl)
				}
				confirmed(t, s, publishOne(t, svc, "A "+name+" "+want))
				holds(t, s, name, "A", strings.Fields(want)...)
				if e := s.Emptied(); len(e) > 0 {
					t.Errorf("empty for a moment: %v", e)
				}
			}
		}
	})
}

// An address that comes back right after its name was deleted: what was read before the deletion
// does not count.
func TestLibdns_published_right_after_a_deletion(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		svc := h.account(s)
		confirmed(t, s, publishOne(t, svc, "AAAA "+updated+" 2002:c058:6307::1"))
		reads(t, svc, updated, "2002:c058:6307::1")
		confirmed(t, s, svc.Delete(testContext(t), "", updated, "AAAA"))
		confirmed(t, s, publishOne(t, svc, "AAAA "+updated+" 2002:c058:6307::1"))
		holds(t, s, updated, "AAAA", "2002:c058:6307::1")
	})
}

func reads(t *testing.T, svc *provider.Service, name, want string) {
	t.Helper()
	got, err := svc.Read(testContext(t), "", name, "AAAA")
	if err != nil || fmt.Sprint(got) != "["+want+"]" {
		t.Errorf("%s reads %v, %v, want %s", name, got, err, want)
	}
}

// A zone of more pages than are read: the record may be on one that is not, and must not be added
// again.
func TestVercel_more_records_than_are_read(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		if s.Kind.Name != "vercel" {
			return
		}
		s.Put(updated, "A", "192.88.99.1", 3600)
		for i := range 50 { // one on a page
			s.Put(fmt.Sprintf("host%d.example.org", i), "A", "192.88.99.9", 3600)
		}
		s.Put(updated, "A", "192.88.99.1", 3600)
		res := publishOne(t, h.account(s), "A "+updated+" 192.88.99.7")
		if res.Outcome != provider.Trouble || !strings.Contains(res.Text, "more records") {
			t.Errorf("%v: %s", res.Outcome, res.Text)
		}
		holds(t, s, updated, "A", "192.88.99.1", "192.88.99.1")
	})
}

// bunny.net lists zones with all of their records: those of another zone must not matter.
func TestBunny_account_of_many_records(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		if s.Kind.Name != "bunny" {
			return
		}
		for i := range 4000 {
			s.Put(fmt.Sprintf("host%d.example.net", i), "A", "192.88.99.9", 3600)
		}
		confirmed(t, s, publishOne(t, h.account(s), "A "+updated+" 192.88.99.7"))
	})
}

// Names that services write in ways of their own, from the first address to the last.
func TestLibdns_special_names(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		svc := h.account(s)
		for _, name := range []string{"example.org", "*.example.org", "*.b.example.org", "a.b.example.org", "sub.example.org"} {
			for _, want := range []string{"2002:c058:6307::1", "2002:c058:6307::2", "2002:c058:6307::2 2002:c058:6307::3", "2002:c058:6307::4"} {
				if svc.Info().Limits.MaxAddresses == 1 && strings.Contains(want, " ") {
					continue
				}
				confirmed(t, s, publishOne(t, svc, "AAAA "+name+" "+want))
				reads(t, svc, name, want)
			}
			confirmed(t, s, svc.Delete(testContext(t), "", name, "AAAA"))
			holds(t, s, name, "AAAA")
		}
	})
}

// An IPv6 address that its owner wrote in another way than we do.
func TestLibdns_address_written_another_way(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		if s.Kind.Name == "desec" {
			return // it writes them as we do, whoever writes
		}
		svc := h.account(s)
		for _, want := range []string{"2002:c058:6307::1", "2002:c058:6307::2", "2002:c058:6307::1 2002:c058:6307::2", "2002:c058:6307::2 2002:c058:6307::3"} {
			if svc.Info().Limits.MaxAddresses == 1 && strings.Contains(want, " ") {
				continue
			}
			s.Clear()
			s.Put(updated, "AAAA", "2002:C058:6307:0000:0:0:0:1", 3600)
			confirmed(t, s, publishOne(t, svc, "AAAA "+updated+" "+want))
			reads(t, svc, updated, want)
			if e := s.Emptied(); len(e) > 0 {
				t.Errorf("empty for a moment: %v", e)
			}
			confirmed(t, s, svc.Delete(testContext(t), "", updated, "AAAA"))
			holds(t, s, updated, "AAAA")
		}
	})
}

// Domeneshop takes TTLs that are whole minutes: another is made one, and what then is there is right.
func TestDomeneshop_ttl_between_minutes(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		if s.Kind.Name != "domainnameshop" {
			return
		}
		svc := h.account(s)
		var res provider.Result
		for _, addrs := range []string{"192.88.99.1 192.88.99.2", "192.88.99.1 192.88.99.3", "192.88.99.1 192.88.99.3"} {
			set := want("A " + updated + " " + addrs)
			set.Extras.TTL = 90 * time.Second
			res = svc.Set(testContext(t), "", []provider.RecordSet{set})[0]
			confirmed(t, s, res)
		}
		if _, ttls := s.Held(updated, "A"); !slices.Equal(ttls, []int{120, 120}) || !res.Unchanged {
			t.Errorf("TTLs %v, unchanged %v", ttls, res.Unchanged)
		}
	})
}

// A record without a TTL of its own: the zone's counts.
func TestLibdns_record_without_a_ttl(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		if s.Kind.Name == "mijnhost" || s.Kind.Name == "transip" {
			return // each has one there
		}
		svc := h.account(s)
		for _, want := range []string{"2002:c058:6307::2", "2002:c058:6307::1 2002:c058:6307::2"} {
			if svc.Info().Limits.MaxAddresses == 1 && strings.Contains(want, " ") {
				continue
			}
			s.Clear()
			s.Put(updated, "AAAA", "2002:c058:6307::1", 0)
			confirmed(t, s, publishOne(t, svc, "AAAA "+updated+" "+want))
			reads(t, svc, updated, want)
			confirmed(t, s, svc.Delete(testContext(t), "", updated, "AAAA"))
			holds(t, s, updated, "AAAA")
			s.Put(updated, "AAAA", "2002:c058:6307::1", 0)
			confirmed(t, s, svc.Delete(testContext(t), "", updated, "AAAA"))
			holds(t, s, updated, "AAAA")
		}
	})
}

// With a paid plan a cloud takes a shorter TTL than the least that we ask for: it stays.
func TestLibdns_short_ttl_of_a_paid_plan(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		if !slices.Contains([]string{"alidns", "tencentcloud"}, s.Kind.Name) {
			return
		}
		s.Kind.LeastTTL = 1
		s.Put(updated, "A", "192.88.99.1", 60)
		svc := h.account(s)
		if res := publishOne(t, svc, "A "+updated+" 192.88.99.1"); !res.Unchanged {
			t.Errorf("written: %s", res.Text)
		}
		for _, addrs := range []string{"192.88.99.2", "192.88.99.2 192.88.99.3"} {
			confirmed(t, s, publishOne(t, svc, "A "+updated+" "+addrs))
			if _, ttls := s.Held(updated, "A"); slices.Max(ttls) != 60 {
				t.Errorf("TTLs %v, was 60", ttls)
			}
		}
	})
}

// A record that its owner wrote in another way gets another TTL like any other.
func TestLibdns_ttl_of_an_address_written_another_way(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		svc := h.account(s)
		takes := slices.ContainsFunc(svc.Info().RecordOptions, func(o provider.Option) bool { return o.Name == "ttl" })
		if !takes || s.Kind.Name == "desec" {
			return
		}
		for _, addrs := range []string{"2002:c058:6307::1", "2002:c058:6307::1 2002:c058:6307::2"} {
			if svc.Info().Limits.MaxAddresses == 1 && strings.Contains(addrs, " ") {
				continue
			}
			s.Clear()
			svc = h.account(s) // without what was read before
			for _, a := range strings.Fields(addrs) {
				s.Put(updated, "AAAA", strings.Replace(a, "::", ":0:0:0:0:", 1), 3600)
			}
			set := want("AAAA " + updated + " " + addrs)
			set.Extras.TTL = time.Hour
			if s.Kind.LeastTTL < 3600 {
				set.Extras.TTL = 30 * time.Minute
			}
			confirmed(t, s, svc.Set(testContext(t), "", []provider.RecordSet{set})[0])
			reads(t, svc, updated, addrs)
			_, ttls := s.Held(updated, "AAAA")
			if slices.Min(ttls) != int(set.Extras.TTL.Seconds()) || slices.Max(ttls) != slices.Min(ttls) {
				t.Errorf("TTLs %v, want %v", ttls, set.Extras.TTL)
			}
			if e := s.Emptied(); len(e) > 0 {
				t.Errorf("empty for a moment: %v", e)
			}
		}
	})
}

// A name that its owner wrote with capitals is the same, and is changed as it is written there.
func TestLibdns_name_with_capitals(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		if !slices.Contains([]string{"alidns", "autodns", "bunny", "digitalocean", "domainnameshop", "infomaniak", "inwx", "linode",
			"namecom", "njalla", "simplydotcom", "spaceship", "tencentcloud", "transip", "vercel", "vultr"}, s.Kind.Name) {
			return // what they do with capitals is for them to know: their doubles do not
		}
		svc := h.account(s)
		s.Put("Home.example.org", "AAAA", "2002:c058:6307::1", 3600)
		reads(t, svc, updated, "2002:c058:6307::1")
		confirmed(t, s, publishOne(t, svc, "AAAA "+updated+" 2002:c058:6307::2"))
		holds(t, s, "Home.example.org", "AAAA", "2002:c058:6307::2")
		confirmed(t, s, svc.Delete(testContext(t), "", updated, "AAAA"))
		holds(t, s, "Home.example.org", "AAAA")
	})
}
