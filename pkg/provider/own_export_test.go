//go:build !minimal

package provider

// What the tests of signatures look at.
var (
	Canonical = canonical
	HexHash   = hexHash
	Signature = signature
	RSAKey    = rsaKey
)
