//go:build !minimal

package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// The worked examples of the clouds' own documentation.
func TestCanonical_documented_examples(t *testing.T) {
	for _, c := range []struct {
		name, method, url, body string
		headers                 [][2]string // in the order in which they are signed
		want                    string      // hash of the text
	}{
		{ // https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
			name: "ACS3-HMAC-SHA256", method: "POST",
			url: "https://ecs.cn-shanghai.aliyuncs.com/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
			headers: [][2]string{
				{"host", ""}, {"x-acs-action", "RunInstances"},
				{"x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
				{"x-acs-date", "2023-10-26T10:22:32Z"}, {"x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"}, {"x-acs-version", "2014-05-26"},
			},
			want: "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259",
		},
		{ // https://cloud.tencent.com/document/api/1427/56189
			name: "TC3-HMAC-SHA256", method: "POST", url: "https://cvm.tencentcloudapi.com/",
			body:    `{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`,
			headers: [][2]string{{"content-type", "application/json; charset=utf-8"}, {"host", ""}, {"x-tc-action", "describeinstances"}},
			want:    "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequest(c.method, c.url, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			var signed []string
			for _, h := range c.headers {
				signed = append(signed, h[0])
				if h[1] != "" {
					r.Header.Set(h[0], h[1])
				}
			}
			if got := provider.HexHash([]byte(provider.Canonical(r, "/", signed, []byte(c.body)))); got != c.want {
				t.Errorf("hash %s, want %s", got, c.want)
			}
		})
	}
	// The signature of the first of them.
	text := "ACS3-HMAC-SHA256\n7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259"
	if got := provider.Signature([]byte("YourAccessKeySecret"), text); got != "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0" {
		t.Errorf("signature %s", got)
	}
}

// A zone that is deleted and made again has another ID, which the first refusal makes known.
func TestHosted_finds_a_zone_that_was_made_anew(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	for _, s := range h.all {
		if s.Kind.Name != "route53" && s.Kind.Name != "googleclouddns" {
			continue
		}
		account := h.account(s, [2]string{"zone", "example.org"})
		confirmed(t, s, publishOne(t, account, "A home.example.org 192.88.99.7"))
		s.Move()
		if res := publishOne(t, account, "A home.example.org 192.88.99.8"); res.Outcome != provider.RefusedRequest {
			t.Errorf("%s: %v: %s", s.Kind.Name, res.Outcome, res.Text)
		}
		confirmed(t, s, publishOne(t, account, "A home.example.org 192.88.99.8"))
		holds(t, s, "home.example.org", "A", "192.88.99.8")
	}
}

// A record of a line tells some of those who ask another address: it stays.
func TestHosted_lines(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	everybody := map[string]string{"alidns": "default", "edgeone": "Default", "tencentcloud": "默认"}
	h.each(func(t *testing.T, s *double.Hosted) {
		line := everybody[s.Kind.Name]
		if line == "" {
			return
		}
		svc := h.account(s)
		s.PutAs(updated, double.HostedRecord{Type: "A", Data: "192.88.99.1", TTL: 3600, Line: "unicom"})
		s.PutAs(updated, double.HostedRecord{Type: "A", Data: "192.88.99.1", TTL: 3600, Line: line})
		for _, want := range []string{"192.88.99.2", "192.88.99.2 192.88.99.3", "192.88.99.4"} {
			confirmed(t, s, publishOne(t, svc, "A "+updated+" "+want))
			holds(t, s, updated, "A", append([]string{"192.88.99.1"}, strings.Fields(want)...)...)
		}
		confirmed(t, s, svc.Delete(testContext(t), "", updated, "A"))
		holds(t, s, updated, "A", "192.88.99.1")
		s.PutAs(updated, double.HostedRecord{Type: "A", Data: "192.88.99.5", TTL: 3600, Line: "mobile"})
		if res := publishOne(t, svc, "A "+updated+" 192.88.99.6"); res.Outcome != provider.RefusedRequest || !strings.Contains(res.Text, "unicom, mobile") {
			t.Errorf("%v: %s", res.Outcome, res.Text)
		}
		holds(t, s, updated, "A", "192.88.99.1", "192.88.99.5")
	})
}

// A record that nobody is told is none.
func TestHosted_record_that_is_switched_off(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		if !slices.Contains([]string{"alidns", "bunny", "edgeone", "tencentcloud"}, s.Kind.Name) {
			return
		}
		svc := h.account(s)
		s.PutAs(updated, double.HostedRecord{Type: "A", Data: "192.88.99.1", TTL: 3600, Off: true, Line: map[string]string{"alidns": "default"}[s.Kind.Name]})
		if got, err := svc.Read(testContext(t), "", updated, "A"); err != nil || len(got) > 0 {
			t.Errorf("read %v, %v", got, err)
		}
		confirmed(t, s, publishOne(t, svc, "A "+updated+" 192.88.99.2"))
		confirmed(t, s, publishOne(t, svc, "A "+updated+" 192.88.99.3"))
		holds(t, s, updated, "A", "192.88.99.1", "192.88.99.3")
		if s.Kind.Name != "alidns" {
			return // others take it a second time
		}
		confirmed(t, s, svc.Delete(testContext(t), "", updated, "A"))
		if res := publishOne(t, svc, "A "+updated+" 192.88.99.1"); res.Outcome != provider.RefusedRequest || !strings.Contains(res.Text, "paused") {
			t.Errorf("%v: %s", res.Outcome, res.Text)
		}
	})
}

