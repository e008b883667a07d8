package netwatch

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// isRelevant says whether a datagram can mean that a snapshot would differ. Routes other than
// default ones come in thousands on a router with a routing daemon, and bridges report their
// ports' forwarding state as links, and the hosts behind them as neighbours, of family AF_BRIDGE.
// All else is believed relevant.
func isRelevant(datagram []byte) bool {
	if len(datagram) < unix.SizeofNlMsghdr+2 || int(native.Uint32(datagram)) < len(datagram) {
		return true // several messages in one, or odd
	}
	family, dstLen := datagram[unix.SizeofNlMsghdr], datagram[unix.SizeofNlMsghdr+1]
	switch native.Uint16(datagram[4:]) {
	case unix.RTM_NEWROUTE, unix.RTM_DELROUTE:
		return dstLen == 0
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		return family != unix.AF_BRIDGE
	case unix.RTM_NEWNEIGH:
		return family == unix.AF_INET6
	case unix.RTM_DELNEIGH:
		return false
	}
	return true
}

// isIPv4 says whether a datagram is one message, of an IPv4 address or default route that is there or gone.
func isIPv4(datagram []byte) bool {
	if len(datagram) < unix.SizeofNlMsghdr+2 || int(native.Uint32(datagram)) < len(datagram) || datagram[unix.SizeofNlMsghdr] != unix.AF_INET {
		return false
	}
	switch native.Uint16(datagram[4:]) {
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		return true
	case unix.RTM_NEWROUTE, unix.RTM_DELROUTE:
		return datagram[unix.SizeofNlMsghdr+1] == 0 // its destination's length
	}
	return false
}

// attach makes the kernel keep back what is not relevant: it then does not even wake us, and such
// messages take no room in the receive buffer. Where the filter for just these neighbours is more
// than the kernel takes (net.core.optmem_max), all neighbours count.
func attach(fd int, wanted []MAC, known []Neighbour) error {
	program := filter(wanted, known)
	err := attachProgram(fd, program)
	if err != nil && len(wanted) > 0 {
		program[forNeighbours] = keep
		err = attachProgram(fd, program[:forNeighbours+1])
	}
	return err
}

func attachProgram(fd int, program []unix.SockFilter) error {
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
}

// Instructions of classic BPF (include/uapi/linux/filter.h).
const (
	loadWord  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	loadHalf  = unix.BPF_LD | unix.BPF_H | unix.BPF_ABS
	loadByte  = unix.BPF_LD | unix.BPF_B | unix.BPF_ABS
	loadWordX = unix.BPF_LD | unix.BPF_W | unix.BPF_IND // at X and an offset
	loadHalfX = unix.BPF_LD | unix.BPF_H | unix.BPF_IND
	setA      = unix.BPF_LD | unix.BPF_IMM
	setX      = unix.BPF_LDX | unix.BPF_IMM
	getX      = unix.BPF_LDX | unix.BPF_MEM
	put       = unix.BPF_ST
	times     = unix.BPF_ALU | unix.BPF_MUL | unix.BPF_K
	toX       = unix.BPF_MISC | unix.BPF_TAX
	plus      = unix.BPF_ALU | unix.BPF_ADD | unix.BPF_X
	equal     = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	ret       = unix.BPF_RET | unix.BPF_K

	// findAttribute is the load that finds an attribute of the type X behind the offset A
	// (SKF_AD_OFF + SKF_AD_NLATTR); 0 when there is none.
	findAttribute = 0xfffff000 + 12
)

var (
	keep = unix.SockFilter{Code: ret, K: 0xffffffff}
	drop = unix.SockFilter{Code: ret}
)

// What the program keeps in BPF's memory: where an attribute is, and a sum.
const (
	theAddress = iota
	theSum
)

// forNeighbours is where in the program begins what is done about an RTM_NEWNEIGH message of IPv6.
const forNeighbours = 18

