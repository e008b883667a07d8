//go:build !minimal && !no_route53

package provider_test

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/double"
)

// Examples of AWS's own test suite for Signature Version 4, of requests with the two headers that
// are signed here.
func TestAWSSigner_published_examples(t *testing.T) {
	at := func() time.Time { return time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC) }
	for url, want := range map[string]string{
		"https://example.amazonaws.com/":                             "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", // get-vanilla
		"https://example.amazonaws.com/?Param1=value1&Param2=value2": "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500", // get-vanilla-query-order-key-case
	} {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		provider.AWSSigner("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service", at)(r, nil)
		want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + want
		if got := r.Header.Get("Authorization"); got != want {
			t.Errorf("%s:\n%s, want\n%s", url, got, want)
		}
	}
}

// xmlEnds is each element where it ends, with its text, as encoding/xml has it; readEnds as readXML has it.
func xmlEnds(doc string) (ends [][2]string, err error) {
	d := xml.NewDecoder(strings.NewReader(doc))
	var open, texts []string
	var holds []bool // elements: then what is around them is no text
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return ends, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if n := len(holds); n > 0 {
				holds[n-1] = true
			}
			open, texts, holds = append(open, token.Name.Local), append(texts, ""), append(holds, false)
		case xml.CharData:
			if n := len(texts); n > 0 {
				texts[n-1] += string(token)
			}
		case xml.EndElement:
			n := len(open) - 1
			if holds[n] {
				texts[n] = strings.Trim(texts[n], " \t\r\n")
			}
			ends = append(ends, [2]string{strings.Join(open, "/"), texts[n]})
			open, texts, holds = open[:n], texts[:n], holds[:n]
		}
	}
}

func readEnds(doc string) (ends [][2]string, err error) {
	n, err := provider.ReadXML(doc)
	if err != nil {
		return nil, err
	}
	provider.WalkXML(n, "", func(path, text string) { ends = append(ends, [2]string{path, text}) })
	return ends, nil
}

func TestReadXML(t *testing.T) {
	for doc, want := range map[string]string{
		`<a/>`: "a=",
		"<?xml version=\"1.0\"?>\n<a xmlns=\"urn:x\"><b><c>1 &lt; 2 &amp; 3</c></b><b/></a>\n": "a/b/c=1 < 2 & 3;a/b=;a/b=;a=",
		`<a>&quot;&apos;&gt;&amp;lt;</a>`:  `a="'>&lt;`,
		`<a>it&#39;s</a>`:                  `a=it&#39;s`,
		"<a> <b> c </b>\r\n<d> </d>\t</a>": "a/b= c ;a/d= ;a=",
	} {
		ends, err := readEnds(doc)
		var got []string
		for _, e := range ends {
			got = append(got, e[0]+"="+e[1])
		}
		if err != nil || strings.Join(got, ";") != want {
			t.Errorf("%q: %q, %v; want %q", doc, got, err, want)
		}
	}
	for _, doc := range []string{
		"", " ", "a", "<", "<a", "<a>", "</a>", "<a></b>", "<a></a><b></b>", "<a/>x", "x<a/>", "<a><!-- --></a>", "<!DOCTYPE a><a/>",
		"<a><![CDATA[x]]></a>", "<a>&x;</a>", "<a>&</a>", "<a>&t;</a>", "<a>&;</a>", "<a b></a>", "<a b=c></a>", `<a xmlns="<"></a>`, `<a xmlns="&"></a>`,
		`<a xmlns="1"c="2"></a>`, `<a xmlns="1></a>`, `<a xmlns="></a>`, "<a>]]></a>", "<a>\x00</a>", "<a>\x01</a>", "<a>\xff</a>", "<a><?x y?></a>", "<a>x<b/></a>", "<a><b/>x</a>", "<a><b/>x<b/></a>", `{"a":1}`, "<html><body><br></body></html>",
		strings.Repeat("<a>", 17) + strings.Repeat("</a>", 17), "<a>" + strings.Repeat("<b/>", 17000) + "</a>",
	} {
		if _, err := readEnds(doc); err == nil {
			t.Errorf("%q is taken", doc)
		}
	}
}