// A token or a session that ends before its time is no matter of the credentials, which would hold
// the account back for a day.
func TestHosted_token_that_ended_early(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	h.each(func(t *testing.T, s *double.Hosted) {
		svc := h.account(s)
		confirmed(t, s, publishOne(t, svc, "A home.example.org 192.88.99.7"))
		s.EndSessions()
		confirmed(t, s, publishOne(t, svc, "A home.example.org 192.88.99.8"))
		holds(t, s, "home.example.org", "A", "192.88.99.8")
	})
}

// What the owner noted beside a set at Azure would be gone with the next address.
func TestAzure_keeps_the_owner_s_notes(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	i := slices.IndexFunc(h.all, func(s *double.Hosted) bool { return s.Kind.Name == "azure" })
	s := h.all[i]
	account := h.account(s)
	confirmed(t, s, publishOne(t, account, "A home.example.org 192.88.99.7"))
	note := map[string]string{"owner": "the attic"}
	s.Note("home.example.org", "A", note)
	confirmed(t, s, publishOne(t, account, "A home.example.org 192.88.99.8"))
	holds(t, s, "home.example.org", "A", "192.88.99.8")
	if got := s.Noted("home.example.org", "A"); !maps.Equal(got, note) {
		t.Errorf("the set's notes are %v", got)
	}
}

// An alias at Azure is of a resource there, and no address of a router's.
func TestAzure_leaves_an_alias_alone(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	s := h.all[slices.IndexFunc(h.all, func(s *double.Hosted) bool { return s.Kind.Name == "azure" })]
	account := h.account(s)
	const resource = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/vm"
	s.Put(updated, "A", resource, 3600)
	if res := publishOne(t, account, "A "+updated+" 192.88.99.7"); res.Outcome != provider.RefusedRequest || !strings.Contains(res.Text, "alias") {
		t.Errorf("%v: %s", res.Outcome, res.Text)
	}
	if res := account.Delete(testContext(t), "", updated, "A"); res.Outcome != provider.RefusedRequest {
		t.Errorf("%v: %s", res.Outcome, res.Text)
	}
	holds(t, s, updated, "A", resource)
	confirmed(t, s, publishOne(t, account, "AAAA "+updated+" 2002:c058:6307::1"))
}

// Huawei Cloud shows 500 record sets at a time, and tells nobody one that is disabled.
func TestHuaweicloud_large_zone_and_disabled_set(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	s := h.all[slices.IndexFunc(h.all, func(s *double.Hosted) bool { return s.Kind.Name == "huaweicloud" })]
	account := h.account(s)
	for i := range 500 {
		s.Put(fmt.Sprintf("host%d.example.org", i), "A", "192.88.99.9", 3600)
	}
	for _, name := range []string{"example.org", updated} {
		s.Put(name, "AAAA", "2002:c058:6307::1", 3600)
		reads(t, account, name, "2002:c058:6307::1")
		confirmed(t, s, publishOne(t, account, "AAAA "+name+" 2002:c058:6307::2"))
		holds(t, s, name, "AAAA", "2002:c058:6307::2")
		confirmed(t, s, account.Delete(testContext(t), "", name, "AAAA"))
		holds(t, s, name, "AAAA")
	}
	s.PutAs(updated, double.HostedRecord{Type: "A", Data: "192.88.99.1", TTL: 3600, Off: true})
	if res := publishOne(t, account, "A "+updated+" 192.88.99.1"); res.Outcome != provider.RefusedRequest || !strings.Contains(res.Text, "disabled") {
		t.Errorf("%v: %s", res.Outcome, res.Text)
	}
	confirmed(t, s, publishOne(t, account, "AAAA "+updated+" 2002:c058:6307::1"))
}

// Hetzner takes a change and does it in an action, which can fail.
func TestHetzner_action_that_failed(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h := newHostedRig(t)
	s := h.all[slices.IndexFunc(h.all, func(s *double.Hosted) bool { return s.Kind.Name == "hetzner" })]
	s.Put(updated, "A", "192.88.99.1", 300)
	failed := double.Reply{Status: 201, Body: `{"action":{"id":1,"status":"error","error":{"code":"action_failed","message":"Action failed"}}}`}
	s.FailNext(healthy, healthy, healthy, double.Fault{Kind: double.Answer, Reply: failed})
	if res := publishOne(t, h.account(s), "A "+updated+" 192.88.99.7"); res.Outcome != provider.Trouble || res.Word != "action_failed" {
		t.Errorf("%v: %s", res.Outcome, res.Text)
	}
	holds(t, s, updated, "A", "192.88.99.1")
}
