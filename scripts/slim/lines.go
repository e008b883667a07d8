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
	wordFirstLine = 9  // of the function
	recordWords   = 11 // then the offsets of more tables
)

// DropLines takes the numbers of source lines out of a Go binary, except those of our own
// functions. A crash then shows every function by name, and our own with
// file and line as before; nothing else in the runtime reads these tables. It saves a tenth of
// the packed binary.
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

	names, tables, functions uint64 // offsets of its parts
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
	t.names, t.tables, t.functions = header(3), header(6), header(7)
	if t.err == nil && (t.tables > t.functions || t.functions > uint64(len(t.data)) || count > uint64(len(t.data))) {
		t.err = errors.New("its parts lie outside of it")
	}
	if t.err != nil {
		return t.err
	}
	// Tables are shared among functions: what somebody still needs is copied into a blank part.
	blank := make([]byte, t.functions-t.tables)
	for i := uint64(0); i < count && t.err == nil; i++ {
		t.function(t.functions+t.number(t.functions+i*8+4, 4), blank)
	}
	if t.err == nil {
		copy(t.data[t.tables:], blank)
	}
	return t.err
}

// function copies the tables that the function at an offset keeps, and unhooks the others.
func (t *table) function(at uint64, kept []byte) {
	word := func(i uint64) uint64 { return t.number(at+i*4, 4) }
	tables := word(wordTables)
	_ = word(recordWords - 1) // it is whole
	if t.err == nil && tables > 16 {
		t.err = fmt.Errorf("the function at %#x has %d tables", at, tables)
	}
	t.keep(word(wordStack), kept)
	for i := uint64(0); i < tables && t.err == nil; i++ {
		t.keep(word(recordWords+i), kept)
	}
	if !ours(t.name(word(wordName))) {
		for _, i := range []uint64{wordFile, wordLine, wordFirstLine} {
			if t.err == nil {
				t.order.PutUint32(t.data[at+i*4:], 0)
			}
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
