package config

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/lease"
	"github.com/wandns/wandns/pkg/netwatch"
)

// LAN says that the record is about a host behind its interfaces, not about the interfaces.
func (r *Record) LAN() bool { return sourceDoc(r.Source).LAN }

// checkHost reads what names a host on the LAN. IPv6 only: to the Internet, its IPv4 address is the
// router's.
func (f *fields) checkHost(r *Record) {
	if len(r.Interfaces) == 0 {
		r.Interfaces = []string{"lan"}
	}
	if contains(r.Families, address.IPv4) {
		f.about("family", "source '"+string(r.Source)+"' finds IPv6 addresses; over IPv4 a host on the LAN has the router's address: take ipv4 out, or make another record for it")
	}
	r.Families = []address.Family{address.IPv6}
	r.Subnet, _ = strconv.ParseUint(f.text("subnet_id"), 16, 64)
	r.MAC, _ = parseMAC(f.text("mac"))
	r.HostName = strings.ToLower(f.text("host_name"))
	r.HostID, _ = parseHostID(f.text("host_id"))
	if r.Source == address.Host && f.given["mac"] != 0 {
		r.HostID = address.EUI64(r.MAC)
	}
	named := ""
	for _, option := range []string{"mac", "host_name", "host_id"} {
		switch {
		case f.given[option] == 0 || !contains(sourceDoc(r.Source).Options, option): // which is told elsewhere
		case named != "":
			f.about(option, "the record has a "+named+" too, and only one of them can name the host; take the other out")
		default:
			named = option
		}
	}
	switch {
	case named != "":
	case r.Source == address.Host:
		f.about("host_id", "it is missing; source host needs option host_id '::1234:5678:9abc:def0', option mac '00:16:3e:12:34:56' or option host_name 'nas'")
	default:
		f.about("mac", "it is missing; source "+string(r.Source)+" needs option mac '00:16:3e:12:34:56' or option host_name 'nas'")
	}
}

// parseMAC reads the address of one host: neither all zeros nor a group's.
func parseMAC(v string) (m netwatch.MAC, ok bool) {
	hw, err := net.ParseMAC(v)
	if err != nil || len(hw) != len(m) {
		return m, false
	}
	copy(m[:], hw)
	return m, m != netwatch.MAC{} && m[0]&1 == 0
}

func checkMAC(v string) error {
	if _, ok := parseMAC(v); !ok {
		return errors.New(quote(v) + " is not the MAC address of a host; write it like '00:16:3e:12:34:56'")
	}
	return nil
}

// checkHostName takes what a DHCP lease can have for a name; one with a domain is taken to the letter.
func checkHostName(v string) error {
	if !lease.IsName(v) {
		return errors.New(quote(v) + " is not the name of a host; write it as the list of DHCP leases has it, like 'nas'")
	}
	return nil
}

// parseHostID reads the second half of an address, with nothing in the first.
func parseHostID(v string) (id uint64, ok bool) {
	a, err := netip.ParseAddr(v)
	if err != nil || !a.Is6() || a.Zone() != "" || a.Is4In6() {
		return 0, false
	}
	b := a.As16()
	id = binary.BigEndian.Uint64(b[8:])
	return id, binary.BigEndian.Uint64(b[:8]) == 0 && id != 0
}

func checkHostID(v string) error {
	if _, ok := parseHostID(v); !ok {
		return errors.New(quote(v) + " is not the second half of an IPv6 address; write it like '::1234:5678:9abc:def0' or '::10'")
	}
	return nil
}

func checkSubnetID(v string) error {
	if _, err := strconv.ParseUint(v, 16, 64); err != nil {
		return errors.New(quote(v) + " is not a subnet; write it in hexadecimal like 'a', as the interface's ip6hint has it")
	}
	return nil
}
