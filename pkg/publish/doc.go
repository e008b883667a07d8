// Package publish makes names be what they should be.
//
// In comes the whole list of what each record set should be ([Want]) and the accounts that
// can set it ([Account]). Out go requests to the services, one at a time for each account and
// accounts side by side; a [Status] of every record set; and an [Event] for everything that
// happened. It knows nothing of how an address was found.
//
// The rules, in the order in which they are asked:
//
//   - Nothing is sent that is already true. What is true is what the service confirmed; after a
//     restart that is read from the run directory, after a reboot from the service or, where it
//     cannot be asked, from the zone's own name servers.
//   - A service that refused is not asked again until something changed: see [Hold].
//   - A service in trouble is asked again after 5 s, doubling to 30 min, and at once when the
//     network changed. A service that said when to come back is obeyed.
//   - A record set is sent at most Burst times in quick succession, then once in Every, and
//     20 times in an hour, whatever the reason.
//   - A request that went out without an answer leaves the outcome unknown: it is read back, or
//     sent once more.
//   - Addresses at the service that are not ours are not touched unless the owner said so.
package publish
