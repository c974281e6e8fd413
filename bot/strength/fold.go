package strength

import (
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"policybot/retrieval/analysis"
	"policybot/retrieval/sentence"
)

// A passage is one sentence in the form the patterns are written for: normal
// width, lower case, simplified characters.
type passage struct {
	text string // of which the sentence is a part
	span sentence.Span
	s    string // the sentence folded
	at   []int  // for each byte of s and for its end, the byte of text
	mask [][2]int

	index *index
	scan
	buf     []byte // the rest is scratch space
	cursors []cursor
	places  [][2]int
	seen    []uint64
}

// long is the number of bytes of a sentence that are read. No sentence of a
// policy comes near it; it bounds the time that text without full stops takes.
const long = 6000

// read returns the sentence span of text, or what of it is read. The passage is
// to be handed to done when it is no longer used.
func (r *Rules) read(text string, span sentence.Span) *passage {
	p, _ := r.spare.Get().(*passage)
	if p == nil {
		p = &passage{index: r.index}
	}
	p.fold(text, span)
	r.index.read(&p.scan, p.s)
	return p
}

// done takes back a passage.
func (r *Rules) done(p *passage) {
	p.text, p.s, p.mask = "", "", p.mask[:0]
	r.spare.Put(p)
}

func (p *passage) fold(text string, span sentence.Span) {
	p.text, p.span, p.buf, p.at = text, span, p.buf[:0], p.at[:0]
	end := min(span.End, span.Start+long)
	for i := span.Start; i < end; {
		r, w := utf8.DecodeRuneInString(text[i:span.End])
		p.buf = appendFolded(p.buf, r)
		for len(p.at) < len(p.buf) {
			p.at = append(p.at, i)
		}
		i += w
		end = max(end, i)
	}
	p.s, p.at = string(p.buf), append(p.at, end)
}

// A page holds the normal forms of 256 characters in a row, -1 for a form that
// is not one character.
type page [256]rune

// pages are made when they are first asked for.
var pages [256]atomic.Pointer[page]

// appendFolded appends the normal form of r to b.
func appendFolded(b []byte, r rune) []byte {
	if r>>8 >= rune(len(pages)) {
		return append(b, foldRune(r)...)
	}
	pg := pages[r>>8].Load()
	if pg == nil {
		pg = newPage(r &^ 0xff)
		pages[r>>8].Store(pg)
	}
	if f := pg[r&0xff]; f >= 0 {
		return utf8.AppendRune(b, f)
	}
	return append(b, foldRune(r)...)
}

// newPage returns the page that begins with the character start.
func newPage(start rune) *page {
	pg := new(page)
	for i := range pg {
		s := foldRune(start + rune(i))
		r, w := utf8.DecodeRuneInString(s)
		if w != len(s) || w == 0 {
			r = -1
		}
		pg[i] = r
	}
	return pg
}

// foldRune returns the normal form of one character, which may be several.
func foldRune(r rune) string {
	switch {
	case r < utf8.RuneSelf:
		if r >= 'A' && r <= 'Z' {
			r |= 0x20
		}
		return string(r)
	case r == '’' || r == '‘':
		return "'"
	}
	return analysis.Normalize(string(r))
}

// first returns the first place that rule holds for.
func (p *passage) first(rule *rule) ([2]int, bool) {
	all := p.all(rule, 1)
	if len(all) == 0 {
		return [2]int{}, false
	}
	return all[0], true
}

func (p *passage) masked(at int) bool {
	return slices.ContainsFunc(p.mask, func(m [2]int) bool { return m[0] <= at && at < m[1] })
}

// allows reports whether the conditions of rule hold around place.
func (p *passage) allows(rule *rule, place [2]int) bool {
	for _, c := range rule.conditions {
		from, to := p.around(c.within, place)
		if p.matches(c.list, from, to) != c.want {
			return false
		}
	}
	return true
}

// around returns the stretch of p.s that reach names for place.
func (p *passage) around(reach string, place [2]int) (from, to int) {
	switch reach {
	case "clause":
		return p.back(place[0], ",;。:!?"), p.forth(place[1], ",;。:!?")
	case "part":
		return p.back(place[0], ";。"), p.forth(place[1], ";。")
	case "after":
		return place[0], p.forth(place[1], ";。")
	case "on":
		return place[0], p.forth(place[1], ",;。:!?")
	case "before":
		return 0, place[0]
	}
	return 0, len(p.s)
}

// back returns the end of the last of marks before i. A comma in a number is
// none.
func (p *passage) back(i int, marks string) int {
	for i > 0 {
		r, w := utf8.DecodeLastRuneInString(p.s[:i])
		if strings.ContainsRune(marks, r) && !p.inNumber(i-w) {
			break
		}
		i -= w
	}
	return i
}

// forth returns the place of the first of marks from i on.
func (p *passage) forth(i int, marks string) int {
	for i < len(p.s) {
		r, w := utf8.DecodeRuneInString(p.s[i:])
		if strings.ContainsRune(marks, r) && !p.inNumber(i) {
			break
		}
		i += w
	}
	return i
}

func (p *passage) inNumber(i int) bool {
	digit := func(j int) bool { return j >= 0 && j < len(p.s) && p.s[j] >= '0' && p.s[j] <= '9' }
	return digit(i-1) && digit(i+1)
}

// word returns the place m of p.s as it stands in the text, without blanks at
// its ends.
func (p *passage) word(m [2]int) Word {
	start, end := p.at[m[0]], p.at[m[1]]
	s := strings.TrimRight(p.text[start:end], " \t\u3000,，")
	end = start + len(s)
	s = strings.TrimLeft(s, " \t\u3000,，;；")
	return Word{s, end - len(s), end}
}

// finding returns a finding by the places ms.
func (p *passage) finding(s Strength, rule string, ms ...[2]int) Finding {
	f := Finding{Strength: s, Rule: rule, Start: p.span.Start, End: p.span.End}
	slices.SortFunc(ms, func(a, b [2]int) int { return a[0] - b[0] })
	for _, m := range ms {
		w := p.word(m)
		if w.Start < w.End && (len(f.Words) == 0 || w.Start >= f.Words[len(f.Words)-1].End) {
			f.Words = append(f.Words, w)
		}
	}
	return f
}
