//go:build go1.26

package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// cutGo writes an overlay of the cuts and the arithmetic, and returns the flag for go, to be run where
// the test is from now on.
func cutGo(t *testing.T) string {
	t.Helper()
	t.Chdir("../..")
	goroot, err := output("go", "env", "GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay, err := cutOverlay(goroot, dir, slices.Concat(cuts, arithmetic()))
	if err != nil {
		t.Fatal(err)
	}
	added, err := addOverlay(goroot)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(overlay, added)
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return "-overlay=" + name
}

// A later release of Go may have moved what is cut: then the table has to follow.
func TestCuts_all_apply_to_this_go(t *testing.T) {
	goroot, err := output("go", "env", "GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range slices.Concat(cuts, arithmetic()) {
		text, err := os.ReadFile(filepath.Join(goroot, "src", c.file))
		if err != nil {
			t.Error(err)
			continue
		}
		if changed, err := c.apply(text); err != nil || changed == nil {
			t.Errorf("%s of %s is not cut: %v", c.name, c.file, err)
		}
	}
}

// Go's own tests of what was changed: as it is here, in its generic form, and with words of 32 bits.
func TestCuts_compute_the_same(t *testing.T) {
	overlay := cutGo(t)
	for _, as := range []struct{ arch, tags string }{{runtime.GOARCH, ""}, {runtime.GOARCH, "purego"}, {"386", ""}} {
		for _, args := range [][]string{
			{"-run=^(TestEquivalents|TestScalarMult)$", "crypto/internal/fips140test"},
			{"-short", "crypto/ecdsa", "crypto/ecdh", "crypto/elliptic", "crypto/rsa", "crypto/internal/fips140/bigmod"},
		} {
			// vet wants the folder of a package that only the overlay has.
			cmd := exec.Command("go", append([]string{"test", overlay, "-vet=off", "-tags=" + as.tags, "-v"}, args...)...)
			cmd.Env = append(os.Environ(), "GOFLAGS=", "GOEXPERIMENT=", "CGO_ENABLED=0", "GOARCH="+as.arch,
				"GODEBUG=rsa1024min=1") // what these tests are for, and go.mod's version of Go does not have
			out, err := cmd.CombinedOutput()
			if err != nil || !bytes.Contains(out, []byte("P256")) {
				t.Fatalf("%s %s: %v\n%s", as.arch, as.tags, err, out[max(0, len(out)-4000):])
			}
		}
	}
}

const client = `package main

import "net/http"

func main() { _, _ = http.Get("https://example.org") }
`

// Where words have 32 bits, what was replaced is not linked; where they have 64, what replaces it.
func TestArithmetic_of_one_kind_is_linked(t *testing.T) {
	overlay, dir := cutGo(t), t.TempDir()
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "client")
	if err := os.WriteFile(source, []byte(client), 0o644); err != nil {
		t.Fatal(err)
	}
	for arch, ours := range map[string]bool{"mipsle": true, "amd64": false} {
		build := exec.Command("go", "build", overlay, "-o", binary, source)
		build.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=", "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOMIPS=softfloat")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		names, err := output("go", "tool", "nm", binary)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]bool{
			"crypto/internal/curves32.(*curve).verify":                         ours,
			"crypto/internal/fips140/nistec/fiat.(*Prime).Mul":                 ours,
			"crypto/internal/fips140/nistec/fiat.p384MulWandnsUnused":          !ours,
			"crypto/internal/fips140/nistec/fiat.p521ToMontgomeryWandnsUnused": !ours,
		} {
			if strings.Contains(names, " "+name+"\n") != want {
				t.Errorf("%s: %s is linked: %t", arch, name, !want)
			}
		}
	}
}

const randomness = `package main

import (
	"crypto/rand"
	"fmt"
)

func main() {
	b := make([]byte, 8)
	rand.Read(b)
	fmt.Println("eight bytes")
}
`

// Who asks for the mode that is not there gets no program that only pretends to it.
func TestCuts_no_pretence_of_FIPS(t *testing.T) {
	overlay, dir := cutGo(t), t.TempDir()
	for name, text := range map[string]string{"main.go": randomness, "go.mod": "module example.org/random\n\ngo 1.23.0\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", overlay, "-o", "random", ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for mode, good := range map[string]bool{"off": true, "on": false, "only": false} {
		cmd := exec.Command(filepath.Join(dir, "random"))
		cmd.Env = append(os.Environ(), "GODEBUG=fips140="+mode)
		out, err := cmd.CombinedOutput()
		if good != (err == nil) || !good && !strings.Contains(string(out), "without FIPS 140-3 mode") {
			t.Errorf("fips140=%s: %v\n%s", mode, err, out)
		}
	}
}

func TestCut_apply(t *testing.T) {
	const source = "package p\n\nvar f = once(func() {\n\twork()\n})\n\nfunc (t *T) m(int) {}\n\nfunc m() { work() }\n"
	for _, c := range []struct{ name, cut, instead, want string }{
		{"function", "m", "func m() {}", "func mWandnsUnused() { work() }\n\nfunc m() {}\n"},
		{"method", "T.m", "func (t *T) m(int) {}", "func (t *T) mWandnsUnused(int) {}\n"},
		{"variable", "f", "func f() {}", "func fWandnsUnused() {\n_ = once(func() {\n\twork()\n})\n}\n"},
		{"initialization", "m", "", "func mWandnsUnused() { work() }\n"},
		{"absent", "g", "func g() {}", ""},
		{"other-parameters", "m", "func m(int) {}", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := cut{file: "p.go", name: c.cut, instead: c.instead}.apply([]byte(source))
			if err != nil || c.want == "" && got != nil || !strings.Contains(string(got), c.want) || !strings.HasSuffix(strings.TrimSpace(string(got)), c.instead) && got != nil {
				t.Errorf("%v\n%s", err, got)
			}
		})
	}
	got := []byte(source + "\nfunc n() {}\n")
	for _, name := range []string{"m", "n"} {
		var err error
		got, err = cut{file: "p.go", name: name, instead: "func " + name + "() { fmt.Print(os.Args) }", needs: "fmt os"}.apply(got)
		if err != nil || bytes.Count(got, []byte(`import "fmt"`)) != 1 || bytes.Count(got, []byte(`import "os"`)) != 1 {
			t.Fatalf("imports: %v\n%s", err, got)
		}
	}
	const assembly = "#include \"textflag.h\"\n\nTEXT p·f(SB),NOSPLIT,$0-4\n\tRET\n"
	sized := cut{file: "p.s", name: "p·f", instead: "TEXT p·f(SB),NOSPLIT,$0-4\n\tJMP\tp·g(SB)"}
	got, err := sized.apply([]byte(assembly))
	if err != nil || !strings.Contains(string(got), "TEXT p·fWandnsUnused(SB),NOSPLIT,$0-4\n\tRET\n") || !strings.HasSuffix(strings.TrimSpace(string(got)), sized.instead) {
		t.Errorf("assembly: %v\n%s", err, got)
	}
	sized.instead = strings.Replace(sized.instead, "$0-4", "$8-4", 1)
	if got, err := sized.apply([]byte(assembly)); err != nil || got != nil {
		t.Errorf("assembly with another frame: %v\n%s", err, got)
	}
	if _, err := (cut{file: "p.go", name: "f"}).apply([]byte("no Go")); err == nil {
		t.Error("what is no Go was taken")
	}
}
