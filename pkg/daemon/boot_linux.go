package daemon

import (
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/pkg/wholefile"
)

// sinceBoot is CLOCK_BOOTTIME: no step of the wall clock moves it.
func sinceBoot() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return 0 // cannot be on Linux 2.6.39 and later
	}
	return time.Duration(ts.Nano())
}

// bootID is the kernel's name for this boot (random(4)), empty where /proc is not there: then
// state of an earlier boot cannot be told apart, and counts as of this one.
func bootID() string {
	text, err := wholefile.Read("/proc/sys/kernel/random/boot_id", 100)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
