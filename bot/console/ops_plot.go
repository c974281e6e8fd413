package console

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// A plot is a picture of figures, made on the server, with the same figures as a table. One colour shows what
// is counted, texture and labels tell the rest apart.
type plot struct {
	View
	ID, Title, Desc string
	Width, Height   int
	Bars            []plotBar
	Line            string // points of a line, of the span before
	Texts           []plotText
	Grid            []plotBar // lines of the ground
	Head            []string  // of the table
	Rows            []plotRow
	Empty           bool
}

// A plotBar is a rectangle with what it stands for.
type plotBar struct {
	X, Y, W, H float64
	Label      string // whole
	Class      string // full or hatched
}

// Right is the end of a line of the ground.
func (b plotBar) Right() float64 { return b.X + b.W }

// A plotText is a label in the picture.
type plotText struct {
	X, Y   float64
	Text   string
	Anchor string // start, middle, end
}

// A plotRow is a line of the table.
type plotRow struct {
	Name, URL string
	Cells     []string
}

// A plotItem is one value of a plot of bars.
type plotItem struct {
	Name, URL string
	Value     float64
	Shown     string // the value as text
	Hatched   bool
}

// Sizes of plots in their own units, of which a phone shows about as many as it has points.
const (
	plotWidth  = 400
	barHeight  = 20
	barGap     = 8
	labelWidth = 140
	valueWidth = 60
	widestBar  = 40
)

// barPlot shows values as bars that lie, each with its name and value.
func barPlot(v View, id, title, desc string, head []string, items []plotItem) plot {
	p := plot{View: v, ID: id, Title: title, Desc: desc, Width: plotWidth, Head: head, Empty: len(items) == 0}
	most := 0.0
	for _, one := range items {
		most = max(most, one.Value)
	}
	room := float64(plotWidth - labelWidth - valueWidth)
	for i, one := range items {
		y := float64(i * (barHeight + barGap))
		w := 0.0
		if most > 0 {
			w = room * one.Value / most
		}
		class := "full"
		if one.Hatched {
			class = "hatched"
		}
		p.Bars = append(p.Bars, plotBar{labelWidth, y, round(max(w, 1)), barHeight, one.Name + ": " + one.Shown, class})
		p.Texts = append(p.Texts, plotText{labelWidth - 6, y + 15, shortLabel(one.Name), "end"},
			plotText{round(labelWidth + w + 5), y + 15, one.Shown, "start"})
		p.Rows = append(p.Rows, plotRow{one.Name, one.URL, []string{one.Shown}})
	}
	p.Height = max(1, len(items))*(barHeight+barGap) - barGap + 2
	return p
}

// columnPlot shows values in the order of time as bars that stand, and those of the span before as a line.
func columnPlot(v View, id, title, desc string, head, names []string, now, before []int) plot {
	const height, top, bottom = 150, 16, 18
	p := plot{View: v, ID: id, Title: title, Desc: desc, Width: plotWidth, Height: height, Head: head, Empty: len(now) == 0}
	if len(now) == 0 {
		return p
	}
	most := 1
	for _, n := range append(append([]int{}, now...), before...) {
		most = max(most, n)
	}
	left := 8 + 8*len(strconv.Itoa(most))
	room, step := float64(height-top-bottom), float64(plotWidth-left)/float64(len(now))
	high := func(n int) float64 { return round(room * float64(n) / float64(most)) }
	var line []string
	for i, n := range now {
		h := high(n)
		p.Bars = append(p.Bars, plotBar{round(float64(left) + float64(i)*step + step*0.1), float64(top) + room - h, round(min(max(step*0.8, 0.5), widestBar)), h, names[i] + ": " + strconv.Itoa(n), "full"})
		row := plotRow{Name: names[i], Cells: []string{strconv.Itoa(n)}}
		if before != nil {
			was := 0
			if i < len(before) {
				was = before[i]
				line = append(line, point(float64(left)+(float64(i)+0.5)*step, float64(top)+room-high(was)))
			}
			row.Cells = append(row.Cells, strconv.Itoa(was))
		}
		p.Rows = append(p.Rows, row)
	}
	p.Line = strings.Join(line, " ")
	p.Grid = []plotBar{{X: float64(left), Y: top, W: float64(plotWidth - left)}, {X: float64(left), Y: top + room, W: float64(plotWidth - left)}}
	p.Texts = []plotText{
		{float64(left - 4), top + 4, strconv.Itoa(most), "end"},
		{float64(left - 4), top + room + 4, "0", "end"},
		{float64(left), height - 3, names[0], "start"},
	}
	if len(names) > 1 {
		p.Texts = append(p.Texts, plotText{plotWidth, height - 3, names[len(names)-1], "end"})
	}
	return p
}

func point(x, y float64) string {
	return strconv.FormatFloat(round(x), 'f', -1, 64) + "," + strconv.FormatFloat(round(y), 'f', -1, 64)
}

func round(x float64) float64 { return math.Round(x*10) / 10 }

// shortLabel cuts a name to what the room beside a bar holds: a Han character takes two places of twenty.
func shortLabel(name string) string {
	places := 0
	for i, r := range name {
		if unicode.Is(unicode.Han, r) || r > 0x2E80 {
			places++
		}
		if places++; places > 18 {
			return name[:i] + "…"
		}
	}
	return name
}

// sparkline are the points of a small line of values, in a picture of 100 by 20.
func sparkline(values []int) string {
	if len(values) < 2 {
		return ""
	}
	most := 1
	for _, n := range values {
		most = max(most, n)
	}
	var out []string
	for i, n := range values {
		out = append(out, point(98*float64(i)/float64(len(values)-1)+1, 19-18*float64(n)/float64(most)))
	}
	return strings.Join(out, " ")
}
