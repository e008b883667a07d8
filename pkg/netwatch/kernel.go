package netwatch

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// kernel is where a Watcher learns from: rtnetlink, or a test's own.
type kernel interface {
	// subscribe opens a source of events. receiveBuffer is SO_RCVBUF in bytes, 0 the default.
	subscribe(receiveBuffer int) (events, error)
	// dump asks for everything, and for the neighbours that have one of these addresses.
	// nl.ErrDumpInterrupted means that the tables changed meanwhile and that the answer must not
	// be used.
	dump(wanted []MAC) (Snapshot, error)
}

// events is a subscription.
type events interface {
	// receive waits for a message and says whether the world may have changed by it,
	// and whether it is of an IPv4 address or default route. After
	// unix.ENOBUFS messages are lost and the subscription goes on; after any other error it is
	// over. close ends a receive that is waiting.
	receive() (relevant, ipv4 bool, err error)
	// neighbours makes events of neighbours with these addresses count as well, of none when there
	// is none. What is known of them already is no news.
	neighbours(wanted []MAC, known []Neighbour) error
	// alive says whether the descriptor still is the subscription.
	alive() bool
	close()
}

var groups = [...]uint{
	unix.RTNLGRP_LINK,
	unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR,
	unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE,
}

// skipStatistics is RTEXT_FILTER_SKIP_STATS (include/uapi/linux/rtnetlink.h).
const skipStatistics = 1 << 3

// rtnetlink is the real kernel.
type rtnetlink struct{}

// dump makes three requests, and a fourth where neighbours are wanted. The kernel has no filter for "default routes only" (a strict
// request with a destination length is refused, net/ipv4/fib_frontend.c), so the parser drops
// the others as they come, after one look at a byte.
func (rtnetlink) dump(wanted []MAC) (Snapshot, error) {
	b := &builder{now: time.Now(), wanted: wanted}
	// Link statistics are half of a link's answer, and nobody here reads them.
	noStatistics := nl.NewRtAttr(unix.IFLA_EXT_MASK, nl.Uint32Attr(skipStatistics))
	questions := [...]struct {
		what        string
		get, answer int
		header      []nl.NetlinkRequestData
		add         func([]byte)
	}{
		{"links", unix.RTM_GETLINK, unix.RTM_NEWLINK, []nl.NetlinkRequestData{nl.NewIfInfomsg(unix.AF_UNSPEC), noStatistics}, b.addLink},
		{"addresses", unix.RTM_GETADDR, unix.RTM_NEWADDR, []nl.NetlinkRequestData{nl.NewIfInfomsg(unix.AF_UNSPEC)}, b.addAddress},
		{"routes", unix.RTM_GETROUTE, unix.RTM_NEWROUTE, []nl.NetlinkRequestData{&nl.RtMsg{}}, b.addRoute},
		// struct ndmsg is as long as struct rtmsg, and begins with the family too.
		{"neighbours", unix.RTM_GETNEIGH, unix.RTM_NEWNEIGH, []nl.NetlinkRequestData{&nl.RtMsg{RtMsg: unix.RtMsg{Family: unix.AF_INET6}}}, b.addNeighbour},
	}
	for _, q := range questions[:len(questions)-1+min(1, len(wanted))] {
		r := nl.NewNetlinkRequest(q.get, unix.NLM_F_DUMP)
		for _, h := range q.header {
			r.AddData(h)
		}
		err := r.ExecuteIter(unix.NETLINK_ROUTE, uint16(q.answer), func(m []byte) bool { q.add(m); return true })
		if err != nil {
			return Snapshot{}, fmt.Errorf("asking the kernel for its %s: %w", q.what, err)
		}
	}
	return b.snapshot(time.Now()), nil
}

// eventSocket is a subscribed rtnetlink socket. It reads with a small buffer of its own,
// because events are only hints: the library's Receive keeps 64 KiB of buffer on the stack of
// a goroutine that waits for ever.
type eventSocket struct {
	file *os.File
	conn syscall.RawConn
	buf  [512]byte
}

func (rtnetlink) subscribe(receiveBuffer int) (events, error) {
	s, err := nl.Subscribe(unix.NETLINK_ROUTE, groups[:]...)
	if err != nil {
		return nil, fmt.Errorf("subscribing to rtnetlink: %w", err)
	}
	defer s.Close() // the duplicate below keeps the subscription
	if receiveBuffer > 0 {
		if err := s.SetReceiveBufferSize(receiveBuffer, false); err != nil {
			return nil, fmt.Errorf("setting the receive buffer of rtnetlink: %w", err)
		}
	}
	fd, err := unix.FcntlInt(uintptr(s.GetFd()), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("keeping the rtnetlink socket: %w", err)
	}
	// Where the kernel cannot filter, isRelevant does the same after a wake-up.
	_ = attach(fd, nil, nil)
	e := &eventSocket{file: os.NewFile(uintptr(fd), "rtnetlink")}
	if e.conn, err = e.file.SyscallConn(); err != nil {
		e.close()
		return nil, fmt.Errorf("reading the rtnetlink socket: %w", err)
	}
	return e, nil
}

func (e *eventSocket) close() { _ = e.file.Close() } // there is nothing to lose in it

func (e *eventSocket) receive() (relevant, ipv4 bool, err error) {
	var n int
	var failed error
	err = e.conn.Read(func(fd uintptr) bool {
		for {
			if n, failed = unix.Read(int(fd), e.buf[:]); failed != unix.EINTR {
				return failed != unix.EAGAIN // false: wait until there is something
			}
		}
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return false, false, fmt.Errorf("receiving from rtnetlink: %w", err)
	}
	if n == 0 {
		return false, false, fmt.Errorf("receiving from rtnetlink: %w", unix.ENOTCONN) // not a netlink socket any more
	}
	return isRelevant(e.buf[:n]), isIPv4(e.buf[:n]), nil
}

func (e *eventSocket) neighbours(wanted []MAC, known []Neighbour) (err error) {
	membership := unix.NETLINK_ADD_MEMBERSHIP
	if len(wanted) == 0 {
		membership = unix.NETLINK_DROP_MEMBERSHIP
	}
	if closed := e.conn.Control(func(fd uintptr) {
		// Where the kernel cannot filter, isRelevant does the same after a wake-up.
		_ = attach(int(fd), wanted, known)
		err = unix.SetsockoptInt(int(fd), unix.SOL_NETLINK, membership, unix.RTNLGRP_NEIGH)
	}); closed != nil {
		return closed
	}
	return err
}

// alive looks whether the descriptor is still a netlink socket with groups: one that a bug
// elsewhere closed wakes nobody and reports no error.
func (e *eventSocket) alive() (ok bool) {
	err := e.conn.Control(func(fd uintptr) {
		sa, err := unix.Getsockname(int(fd))
		nls, is := sa.(*unix.SockaddrNetlink)
		ok = err == nil && is && nls.Groups != 0
	})
	return ok && err == nil
}
