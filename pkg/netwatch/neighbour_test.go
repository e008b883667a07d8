package netwatch_test

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/nat"
)

var (
	nas   = netwatch.MAC{0x00, 0x16, 0x3e, 0, 0, 1}
	phone = netwatch.MAC{0x02, 0x16, 0x3e, 0, 0, 2}
)

// neighbour is the body of an RTM_NEWNEIGH message.
func neighbour(index uint32, state uint16, addr string, mac netwatch.MAC) []byte {
	return message([]byte{unix.AF_INET6, 0, 0, 0}, u32(index), order.AppendUint16(nil, state), []byte{0, 1},
		attr(unix.NDA_DST, netip.MustParseAddr(addr).AsSlice()...), attr(unix.NDA_LLADDR, mac[:]...))
}

func TestParse_neighbours(t *testing.T) {
	const addr = "2a0e:97c0:1::7"
	whole := neighbour(2, unix.NUD_REACHABLE, addr, nas)
	change := func(at int, to byte) []byte { m := slices.Clone(whole); m[at] = to; return m }
	for _, c := range []struct {
		name    string
		message []byte
		there   bool
	}{
		{"reachable", whole, true},
		{"stale", neighbour(2, unix.NUD_STALE, addr, nas), true},
		{"delay", neighbour(2, unix.NUD_DELAY, addr, nas), true},
		{"probe", neighbour(2, unix.NUD_PROBE, addr, nas), true},
		{"permanent", neighbour(2, unix.NUD_PERMANENT, addr, nas), true},
		{"incomplete", neighbour(2, unix.NUD_INCOMPLETE, addr, nas), false},
		{"failed", neighbour(2, unix.NUD_FAILED, addr, nas), false},
		{"multicast", neighbour(2, unix.NUD_NOARP, addr, nas), false},
		{"of-another-host", neighbour(2, unix.NUD_REACHABLE, addr, phone), false},
		{"on-no-link", neighbour(3, unix.NUD_REACHABLE, addr, nas), false},
		{"of-another-family", change(0, unix.AF_INET), false},
		{"answered-for-by-a-proxy", change(10, unix.NTF_PROXY), false},
		{"without-an-address", whole[:unix.SizeofNdMsg], false},
		{"cut-off", whole[:len(whole)-4], false},
	} {
		s := netwatch.BuildWith([]netwatch.MAC{nas}, [][]byte{c.message}, moment, [][]byte{wanLink}, nil, nil)
		want := []netwatch.Neighbour{{Link: "wan", Addr: netip.MustParseAddr(addr), MAC: nas}}
		if !c.there {
			want = nil
		}
		if !slices.Equal(s.Neighbours, want) {
			t.Errorf("%s: %+v", c.name, s.Neighbours)
		}
	}
}

func FuzzNeighbours(f *testing.F) {
	f.Add(neighbour(2, unix.NUD_REACHABLE, "2a0e:97c0:1::7", nas))
	f.Add(neighbour(2, unix.NUD_FAILED, "fe80::1", phone))
	f.Fuzz(func(t *testing.T, m []byte) {
		s := netwatch.BuildWith([]netwatch.MAC{nas, {}}, [][]byte{m}, moment, [][]byte{wanLink}, nil, nil)
		for _, n := range s.Neighbours {
			if n.Link != "wan" || !n.Addr.Is6() || n.Addr.Is4In6() || n.MAC != nas && n.MAC != (netwatch.MAC{}) {
				t.Fatalf("%+v", n)
			}
		}
		if again := netwatch.BuildWith([]netwatch.MAC{nas, {}}, [][]byte{m}, moment, [][]byte{wanLink}, nil, nil); !again.Equal(s) || len(again.Since(s)) != 0 {
			t.Fatalf("twice: %+v, %+v", s, again)
		}
		netwatch.Relevant(m)
	})
}

// table is the kernel's neighbour table of the device wan.
type table struct {
	t    *testing.T
	link netlink.Link
}

func (n table) set(addr string, mac netwatch.MAC, state int) {
	n.t.Helper()
	must(n.t, netlink.NeighSet(&netlink.Neigh{LinkIndex: n.link.Attrs().Index, Family: unix.AF_INET6, State: state, IP: net.ParseIP(addr), HardwareAddr: mac[:]}))
}

func (n table) del(addr string) {
	n.t.Helper()
	must(n.t, netlink.NeighDel(&netlink.Neigh{LinkIndex: n.link.Attrs().Index, Family: unix.AF_INET6, IP: net.ParseIP(addr)}))
}

func knows(addrs ...string) func(netwatch.Snapshot) bool {
	return func(s netwatch.Snapshot) bool {
		return slices.EqualFunc(s.Neighbours, addrs, func(n netwatch.Neighbour, a string) bool { return n.Addr.String() == a && n.Link == "wan" })
	}
}