// FuzzReadXML: whatever is taken, encoding/xml takes it too and for the same.
func FuzzReadXML(f *testing.F) {
	f.Add(double.Route53Error(403, "SignatureDoesNotMatch", "it is <wrong>").Body)
	f.Add(`<a xmlns="1"><d>&amp;lt;</d><e/></a>`)
	f.Fuzz(func(t *testing.T, doc string) {
		got, err := readEnds(doc)
		if err != nil || strings.Contains(doc, "&#") { // which stay
			return
		}
		if head, rest, ok := strings.Cut(doc, "?>"); ok && strings.HasPrefix(head, "<?xml ") {
			doc = rest
		}
		want, err := xmlEnds(doc)
		if err != nil {
			t.Fatalf("%q is taken, and is no XML: %v", doc, err)
		}
		plain := strings.NewReplacer("\r\n", "\n", "\r", "\n")
		for i := range got {
			got[i][1] = plain.Replace(got[i][1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, and encoding/xml has %q", doc, got, want)
		}
	})
}

// route53Rig is the double of Route 53 alone.
func route53Rig(t *testing.T) (*hostedRig, *double.Hosted) {
	t.Helper()
	h := newHostedRig(t)
	i := slices.IndexFunc(h.all, func(s *double.Hosted) bool { return s.Kind.Name == "route53" })
	return h, h.all[i]
}

// What Route 53 says, with one request that is well before it.
func TestRoute53_answers(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h, s := route53Rig(t)
	set := func(more string) double.Reply {
		return double.Reply{Status: 200, Body: `<?xml version="1.0"?><ListResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceRecordSets><ResourceRecordSet>` +
			`<Name>home.example.org.</Name><Type>A</Type>` + more + `</ResourceRecordSet></ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListResourceRecordSetsResponse>`}
	}
	values := `<TTL>300</TTL><ResourceRecords><ResourceRecord><Value>192.88.99.1</Value></ResourceRecord></ResourceRecords>`
	for _, c := range []struct {
		name  string
		reply double.Reply
		want  provider.Outcome
		whole bool
		text  string
	}{
		{"alias", set(`<AliasTarget><HostedZoneId>Z2FDTNDATAQYW2</HostedZoneId><DNSName>d1.cloudfront.net.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>`),
			provider.RefusedRequest, false, "AliasTarget"},
		{"weighted", set(`<SetIdentifier>one</SetIdentifier><Weight>10</Weight>` + values), provider.RefusedRequest, false, "SetIdentifier"},
		{"geo", set(`<SetIdentifier>one</SetIdentifier><GeoLocation><CountryCode>DE</CountryCode></GeoLocation>` + values), provider.RefusedRequest, false, "SetIdentifier"},
		{"health-check", set(values + `<HealthCheckId>abcdef11-2222-3333-4444-555555fedcba</HealthCheckId>`), provider.RefusedRequest, false, "HealthCheckId"},
		{"clock-behind", double.Route53Error(403, "SignatureDoesNotMatch", "Signature expired: 20200101T000000Z is now earlier than 20261125T000000Z (20261125T000500Z - 5 min.)"), provider.Trouble, false, "clock"},
		{"clock-ahead", double.Route53Error(403, "SignatureDoesNotMatch", "Signature not yet current: 20300101T000000Z is still later than 20261125T000500Z"), provider.Trouble, false, "clock"},
		{"request-expired", double.Route53Error(400, "RequestExpired", "Request has expired."), provider.Trouble, false, "clock"},
		{"signature-of-another-form", double.Reply{Status: 403, Body: "<?xml version=\"1.0\"?>\n<InvalidSignatureException>\n  <Message>The request signature we calculated does not match.</Message>\n</InvalidSignatureException>"},
			provider.RefusedCredentials, true, "secret access key"},
		{"key-id", double.Route53Error(403, "InvalidClientTokenId", "The security token included in the request is invalid."), provider.RefusedCredentials, true, "access key ID"},
		{"policy", double.Route53Error(403, "AccessDenied", "User: arn:aws:iam::123456789012:user/router is not authorized to perform: route53:ListResourceRecordSets on resource: arn:aws:route53:::hostedzone/Z1"),
			provider.RefusedCredentials, false, "route53:ListResourceRecordSets"},
		{"throttling", double.Route53Error(400, "Throttling", "Rate exceeded"), provider.SlowDown, true, "five"},
		{"busy", double.Route53Error(400, "PriorRequestNotComplete", "The request was rejected because Route 53 was still processing a prior request."), provider.Trouble, false, "busy"},
		{"no-zone", double.Route53Error(404, "NoSuchHostedZone", "No hosted zone found with ID: Z1"), provider.RefusedRequest, false, "No hosted zone"},
		{"cname", double.Route53Error(400, "InvalidChangeBatch", "[RRSet of type A with DNS name home.example.org. is not permitted because a conflicting RRSet of type CNAME exists.]"), provider.RefusedRequest, false, "CNAME"},
		{"batch-of-another-form", double.Reply{Status: 400, Body: `<?xml version="1.0"?><InvalidChangeBatch xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Messages><Message>Tried to create it twice</Message></Messages></InvalidChangeBatch>`},
			provider.RefusedRequest, false, "twice"},
		{"cut-off", double.Reply{Status: 400, Body: `<?xml version="1.0"?><ErrorResponse><Error><Code>InvalidInput</Code><Message>Not so</Message>` + strings.Repeat("<x>", 2000)}, provider.RefusedRequest, false, "Not so"},
		{"json", double.Reply{Status: 200, Body: `{"ok":true}`}, provider.Trouble, false, ""},
		{"half-a-page", double.Reply{Status: 200, Body: `<ListResourceRecordSetsResponse><ResourceRecordSets>`}, provider.Trouble, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.Clear()
			s.FailNext(healthy, healthy, healthy, double.Fault{Kind: double.Answer, Reply: c.reply}) // three pages of zones
			res := h.account(s).Set(testContext(t), "", wants("A home.example.org 192.88.99.7"))[0]
			clean(t, s, res)
			if res.Outcome != c.want || res.Whole != c.whole || !strings.Contains(res.Text, c.text) {
				t.Errorf("%v, whole %v: %q; want %v, %v, %q", res.Outcome, res.Whole, res.Text, c.want, c.whole, c.text)
			}
			if n := len(s.Requests()); n != 4 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// With the ID of a zone, nothing else is asked about zones; one of two zones of a name is not guessed.
func TestRoute53_zone_id(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	h, s := route53Rig(t)
	id := [2]string{"zone_id", s.Route53ID("example.org")}
	confirmed(t, s, publishOne(t, h.account(s, id), "A home.example.org 192.88.99.7"))
	holds(t, s, "home.example.org", "A", "192.88.99.7")
	for _, r := range s.Requests() {
		if !strings.Contains(r.Path, id[1]) {
			t.Errorf("asked %s %s", r.Method, r.Path)
		}
	}
	if res := h.account(s, id).Set(testContext(t), "", wants("A home.example.net 192.88.99.7"))[0]; res.Outcome != provider.RefusedRequest {
		t.Errorf("a name of another zone: %v: %s", res.Outcome, res.Text)
	}
	if res := h.account(s, id).Test(testContext(t), ""); res.Outcome != provider.Confirmed {
		t.Errorf("test: %v: %s", res.Outcome, res.Text)
	}
	zone := func(id string) string {
		return "<HostedZone><Id>/hostedzone/" + id + "</Id><Name>example.org.</Name><Config><PrivateZone>false</PrivateZone></Config></HostedZone>"
	}
	s.Clear()
	s.FailNext(double.Fault{Kind: double.Answer, Reply: double.Reply{Status: 200, Body: "<ListHostedZonesByNameResponse><HostedZones>" + zone("Z1") + zone("Z2") + "</HostedZones></ListHostedZonesByNameResponse>"}})
	res := h.account(s).Set(context.Background(), "", wants("A home.example.org 192.88.99.7"))[0]
	if res.Outcome != provider.RefusedRequest || !strings.Contains(res.Text, "zone_id") || len(s.Requests()) != 1 {
		t.Errorf("two zones of a name: %v: %s", res.Outcome, res.Text)
	}
	for _, bad := range []string{"z1", "Z1/../Z2", "Z1?x", strings.Repeat("Z", 33)} {
		if _, err := provider.Lookup("route53").New(provider.Settings{"zone_id": provider.NewSecret(bad)}); err == nil {
			t.Errorf("zone_id %q is taken", bad)
		}
	}
}
