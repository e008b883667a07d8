// Package daemon runs wandns: one event loop between the kernel and the services.
//
// In come snapshots of the kernel, the configuration, and people's wishes; out go the list of
// what every name should be, to package publish, and a [Status] that says how everything
// stands, to the run directory. It decides nothing itself that a pure function elsewhere
// can decide: which address to publish (package address), when to send it (package publish).
package daemon
