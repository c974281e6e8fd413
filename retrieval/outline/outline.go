// Package outline cuts the text of a policy document into clauses. Strings go
// in, byte offsets come out; it knows nothing of files, catalogues or search.
//
// Chinese policy texts number their units 编, 章, 节, 条 or 一、 （一） 1. （1） ①
// 一是, mix half and full width, put headings on a line of their own or run
// them into the text, and are copied from web pages with NBSP, U+3000 and table
// remnants. English ones use Part, Chapter, Section, Article, 1. and (a). The
// order of levels follows 党政机关公文格式 (GB/T 9704-2012, 7.3.3: 一、 （一） 1.
// （1）) and 立法法 (编, 章, 节, 条, 款, 项, 目), unless a document itself shows another order.
//
// A leaf is the smallest numbered unit together with its own heading, its
// unnumbered paragraphs and its line of responsible departments. A unit that
// has numbered units below it is a heading; text of its own becomes the leaf
// "引言" below it. Leaves and headings together cover every character of the
// document that is not blank, without overlap.
package outline

import "strings"

// A Span is the half-open byte range [Start, End) of a text.
type Span struct{ Start, End int }

// Len is the number of bytes in the span.
func (s Span) Len() int { return s.End - s.Start }

// A Unit is one piece of a document: a leaf, a heading, or an aside (a bare
// title, a table of contents, a speaker's name, a line that only introduces a
// list), which has no label and is never cited.
type Unit struct {
	Label       string   // as printed, half-width: 一, (四), 12, 第三条, 前言; empty for an aside
	Path        string   // labels from the outermost, joined by "/"; empty for an aside
	ID          string   // path in [a-z0-9.-]+, unique in the document
	Heading     string   // own heading without number and closing mark; may be empty
	Parent      int      // index of the enclosing unit in Outline.Units, always smaller; -1 at the top
	Leaf        bool     // may be cited
	Span        Span     // the text that this unit alone owns; empty for a heading whose words stand in its 引言
	Departments []string // leaves only: responsible bodies, the lead body first when it is said
	Question    bool     // a question put by a reporter: not the issuer's word
}

// An Outline is the clause tree of a text.
type Outline struct {
	Units      []Unit // in document order
	Title      string // from the head of the document; empty when none is printed
	Transcript bool   // speakers take turns: a press conference or interview
	FAQ        bool   // questions and answers
	English    bool   // labels of unnumbered units are English
}

// Leaves are the indices of the leaf units, in order.
func (o Outline) Leaves() []int {
	var out []int
	for i, u := range o.Units {
		if u.Leaf {
			out = append(out, i)
		}
	}
	return out
}

// Parents are the headings of the units that enclose unit i, outermost first.
func (o Outline) Parents(i int) []string {
	var out []string
	for p := o.Units[i].Parent; p >= 0; p = o.Units[p].Parent {
		if h := o.Units[p].Heading; h != "" {
			out = append([]string{h}, out...)
		}
	}
	return out
}

// Parse cuts text, which must be valid UTF-8 with LF line ends. It never fails
// and runs in time linear in len(text); a text without any numbering is one
// leaf, a blank text has no units.
func Parse(text string) Outline {
	p := &parser{text: text, lines: splitLines(text)}
	if len(p.lines) == 0 {
		return Outline{}
	}
	p.english = !strings.ContainsFunc(text, isHan)
	p.markContents()
	p.markSpeakers()
	p.markQuestions()
	p.markAnnexes()
	p.markNumbers()
	p.markHeadAndSignature()
	p.build()
	if o := p.outline(); len(o.Leaves()) > 0 {
		return o
	}
	return p.whole()
}

// whole is the outline of a text that is all heading: one leaf.
func (p *parser) whole() Outline {
	label := p.word("正文", "Text")
	span := Span{p.lines[0].start, p.lines[len(p.lines)-1].end}
	return Outline{Title: p.title, English: p.english, Units: []Unit{{
		Label: label, Path: label, ID: "text", Parent: -1, Leaf: true, Span: span,
		Departments: Departments(p.text[span.Start:span.End]),
	}}}
}

// A parser holds the lines of one text while roles are given to them.
type parser struct {
	text       string
	lines      []line
	nodes      []node
	title      string
	transcript bool
	faq        bool
	english    bool
}

// word picks the label of an unnumbered unit in the document's language.
func (p *parser) word(zh, en string) string {
	if p.english {
		return en
	}
	return zh
}
