package curves32

// Numbers modulo 2^255 - 19 are elements of eight words here, below 2^256: not all of them below the
// prime. 2^256 is 38. No branch and no index depends on them.

// X25519 sets dst to the product of a scalar and the point with the coordinate u (RFC 7748, section
// 5). All three have 32 bytes; any scalar and any u will do. The time it takes tells nothing of them.
func X25519(dst, scalar, u []byte) {
	var k [32]byte
	copy(k[:], scalar)
	k[0] &= 248
	k[31] = k[31]&127 | 64
	x1 := decode(u)
	x2, z2 := element{1}, element{}
	x3, z3 := x1, element{1}
	swapped := uint32(0)
	for i := 254; i >= 0; i-- {
		bit := uint32(k[i/8]>>(i%8)) & 1
		exchange(&x2, &x3, bit^swapped)
		exchange(&z2, &z3, bit^swapped)
		swapped = bit

		var a, aa, b, bb, e, c, d element
		plus25519(&a, &x2, &z2)
		minus25519(&b, &x2, &z2)
		plus25519(&c, &x3, &z3)
		minus25519(&d, &x3, &z3)
		square25519(&aa, &a)
		square25519(&bb, &b)
		minus25519(&e, &aa, &bb)
		mul25519(&d, &d, &a)
		mul25519(&c, &c, &b)

		plus25519(&x3, &d, &c)
		square25519(&x3, &x3)
		minus25519(&z3, &d, &c)
		square25519(&z3, &z3)
		mul25519(&z3, &z3, &x1)

		mul25519(&x2, &aa, &bb)
		times25519(&z2, &e, 121665)
		plus25519(&z2, &z2, &aa)
		mul25519(&z2, &z2, &e)
	}
	exchange(&x2, &x3, swapped)
	exchange(&z2, &z3, swapped)
	invert25519(&z2)
	mul25519(&x2, &x2, &z2)
	encode(dst, &x2)
}

// exchange exchanges x and y if bit is 1.
func exchange(x, y *element, bit uint32) {
	for i := range 8 {
		t := -bit & (x[i] ^ y[i])
		x[i] ^= t
		y[i] ^= t
	}
}

func mul25519(z, x, y *element) {
	var t [2 * words]uint32
	mul8(&t, x, y)
	fold(z, &t)
}

func square25519(z, x *element) {
	var t [2 * words]uint32
	square8(&t, x)
	fold(z, &t)
}

// times25519 sets z to x n.
func times25519(z, x *element, n uint32) {
	var t [2 * words]uint32
	var c uint32
	for i := range 8 {
		t[i], c = mac(x[i], n, 0, c)
	}
	t[8] = c
	fold(z, &t)
}

// fold sets z to the number of 16 words.
func fold(z *element, t *[2 * words]uint32) {
	var c uint32
	z[0], c = mac(t[8], 38, t[0], 0)
	z[1], c = mac(t[9], 38, t[1], c)
	z[2], c = mac(t[10], 38, t[2], c)
	z[3], c = mac(t[11], 38, t[3], c)
	z[4], c = mac(t[12], 38, t[4], c)
	z[5], c = mac(t[13], 38, t[5], c)
	z[6], c = mac(t[14], 38, t[6], c)
	z[7], c = mac(t[15], 38, t[7], c)
	more(z, c)
}

// more adds c times 2^256, for a c up to 38. What that overflows by is little enough for the lowest word.
func more(z *element, c uint32) {
	z[0], c = sum(z[0], 38*c, 0)
	z[1], c = sum(z[1], 0, c)
	z[2], c = sum(z[2], 0, c)
	z[3], c = sum(z[3], 0, c)
	z[4], c = sum(z[4], 0, c)
	z[5], c = sum(z[5], 0, c)
	z[6], c = sum(z[6], 0, c)
	z[7], c = sum(z[7], 0, c)
	z[0] += 38 * c
}

func plus25519(z, x, y *element) { more(z, plus8(z, x, y)) }

// minus25519 takes 2^256 from the difference where that is what it borrowed; then it borrows once
// more at the most, and leaves words of ones but for the lowest.
func minus25519(z, x, y *element) {
	b := 1 - minus8(z, x, y)
	var c uint32
	z[0], c = sum(z[0], ^(38 * b), 1)
	z[1], c = sum(z[1], 1<<32-1, c)
	z[2], c = sum(z[2], 1<<32-1, c)
	z[3], c = sum(z[3], 1<<32-1, c)
	z[4], c = sum(z[4], 1<<32-1, c)
	z[5], c = sum(z[5], 1<<32-1, c)
	z[6], c = sum(z[6], 1<<32-1, c)
	z[7], c = sum(z[7], 1<<32-1, c)
	z[0] -= 38 * (1 - c)
}

// invert25519 sets z to 1/z, which is z^(2^255 - 21); 0 stays 0. a_n is z^(2^n - 1).
func invert25519(z *element) {
	powers := func(x element, n int, times *element) element { // x^(2^n) times
		for range n {
			square25519(&x, &x)
		}
		mul25519(&x, &x, times)
		return x
	}
	a2 := powers(*z, 1, z)
	a4 := powers(a2, 2, &a2)
	a5 := powers(a4, 1, z)
	a10 := powers(a5, 5, &a5)
	a20 := powers(a10, 10, &a10)
	a40 := powers(a20, 20, &a20)
	a50 := powers(a40, 10, &a10)
	a100 := powers(a50, 50, &a50)
	a200 := powers(a100, 100, &a100)
	a250 := powers(a200, 50, &a50)
	last := powers(a250, 2, z) // 2^252 - 3
	last = powers(last, 2, z)  // 2^254 - 11
	*z = powers(last, 1, z)    // 2^255 - 21
}

// decode takes 32 bytes, the least significant first, without the highest bit.
func decode(b []byte) (z element) {
	for i := range 8 {
		z[i] = uint32(b[4*i]) | uint32(b[4*i+1])<<8 | uint32(b[4*i+2])<<16 | uint32(b[4*i+3])<<24
	}
	z[7] &= 1<<31 - 1
	return z
}

// encode writes the number modulo the prime.
func encode(b []byte, z *element) {
	t := *z
	for range 2 { // below 2^255 + 19, then below the prime plus 19
		high := t[7] >> 31
		t[7] &= 1<<31 - 1
		c := uint32(0)
		t[0], c = sum(t[0], 19*high, 0)
		for i := 1; i < 8; i++ {
			t[i], c = sum(t[i], 0, c)
		}
	}
	// The prime or more is 2^255 or more with 19 added.
	var s element
	c := uint32(0)
	s[0], c = sum(t[0], 19, 0)
	for i := 1; i < 8; i++ {
		s[i], c = sum(t[i], 0, c)
	}
	exchange(&t, &s, s[7]>>31)
	t[7] &= 1<<31 - 1
	for i := range 8 {
		b[4*i], b[4*i+1], b[4*i+2], b[4*i+3] = byte(t[i]), byte(t[i]>>8), byte(t[i]>>16), byte(t[i]>>24)
	}
}
