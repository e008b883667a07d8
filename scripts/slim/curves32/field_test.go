package curves32

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// number is what an element stands for in Montgomery's form, that is, with 2^(32n) still in it.
func (f *field) number(z *element) *big.Int {
	n := new(big.Int)
	for i := words - 1; i >= 0; i-- {
		n.Lsh(n, 32).Or(n, big.NewInt(int64(z[i])))
	}
	return n
}

// words is a number below the prime as it is.
func (f *field) words(n *big.Int) (z element) {
	rest := new(big.Int).Set(n)
	for i := range z {
		z[i] = uint32(new(big.Int).And(rest, big.NewInt(1<<32-1)).Uint64())
		rest.Rsh(rest, 32)
	}
	return z
}

// checkField compares all operations with those of math/big.
func checkField(t *testing.T, f *field, x, y *big.Int) {
	t.Helper()
	p := f.number(&f.prime)
	r := new(big.Int).Lsh(big.NewInt(1), uint(32*f.n))
	less := new(big.Int).ModInverse(r, p)
	a, b := f.words(x), f.words(y)
	for name, c := range map[string]struct {
		do   func(z *element)
		want *big.Int
	}{
		"x y":        {func(z *element) { f.mul(z, &a, &b) }, new(big.Int).Mul(new(big.Int).Mul(x, y), less)},
		"x x":        {func(z *element) { f.square(z, &a) }, new(big.Int).Mul(new(big.Int).Mul(x, x), less)},
		"x + y":      {func(z *element) { f.add(z, &a, &b) }, new(big.Int).Add(x, y)},
		"x - y":      {func(z *element) { f.sub(z, &a, &b) }, new(big.Int).Sub(x, y)},
		"x y into x": {func(z *element) { *z = a; f.mul(z, z, &b) }, new(big.Int).Mul(new(big.Int).Mul(x, y), less)},
		"x x into x": {func(z *element) { *z = a; f.square(z, z) }, new(big.Int).Mul(new(big.Int).Mul(x, x), less)},
		"x + x":      {func(z *element) { *z = a; f.add(z, z, z) }, new(big.Int).Add(x, x)},
		"x - x":      {func(z *element) { *z = a; f.sub(z, z, z) }, new(big.Int)},
	} {
		var z element
		c.do(&z)
		if got := f.number(&z); got.Cmp(c.want.Mod(c.want, p)) != 0 {
			t.Errorf("%s for x = %x and y = %x: %x, want %x", name, x, y, got, c.want)
		}
	}
}

func TestField(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, f := range map[string]*field{"P-256": p256.field, "P-384": p384.field} {
		t.Run(name, func(t *testing.T) {
			p := f.number(&f.prime)
			var edges []*big.Int
			for _, d := range []int64{1, 2, 3, 1 << 31, 1 << 32} {
				edges = append(edges, big.NewInt(d-1), new(big.Int).Sub(p, big.NewInt(d)))
			}
			for bit := 32; bit <= 32*f.n; bit += 32 { // a one above zeros, words of ones
				n := new(big.Int).Lsh(big.NewInt(1), uint(bit))
				edges = append(edges, new(big.Int).Mod(n, p), new(big.Int).Mod(n.Sub(n, big.NewInt(1)), p))
			}
			for _, x := range edges {
				for _, y := range edges {
					checkField(t, f, x, y)
				}
			}
			for range 500 {
				checkField(t, f, below(r, p), below(r, p))
			}
		})
	}
}

// below is a number below p; one word in four of it is all ones or zeros.
func below(r *rand.Rand, p *big.Int) *big.Int {
	n := new(big.Int)
	for range (p.BitLen() + 31) / 32 {
		w := []uint32{0, 1<<32 - 1, r.Uint32(), r.Uint32(), r.Uint32(), r.Uint32(), r.Uint32(), r.Uint32()}[r.IntN(8)]
		n.Lsh(n, 32).Or(n, big.NewInt(int64(w)))
	}
	return n.Mod(n, p)
}

func FuzzField(f *testing.F) {
	f.Add([]byte{1}, []byte{0xff})
	f.Fuzz(func(t *testing.T, x, y []byte) {
		for _, of := range []*field{p256.field, p384.field} {
			p := of.number(&of.prime)
			a, b := new(big.Int).SetBytes(x), new(big.Int).SetBytes(y)
			checkField(t, of, a.Mod(a, p), b.Mod(b, p))
		}
	})
}
