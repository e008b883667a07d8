// Package discover finds out what the Internet sees of a device.
//
// In come questions: which address do servers see when something leaves by this device, in
// this address family? Out goes an [address.View]: the address, or why it is not known.
//
// Witnesses are STUN servers, and HTTPS servers that echo the address where no STUN server
// gave an answer. None is believed alone: an address that is new needs two witnesses of
// different operators in the same round; that the address is still the same, one may say. So a
// server that lies, or two that disagree, cannot move a record. The router upstream is asked
// too where it answers (NAT-PMP, PCP): what it says shows carrier-grade NAT behind it, and it
// announces changes.
//
// A device is asked about when something local changes, and behind NAT every two minutes as
// well, since nothing local tells of a change there: one packet of 20 bytes and its answer
// while nothing changes.
//
// Sources: RFC 8489 (STUN), RFC 6886 (NAT-PMP), RFC 6887 (PCP), socket(7) (SO_BINDTODEVICE).
package discover
