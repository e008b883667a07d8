package daemon

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/pkg/wholefile"
)

// program is where this program's own code and constants are in memory: mapped from its file and
// never written. The zero value is nowhere.
type program []region

type region struct{ start, size uintptr }

// mapsLimit bounds what is read of /proc/self/maps, in bytes. The daemon has 25 lines of 80.
const mapsLimit = 64 << 10

// ownProgram reads the memory map. It is nowhere when that cannot be read, and when another file
// is mapped as well: only in a static program is it certain that no loader changed these pages.
func ownProgram() program {
	text, err := wholefile.Read("/proc/self/maps", mapsLimit)
	if err != nil {
		return nil
	}
	return readOnlyParts(string(text))
}

// readOnlyParts picks them from a text like /proc/PID/maps (proc_pid_maps(5)):
//
//	00010000-003e5000 r-xp 00000000 fe:00 1234  /usr/sbin/wandns
func readOnlyParts(maps string) program {
	var p program
	file := ""
	for _, line := range strings.Split(maps, "\n") {
		f := strings.Fields(line)
		if len(f) < 5 || f[4] == "0" {
			continue // no file behind it
		}
		inode := f[3] + " " + f[4]
		if file == "" {
			file = inode
		}
		if file != inode {
			return nil
		}
		from, to, _ := strings.Cut(f[0], "-")
		start, err := strconv.ParseUint(from, 16, strconv.IntSize)
		if err != nil {
			return nil
		}
		end, err := strconv.ParseUint(to, 16, strconv.IntSize)
		if err != nil || end <= start {
			return nil
		}
		if f[1] == "r-xp" || f[1] == "r--p" {
			p = append(p, region{uintptr(start), uintptr(end - start)})
		}
	}
	return p
}

// yield tells the kernel that the program's pages will not be needed for a while. They stay in
// the page cache, where they are now the first that it takes when memory is short: without this
// the code of a daemon that ran is among the last, though this one will sleep for days. The
// next burst finds what is still there again at the cost of some page faults, one for 16 pages.
//
// First the pages are marked as not lately used, which needs Linux 5.4; to unmap them alone would
// count as a use. A kernel that does not know the one or the other says so, and nothing is lost.
func (p program) yield() {
	for _, r := range p {
		for _, advice := range []uintptr{unix.MADV_COLD, unix.MADV_DONTNEED} {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, r.start, r.size, advice)
		}
	}
}
