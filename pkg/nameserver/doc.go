// Package nameserver asks the DNS what a name holds, at the name servers that must know.
// Comes in: a hostname and a type, A or AAAA. Goes out: what the zone's own name servers say it
// holds.
//
// Never a cache: a router's resolver may hold an old answer for hours, and dnsmasq drops answers
// in private networks. The system's resolver is asked only who the zone's name servers are.
//
//   - The zone is found by asking for NS records from the hostname up, label by label.
//   - Its servers (at the most four, both families) are asked one after the other, over UDP with
//     EDNS and then TCP when the answer was cut, until one answers with authority (the AA bit).
//   - A server that delegates further down is followed, twice at the most.
//   - Servers that refuse, fail or do not know the zone (lame delegation) are passed over.
//
// What is not asked: DNSSEC. The answer decides whether a provider is asked to do anything, not
// whom to trust.
//
// Sources: RFC 1034 section 4.3 and 5.3, RFC 2181 section 5 and 10.1, RFC 4592 (wildcards),
// RFC 6891 (EDNS), RFC 7766 (TCP), RFC 5452 (forged answers).
package nameserver
