package discover_test

import (
	"context"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wandns/wandns/pkg/discover"
	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/nat"
)

// The router upstream as it is in most houses: MiniUPnPd, with nftables behind it.
func TestRouter_of_miniupnpd(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	gateway := netip.MustParseAddr("192.168.1.1")
	modem, err := nat.NewSpace()
	must(err)
	_, err = lab.Veth("wan", "isp")
	must(err)
	must(modem.Adopt("isp", "192.168.1.1/24"))
	must(nat.AddAddrs("wan", "192.168.1.2/24"))
	must(modem.Do(func() error {
		_, err := lab.Veth("up", "down")
		return err
	}))
	readdress := func(from, to string) {
		t.Helper()
		must(modem.Do(func() error {
			if from != "" {
				if err := nat.DropAddr("up", from); err != nil {
					return err
				}
			}
			return nat.AddAddrs("up", to)
		}))
	}
	const first, second, shared = "192.88.95.1/24", "192.88.96.1/24", "100.64.3.4/24"
	readdress("", first)
	must(modem.Masquerade("up"))
	server, err := modem.MiniUPnPd("up", "isp", gateway, t.TempDir())
	must(err)
	defer func() { must(server.Close()) }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	says := func(want string) {
		t.Helper()
		told, err := discover.Router{}.External(ctx, "wan", gateway)
		if err != nil || !told.Answered || told.External != addrOf(want) {
			t.Errorf("%+v, %v; want %s", told, err, want)
		}
		if seen, err := discover.AskPeer(ctx, "wan", gateway); err != nil || seen != addrOf(want) {
			t.Errorf("by PEER: %v, %v; want %s", seen, err, want)
		}
	}
	says(first)
	announced := make(chan struct{}, 16)
	ended := make(chan error, 1)
	listening, stop := context.WithCancel(ctx)
	go func() {
		ended <- discover.Router{}.Listen(listening, "wan", gateway, func() { announced <- struct{}{} })
	}()
	for { // until the socket is there
		text, err := os.ReadFile("/proc/thread-self/net/udp")
		must(err)
		if strings.Contains(string(text), ":14E6 ") { // port 5350
			break
		}
		select {
		case err := <-ended:
			t.Fatal(err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	readdress(first, second)
	must(server.Announce())
	select {
	case <-announced:
	case <-ctx.Done():
		t.Fatal("nothing was announced")
	}
	says(second)
	stop()
	must(<-ended)
	readdress(second, shared)
	says(shared) // by PEER only: NAT-PMP says that there is no address
}

func addrOf(cidr string) netip.Addr {
	return netip.MustParsePrefix(cidr).Addr()
}
