// Package plan is what the emulated router and the host agree on in counting what TLS costs.
// Nothing comes in; the chains, the ways to shake hands and the ports go out.
package plan

// Chain is a chain of certificates as a service shows it.
type Chain struct {
	Name string // of its server too
	Port int    // of the host's loopback
	Like string // who shows such a chain, for people
}

// Chains are the three kinds that the services of most people show today.
var Chains = []Chain{
	{"ecdsa", 4431, "leaf and intermediate P-256, root P-384: Google Trust Services, for Cloudflare"},
	{"mixed", 4432, "leaf P-256, intermediate P-384, root RSA 4096: Let's Encrypt"},
	{"rsa", 4433, "leaf and intermediate RSA 2048, root RSA 4096: most others"},
}

// The ways in which the router asks.
const (
	Defaults = "defaults" // net/http and crypto/tls as they come, a new connection and no ticket
	X25519   = "x25519"   // the same without the hybrid with ML-KEM
	First    = "first"    // wandns' own door to the Internet, new
	Later    = "later"    // the same after a rest: with a ticket, and what it remembers of the chain
)

// Ways are all of them, in their order.
var Ways = []string{Defaults, X25519, First, Later}

// Rounds is how often each is counted. The median counts: the collector comes when it likes.
const Rounds = 7
