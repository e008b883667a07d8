package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newUsign is a secret key as `usign -G` writes it, and its public half.
func newUsign(t *testing.T) (text []byte, public ed25519.PublicKey) {
	t.Helper()
	public, secret, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	sum := sha512.Sum512(secret)
	raw := append([]byte("EdBK"), make([]byte, 20)...)
	raw = append(append(append(raw, sum[:8]...), "12345678"...), secret...)
	return []byte("untrusted comment: private key\n" + base64.StdEncoding.EncodeToString(raw) + "\n"), public
}

func TestPackagesIndex_tells_what_is_there(t *testing.T) {
	ipk := pack(t, "ipk", "here")
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "wandns_1.2.3-r1_mipsel_24kc.ipk"), ipk, 0o644))
	text, public := newUsign(t)
	key, err := parseUsignKey(text)
	must(t, err)
	must(t, writePackages(dir, key))

	index, err := os.ReadFile(filepath.Join(dir, "Packages"))
	must(t, err)
	fields := fieldsOf(string(index), ": ")
	for name, want := range map[string]string{
		"Package": "wandns", "Version": "1.2.3-r1", "Depends": "ca-bundle", "Filename": "wandns_1.2.3-r1_mipsel_24kc.ipk",
		"Size": fmt.Sprint(len(ipk)), "SHA256sum": fmt.Sprintf("%x", sha256.Sum256(ipk)),
	} {
		if fields[name] != want {
			t.Errorf("%s is %q, want %q", name, fields[name], want)
		}
	}
	if !bytes.HasSuffix(index, []byte("\n\n")) || bytes.Contains(bytes.TrimSpace(index), []byte("\n\n")) {
		t.Errorf("paragraphs are parted by one empty line, which ends them as well:\n%s", index)
	}
	packed, err := os.Open(filepath.Join(dir, "Packages.gz"))
	must(t, err)
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	must(t, err)
	if same, err := io.ReadAll(z); err != nil || !bytes.Equal(same, index) || !z.ModTime.IsZero() {
		t.Errorf("Packages.gz: %v, of %v", err, z.ModTime)
	}

	signature, err := os.ReadFile(filepath.Join(dir, "Packages.sig"))
	must(t, err)
	comment, encoded, _ := strings.Cut(string(signature), "\n")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	must(t, err)
	if comment != "untrusted comment: signed by key 3132333435363738" || string(raw[:10]) != "Ed12345678" || !ed25519.Verify(public, index, raw[10:]) {
		t.Errorf("signature %q", signature)
	}
}

func TestUsignKey_that_is_none(t *testing.T) {
	good, _ := newUsign(t)
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(strings.SplitN(string(good), "\n", 2)[1]))
	must(t, err)
	for name, change := range map[string]func([]byte) []byte{
		"too-short":      func(b []byte) []byte { return b[:103] },
		"another-kind":   func(b []byte) []byte { b[0] = 'X'; return b },
		"with-password":  func(b []byte) []byte { b[7] = 42; return b },
		"wrong-checksum": func(b []byte) []byte { b[50] ^= 1; return b },
	} {
		text := "comment\n" + base64.StdEncoding.EncodeToString(change(bytes.Clone(raw)))
		if _, err := parseUsignKey([]byte(text)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := parseAPKKey(good); err == nil {
		t.Error("a key of usign is taken for one of apk")
	}
}

// value reads a value of a data base: a number, a text, or the values of an array or object.
func value(b []byte, v uint32) any {
	at := v & 0xfffffff
	switch v >> 28 {
	case 1:
		return v & 0xfffffff
	case 8:
		return string(b[at+1 : at+1+uint32(b[at])])
	case 13, 14:
		var all []any
		for i := uint32(1); i < binary.LittleEndian.Uint32(b[at:]); i++ {
			all = append(all, value(b, binary.LittleEndian.Uint32(b[at+4*i:])))
		}
		return all
	}
	return nil
}

func TestADB_tells_what_is_there(t *testing.T) {
	apk := pack(t, "apk", "here")
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "wandns-1.2.3-r1.apk"), apk, 0o644))
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	der, err := x509.MarshalECPrivateKey(secret)
	must(t, err)
	key, err := parseAPKKey(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
	must(t, err)
	must(t, writeADB(dir, key))
	index, err := os.ReadFile(filepath.Join(dir, "packages.adb"))
	must(t, err)

	if string(index[:8]) != "ADB.indx" || len(index)%8 != 0 {
		t.Fatalf("it begins with %q and has %d bytes", index[:8], len(index))
	}
	size := binary.LittleEndian.Uint32(index[8:]) // block 0
	db := index[12 : 8+size]
	root, _ := value(db, binary.LittleEndian.Uint32(db[4:])).([]any)
	packages, _ := root[1].([]any)
	info, _ := packages[0].([]any)
	p, err := readAPK(apk)
	must(t, err)
	for field, want := range map[int]any{
		1: "wandns", 2: "1.2.3-r1", 3: string(p.hash), 4: daemon.summary, 5: "mipsel_24kc", 6: license, 8: maintainer, 9: homepage,
		13: uint32(len(apk)), 15: []any{[]any{"ca-bundle"}},
	} {
		if fmt.Sprint(info[field-1]) != fmt.Sprint(want) {
			t.Errorf("field %d is %v, want %v", field, info[field-1], want)
		}
	}

	rest := index[8+(size+7)/8*8:]
	length := binary.LittleEndian.Uint32(rest)
	if length>>30 != 1 {
		t.Fatalf("the second block is of kind %d", length>>30)
	}
	block := rest[4 : length&0x3fffffff]
	public, err := secret.PublicKey.ECDH()
	must(t, err)
	id, sum := sha512.Sum512(public.Bytes()), sha512.Sum512(db)
	message := sha512.Sum512(append(append([]byte("indx"), block[:18]...), sum[:]...))
	if block[0] != 0 || block[1] != 4 || !bytes.Equal(block[2:18], id[:16]) || !ecdsa.VerifyASN1(&secret.PublicKey, message[:], block[18:]) {
		t.Error("the signature does not fit")
	}
}

func TestADB_writes_what_is_large(t *testing.T) {
	a := newADB()
	long := strings.Repeat("x", 300)
	blob, number, wide := a.blob([]byte(long)), a.number(7), a.number(1<<30)
	if at := blob & 0xfffffff; blob>>28 != 9 || at%2 != 0 || binary.LittleEndian.Uint16(a.b[at:]) != 300 || string(a.b[at+2:at+302]) != long {
		t.Errorf("a long text is %x", blob)
	}
	if at := wide & 0xfffffff; wide>>28 != 2 || at%4 != 0 || binary.LittleEndian.Uint32(a.b[at:]) != 1<<30 {
		t.Errorf("a large number is %x", wide)
	}
	if number != 1<<28|7 {
		t.Errorf("a number is %x", number)
	}
	if a.list(adbArray, nil) != 0 || a.blob(nil) != 0 {
		t.Error("nothing is something")
	}
}
