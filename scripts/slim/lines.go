package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// module is ours, as it begins the names of functions.
const module = "github.com/wandns/wandns/"

// The layout of .gopclntab from Go 1.20 on (go source: runtime/symtab.go, pcHeader and _func).
const (
	magic = 0xfffffff1 // changes when the layout does

	// Words of 32 bits in the record of a function.
	wordName      = 1
	wordStack     = 4 // the first of three tables: stack depth, file, line
	wordFile      = 5
	wordLine      = 6
	wordTables    = 7  // how many more tables follow the record
	wordUnit      = 8  // where the files of its package begin in the list of files
	wordFirstLine = 9  // of the function
	recordWords   = 11 // then the offsets of more tables, then those of data
	byteData      = 43 // how many of the latter

	// Of the further tables and data, what only a traceback reads (internal/abi/symtab.go).
	tableArguments = 3
	dataArguments  = 5
	dataLive       = 6 // which of the arguments
	noData         = 0xffffffff
)

// DropLines takes the numbers of source lines out of a Go binary, except those of our own
// functions, and how arguments are shown. A crash then shows every function by name, our own with
// file and line as before, but not the words that they were called with, which say nothing without
// the rest of the debugging information. Nothing else in the runtime reads these tables. It saves
// a tenth of the packed binary.
//
// The tables are filled with zeroes, so that nothing moves: packed, zeroes are nothing. The
// runtime prints "?:0" for a function that has no table.
func DropLines(file []byte) error {
	f, err := elf.NewFile(bytes.NewReader(file))
	if err != nil {
		return err
	}
	section := f.Section(".gopclntab")
	size := uint64(len(file))
	if section == nil || section.Type != elf.SHT_PROGBITS || section.Size > size || section.Offset > size-section.Size {
		return errors.New("it has no section .gopclntab")
	}
	t := &table{order: f.ByteOrder, data: file[section.Offset : section.Offset+section.Size]}
	return t.drop()
}

// table is the content of .gopclntab. What is wrong with it is kept in err.
type table struct {
	order binary.ByteOrder
	data  []byte
	err   error

	names, units, files, tables, functions uint64 // offsets of its parts
}

func (t *table) drop() error {
	if len(t.data) < 8 || t.order.Uint32(t.data) != magic {
		return errors.New("this Go lays its tables out in another way: compare runtime/symtab.go with scripts/slim/lines.go")
	}
	size := uint64(t.data[7]) // of a pointer
	if size != 4 && size != 8 {
		return fmt.Errorf("a pointer has %d bytes", size)
	}
	header := func(i uint64) uint64 { return t.number(8+i*size, size) }
	count := header(0)
	t.names, t.units, t.files, t.tables, t.functions = header(3), header(4), header(5), header(6), header(7)
	if t.err == nil && (t.units > t.files || t.files > t.tables || t.tables > t.functions || t.functions > uint64(len(t.data)) || count > uint64(len(t.data))) {
		t.err = errors.New("its parts lie outside of it")
	}
	if t.err != nil {
		return t.err
	}
	record := func(i uint64) uint64 { return t.functions + t.number(t.functions+i*8+4, 4) }
	units := map[uint64]bool{} // by where they begin: whether one is ours
	for i := uint64(0); i < count && t.err == nil; i++ {
		unit := t.number(record(i)+wordUnit*4, 4)
		units[unit] = units[unit] || ours(t.name(t.number(record(i)+wordName*4, 4)))
	}
	t.dropFiles(units)
	// Tables are shared among functions: what somebody still needs is copied into a blank part.
	blank := make([]byte, t.functions-t.tables)
	for i := uint64(0); i < count && t.err == nil; i++ {
		t.function(record(i), blank)
	}
	if t.err == nil {
		copy(t.data[t.tables:], blank)
	}
	return t.err
}

