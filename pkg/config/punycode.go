package config

import "unicode/utf8"

// Parameters of Punycode (RFC 3492 section 5).
const (
	punyBase        = 36
	punyTMin        = 1
	punyTMax        = 26
	punySkew        = 38
	punyDamp        = 700
	punyInitialBias = 72
	punyInitialN    = 0x80
)

// punycode encodes a label (RFC 3492 section 6.3), without the prefix xn--. Labels are short
// (a hostname fits into a UCI file), so nothing here overflows 64 bits.
//
// golang.org/x/net/idna would do more, and cost 27 KB of package and 196 KB of flash image.
func punycode(label string) string {
	var out []byte
	runes := []rune(label)
	for _, r := range runes {
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
		}
	}
	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := int64(punyInitialN), int64(0), int64(punyInitialBias)
	for handled := basic; handled < len(runes); {
		next := nextRune(runes, n)
		delta += (next - n) * int64(handled+1)
		n = next
		for _, r := range runes {
			if int64(r) < n {
				delta++
			}
			if int64(r) == n {
				out = appendVarInt(out, delta, bias)
				bias = adapt(delta, int64(handled+1), handled == basic)
				delta = 0
				handled++
			}
		}
		delta++
		n++
	}
	return string(out)
}

// nextRune is the smallest rune that is not below n.
func nextRune(runes []rune, n int64) int64 {
	least := int64(utf8.MaxRune) + 1
	for _, r := range runes {
		if int64(r) >= n && int64(r) < least {
			least = int64(r)
		}
	}
	return least
}

// appendVarInt writes delta as a variable-length integer.
func appendVarInt(out []byte, delta, bias int64) []byte {
	for k := int64(punyBase); ; k += punyBase {
		t := min(max(k-bias, punyTMin), punyTMax)
		if delta < t {
			return append(out, punyDigit(delta))
		}
		out = append(out, punyDigit(t+(delta-t)%(punyBase-t)))
		delta = (delta - t) / (punyBase - t)
	}
}

func punyDigit(d int64) byte {
	if d < 26 {
		return byte('a' + d)
	}
	return byte('0' + d - 26)
}

// adapt is the bias for the next delta (RFC 3492 section 6.1).
func adapt(delta, points int64, first bool) int64 {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := int64(0)
	for delta > (punyBase-punyTMin)*punyTMax/2 {
		delta /= punyBase - punyTMin
		k += punyBase
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
