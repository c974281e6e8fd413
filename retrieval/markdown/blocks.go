package markdown

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// maxDepth is how many containers (quotations, lists, items) may stand in one
// another. Below that their marks are text. Each line costs a step for every
// container it stands in, so the bound keeps the time linear.
const maxDepth = 32

func tooDeep(n ast.Node) bool {
	depth := 0
	for ; n != nil && depth < maxDepth; n = n.Parent() {
		depth++
	}
	return depth == maxDepth
}

// lists opens lists down to maxDepth.
type lists struct{ parser.BlockParser }

func (l lists) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	node, state := l.BlockParser.Open(parent, reader, pc)
	if node != nil && tooDeep(parent) {
		return nil, parser.NoChildren
	}
	return node, state
}

// underlines reads headings of the form text and --- below it. Where the text
// has a table in it, --- ends that and is no heading: the parser would print
// the table first.
type underlines struct{ parser.BlockParser }

var tabularKey = parser.NewContextKey()

func (u underlines) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	last := pc.LastOpenedBlock().Node
	node, state := u.BlockParser.Open(parent, reader, pc)
	if node == nil {
		return nil, state
	}
	if pc.Get(tabularKey) == last { // known, so that it is not searched for every line below
		return nil, parser.NoChildren
	}
	for i := 1; i < last.Lines().Len(); i++ {
		line := last.Lines().At(i)
		if delimits(line.Value(reader.Source())) {
			pc.Set(tabularKey, last)
			return nil, parser.NoChildren
		}
	}
	return node, state
}

// delimits reports whether a line has nothing but what stands below the head of a table.
func delimits(line []byte) bool { return len(bytes.Trim(line, "-|: \t\n")) == 0 }

// markerName is the attribute of a list item that holds its number or bullet.
const markerName = "marker"

var marker = regexp.MustCompile(`^ {0,3}([-+*]|[0-9]{1,9}[.)])`)

// items notes the number or bullet of an item as it is printed: the syntax tree
// has only the number of the first.
type items struct{ parser.BlockParser }

func (i items) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	found := marker.FindSubmatch(line)
	node, state := i.BlockParser.Open(parent, reader, pc)
	if node != nil && found != nil {
		node.SetAttributeString(markerName, string(found[1]))
	}
	return node, state
}

// quotes opens quotations down to maxDepth, but none at >5% or >=3.
type quotes struct{ parser.BlockParser }

func (q quotes) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	if next := pc.BlockOffset() + 1; next > 0 && next < len(line) {
		if c := line[next]; c == '=' || c >= '0' && c <= '9' {
			return nil, parser.NoChildren
		}
	}
	if tooDeep(parent) {
		return nil, parser.NoChildren
	}
	return q.BlockParser.Open(parent, reader, pc)
}

// paragraphs takes indented lines, which the standard calls code.
type paragraphs struct{ parser.BlockParser }

func (paragraphs) CanAcceptIndentedLine() bool { return true }

// hidden opens only the HTML blocks whose content nobody sees: comments of
// several lines, scripts and styles. Other elements are read as paragraphs with
// tags in them.
type hidden struct{ parser.BlockParser }

var (
	commentEnd = []byte("-->")
	hiddenOpen = regexp.MustCompile(`(?i)^ {0,3}<(?:(!--)|(?:script|style)[\s>])`)
	scriptEnd  = regexp.MustCompile(`(?i)</(?:script|pre|style|textarea)>`)
)

func (h hidden) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	found := hiddenOpen.FindSubmatchIndex(line)
	if found == nil {
		return nil, parser.NoChildren
	}
	comment := found[2] >= 0
	if comment && bytes.Contains(line, commentEnd) || !endsOf(pc).after(reader.Source(), segment.Start, comment) {
		return nil, parser.NoChildren
	}
	return h.BlockParser.Open(parent, reader, pc)
}

// rest is what follows the end of a hidden block on its last line, or all of it
// when the block was cut off by the end of the container around it.
func rest(n *ast.HTMLBlock, src []byte) []byte {
	var raw []byte
	for _, s := range n.Lines().Sliced(0, n.Lines().Len()) {
		raw = append(raw, s.Value(src)...)
	}
	if n.HasClosure() {
		raw = append(raw, n.ClosureLine.Value(src)...)
	}
	if n.HTMLBlockType == ast.HTMLBlockType2 {
		if _, after, ok := bytes.Cut(raw, commentEnd); ok {
			return after
		}
		return raw
	}
	if end := scriptEnd.FindIndex(raw); end != nil {
		return raw[end[1]:]
	}
	return raw
}

// ends remembers the next end of a comment [0] and of a script [1], so that a
// document with many beginnings is searched once.
type ends [2]int

var endsKey = parser.NewContextKey()

func endsOf(pc parser.Context) *ends {
	return pc.ComputeIfAbsent(endsKey, func() any { return &ends{-1, -1} }).(*ends)
}

// after reports whether a hidden block ends anywhere after at.
func (e *ends) after(src []byte, at int, comment bool) bool {
	known := &e[1]
	if comment {
		known = &e[0]
	}
	if *known < at {
		next := -1
		if comment {
			next = bytes.Index(src[at:], commentEnd)
		} else if found := scriptEnd.FindIndex(src[at:]); found != nil {
			next = found[0]
		}
		*known = at + next
		if next < 0 {
			*known = len(src)
		}
	}
	return *known < len(src)
}

// definitions reads [label]: address at the start of a paragraph. A paragraph
// in which any such line has words instead of an address is text. Each
// definition moves all lines of the paragraph, hence the bound.
type definitions struct{ parser.ParagraphTransformer }

const maxMoves = 1 << 20

func (d definitions) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines := node.Lines()
	count := 0
	for i := range lines.Len() {
		line := lines.At(i)
		value := bytes.TrimLeft(line.Value(reader.Source()), " \t")
		if !bytes.HasPrefix(value, []byte("[")) {
			if i == 0 {
				return
			}
			continue
		}
		_, target, ok := bytes.Cut(value, []byte("]:"))
		fields := bytes.Fields(target)
		if !ok || len(fields) == 0 || !isAddress(bytes.Trim(fields[0], "<>")) {
			return
		}
		count++
	}
	if count*lines.Len() <= maxMoves {
		d.ParagraphTransformer.Transform(node, reader, pc)
	}
}

// address is what the target of a link looks like: https:…, /path, #part,
// ../file.pdf, dir/page, example.com; but not 12号 or 1/2.
var address = regexp.MustCompile(`^(?:[A-Za-z][A-Za-z0-9+.-]+:|/|\.{1,2}/|#|\?)` +
	`|[A-Za-z].*/|/.*[A-Za-z]|\.[A-Za-z][A-Za-z0-9]{0,5}(?:[?#].*)?$`)

func isAddress(target []byte) bool { return address.Match(target) }

// tables reads tables. Rows that are short are filled up with cells, so a table
// whose cells would far outnumber its bytes is text.
type tables struct{ parser.ParagraphTransformer }

func (t tables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines := node.Lines()
	columns, size := 0, 0
	for i := range lines.Len() {
		line := lines.At(i)
		value := line.Value(reader.Source())
		size += len(value)
		if delimits(value) {
			columns = max(columns, bytes.Count(value, []byte("|"))+1)
		}
	}
	if columns*lines.Len() <= 4096+16*size {
		t.ParagraphTransformer.Transform(node, reader, pc)
	}
}
