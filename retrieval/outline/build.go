package outline

import (
	"strconv"
	"strings"
)

// A node is a unit while the lines are handed out.
type node struct {
	label, id string // id: this level only
	style     style
	parent    int
	lines     []int // lines of its own, in order
	numbered  bool  // the first line begins with a number of size markSize
	markSize  int
	titled    bool // the first line is a heading on its own, not text (附件1, 记者提问)
	children  bool
	question  bool
	aside     bool
}

// A builder hands lines to nodes.
type builder struct {
	*parser
	numbered  map[int]int // line of a number → its node
	part      int         // node of the annex, section or question that is open; -1
	cur       int         // node that takes text lines; -1
	questions int
	section   string
}

// build turns lines with roles into nodes.
func (p *parser) build() {
	b := &builder{parser: p, numbered: map[int]int{}, part: -1, cur: -1}
	for i := range p.lines {
		b.line(i)
	}
}

func (b *builder) line(i int) {
	ln := b.lines[i]
	switch ln.role {
	case roleNumber:
		b.number(i)
	case roleAside:
		b.aside(i)
	case roleHead:
		b.fixed(i, b.word("发文信息", "Issuing information"), "head")
	case rolePreface:
		label, id := b.word("前言", "Preface"), "preface"
		if b.transcript {
			label, id = b.word("导语", "Lead"), "intro"
		}
		b.fixed(i, label, id)
	case roleSignature:
		b.fixed(i, b.word("落款", "Signature"), "signature")
	case roleAnnex:
		b.annex(i)
	case roleSection:
		b.open(node{label: b.word("记者提问", "Questions"), id: "questions", titled: true}, i)
	case roleNext:
		b.open(node{label: b.word("下一步", "Next steps"), id: "next"}, i)
	case roleSpeaker:
		b.speaker(i)
	case roleReporter:
		b.reporter(i)
	case roleQuestion:
		b.questions++
		n := strconv.Itoa(b.questions)
		b.open(node{label: b.word("问", "Q") + n, id: "q" + n}, i)
		b.section = "faq"
	default:
		b.textLine(i)
	}
}

// add appends a node below parent.
func (b *builder) add(n node, parent int) int {
	n.parent = parent
	if parent >= 0 && !n.aside {
		b.nodes[parent].children = true
	}
	b.nodes = append(b.nodes, n)
	return len(b.nodes) - 1
}

// open starts a part: an annex, a section, a question.
func (b *builder) open(n node, i int) {
	if i >= 0 {
		n.lines = []int{i}
	}
	b.part = b.add(n, -1)
	b.cur, b.section = b.part, n.id
}

// fixed adds line i to the current node when it has this label, else to a new
// one at the top.
func (b *builder) fixed(i int, label, id string) {
	if b.cur < 0 || b.nodes[b.cur].label != label {
		b.cur = b.add(node{label: label, id: id}, -1)
	}
	b.nodes[b.cur].lines = append(b.nodes[b.cur].lines, i)
}

// aside adds a line that no unit owns. A unit never goes on beyond one.
func (b *builder) aside(i int) {
	b.add(node{aside: true, lines: []int{i}}, b.part)
	b.cur = -1
}

func (b *builder) number(i int) {
	m := b.lines[i].mark
	parent := b.part
	if above := b.lines[i].above; above >= 0 {
		parent = b.numbered[above]
	}
	b.cur = b.add(node{label: m.label, id: markID(m), style: m.style, numbered: true, markSize: m.size, lines: []int{i}}, parent)
	b.numbered[i] = b.cur
}

func (b *builder) annex(i int) {
	m := annexLine.FindStringSubmatch(b.lines[i].text)
	name := "附件"
	switch word := b.lines[i].text; {
	case strings.HasPrefix(word, "附表"):
		name = "附表"
	case isASCII(word):
		name, _, _ = strings.Cut(word, " ")
		name = strings.TrimRight(name, ":.") + " "
	}
	n := strings.Map(fold, m[1])
	id := "annex" + strings.ToLower(n)
	if v, _, han := number(n); han {
		id = "annex" + strconv.Itoa(v)
	}
	b.open(node{label: strings.TrimSpace(name + n), id: id, titled: true}, i)
}

// speaker opens a statement under the speaker's name, or starts the answer to
// a question.
func (b *builder) speaker(i int) {
	alone := speakerLine.FindString(b.lines[i].text) == b.lines[i].text
	if b.section != "questions" || hosts(b.lines[i].text) {
		b.open(node{label: b.word("通报", "Statement"), id: "statement", titled: alone}, i)
		return
	}
	if alone {
		b.aside(i)
	}
	label, id := b.word("答复", "Answer"), "answer"
	for j := i + 1; j < len(b.lines); j++ {
		if r := b.lines[j].role; r == roleNumber {
			label, id = b.word("答复引言", "Answer introduction"), "answer-lead"
		} else if r == roleText {
			continue
		}
		break
	}
	n := node{label: label, id: id}
	if !alone {
		n.lines = []int{i}
	}
	b.cur = b.add(n, b.part)
}

func (b *builder) reporter(i int) {
	if b.section != "questions" || b.nodes[b.part].children {
		b.open(node{label: b.word("记者提问", "Questions"), id: "questions"}, -1)
	}
	b.cur = b.add(node{label: b.word("提问", "Question"), id: "question", question: true, lines: []int{i}}, b.part)
}

// textLine gives line i to the open node. A line that only introduces the list
// that starts on the next line is set aside unless it is all the node has.
func (b *builder) textLine(i int) {
	if b.cur < 0 {
		b.cur = b.add(node{label: b.word("正文", "Text"), id: "text"}, b.part)
	}
	if b.opensList(i) && introduces(b.lines[i].text) {
		b.aside(i)
		return
	}
	b.nodes[b.cur].lines = append(b.nodes[b.cur].lines, i)
}

// opensList reports whether a list below the open node begins after line i.
func (b *builder) opensList(i int) bool {
	if i+1 >= len(b.lines) || b.lines[i+1].role != roleNumber {
		return false
	}
	own := b.nodes[b.cur].lines
	next := b.lines[i+1]
	return next.mark.n == 1 || len(own) > 0 && next.above == own[0]
}

var styleIDs = map[style]string{
	stylePart: "part", styleChapter: "chapter", styleSection: "section", styleArticle: "art",
	styleParagraph: "para", styleItem: "item", styleHan: "h", styleHanBracket: "b", styleArabic: "n",
	styleDecimal: "n", styleDecimal3: "n", styleArabicBracket: "m", styleLetter: "l", styleRoman: "r",
	styleCircled: "c", styleOrdinal: "s",
}

// markID writes a number as [a-z0-9-]+: 一、 h1, （四） b4, 第三条之一 art3x1.
func markID(m mark) string {
	id := styleIDs[m.style] + strconv.Itoa(m.n)
	switch {
	case m.style == styleDecimal || m.style == styleDecimal3:
		id = "n" + strings.ReplaceAll(m.label, ".", "-")
	case m.sub > 0:
		id += "x" + strconv.Itoa(m.sub)
	}
	return id
}