func TestWatcher_neighbours_of_wanted_hosts_only(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	n := table{t, wan(t)}
	n.set("2a0e:97c0:1::7", nas, netlink.NUD_STALE)
	r := record(t, netwatch.Config{})
	r.until("running", usable("wan", true))
	n.set("2a0e:97c0:1::8", nas, netlink.NUD_STALE)
	if before := r.Counters(); len(r.all()[len(r.all())-1].Neighbours) != 0 {
		t.Fatalf("neighbours without being asked: %+v, %+v", r.all(), before)
	}
	r.Neighbours([]netwatch.MAC{nas})
	r.until("those that were there", knows("2a0e:97c0:1::7", "2a0e:97c0:1::8"))
	n.set("2a0e:97c0:1::9", nas, netlink.NUD_REACHABLE)
	s := r.until("one more", knows("2a0e:97c0:1::7", "2a0e:97c0:1::8", "2a0e:97c0:1::9"))
	if s.FirstEvent.IsZero() {
		t.Error("it was no event that told of it")
	}
	said, before := len(r.all()), r.Counters()

	// A thousand other hosts come, and the one that is wanted talks: nobody is woken.
	for i := 0; i < 1000; i++ {
		n.set(fmt.Sprintf("2a0e:97c0:1::1:%x", i), netwatch.MAC{2, 0, 0, 0, byte(i >> 8), byte(i)}, netlink.NUD_REACHABLE)
		n.set("2a0e:97c0:1::9", nas, []int{netlink.NUD_STALE, netlink.NUD_REACHABLE}[i%2])
		if i%2 == 0 {
			n.del(fmt.Sprintf("2a0e:97c0:1::1:%x", i))
		}
	}
	// The next thing that is said is what somebody took over, and that one is gone.
	n.set("2a0e:97c0:1::8", phone, netlink.NUD_REACHABLE)
	n.del("2a0e:97c0:1::7")
	n.set("fe80::9", nas, netlink.NUD_STALE)
	s2 := r.until("what is left", knows("2a0e:97c0:1::9", "fe80::9"))
	after := r.Counters()
	if after.Events-before.Events != 1 || after.Dumps-before.Dumps != 1 || len(r.all()) != said+1 {
		t.Errorf("counters %+v, then %+v; want one event and one dump", before, after)
	}
	if d := s2.Since(s); len(d) != 3 || !d.Has(netwatch.NeighbourAdded) || !d.Has(netwatch.NeighbourRemoved) {
		t.Errorf("delta %v", d)
	}
	r.Neighbours(nil)
	r.until("none", knows())
}

func TestWatcher_neighbours_after_the_socket_is_reopened(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	n := table{t, wan(t)}
	r := record(t, netwatch.Config{})
	r.Neighbours([]netwatch.MAC{nas})
	eventually(t, "the socket is open", func() bool { return netwatch.CloseSocket(r.Watcher) })
	eventually(t, "the socket is opened again", func() bool { return r.Counters().Reopened == 1 })
	n.set("2a0e:97c0:1::7", nas, netlink.NUD_STALE)
	r.until("a neighbour after that", knows("2a0e:97c0:1::7"))
}

func TestWatcher_more_neighbours_than_a_filter_holds(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	n := table{t, wan(t)}
	var many []netwatch.MAC
	for i := 0; i < 251; i++ {
		many = append(many, netwatch.MAC{2, 0, 0, 1, 0, byte(i)})
	}
	r := record(t, netwatch.Config{})
	for _, wanted := range [][]netwatch.MAC{many[1:], many} {
		r.Neighbours(wanted)
		r.until("no neighbour", knows())
		n.set("2a0e:97c0:1::1", many[1], netlink.NUD_STALE)
		r.until("the first one", knows("2a0e:97c0:1::1"))
		n.set("2a0e:97c0:1::2", many[250], netlink.NUD_STALE)
		r.until("the last one", knows("2a0e:97c0:1::1", "2a0e:97c0:1::2"))
		n.del("2a0e:97c0:1::1")
		n.del("2a0e:97c0:1::2")
	}
}

// What a real host answers is found by asking, without a privilege; and that nobody is there.
func TestSolicit(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	v := wan(t)
	must(t, netlink.AddrAdd(v, lab.Addr("2a0e:97c0:1::1/64")))
	host, err := nat.NewSpace()
	must(t, err)
	defer host.Close()
	must(t, host.Adopt("isp", "2a0e:97c0:1::7/64", "2a0e:97c0:1::8/64"))
	var mac netwatch.MAC
	must(t, host.Do(func() error {
		l, err := netlink.LinkByName("isp")
		if err == nil {
			copy(mac[:], l.Attrs().HardwareAddr)
		}
		return err
	}))
	r := record(t, netwatch.Config{})
	r.until("running", usable("wan", true))
	r.Neighbours([]netwatch.MAC{mac})
	ask := func(last ...string) {
		var addrs []netip.Addr
		for _, l := range last {
			addrs = append(addrs, netip.MustParseAddr("2a0e:97c0:1::"+l))
		}
		must(t, netwatch.Solicit(addrs))
	}
	ask("7", "9")
	r.until("the one who is there", knows("2a0e:97c0:1::7"))
	must(t, host.Do(func() error { return nat.DropAddr("isp", "2a0e:97c0:1::7/64") }))
	n := table{t, v}
	n.set("2a0e:97c0:1::7", mac, netlink.NUD_STALE) // as it is a while after
	ask("7")
	eventually(t, "the kernel finds out that he is gone", func() bool {
		list, err := netlink.NeighList(v.Attrs().Index, netlink.FAMILY_V6)
		must(t, err)
		return slices.ContainsFunc(list, func(n netlink.Neigh) bool {
			return n.IP.String() == "2a0e:97c0:1::7" && n.State == netlink.NUD_FAILED
		})
	})
	ask("8") // which is an event
	r.until("the other one alone", func(s netwatch.Snapshot) bool {
		global := slices.DeleteFunc(slices.Clone(s.Neighbours), func(n netwatch.Neighbour) bool { return n.Addr.IsLinkLocalUnicast() })
		return knows("2a0e:97c0:1::8")(netwatch.Snapshot{Neighbours: global})
	})
	if err := netwatch.Solicit([]netip.Addr{netip.MustParseAddr("2a0e:97c0:ffff::1"), netip.MustParseAddr("2a0e:97c0:1::8")}); err == nil {
		t.Error("asking where there is no way to is no error")
	}
}
