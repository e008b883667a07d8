package main

import (
	"encoding/xml"
	"slices"
	"testing"
)

type drawing struct {
	Rects []struct {
		Width string `xml:"width,attr"`
		Fill  string `xml:"fill,attr"`
	} `xml:"rect"`
	Texts []string `xml:"text"`
	Lines []struct {
		X string `xml:"x1,attr"`
	} `xml:"line"`
}

// drawn reads a plot.
func drawn(t *testing.T, tab table) (d drawing, bars []string) {
	t.Helper()
	svg := plot(tab)
	if err := xml.Unmarshal([]byte(svg), &d); err != nil {
		t.Fatalf("%v in %s", err, svg)
	}
	for _, r := range d.Rects[1:] { // the first is the ground
		bars = append(bars, r.Width+" "+r.Fill)
	}
	return d, bars
}

func TestPlot_draws_bars_in_proportion(t *testing.T) {
	d, bars := drawn(t, table{
		title: "a < b & c", unit: "ms", columns: []string{"x", "not drawn"}, plotted: []int{0},
		rows: []row{{wandns, values(50, 1e9)}, {inadyn, values(100, 1)}, {ddclient, []value{{word: "cannot"}, {number: 1}}}},
	})
	want := []string{"232.5 " + named(wandns).colour, "465.0 " + named(inadyn).colour, "0.0 " + named(ddclient).colour}
	if !slices.Equal(bars, want) {
		t.Errorf("got %v; want %v", bars, want)
	}
	for _, text := range []string{"a < b & c", "50 ms", "100 ms", "cannot"} {
		if !slices.Contains(d.Texts, text) {
			t.Errorf("%q is not in %q", text, d.Texts)
		}
	}
	if len(d.Lines) != 0 {
		t.Error("a grid on a plain scale")
	}
}

func TestPlot_shows_that_its_scale_is_logarithmic(t *testing.T) {
	d, bars := drawn(t, table{
		title: "a", unit: "ms", columns: []string{"x"}, plotted: []int{0}, logarithmic: true,
		rows: []row{{wandns, values(10)}, {inadyn, values(100)}, {ddclient, values(1000)}, {ddnsGo, []value{{word: notAtHand}}}},
	})
	want := []string{"1.0 " + named(wandns).colour, "232.5 " + named(inadyn).colour, "465.0 " + named(ddclient).colour, "0.0 " + named(ddnsGo).colour}
	if !slices.Equal(bars, want) {
		t.Errorf("got %v; want %v", bars, want)
	}
	if !slices.Contains(d.Texts, "a, on a logarithmic scale") {
		t.Errorf("the title does not say it: %q", d.Texts)
	}
	if len(d.Lines) != 3 || !slices.Contains(d.Texts, "1,000 ms") {
		t.Errorf("%d lines; texts %q", len(d.Lines), d.Texts)
	}
}

func TestPlot_says_how_often_a_client_looks_where_that_counts(t *testing.T) {
	rows := []row{{wandns, values(1, 1)}, {inadyn, values(1, 1)}, {inadynSlow, values(1, 1)}}
	d, _ := drawn(t, table{columns: []string{looksColumn, "x"}, plotted: []int{1}, rows: rows})
	for _, name := range []string{"wandns", "inadyn, every 1 s", "inadyn, every 30 s"} {
		if !slices.Contains(d.Texts, name) {
			t.Errorf("%q is not in %q", name, d.Texts)
		}
	}
	d, _ = drawn(t, table{columns: []string{"x"}, plotted: []int{0}, rows: rows})
	if !slices.Contains(d.Texts, inadyn) {
		t.Errorf("%q is not in %q", inadyn, d.Texts)
	}
}
