package retrieval

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"policybot/retrieval/outline"
)

// closing is in the heading, without blanks, of a chapter with which documents end:
// how what stands before it is carried out.
var closing = regexp.MustCompile(`组织实施|保障措施|组织保障|实施保障|附则|(?i:^(?:\w+and)?implementation(?:arrangements|\.|:)?$|supplementaryprovisions|safeguard)`)

const (
	measures = `(?:措施|举措|任务|事项)`
	carryOut = `(?:落实|实施|完成|落地)`
	before   = dayIn + `(底|末)?(?:之前|以前|前)`
	duty     = `(?:应当?|须|必须|要|将|均|都|全部|全面|逐项|逐条|得到|予以|组织|推进|推动)*`
	ends     = `(?:[,;:.)!]|$)`
)

var (
	// 改革措施原则上于…年…月…日前全部落实; …年…月…日前完成各项措施.
	carriedOut = regexp.MustCompile(measures + `,?(?:原则上|应当?|须|必须|要|均|都|全部|于|在)*` + before + duty + carryOut + `(?:到位|完毕|见效|落地)?` + ends)
	carryAll   = regexp.MustCompile(before + `,?` + duty + carryOut + `(?:本方案|本计划|本意见|上述|以上|各项|全部|所有)[^,;:]{0,12}` + measures + ends)
	// reform measures will be implemented before December 31, 2022.
	carriedOutEn = regexp.MustCompile(`(?i)\b(?:measures|tasks)\b[^,;:]{0,80}? (?:will|shall|must|should|are to|have to) be (?:all |fully )?` +
		`(?:implemented|carried out|completed) (?:before|by|no later than) (?:` + dayIn + `|(?:the )?end of ((?:19|20)\d\d))(?:[ ,.;:)]|$)`)

	// unsure is in a phrase that hopes, sets a condition, excepts, or speaks of one measure alone.
	unsure = regexp.MustCompile(`力争|争取|尽量|拟|预计|建议|如|若|凡|对|除|未|不|没|无|原定|第[一二三四五六七八九十\d]{1,3}[项条款]|[该此本某]项|` +
		`(?i:\b(?:not|no|if|unless|except|strive|aim|hope)\b)`)
	sentenceEnd = regexp.MustCompile(`[。;!]|\. `)
)

// deadline is the last day by which the closing chapters of a document say that
// its measures are to be carried out, or "". Sentences that name another text, hope
// or set a condition say nothing, nor does a month or year without 底: whether it is
// itself taken in stays open.
func deadline(text string, o outline.Outline) string {
	if o.Transcript || o.FAQ {
		return ""
	}
	last := ""
	for i, u := range slices.Backward(o.Units) {
		if !u.Leaf || strings.HasPrefix(u.ID, "annex") || u.ID == "signature" {
			continue
		}
		if !slices.ContainsFunc(append(o.Parents(i), u.Heading), func(h string) bool { return closing.MatchString(squeeze(h)) }) {
			break
		}
		own := strings.Join(strings.Fields(plain(text[u.Span.Start:u.Span.End])), " ")
		for _, s := range sentenceEnd.Split(own, -1) {
			if !strings.ContainsAny(s, "《》") {
				last = max(last, carriedOutBy(s))
			}
		}
	}
	return last
}

// carriedOutBy is the day by which a sentence says that measures are to be
// carried out, or "".
func carriedOutBy(s string) string {
	last, flat := "", squeeze(s)
	for _, form := range []*regexp.Regexp{carriedOut, carryAll} {
		if at := form.FindStringSubmatchIndex(flat); at != nil {
			last = max(last, certain(flat, at, ending(groups(flat, at))))
		}
	}
	if at := carriedOutEn.FindStringSubmatchIndex(s); at != nil {
		m := groups(s, at)
		last = max(last, certain(s, at, or(dayOf(m), lastDay(m[4]))))
	}
	return last
}

// certain is day, unless the phrase up to the end of the match leaves it open or
// only a month or year is known.
func certain(s string, at []int, day string) string {
	phrase := s[strings.LastIndexAny(s[:at[0]], ",:")+1 : at[1]]
	if unsure.MatchString(phrase) || len(day) < len(time.DateOnly) {
		return ""
	}
	return day
}
