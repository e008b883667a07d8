package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// keys sign the indexes; a nil one leaves its index unsigned.
type keys struct {
	usign *usignKey
	apk   *apkKey
}

func loadKeys(usignPath, apkPath string) (k keys, err error) {
	if usignPath != "" {
		if k.usign, err = load(usignPath, parseUsignKey); err != nil {
			return k, fmt.Errorf("the key for Packages: %w", err)
		}
	}
	if apkPath != "" {
		if k.apk, err = load(apkPath, parseAPKKey); err != nil {
			return k, fmt.Errorf("the key for packages.adb: %w", err)
		}
	}
	return k, nil
}

func load[K any](path string, parse func([]byte) (K, error)) (k K, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return k, err
	}
	return parse(text)
}

// usignKey is a secret key of usign, OpenWrt's signer of opkg's feeds: Ed25519.
type usignKey struct {
	fingerprint [8]byte
	secret      ed25519.PrivateKey
}

// parseUsignKey reads the file of a secret key (struct seckey in main.c of usign): a line of
// comment, then in base64 "Ed", "BK", rounds (4 bytes, 0), salt (16), checksum (8: the beginning
// of the key's SHA-512), fingerprint (8), key (64).
func parseUsignKey(text []byte) (*usignKey, error) {
	_, encoded, ok := bytes.Cut(text, []byte("\n"))
	raw, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(encoded)))
	if !ok || err != nil || len(raw) != 104 || string(raw[:4]) != "EdBK" {
		return nil, errors.New("it is no secret key of usign")
	}
	if !bytes.Equal(raw[4:8], make([]byte, 4)) {
		return nil, errors.New("it has a password, which usign does not know either")
	}
	sum := sha512.Sum512(raw[40:])
	if !bytes.Equal(raw[24:32], sum[:8]) {
		return nil, errors.New("its checksum is wrong")
	}
	k := &usignKey{secret: ed25519.PrivateKey(raw[40:])}
	copy(k.fingerprint[:], raw[32:40])
	return k, nil
}

// sign is the text of the signature's file (struct sig there): "Ed", fingerprint, signature.
func (k *usignKey) sign(message []byte) []byte {
	raw := append([]byte("Ed"), k.fingerprint[:]...)
	raw = append(raw, ed25519.Sign(k.secret, message)...)
	return []byte("untrusted comment: signed by key " + hex.EncodeToString(k.fingerprint[:]) + "\n" +
		base64.StdEncoding.EncodeToString(raw) + "\n")
}

// apkKey is a private key for apk's indexes, of the kind that OpenWrt makes: EC, P-256.
type apkKey struct{ secret *ecdsa.PrivateKey }

func parseAPKKey(text []byte) (*apkKey, error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, errors.New("it is no private key in PEM")
		}
		if secret, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
			return usable(secret)
		}
		if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			secret, _ := parsed.(*ecdsa.PrivateKey)
			return usable(secret)
		}
	}
}

func usable(secret *ecdsa.PrivateKey) (*apkKey, error) {
	if secret == nil || secret.Curve != elliptic.P256() {
		return nil, errors.New("it is not an EC key on P-256")
	}
	return &apkKey{secret}, nil
}

// id is how apk finds the key that belongs to a signature: the beginning of the SHA-512 of the
// public point.
func (k *apkKey) id() ([]byte, error) {
	public, err := k.secret.PublicKey.ECDH()
	if err != nil {
		return nil, err
	}
	sum := sha512.Sum512(public.Bytes())
	return sum[:16], nil
}

// sign signs a message with SHA-512; the same message gets the same signature (RFC 6979).
func (k *apkKey) sign(message []byte) ([]byte, error) {
	sum := sha512.Sum512(message)
	return k.secret.Sign(nil, sum[:], crypto.SHA512)
}
