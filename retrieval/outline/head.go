package outline

import (
	"regexp"
	"strings"
)

var (
	months      = `(?:January|February|March|April|May|June|July|August|September|October|November|December)`
	dateLine    = regexp.MustCompile(`^[(（]?(?:(?:发布)?日期[:：])?(?:(?:19|20)\d\d年\d{1,2}月(?:\d{1,2}日)?|[二一][〇零○Oo0九一二三四五六七八]{3}年[一二三四五六七八九十]{1,3}月(?:[一二三四五六七八九十]{1,3}日)?|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2})(?:印发|发布)?[)）]?$`)
	englishDate = regexp.MustCompile(`^(?:Date[:]? ?)?(?:` + months + ` \d{1,2}, ?(?:19|20)\d\d|\d{1,2} ` + months + ` (?:19|20)\d\d)\.?$`)
	numberLine  = regexp.MustCompile(`^[(（]?[^，。；：,;:]{0,30}[〔\[(（【](?:19|20)\d\d[〕\])）】]\s*(?:第?\s*\d{1,5}\s*号|No\.? ?\d+)[)）]?$|^(?:[^，。；：,;:]{0,20}令)?\s*第?\s*\d{1,5}\s*号$|^(?:[A-Z][a-z]+ )?No\.? ?[\w\[\]()（）/〔〕-]{1,30}(?: of (?:19|20)\d\d)?$`)
	chromeLine  = regexp.MustCompile(`^(?:栏目|发布时间|发布日期|发文日期|成文日期|印发日期|来源|信息来源|索引号|发文机关|发文字号|文号|有效性|浏览次数|字号|主题分类|公开方式|Published(?: on)?|Source|Issued (?:by|on)|Document number|Reference|Date of issue|Effective (?:date|from))\s*[:：]|^Issued (?:by|on) [^.]*$`)
	promulgated = regexp.MustCompile(`^[(（].*(?:公布|发布|施行|通过|修订|修正|印发|promulgated|effective|adopted).*[)）]$`)
	closing     = regexp.MustCompile(`^(?:特此(?:通知|函告|公告|通告|批复|意见|报告)[。.]?|[（(]?(?:联系人|联系电话|咨询电话|联系方式|联系单位)[^。]*[:：][^。]*[)）]?)$`)
	disclosure  = regexp.MustCompile(`^[(（]?\s*此件.{0,8}公开.{0,6}[)）]?$`)
	titleEnd    = regexp.MustCompile(`(?:通知|意见|办法|方案|计划|规定|条例|细则|措施|公告|通告|指南|决定|规划|政策|问答|指引|规则|章程|目录|批复|函)(?:[(（《\[〔].*[)）》\]〕])?$`)
)

func isDate(s string) bool {
	return dateLine.MatchString(strings.Map(fold, squeeze(s))) || englishDate.MatchString(s)
}

func isNumber(s string) bool { return runes(s) <= 60 && numberLine.MatchString(s) }

// isHeadFact reports whether a line before the first unit belongs to the head
// of the document by what it says: number, date, page chrome, promulgation.
func isHeadFact(s string) bool {
	pieces := strings.FieldsFunc(s, blank)
	if len(pieces) == 2 && isNumber(pieces[0]) && isDate(pieces[1]) {
		return true
	}
	return isDate(s) || isNumber(s) || chromeLine.MatchString(s) || promulgated.MatchString(s) || disclosure.MatchString(s)
}

// isTitle reports whether a line looks like part of a title: short, with
// neither the end of a sentence nor a salutation's colon.
func isTitle(s string) bool {
	limit := 60
	if isASCII(s) {
		limit = 160
	}
	if n := runes(s); n < 2 || n > limit || strings.ContainsFunc(s, isStop) {
		return false
	}
	_, colon := cutColon(s)
	return !colon && !strings.HasSuffix(s, "，") && !strings.HasSuffix(s, ",") && !strings.HasSuffix(s, ".") &&
		!strings.HasPrefix(s, "▲")
}

