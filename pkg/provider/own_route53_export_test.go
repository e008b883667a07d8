//go:build !minimal && !no_route53

package provider

// What the tests of Route 53 look at.
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
