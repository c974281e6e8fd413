package outline

import (
	"regexp"
	"strings"
)

var (
	contentsLine = regexp.MustCompile(`^(目录|目次|CONTENTS|Contents)$`)
	leaders      = regexp.MustCompile(`[.…·\s]*\d*$`)

	roleNames    = `记者|主持人|局长|主任|处长|科长|市长|区长|司长|部长|书记|发言人|主席|委员|秘书长|会长|Moderator|Reporter|Journalist|Spokesperson|Director`
	speakerLine  = regexp.MustCompile(`^[^，。；、,;:：()（）《》“]{0,40}(` + roleNames + `)[^，。；、,;:：()（）《》“]{0,12}[:：]`)
	reporterLine = regexp.MustCompile(`^[^，。；,;:：]{0,20}(记者|Reporter|Journalist)[^，。；,;:：]{0,12}[:：]`)
	questionTime = regexp.MustCompile(`^(记者提问|答记者问|现场提问|提问环节|Questions and answers|Q&A)$`)

	questionLine = regexp.MustCompile(`^(?:[（(]?[0-9０-９一二三四五六七八九十]{1,3}[)）.．、]\s*)?(?:问题?\s*[0-9０-９一二三四五六七八九十]{0,3}|Q\s*[0-9]{0,3}|Question\s*[0-9]{0,3})\s*[:：.]`)
	answerLine   = regexp.MustCompile(`^(?:答复?|回答|A\s*[0-9]{0,3}|Answer\s*[0-9]{0,3})\s*[:：.]`)

	annexLine = regexp.MustCompile(`^(?:附件|附表|附录|附|Annex(?:es)?|Appendix|Attachments?)\s*([0-9０-９一二三四五六七八九十A-F]{0,3})\s*([:：.]?)\s*(.*)$`)
)

// markContents sets a table of contents aside: the lines after 目录 up to the
// second appearance of its first entry.
func (p *parser) markContents() {
	for i := 0; i < len(p.lines) && i < 100; i++ {
		if !contentsLine.MatchString(squeeze(p.lines[i].text)) || i+1 == len(p.lines) {
			continue
		}
		first := entry(p.lines[i+1].text)
		for j := i + 2; j < len(p.lines); j++ {
			if entry(p.lines[j].text) != first {
				continue
			}
			for k := i; k < j; k++ {
				p.lines[k].role = roleAside
			}
			return
		}
	}
}

func entry(s string) string { return squeeze(leaders.ReplaceAllString(s, "")) }

// markSpeakers recognises a transcript by its speakers and reporters and
// divides it into sections.
func (p *parser) markSpeakers() {
	speakers, reporters := 0, 0
	for _, ln := range p.lines {
		if asksUp(ln.text) {
			reporters++
		} else if speakerLine.MatchString(ln.text) {
			speakers++
		}
	}
	p.transcript = speakers > 0 && reporters > 0
	if !p.transcript {
		return
	}
	opened, asking := false, false
	for i := range p.lines {
		ln := &p.lines[i]
		switch {
		case questionTime.MatchString(ln.text):
			ln.role, asking = roleSection, true
		case asksUp(ln.text):
			ln.role, asking = roleReporter, true
		case speakerLine.MatchString(ln.text):
			ln.role, opened = roleSpeaker, true
			asking = asking && !hosts(ln.text)
		case opened && !asking && strings.HasPrefix(ln.text, "下一步") && i+1 < len(p.lines):
			if m, ok := scanMark(p.lines[i+1].text); ok && m.n == 1 {
				ln.role = roleNext
			}
		}
	}
}

// asksUp reports whether a reporter speaks on this line.
func asksUp(s string) bool {
	return (strings.Contains(s, "记者") || strings.Contains(s, "Reporter") || strings.Contains(s, "Journalist")) && reporterLine.MatchString(s)
}

// hosts reports whether the speaker of a line is the host, who opens and closes
// the parts of a conference.
func hosts(s string) bool {
	return strings.HasPrefix(s, "主持人") || strings.HasPrefix(s, "Moderator")
}

// markQuestions recognises a page of questions and answers.
func (p *parser) markQuestions() {
	if p.transcript {
		return
	}
	var questions []int
	answers := 0
	for i, ln := range p.lines {
		if ln.role != roleText {
			continue
		}
		bare := len(questions) > 0 && questions[len(questions)-1] == i-1 && questionLine.FindString(p.lines[i-1].text) == p.lines[i-1].text
		if !bare && (questionLine.MatchString(ln.text) || p.asks(i)) {
			questions = append(questions, i)
		} else if answerLine.MatchString(ln.text) {
			answers++
		}
	}
	if len(questions) < 2 || answers < 2 {
		return
	}
	p.faq = true
	for _, i := range questions {
		p.lines[i].role = roleQuestion
	}
}

// asks reports whether line i ends in a question mark and the next line says
// that it is the answer.
func (p *parser) asks(i int) bool {
	s := p.lines[i].text
	return (strings.HasSuffix(s, "？") || strings.HasSuffix(s, "?")) && !answerLine.MatchString(s) &&
		i+1 < len(p.lines) && answerLine.MatchString(p.lines[i+1].text)
}

// markAnnexes finds the first lines of annexes, and the list of annexes that
// is printed before the signature.
func (p *parser) markAnnexes() {
	signed := false // a date line of the main text has gone by
	inAnnex := false
	for i := 0; i < len(p.lines); i++ {
		ln := &p.lines[i]
		if ln.role != roleText {
			continue
		}
		if isDate(ln.text) && i > 0 {
			signed = true
			continue
		}
		m := annexLine.FindStringSubmatch(ln.text)
		if m == nil || len(ln.text) > 240 {
			continue
		}
		switch rest := m[3]; {
		case !inAnnex && m[2] != "" && p.listsAnnexes(i, rest, signed):
			i = p.markAnnexList(i)
		case rest == "":
			ln.role, inAnnex = roleAnnex, true
		case (inAnnex || signed) && (m[1] != "" || m[2] != "") && !strings.ContainsFunc(rest, isStop):
			ln.role, inAnnex = roleAnnex, true
		}
	}
}

// listsAnnexes reports whether 附件： on line i begins the list of annexes: a
// numbered one, or before the signature one that is not numbered.
func (p *parser) listsAnnexes(i int, rest string, signed bool) bool {
	if rest == "" && i+1 < len(p.lines) {
		m, ok := scanMark(p.lines[i+1].text)
		return !signed && ok && m.style == styleArabic && m.n == 1
	}
	m, ok := scanMark(rest)
	return rest != "" && (!signed || ok && m.n == 1)
}

// markAnnexList gives the lines of a list of annexes to the signature and
// returns the last of them.
func (p *parser) markAnnexList(i int) int {
	p.lines[i].role = roleSignature
	last := 0
	for i+1 < len(p.lines) {
		next := &p.lines[i+1]
		m, ok := scanMark(next.text)
		if next.role != roleText || !ok || m.style != styleArabic || m.n <= last || runes(next.text) > 60 {
			break
		}
		next.role, last = roleSignature, m.n
		i++
	}
	return i
}
