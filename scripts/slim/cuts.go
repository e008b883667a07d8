package main

// cuts is what the program is linked with and never comes to, or does in a smaller way. Bytes are
// of mipsle, packed by xz.
//
// P-256: a table of 43 x 32 multiples of the generator makes its multiplication four times as
// fast as that of any other point. It is 88 KB of flash that nothing can pack. The general way
// takes its place, in constant time as well; a signature on that curve is checked by one of each.
//
// FIPS 140-3: self-tests, and a source of entropy with 32 MiB of memory that is reserved even when
// nobody asks for it: a router with 32 MB could not run the program. That mode is off unless
// GODEBUG switches it on; then this build ends and says that it does not have it. 10 KB.
//
// Encrypted Client Hello: nobody configures it, and nothing else uses HPKE. 5 KB.
var cuts = []cut{
	{"crypto/internal/fips140/nistec/p256.go", "P256Point.ScalarBaseMult", `func (p *P256Point) ScalarBaseMult(scalar []byte) (*P256Point, error) {
	return p.ScalarMult(NewP256Point().SetGenerator(), scalar)
}`},
	{"crypto/internal/fips140/nistec/p256.go", "init", ""},
	{"crypto/internal/fips140/nistec/p256_asm.go", "P256Point.ScalarBaseMult", `func (r *P256Point) ScalarBaseMult(scalar []byte) (*P256Point, error) {
	return r.ScalarMult(NewP256Point().SetGenerator(), scalar)
}`},
	{"crypto/internal/fips140/nistec/p256_asm.go", "init", ""},

	{"crypto/internal/fips140/fips140.go", "Supported", `func Supported() error {
	return errors.New("this program was built without FIPS 140-3 mode")
}`},
	{"crypto/internal/fips140/drbg/entropy_fips140.go", "getEntropy", `func getEntropy() *[SeedSize]byte {
	panic("this program was built without FIPS 140-3 mode")
}`},
	{"crypto/internal/fips140/aes/cast.go", "init", ""},
	{"crypto/internal/fips140/aes/gcm/cast.go", "init", ""},
	{"crypto/internal/fips140/drbg/cast.go", "init", ""},
	{"crypto/internal/fips140/ecdh/cast.go", "fipsSelfTest", noSelfTest},
	{"crypto/internal/fips140/ecdsa/cast.go", "fipsSelfTest", noSelfTest},
	{"crypto/internal/fips140/ecdsa/cast.go", "fipsSelfTestDeterministic", `func fipsSelfTestDeterministic() {}`},
	{"crypto/internal/fips140/ed25519/cast.go", "fipsSelfTest", noSelfTest},
	{"crypto/internal/fips140/hkdf/cast.go", "init", ""},
	{"crypto/internal/fips140/hmac/cast.go", "init", ""},
	{"crypto/internal/fips140/mlkem/cast.go", "fipsSelfTest", noSelfTest},
	{"crypto/internal/fips140/rsa/cast.go", "fipsSelfTest", noSelfTest},
	{"crypto/internal/fips140/sha256/cast.go", "init", ""},
	{"crypto/internal/fips140/sha3/cast.go", "init", ""},
	{"crypto/internal/fips140/sha512/cast.go", "init", ""},
	{"crypto/internal/fips140/tls12/cast.go", "init", ""},
	{"crypto/internal/fips140/tls13/cast.go", "init", ""},

	{"crypto/tls/ech.go", "pickECHConfig", `func pickECHConfig(list []echConfig) (*echConfig, hpke.PublicKey, hpke.KDF, hpke.AEAD) {
	return nil, nil, nil, nil
}`},
	{"crypto/hpke/hpke.go", "NewSender", `func NewSender(pk PublicKey, kdf KDF, aead AEAD, info []byte) (enc []byte, s *Sender, err error) {
	return nil, nil, errors.New("hpke: not in this program")
}`},
}

const noSelfTest = `func fipsSelfTest() {}`
