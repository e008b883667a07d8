//go:build !minimal && !no_route53

package provider

import (
	"errors"
	"strings"
	"unicode/utf8"
)

var errXML = errors.New("the answer is not the XML that was asked for")

// xmlNode is an element: the elements in it, or its text.
type xmlNode struct {
	name, text string
	in         []*xmlNode
}

// at is the first element of a name in another, an empty one where there is none.
func (n *xmlNode) at(name string) *xmlNode {
	for _, e := range n.in {
		if e.name == name {
			return e
		}
	}
	return &xmlNode{}
}

const (
	xmlDepth = 16
	xmlMost  = 16384 // beginnings and ends of elements
)

// readXML reads what Route 53 writes: elements with no attribute but a name space, which hold either
// elements or text (https://www.w3.org/TR/xml/). All else is an error, with which comes what was read
// before it.
// Characters by number are in comments of owners only, and stay so. encoding/xml would be 44 KB
// of the packed program.
func readXML(doc string) (*xmlNode, error) {
	top := &xmlNode{}
	err := errXML
	if utf8.ValidString(doc) && !strings.ContainsFunc(doc, notXML) && top.read(xmlBody(doc)) {
		err = nil
	}
	if len(top.in) == 0 {
		return top, errXML
	}
	return top.in[0], err
}

func notXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// xmlBody is a document without its XML declaration.
func xmlBody(doc string) string {
	if head, rest, ok := strings.Cut(doc, "?>"); ok && strings.HasPrefix(head, "<?xml ") {
		return rest
	}
	return doc
}

// read says whether the document is whole and right.
func (n *xmlNode) read(doc string) bool {
	open := []*xmlNode{n}
	for range xmlMost {
		data, rest, more := strings.Cut(doc, "<")
		in := open[len(open)-1]
		blank := strings.Trim(data, " \t\r\n") == ""
		if !blank && (in == n || len(in.in) > 0) || strings.Contains(data, "]]>") {
			return false
		}
		if !more {
			return in == n && len(n.in) == 1
		}
		mark, after, closed := strings.Cut(rest, ">")
		doc = after
		if !closed {
			return false
		}
		if name, end := strings.CutPrefix(mark, "/"); end {
			if in == n || name != in.name || !in.close(data) {
				return false
			}
			open = open[:len(open)-1]
			continue
		}
		mark, alone := strings.CutSuffix(mark, "/")
		name, ok := xmlTag(mark)
		if !ok || !blank || len(open) > xmlDepth || in == n && len(n.in) == 1 {
			return false
		}
		e := &xmlNode{name: name}
		in.in = append(in.in, e)
		if !alone {
			open = append(open, e)
		}
	}
	return false
}

// close takes what stands before the end of an element: its text, where it holds no elements.
func (n *xmlNode) close(data string) (ok bool) {
	if len(n.in) > 0 {
		return true
	}
	n.text, ok = xmlPlain(data)
	return ok
}

// xmlTag is the name in a tag, which may have a name space.
func xmlTag(mark string) (name string, ok bool) {
	name, space, has := strings.Cut(mark, ` xmlns="`)
	if has && (!strings.HasSuffix(space, `"`) || strings.Count(space, `"`) != 1 || strings.ContainsAny(space, "<&")) {
		return "", false
	}
	letters := strings.TrimRight(name, "0123456789")
	return name, letters != "" && !strings.ContainsFunc(letters, func(r rune) bool { return r|0x20 < 'a' || r|0x20 > 'z' })
}

var (
	xmlWords = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'", "&amp;", "\x00", "&#", "\x01")
	xmlRest  = strings.NewReplacer("\x00", "&", "\x01", "&#")
	// xmlEscape is for what is written.
	xmlEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;")
)

// xmlPlain is what a text stands for.
func xmlPlain(data string) (text string, ok bool) {
	text = xmlWords.Replace(data)
	return xmlRest.Replace(text), !strings.Contains(text, "&")
}
