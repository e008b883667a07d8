package lab_test

import (
	"net"
	"os"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
)

func TestAlone_has_an_empty_network(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	ifs, err := net.Interfaces()
	if err != nil || len(ifs) != 1 || ifs[0].Flags&net.FlagUp == 0 {
		t.Fatalf("interfaces %v, %v; want lo alone, up", ifs, err)
	}
	v, err := lab.Veth("wan", "isp")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.AddrAdd(v, lab.Addr("192.88.99.7/24")); err != nil {
		t.Fatal(err)
	}
}

func TestReplaceFile_is_seen_by_readers(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	const text = "127.0.0.1 api.example.test\n"
	if err := lab.ReplaceFile("/etc/hosts", text); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("/etc/hosts")
	if err != nil || string(got) != text {
		t.Fatalf("read %q, %v", got, err)
	}
}
