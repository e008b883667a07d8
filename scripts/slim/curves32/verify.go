package curves32

import "math/big"

// curve is y^2 = x^3 - 3x + b over a field, with a base point of an order (SP 800-186, section 3.2.1).
type curve struct {
	*field
	order string // big-endian
	b     element
	base  [windows]affine // 1, 3, 5, ... times the base point
}

// windows are the odd multiples that a digit of a scalar may be.
const (
	window  = 5 // bits of a digit, one of them for the sign
	windows = 1 << (window - 2)
)

// VerifyP256 and VerifyP384 say whether r and s are a signature of a hash by the key (x, y).
func VerifyP256(x, y *big.Int, hash []byte, r, s *big.Int) bool { return p256.verify(x, y, hash, r, s) }
func VerifyP384(x, y *big.Int, hash []byte, r, s *big.Int) bool { return p384.verify(x, y, hash, r, s) }

func (c *curve) verify(x, y *big.Int, hash []byte, r, s *big.Int) bool {
	var key affine
	if !c.in(&key.x, x) || !c.in(&key.y, y) || !c.on(&key) {
		return false
	}
	order := new(big.Int).SetBytes([]byte(c.order))
	for _, v := range []*big.Int{r, s} {
		if v.Sign() <= 0 || v.Cmp(order) >= 0 {
			return false
		}
	}
	e := new(big.Int).SetBytes(hash[:min(len(hash), 4*c.n)])
	w := new(big.Int).ModInverse(s, order)
	e.Mul(e, w).Mod(e, order)
	w.Mul(w, r).Mod(w, order)
	sum := c.combine(digits(e), digits(w), &key)
	return !sum.infinite() && c.hasX(&sum, r, order)
}

// in sets z to a number, and says whether that is one of the field.
func (f *field) in(z *element, v *big.Int) bool {
	if v == nil || v.Sign() < 0 || v.BitLen() > 32*f.n {
		return false
	}
	var b [4 * words]byte
	v.FillBytes(b[:4*f.n])
	for i := range f.n {
		at := 4 * (f.n - 1 - i)
		z[i] = uint32(b[at])<<24 | uint32(b[at+1])<<16 | uint32(b[at+2])<<8 | uint32(b[at+3])
	}
	if !f.less(z) {
		return false
	}
	f.mul(z, z, &f.two)
	return true
}

// on says whether a point is on the curve.
func (c *curve) on(p *affine) bool {
	var left, right element
	c.square(&left, &p.y)
	c.square(&right, &p.x)
	c.mul(&right, &right, &p.x)
	for range 3 {
		c.sub(&right, &right, &p.x)
	}
	c.add(&right, &right, &c.b)
	return left == right
}

// hasX says whether the x of a point, as a number, is r modulo the order. The prime is more than
// the order and less than two of them.
func (c *curve) hasX(p *point, r, order *big.Int) bool {
	var zz, x element
	c.square(&zz, &p.z)
	for v := new(big.Int).Set(r); c.in(&x, v); v.Add(v, order) {
		if c.mul(&x, &x, &zz); x == p.x {
			return true
		}
	}
	return false
}

// combine is the sum of u times the base point and v times the key (E. G. Straus, Addition chains of
// vectors, 1964): both scalars share the doublings.
func (c *curve) combine(u, v []int8, key *affine) (sum point) {
	var odd [windows]point // 1, 3, 5, ... times the key
	odd[0] = point{key.x, key.y, c.one}
	twice := odd[0]
	c.double(&twice)
	for i := 1; i < windows; i++ {
		odd[i] = odd[i-1]
		c.add2(&odd[i], &twice)
	}
	for i := len(u) - 1; i >= 0; i-- {
		if !sum.infinite() {
			c.double(&sum)
		}
		if d := u[i]; d != 0 {
			q := c.base[abs(d)/2]
			c.negate(&q.y, d)
			c.addAffine(&sum, &q)
		}
		if d := v[i]; d != 0 {
			q := odd[abs(d)/2]
			c.negate(&q.y, d)
			c.add2(&sum, &q)
		}
	}
	return sum
}

// negate changes the sign of y where the digit is negative.
func (f *field) negate(y *element, digit int8) {
	if digit < 0 {
		f.sub(y, &element{}, y)
	}
}

func abs(d int8) int8 { return max(d, -d) }

// digits writes a scalar as a sum of d[i] 2^i. They are 0 or odd and below 2^(window-1) either way,
// and at least window-1 zeros are behind each that is not (J. A. Solinas, Efficient Arithmetic on
// Koblitz Curves, 2000, section 4).
func digits(k *big.Int) []int8 {
	d := make([]int8, 32*words+1)
	carry := uint(0)
	for i := 0; i < len(d); {
		if k.Bit(i) == carry {
			i++
			continue
		}
		v := carry
		for j := range window {
			v += k.Bit(i+j) << j
		}
		carry = v >> (window - 1)
		d[i] = int8(int(v) - int(carry)<<window)
		i += window
	}
	return d
}
