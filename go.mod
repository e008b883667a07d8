module github.com/wandns/wandns

go 1.23.0

require (
	github.com/libdns/cloudflare v0.2.2
	github.com/libdns/desec v1.1.1
	github.com/libdns/duckdns v0.3.0
	github.com/libdns/godaddy v1.1.0
	github.com/libdns/ionos v1.2.0
	github.com/libdns/libdns v1.1.1
	github.com/libdns/namesilo v1.0.0
	github.com/libdns/netcup v1.0.0
	github.com/libdns/porkbun v1.1.0
	github.com/miekg/dns v1.1.68
	github.com/vishvananda/netlink v1.3.1
	golang.org/x/net v0.43.0
	golang.org/x/sys v0.35.0
)

require (
	github.com/vishvananda/netns v0.0.5 // indirect
	golang.org/x/mod v0.24.0 // indirect
	golang.org/x/sync v0.14.0 // indirect
	golang.org/x/tools v0.33.0 // indirect
)
