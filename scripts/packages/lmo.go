package main

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// lmoEntry says where the translation is of the message with this hash.
type lmoEntry struct{ key, offset, length uint32 }

// lmo is a catalogue as LuCI reads it (lmo.h of luci-base, "Lua machine objects"): the
// translations, each filled up to four bytes; for each 16 bytes of hash, plural form, place and
// length, in the order of the hashes; and where that index begins. Numbers are big-endian.
func lmo(messages map[string]string) []byte {
	var out []byte
	var index []lmoEntry
	ids := make([]string, 0, len(messages))
	for id := range messages {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		key, text := lmoHash(canonical(id)), messages[id]
		if key == lmoHash(text) {
			continue // LuCI shows the message itself
		}
		index = append(index, lmoEntry{key, uint32(len(out)), uint32(len(text))})
		out = append(out, text...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	slices.SortStableFunc(index, func(a, b lmoEntry) int { return cmp.Compare(a.key, b.key) })
	begin := uint32(len(out))
	const firstForm = 1 // the only one there is
	for _, e := range index {
		for _, n := range []uint32{e.key, firstForm, e.offset, e.length} {
			out = binary.BigEndian.AppendUint32(out, n)
		}
	}
	return binary.BigEndian.AppendUint32(out, begin)
}

// canonical is how LuCI writes a message before it looks it up: each white space is one blank, and
// none is at an end.
func canonical(s string) string {
	white := func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }
	return strings.Join(strings.FieldsFunc(s, white), " ")
}

// lmoHash is Paul Hsieh's SuperFastHash, begun with the length, with signed characters at the end
// (http://www.azillionmonkeys.com/qed/hash.html).
func lmoHash(s string) uint32 {
	if s == "" {
		return 0
	}
	h := uint32(len(s))
	for ; len(s) >= 4; s = s[4:] {
		h += pair(s)
		h = h<<16 ^ pair(s[2:])<<11 ^ h
		h += h >> 11
	}
	switch len(s) {
	case 3:
		h += pair(s)
		h ^= h << 16
		h ^= signed(s[2]) << 18
		h += h >> 11
	case 2:
		h += pair(s)
		h ^= h << 11
		h += h >> 17
	case 1:
		h += signed(s[0])
		h ^= h << 10
		h += h >> 1
	}
	h ^= h << 3
	h += h >> 5
	h ^= h << 4
	h += h >> 17
	h ^= h << 25
	h += h >> 6
	return h
}

func pair(s string) uint32 { return uint32(s[0]) | uint32(s[1])<<8 }

func signed(b byte) uint32 { return uint32(int32(int8(b))) }
