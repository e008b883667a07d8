// Package egress is the one door to the Internet. Comes in: every HTTP request of the router's
// binary. Goes out: the response, and in the request's Call a record of what happened to it.
//
// A Transport is installed as http.DefaultTransport before any provider is made, because some
// provider libraries have no field for a client. It keeps these rules, whatever the library does:
//
//   - HTTPS with TLS 1.2 or newer, verified against a CA bundle; plain http only where
//     Path.InsecureHTTP allows it. HTTP/1.1 only.
//   - No redirect to another host, another port or plain http, and at the most three.
//   - 10 s to have a connection (name, TCP, proxy and TLS together), 20 s for the whole exchange
//     with its body, 64 KiB of response head, 256 KiB of body. Compression is never asked for,
//     so a body is as big as it looks.
//   - One exchange is one request on the wire: a request that went out is never silently sent
//     again on another connection (net/http does so on its own). Who publishes decides that.
//   - Bound to a device (SO_BINDTODEVICE) a request leaves by that device or fails.
//
// What costs memory lives for a burst: idle connections are dropped two seconds after the last
// exchange ended, or by Release. TLS session tickets (at the most 16) and the hashes of verified
// certificate chains (32) are all that stays. Of a CA bundle only those authorities are parsed
// that a service's certificates name, when they are needed. The caller may give memory back to
// the kernel after Release.
//
// Names are looked up anew for each connection by Go's own resolver (/etc/resolv.conf,
// /etc/hosts); on a router that is dnsmasq. Those lookups are not bound to a device.
//
// Sources: RFC 9110 (HTTP), RFC 8446 (TLS 1.3), socket(7) (SO_BINDTODEVICE).
package egress
