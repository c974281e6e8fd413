package outline

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// outline turns nodes into units: leaves, headings and asides.
func (p *parser) outline() Outline {
	o := Outline{Title: p.title, Transcript: p.transcript, FAQ: p.faq, English: p.english}
	at := make([]int, len(p.nodes)) // node → unit
	ids := map[string]int{}
	for k, n := range p.nodes {
		parent := -1
		if n.parent >= 0 {
			parent = at[n.parent]
		}
		at[k] = len(o.Units)
		if n.aside {
			o.Units = append(o.Units, Unit{Parent: parent, Span: p.span(n.lines)})
			continue
		}
		u := Unit{Label: n.label, Path: n.label, ID: n.id, Parent: parent, Question: n.question}
		if parent >= 0 {
			u.Path = o.Units[parent].Path + "/" + n.label
			u.ID = o.Units[parent].ID + "." + n.id
		}
		u.ID = unique(ids, u.ID)
		p.emit(&o, ids, n, u)
	}
	return o
}

// unique appends -2, -3 … to an id that was given before.
func unique(ids map[string]int, id string) string {
	ids[id]++
	if n := ids[id]; n > 1 {
		return id + "-" + strconv.Itoa(n)
	}
	return id
}

// emit appends the units of one node: itself, and where it has units below it
// and text of its own, that text as the leaf 引言.
func (p *parser) emit(o *Outline, ids map[string]int, n node, u Unit) {
	heading, own := p.heading(n)
	u.Heading = heading
	if !n.children {
		if len(n.lines) == 0 { // a section without a word
			o.Units = append(o.Units, u)
			return
		}
		u.Leaf, u.Span = true, p.span(n.lines)
		u.Departments = Departments(p.text[u.Span.Start:u.Span.End])
		o.Units = append(o.Units, u)
		return
	}
	lead := n.lines[own:]
	u.Span = p.span(n.lines[:own])
	o.Units = append(o.Units, u)
	if len(lead) == 0 {
		return
	}
	word, id := p.word("引言", "Introduction"), "lead"
	span := p.span(lead)
	o.Units = append(o.Units, Unit{
		Label: word, Path: u.Path + "/" + word, ID: unique(ids, u.ID+"."+id),
		Heading: heading, Parent: len(o.Units) - 1, Leaf: true, Span: span,
		Departments: Departments(p.text[span.Start:span.End]),
	})
}

// span covers the given lines, which are consecutive but for asides at either end.
func (p *parser) span(lines []int) Span {
	if len(lines) == 0 {
		return Span{}
	}
	return Span{p.lines[lines[0]].start, p.lines[lines[len(lines)-1]].end}
}

// heading returns the words of a node's heading and how many of its lines are
// heading alone. A heading that is run into its text counts no line.
func (p *parser) heading(n node) (string, int) {
	if len(n.lines) == 0 {
		return "", 0
	}
	first := p.lines[n.lines[0]].text
	switch {
	case n.titled:
		return p.titledHeading(n, first)
	case !n.numbered:
		if p.faq && p.lines[n.lines[0]].role == roleQuestion {
			return p.questionHeading(n, first)
		}
		return "", 0
	}
	rest := first[n.markSize:]
	if rest == "" {
		if n.style <= styleSection && len(n.lines) > 1 {
			if next := p.lines[n.lines[1]].text; isTitle(next) && runes(next) <= 40 {
				return next, 2
			}
		}
		return "", 1
	}
	return headingOf(rest, n)
}

// titledHeading is the heading of an annex or section: the words after its
// label, and the title on the lines below.
func (p *parser) titledHeading(n node, first string) (string, int) {
	heading, own := "", 1
	if speakerLine.MatchString(first) {
		heading, _ = cutColon(first)
		return heading, own
	}
	if m := annexLine.FindStringSubmatch(first); m != nil {
		heading = m[3]
	}
	for heading == "" && own < len(n.lines) && own < 2 {
		if next := p.lines[n.lines[own]].text; isTitle(next) {
			heading = next
			own++
			continue
		}
		break
	}
	return heading, own
}

// questionHeading is the question of a Q&A page without its number. It stands
// alone where the answer is nothing but a list.
func (p *parser) questionHeading(n node, first string) (string, int) {
	rest := first[len(questionLine.FindString(first)):]
	if m, ok := scanMark(rest); ok && rest == first {
		rest = rest[m.size:]
	}
	if rest == "" && len(n.lines) > 1 {
		rest = p.lines[n.lines[1]].text
	}
	own := 0
	if len(n.lines) == 1 {
		own = 1
	}
	return strings.TrimFunc(rest, blank), own
}

// headingOf splits what follows a number on its line.
func headingOf(rest string, n node) (string, int) {
	if h, ok := bracketed(rest); ok && n.style == styleArticle {
		own := 0
		if h.rest == "" || introduces(h.rest) {
			own = 1
		}
		return h.heading, own
	}
	stop, width := firstStop(rest)
	after := strings.TrimFunc(rest[min(len(rest), stop+width):], blank)
	switch {
	case stop == len(rest):
		if body, ok := cutColon(rest); ok {
			if introduces(rest) {
				return body, 1
			}
			return "", 0
		}
		if short(rest, 50) && !strings.HasSuffix(rest, "，") && !strings.HasSuffix(rest, ",") {
			return strings.TrimSuffix(rest, "."), 1
		}
		return "", 0
	case after == "":
		if len(n.lines) > 1 && short(rest[:stop], 25) && !strings.ContainsAny(rest[:stop], "，,：:") {
			return rest[:stop], 1
		}
		return "", 0
	}
	head := rest[:stop]
	if short(head, 30) && !strings.ContainsAny(head, "，,：:；;") && !statesAmount(head) {
		if introduces(after) {
			return head, 1
		}
		return head, 0
	}
	return "", 0
}

// short reports whether s has at most n runes, or three times as many when it
// is ASCII.
func short(s string, n int) bool {
	if isASCII(s) {
		n *= 3
	}
	return runes(s) <= n
}

type bracketHeading struct{ heading, rest string }

// bracketed reads 【目的】 and （适用范围） at the start of an article.
func bracketed(s string) (bracketHeading, bool) {
	for _, pair := range [][2]string{{"【", "】"}, {"（", "）"}, {"(", ")"}, {"[", "]"}} {
		if in, ok := strings.CutPrefix(s, pair[0]); ok {
			if h, rest, ok := strings.Cut(in, pair[1]); ok && runes(h) <= 20 {
				return bracketHeading{h, strings.TrimFunc(rest, blank)}, true
			}
		}
	}
	return bracketHeading{}, false
}

// firstStop finds the first mark that ends a sentence: 。！？； or an English full stop
// before a blank. It returns len(s), 0 when there is none.
func firstStop(s string) (at, width int) {
	for i, r := range s {
		w := utf8.RuneLen(r)
		if isStop(r) {
			return i, w
		}
		if r == '.' && i+1 < len(s) && i > 1 {
			if next, _ := utf8.DecodeRuneInString(s[i+1:]); blank(next) {
				return i, w
			}
		}
	}
	return len(s), 0
}
