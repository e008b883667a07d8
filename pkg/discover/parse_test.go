package discover_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/discover"
	"github.com/wandns/wandns/scripts/lab/nat"
)

func unhex(text string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// The sample responses of RFC 5769 sections 2.2 and 2.3, and their transaction.
var (
	rfcID   = [12]byte(unhex("b7e7a701bc34d686fa87dfae"))
	rfcIPv4 = unhex(`0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220
		00200008 0001a147 e112a643 00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96`)
	rfcIPv6 = unhex(`01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220
		00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c`)
)

func message(kind uint16, attributes string) []byte {
	a := unhex(attributes)
	b := []byte{byte(kind >> 8), byte(kind), byte(len(a) >> 8), byte(len(a)), 0x21, 0x12, 0xa4, 0x42}
	return append(append(b, rfcID[:]...), a...)
}

func changed(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

func TestParseSTUN(t *testing.T) {
	const mapped = "00010008 0001a147 c0586307" // 192.88.99.7
	for _, c := range []struct {
		name string
		in   []byte
		want string // an address, "not-ours" or "error"
	}{
		{"rfc5769-ipv4", rfcIPv4, "192.0.2.1"},
		{"rfc5769-ipv6", rfcIPv6, "2001:db8:1234:5678:11:2233:4455:6677"},
		{"rfc3489-server", message(0x0101, mapped+"00040008 00010d96 c0586301"+"00050008 00010d97 c0586302"), "192.88.99.7"},
		{"xored-before-plain", message(0x0101, mapped+"00200008 0001a147 e112a643"), "192.0.2.1"},
		{"empty", nil, "not-ours"},
		{"short", rfcIPv4[:19], "not-ours"},
		{"another-transaction", changed(rfcIPv4, 19), "not-ours"},
		{"no-cookie", changed(rfcIPv4, 4), "not-ours"},
		{"a-request", changed(rfcIPv4, 0), "not-ours"},
		{"our-own-request-come-back", discover.STUNRequest(rfcID), "not-ours"},
		{"refused", message(0x0111, "00090004 00000414"), "error"},
		{"fingerprint-wrong", changed(rfcIPv4, len(rfcIPv4)-1), "error"},
		{"changed-on-the-way", changed(rfcIPv4, 50), "error"},
		{"fingerprint-not-last", message(0x0101, "80280004 00000000"+mapped), "error"},
		{"truncated", rfcIPv4[:len(rfcIPv4)-4], "error"},
		{"with-a-tail", append(bytes.Clone(rfcIPv4), 0, 0, 0, 0), "error"},
		{"no-address", message(0x0101, "80220004 61616161"), "error"},
		{"no-attributes", message(0x0101, ""), "error"},
		{"attribute-longer-than-message", message(0x0101, "00200010 0001a147 e112a643"), "error"},
		{"half-an-attribute-head", changed(message(0x0101, mapped+"8022"), 3), "error"},
		{"unknown-family", message(0x0101, "00010008 0003a147 c0586307"), "error"},
		{"ipv6-of-ipv4-length", message(0x0101, "00010008 0002a147 c0586307"), "error"},
		{"attribute-that-must-be-understood", message(0x0101, "7ffe0004 00000000"+mapped), "error"},
		{"attribute-that-may-be-ignored", message(0x0101, "fffe0004 00000000"+mapped), "192.88.99.7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := discover.ParseSTUN(c.in, rfcID)
			switch {
			case errors.Is(err, discover.ErrNotOurs) && c.want == "not-ours":
			case err != nil && !errors.Is(err, discover.ErrNotOurs) && c.want == "error":
			case err == nil && got.String() == c.want:
			default:
				t.Errorf("%v, %v; want %s", got, err, c.want)
			}
		})
	}
}

func FuzzParseSTUN(f *testing.F) {
	f.Add(rfcIPv4)
	f.Add(rfcIPv6)
	f.Add(message(0x0101, "00010008 0001a147 c0586307"))
	f.Add(nat.Answer(rfcID[:], netip.MustParseAddrPort("192.88.99.7:99"), nat.None))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		a, err := discover.ParseSTUN(b, rfcID)
		if !bytes.Equal(before, b) {
			t.Fatal("parsing changed the message")
		}
		if (err == nil) != a.IsValid() || a.Is4In6() || a.Zone() != "" {
			t.Fatalf("%v, %v", a, err)
		}
		if err != nil {
			return
		}
		if again, err := discover.ParseSTUN(changed(b, 10), rfcID); err == nil {
			t.Fatalf("another transaction gave %v", again)
		}
	})
}

// A server that answers is understood whatever address it saw.
func FuzzSTUN_there_and_back(f *testing.F) {
	f.Add([]byte{192, 88, 99, 7}, uint16(99))
	f.Add([]byte("\x2a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"), uint16(1))
	f.Fuzz(func(t *testing.T, raw []byte, port uint16) {
		a, ok := netip.AddrFromSlice(raw)
		if !ok {
			return
		}
		got, err := discover.ParseSTUN(nat.Answer(rfcID[:], netip.AddrPortFrom(a, port), nat.None), rfcID)
		if err != nil || got != a.Unmap() {
			t.Fatalf("%v became %v, %v", a, got, err)
		}
	})
}

