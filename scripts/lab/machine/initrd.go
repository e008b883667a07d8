package machine

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// entry is a file, folder or device of the machine.
type entry struct {
	name         string
	mode         uint32 // as stat(2) has it
	major, minor int
	text         []byte
}

const (
	folder   = 0o040755
	program  = 0o100755
	document = 0o100644
	char     = 0o020600
)

// initrd writes the machine's root file system, in the "newc" form that the kernel unpacks
// (Documentation/driver-api/early-userspace/buffer-format.rst).
func (m *Machine) initrd(file string) (err error) {
	entries := []entry{
		{name: "dev/console", mode: char, major: 5, minor: 1},
		{name: "dev/null", mode: char, major: 1, minor: 3},
		{name: "proc", mode: folder}, {name: "sys", mode: folder}, {name: "tmp", mode: folder}, {name: "var/run", mode: folder},
	}
	for name, text := range m.Files {
		entries = append(entries, entry{name: name, mode: document, text: text})
	}
	disk := [][2]string{{"init", m.Init}}
	for name, from := range m.Programs {
		disk = append(disk, [2]string{name, from})
	}
	for i, from := range m.Modules {
		disk = append(disk, [2]string{fmt.Sprintf("modules/%02d-%s", i, path.Base(from)), from})
	}
	for _, d := range disk {
		text, err := os.ReadFile(d[1])
		if err != nil {
			return err
		}
		entries = append(entries, entry{name: d[0], mode: program, text: text})
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	packed, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(packed)
	archive(w, entries)
	for _, end := range []func() error{w.Flush, packed.Close, out.Close} {
		if e := end(); err == nil {
			err = e
		}
	}
	return err
}

// archive writes entries, each after the folders it lies in.
func archive(w io.Writer, entries []entry) {
	made := map[string]bool{}
	number := 0
	put := func(e entry) {
		number++
		fmt.Fprintf(w, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
			number, e.mode, 0, 0, 1, 0, len(e.text), 0, 0, e.major, e.minor, len(e.name)+1, 0)
		pad(w, 110+len(e.name)+1, e.name+"\x00")
		pad(w, len(e.text), string(e.text))
	}
	for _, e := range entries {
		parts := strings.Split(e.name, "/")
		for i := 1; i < len(parts); i++ {
			if dir := strings.Join(parts[:i], "/"); !made[dir] {
				made[dir] = true
				put(entry{name: dir, mode: folder})
			}
		}
		made[e.name] = true
		put(e)
	}
	put(entry{name: "TRAILER!!!"})
}

// pad writes a text that ends size bytes into something, and fills that up to a multiple of 4.
func pad(w io.Writer, size int, text string) {
	_, _ = io.WriteString(w, text+strings.Repeat("\x00", (4-size%4)%4)) // a bufio.Writer keeps its error
}
