package outline

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A level is an open list: its style, its last number and the line of that.
type level struct {
	style style
	n     int
	line  int
}

// levels are the open lists of one part of a document, outermost first.
type levels struct {
	open  []level
	above map[[2]style]bool // {outer, inner}: this part shows the unusual order
	last  map[style]int     // last number of each style, whether open or not
}

func newLevels() *levels {
	return &levels{above: map[[2]style]bool{}, last: map[style]int{}}
}

// number returns the last number of the open list of style s, or 0.
func (l *levels) number(s style) int {
	for _, v := range l.open {
		if v.style == s {
			return v.n
		}
	}
	return 0
}

// push closes every list that is not above m and opens or continues the list
// of m, which stands on the given line. It returns the line of the number that
// encloses m, or -1.
func (l *levels) push(m mark, line int) int {
	i := len(l.open)
	for i > 0 && !l.outranks(l.open[i-1].style, m.style) {
		i--
	}
	parent := -1
	if i > 0 {
		parent = l.open[i-1].line
	}
	l.open = append(l.open[:i], level{style: m.style, n: m.n, line: line})
	l.last[m.style] = m.n
	return parent
}

func (l *levels) outranks(outer, inner style) bool {
	if l.above[[2]style{outer, inner}] {
		return true
	}
	return outer < inner && !l.above[[2]style{inner, outer}]
}

// learn records that the list in which m now opens stands above m although
// the usual order says otherwise. ahead are the marks that follow.
func (l *levels) learn(m mark, ahead []mark) {
	if m.n != 1 || len(l.open) == 0 || l.number(m.style) != 0 {
		return
	}
	top := l.open[len(l.open)-1]
	if top.style <= m.style {
		return
	}
	first := l.last[m.style] == 0
	switch {
	case first && m.style == styleArticle && top.style == styleHan,
		first && m.style == styleSection && top.style == styleArticle && strings.HasPrefix(m.label, "Section"),
		m.style == styleHanBracket && top.style == styleArabic && resumes(top, m, ahead):
		l.above[[2]style{top.style, m.style}] = true
	}
}

// resumes reports whether the list top goes on after the list that m begins.
func resumes(top level, m mark, ahead []mark) bool {
	for _, a := range ahead {
		if a.style == top.style {
			return a.n == top.n+1
		}
		if a.style < m.style {
			return false
		}
	}
	return false
}

// adapt changes the style of a mark that continues a list of another style:
// (五) (6) (七), or a letter that is a Roman numeral.
func (l *levels) adapt(m mark) mark {
	han, arabic := l.number(styleHanBracket), l.number(styleArabicBracket)
	switch {
	case m.style == styleArabicBracket && m.n > 1 && han == m.n-1 && arabic != m.n-1:
		m.style, m.label = styleHanBracket, "("+hanNumeral(m.n)+")"
	case m.style == styleHanBracket && m.n > 1 && arabic == m.n-1 && han != m.n-1:
		m.style, m.label = styleArabicBracket, "("+strconv.Itoa(m.n)+")"
	case m.style == styleArabic && m.n > 1 && l.number(styleHan) == m.n-1 && l.number(styleHanBracket) == 0 && l.last[styleArabic] == 0:
		m.style, m.label = styleHan, hanNumeral(m.n)
	case m.style == styleLetter && l.number(styleLetter) != m.n-1:
		if n := romans[strings.Trim(m.label, "()")]; n > 0 {
			m.style, m.n = styleRoman, n
		}
	}
	return m
}

// accepts reports whether m, at the start of a line that goes on with rest,
// starts a unit here rather than being the middle of a broken sentence.
func (l *levels) accepts(m mark, rest string) bool {
	open := l.number(m.style)
	switch m.style {
	case stylePart, styleChapter, styleSection, styleArticle:
		if refers(rest) && m.loose {
			return false
		}
		return !m.loose || m.n == 1 || m.n == l.last[m.style]+1
	case styleParagraph, styleItem:
		return !m.loose
	case styleOrdinal, styleLetter, styleRoman:
		return m.n == 1 || open == m.n-1
	case styleDecimal:
		return (m.n == 1 || open == m.n-1) && (l.number(styleArabic) == m.sub || l.number(styleArabic) == 0)
	case styleDecimal3:
		return (m.n == 1 || open == m.n-1) && l.number(styleDecimal) == m.sub
	}
	if (m.style == styleHanBracket || m.style == styleArabicBracket) && refersItem(rest) {
		return false
	}
	last := max(open, l.last[m.style])
	if last == 0 {
		return m.n <= 20
	}
	// The next number, a new list, a running number, a repeated or skipped one.
	return m.n == 1 || m.n == open+1 || m.n >= last && m.n <= last+3
}

// refers reports whether s, after 第三条, makes it a reference.
func refers(s string) bool {
	for _, w := range []string{"规定", "所列", "所述", "第", "和", "或", "及", "至", "的", "中", "之", "各", "关于", "（", "(", "of ", "and ", "or ", "shall ", "to ", ",", ".", ";"} {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	r, _ := utf8.DecodeRuneInString(s)
	return isStop(r) || r == '，' || r == '、'
}

// refersItem reports whether s, after (一), makes it a reference: (一)、(二)项规定的.
func refersItem(s string) bool {
	for _, w := range []string{"、", "至", "项规定", "项所", "项的", "项、", "项至", "项和", "款规定", "款的", "和（", "和(", "，"} {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

// markNumbers finds the lines that start numbered units.
func (p *parser) markNumbers() {
	l := newLevels()
	marks, at := p.candidates()
	for k, m := range marks {
		i := at[k]
		if m.style == styleNone { // a new part begins
			l = newLevels()
			continue
		}
		m = l.adapt(m)
		if !l.accepts(m, p.lines[i].text[m.size:]) {
			continue
		}
		l.learn(m, marks[k+1:min(len(marks), k+200)])
		p.lines[i].role, p.lines[i].mark, p.lines[i].above = roleNumber, m, l.push(m, i)
	}
}

// candidates lists the marks at line starts with their lines. A mark of
// styleNone stands for the start of a new part.
func (p *parser) candidates() (marks []mark, at []int) {
	for i, ln := range p.lines {
		switch ln.role {
		case roleText:
			if m, ok := scanMark(ln.text); ok && !ln.row {
				marks, at = append(marks, m), append(at, i)
			}
		case roleAnnex, roleSection, roleNext, roleSpeaker, roleReporter, roleQuestion:
			marks, at = append(marks, mark{}), append(at, i)
		}
	}
	return marks, at
}
