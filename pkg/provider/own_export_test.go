//go:build !minimal

package provider

// What the tests of signatures look at.
var (
	Canonical = canonical
	HexHash   = hexHash
	Signature = signature
	RSAKey    = rsaKey
)

// Of Route 53.
var (
	AWSSigner = awsSigner
	ReadXML   = readXML
)

// WalkXML calls f for each element where it ends.
func WalkXML(n *xmlNode, above string, f func(path, text string)) {
	for _, e := range n.in {
		WalkXML(e, above+n.name+"/", f)
	}
	f(above+n.name, n.text)
}
