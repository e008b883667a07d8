package nameserver

import (
	"net/netip"
	"slices"
	"sort"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	udpSize      = 1232 // bytes of an answer over UDP: fits any path without fragments (DNS flag day 2020)
	maxAddresses = 1024 // of one record set
	maxHosts     = 16   // name servers taken from a referral
)

// kind is what an answer means.
type kind uint8

const (
	lame          kind = iota // the server does not serve the zone, or cannot now
	authoritative             // the addresses, or that there are none
	alias                     // a CNAME stands at the name
	referral                  // another zone's servers know
	truncated                 // ask again over TCP
	formatError               // ask again without EDNS
	malformed
)

// answer is a server's answer to the one question.
type answer struct {
	kind   kind
	text   string       // of lame: why
	addrs  []netip.Addr // of authoritative: sorted, each once
	target string       // of alias
	zone   string       // of referral, and its servers
	hosts  []string
	glue   map[string][]netip.Addr // by lower-case host: only for hosts in that zone
}

// parse reads a message. ok is false when it is no answer to this question with this id.
func parse(msg []byte, id uint16, q dnsmessage.Question) (a answer, ok bool) {
	var p dnsmessage.Parser
	h, err := p.Start(msg)
	if err != nil || !h.Response || h.ID != id || h.OpCode != 0 {
		return a, false
	}
	got, err := p.AllQuestions()
	if err != nil {
		return a, false
	}
	if h.RCode == dnsmessage.RCodeFormatError { // some servers then leave the question out
		return answer{kind: formatError}, true
	}
	if len(got) != 1 || got[0].Type != q.Type || got[0].Class != q.Class || !same(got[0].Name, q.Name) {
		return a, false
	}
	switch {
	case h.RCode == dnsmessage.RCodeNotImplemented:
		return answer{kind: formatError}, true
	case h.RCode != dnsmessage.RCodeSuccess && h.RCode != dnsmessage.RCodeNameError:
		return answer{kind: lame, text: strings.TrimPrefix(h.RCode.String(), "RCode")}, true
	case h.Truncated:
		return answer{kind: truncated}, true
	case !h.Authoritative:
		return delegation(&p, h, q), true
	}
	return records(&p, q), true
}

// records reads the answer section of an authoritative answer. A name that does not exist
// (NXDOMAIN) has an empty one, unless an alias leads there.
func records(p *dnsmessage.Parser, q dnsmessage.Question) answer {
	a := answer{kind: authoritative}
	for {
		h, err := p.AnswerHeader()
		if err == dnsmessage.ErrSectionDone {
			sort.Slice(a.addrs, func(i, j int) bool { return a.addrs[i].Less(a.addrs[j]) })
			a.addrs = slices.Compact(a.addrs)
			return a
		}
		if err != nil || len(a.addrs) > maxAddresses {
			return answer{kind: malformed}
		}
		here := h.Class == q.Class && same(h.Name, q.Name)
		switch {
		case here && h.Type == dnsmessage.TypeCNAME:
			c, err := p.CNAMEResource()
			if err != nil {
				return answer{kind: malformed}
			}
			return answer{kind: alias, target: printable(c.CNAME.String())}
		case here && h.Type == q.Type:
			addr, ok := address(p, h.Type)
			if !ok {
				return answer{kind: malformed}
			}
			a.addrs = append(a.addrs, addr)
		default:
			if p.SkipAnswer() != nil {
				return answer{kind: malformed}
			}
		}
	}
}

// address reads an A or AAAA record. An IPv4 address in an AAAA (4in6) is refused.
func address(p *dnsmessage.Parser, t dnsmessage.Type) (netip.Addr, bool) {
	if t == dnsmessage.TypeA {
		r, err := p.AResource()
		return netip.AddrFrom4(r.A), err == nil
	}
	r, err := p.AAAAResource()
	addr := netip.AddrFrom16(r.AAAA)
	return addr, err == nil && !addr.Is4In6()
}

// delegation reads an answer without authority: perhaps it says who has it.
func delegation(p *dnsmessage.Parser, h dnsmessage.Header, q dnsmessage.Question) answer {
	if _, err := p.AnswerHeader(); err != dnsmessage.ErrSectionDone || h.RCode != dnsmessage.RCodeSuccess {
		return answer{kind: lame, text: "something it has not from the zone itself"}
	}
	a := answer{kind: referral, glue: map[string][]netip.Addr{}}
	for {
		rh, err := p.AuthorityHeader()
		if err == dnsmessage.ErrSectionDone {
			break
		}
		if err != nil {
			return answer{kind: malformed}
		}
		name := strings.ToLower(rh.Name.String())
		if rh.Type != dnsmessage.TypeNS || rh.Class != q.Class || !below(q.Name.String(), name) || name == "." ||
			a.zone != "" && a.zone != name || len(a.hosts) >= maxHosts {
			if p.SkipAuthority() != nil {
				return answer{kind: malformed}
			}
			continue
		}
		ns, err := p.NSResource()
		if err != nil {
			return answer{kind: malformed}
		}
		a.zone = name
		a.hosts = append(a.hosts, ns.NS.String())
	}
	if a.zone == "" {
		return answer{kind: lame, text: "nothing"}
	}
	readGlue(p, &a)
	return a
}

// readGlue takes the addresses that a referral gives for servers inside the zone it delegates;
// those of others are looked up. What cannot be read is left out.
func readGlue(p *dnsmessage.Parser, a *answer) {
	for n := 0; n < 4*maxHosts; n++ {
		h, err := p.AdditionalHeader()
		if err != nil {
			return
		}
		host := strings.ToLower(h.Name.String())
		wanted := below(host, a.zone) && slices.ContainsFunc(a.hosts, func(ns string) bool { return strings.EqualFold(ns, host) })
		if !wanted || h.Type != dnsmessage.TypeA && h.Type != dnsmessage.TypeAAAA {
			if p.SkipAdditional() != nil {
				return
			}
			continue
		}
		addr, ok := address(p, h.Type)
		if !ok {
			return
		}
		a.glue[host] = append(a.glue[host], addr)
	}
}

func same(a, b dnsmessage.Name) bool { return strings.EqualFold(a.String(), b.String()) }

// printable makes a name from elsewhere fit for a message.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < '!' || r > '~' {
			return '?'
		}
		return r
	}, name)
}