// beginning is isRelevant as a BPF program. Offsets are those of struct nlmsghdr (16 bytes, type at
// 4, in the machine's order) and of what follows it. At its end it has the sum of a neighbour's
// MAC.
var beginning = [...]unix.SockFilter{
	{Code: loadHalf, K: 4},
	{Code: equal, K: unix.RTM_NEWROUTE, Jt: 6},
	{Code: equal, K: unix.RTM_DELROUTE, Jt: 5},
	{Code: equal, K: unix.RTM_NEWLINK, Jt: 7},
	{Code: equal, K: unix.RTM_DELLINK, Jt: 6},
	{Code: equal, K: unix.RTM_DELNEIGH, Jt: 7},
	{Code: equal, K: unix.RTM_NEWNEIGH, Jt: 8},
	keep,
	{Code: loadByte, K: unix.SizeofNlMsghdr + 1}, // a route: its destination's length
	{Code: equal, K: 0, Jf: 3},
	keep,
	{Code: loadByte, K: unix.SizeofNlMsghdr}, // a link: its family
	{Code: equal, K: unix.AF_BRIDGE, Jf: 1},
	drop,
	keep,
	{Code: loadByte, K: unix.SizeofNlMsghdr}, // a neighbour: its family
	{Code: equal, K: unix.AF_INET6, Jt: 1},
	drop,
	{Code: setA, K: unix.SizeofNlMsghdr + unix.SizeofNdMsg},
	{Code: setX, K: unix.NDA_DST},
	{Code: loadWord, K: findAttribute},
	{Code: equal, K: 0, Jf: 1},
	drop, // not by a jump to the drop below: the kernel wants each path to know theAddress
	{Code: put, K: theAddress},
	{Code: setA, K: unix.SizeofNlMsghdr + unix.SizeofNdMsg},
	{Code: setX, K: unix.NDA_LLADDR},
	{Code: loadWord, K: findAttribute},
	{Code: equal, K: 0, Jf: 1},
	drop,
	{Code: toX},
	{Code: loadWordX, K: unix.SizeofRtAttr},
	{Code: times, K: spread},
	{Code: put, K: theSum},
	{Code: loadHalfX, K: unix.SizeofRtAttr + 4},
	{Code: getX, K: theSum},
	{Code: plus},
}

// types is how many instructions from the second on compare the type of the message.
const types = 6

// most bounds what a filter compares with: a jump reaches no farther, and the kernel has room for it
// on 32-bit machines as well.
const most = 250

// filter keeps what is relevant, and of neighbours only that a wanted host has an address which is
// not known yet: a host that talks changes between reachable and stale every minute, and that wakes
// nobody. BPF compares 32 bits at a time, so it is given sums of the MAC, and of MAC and address.
func filter(wanted []MAC, known []Neighbour) []unix.SockFilter {
	program := append([]unix.SockFilter(nil), beginning[:]...)
	for i := 1; i <= types; i++ {
		program[i].K = loaded(uint16(program[i].K))
	}
	if len(wanted) > most {
		program[forNeighbours] = keep
		return program[:forNeighbours+1]
	}
	for i, m := range wanted { // the first that fits jumps over the others and the drop
		program = append(program, unix.SockFilter{Code: equal, K: sum(0, m[:]), Jt: uint8(len(wanted) - i)})
	}
	program = append(program, drop)
	for word := uint32(0); word < 16; word += 4 {
		program = append(program, unix.SockFilter{Code: times, K: spread}, unix.SockFilter{Code: put, K: theSum},
			unix.SockFilter{Code: getX, K: theAddress}, unix.SockFilter{Code: loadWordX, K: unix.SizeofRtAttr + word},
			unix.SockFilter{Code: getX, K: theSum}, unix.SockFilter{Code: plus})
	}
	for _, n := range known[:min(len(known), most)] {
		a := n.Addr.As16()
		program = append(program, unix.SockFilter{Code: equal, K: sum(sum(0, n.MAC[:]), a[:]), Jf: 1}, drop)
	}
	return append(program, keep)
}

// spread is a prime that makes sums differ (that of FNV-1).
const spread = 16777619

// sum goes on from an earlier sum with words of four bytes, and of two in the end.
func sum(s uint32, b []byte) uint32 {
	for ; len(b) >= 4; b = b[4:] {
		s = s*spread + binary.BigEndian.Uint32(b)
	}
	if len(b) >= 2 {
		s = s*spread + uint32(binary.BigEndian.Uint16(b))
	}
	return s
}

// loaded is how BPF, which loads big-endian, sees a half word in the machine's order.
func loaded(v uint16) uint32 {
	var b [2]byte
	native.PutUint16(b[:], v)
	return uint32(binary.BigEndian.Uint16(b[:]))
}
