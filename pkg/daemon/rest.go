package daemon

import (
	"bufio"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Frugal makes the process as small as a router wants it, at a cost in speed that only a crowd
// of records would notice. Call it once, at the start.
//
// One processor at a time: work is waiting for the network, and what the runtime keeps for each
// processor costs 150 kB. A collection when the heap has grown by half, and first at 2 MB, not
// by double and at 4 MB. Both follow the size of the configuration; a fixed limit would make the
// collector run without end in a big one.
func Frugal() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(50)
}

// giveBack returns what is not needed until the next change of the network: the free heap, and
// the machine code. That is a copy of the file. It comes back when it runs, mostly from the
// kernel's cache; but while nobody has it mapped, a kernel that is short of memory takes it
// before anything else.
func giveBack() {
	debug.FreeOSMemory()
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return // without /proc there is just less to gain
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		if from, size, ok := codePages(lines.Text(), program); ok {
			// The address is a number from the kernel, of pages that no Go object is in.
			pages := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(nil), from)), size)
			_ = unix.Madvise(pages, unix.MADV_DONTNEED)
		}
	}
}

// codePages reads a line of /proc/self/maps (proc(5)) and says yes to the program's code. It must
// not say yes to constants: in a program that is loaded at an address of the day they were
// written to, once, and what was written would be lost.
//
//	08048000-08371000 r-xp 00000000 00:2d 138 /usr/sbin/wandns
func codePages(line, program string) (from, size uintptr, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 6 || fields[1] != "r-xp" || fields[5] != program {
		return 0, 0, false
	}
	first, last, _ := strings.Cut(fields[0], "-")
	a, err1 := strconv.ParseUint(first, 16, strconv.IntSize)
	b, err2 := strconv.ParseUint(last, 16, strconv.IntSize)
	if err1 != nil || err2 != nil || b <= a {
		return 0, 0, false
	}
	return uintptr(a), uintptr(b - a), true
}
