package main

import (
	"context"
	"fmt"
	"slices"
	"syscall"

	"github.com/vishvananda/netlink"

	"github.com/wandns/wandns/scripts/lab"
	"github.com/wandns/wandns/scripts/lab/site"
)

// appear gives the WAN its first addresses and starts wandns when the kernel has checked them.
func appear(ctx context.Context, s *stage) error {
	from := s.journal.len()
	for _, cidr := range []string{first4, first6} {
		if err := addressOf(cidr, netlink.AddrAdd); err != nil {
			return err
		}
	}
	err := s.journal.await(ctx, from, func(rows []row) bool {
		return slices.ContainsFunc(rows, func(r row) bool { return slices.Contains(r.usable, bare(first6)) })
	})
	if err != nil {
		return fmt.Errorf("the kernel never had done with %s: %w", first6, err)
	}
	return s.start()
}

// addressOf does something with an address that the kernel checks for duplicates, as it does on
// a router.
func addressOf(cidr string, do func(netlink.Link, *netlink.Addr) error) error {
	l, err := wan()
	if err != nil {
		return err
	}
	a := lab.Addr(cidr)
	a.Flags = 0
	if err := do(l, a); err != nil {
		return fmt.Errorf("%s on %s: %w", cidr, wanDevice, err)
	}
	return nil
}

// renumber replaces an IPv4 address the way a DHCP client does.
func renumber(from, to string) func(context.Context, *stage) error {
	return func(context.Context, *stage) error { return site.Renumber(wanDevice, from, to) }
}

// rotate is a router advertisement with a new prefix: the old address is deprecated, the new
// one is checked for duplicates first.
func rotate(from, to string) func(context.Context, *stage) error {
	return func(context.Context, *stage) error {
		err := addressOf(from, func(l netlink.Link, a *netlink.Addr) error {
			a.ValidLft = 7200 // seconds; preferred for none
			return netlink.AddrReplace(l, a)
		})
		if err != nil {
			return err
		}
		return addressOf(to, netlink.AddrAdd)
	}
}

// cable plugs the ISP's end of the cable, or pulls it.
func cable(in bool) func(context.Context, *stage) error {
	return func(context.Context, *stage) error {
		isp, err := netlink.LinkByName(ispDevice)
		if err != nil {
			return err
		}
		if in {
			return netlink.LinkSetUp(isp)
		}
		return netlink.LinkSetDown(isp)
	}
}

// outage begins or ends one of DuckDNS.
func outage(begins bool) func(context.Context, *stage) error {
	return func(_ context.Context, s *stage) error {
		if begins {
			s.DuckDNS.Fail(out())
		} else {
			s.DuckDNS.Fail(nil)
		}
		return nil
	}
}

// both does two things, one after the other.
func both(acts ...func(context.Context, *stage) error) func(context.Context, *stage) error {
	return func(ctx context.Context, s *stage) error {
		for _, act := range acts {
			if err := act(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

// reload writes the configuration anew and tells the daemon, as the init script does.
func reload(text string) func(context.Context, *stage) error {
	return func(_ context.Context, s *stage) error {
		if err := s.configure(text); err != nil {
			return err
		}
		return s.daemon.Signal(syscall.SIGHUP)
	}
}

// restart ends the daemon and starts it.
func restart(_ context.Context, s *stage) error {
	if err := s.stop(); err != nil {
		return err
	}
	return s.start()
}

// configure writes the configuration, with the site's authority as the one to trust.
func (s *stage) configure(text string) error {
	return s.Configure("config wandns 'main'\n\toption ca_file '" + s.BundleFile + "'\n" + text)
}

// configuration is the owner's file; the name at No-IP is in it when there is a password. The
// rate limit is set aside: eleven changes in half a minute are what it is there to slow down.
func configuration(noipPassword string) string {
	text := account("cloudflare", "cloudflare", "token", site.CloudflareToken) +
		account("duckdns", "duckdns", "token", site.DuckToken) +
		record("home", "cloudflare", homeA.host, "ipv4", "ipv6") +
		record("game", "duckdns", duckA.host, "ipv4")
	if noipPassword != "" {
		text += account("no_ip", "noip", "username", site.User, "password", noipPassword) + record("nas", "no_ip", nasA.host, "ipv4")
	}
	return text
}

func account(section, provider string, options ...string) string {
	text := "\nconfig account '" + section + "'\n\toption provider '" + provider + "'\n"
	for i := 0; i < len(options); i += 2 {
		text += "\toption " + options[i] + " '" + options[i+1] + "'\n"
	}
	return text
}

func record(section, account, hostname string, families ...string) string {
	text := "\nconfig record '" + section + "'\n\toption account '" + account + "'\n\tlist hostname '" + hostname + "'\n" +
		"\tlist interface '" + wanDevice + "'\n\toption rate_burst '10'\n"
	for _, f := range families {
		text += "\tlist family '" + f + "'\n"
	}
	return text
}
