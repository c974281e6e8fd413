package markdown

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	table "github.com/yuin/goldmark/extension/ast"
)

// A printer writes the text of a syntax tree.
type printer struct {
	src    []byte
	out    []byte // whole lines
	line   []byte // the line that is being written
	prefix []byte // numbers and bullets that wait for the first line of their item
	at     int    // where in the source the last block ended
	cell   bool   // in a cell of a table, which has no line breaks
	cells  int    // of this row so far, for tables of HTML
}

// block prints a block and all below it.
func (p *printer) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.HTMLBlock:
		p.leaf(n, func() { p.write(rest(n, p.src)) })
	case *ast.FencedCodeBlock:
		p.code(n)
	case *ast.ThematicBreak, *ast.LinkReferenceDefinition:
	case *ast.List:
		p.list(n)
	case *table.Table:
		p.table(n)
	case *ast.Paragraph, *ast.TextBlock, *ast.Heading:
		p.leaf(n, func() { p.inline(n) })
	default:
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			p.block(c)
		}
	}
}

// leaf prints a block that has lines of its own.
func (p *printer) leaf(n ast.Node, content func()) {
	lines := n.Lines()
	if lines.Len() == 0 {
		return
	}
	p.begin(lines.At(0).Start)
	content()
	p.end(lines.At(lines.Len() - 1).Stop)
	if h, ok := n.(*ast.HTMLBlock); ok && h.HasClosure() {
		p.at = max(p.at, h.ClosureLine.Stop)
	}
}

// begin starts a block at a place in the source. A blank line in the source
// since the block before it becomes one in the text.
func (p *printer) begin(start int) {
	if p.at > 0 && p.src[p.at-1] == '\n' {
		p.at--
	}
	if p.at < start && hasBlankLine(p.src[p.at:start]) {
		p.blankLine()
	}
}

// blankLine leaves a line blank, unless that is the first one or one is blank already.
func (p *printer) blankLine() {
	if len(p.out) > 0 && !bytes.HasSuffix(p.out, []byte("\n\n")) {
		p.out = append(p.out, '\n')
	}
}

// hasBlankLine reports whether a line in the gap between two blocks has nothing
// on it but the marks of quotations.
func hasBlankLine(gap []byte) bool {
	for {
		i := bytes.IndexByte(gap, '\n')
		if i < 0 {
			return false
		}
		gap = gap[i+1:]
		if rest := bytes.TrimLeft(gap, " \t>"); len(rest) > 0 && rest[0] == '\n' {
			return true
		}
	}
}

// end finishes a block that goes up to a place in the source.
func (p *printer) end(stop int) {
	p.cells = 0
	p.endLine()
	p.at = max(p.at, stop)
}

// endLine puts the line that is being written to the others, if it says anything.
func (p *printer) endLine() {
	if line := bytes.TrimFunc(p.line, blank); len(line) > 0 {
		p.put(line)
	}
	p.line = p.line[:0]
}

func (p *printer) put(line []byte) {
	p.out = append(p.out, p.prefix...)
	p.out = append(p.out, line...)
	p.out = append(p.out, '\n')
	p.prefix = p.prefix[:0]
}

// write adds text to the line; a line feed in it is a line break.
func (p *printer) write(s []byte) {
	for {
		i := bytes.IndexByte(s, '\n')
		if i < 0 {
			p.line = append(p.line, s...)
			return
		}
		p.line = append(p.line, s[:i]...)
		p.lineBreak()
		s = s[i+1:]
	}
}

// lineBreak ends the line, or in a table row leaves a blank.
func (p *printer) lineBreak() {
	if !p.cell && p.cells == 0 {
		p.endLine()
		return
	}
	if n := len(p.line); n > 0 && p.line[n-1] != ' ' {
		p.line = append(p.line, ' ')
	}
}

// code prints the lines of a code block as they are, and what stands beside the
// opening fence unless it is the name of a language.
func (p *printer) code(n *ast.FencedCodeBlock) {
	lines := n.Lines()
	if n.Info != nil {
		if info := n.Info.Segment.Value(p.src); bytes.ContainsFunc(info, func(r rune) bool { return r >= utf8.RuneSelf }) {
			p.begin(n.Info.Segment.Start)
			p.write(info)
			p.end(n.Info.Segment.Stop)
		}
	}
	if lines.Len() == 0 {
		return
	}
	p.begin(lines.At(0).Start)
	for i := range lines.Len() {
		line := lines.At(i)
		if value := bytes.TrimRightFunc(line.Value(p.src), blank); len(value) > 0 {
			p.put(value)
		} else {
			p.blankLine()
		}
	}
	p.end(lines.At(lines.Len() - 1).Stop)
}

// list prints the items of a list, each after its number or bullet.
func (p *printer) list(n *ast.List) {
	counted := p.counted(n)
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		printed := markerOf(item)
		switch {
		case counted:
			printed = strconv.Itoa(number) + printed[len(printed)-1:]
			number++
		case !n.IsOrdered() && !p.startsWithDigit(item):
			printed = "-"
		}
		p.prefix = append(append(p.prefix, printed...), ' ')
		p.block(item)
		if len(p.prefix) > 0 { // an item without a word
			last := bytes.TrimRight(p.prefix, " ")
			p.prefix = nil
			p.put(last)
		}
	}
}

