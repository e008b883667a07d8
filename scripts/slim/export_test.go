package main

import "encoding/binary"

// DropFrom is DropLines for the bare content of .gopclntab.
func DropFrom(order binary.ByteOrder, data []byte) error {
	return (&table{order: order, data: data}).drop()
}

// Prepare is `slim prepare`.
func Prepare(dir string, replaceDNS bool) ([]string, error) { return prepare(dir, replaceDNS) }