func TestParsePMP(t *testing.T) {
	for _, c := range []struct {
		name     string
		in       string
		external string
		ours     bool
	}{
		{"external-address", "00800000 000003e8 c0586307", "192.88.99.7", true},
		{"no-address-yet", "00800000 000003e8 00000000", "", true},
		{"failure", "00800003 000003e8 00000000", "", true},
		{"version-not-known", "00800001 000003e8", "", true},
		{"pcp-announce", "02800000 00000000 000003e8 00000000 00000000 00000000", "", true},
		{"pcp-request-of-another", "02000000 00000000 000003e8 00000000 00000000 00000000", "", false},
		{"request-of-another", "0000", "", false},
		{"mapping-of-another", "00810000 000003e8 00160016 00000e10", "", false},
		{"too-long", "00800000 000003e8 c0586307 00", "", false},
		{"empty", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			told, _, err := discover.ParsePMP(unhex(c.in))
			external := ""
			if told.External.IsValid() {
				external = told.External.String()
			}
			if (err == nil) != c.ours || told.Answered != c.ours || external != c.external {
				t.Errorf("%+v, %v", told, err)
			}
		})
	}
}

// peerAnswer is a PEER response (RFC 6887 section 12.2) about a socket that leaves by an address.
func peerAnswer(result byte, external string) []byte {
	a := netip.MustParseAddr(external).As16()
	b := discover.PeerRequest(netip.MustParseAddrPort("192.168.1.2:4444"), rfcID)
	b[1], b[3], b[11] = 0x82, result, 9
	copy(b[12:24], make([]byte, 12))
	copy(b[44:60], a[:])
	return b
}

func TestParsePeer(t *testing.T) {
	good := peerAnswer(0, "192.88.99.7")
	if len(good) != 80 || good[36] != 17 || good[40] != 4444>>8 || good[41] != 4444&0xff {
		t.Fatalf("the request is %x", good)
	}
	for _, c := range []struct {
		name string
		in   []byte
		want string // an address, "not-ours" or "error"
	}{
		{"good", good, "192.88.99.7"},
		{"with-options", append(bytes.Clone(good), 0, 0, 0, 0), "192.88.99.7"},
		{"refused", peerAnswer(2, "192.88.99.7"), "error"},
		{"no-address", peerAnswer(0, "0.0.0.0"), "error"},
		{"ipv6", peerAnswer(0, "2a00::1"), "error"},
		{"another-nonce", changed(good, 30), "not-ours"},
		{"another-opcode", changed(good, 1), "not-ours"},
		{"another-version", changed(good, 0), "not-ours"},
		{"short", good[:79], "not-ours"},
		{"long", append(bytes.Clone(good), make([]byte, 1100)...), "not-ours"},
		{"empty", nil, "not-ours"},
	} {
		got, err := discover.ParsePeer(c.in, rfcID)
		switch {
		case errors.Is(err, discover.ErrNotOurs) && c.want == "not-ours":
		case err != nil && !errors.Is(err, discover.ErrNotOurs) && c.want == "error":
		case err == nil && got.String() == c.want:
		default:
			t.Errorf("%s: %v, %v; want %s", c.name, got, err, c.want)
		}
	}
}

func FuzzParsePeer(f *testing.F) {
	f.Add(peerAnswer(0, "192.88.99.7"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := discover.ParsePeer(b, rfcID)
		if (err == nil) != a.IsValid() || a.IsValid() && (!a.Is4() || len(b) < 80) {
			t.Fatalf("%x: %v, %v", b, a, err)
		}
	})
}

func FuzzParsePMP(f *testing.F) {
	f.Add(unhex("00800000 000003e8 c0586307"))
	f.Add(unhex("02800000 00000000 000003e8 00000000 00000000 00000000"))
	f.Fuzz(func(t *testing.T, b []byte) {
		told, _, err := discover.ParsePMP(b)
		if told.Answered == (err != nil) || told.External.IsValid() && (!told.External.Is4() || len(b) != 12) {
			t.Fatalf("%x: %+v, %v", b, told, err)
		}
	})
}

func TestParseEcho(t *testing.T) {
	for _, c := range []struct {
		name, in string
		family   address.Family
		want     string
	}{
		{"ipv4", "192.88.99.7\n", 4, "192.88.99.7"},
		{"ipv6", "2a00::7", 6, "2a00::7"},
		{"mapped", "::ffff:192.88.99.7", 4, "192.88.99.7"},
		{"the-other-family", "2a00::7", 4, ""},
		{"two", "192.88.99.7 192.88.99.8", 4, ""},
		{"page", "<html>192.88.99.7</html>", 4, ""},
		{"with-port", "192.88.99.7:80", 4, ""},
		{"with-zone", "fe80::1%eth0", 6, ""},
		{"long", strings.Repeat(" ", 64) + "192.88.99.7", 4, ""},
		{"empty", "", 4, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := discover.ParseEcho([]byte(c.in), c.family)
			if (err == nil) != (c.want != "") || err == nil && got.String() != c.want {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestOperator(t *testing.T) {
	for host, want := range map[string]string{
		"stun.l.google.com": "google.com", "stun1.L.Google.com.": "google.com", "google.com": "google.com", "localhost": "localhost",
		"192.88.99.7": "192.88.99.7", "2a00::1": "2a00::1", "icanhazip.com": "cloudflare.com", "stun.cloudflare.com": "cloudflare.com",
	} {
		if got := discover.Operator(host); got != want {
			t.Errorf("%s is run by %s, want %s", host, got, want)
		}
	}
}
