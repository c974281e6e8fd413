package markdown

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// A mark is a run of *, _ or ~. It stands in the tree where it stands in the
// text; pair says how much of it is emphasis and is not printed.
type mark struct {
	ast.BaseInline
	char   byte
	size   int
	left   int  // how many of its characters are printed
	place  int  // among the marks of its parent, from 1
	line   int  // among the lines of its parent
	part   int  // among the parts of its parent that end with a line and a sentence
	opens  bool // may begin emphasis
	closes bool // may end emphasis
	gap    bool // opens only by the rule for Chinese punctuation
}

var kindMark = ast.NewNodeKind("PolicyMark")

// Kind tells marks from other nodes.
func (*mark) Kind() ast.NodeKind { return kindMark }

// Dump prints the mark for debugging.
func (m *mark) Dump(source []byte, level int) {
	ast.DumpHelper(m, source, level, map[string]string{"Run": fmt.Sprintf("%d of %c", m.size, m.char)}, nil)
}

// marks reads runs of *, _ and ~.
type marks struct{}

// Trigger lists the characters of marks.
func (marks) Trigger() []byte { return []byte{'*', '_', '~'} }

// Parse reads one run.
func (marks) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, _ := block.PeekLine()
	size := len(line) - len(bytes.TrimLeft(line, string(line[:1])))
	after := ' '
	if size < len(line) {
		after, _ = utf8.DecodeRune(line[size:])
	}
	block.Advance(size)
	m := &mark{char: line[0], size: size, left: size}
	m.flank(before, after)
	return m
}

// flank decides what the run may do from the characters on both sides of it.
// The standard asks that the inner side is no blank and, when it is
// punctuation, that the outer side is no word. That fails in Chinese, which has
// no blanks: ** does not close in **注意：**第一条 and does not open in
// 符合**《办法》**的. There it closes after punctuation that does not open a
// bracket, and opens before punctuation that does. A mark never opens before
// punctuation that closes nor closes after a bracket that opens, for （*） and
// *.pdf.
func (m *mark) flank(before, after rune) {
	left := !unicode.IsSpace(after) && (!punct(after) || unicode.IsSpace(before) || punct(before))
	right := !unicode.IsSpace(before) && (!punct(before) || unicode.IsSpace(after) || punct(after))
	switch {
	case m.char == '*' && m.size == 1: // never between the parts of a product: A*B, 10%*B, A*（B+C）*D
		m.opens, m.closes = left && !operand(before), right && !word(after) && !opening(after)
	case m.char == '*' && m.size <= 3 && (!asciiWord(before) || !asciiWord(after)):
		m.gap = !left && word(before) && opening(after)
		m.opens = left || m.gap
		m.closes = right || word(after) && punct(before) && !opening(before)
	case m.char == '_' && m.size == 1:
		m.opens, m.closes = left && !word(before), right && !word(after)
	case m.char == '_' && m.size == 2: // __ after a colon is a blank to be filled in
		m.opens, m.closes = word(after) && !word(before), word(before) && !word(after)
	case m.char == '~' && m.size == 2 && (!word(before) || !numeral(after)):
		m.opens, m.closes = left, right
	}
	m.opens = m.opens && !closing(after)
	m.closes = m.closes && !unicode.In(before, unicode.Ps, unicode.Pi)
}

func punct(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

func word(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

func asciiWord(r rune) bool { return r < utf8.RuneSelf && word(r) }

// operand reports what a part of a product may end with.
func operand(r rune) bool {
	return word(r) || unicode.In(r, unicode.Pe, unicode.Pf, unicode.So) || strings.ContainsRune("%％‰", r)
}

// opening reports brackets and quotation marks that open. A straight quotation
// mark may.
func opening(r rune) bool { return unicode.In(r, unicode.Ps, unicode.Pi) || r == '"' || r == '\'' }

// closing reports brackets and quotation marks that close, and what ends a
// sentence or a part of one.
func closing(r rune) bool {
	return unicode.In(r, unicode.Pe, unicode.Pf) || strings.ContainsRune("，。、；：！？,.;:!?", r)
}

// numeral reports digits and Chinese numerals, the ends of a range.
func numeral(r rune) bool {
	return unicode.IsNumber(r) || strings.ContainsRune("零〇一二三四五六七八九十百千万亿两", r)
}

// pair finds which marks among the children of a node belong together. Every
// opener waits on a stack; a closer takes the last that fits and drops those in
// between. A closer that finds none lets later ones of its sort stop where it
// began, so that the time is linear.
func pair(parent ast.Node, src []byte) {
	var waiting []*mark
	var underscore *mark
	searched := map[[3]int]int{} // sort of closer → place before the last that found none
	place, line, part := 0, 0, 0
	for c := parent.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok && (t.SoftLineBreak() || t.HardLineBreak()) {
			line++
			if endsSentence(src[:t.Segment.Stop]) {
				part++
			}
		}
		m, ok := c.(*mark)
		if !ok {
			continue
		}
		place++
		m.place, m.line, m.part = place, line, part
		for m.closes && m.left > 0 {
			i := m.partner(waiting, searched[m.sort()], underscore)
			if i < 0 {
				searched[m.sort()] = place - 1 // the mark itself may open for the next
				break
			}
			waiting = waiting[:m.join(waiting[i], i)]
		}
		if m.opens && m.left > 0 {
			waiting = append(waiting, m)
		}
		if m.char == '_' {
			underscore = m
		}
	}
}

// endsSentence reports whether s, but for marks, ends like a sentence or a part of one.
func endsSentence(s []byte) bool {
	last, _ := utf8.DecodeLastRune(bytes.TrimRight(s, "*_~ \t\n"))
	return closing(last)
}

// join takes from an opener and its closer what is emphasis, and says how many
// marks still wait when the opener is the one with index i.
func (m *mark) join(o *mark, i int) int {
	took := min(o.left, m.left)
	o.left -= took
	m.left -= took
	if o.left > 0 {
		return i + 1
	}
	return i
}

// partner is the index of the last of the waiting marks that opens what m closes,
// or -1; marks up to the given place are known not to.
func (m *mark) partner(waiting []*mark, searched int, underscore *mark) int {
	for i := len(waiting) - 1; i >= 0 && waiting[i].place > searched; i-- {
		if waiting[i].fits(m, underscore) {
			return i
		}
	}
	return -1
}

// sort is what fits looks at in a closer.
func (m *mark) sort() [3]int {
	gap := 0
	if m.gap {
		gap = 1
	}
	return [3]int{int(m.char), m.size*4 + m.left, gap}
}

// fits reports whether o opens what m closes. Runs are of the same length, but
// for *** which can be ** and * in one. What opened at a Chinese bracket does
// not end at another, for masked names: 张**（男）、李**（女）. An underscore between
// two others means that all are blanks to be filled in.
func (o *mark) fits(m, underscore *mark) bool {
	switch {
	case o.char != m.char, o.left != m.left && o.size != 3 && m.size != 3:
		return false
	case o.char == '_':
		return o == underscore && o.line == m.line
	case o.char == '~', o.left == 1, m.left == 1:
		return o.line == m.line
	}
	return o.part == m.part && (!o.gap || !m.gap)
}
