package curves32

//lint:file-ignore SA1019 what is compared with must add points

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"math/big"
	"math/rand/v2"
	"testing"
)

var curves = map[string]struct {
	*curve
	std    elliptic.Curve
	verify func(x, y *big.Int, hash []byte, r, s *big.Int) bool
}{
	"P-256": {&p256, elliptic.P256(), VerifyP256},
	"P-384": {&p384, elliptic.P384(), VerifyP384},
}

// Every number of curves.go, computed anew from what Go has.
func TestCurves(t *testing.T) {
	for name, c := range curves {
		params := c.std.Params()
		shift := new(big.Int).Lsh(big.NewInt(1), uint(32*c.n))
		form := func(n *big.Int) *big.Int {
			n = new(big.Int).Mul(n, shift)
			return n.Mod(n, params.P)
		}
		same := func(what string, got, want *big.Int) {
			t.Helper()
			if got.Cmp(want) != 0 {
				t.Errorf("%s: %s is %x, want %x", name, what, got, want)
			}
		}
		same("prime", c.number(&c.prime), params.P)
		same("2^32n", c.number(&c.one), form(big.NewInt(1)))
		same("2^64n", c.number(&c.two), form(shift))
		same("order", new(big.Int).SetBytes([]byte(c.order)), params.N)
		same("b", c.number(&c.b), form(params.B))
		if 32*c.n != params.BitSize || params.N.BitLen() != params.BitSize {
			t.Errorf("%s: %d words, for %d bits", name, c.n, params.BitSize)
		}
		for i := range c.base {
			x, y := c.std.ScalarBaseMult(big.NewInt(int64(2*i + 1)).Bytes())
			same("x of a multiple", c.number(&c.base[i].x), form(x))
			same("y of a multiple", c.number(&c.base[i].y), form(y))
		}
	}
}

func TestDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	full := new(big.Int).Lsh(big.NewInt(1), 32*words)
	for i := range 5000 {
		k := below(r, full)
		switch i {
		case 0:
			k.SetInt64(0)
		case 1:
			k.Sub(full, big.NewInt(1))
		}
		sum, gap := new(big.Int), window
		for i, d := range digits(k) {
			sum.Add(sum, new(big.Int).Lsh(big.NewInt(int64(d)), uint(i)))
			switch gap++; {
			case d == 0:
			case d%2 == 0 || abs(d) >= 1<<(window-1) || gap < window:
				t.Fatalf("%x: digit %d is %d, %d after the last", k, i, d, gap)
			default:
				gap = 0
			}
		}
		if sum.Cmp(k) != 0 {
			t.Fatalf("the digits of %x make %x", k, sum)
		}
	}
}

// signature is one to be checked.
type signature struct {
	x, y *big.Int
	hash []byte
	r, s *big.Int
}

// std is what crypto/ecdsa says of it. What is no number of ASN.1 is no signature.
func (g signature) std(curve elliptic.Curve) bool {
	return ecdsa.Verify(&ecdsa.PublicKey{Curve: curve, X: g.x, Y: g.y}, g.hash, g.r, g.s)
}

func TestVerify_as_crypto_ecdsa(t *testing.T) {
	for name, c := range curves {
		t.Run(name, func(t *testing.T) {
			for i := range 30 {
				key, err := ecdsa.GenerateKey(c.std, crand.Reader)
				if err != nil {
					t.Fatal(err)
				}
				hash := make([]byte, []int{0, 1, 20, 32, 48, 64}[i%6])
				_, _ = crand.Read(hash)
				r, s, err := ecdsa.Sign(crand.Reader, key, hash)
				if err != nil {
					t.Fatal(err)
				}
				good := signature{key.X, key.Y, hash, r, s}
				if !c.verify(good.x, good.y, good.hash, good.r, good.s) || !good.std(c.std) {
					t.Fatalf("%+v is no signature", good)
				}
				for what, bad := range spoiled(c.std, good) {
					if c.verify(bad.x, bad.y, bad.hash, bad.r, bad.s) {
						t.Errorf("%s: %+v is a signature", what, bad)
					}
				}
			}
		})
	}
}

