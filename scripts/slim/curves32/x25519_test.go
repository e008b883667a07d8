package curves32

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"testing"
)

var prime25519 = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

// eight is the number of an element of eight words, as it is.
func eight(z *element) *big.Int { return p256.number(z) }

// check25519 compares all operations on two numbers below 2^256 with those of math/big.
func check25519(t *testing.T, x, y *big.Int) {
	t.Helper()
	a, b := p256.words(x), p256.words(y)
	for name, c := range map[string]struct {
		do   func(z *element)
		want *big.Int
	}{
		"x y":      {func(z *element) { mul25519(z, &a, &b) }, new(big.Int).Mul(x, y)},
		"x x":      {func(z *element) { *z = a; square25519(z, z) }, new(big.Int).Mul(x, x)},
		"x + y":    {func(z *element) { plus25519(z, &a, &b) }, new(big.Int).Add(x, y)},
		"x - y":    {func(z *element) { *z = a; minus25519(z, z, &b) }, new(big.Int).Sub(x, y)},
		"121665 x": {func(z *element) { times25519(z, &a, 121665) }, new(big.Int).Mul(x, big.NewInt(121665))},
		"x":        {func(z *element) { *z = a }, x},
	} {
		var z element
		c.do(&z)
		want := new(big.Int).Mod(c.want, prime25519)
		if got := new(big.Int).Mod(eight(&z), prime25519); got.Cmp(want) != 0 || eight(&z).BitLen() > 256 {
			t.Errorf("%s for x = %x and y = %x: %x, want %x", name, x, y, got, want)
		}
		var out [32]byte
		if encode(out[:], &z); number(out[:]).Cmp(want) != 0 {
			t.Errorf("%s for x = %x and y = %x is written %x, want %x", name, x, y, number(out[:]), want)
		}
	}
}

// number is that of bytes, the least significant first.
func number(b []byte) *big.Int {
	n := new(big.Int)
	for i := len(b) - 1; i >= 0; i-- {
		n.Lsh(n, 8).Or(n, big.NewInt(int64(b[i])))
	}
	return n
}

// edges25519 are numbers below 2^256 near what matters.
func edges25519() (all []*big.Int) {
	full := new(big.Int).Lsh(big.NewInt(1), 256)
	for _, d := range []int64{0, 1, 2, 18, 19, 20, 37, 38, 39, 1444, 1 << 32} {
		all = append(all, big.NewInt(d), new(big.Int).Add(prime25519, big.NewInt(d)), new(big.Int).Sub(prime25519, big.NewInt(d)),
			new(big.Int).Sub(full, big.NewInt(d+1)), new(big.Int).Sub(full, big.NewInt(38+d)))
	}
	for bit := uint(32); bit < 256; bit += 32 {
		n := new(big.Int).Lsh(big.NewInt(1), bit)
		all = append(all, n, new(big.Int).Sub(n, big.NewInt(1)), new(big.Int).Sub(full, n))
	}
	return all
}

func TestCurve25519_field(t *testing.T) {
	edges := edges25519()
	for _, x := range edges {
		for _, y := range edges {
			check25519(t, x, y)
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	full := new(big.Int).Lsh(big.NewInt(1), 256)
	for range 1000 {
		check25519(t, below(r, full), below(r, full))
	}
	for _, x := range edges {
		z := p256.words(x)
		invert25519(&z)
		product := new(big.Int).Mul(eight(&z), x)
		want := int64(1)
		if new(big.Int).Mod(x, prime25519).Sign() == 0 {
			want = 0
		}
		if product.Mod(product, prime25519).Cmp(big.NewInt(want)) != 0 {
			t.Errorf("1/%x is %x", x, eight(&z))
		}
	}
}

// The vectors of RFC 7748, section 5.2.
func TestX25519_vectors(t *testing.T) {
	bytesOf := func(text string) []byte {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var out [32]byte
	for _, v := range [][3]string{
		{"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4", "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c", "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
		{"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d", "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493", "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
	} {
		if X25519(out[:], bytesOf(v[0]), bytesOf(v[1])); !bytes.Equal(out[:], bytesOf(v[2])) {
			t.Errorf("%s times %s is %x", v[0], v[1], out)
		}
	}
	rounds := map[int]string{
		1:    "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
		1000: "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
	}
	k, u := [32]byte{9}, [32]byte{9}
	for i := 1; i <= 1000; i++ {
		X25519(out[:], k[:], u[:])
		u, k = k, out
		if want := rounds[i]; want != "" && !bytes.Equal(k[:], bytesOf(want)) {
			t.Errorf("after %d: %x", i, k)
		}
	}
}

// std is what crypto/ecdh makes of it; zeros where it refuses a point of low order.
func std(t *testing.T, scalar, u []byte) []byte {
	t.Helper()
	secret, err := ecdh.X25519().NewPrivateKey(scalar)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ecdh.X25519().NewPublicKey(u)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := secret.ECDH(public)
	if err != nil {
		return make([]byte, 32)
	}
	return shared
}

func checkX25519(t *testing.T, scalar, u []byte) {
	t.Helper()
	var out [32]byte
	if X25519(out[:], scalar, u); !bytes.Equal(out[:], std(t, scalar, u)) {
		t.Errorf("%x times %x is %x, crypto/ecdh has %x", scalar, u, out, std(t, scalar, u))
	}
}

func TestX25519_as_crypto_ecdh(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	full := new(big.Int).Lsh(big.NewInt(1), 256)
	little := func(n *big.Int) []byte {
		b := n.FillBytes(make([]byte, 32))
		for i := range 16 {
			b[i], b[31-i] = b[31-i], b[i]
		}
		return b
	}
	for range 300 {
		checkX25519(t, little(below(r, full)), little(below(r, full)))
	}
	for _, u := range edges25519() { // points of low order, numbers not below the prime
		checkX25519(t, little(below(r, full)), little(u))
		checkX25519(t, little(u), little(below(r, full)))
	}
	for _, order8 := range []string{"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"} {
		u, _ := hex.DecodeString(order8)
		checkX25519(t, little(below(r, full)), u)
	}
}

func FuzzX25519(f *testing.F) {
	f.Add([]byte{1}, []byte{9})
	f.Fuzz(func(t *testing.T, scalar, u []byte) {
		var k, p [32]byte
		copy(k[:], scalar)
		copy(p[:], u)
		checkX25519(t, k[:], p[:])
	})
}