// isSigner reports whether a line may name who signed.
func isSigner(s string) bool {
	limit := 40
	if isASCII(s) {
		limit = 100
	}
	return runes(s) <= limit && !strings.ContainsFunc(s, isStop) && !strings.ContainsAny(s, "，：:") && !strings.HasSuffix(s, ".")
}

// markHeadAndSignature gives roles to the lines before the first unit and
// after the last one of the main text.
func (p *parser) markHeadAndSignature() {
	first, end := -1, len(p.lines)
	last := -1
	for i, ln := range p.lines {
		if ln.role == roleAnnex {
			end = i
			break
		}
		switch ln.role {
		case roleNumber, roleSection, roleSpeaker, roleReporter, roleNext, roleQuestion:
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	p.markSignature(last+1, end)
	numbered := first >= 0
	if !numbered {
		for first = 0; first < end && p.lines[first].role != roleSignature; first++ {
		}
	}
	p.markHead(first, numbered)
}

// markSignature walks back from line end over signature, date and disclosure,
// not beyond line from.
func (p *parser) markSignature(from, end int) {
	start, dated := end, false
	for start > from {
		ln := p.lines[start-1]
		date := ln.role == roleText && isDate(ln.text)
		if !date && !p.signs(start-1, end, dated) {
			break
		}
		dated = dated || date
		start--
	}
	if start == 0 { // nothing else: a text, not a signature
		return
	}
	for j := start; j < end; j++ {
		p.lines[j].role = roleSignature
	}
}

// signs reports whether line j, after which everything up to line end belongs
// to the signature, belongs to it too: a list of annexes, a disclosure, a closing
// formula, or above a date the name of a signer.
func (p *parser) signs(j, end int, dated bool) bool {
	ln := p.lines[j]
	switch {
	case ln.role == roleSignature, disclosure.MatchString(ln.text):
		return true
	case ln.role != roleText:
		return false
	case closing.MatchString(ln.text):
		return j+1 < end
	}
	return dated && end-j <= 12 && isSigner(ln.text) && !endsTitle(ln.text)
}

// endsTitle reports whether a line ends as titles do (…的通知, …办法), so that it
// is no signer and no further line belongs to the title.
func endsTitle(s string) bool { return titleEnd.MatchString(s) }

// markHead divides the lines before line first into head and preface. Where
// nothing is numbered, only lines before the first sentence can be head.
func (p *parser) markHead(first int, numbered bool) {
	last, strong, prose := -1, false, p.transcript // a transcript has no head
	var title []string
	if p.transcript && first > 0 && isTitle(p.lines[0].text) {
		title = []string{p.lines[0].text}
	}
	for i := range first {
		ln := p.lines[i]
		if ln.role != roleText {
			continue
		}
		switch {
		case isHeadFact(ln.text):
			last, strong = i, true
		case !prose && isTitle(ln.text):
			if last = i; len(title) == 0 || !endsTitle(title[len(title)-1]) {
				title = append(title, ln.text)
			}
		default:
			prose = true
		}
		if prose && !numbered {
			break
		}
	}
	if !strong && last >= maxTitle { // a list of short lines is no title
		last, title = -1, nil
	}
	p.title = joinTitle(title)
	for i := range first {
		ln := &p.lines[i]
		switch {
		case ln.role != roleText:
		case i <= last && strong:
			ln.role = roleHead
		case i <= last:
			ln.role = roleAside
		case numbered:
			ln.role = rolePreface
		}
	}
}

// maxTitle is the most lines that a bare title has.
const maxTitle = 6

func joinTitle(lines []string) string {
	if len(lines) > 3 {
		lines = lines[:1]
	}
	var b strings.Builder
	for i, s := range lines {
		if i > 0 && isASCII(s) {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	return b.String()
}
