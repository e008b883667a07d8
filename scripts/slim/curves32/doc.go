// Package curves32 is what TLS needs of elliptic curves, for processors of 32 bits. A public key, a
// hash and a signature come in, as numbers, and whether it is one goes out: ECDSA (FIPS 186-5, section
// 6.4.2) on P-256 and P-384. And a secret and a public key come in, and the secret that two parties
// share goes out: X25519 (RFC 7748).
//
// Go computes by words of 64 bits, and in constant time: on a router's MIPS 24Kc that takes up to
// four times as many instructions, which is most of a TLS handshake. The release has this in its
// place where words have 32 bits. How long it takes to verify tells what is verified, which is public;
// X25519 is in constant time.
package curves32
