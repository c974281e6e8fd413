package terminal

import (
	"strings"
)

// A Table is rows of cells under a header, in columns that line up.
type Table struct {
	Columns []Column // the last one takes what room is left on the line
	Rows    []Row
}

// A Column is one column of a [Table].
type Column struct {
	Head   string
	Right  bool // aligned to the right, as numbers are
	Keep   bool // never truncated in columns, as an id that people copy
	Enough int  // cells beyond which it gives way to the last column; 0: none
	Fold   bool // goes below the row where the last column gets little room
}

// A Row is one row of a [Table].
type Row struct {
	Cells []string // in the order of the columns; missing ones are empty
	Notes []string // lines below the row, such as the reasons for its rank
}

const (
	gap       = "  "  // between columns
	dot       = " · " // between cells below a row
	minColumn = 8     // cells to which a column is narrowed before the layout changes
	minText   = 16    // cells that running text must get, if it is as wide
	goodText  = 32    // cells that it gets before columns are folded
)

// Table writes a table, no line wider than the screen. Columns beyond what is
// enough for them give way to the last one; then those to be folded go below
// the row, without their headers; then the last column is truncated, and the
// others narrowed. Where even that is not enough, each row becomes a block of
// lines "header  cell", in which nothing is truncated and empty cells are left
// out. A table without rows is its header.
func (s *Screen) Table(t Table) {
	if len(t.Columns) == 0 {
		return
	}
	t = t.clean()
	var b strings.Builder
	if folded, widths, ok := t.layout(s.width); ok {
		s.rows(&b, folded, widths)
	} else {
		s.blocks(&b, t)
	}
	s.write(b.String())
}

// clean is t with every text cleaned and each row as long as the header.
func (t Table) clean() Table {
	out := Table{Columns: make([]Column, len(t.Columns)), Rows: make([]Row, len(t.Rows))}
	for i, c := range t.Columns {
		c.Head = cleanLine(c.Head)
		out.Columns[i] = c
	}
	for i, row := range t.Rows {
		cells := make([]string, len(t.Columns))
		for j, cell := range row.Cells[:min(len(row.Cells), len(cells))] {
			cells[j] = cleanLine(cell)
		}
		out.Rows[i].Cells = cells
		for _, note := range row.Notes {
			out.Rows[i].Notes = append(out.Rows[i].Notes, cleanLine(note))
		}
	}
	return out
}

// layout is the table that is shown, t or t folded, and the width of each
// column, or not ok where the columns do not fit.
func (t Table) layout(width int) (shown Table, widths []int, ok bool) {
	natural := t.natural()
	last := len(natural) - 1
	widths, room := t.narrow(width, natural[last], func(c Column) int { return c.Enough })
	if room < min(natural[last], goodText) {
		if folded, ok := t.fold(); ok {
			return folded.layout(width)
		}
	}
	least := min(natural[last], minText)
	if t.Columns[last].Keep {
		least = natural[last]
	}
	if room < least {
		widths, room = t.narrow(width, least, func(Column) int { return minColumn })
	}
	widths[last] = min(natural[last], room)
	return t, widths, room >= least
}

// narrow takes from the widest columns but the last until the last has the room
// it wants. Columns stay as wide as their floor; those that are kept, or have no
// floor, stay as they are.
func (t Table) narrow(width, wanted int, floor func(Column) int) (widths []int, room int) {
	widths = t.natural()
	last := len(widths) - 1
	room = width - len(gap)*last
	for _, w := range widths[:last] {
		room -= w
	}
	for room < wanted {
		widest := -1
		for i, w := range widths[:last] {
			least := floor(t.Columns[i])
			if !t.Columns[i].Keep && least > 0 && w > least && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
		room++
	}
	return widths, room
}

// natural is the width of each column if there is room for all.
func (t Table) natural() []int {
	widths := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		widths[i] = Width(c.Head)
		for _, row := range t.Rows {
			widths[i] = max(widths[i], Width(row.Cells[i]))
		}
	}
	return widths
}

// fold is t with the columns to be folded in the first note of each row, or not
// ok where there are none.
func (t Table) fold() (folded Table, ok bool) {
	folded.Rows = make([]Row, len(t.Rows))
	for i, c := range t.Columns {
		if !c.Fold {
			folded.Columns = append(folded.Columns, c)
		}
		for j, row := range t.Rows {
			to := &folded.Rows[j]
			switch cell := row.Cells[i]; {
			case !c.Fold:
				to.Cells = append(to.Cells, cell)
			case cell == "":
			case len(to.Notes) == 0:
				to.Notes = []string{cell}
			default:
				to.Notes[0] += dot + cell
			}
		}
	}
	for j, row := range t.Rows {
		folded.Rows[j].Notes = append(folded.Rows[j].Notes, row.Notes...)
	}
	return folded, len(folded.Columns) < len(t.Columns) && len(folded.Columns) > 0
}

// rows writes a table in columns.
func (s *Screen) rows(b *strings.Builder, t Table, widths []int) {
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.Head
	}
	b.WriteString(s.paint(t.join(head, widths), bold) + "\n")
	for _, row := range t.Rows {
		b.WriteString(t.join(row.Cells, widths) + "\n")
		s.notes(b, row.Notes)
	}
}

// join puts the cells of a row on one line, with no blanks at its end.
func (t Table) join(cells []string, widths []int) string {
	fitted := make([]string, len(cells))
	for i, cell := range cells {
		cell = Truncate(cell, widths[i])
		if t.Columns[i].Right {
			fitted[i] = padLeft(cell, widths[i])
		} else {
			fitted[i] = Pad(cell, widths[i])
		}
	}
	return strings.TrimRight(strings.Join(fitted, gap), " ")
}

// notes writes the lines below a row.
func (s *Screen) notes(b *strings.Builder, notes []string) {
	for _, note := range notes {
		for _, l := range Wrap("    "+note, s.width, "      ") {
			b.WriteString(s.paint(l, dim) + "\n")
		}
	}
}

// blocks writes a table as a block of lines for each row.
func (s *Screen) blocks(b *strings.Builder, t Table) {
	label, room := 0, minText
	natural := t.natural()
	for i, c := range t.Columns {
		label = max(label, Width(c.Head)+len(gap))
		if c.Keep {
			room = max(room, natural[i])
		}
	}
	beside := s.width-label >= room // a cell starts on the line of its header
	for n, row := range t.Rows {
		if n > 0 {
			b.WriteByte('\n')
		}
		for i, cell := range row.Cells {
			switch head := t.Columns[i].Head; {
			case cell == "":
			case beside:
				for j, l := range Wrap(cell, s.width-label, "") {
					if j > 0 {
						head = ""
					}
					b.WriteString(s.paint(head, bold) + blanks(label-Width(head)) + l + "\n")
				}
			default:
				b.WriteString(s.paint(Truncate(head, s.width), bold) + "\n")
				for _, l := range Wrap(gap+cell, s.width, gap) {
					b.WriteString(l + "\n")
				}
			}
		}
		s.notes(b, row.Notes)
	}
}