// dropFiles leaves the names of our files. Each unit has a run of words, which say where a name
// begins.
func (t *table) dropFiles(units map[uint64]bool) {
	if t.err != nil {
		return
	}
	names := make([]byte, t.tables-t.files)
	kept := false
	for at := t.units; at+4 <= t.files && t.err == nil; at += 4 {
		if of, begins := units[(at-t.units)/4]; begins {
			kept = of
		}
		name := t.number(at, 4)
		switch {
		case !kept:
			t.order.PutUint32(t.data[at:], noData)
		case name != noData && name >= uint64(len(names)):
			t.err = fmt.Errorf("there is no name of a file at %#x", name)
		case name != noData:
			whole, _, _ := bytes.Cut(t.data[t.files+name:t.tables], []byte{0})
			copy(names[name:], whole)
		}
	}
	if t.err == nil {
		copy(t.data[t.files:], names)
	}
}

// function copies the tables that the function at an offset keeps, and unhooks the others.
func (t *table) function(at uint64, kept []byte) {
	word := func(i uint64) uint64 { return t.number(at+i*4, 4) }
	set := func(i, value uint64) {
		if t.number(at+i*4, 4); t.err == nil {
			t.order.PutUint32(t.data[at+i*4:], uint32(value))
		}
	}
	tables := word(wordTables)
	_ = word(recordWords - 1) // it is whole
	if t.err == nil && tables > 16 {
		t.err = fmt.Errorf("the function at %#x has %d tables", at, tables)
	}
	if t.err != nil {
		return
	}
	t.keep(word(wordStack), kept)
	for i := uint64(0); i < tables && t.err == nil; i++ {
		if i == tableArguments {
			set(recordWords+i, 0)
		}
		t.keep(word(recordWords+i), kept)
	}
	for i := uint64(0); i < uint64(t.data[at+byteData]) && t.err == nil; i++ {
		if i == dataArguments || i == dataLive {
			set(recordWords+tables+i, noData)
		}
	}
	if !ours(t.name(word(wordName))) {
		for _, i := range []uint64{wordFile, wordLine, wordUnit, wordFirstLine} {
			set(i, 0)
		}
		return
	}
	t.keep(word(wordFile), kept)
	t.keep(word(wordLine), kept)
}

// keep copies one table. It is a list of pairs of varints, a step of the value and a step of the
// program counter, and ends where a value does not step. Offset 0 means that there is none.
func (t *table) keep(offset uint64, kept []byte) {
	if offset == 0 || t.err != nil {
		return
	}
	part := t.data[t.tables:t.functions]
	if offset >= uint64(len(part)) {
		t.err = fmt.Errorf("there is no table at %#x", offset)
		return
	}
	end := offset
	for first := true; ; first = false {
		value, n := binary.Uvarint(part[end:])
		end += uint64(max(n, 0))
		if n > 0 && value == 0 && !first {
			break
		}
		_, m := binary.Uvarint(part[end:])
		end += uint64(max(m, 0))
		if n <= 0 || m <= 0 {
			t.err = fmt.Errorf("the table at %#x has no end", offset)
			return
		}
	}
	copy(kept[offset:end], part[offset:end])
}

// number reads an unsigned number of 4 or 8 bytes.
func (t *table) number(at, size uint64) uint64 {
	if at > uint64(len(t.data)) || uint64(len(t.data))-at < size {
		if t.err == nil {
			t.err = io.ErrUnexpectedEOF
		}
		return 0
	}
	if size == 8 {
		return t.order.Uint64(t.data[at:])
	}
	return uint64(t.order.Uint32(t.data[at:]))
}

// name reads the name of a function, which ends with a zero.
func (t *table) name(offset uint64) string {
	if t.err != nil || t.names+offset >= uint64(len(t.data)) {
		return ""
	}
	name, _, _ := bytes.Cut(t.data[t.names+offset:], []byte{0})
	return string(name)
}

// ours says that a function is of the program itself: "main.run", or a method, closure or
// instance of a generic one below its module.
func ours(name string) bool {
	return strings.HasPrefix(name, "main.") || strings.HasPrefix(name, module)
}
