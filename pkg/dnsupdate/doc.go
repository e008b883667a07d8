// Package dnsupdate changes record sets at a name server of the owner's own, by DNS UPDATE.
// Comes in: a zone, a name, addresses. Goes out: one message that replaces the record set, and what
// the server said to it.
//
// An update takes the old record set away and puts the new one in its place in one message, which a
// server does whole or not at all (RFC 2136 section 3.4). Its only prerequisite is that no CNAME
// stands at the name: a server would pass over the addresses and say that all is well (section
// 3.4.2.2).
//
// Questions and updates are signed with the owner's key (TSIG), and an answer counts only when it is
// signed with the same key. Errors about the key itself cannot be signed; they are believed, because
// all that a forger gains is an update that does not happen.
//
// Sources: RFC 2136 (UPDATE), RFC 8945 (TSIG), RFC 1035 section 4.2 (UDP and TCP).
package dnsupdate