// spoiled are signatures that are none, close to one that is.
func spoiled(curve elliptic.Curve, g signature) map[string]signature {
	n, p := curve.Params().N, curve.Params().P
	one := big.NewInt(1)
	sum := func(a, b *big.Int) *big.Int { return new(big.Int).Add(a, b) }
	minus := func(a *big.Int) *big.Int { return new(big.Int).Neg(a) }
	all := map[string]signature{
		"r + 1": {g.x, g.y, g.hash, sum(g.r, one), g.s},
		"s + 1": {g.x, g.y, g.hash, g.r, sum(g.s, one)},
		"r + n": {g.x, g.y, g.hash, sum(g.r, n), g.s},
		"s + n": {g.x, g.y, g.hash, g.r, sum(g.s, n)},
		"-r":    {g.x, g.y, g.hash, minus(g.r), g.s},
		"-s":    {g.x, g.y, g.hash, g.r, minus(g.s)},
		"r = 0": {g.x, g.y, g.hash, new(big.Int), g.s},
		"s = 0": {g.x, g.y, g.hash, g.r, new(big.Int)},
		"r = n": {g.x, g.y, g.hash, n, g.s},
		"s = n": {g.x, g.y, g.hash, g.r, n},
		"r = p": {g.x, g.y, g.hash, p, g.s},
		"x + p": {sum(g.x, p), g.y, g.hash, g.r, g.s},
		"y + p": {g.x, sum(g.y, p), g.hash, g.r, g.s},
		"x - p": {sum(g.x, minus(p)), g.y, g.hash, g.r, g.s},
		"x + 1": {sum(g.x, one), g.y, g.hash, g.r, g.s},
		"y + 1": {g.x, sum(g.y, one), g.hash, g.r, g.s},
		"0, 0":  {new(big.Int), new(big.Int), g.hash, g.r, g.s},
		"no x":  {nil, g.y, g.hash, g.r, g.s},
		"no y":  {g.x, nil, g.hash, g.r, g.s},
		"long":  {new(big.Int).Lsh(g.x, 400), g.y, g.hash, g.r, g.s},
	}
	if len(g.hash) >= 20 {
		other := append([]byte{}, g.hash...)
		other[0] ^= 1
		all["-y"] = signature{g.x, sum(p, minus(g.y)), g.hash, g.r, g.s} // both are keys for a hash of 0
		all["another hash"] = signature{g.x, g.y, other, g.r, g.s}
	}
	return all
}

// scalars makes a signature out of the two factors of the sum, with a key that is k times the base
// point: hash = u s and r = v s, for an s that makes r that of the sum.
func scalars(t *testing.T, c *curve, std elliptic.Curve, k, u, v *big.Int) (g signature, infinite bool) {
	t.Helper()
	n := std.Params().N
	total := new(big.Int).Mul(v, k)
	total.Add(total, u).Mod(total, n)
	g.x, g.y = std.ScalarBaseMult(k.Bytes())
	if infinite = total.Sign() == 0; infinite {
		g.r = big.NewInt(7) // there is no right one
	} else {
		x, _ := std.ScalarBaseMult(total.Bytes())
		g.r = x.Mod(x, n)
	}
	g.s = new(big.Int).ModInverse(v, n)
	g.s.Mul(g.s, g.r).Mod(g.s, n)
	e := new(big.Int).Mul(u, g.s)
	g.hash = e.Mod(e, n).FillBytes(make([]byte, 4*c.n))
	return g, infinite
}

// Where both addends of the sum are the same, or one is the other's negative, or one is nothing, the
// formulas have exceptions.
func TestVerify_exceptions_of_the_sum(t *testing.T) {
	for name, c := range curves {
		t.Run(name, func(t *testing.T) {
			n := c.std.Params().N
			low := func(i int64) *big.Int { return big.NewInt(i) }
			high := func(i int64) *big.Int { return new(big.Int).Sub(n, big.NewInt(i)) }
			var some []*big.Int
			for _, i := range []int64{1, 2, 15, 16} {
				some = append(some, low(i), high(i))
			}
			seen := map[bool]int{}
			for _, k := range []*big.Int{low(1), low(2), low(15), low(16), high(1), high(3)} {
				for _, v := range some {
					for _, u := range append(some, low(0)) {
						g, infinite := scalars(t, c.curve, c.std, k, u, v)
						seen[infinite]++
						if got := c.verify(g.x, g.y, g.hash, g.r, g.s); got == infinite {
							t.Fatalf("%d base + %d key, the key %d base: %t", u, v, k, got)
						}
					}
				}
			}
			if seen[true] < 5 || seen[false] < 300 {
				t.Errorf("%d sums that are infinite, %d that are not", seen[true], seen[false])
			}
		})
	}
}

