// Slept says whether the runtime's usleep, which the release replaces on MIPS, sleeps for as long as it
// is asked to. scripts/smoke.sh runs it on these targets, with GODEBUG=asyncpreemptoff=1: the signal that
// interrupts a goroutine which runs for long would end the sleep.
package main

import (
	"fmt"
	"os"
	"time"
	_ "unsafe" // for linkname
)

//go:linkname usleep runtime.usleep
func usleep(microseconds uint32)

func main() {
	for _, asked := range []time.Duration{20 * time.Millisecond, 1020 * time.Millisecond} { // without and with seconds
		began := time.Now()
		usleep(uint32(asked / time.Microsecond))
		if took := time.Since(began); took < asked {
			fmt.Printf("asked to sleep for %v, it slept for %v\n", asked, took)
			os.Exit(1)
		}
	}
}
