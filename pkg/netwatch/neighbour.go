package netwatch

import (
	"net/netip"
	"sort"

	"golang.org/x/sys/unix"
)

// MAC is the link-layer address of an Ethernet-like device (EUI-48). The zero MAC is none.
type MAC [6]byte

// String is the usual spelling: "00:16:3e:12:34:56".
func (m MAC) String() string {
	const digits = "0123456789abcdef"
	var b []byte
	for _, v := range m {
		b = append(b, ':', digits[v>>4], digits[v&15])
	}
	return string(b[1:])
}

// Neighbour is an IPv6 address of a host on a link, as the kernel's neighbour table has it (RFC
// 4861 section 5.1). Whether the host answered just now or long ago (reachable, stale, delay,
// probe) makes no difference: that changes all the time. An address at which nobody answers
// (incomplete, failed) is none.
type Neighbour struct {
	Link string // device name
	Addr netip.Addr
	MAC  MAC
}

// addNeighbour takes the body of an RTM_NEWNEIGH message: struct ndmsg (family, pad, ifindex,
// state, flags, type: 12 bytes), then attributes (include/uapi/linux/neighbour.h).
func (b *builder) addNeighbour(m []byte) {
	if len(m) < unix.SizeofNdMsg || m[0] != unix.AF_INET6 || len(b.neighbours) >= maxNeighbours {
		return
	}
	l := b.link(int(int32(native.Uint32(m[4:]))))
	const lasting = unix.NUD_REACHABLE | unix.NUD_STALE | unix.NUD_DELAY | unix.NUD_PROBE | unix.NUD_PERMANENT
	if l == nil || native.Uint16(m[8:])&lasting == 0 || m[10]&unix.NTF_PROXY != 0 {
		return
	}
	n := Neighbour{Link: l.Name}
	attributes(m[unix.SizeofNdMsg:], func(kind uint16, v []byte) {
		switch {
		case kind == unix.NDA_DST:
			n.Addr = addressOf(m[0], v)
		case kind == unix.NDA_LLADDR && len(v) == len(n.MAC):
			n.MAC = MAC(v)
		}
	})
	for _, w := range b.wanted {
		if n.Addr.IsValid() && n.MAC == w {
			b.neighbours = append(b.neighbours, n)
		}
	}
}

// inOrder sorts neighbours: the kernel's order means nothing.
func inOrder(list []Neighbour) []Neighbour {
	sort.Slice(list, func(i, j int) bool {
		a, b := &list[i], &list[j]
		return a.Link < b.Link || a.Link == b.Link && a.Addr.Less(b.Addr)
	})
	return list
}

// discard is the port of the service that nobody offers any more (RFC 863).
const discard = 9

// Solicit makes the kernel find out whether somebody on a link has these IPv6 addresses: it sends
// each an empty datagram, and before it can, the kernel must ask for the link-layer address, and
// one that it has not heard of for a while it asks again (RFC 4861 section 7.2 and 7.3). What it
// finds out stands in its neighbour table: within milliseconds where somebody answers, after
// three seconds where nobody has the address, after eight where somebody had. No privilege is
// needed; the host may drop the datagram. It does not wait for anything.
func Solicit(addrs []netip.Addr) error {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for _, a := range addrs {
		if failed := unix.Sendto(fd, nil, 0, &unix.SockaddrInet6{Port: discard, Addr: a.As16()}); failed != nil {
			err = failed // the others may do
		}
	}
	return err
}
