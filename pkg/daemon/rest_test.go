package daemon

import (
	"os"
	"strings"
	"testing"
)

func TestCodePages_takes_only_what_the_file_still_has(t *testing.T) {
	for name, c := range map[string]struct {
		line       string
		from, size uintptr
	}{
		"code":             {"08048000-08371000 r-xp 00000000 00:2d 138 /usr/sbin/wandns", 0x8048000, 0x329000},
		"constants":        {"08371000-08372000 r--p 00329000 00:2d 138 /usr/sbin/wandns", 0, 0},
		"variables":        {"0866c000-086a0000 rw-p 00623000 00:2d 138 /usr/sbin/wandns", 0, 0},
		"code-and-written": {"08048000-08371000 rwxp 00000000 00:2d 138 /usr/sbin/wandns", 0, 0},
		"shared":           {"08048000-08371000 r-xs 00000000 00:2d 138 /usr/sbin/wandns", 0, 0},
		"a-library":        {"f7e00000-f7f00000 r-xp 00000000 00:2d 9 /lib/libc.so", 0, 0},
		"kernels-own":      {"f7f5a000-f7f5c000 r-xp 00000000 00:00 0 [vdso]", 0, 0},
		"heap":             {"09000000-09400000 rw-p 00000000 00:00 0", 0, 0},
		"backwards":        {"08371000-08048000 r-xp 00000000 00:2d 138 /usr/sbin/wandns", 0, 0},
		"junk":             {"x-y r-xp 0 0 0 /usr/sbin/wandns", 0, 0},
		"empty":            {"", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			from, size, ok := codePages(c.line, "/usr/sbin/wandns")
			if from != c.from || size != c.size || ok != (c.size != 0) {
				t.Errorf("%#x, %#x, %v", from, size, ok)
			}
		})
	}
}

// Whatever way this program was built and loaded, it goes on as before.
func TestGiveBack_loses_nothing(t *testing.T) {
	text, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, line := range strings.Split(string(text), "\n") {
		if _, _, ok := codePages(line, program); ok {
			found++
		}
	}
	if found != 1 {
		t.Fatalf("%d times code of %s in %s", found, program, text)
	}
	kept := map[string]string{"a": "b"}
	for range 3 {
		giveBack()
	}
	if kept["a"] != "b" || variable != "x" {
		t.Error("something is lost")
	}
}

var variable = "x"
