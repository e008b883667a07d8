package main

import (
	"context"
	"net/netip"

	"github.com/wandns/wandns/scripts/lab/double"
	"github.com/wandns/wandns/scripts/lab/site"
)

// The addresses that the ISP gives. Each IPv4 one is in a subnet of its own, so that they come
// and go independently.
const (
	first4, second4, third4, fourth4 = "192.88.99.10/28", "192.88.99.30/28", "192.88.99.50/28", "192.88.99.70/28"
	first6, second6                  = "2a0e:97c0:1::7/64", "2a0e:97c0:2::7/64"
)

// step is something that happens to a router, and what must come of it.
type step struct {
	title string
	act   func(context.Context, *stage) error

	// becomes is what record sets change to; all others must stay as they are.
	becomes map[name]string
	// updates is how many requests that write each service must get, exactly. A service that is
	// not in it must not be asked anything at all.
	updates map[string]int
	// refused is how many of these updates the service does not carry out.
	refused int
	// says are lines of the daemon's log that must come, by parts of them.
	says [][]string
	// stands is how `wandns status` must describe record sets in the end; all others are current.
	stands map[name]string
	// moral is a line for the reader.
	moral string
}

// scenario is the demo, step by step.
func scenario() []step { return append(onTheLine(), atTheServices()...) }

// onTheLine is what happens to the WAN.
func onTheLine() []step {
	return []step{
		{
			title:   "wandns starts; the names do not exist yet",
			act:     appear,
			becomes: map[name]string{homeA: first4, homeAAAA: first6, duckA: first4},
			updates: map[string]int{cloudflare: 2, duckdns: 1},
		},
		{
			title:   "the ISP gives another IPv4 address, and the link stays up",
			act:     renumber(first4, second4),
			becomes: map[name]string{homeA: second4, duckA: second4},
			updates: map[string]int{cloudflare: 1, duckdns: 1},
			moral:   "The AAAA record was not touched.",
		},
		{
			title:   "the ISP rotates the IPv6 prefix",
			act:     rotate(first6, second6),
			becomes: map[name]string{homeAAAA: second6},
			updates: map[string]int{cloudflare: 1},
			moral:   "It waited for the kernel to check the address for duplicates. The A records were not touched.",
		},
		{
			title: "the cable is pulled",
			act:   cable(false),
			says: [][]string{
				{"no address", "record=home", "family=ipv4"}, {"no address", "record=home", "family=ipv6"}, {"no address", "record=game"},
			},
			stands: map[name]string{homeA: "idle", homeAAAA: "idle", duckA: "idle"},
			moral:  "Not knowing an address never empties a name.",
		},
		{
			title: "the cable is back, with the addresses of before",
			act:   cable(true),
			says: [][]string{
				{"address record=home", "family=ipv4"}, {"address record=home", "family=ipv6"}, {"address record=game"},
			},
			moral: "All of it is true already, so nothing was sent.",
		},
	}
}

// atTheServices is what goes wrong elsewhere, and is mended.
func atTheServices() []step {
	return []step{
		{
			title:   "DuckDNS is down, and the address changes",
			act:     both(outage(true), renumber(second4, third4)),
			becomes: map[name]string{homeA: third4},
			updates: map[string]int{cloudflare: 1, duckdns: 1},
			refused: 1,
			says:    [][]string{{"not published", duckA.host}},
			stands:  map[name]string{duckA: "waiting"},
			moral:   "One service's trouble does not keep another one waiting.",
		},
		{
			title:   "DuckDNS is up again",
			act:     outage(false),
			becomes: map[name]string{duckA: third4},
			updates: map[string]int{duckdns: 1},
			moral:   "It tried again by itself.",
		},
		{
			title:   "the owner adds a name at No-IP, mistypes the password, and reloads",
			act:     reload(configuration(site.Password + "?")),
			updates: map[string]int{noip: 1},
			refused: 1,
			says:    [][]string{{"held", nasA.host}},
			stands:  map[name]string{nasA: "held"},
			moral:   "The other names did not change, so nobody else was asked.",
		},
		{
			title:   "meanwhile the address changes once more",
			act:     renumber(third4, fourth4),
			becomes: map[name]string{homeA: fourth4, duckA: fourth4},
			updates: map[string]int{cloudflare: 1, duckdns: 1},
			stands:  map[name]string{nasA: "held"},
			moral:   "A password that is wrong is not repeated: services lock people out for that.",
		},
		{
			title:   "the owner mends the password, and reloads",
			act:     reload(configuration(site.Password)),
			becomes: map[name]string{nasA: fourth4},
			updates: map[string]int{noip: 1},
		},
		{
			title: "wandns is stopped and started again",
			act:   restart,
			says:  [][]string{{"address record=home", "family=ipv4"}, {"address record=home", "family=ipv6"}, {"address record=game"}, {"address record=nas"}},
			moral: "It knows what is published. Nothing was sent.",
		},
	}
}

// out is an outage as people see it: the load balancer lives, what is behind it does not.
func out() *double.Fault {
	f := double.Status(503, "")
	return &f
}

// bare is an address without its prefix length.
func bare(cidr string) netip.Addr { return netip.MustParsePrefix(cidr).Addr() }
