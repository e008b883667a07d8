package fiat

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

var primes = map[string]struct {
	of    *Prime
	value string // as SP 800-186 writes it
}{
	"P-224": {&P224, "26959946667150639794667015087019630673557916260026308143510066298881"},
	"P-256": {&P256, "115792089210356248762697446949407573530086143415290314195533631308867097853951"},
	"P-384": {&P384, "39402006196394479212279040100143613805079739270465446667948293404245721771496870329047266088258938001861606973112319"},
	"P-521": {&P521, "6864797660130609714981900799081393217269435300143305409394463459185543183397656052122559640661454554977296311391480858037121987999716643812574028291115057151"},
}

// number is what words hold.
func number(words []uint64) *big.Int {
	n := new(big.Int)
	for _, w := range slices.Backward(words) {
		n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(w))
	}
	return n
}

// in is a number below the prime as words.
func (p *Prime) in(n *big.Int) []uint64 {
	words := make([]uint64, p.n)
	rest := new(big.Int).Set(n)
	for i := range words {
		words[i] = new(big.Int).And(rest, new(big.Int).SetUint64(1<<64-1)).Uint64()
		rest.Rsh(rest, 64)
	}
	return words
}

// check compares what a prime does with x and y with what math/big does.
func check(t *testing.T, p *Prime, x, y *big.Int) {
	t.Helper()
	prime := number(p.prime[:])
	r := new(big.Int).Lsh(big.NewInt(1), uint(64*p.n))
	less := new(big.Int).ModInverse(r, prime)
	product := func(a, b *big.Int) *big.Int { a = new(big.Int).Mul(a, b); return a.Mod(a, prime) }
	same := func(what string, got []uint64, want *big.Int) {
		t.Helper()
		if number(got).Cmp(want) != 0 {
			t.Errorf("%s of %x and %x modulo %x: %x, want %x", what, x, y, prime, number(got), want)
		}
	}
	z := make([]uint64, p.n)
	p.Mul(z, p.in(x), p.in(y))
	same("product", z, product(product(x, y), less))
	z = p.in(x)
	p.Mul(z, z, z)
	same("square in place", z, product(product(x, x), less))
	p.ToMontgomery(z, p.in(x))
	same("Montgomery's form", z, product(x, r))
	p.FromMontgomery(z, z)
	same("way there and back", z, x)
}

func TestPrimes(t *testing.T) {
	for name, p := range primes {
		want, _ := new(big.Int).SetString(p.value, 10)
		prime := number(p.of.prime[:])
		if prime.Cmp(want) != 0 {
			t.Errorf("%s: the prime is %d, want %d", name, prime, want)
		}
		word := new(big.Int).Lsh(big.NewInt(1), 32)
		inverse := new(big.Int).ModInverse(prime, word)
		if inverse.Sub(word, inverse); inverse.Uint64() != uint64(p.of.inverse) {
			t.Errorf("%s: -1/prime is %x, want %x", name, p.of.inverse, inverse)
		}
		square := new(big.Int).Lsh(big.NewInt(1), uint(128*p.of.n))
		if square.Mod(square, prime); number(p.of.square[:]).Cmp(square) != 0 {
			t.Errorf("%s: the square is %x, want %x", name, number(p.of.square[:]), square)
		}
	}
}

func TestMul(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, p := range primes {
		t.Run(name, func(t *testing.T) {
			prime := number(p.of.prime[:])
			var edges []*big.Int
			for _, d := range []int64{1, 2, 3, 1 << 31, 1 << 32} {
				edges = append(edges, big.NewInt(d-1), new(big.Int).Sub(prime, big.NewInt(d)))
			}
			for bit := 31; bit < prime.BitLen(); bit += 32 { // words of ones, and a one above them
				n := new(big.Int).Lsh(big.NewInt(1), uint(bit+1))
				edges = append(edges, new(big.Int).Mod(n, prime), new(big.Int).Mod(n.Sub(n, big.NewInt(1)), prime))
			}
			for _, x := range edges {
				for _, y := range edges {
					check(t, p.of, x, y)
				}
			}
			for range 2000 {
				check(t, p.of, below(r, prime), below(r, prime))
			}
		})
	}
}

// below is a number below the prime; one word in four is all ones or zeros.
func below(r *rand.Rand, prime *big.Int) *big.Int {
	n := new(big.Int)
	for range (prime.BitLen() + 31) / 32 {
		w := []uint32{0, 1<<32 - 1, r.Uint32(), r.Uint32(), r.Uint32(), r.Uint32(), r.Uint32(), r.Uint32()}[r.IntN(8)]
		n.Lsh(n, 32).Or(n, big.NewInt(int64(w)))
	}
	return n.Mod(n, prime)
}

func FuzzMul(f *testing.F) {
	f.Add([]byte{1}, []byte{0xff})
	f.Fuzz(func(t *testing.T, x, y []byte) {
		for _, p := range primes {
			prime := number(p.of.prime[:])
			a, b := new(big.Int).SetBytes(x), new(big.Int).SetBytes(y)
			check(t, p.of, a.Mod(a, prime), b.Mod(b, prime))
		}
	})
}
