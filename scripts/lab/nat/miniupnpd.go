package nat

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/wandns/wandns/scripts/lab"
)

// MiniUPnPd is the NAT-PMP and PCP server that most routers have (Debian: miniupnpd-nftables).
type MiniUPnPd struct {
	space   *Space
	program *lab.Program
}

const miniupnpdConf = `ext_ifname=%s
listening_ip=%s
enable_natpmp=yes
enable_upnp=no
secure_mode=yes
uuid=00000000-0000-0000-0000-000000000001
allow 1024-65535 0.0.0.0/0 1024-65535
`

// The chains that it works with, of Debian's nft_init.sh.
const miniupnpdChains = `table inet filter {
	chain miniupnpd { };
	chain prerouting_miniupnpd { };
	chain postrouting_miniupnpd { };
	chain prerouting { type nat hook prerouting priority -100; jump prerouting_miniupnpd; };
	chain postrouting { type nat hook postrouting priority 100; jump postrouting_miniupnpd; };
}`

// MiniUPnPd starts the server in a namespace that does NAT out of a device: for those on another
// one, where it has an address. It serves when it returns. Its files go to dir. It tells nobody of
// an outside address that is not public.
func (s *Space) MiniUPnPd(outside, inside string, serves netip.Addr, dir string) (*MiniUPnPd, error) {
	if err := s.nft(miniupnpdChains); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "miniupnpd.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, miniupnpdConf, outside, inside), 0o600); err != nil {
		return nil, err
	}
	m := &MiniUPnPd{space: s}
	err := s.Do(func() (err error) {
		m.program, err = lab.Start("miniupnpd", "-d", "-f", file, "-P", filepath.Join(dir, "miniupnpd.pid"))
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := awaitPMP(netip.AddrPortFrom(serves, 5351)); err != nil {
		return nil, fmt.Errorf("%w; %w", err, m.program.End())
	}
	return m, nil
}

// Announce makes it look at its outside address, and tell everybody on the link (miniupnpd(8)): a
// router's scripts do so when that has changed.
func (m *MiniUPnPd) Announce() error { return m.program.Signal(syscall.SIGUSR1) }

// Close ends the server.
func (m *MiniUPnPd) Close() error { return m.program.End() }

// awaitPMP asks a NAT-PMP server of the next router until it answers.
func awaitPMP(server netip.AddrPort) error {
	c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(server))
	if err != nil {
		return err
	}
	defer c.Close()
	for range 200 {
		_, err = c.Write([]byte{0, 0})
		if err == nil {
			_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			_, err = c.Read(make([]byte, 64))
		}
		if err == nil {
			return nil
		}
		<-time.After(50 * time.Millisecond)
	}
	return fmt.Errorf("no answer from %s: %w", server, err)
}
