package curves32

// mul8 and mul12 set t, which is zeros, to x y: a row for each word of y, written out, since a loop over
// a row takes half as long again.
func mul8(t *[2 * words]uint32, x, y *element) {
	for i := range 8 {
		v := y[i]
		row := (*[9]uint32)(t[i : i+9])
		var c uint32
		row[0], c = mac(x[0], v, row[0], 0)
		row[1], c = mac(x[1], v, row[1], c)
		row[2], c = mac(x[2], v, row[2], c)
		row[3], c = mac(x[3], v, row[3], c)
		row[4], c = mac(x[4], v, row[4], c)
		row[5], c = mac(x[5], v, row[5], c)
		row[6], c = mac(x[6], v, row[6], c)
		row[7], row[8] = mac(x[7], v, row[7], c)
	}
}

func mul12(t *[2 * words]uint32, x, y *element) {
	for i := range 12 {
		v := y[i]
		row := (*[13]uint32)(t[i : i+13])
		var c uint32
		row[0], c = mac(x[0], v, row[0], 0)
		row[1], c = mac(x[1], v, row[1], c)
		row[2], c = mac(x[2], v, row[2], c)
		row[3], c = mac(x[3], v, row[3], c)
		row[4], c = mac(x[4], v, row[4], c)
		row[5], c = mac(x[5], v, row[5], c)
		row[6], c = mac(x[6], v, row[6], c)
		row[7], c = mac(x[7], v, row[7], c)
		row[8], c = mac(x[8], v, row[8], c)
		row[9], c = mac(x[9], v, row[9], c)
		row[10], c = mac(x[10], v, row[10], c)
		row[11], row[12] = mac(x[11], v, row[11], c)
	}
}

// plus8 adds eight words, and returns the carry.
func plus8(z, x, y *element) (c uint32) {
	z[0], c = sum(x[0], y[0], c)
	z[1], c = sum(x[1], y[1], c)
	z[2], c = sum(x[2], y[2], c)
	z[3], c = sum(x[3], y[3], c)
	z[4], c = sum(x[4], y[4], c)
	z[5], c = sum(x[5], y[5], c)
	z[6], c = sum(x[6], y[6], c)
	z[7], c = sum(x[7], y[7], c)
	return c
}

// minus8 adds eight words whose bits are turned, and 1: that is the difference. Where it borrows, there
// is no carry to return.
func minus8(z, x, y *element) (c uint32) {
	c = 1
	z[0], c = sum(x[0], ^y[0], c)
	z[1], c = sum(x[1], ^y[1], c)
	z[2], c = sum(x[2], ^y[2], c)
	z[3], c = sum(x[3], ^y[3], c)
	z[4], c = sum(x[4], ^y[4], c)
	z[5], c = sum(x[5], ^y[5], c)
	z[6], c = sum(x[6], ^y[6], c)
	z[7], c = sum(x[7], ^y[7], c)
	return c
}

// sum is bits.Add32, which some processors do not have, in fewer instructions.
func sum(x, y, c uint32) (s, carry uint32) {
	t := uint64(x) + uint64(y) + uint64(c)
	return uint32(t), uint32(t >> 32)
}

// mac returns x y + z + c, which two words hold.
func mac(x, y, z, c uint32) (low, high uint32) {
	t := uint64(x)*uint64(y) + uint64(z) + uint64(c)
	return uint32(t), uint32(t >> 32)
}

// reduce256 sets z to t / 2^256 modulo P-256: 2^256 - 2^224 + 2^192 + 2^96 - 1. It takes a t below the
// prime times 2^256, and leaves a z that is below two primes with the word above that it returns. The
// multiple q of the prime that makes a word vanish is added as those five terms are: to words 8, 6 and
// 3 above it, and taken from word 7. One column after the other takes what all of them left for it.
func reduce256(z *element, t *[2 * words]uint32) (s int64) {
	q0, s := split(int64(t[0]))
	q1, s := split(s + int64(t[1]))
	q2, s := split(s + int64(t[2]))
	q3, s := split(s + int64(t[3]) + int64(q0))
	q4, s := split(s + int64(t[4]) + int64(q1))
	q5, s := split(s + int64(t[5]) + int64(q2))
	q6, s := split(s + int64(t[6]) + int64(q3) + int64(q0))
	q7, s := split(s + int64(t[7]) + int64(q4) + int64(q1) - int64(q0))
	z[0], s = split(s + int64(t[8]) + int64(q5) + int64(q2) - int64(q1) + int64(q0))
	z[1], s = split(s + int64(t[9]) + int64(q6) + int64(q3) - int64(q2) + int64(q1))
	z[2], s = split(s + int64(t[10]) + int64(q7) + int64(q4) - int64(q3) + int64(q2))
	z[3], s = split(s + int64(t[11]) + int64(q5) - int64(q4) + int64(q3))
	z[4], s = split(s + int64(t[12]) + int64(q6) - int64(q5) + int64(q4))
	z[5], s = split(s + int64(t[13]) + int64(q7) - int64(q6) + int64(q5))
	z[6], s = split(s + int64(t[14]) - int64(q7) + int64(q6))
	z[7], s = split(s + int64(t[15]) + int64(q7))
	return s
}

// reduce384 does the same for P-384: 2^384 - 2^128 - 2^96 + 2^32 - 1.
func reduce384(z *element, t *[2 * words]uint32) (s int64) {
	q0, s := split(int64(t[0]))
	q1, s := split(s + int64(t[1]) + int64(q0))
	q2, s := split(s + int64(t[2]) + int64(q1))
	q3, s := split(s + int64(t[3]) + int64(q2) - int64(q0))
	q4, s := split(s + int64(t[4]) + int64(q3) - int64(q1) - int64(q0))
	q5, s := split(s + int64(t[5]) + int64(q4) - int64(q2) - int64(q1))
	q6, s := split(s + int64(t[6]) + int64(q5) - int64(q3) - int64(q2))
	q7, s := split(s + int64(t[7]) + int64(q6) - int64(q4) - int64(q3))
	q8, s := split(s + int64(t[8]) + int64(q7) - int64(q5) - int64(q4))
	q9, s := split(s + int64(t[9]) + int64(q8) - int64(q6) - int64(q5))
	q10, s := split(s + int64(t[10]) + int64(q9) - int64(q7) - int64(q6))
	q11, s := split(s + int64(t[11]) + int64(q10) - int64(q8) - int64(q7))
	z[0], s = split(s + int64(t[12]) + int64(q11) - int64(q9) - int64(q8) + int64(q0))
	z[1], s = split(s + int64(t[13]) - int64(q10) - int64(q9) + int64(q1))
	z[2], s = split(s + int64(t[14]) - int64(q11) - int64(q10) + int64(q2))
	z[3], s = split(s + int64(t[15]) - int64(q11) + int64(q3))
	z[4], s = split(s + int64(t[16]) + int64(q4))
	z[5], s = split(s + int64(t[17]) + int64(q5))
	z[6], s = split(s + int64(t[18]) + int64(q6))
	z[7], s = split(s + int64(t[19]) + int64(q7))
	z[8], s = split(s + int64(t[20]) + int64(q8))
	z[9], s = split(s + int64(t[21]) + int64(q9))
	z[10], s = split(s + int64(t[22]) + int64(q10))
	z[11], s = split(s + int64(t[23]) + int64(q11))
	return s
}

// split takes the lowest word off a sum of columns.
func split(s int64) (word uint32, rest int64) { return uint32(s), s >> 32 }