// x of the sum can be the order or more: r is what is left then. No chance finds one; but a key can be
// made for any sum: key = (s sum - hash base) / r.
func TestVerify_x_above_the_order(t *testing.T) {
	for name, c := range curves {
		params := c.std.Params()
		found := 0
		for x := new(big.Int).Set(params.N); found < 5; x.Add(x, big.NewInt(1)) {
			if x.Cmp(params.P) >= 0 {
				t.Fatal("no x on the curve")
			}
			y := new(big.Int).Exp(x, big.NewInt(3), nil)
			y.Sub(y, new(big.Int).Mul(x, big.NewInt(3))).Add(y, params.B).Mod(y, params.P)
			if y.ModSqrt(y, params.P) == nil {
				continue
			}
			r := new(big.Int).Sub(x, params.N)
			if r.Sign() == 0 {
				continue
			}
			found++
			s := big.NewInt(int64(1000 + found))
			hash := big.NewInt(int64(77 * found))
			g := signature{hash: hash.FillBytes(make([]byte, 4*c.n)), r: r, s: s}
			x1, y1 := c.std.ScalarMult(x, y, s.Bytes())
			x2, y2 := c.std.ScalarBaseMult(new(big.Int).Sub(params.N, hash).Bytes())
			x1, y1 = c.std.Add(x1, y1, x2, y2)
			g.x, g.y = c.std.ScalarMult(x1, y1, new(big.Int).ModInverse(r, params.N).Bytes())
			if !g.std(c.std) || !c.verify(g.x, g.y, g.hash, g.r, g.s) {
				t.Errorf("%s: x of the sum is %x: %+v is no signature", name, x, g)
			}
			g.r = x // not what is left
			if c.verify(g.x, g.y, g.hash, g.r, g.s) {
				t.Errorf("%s: %+v is a signature", name, g)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(true, []byte{1}, []byte{2}, []byte{3}, []byte{4})
	f.Add(false, []byte{1}, []byte{2}, []byte{3}, []byte{4})
	f.Fuzz(func(t *testing.T, small bool, k, u, v, other []byte) {
		c := curves["P-384"]
		if small {
			c = curves["P-256"]
		}
		n := c.std.Params().N
		in := func(b []byte) *big.Int { // 1 to n-1
			i := new(big.Int).SetBytes(b)
			i.Mod(i, new(big.Int).Sub(n, big.NewInt(1)))
			return i.Add(i, big.NewInt(1))
		}
		g, infinite := scalars(t, c.curve, c.std, in(k), in(u), in(v))
		if got, want := c.verify(g.x, g.y, g.hash, g.r, g.s), g.std(c.std); got != want || want == infinite {
			t.Errorf("%+v: %t, crypto/ecdsa says %t", g, got, want)
		}
		g.hash, g.s = other, in(other)
		if got, want := c.verify(g.x, g.y, g.hash, g.r, g.s), g.std(c.std); got != want {
			t.Errorf("%+v: %t, crypto/ecdsa says %t", g, got, want)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for name, c := range curves {
		key, err := ecdsa.GenerateKey(c.std, crand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		hash := make([]byte, 32)
		r, s, err := ecdsa.Sign(crand.Reader, key, hash)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/ours", func(b *testing.B) {
			for range b.N {
				c.verify(key.X, key.Y, hash, r, s)
			}
		})
		b.Run(name+"/crypto_ecdsa", func(b *testing.B) {
			for range b.N {
				ecdsa.Verify(&key.PublicKey, hash, r, s)
			}
		})
	}
}
