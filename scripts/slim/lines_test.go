//go:build go1.24

package main

import (
	"bytes"
	"debug/elf"
	"debug/gosym"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// victim exercises what the runtime reads tables for: a panic through the standard library,
// collections while stacks are deep, stacks that grow, deferred calls.
const victim = `package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
)

func deep(n int) int {
	var room [64]byte
	if n == 0 {
		runtime.GC()
		return 0
	}
	room[n%64] = 1
	keep := make([]*int, 8)
	keep[n%8] = new(int)
	*keep[n%8] = n
	r := deep(n-1) + int(room[n%64])
	if *keep[n%8] != n {
		panic("lost")
	}
	return r
}

func main() {
	done := make(chan int)
	for range 4 {
		go func() { done <- deep(3000) }()
	}
	for range 4 {
		if n := <-done; n != 3000 {
			panic(n)
		}
	}
	defer func() {
		fmt.Println("recovered", recover())
		os.Stdout.Write(debug.Stack())
	}()
	list := []int{3, 1, 2}
	sort.Slice(list, func(i, j int) bool {
		if list[i] == list[j]+1 {
			panic("here") // line 45
		}
		return list[i] < list[j]
	})
}
`

func buildVictim(t *testing.T, arch string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"main.go": victim, "go.mod": "module example.org/victim\n\ngo 1.23.0\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", "victim", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, "victim")
}

func dropped(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := DropLines(file); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDropLines_program_runs_and_shows_its_own_lines(t *testing.T) {
	name := buildVictim(t, "amd64")
	if err := os.WriteFile(name, dropped(t, name), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(name).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"recovered here", "/main.go:45", "sort.insertionSort_func(", "main.main()", "main.main.func", "?:0 +0x"} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("its stack does not show %q:\n%s", want, out)
		}
	}
	if bytes.Contains(out, []byte("sort/")) {
		t.Errorf("a line of the standard library is left:\n%s", out)
	}
}

// What is kept reads as before, whatever the size and order of a word; nothing else of the file changes.
func TestDropLines_keeps_what_is_ours(t *testing.T) {
	for _, arch := range []string{"amd64", "mips"} {
		t.Run(arch, func(t *testing.T) {
			name := buildVictim(t, arch)
			whole, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			less := dropped(t, name)
			before, after := symbols(t, whole), symbols(t, less)
			checked := 0
			for i := range before.Funcs {
				f := &before.Funcs[i]
				file, line, _ := before.PCToLine(f.Entry)
				file2, line2, _ := after.PCToLine(f.Entry)
				if strings.HasPrefix(f.Name, "main.") {
					checked++
					if file2 != file || line2 != line {
						t.Errorf("%s was at %s:%d, is at %s:%d", f.Name, file, line, file2, line2)
					}
				} else if line2 > 0 {
					t.Errorf("%s still has line %d", f.Name, line2)
				}
			}
			if checked < 3 || len(after.Funcs) != len(before.Funcs) {
				t.Errorf("%d functions of the program, %d and %d in all", checked, len(before.Funcs), len(after.Funcs))
			}
			wantOnlyTables(t, whole, less)
			if !bytes.Contains(less, []byte("/main.go\x00")) || !bytes.Contains(whole, []byte("sort/sort.go\x00")) || bytes.Contains(less, []byte("sort/sort.go\x00")) {
				t.Error("names of files: there should be ours, and no others")
			}
		})
	}
}

func symbols(t *testing.T, file []byte) *gosym.Table {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	data, err := f.Section(".gopclntab").Data()
	if err != nil {
		t.Fatal(err)
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, f.Section(".text").Addr))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func wantOnlyTables(t *testing.T, before, after []byte) {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(before))
	if err != nil {
		t.Fatal(err)
	}
	s := f.Section(".gopclntab")
	end := s.Offset + s.Size
	if len(before) != len(after) || !bytes.Equal(before[:s.Offset], after[:s.Offset]) || !bytes.Equal(before[end:], after[end:]) {
		t.Error("something else than the tables changed")
	}
}

// small is a table of one function, "net.f", that shares its stack table with its line table.
func small() []byte {
	order := binary.LittleEndian
	b := order.AppendUint32(nil, 0xfffffff1)
	b = append(b, 0, 0, 4, 4)
	for _, n := range []uint32{1, 0, 0, 40, 48, 48, 48, 56} { // count, files, text, names, units, files, tables, functions
		b = order.AppendUint32(b, n)
	}
	b = append(b, "net.f\x00\x00\x00"...)
	b = append(b, 0, 2, 4, 0, 4, 4, 0, 0) // tables at 1 and 4
	for _, n := range []uint32{0, 12, 4 /* code, record, end of the code */, 0, 0, 0, 0, 1, 4, 1, 0, 0, 7, 0} {
		b = order.AppendUint32(b, n)
	}
	return b
}

func TestDropLines_a_shared_table_stays(t *testing.T) {
	b := small()
	if err := (&table{order: binary.LittleEndian, data: b}).drop(); err != nil {
		t.Fatal(err)
	}
	if got := b[48:56]; !bytes.Equal(got, []byte{0, 2, 4, 0, 0, 0, 0, 0}) {
		t.Errorf("tables %v", got)
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(b[68+4*i:]) }
	if word(4) != 1 || word(5) != 0 || word(6) != 0 || word(9) != 0 {
		t.Errorf("record %d %d %d %d", word(4), word(5), word(6), word(9))
	}
}

func TestDropLines_refuses_what_it_does_not_know(t *testing.T) {
	for name, file := range map[string][]byte{"empty": {}, "text": []byte("#!/bin/sh\n"), "elf-without-go": elfWithout(t)} {
		t.Run(name, func(t *testing.T) {
			before := bytes.Clone(file)
			if err := DropLines(file); err == nil || !bytes.Equal(file, before) {
				t.Errorf("error %v", err)
			}
		})
	}
	for size := range small() {
		if err := (&table{order: binary.LittleEndian, data: small()[:size]}).drop(); err == nil {
			t.Errorf("no error when cut at %d", size)
		}
	}
	other := small()
	other[0] = 0xf2 // the next layout
	if err := (&table{order: binary.LittleEndian, data: other}).drop(); err == nil {
		t.Error("no error for another layout")
	}
}

// elfWithout is this test with the name of the section spoilt.
func elfWithout(t *testing.T) []byte {
	t.Helper()
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(self, []byte(".gopclntab"), []byte(".another__"))
}

func FuzzDropLines(f *testing.F) {
	f.Add(small())
	f.Add(small()[:60])
	f.Fuzz(func(t *testing.T, data []byte) {
		size := len(data)
		_ = (&table{order: binary.LittleEndian, data: data}).drop() // must come back, whatever it says
		if len(data) != size {
			t.Error("the size changed")
		}
	})
}

func TestPrepare_replaces_both(t *testing.T) {
	t.Chdir("../..")
	flags, err := prepare(t.TempDir())
	if err != nil || len(flags) != 2 {
		t.Fatalf("%v, %v", flags, err)
	}
	args := append(append([]string{"list", "-deps"}, flags...), "-f", "{{.ImportPath}} {{len .GoFiles}}", "github.com/libdns/duckdns")
	out, err := exec.Command("go", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !bytes.Contains(out, []byte("github.com/miekg/dns 1\n")) {
		t.Errorf("the DNS module is not replaced:\n%s", out)
	}
	if bytes.Contains(out, []byte("golang.org/x/text/")) || !bytes.Contains(out, []byte("vendor/golang.org/x/net/idna 1\n")) {
		t.Errorf("the standard library's idna is not replaced:\n%s", out)
	}
}
