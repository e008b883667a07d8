// Package openwrt is how wandns becomes an OpenWrt service: the feed's Makefile, and in files/
// the init script, the default configuration and the access lists. In comes what the program
// and its tables say; out go files that the packages of both kinds carry as they are.
//
// There is no Go code here beside the tests, which run the init script in busybox ash.
package openwrt
