package main

import "strings"

// additions are packages of ours, and the packages of the standard library that their files are put
// into, for the arithmetic to call.
var additions = map[string]string{
	standIns + "/curves32": "crypto/internal/curves32",
	standIns + "/fiat":     "crypto/internal/fips140/nistec/fiat",
}

// arithmetic is what TLS computes with, for processors of 32 bits; on others Go's own is faster.
// The loops of fiat take as long as what Go has, and 74 KB less of the binary packed by gzip. curves32
// takes 15 KB, for a third of the time.
func arithmetic() []cut {
	all := []cut{{file: "crypto/ecdsa/ecdsa.go", name: "VerifyASN1", instead: verifyASN1, needs: "crypto/internal/curves32 math/bits"}}
	all = append(all,
		cut{file: "crypto/ecdh/x25519.go", name: "x25519ScalarMult", instead: x25519ScalarMult, needs: "crypto/internal/curves32 math/bits"},
		cut{file: "crypto/rsa/rsa.go", name: "fipsPublicKey", instead: fipsPublicKey},
		cut{file: "crypto/internal/fips140/bigmod/nat.go", name: "Nat.ExpShortVarTime", instead: expShortVarTime, needs: "math/big"},
	)
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
	verify := curves32.VerifyP256
	switch {
	case bits.UintSize == 32 && pub.Curve == elliptic.P256():
	case bits.UintSize == 32 && pub.Curve == elliptic.P384():
		verify = curves32.VerifyP384
	default:
		return VerifyASN1WandnsUnused(pub, hash, sig)
	}
	r, s, err := parseSignature(sig)
	return err == nil && verify(pub.X, pub.Y, hash, new(big.Int).SetBytes(r), new(big.Int).SetBytes(s))
}`

const x25519ScalarMult = `func x25519ScalarMult(dst, scalar, point []byte) {
	if bits.UintSize == 32 {
		curves32.X25519(dst, scalar, point)
	} else {
		x25519ScalarMultWandnsUnused(dst, scalar, point)
	}
}`

// fipsPublicKey is of what is done with RSA by public keys: verifying, in TLS and its certificates. What
// is encrypted that way would have to be kept from who watches the time: nothing is, since TLS offers no
// exchange of keys by RSA any more.
const fipsPublicKey = `func fipsPublicKey(pub *PublicKey) (*rsa.PublicKey, error) {
	N, err := bigmod.NewPublicModulus(pub.N.Bytes())
	if err != nil {
		return nil, err
	}
	return &rsa.PublicKey{N: N, E: pub.E}, nil
}`

// expShortVarTime computes by math/big, which has assembly for these processors, squares in three
// quarters of the time of products, and needs no rr, where the modulus has no rr: in public.
const expShortVarTime = `func (out *Nat) ExpShortVarTime(x *Nat, e uint, m *Modulus) *Nat {
	if _W != 32 || !m.odd || m.rr != nil {
		return out.ExpShortVarTimeWandnsUnused(x, e, m)
	}
	n := new(big.Int).SetBytes(m.nat.Bytes(m))
	n.Exp(new(big.Int).SetBytes(x.Bytes(m)), new(big.Int).SetUint64(uint64(e)), n)
	return out.resetToBytes(n.FillBytes(make([]byte, m.Size()))).ExpandFor(m)
}

// NewPublicModulus is NewModulus for ExpShortVarTime alone, where words have 32 bits.
func NewPublicModulus(b []byte) (*Modulus, error) {
	n := NewNat().resetToBytes(b)
	if _W != 32 || n.IsOdd() == no {
		return newModulus(n)
	}
	if n.IsOne() == yes {
		return nil, errors.New("modulus must be > 1")
	}
	return &Modulus{nat: n, odd: true}, nil
}`

// fiatFunctions are of each field. Adding, and all that is not arithmetic, is short enough as it is.
var fiatFunctions = []string{
	`func pBITSMul(out1 *pBITSMontgomeryDomainFieldElement, arg1 *pBITSMontgomeryDomainFieldElement, arg2 *pBITSMontgomeryDomainFieldElement) {
	if Short {
		PBITS.Mul(out1[:], arg1[:], arg2[:])
	} else {
		pBITSMulWandnsUnused(out1, arg1, arg2)
	}
}`,
	`func pBITSSquare(out1 *pBITSMontgomeryDomainFieldElement, arg1 *pBITSMontgomeryDomainFieldElement) {
	if Short {
		PBITS.Mul(out1[:], arg1[:], arg1[:])
	} else {
		pBITSSquareWandnsUnused(out1, arg1)
	}
}`,
	`func pBITSFromMontgomery(out1 *pBITSNonMontgomeryDomainFieldElement, arg1 *pBITSMontgomeryDomainFieldElement) {
	if Short {
		PBITS.FromMontgomery(out1[:], arg1[:])
	} else {
		pBITSFromMontgomeryWandnsUnused(out1, arg1)
	}
}`,
	`func pBITSToMontgomery(out1 *pBITSMontgomeryDomainFieldElement, arg1 *pBITSNonMontgomeryDomainFieldElement) {
	if Short {
		PBITS.ToMontgomery(out1[:], arg1[:])
	} else {
		pBITSToMontgomeryWandnsUnused(out1, arg1)
	}
}`,
}
