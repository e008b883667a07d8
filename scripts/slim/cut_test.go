//go:build go1.26

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// cutGo writes an overlay of the cuts alone, and returns the flag for go.
func cutGo(t *testing.T) string {
	t.Helper()
	goroot, err := output("go", "env", "GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay, err := cutOverlay(goroot, dir, cuts)
	if err != nil {
		t.Fatal(err)
	}
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
	for _, c := range cuts {
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

// Go's own tests of what was changed, in its generic form as well.
func TestCuts_elliptic_curves_compute_the_same(t *testing.T) {
	overlay := cutGo(t)
	for _, tags := range []string{"", "purego"} {
		for _, args := range [][]string{
			{"-run=^(TestEquivalents|TestScalarMult)$", "crypto/internal/fips140test"},
			{"-short", "crypto/ecdsa", "crypto/ecdh"},
		} {
			cmd := exec.Command("go", append([]string{"test", overlay, "-tags=" + tags, "-v"}, args...)...)
			cmd.Env = append(os.Environ(), "GOFLAGS=", "GOEXPERIMENT=")
			out, err := cmd.CombinedOutput()
			if err != nil || !bytes.Contains(out, []byte("P256")) {
				t.Fatalf("%v\n%s", err, out[max(0, len(out)-4000):])
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
			got, err := cut{"p.go", c.cut, c.instead}.apply([]byte(source))
			if err != nil || c.want == "" && got != nil || !strings.Contains(string(got), c.want) || !strings.HasSuffix(strings.TrimSpace(string(got)), c.instead) && got != nil {
				t.Errorf("%v\n%s", err, got)
			}
		})
	}
	if _, err := (cut{"p.go", "f", ""}).apply([]byte("no Go")); err == nil {
		t.Error("what is no Go was taken")
	}
}
