package main

import "strings"

// additions are packages of ours, and the packages of the standard library that their files are put
// into, for the arithmetic to call.
var additions = map[string]string{
	standIns + "/ecdsa32": "crypto/internal/ecdsa32",
	standIns + "/fiat":    "crypto/internal/fips140/nistec/fiat",
}

// arithmetic is what TLS computes with, for processors of 32 bits; on others Go's own is faster.
// The loops of fiat take as long as what Go has, and 74 KB less of the binary packed by gzip. ecdsa32
// takes 10 KB, for a third of the time.
func arithmetic() []cut {
	all := []cut{{file: "crypto/ecdsa/ecdsa.go", name: "VerifyASN1", instead: verifyASN1, needs: "crypto/internal/ecdsa32 math/bits"}}
	for _, bits := range []string{"224", "256", "384", "521"} {
		for _, function := range fiatFunctions {
			function = strings.ReplaceAll(function, "BITS", bits)
			name, _, _ := strings.Cut(strings.TrimPrefix(function, "func "), "(")
			all = append(all, cut{file: "crypto/internal/fips140/nistec/fiat/p" + bits + "_fiat64.go", name: name, instead: function})
		}
	}
	return all
}

// verifyASN1 leaves what is not of these two curves to what was there.
const verifyASN1 = `func VerifyASN1(pub *PublicKey, hash, sig []byte) bool {
	verify := ecdsa32.P256
	switch {
	case bits.UintSize == 32 && pub.Curve == elliptic.P256():
	case bits.UintSize == 32 && pub.Curve == elliptic.P384():
		verify = ecdsa32.P384
	default:
		return VerifyASN1WandnsUnused(pub, hash, sig)
	}
	r, s, err := parseSignature(sig)
	return err == nil && verify(pub.X, pub.Y, hash, new(big.Int).SetBytes(r), new(big.Int).SetBytes(s))
}`

// fiatFunctions are of each field. Adding, and all that is not arithmetic, is short enough as it is.
var fiatFunctions = []string{
	`func pBITSMul(out1 *pBITSMontgomeryDomainFieldElement, arg1 *pBITSMontgomeryDomainFieldElement, arg2 *pBITSMontgomeryDomainFieldElement) {
	if short {
		PBITS.Mul(out1[:], arg1[:], arg2[:])
	} else {
		pBITSMulWandnsUnused(out1, arg1, arg2)
	}
}`,
	`func pBITSSquare(out1 *pBITSMontgomeryDomainFieldElement, arg1 *pBITSMontgomeryDomainFieldElement) {
	if short {
		PBITS.Mul(out1[:], arg1[:], arg1[:])
	} else {
		pBITSSquareWandnsUnused(out1, arg1)
	}
}`,
	`func pBITSFromMontgomery(out1 *pBITSNonMontgomeryDomainFieldElement, arg1 *pBITSMontgomeryDomainFieldElement) {
	if short {
		PBITS.FromMontgomery(out1[:], arg1[:])
	} else {
		pBITSFromMontgomeryWandnsUnused(out1, arg1)
	}
}`,
	`func pBITSToMontgomery(out1 *pBITSMontgomeryDomainFieldElement, arg1 *pBITSNonMontgomeryDomainFieldElement) {
	if short {
		PBITS.ToMontgomery(out1[:], arg1[:])
	} else {
		pBITSToMontgomeryWandnsUnused(out1, arg1)
	}
}`,
}
