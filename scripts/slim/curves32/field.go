package curves32

// words is what an element has room for: 12 words of 32 bits, the least significant first. Those of
// P-256 use 8.
const words = 12

// element is a number of a field, below its prime, times 2^(32n) for n words: in Montgomery's form.
type element [words]uint32

// field is the integers modulo a prime of n words. Its lowest word is 2^32-1 for both primes here,
// so that the factor which Montgomery's reduction takes of it is the lowest word that is left.
type field struct {
	n     int
	prime element
	one   element // 2^(32n)
	two   element // 2^(64n): what brings a number into Montgomery's form
}

// mul sets z to x y.
func (f *field) mul(z, x, y *element) {
	var t [2 * words]uint32
	if f.n == 8 {
		mul8(&t, x, y)
	} else {
		mul12(&t, x, y)
	}
	f.reduce(z, &t)
}

// square sets z to x x.
func (f *field) square(z, x *element) {
	var t [2 * words]uint32
	if f.n == 8 {
		square8(&t, x)
	} else {
		square12(&t, x)
	}
	f.reduce(z, &t)
}

// reduce sets z to t / 2^(32n), for a t below the prime times 2^(32n).
func (f *field) reduce(z *element, t *[2 * words]uint32) {
	var high int64
	if f.n == 8 {
		high = reduce256(z, t)
	} else {
		high = reduce384(z, t)
	}
	f.lower(z, high != 0)
}

// less says whether z is below the prime.
func (f *field) less(z *element) bool {
	for i := f.n - 1; i >= 0; i-- {
		if z[i] != f.prime[i] {
			return z[i] < f.prime[i]
		}
	}
	return false
}

// lower takes the prime from a z that is not below it, or that has a 1 in the word above.
func (f *field) lower(z *element, above bool) {
	if above || z[f.n-1] == f.prime[f.n-1] && !f.less(z) {
		f.minus(z, z, &f.prime)
	}
}

// add sets z to x + y.
func (f *field) add(z, x, y *element) { f.lower(z, f.plus(z, x, y) != 0) }

// sub sets z to x - y.
func (f *field) sub(z, x, y *element) {
	if f.minus(z, x, y) != 0 {
		f.plus(z, z, &f.prime)
	}
}

// plus sets z to x + y, a number of n words, and returns the carry.
func (f *field) plus(z, x, y *element) (c uint32) {
	if c = plus8(z, x, y); f.n == 8 {
		return c
	}
	z[8], c = sum(x[8], y[8], c)
	z[9], c = sum(x[9], y[9], c)
	z[10], c = sum(x[10], y[10], c)
	z[11], c = sum(x[11], y[11], c)
	return c
}

// minus sets z to x - y, and returns the borrow.
func (f *field) minus(z, x, y *element) (b uint32) {
	c := minus8(z, x, y)
	if f.n == 8 {
		return 1 - c
	}
	z[8], c = sum(x[8], ^y[8], c)
	z[9], c = sum(x[9], ^y[9], c)
	z[10], c = sum(x[10], ^y[10], c)
	z[11], c = sum(x[11], ^y[11], c)
	return 1 - c
}
