package main

// cuts is what the program is linked with and never comes to, or does in a smaller way. Bytes are
// of mipsle, packed by xz.
//
// P-256: a table of 43 x 32 multiples of the generator, 88 KB of flash that nothing can pack, makes
// its multiplication six times as fast as that of any other point; a signature on that curve is
// checked by one of each. A comb takes its place: a table of 15 points, computed when it is first
// asked for. Where Go has the curve in assembly, the general way is fast enough.
//
// FIPS 140-3: self-tests, and a source of entropy with 32 MiB of memory that is reserved even when
// nobody asks for it: a router with 32 MB could not run the program. That mode is off unless
// GODEBUG switches it on; then this build ends and says that it does not have it. 10 KB.
//
// usleep of MIPS: Go takes microseconds for nanoseconds, so that the thread which watches the others
// (sysmon) does not sleep for 20 microseconds to 10 milliseconds, but asks the kernel for a thousandth
// of that: as long as there is work, it wakes up every tenth of a millisecond and takes a third of
// the processor.
//
// Encrypted Client Hello: nobody configures it, and nothing else uses HPKE. 5 KB.
var cuts = []cut{
	{file: "crypto/internal/fips140/nistec/p256.go", name: "P256Point.ScalarBaseMult", instead: comb},
	{file: "crypto/internal/fips140/nistec/p256.go", name: "init"},
	{file: "crypto/internal/fips140/nistec/p256_asm.go", name: "P256Point.ScalarBaseMult", instead: `func (r *P256Point) ScalarBaseMult(scalar []byte) (*P256Point, error) {
	return r.ScalarMult(NewP256Point().SetGenerator(), scalar)
}`},
	{file: "crypto/internal/fips140/nistec/p256_asm.go", name: "init"},

	{file: "crypto/internal/fips140/fips140.go", name: "Supported", instead: `func Supported() error {
	return errors.New("this program was built without FIPS 140-3 mode")
}`},
	{file: "crypto/internal/fips140/drbg/entropy_fips140.go", name: "getEntropy", instead: `func getEntropy() *[SeedSize]byte {
	panic("this program was built without FIPS 140-3 mode")
}`},
	{file: "crypto/internal/fips140/aes/cast.go", name: "init"},
	{file: "crypto/internal/fips140/aes/gcm/cast.go", name: "init"},
	{file: "crypto/internal/fips140/drbg/cast.go", name: "init"},
	{file: "crypto/internal/fips140/ecdh/cast.go", name: "fipsSelfTest", instead: noSelfTest},
	{file: "crypto/internal/fips140/ecdsa/cast.go", name: "fipsSelfTest", instead: noSelfTest},
	{file: "crypto/internal/fips140/ecdsa/cast.go", name: "fipsSelfTestDeterministic", instead: `func fipsSelfTestDeterministic() {}`},
	{file: "crypto/internal/fips140/ed25519/cast.go", name: "fipsSelfTest", instead: noSelfTest},
	{file: "crypto/internal/fips140/hkdf/cast.go", name: "init"},
	{file: "crypto/internal/fips140/hmac/cast.go", name: "init"},
	{file: "crypto/internal/fips140/mlkem/cast.go", name: "fipsSelfTest", instead: noSelfTest},
	{file: "crypto/internal/fips140/rsa/cast.go", name: "fipsSelfTest", instead: noSelfTest},
	{file: "crypto/internal/fips140/sha256/cast.go", name: "init"},
	{file: "crypto/internal/fips140/sha3/cast.go", name: "init"},
	{file: "crypto/internal/fips140/sha512/cast.go", name: "init"},
	{file: "crypto/internal/fips140/tls12/cast.go", name: "init"},
	{file: "crypto/internal/fips140/tls13/cast.go", name: "init"},

	{file: "runtime/sys_linux_mipsx.s", name: "runtime·usleep", instead: usleep},
	{file: "runtime/sys_linux_mips64x.s", name: "runtime·usleep", instead: usleep64},

	{file: "crypto/tls/ech.go", name: "pickECHConfig", instead: `func pickECHConfig(list []echConfig) (*echConfig, hpke.PublicKey, hpke.KDF, hpke.AEAD) {
	return nil, nil, nil, nil
}`},
	{file: "crypto/hpke/hpke.go", name: "NewSender", instead: `func NewSender(pk PublicKey, kdf KDF, aead AEAD, info []byte) (enc []byte, s *Sender, err error) {
	return nil, nil, errors.New("hpke: not in this program")
}`},
}

// comb multiplies the generator by a scalar with a quarter of its doublings (C. H. Lim and P. J. Lee,
// More Flexible Exponentiation with Precomputation, CRYPTO '94): bits i, i+64, i+128 and i+192 of
// the scalar together choose a sum of G, 2^64 G, 2^128 G and 2^192 G. In constant time: every entry
// of the table is read, and the formulas of Add have no exceptions.
const comb = `func (p *P256Point) ScalarBaseMult(scalar []byte) (*P256Point, error) {
	if len(scalar) != 32 {
		return nil, errors.New("invalid scalar length")
	}
	combOnce.Do(combInit)
	p.Set(NewP256Point())
	t := NewP256Point()
	for i := 63; i >= 0; i-- {
		p.Double(p)
		n := uint32(0)
		for tooth := 0; tooth < 4; tooth++ {
			bit := i + 64*tooth
			n |= uint32(scalar[31-bit/8]>>(bit%8)&1) << tooth
		}
		t.Set(NewP256Point())
		for k := 1; k < len(combTable); k++ {
			same := (uint32(k) ^ n) - 1
			t.Select(&combTable[k], t, int(same>>31))
		}
		p.Add(p, t)
	}
	return p, nil
}

// combTable has at n the sum of 2^(64*tooth) G over the bits of n.
var (
	combTable [16]P256Point
	combOnce  sync.Once
)

func combInit() {
	combTable[0].Set(NewP256Point())
	power := NewP256Point().SetGenerator()
	for tooth := 0; tooth < 4; tooth++ {
		for n := 0; n < 1<<tooth; n++ {
			combTable[n|1<<tooth].Add(&combTable[n], power)
		}
		for i := 0; i < 64 && tooth < 3; i++ {
			power.Double(power)
		}
	}
}`

// usleep takes microseconds; nanosleep(2) seconds and nanoseconds.
const usleep = `TEXT runtime·usleep(SB),NOSPLIT,$28-4
	MOVW	usec+0(FP), R2
	MOVW	$1000000, R3
	DIVU	R3, R2
	MOVW	LO, R4
	MOVW	HI, R5
	MOVW	$1000, R3
	MULU	R3, R5
	MOVW	LO, R5
	MOVW	R4, 24(R29)
	MOVW	R5, 28(R29)
	ADDU	$24, R29, R4
	MOVW	R0, R5
	MOVW	$SYS_nanosleep, R2
	SYSCALL
	RET`

const usleep64 = `TEXT runtime·usleep(SB),NOSPLIT,$16-4
	MOVWU	usec+0(FP), R2
	MOVV	$1000000, R3
	DIVVU	R3, R2
	MOVV	LO, R4
	MOVV	HI, R5
	MOVV	$1000, R3
	MULVU	R3, R5
	MOVV	LO, R5
	MOVV	R4, 8(R29)
	MOVV	R5, 16(R29)
	ADDV	$8, R29, R4
	MOVV	R0, R5
	MOVV	$SYS_nanosleep, R2
	SYSCALL
	RET`

const noSelfTest = `func fipsSelfTest() {}`
