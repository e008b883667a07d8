// Package plan is what the emulated router's first process and the host agree on: names of what
// is measured, and the addresses that the WAN has one after the other.
package plan

import (
	"fmt"
	"time"
)

// What the machine says, each as "NAME ms=NUMBER".
const (
	Started   = "start-to-exit"             // of "wandns version"
	Ready     = "start-to-ready"            // to the first choice of an address
	ClockSeen = "clock-to-notice"           // from the setting of the clock
	Published = "clock-to-publication"      // the same
	Changed   = "event-to-publication"      // from the first of two address messages
	FirstByte = "event-to-first-byte"       // the host measures it
	Boot      = "boot-to-first-publication" // the host measures it, from power on
)

// Changes is how often the WAN's address changes.
const Changes = 6

// Port is where the machine shouts each new address to, before it asks the kernel for it.
const Port = 9

// Rest is how long after the last publication memory is measured: connections are kept for 2 s.
const Rest = 5 * time.Second

// WAN is an address of the WAN, the i-th.
func WAN(i int) string { return fmt.Sprintf("192.88.99.%d", i+1) }
