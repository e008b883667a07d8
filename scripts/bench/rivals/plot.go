package main

import (
	"fmt"
	"math"
	"strings"
)

// The plot's measures, in pixels.
const (
	plotWidth = 760
	nameWidth = 145 // left of the bars
	textWidth = 150 // right of the longest
	barsWidth = plotWidth - nameWidth - textWidth
	barHeight = 16
	barStep   = 20
	headSpace = 40 // holds the plot's title
	groupHead = 24 // holds a column's title
	groupFoot = 12
	axisSpace = 20
)

// style has colours for a page that is light and for one that is dark, ground and text together. A
// text has a rim of the ground's colour, so that a line of the grid does not run through it.
const style = `<style>
text { fill: #1f2328; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; paint-order: stroke }
.ground { fill: #ffffff } .quiet { fill: #59636e } .grid { stroke: #d1d9e0 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; stroke: #0d1117 }
.ground { fill: #0d1117 } .quiet { fill: #9198a1 } .grid { stroke: #3d444d }
}
</style>
`

// escape is for text in XML.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// scale says where values lie between 0 and 1.
type scale struct{ least, most float64 }

// scaleOf is the scale of a table's plotted values: from 0, or from a power of ten to the next.
func scaleOf(t table) scale {
	s := scale{math.Inf(1), 0}
	for _, r := range t.rows {
		for _, c := range t.plotted {
			if v := r.values[c]; v.word == "" {
				s.least, s.most = min(s.least, v.number), max(s.most, v.number)
			}
		}
	}
	if !t.logarithmic || s.most <= 0 || s.least <= 0 {
		return scale{0, s.most}
	}
	return scale{math.Pow10(int(math.Floor(math.Log10(s.least)))), math.Pow10(int(math.Ceil(math.Log10(s.most))))}
}

// at is where a value lies.
func (s scale) at(x float64) float64 {
	switch {
	case s.most <= 0:
		return 0
	case s.least > 0:
		return math.Log(x/s.least) / math.Log(s.most/s.least)
	}
	return x / s.most
}

// plot draws a table as SVG: for each plotted column a bar of every client, in one measure.
func plot(t table) string {
	s := scaleOf(t)
	var b strings.Builder
	y := headSpace
	for _, c := range t.plotted {
		fmt.Fprintf(&b, "<text class=\"quiet\" x=\"10\" y=\"%d\">%s</text>\n", y+14, escape.Replace(t.columns[c]))
		y += groupHead
		for _, r := range t.rows {
			b.WriteString(bar(t.label(r.name), r.values[c], named(r.name).colour, t.unit, s, y))
			y += barStep
		}
		y += groupFoot
	}
	lines := ""
	if s.least > 0 {
		lines = grid(s, t.unit, y)
		y += axisSpace
	}
	title := escape.Replace(t.title)
	if s.least > 0 {
		title += ", on a logarithmic scale"
	}
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"13\">\n"+
		"<title>%s</title>\n%s<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>\n<text x=\"10\" y=\"24\" font-size=\"16\">%s</text>\n%s%s</svg>\n",
		plotWidth, y, plotWidth, y, title, style, title, lines, b.String())
}

// label names a client, in a table that depends on it together with how often it looks.
func (t table) label(name string) string {
	if t.columns[0] != looksColumn || named(name).period == 0 {
		return name
	}
	program, _, _ := strings.Cut(name, ",")
	return program + ", " + looks(name).word
}

// bar is a client's bar with its name before and its value behind.
func bar(name string, v value, colour, unit string, s scale, y int) string {
	width, label := 0.0, v.String()
	if v.word == "" {
		width = max(1, s.at(v.number)*barsWidth)
		label = strings.TrimSpace(label + " " + unit)
	}
	return fmt.Sprintf("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", nameWidth-8, y+13, escape.Replace(name)) +
		fmt.Sprintf("<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", nameWidth, y, width, barHeight, colour) +
		fmt.Sprintf("<text x=\"%.1f\" y=\"%d\">%s</text>\n", nameWidth+width+6, y+13, escape.Replace(label))
}

// grid is a line at each power of ten, which shows that the scale is logarithmic.
func grid(s scale, unit string, bottom int) string {
	var b strings.Builder
	for x := s.least; x <= s.most*1.001; x *= 10 {
		at := nameWidth + s.at(x)*barsWidth
		fmt.Fprintf(&b, "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", at, headSpace+groupHead-4, at, bottom-groupFoot+4)
		fmt.Fprintf(&b, "<text class=\"quiet\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" font-size=\"11\">%s</text>\n", at, bottom+6, strings.TrimSpace(number(x)+" "+unit))
	}
	return b.String()
}
