//go:build minimal

package main

var importCommand []command
