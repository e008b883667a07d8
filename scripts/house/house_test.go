package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestFiles_finds_what_is_wrong_and_nothing_else(t *testing.T) {
	cases := map[string]struct {
		file, content, want string
	}{
		"clean":                     {"a.go", "package a\n", ""},
		"not-formatted":             {"a.go", "package a\nvar  x int\n", "gofmt"},
		"does-not-parse":            {"a.go", "package\n", "expected"},
		"too-long":                  {"a.go", "package a\n\n" + strings.Repeat("// line\n", maxLines), "split it"},
		"long-but-not-too":          {"a.go", "package a\n\n" + strings.Repeat("// line\n", maxLines-2), ""},
		"unfinished-go":             {"a.go", "package a\n\n// TO" + "DO more\n", "a.go:3: TO" + "DO"},
		"unfinished-shell":          {"a.sh", "# FIX" + "ME\n", "a.sh:1"},
		"unfinished-makefile":       {"Makefile", "# XX" + "X\n", "Makefile:1"},
		"mktemp-is-not-unfinished":  {"a.sh", "mktemp -d /tmp/a.XX" + "XXXX\n", ""},
		"somebody-elses":            {"node_modules/a.js", "// TO" + "DO\n", ""},
		"sleep-in-test":             {"a_test.go", "package a\n\nimport \"time\"\n\nfunc f() { time.Sleep(1) }\n", "a_test.go:5"},
		"sleep-under-another-name":  {"a_test.go", "package a\n\nimport clock \"time\"\n\nfunc f() { clock.Sleep(1) }\n", "a_test.go:5"},
		"sleep-on-a-fake-clock":     {"a_test.go", "package a\n\nimport (\n\t\"testing/synctest\"\n\t\"time\"\n)\n\nfunc f() { time.Sleep(1) }\n", ""},
		"sleep-outside-a-test":      {"a.go", "package a\n\nimport \"time\"\n\nfunc f() { time.Sleep(1) }\n", ""},
		"sleep-that-is-not-time's":  {"a_test.go", "package a\n\nfunc f() { bed.Sleep(1) }\n", ""},
		"skip":                      {"a_test.go", "package a\n\nfunc f() { t.Skip() }\n", "a_test.go:3"},
		"skip-with-a-reason":        {"a_test.go", "package a\n\nfunc f() { b.Skipf(\"no root\") }\n", "a_test.go:3"},
		"skip-of-something-else":    {"a_test.go", "package a\n\nfunc f() { reader.Skip(4) }\n", ""},
		"a-program-is-not-searched": {"tool", "\x00TO" + "DO", ""},
		"a-built-program":           {"scripts/tool/tool", "\x7fELF\x02\x01", "scripts/tool/tool: a program"},
		"a-built-program-by-ending": {"tool.test", "\x7fELF\x02\x01", "tool.test: a program"},
		"a-built-program-in-dist":   {"dist/wandns-mipsle", "\x7fELF\x01\x02", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Files(fstest.MapFS{c.file: {Data: []byte(c.content)}})
			if err != nil {
				t.Fatal(err)
			}
			expect(t, got, c.want)
		})
	}
}

func TestRooms_keeps_data_flowing_one_way(t *testing.T) {
	room := func(name string, imports ...string) Package {
		for i := range imports {
			imports[i] = module + "/" + imports[i]
		}
		return Package{ImportPath: module + "/" + name, Doc: "Package x does.", Imports: imports}
	}
	cases := map[string]struct {
		p    Package
		want string
	}{
		"from-above":           {room("pkg/publish", "pkg/provider", "pkg/egress"), ""},
		"from-below":           {room("pkg/provider", "pkg/publish"), "imports pkg/publish"},
		"a-room-within-a-room": {room("pkg/provider/dyndns2", "pkg/provider"), ""},
		"within-from-below":    {room("pkg/egress/socks", "pkg/provider/dyndns2"), "imports pkg/provider/dyndns2"},
		"tools-in-the-product": {room("pkg/daemon", "scripts/lab"), "rooms import rooms only"},
		"unknown-room":         {room("pkg/attic"), "not in the order"},
		"the-command-wires":    {room("cmd/wandns", "pkg/doctor", "pkg/uci"), ""},
		"no-comment":           {Package{ImportPath: module + "/pkg/uci"}, "no package comment"},
		"somebody-elses":       {Package{ImportPath: "example.org/x"}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			expect(t, Rooms([]Package{c.p}), c.want)
		})
	}
}

func TestLinked_knows_what_costs_flash(t *testing.T) {
	std := func(path string) Package { return Package{ImportPath: path, Standard: true} }
	other := std("github.com/foo/bar")
	other.Module = &struct{ Path string }{"github.com/foo/bar"}
	cases := map[string]struct {
		p    Package
		want string
	}{
		"wanted":         {std("net/http"), ""},
		"regexp":         {std("regexp"), "by net/cookiemonster"},
		"syntax-of-it":   {std("regexp/syntax"), ""},
		"a-double":       {std(module + "/scripts/lab"), "stay out"},
		"another-module": {other, "few modules"},
	}
	user := Package{ImportPath: "net/cookiemonster", Imports: []string{"regexp"}, Standard: true}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			expect(t, Linked([]Package{user, c.p}), c.want)
		})
	}
}

func TestMethodLookups_reads_the_linker(t *testing.T) {
	cases := map[string]struct{ edges, want string }{
		"none":             {"runtime.main_main·f -> main.main\nmain.main -> os.Exit\n", ""},
		"in-main":          {"runtime.main_main·f -> main.main <ReflectMethod>\n", "main.main: looks"},
		"in-a-library":     {"_ -> main.main\na.b -> c.d <ReflectMethod>\nc.d <ReflectMethod> -> e.f\n", "c.d: looks methods up by reflection, reached from a.b"},
		"in-an-interface":  {"_ -> main.main\na.b -> c.d <UsedInIface><ReflectMethod>\n", "c.d: looks"},
		"used-by-the-type": {"_ -> main.main\na.b -> type:c <UsedInIface>\n", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := MethodLookups([]byte(c.edges))
			if err != nil {
				t.Fatal(err)
			}
			expect(t, got, c.want)
		})
	}
	if _, err := MethodLookups([]byte("nothing of use\n")); err == nil {
		t.Error("a linker that says nothing passes")
	}
}

// expect wants one finding that holds the text, or none when it is empty.
func expect(t *testing.T, got []Finding, want string) {
	t.Helper()
	if want == "" {
		if len(got) != 0 {
			t.Errorf("found %v, want nothing", got)
		}
		return
	}
	if len(got) != 1 || !strings.Contains(got[0].String(), want) {
		t.Errorf("found %v, want one with %q", got, want)
	}
}
