package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// width is how long lines may be, in characters.
const width = 98

// style is an escape sequence of ECMA-48, without ESC [ and m.
type style string

const (
	plain style = ""
	bold  style = "1"
	dim   style = "2"
	red   style = "31"
	green style = "32"
	amber style = "33"
	blue  style = "36"
)

// page is where the timeline is written.
type page struct {
	out    io.Writer
	colour bool
	log    bool // every line of the daemon's log goes on it, too
}

// newPage writes to a file, with colour where that is a terminal and nobody objects
// (https://no-color.org).
func newPage(f *os.File, log bool) *page {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	wanted := os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return &page{out: f, colour: err == nil && wanted, log: log}
}

func (p *page) paint(s style, text string) string {
	if !p.colour || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

func (p *page) line(text string) { fmt.Fprintln(p.out, text) }

// step opens a step.
func (p *page) step(number int, title string) {
	p.line("")
	p.line(p.paint(bold, fmt.Sprintf("%2d  %s", number, title)))
}

// event writes one row of the timeline: when, who, what.
func (p *page) event(after time.Duration, s style, who, what string) {
	const margin = 20
	for i, part := range wrap(what, width-margin) {
		if i == 0 {
			p.line(p.paint(dim, fmt.Sprintf("%9s", span(after))) + "  " + p.paint(s, fmt.Sprintf("%-6s", who)) + "  " + part)
		} else {
			p.line(strings.Repeat(" ", margin) + part)
		}
	}
}

// indent is where the text of a verdict begins.
const indent = "           "

// verdict closes a step that came out right.
func (p *page) verdict(timings []timing, moral string) {
	var parts []string
	for _, t := range timings {
		parts = append(parts, fmt.Sprintf("%s: first byte after %s, confirmed after %s.", t.of.service, span(t.first), span(t.confirmed)))
	}
	if moral != "" {
		parts = append(parts, moral)
	}
	var lines []string
	for _, part := range parts {
		lines = append(lines, wrap(part, width-len(indent))...)
	}
	if len(lines) == 0 {
		lines = []string{"It came out right."}
	}
	p.line("       " + p.paint(green, "ok") + "  " + lines[0])
	for _, l := range lines[1:] {
		p.line(indent + l)
	}
}

// span is a time as people read it: 53.1 ms, 4.87 s.
func span(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// wrap cuts a text into lines of at the most so many characters, between words. A longer word
// has a line of its own.
func wrap(text string, most int) []string {
	var lines []string
	line, length := "", 0
	for _, word := range strings.SplitAfter(text, " ") {
		n := utf8.RuneCountInString(word)
		if length > 0 && length+utf8.RuneCountInString(strings.TrimRight(word, " ")) > most {
			lines = append(lines, strings.TrimRight(line, " "))
			line, length = "", 0
		}
		line += word
		length += n
	}
	return append(lines, strings.TrimRight(line, " "))
}
