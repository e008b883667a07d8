// Package fiat multiplies in Montgomery's form by words of 32 bits. Come in two numbers below a prime,
// as words of 64 bits with the least significant first, as package crypto/internal/fips140/nistec/fiat
// has them; goes out their product divided by 2^64 for each word, in constant time.
//
// The release has this in that package where words have 32 bits. What stands there is written out
// for 64: a processor of 32 does it in as many instructions as this loop, and in 200 KB.
package fiat

// Prime is what numbers are taken modulo. It has no pointers: in packages of FIPS 140 the garbage
// collector does not follow those of variables that are set before the program starts.
type Prime struct {
	n       int // words of 64 bits
	prime   [longest / 2]uint64
	inverse uint32              // -1 / prime modulo 2^32
	square  [longest / 2]uint64 // 2^(128n) modulo the prime
}

// The primes of SP 800-186, section 3.2.1.
var (
	P224 = Prime{
		n:       4,
		prime:   [longest / 2]uint64{0x1, 0xffffffff00000000, 0xffffffffffffffff, 0xffffffff},
		inverse: 0xffffffff,
		square:  [longest / 2]uint64{0xffffffff00000001, 0xffffffff00000000, 0xfffffffe00000000, 0xffffffff},
	}
	P256 = Prime{
		n:       4,
		prime:   [longest / 2]uint64{0xffffffffffffffff, 0xffffffff, 0x0, 0xffffffff00000001},
		inverse: 0x1,
		square:  [longest / 2]uint64{0x3, 0xfffffffbffffffff, 0xfffffffffffffffe, 0x4fffffffd},
	}
	P384 = Prime{
		n:       6,
		prime:   [longest / 2]uint64{0xffffffff, 0xffffffff00000000, 0xfffffffffffffffe, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff},
		inverse: 0x1,
		square:  [longest / 2]uint64{0xfffffffe00000001, 0x200000000, 0xfffffffe00000000, 0x200000000, 0x1, 0x0},
	}
	P521 = Prime{
		n:       9,
		prime:   [longest / 2]uint64{0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x1ff},
		inverse: 0x1,
		square:  [longest / 2]uint64{0x0, 0x400000000000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0},
	}
)

// Short says that words have 32 bits.
const Short = ^uint(0)>>32 == 0

const longest = 18 // words of 32 bits, of P-521

// Mul sets z to x y / 2^(64n). They may be the same.
func (p *Prime) Mul(z, x, y []uint64) {
	n := 2 * p.n
	var a, b, m [longest]uint32
	split(&a, x)
	split(&b, y)
	split(&m, p.prime[:p.n])
	var t [longest]uint32
	var above uint64 // 0 or 1: t is below two primes
	for _, v := range b[:n] {
		s := uint64(a[0])*uint64(v) + uint64(t[0])
		q := uint32(s) * p.inverse
		r := uint64(q)*uint64(m[0]) + uint64(uint32(s))
		for j := 1; j < n; j++ {
			s = uint64(a[j])*uint64(v) + uint64(t[j]) + s>>32
			r = uint64(q)*uint64(m[j]) + uint64(uint32(s)) + r>>32
			t[j-1] = uint32(r)
		}
		above += s>>32 + r>>32
		t[n-1] = uint32(above)
		above >>= 32
	}

	// Without the prime, unless that is more than t.
	var d [longest]uint32
	var borrow uint64
	for j := range n {
		s := uint64(t[j]) - uint64(m[j]) - borrow
		d[j], borrow = uint32(s), s>>63
	}
	keep := -uint32(borrow & (above ^ 1))
	for j := range p.n {
		low := d[2*j] ^ keep&(d[2*j]^t[2*j])
		high := d[2*j+1] ^ keep&(d[2*j+1]^t[2*j+1])
		z[j] = uint64(high)<<32 | uint64(low)
	}
}

// ToMontgomery sets z to x 2^(64n), and FromMontgomery to x / 2^(64n).
func (p *Prime) ToMontgomery(z, x []uint64) { p.Mul(z, x, p.square[:p.n]) }

func (p *Prime) FromMontgomery(z, x []uint64) {
	one := [longest / 2]uint64{1}
	p.Mul(z, x, one[:p.n])
}

func split(words *[longest]uint32, x []uint64) {
	for i, v := range x {
		words[2*i], words[2*i+1] = uint32(v), uint32(v>>32)
	}
}
