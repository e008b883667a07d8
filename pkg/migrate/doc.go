// Package migrate carries the configuration of ddns-scripts over to wandns.
//
// In come the sections of /etc/config/ddns and those that /etc/config/wandns has already; out
// goes a Plan: the sections to add, and what became of each section and option of the old file.
// Nothing is read or written here.
//
// ddns-scripts has one section, and one process, for each name and address family, with the
// credentials in it. Here credentials stand once, in an account, and a record keeps a name for
// both families. So sections of one login become one account; the IPv4 and the IPv6 section of
// a name become one record; and names that differ in nothing else share a record.
//
// Source: what the options of ddns-scripts mean is what its version 2.8.4 does with them
// (dynamic_dns_functions.sh, dynamic_dns_updater.sh and the update_*.sh scripts of
// github.com/openwrt/packages, net/ddns-scripts), not what its sample file says.
package migrate