func markerOf(item ast.Node) string {
	if printed, ok := item.AttributeString(markerName); ok {
		return printed.(string)
	}
	return "-"
}

// counted reports whether all items of an ordered list have the same number, so
// that a reader of Markdown sees them counted. Lines at the margin between items
// are a sign that they are not one list: （一） 1. （二） 1.
func (p *printer) counted(n *ast.List) bool {
	if !n.IsOrdered() || n.ChildCount() < 2 {
		return false
	}
	first := markerOf(n.FirstChild())
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		if markerOf(item) != first || p.atMargin(item) {
			return false
		}
	}
	return true
}

// atMargin reports whether a block goes on in a line that is not indented.
func (p *printer) atMargin(n ast.Node) bool {
	if n.Type() != ast.TypeBlock {
		return false
	}
	for i := 1; i < n.Lines().Len(); i++ {
		if start := n.Lines().At(i).Start; p.src[start-1] == '\n' {
			return true
		}
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if p.atMargin(c) {
			return true
		}
	}
	return false
}

func (p *printer) startsWithDigit(n ast.Node) bool {
	for n != nil && n.Type() == ast.TypeBlock {
		if n.Lines().Len() > 0 {
			line := n.Lines().At(0)
			value := line.Value(p.src)
			return len(value) > 0 && value[0] >= '0' && value[0] <= '9'
		}
		n = n.FirstChild()
	}
	return false
}

// table prints a line for each row.
func (p *printer) table(n *table.Table) {
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		start, stop := -1, 0
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			if c.Lines().Len() > 0 {
				stop = c.Lines().At(0).Stop
				if start < 0 {
					start = c.Lines().At(0).Start
				}
			}
			cells = append(cells, p.cellText(c))
		}
		if start < 0 {
			continue
		}
		if row.LastChild().Lines().Len() > 0 {
			cells = append(cells, p.overflow(stop)...)
		}
		for len(cells) > 0 && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		p.begin(start)
		p.line = append(p.line, strings.Join(cells, " | ")...)
		p.end(stop)
		p.at = max(p.at, stop+max(0, bytes.IndexByte(p.src[stop:], '\n')))
	}
}

func (p *printer) cellText(n ast.Node) string {
	p.cell = true
	p.inline(n)
	text := strings.TrimFunc(string(p.line), blank)
	p.line, p.cell = p.line[:0], false
	return text
}

// overflow are the cells of a row beyond those of the head, which would
// otherwise be lost.
func (p *printer) overflow(stop int) []string {
	tail := p.src[stop:]
	if end := bytes.IndexByte(tail, '\n'); end >= 0 {
		tail = tail[:end]
	}
	var cells []string
	for _, cell := range strings.Split(string(tail), "|")[1:] {
		cells = append(cells, strings.TrimFunc(cell, blank))
	}
	return cells
}

// inline prints the text below a node.
func (p *printer) inline(parent ast.Node) {
	pair(parent, p.src)
	for c := parent.FirstChild(); c != nil; c = c.NextSibling() {
		switch n := c.(type) {
		case *ast.Text:
			p.text(n)
		case *mark:
			p.write(bytes.Repeat([]byte{n.char}, n.left))
		case *ast.AutoLink:
			p.write(n.Label(p.src))
		case *ast.Link:
			p.link(n, "[")
		case *ast.Image:
			p.link(n, "![")
		case *ast.RawHTML:
			p.tag(n)
		default:
			p.inline(n)
		}
	}
}

func (p *printer) text(n *ast.Text) {
	value := n.Segment.Value(p.src)
	switch {
	case !n.IsRaw():
		p.write(unescape(value))
	case p.cell:
		p.write(bytes.ReplaceAll(value, []byte(`\|`), []byte("|")))
	default:
		p.write(value)
	}
	if n.SoftLineBreak() || n.HardLineBreak() {
		p.lineBreak()
	}
}

// link prints the text of a link or image, and all of it when it is none.
func (p *printer) link(n ast.Node, opening string) {
	tail, isText := n.AttributeString(tailName)
	if isText {
		p.write([]byte(opening))
	}
	p.inline(n)
	if isText {
		p.write([]byte(tail.(string)))
	}
}

// tag prints what a tag of HTML stands for: a line break or the next cell.
func (p *printer) tag(n *ast.RawHTML) {
	raw := rawHTML(n, p.src)
	name, _, _ := splitTag(raw)
	closes := strings.HasPrefix(raw, "</")
	switch {
	case p.cell && !lineElements[name]:
	case name == "td" || name == "th":
		if !closes {
			p.nextCell()
		}
	case lineElements[name]:
		if tableElements[name] && !p.cell {
			p.cells = 0
		}
		p.lineBreak()
	}
}

// nextCell starts a cell of a table of HTML.
func (p *printer) nextCell() {
	if p.cells > 0 {
		p.line = append(bytes.TrimRight(p.line, " "), " | "...)
	} else {
		p.endLine()
	}
	p.cells++
}
