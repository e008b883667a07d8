package main

import "strings"

// additions are packages of ours, and the packages of the standard library that their files are put
// into, for the arithmetic to call.
var additions = map[string]string{
	standIns + "/fiat": "crypto/internal/fips140/nistec/fiat",
}

// arithmetic is what TLS computes with, for processors of 32 bits: as fast as what Go has there, and 74 KB smaller packed
// by gzip. On others Go's own is faster.
func arithmetic() (all []cut) {
	for _, bits := range []string{"224", "256", "384", "521"} {
		for _, function := range fiatFunctions {
			function = strings.ReplaceAll(function, "BITS", bits)
			name, _, _ := strings.Cut(strings.TrimPrefix(function, "func "), "(")
			all = append(all, cut{file: "crypto/internal/fips140/nistec/fiat/p" + bits + "_fiat64.go", name: name, instead: function})
		}
	}
	return all
}

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
