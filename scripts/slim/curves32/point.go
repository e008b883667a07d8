package curves32

// point is (x/z^2, y/z^3) of a curve y^2 = x^3 - 3x + b, in Jacobian coordinates; none where z is 0,
// which is the point at infinity. The formulas are of the Explicit-Formulas Database, shortw-jacobian-3:
// dbl-2001-b, add-2007-bl and madd-2007-bl, with the exceptions that those have.
type point struct{ x, y, z element }

// affine is (x, y).
type affine struct{ x, y element }

func (p *point) infinite() bool { return p.z == element{} }

// double sets p to 2 p. No point of these curves is its own negative.
func (f *field) double(p *point) {
	var delta, gamma, beta, alpha, t element
	f.square(&delta, &p.z)
	f.square(&gamma, &p.y)
	f.mul(&beta, &p.x, &gamma)
	f.sub(&t, &p.x, &delta)
	f.add(&alpha, &p.x, &delta)
	f.mul(&alpha, &alpha, &t)
	f.add(&t, &alpha, &alpha)
	f.add(&alpha, &alpha, &t) // 3 (x - delta) (x + delta)

	f.add(&p.z, &p.y, &p.z)
	f.square(&p.z, &p.z)
	f.sub(&p.z, &p.z, &gamma)
	f.sub(&p.z, &p.z, &delta) // 2 y z

	f.add(&beta, &beta, &beta)
	f.add(&beta, &beta, &beta) // 4 beta
	f.square(&p.x, &alpha)
	f.sub(&p.x, &p.x, &beta)
	f.sub(&p.x, &p.x, &beta)

	f.sub(&beta, &beta, &p.x)
	f.mul(&p.y, &alpha, &beta)
	f.add(&gamma, &gamma, &gamma)
	f.square(&gamma, &gamma)
	f.add(&gamma, &gamma, &gamma) // 8 gamma^2
	f.sub(&p.y, &p.y, &gamma)
}

// add2 sets p to p + q, for a q that is not infinite.
func (f *field) add2(p, q *point) {
	if p.infinite() {
		*p = *q
		return
	}
	var zz, u, s, z element
	f.square(&zz, &q.z)
	f.mul(&u, &p.x, &zz)
	f.mul(&zz, &zz, &q.z)
	f.mul(&s, &p.y, &zz)
	f.mul(&z, &p.z, &q.z)
	f.meet(p, &affine{q.x, q.y}, &u, &s, &z)
}

// addAffine sets p to p + q.
func (f *field) addAffine(p *point, q *affine) {
	if p.infinite() {
		p.x, p.y, p.z = q.x, q.y, f.one
		return
	}
	u, s, z := p.x, p.y, p.z
	f.meet(p, q, &u, &s, &z)
}

// meet is the part that both additions share. The numerators of p are brought to the denominators of
// the sum already: u and s, which it spoils, and z, the product of both z. Those of q are to be.
func (f *field) meet(p *point, q *affine, u, s, z *element) {
	var zz, h, r, t element
	f.square(&zz, &p.z)
	f.mul(&h, &q.x, &zz)
	f.sub(&h, &h, u)
	f.mul(&zz, &zz, &p.z)
	f.mul(&r, &q.y, &zz)
	f.sub(&r, &r, s)
	if h == (element{}) {
		if r == (element{}) {
			f.double(p)
		} else {
			p.z = element{}
		}
		return
	}
	f.mul(&p.z, z, &h)
	f.square(&zz, &h)
	f.mul(&h, &h, &zz) // h^3
	f.mul(u, u, &zz)   // u h^2
	f.square(&t, &r)
	f.sub(&t, &t, &h)
	f.sub(&t, &t, u)
	f.sub(&p.x, &t, u)
	f.sub(&t, u, &p.x)
	f.mul(&t, &t, &r)
	f.mul(&h, &h, s)
	f.sub(&p.y, &t, &h)
}
