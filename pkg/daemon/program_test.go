package daemon_test

import (
	"reflect"
	"testing"

	"github.com/wandns/wandns/pkg/daemon"
)

func TestReadOnlyParts_are_those_of_a_static_program(t *testing.T) {
	const (
		code  = "00010000-00020000 r-xp 00000000 fe:00 1234   /usr/sbin/wandns\n"
		table = "00020000-00028000 r--p 00010000 fe:00 1234   /usr/sbin/wandns\n"
		data  = "00028000-00029000 rw-p 00018000 fe:00 1234   /usr/sbin/wandns\n"
		heap  = "c000000000-c000400000 rw-p 00000000 00:00 0   [anon: Go: heap]\n"
		guard = "70000000-70001000 r--p 00000000 00:00 0 \n"
	)
	cases := map[string]struct {
		maps string
		want [][2]uintptr // start and size
	}{
		"static":              {code + table + data + heap + guard, [][2]uintptr{{0x10000, 0x10000}, {0x20000, 0x8000}}},
		"replaced-by-upgrade": {"00010000-00020000 r-xp 00000000 fe:00 1234   /usr/sbin/wandns (deleted)\n" + data, [][2]uintptr{{0x10000, 0x10000}}},
		"with-a-loader":       {code + table + "70000000-70010000 r-xp 00000000 fe:00 99   /lib/ld-musl.so\n", nil},
		"same-inode-elsewhere": {
			code + "70000000-70010000 r-xp 00000000 fe:01 1234   /lib/ld-musl.so\n", nil,
		},
		"shared":       {"00010000-00020000 r--s 00000000 fe:00 1234   /usr/sbin/wandns\n", nil},
		"only-memory":  {heap + guard, nil},
		"not-an-end":   {"00010000 r-xp 00000000 fe:00 1234   /usr/sbin/wandns\n", nil},
		"not-a-number": {"x-00020000 r-xp 00000000 fe:00 1234   /usr/sbin/wandns\n", nil},
		"backwards":    {"00020000-00010000 r-xp 00000000 fe:00 1234   /usr/sbin/wandns\n", nil},
		"empty":        {"", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := daemon.ReadOnlyParts(c.maps); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %#x, want %#x", got, c.want)
			}
		})
	}
}
