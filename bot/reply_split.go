package bot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/sentence"
)

// A replySentence is one sentence of a reply with its markers.
type replySentence struct {
	start, end int   // bytes of the text, markers at its end included
	cites      []int // numbers of its markers, each once, in order
	marks      [][2]int
	line       int  // of the text, from 0, blank lines not counted
	alone      bool // nothing else stands on its line
}

// marker is [1], [1,2], [1、2], ［1］ or 【1】. A number in brackets that 号 follows is
// that of a document.
var marker = regexp.MustCompile(`[\[［【]\s*([1-9１-９][0-9０-９]{0,2}(?:\s*[,，、;；]\s*[1-9１-９][0-9０-９]{0,2})*)\s*[\]］】]`)

// A mark is one marker of a text.
type mark struct {
	start, end int // bytes
	numbers    []int
}

// findMarks finds the markers of a text.
func findMarks(text string) []mark {
	var out []mark
	for _, m := range marker.FindAllStringSubmatchIndex(text, -1) {
		if strings.HasPrefix(text[m[1]:], "号") {
			continue
		}
		one := mark{start: m[0], end: m[1]}
		for _, n := range strings.FieldsFunc(text[m[2]:m[3]], func(r rune) bool { return !isDigit(r) }) {
			n = strings.Map(func(r rune) rune {
				if r >= '０' && r <= '９' {
					return r - '０' + '0'
				}
				return r
			}, n)
			v, _ := strconv.Atoi(n) // one to three digits
			one.numbers = append(one.numbers, v)
		}
		out = append(out, one)
	}
	return out
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' || r >= '０' && r <= '９' }

// splitReply returns the sentences of a reply in order, without the blanks and list
// numbers before them. A marker goes with the sentence that it ends or follows, one at
// the beginning of a line with the sentence that follows; a sentence within a quotation
// also has the markers of the one in which the quotation ends. question is quoted in a
// reply as a whole, whatever stops it has. What is in no sentence is blank, a list
// number, or punctuation.
func splitReply(text, question string) []replySentence {
	marks := findMarks(text)
	spans := joined(text, marks, sentence.Split(masked(text, question, marks)))
	var out []replySentence
	for _, s := range spans {
		if s.Start += listNumber(text, s); s.Start < s.End && strings.IndexFunc(text[s.Start:s.End], speaks) >= 0 {
			out = append(out, replySentence{start: s.Start, end: s.End})
		}
	}
	give(text, out, marks)
	placeLines(text, out)
	quoted(text, out)
	return out
}

func speaks(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || r == utf8.RuneError }

// masked is a text of the same length in which markers and quoted questions stop no
// sentence, and in which a sentence stops before the markers that follow it.
func masked(text, question string, marks []mark) string {
	b := []byte(text)
	for _, s := range quotedQuestions(text, question) {
		for i := s[0]; i < s[1]; i++ {
			b[i] = 'x'
		}
	}
	for _, m := range marks {
		fill := byte('x')
		before := strings.TrimRight(string(b[:m.start]), " \t　”’\"')）")
		if before == "" || strings.ContainsRune(".。！？!?\n", lastRune(before)) {
			fill = ' '
		}
		for i := m.start; i < m.end; i++ {
			b[i] = fill
		}
	}
	return stopped.ReplaceAllStringFunc(string(b), func(s string) string { return "." + strings.Repeat(" ", len(s)-1) })
}

// stopped is an English full stop before a closing quotation mark, after which package
// sentence goes on.
var stopped = regexp.MustCompile(`\.(?:”|’|"|\))+(?:\s|$)`)

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

var quotesQuestion = regexp.MustCompile(`(?i)(?:关于|咨询的?|询问的?|来函|来信|提问|問題|问题|關於|諮詢|enquiry|inquiry|question|letter|asked?|about)[^“”\n]{0,6}“`)

// quotedQuestions returns where a text quotes what was asked, in bytes, within the
// quotation marks.
func quotedQuestions(text, question string) [][2]int {
	var out [][2]int
	if q := "“" + strings.Join(strings.Fields(question), " ") + "”"; question != "" {
		if i := strings.Index(text, q); i >= 0 {
			out = append(out, [2]int{i + len("“"), i + len(q) - len("”")})
		}
	}
	for _, m := range quotesQuestion.FindAllStringIndex(text, -1) {
		line, _, _ := strings.Cut(text[m[1]:], "\n")
		if i := strings.Index(line, "”"); i >= 0 && (len(out) == 0 || m[1] >= out[0][1] || m[1] < out[0][0]) {
			out = append(out, [2]int{m[1], m[1] + i})
		}
	}
	return out
}

// joined puts the parts of a long sentence together again that package sentence cut at
// semicolons, but where a marker stands before the semicolon.
func joined(text string, marks []mark, spans []sentence.Span) []sentence.Span {
	var out []sentence.Span
	for _, s := range spans {
		n := len(out)
		if n == 0 || !strings.ContainsRune("；;", lastRune(text[:out[n-1].End])) || strings.Contains(text[out[n-1].End:s.Start], "\n") {
			out = append(out, s)
			continue
		}
		body := strings.TrimRight(text[:out[n-1].End], "；; ")
		if slices.ContainsFunc(marks, func(m mark) bool { return m.end == len(body) }) {
			out = append(out, s)
		} else {
			out[n-1].End = s.End
		}
	}
	return out
}

var listMark = regexp.MustCompile(`^(?:[（(](?:[一二三四五六七八九十]{1,3}|[0-9]{1,2})[)）][、.．]?|[一二三四五六七八九十]{1,3}、|[0-9０-９]{1,2}[.．、)）]|[①-⑳]|[-•·*●▪]|(?:说明|备注|注)\s?[0-9]{0,2}[:：]|注意[:：]|(?:Remark|Note)\s?[0-9]{0,2}:)\s*`)

// listNumber is the length of the number of a list that a line begins with, in bytes.
func listNumber(text string, s sentence.Span) int {
	if before := strings.TrimRight(text[:s.Start], " \t　"); before != "" && lastRune(before) != '\n' {
		return 0
	}
	n := len(listMark.FindString(text[s.Start:s.End]))
	if r, _ := utf8.DecodeRuneInString(text[s.Start+n:]); n > 0 && isDigit(r) && strings.ContainsAny(text[s.Start:s.Start+n], ".．、") {
		return 0 // 1.5亿元
	}
	return n
}

// give gives each marker to its sentence.
func give(text string, list []replySentence, marks []mark) {
	for _, m := range marks {
		k := -1 // the last sentence that begins before the marker ends
		for i := range list {
			if list[i].start < m.end {
				k = i
			}
		}
		inside := k >= 0 && m.start < list[k].end
		first := strings.TrimSpace(text[strings.LastIndex(text[:m.start], "\n")+1:m.start]) == ""
		next := k+1 < len(list) && !strings.Contains(text[m.end:list[k+1].start], "\n")
		if !inside && first && next {
			k++
		}
		if k < 0 {
			continue
		}
		s := &list[k]
		s.marks = append(s.marks, [2]int{m.start, m.end})
		if m.start >= s.end && !strings.Contains(text[s.end:m.start], "\n") {
			s.end = m.end
		}
		for _, n := range m.numbers {
			if !slices.Contains(s.cites, n) {
				s.cites = append(s.cites, n)
			}
		}
	}
}

// placeLines notes on which line each sentence stands.
func placeLines(text string, list []replySentence) {
	line, at := -1, 0
	for i := range list {
		s := &list[i]
		from := strings.LastIndex(text[:s.start], "\n") + 1
		if i == 0 || from > at {
			line++
		}
		s.line, at = line, s.start
	}
	for i := range list {
		list[i].alone = (i == 0 || list[i-1].line != list[i].line) && (i+1 == len(list) || list[i+1].line != list[i].line)
	}
}

// quoted gives the sentences of a quotation the markers of its last one.
func quoted(text string, list []replySentence) {
	opened := -1
	for i := range list {
		s := &list[i]
		own := text[s.start:s.end]
		if opened >= 0 && list[opened].line != s.line {
			opened = -1
		}
		if opened >= 0 && strings.Count(own, "”") > strings.Count(own, "“") {
			for k := opened; k < i; k++ {
				if len(list[k].cites) == 0 {
					list[k].cites = s.cites
				}
			}
			opened = -1
		}
		if opened < 0 && strings.Count(own, "“") > strings.Count(own, "”") {
			opened = i
		}
	}
}

// A claim is what a sentence of a reply says, without markers.
type claim struct {
	text string
	at   []int // for each byte of text and its end, the code point of the sentence
}

// claimOf is what the sentence text[s.start:s.end] says.
func claimOf(text string, s replySentence) claim {
	var c claim
	var b strings.Builder
	n := 0
	for i := s.start; i < s.end; {
		_, w := utf8.DecodeRuneInString(text[i:])
		if !slices.ContainsFunc(s.marks, func(m [2]int) bool { return m[0] <= i && i < m[1] }) {
			b.WriteString(text[i : i+w])
			for range w {
				c.at = append(c.at, n)
			}
		}
		i += w
		n++
	}
	c.text, c.at = b.String(), append(c.at, n)
	return c.cut(trimmed(c.text))
}

// trimmed returns where a text is without blanks, and without the quotation marks around
// all of it.
func trimmed(s string) (from, to int) {
	to = len(strings.TrimRightFunc(s, unicode.IsSpace))
	from = to - len(strings.TrimLeftFunc(s[:to], unicode.IsSpace))
	if own := s[from:to]; strings.HasPrefix(own, "“") && strings.Count(own, "“") == 1 {
		if i := strings.Index(own, "”"); i >= 0 && strings.Trim(own[i+len("”"):], "。.；;，, ") == "" {
			return from + len("“"), from + i
		} else if i < 0 {
			return from + len("“"), to
		}
	}
	if own := s[from:to]; strings.HasSuffix(own, "”") && strings.Count(own, "”") == 1 && !strings.Contains(own, "“") {
		to -= len("”")
	}
	return from, to
}

// cut is the part of a claim from one byte to another.
func (c claim) cut(from, to int) claim { return claim{c.text[from:to], c.at[from : to+1]} }

// with is a claim with other text in place of its bytes from one to another.
func (c claim) with(from, to int, other string) claim {
	at := slices.Clone(c.at[:from])
	for range len(other) {
		at = append(at, c.at[from])
	}
	return claim{c.text[:from] + other + c.text[to:], append(at, c.at[to:]...)}
}

// span returns the code points of the sentence for bytes of the claim.
func (c claim) span(from, to int) (start, end int) {
	from, to = max(0, min(from, len(c.text))), max(0, min(to, len(c.text)))
	start = c.at[from]
	if from == to {
		return start, start
	}
	return start, c.at[to-1] + 1
}
