package eval

import (
	"strings"
	"unicode"
)

// A table is rows of cells in columns that line up in a fixed-width font, Han
// characters counted as two columns wide.
type table struct {
	rows   [][]string
	labels int // a further column that reads from the left; 0 for none
}

// row adds a row. One with a single cell is a line of its own and does not
// widen the first column.
func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

// write prints the table: the first column and the one for labels to the left,
// the others to the right, two blanks between columns and none at the end of a
// line.
func (t *table) write(b *strings.Builder) {
	var widths []int
	for _, row := range t.rows {
		if len(row) == 1 {
			continue
		}
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], width(cell))
		}
	}
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			switch {
			case len(row) == 1:
				line.WriteString(cell)
			case i == 0:
				line.WriteString(cell + blanks(widths[0]-width(cell)))
			case i == t.labels:
				line.WriteString("  " + cell + blanks(widths[i]-width(cell)))
			default:
				line.WriteString("  " + blanks(widths[i]-width(cell)) + cell)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

func blanks(n int) string { return strings.Repeat(" ", max(n, 0)) }

// width is the number of columns that a text takes in a fixed-width font.
func width(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case unicode.Is(wide, r):
			n += 2
		default:
			n++
		}
	}
	return n
}

// wide are the blocks whose characters take two columns.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, // Hangul Jamo
		{Lo: 0x2e80, Hi: 0x303e, Stride: 1}, // radicals, CJK punctuation
		{Lo: 0x3041, Hi: 0x4dbf, Stride: 1}, // kana to CJK extension A
		{Lo: 0x4e00, Hi: 0xa4cf, Stride: 1}, // CJK, Yi
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1}, // Hangul
		{Lo: 0xf900, Hi: 0xfaff, Stride: 1}, // CJK compatibility
		{Lo: 0xfe30, Hi: 0xfe6f, Stride: 1}, // CJK compatibility forms
		{Lo: 0xff00, Hi: 0xff60, Stride: 1}, // full-width forms
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1f300, Hi: 0x1f64f, Stride: 1}, // pictographs
		{Lo: 0x1f900, Hi: 0x1f9ff, Stride: 1},
		{Lo: 0x20000, Hi: 0x3fffd, Stride: 1}, // CJK extensions B and on
	},
}
