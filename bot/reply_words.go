package bot

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"policybot/bot/quantity"
	"policybot/retrieval/analysis"
)

//go:embed replies.txt
var repliesFile string

// replyWords are the forms of replies.txt: an expression for each section, which finds
// the longest form first.
var replyWords = sync.OnceValue(func() map[string]*regexp.Regexp {
	forms := map[string][]string{}
	section := ""
	for _, line := range dataLines(repliesFile) {
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]")
			continue
		}
		forms[section] = append(forms[section], line)
	}
	out := map[string]*regexp.Regexp{}
	for name, list := range forms {
		slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
		var all []string
		for _, f := range list {
			all = append(all, pattern(f, strings.HasPrefix(name, "said")))
		}
		expression := "(?i:" + strings.Join(all, "|") + ")"
		if name == "lead" {
			expression = "^" + expression + `[，,：:。.]?\s*`
		}
		out[name] = regexp.MustCompile(expression)
	}
	return out
})

// pattern is the expression of a form, in whose gaps digits may stand or not.
func pattern(form string, digits bool) string {
	gap := `[^，。；！？,;.!?\n0-9]{0,20}?`
	if digits {
		gap = strings.Replace(gap, "0-9", "", 1)
	}
	p := strings.ReplaceAll(regexp.QuoteMeta(form), "…", gap)
	if latin(form[0]) {
		p = `\b` + p
	}
	if latin(form[len(form)-1]) {
		p += `\b`
	}
	return p
}

func latin(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// Figures that claim nothing: how and where to reach somebody, and a date by itself.
var (
	reach     = regexp.MustCompile(`电话|致电|拨打|来电|热线|手机|传真|地址|邮箱|邮件|网站|(?i:\b(?:tel|telephone|phone|call|hotline|contact|fax|e-?mail|address|reach|website)\b)`)
	reachable = regexp.MustCompile(`(?:\+?[0-9]{1,4}[- ])?\(?0?[0-9]{2,4}\)?[- ][0-9]{3,4}[- ]?[0-9]{4}(?:[-转][0-9]{1,5})?|\b1[3-9][0-9]{9}\b|\b[0-9]{7,8}\b|\b12345\b|\b[0-9]{1,2}[:：][0-9]{2}\b|[\w.+-]+@[\w.-]+|https?://\S+|www\.\S+|[0-9]{1,4}号(?:楼|院)?|[0-9]{1,4}(?:室|楼|层|窗口)`)
	dated     = regexp.MustCompile(`^(?:[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2} [A-Z][a-z]+ [0-9]{4}|[A-Z][a-z]+ [0-9]{1,2}, [0-9]{4})$`)
	signed    = regexp.MustCompile(`(?:局|委|办|办公室|中心|政府|科|处|部|管委会|窗口|专班|服务队|委员会|(?i:office|bureau|commission|centre|center|committee|department|team|desk))$`)
	about     = regexp.MustCompile(`^关于[^，。；,;]{1,30}$`)
	binding   = regexp.MustCompile(`可|应|须|不|给|享|符合|最高|得`)
)

// courtesy reports whether a sentence of a reply says nothing of policy: a greeting,
// thanks, what was asked, how to reach somebody, a signature. last is whether it stands
// among the last lines. What is neither surely that nor surely a claim is a claim.
func courtesy(text, question string, s replySentence, c claim, last bool) bool {
	own := strings.TrimRight(c.text, "。.，,：:！!；; ")
	if dated.MatchString(own) {
		return true
	}
	rest := own
	if q := quotedQuestions(text[s.start:s.end], question); len(q) > 0 {
		from, to := q[0][0], q[0][1]
		rest = strings.Replace(rest, text[s.start:s.end][from:to], "", 1)
	}
	rest = analysis.Normalize(rest)
	n := utf8.RuneCountInString(own)
	if s.alone && n <= 30 && about.MatchString(own) && !binding.MatchString(own) && !figures(own) {
		return true
	}
	if reach.MatchString(rest) {
		rest = reachable.ReplaceAllString(rest, " ")
	}
	words := replyWords()
	evidence := words["courtesy"].MatchString(rest)
	rest = words["courtesy"].ReplaceAllString(rest, " ")
	if figures(rest) || strings.ContainsAny(rest, "《》〔〕%") || words["claim"].MatchString(rest) || promises(rest) != nil {
		return false
	}
	salutation := s.alone && s.line == 0 && n <= 30 && n > 0 && strings.ContainsRune("：:，,", lastRune(strings.TrimSpace(text[s.start:s.end])))
	signature := s.alone && last && len(s.cites) == 0 && n <= 30 && signed.MatchString(own) && !strings.ContainsAny(own, "，,。是由在已将把对向给设为归找")
	return evidence || salutation || signature
}

// figures reports whether a text has a digit, or a quantity in words.
func figures(s string) bool {
	return strings.ContainsFunc(s, isDigit) || slices.ContainsFunc(quantity.Find(s), func(q quantity.Quantity) bool { return !q.Loose })
}

// Promises: what is told the reader for certain, or of the reader's own case, and no if.
var (
	denied  = regexp.MustCompile(`(?:不能|不会|不可|不|无法|难以|并非|并不|没有|未|不是)(?:作出|构成|是|对)?(?:任何)?(?:保证|承诺|确保|一定|必然|肯定|等于|代表|意味着)|(?i:\b(?:no|not|cannot|can't|never|nor|without|n't)\b[^.,;]{0,20}\b(?:guarantee[ds]?|promise[ds]?|assure[ds]?|certain(?:ly)?|definitely|surely|mean)\b)`)
	iffy    = regexp.MustCompile(`如|若|假如|是否|能否|只要|只有|凡|经认定|的话|(?i:\b(?:if|where|provided|whether|once|when|unless|should you|subject to)\b)`)
	certain = regexp.MustCompile(`(?:您|你|贵公司|贵单位|贵企业|贵方|贵司|企业)[^。；;？?，,]{0,12}(?:一定|必定|必然|肯定|绝对|百分之百|100%|保证|包)(?:能|可|会|将|获|得|拿|通过|享|符合|满足)|(?:保证|确保|一定|必定|肯定|绝对|承诺|包您|包你)[^。；;，,]{0,10}(?:获得|拿到|得到|享受|通过|获批|批准|拨付|兑现|到账|成功|给您|给贵|发放)|(?i:\bguarantee[ds]?\b|\bwe (?:promise|assure)\b|\b(?:certainly|definitely|surely|undoubtedly|without fail|for sure|no doubt)\b)`)
	ruling  = regexp.MustCompile(`(?:您|你们|你公司|你单位|贵公司|贵单位|贵企业|贵方|贵司)(?:的?(?:项目|企业|产品|公司))?(?:已经|已|完全|均|都|确实|是)?(?:符合|满足|达到|具备)[^。；;，,]{0,24}(?:条件|要求|标准|资格)|(?:您|你们|你公司|你单位|贵公司|贵单位|贵企业|贵方|贵司)[^，,。；;]{0,8}(?:可以|可|能够|能|将会|会|将|有权|有资格)(?:直接)?(?:获得|享受|得到|拿到|领取|获批|申领|获)|(?i:\byou(?:r (?:company|firm|enterprise|project))? (?:will|shall|can|are going to|are sure to) (?:\w+ )?(?:get|receive|obtain|enjoy|be (?:granted|awarded|given|paid|approved))\b|\byou(?:r (?:company|firm|enterprise|project))? (?:are|is) (?:\w+ )?(?:eligible|entitled|qualified)\b|\byou(?:r (?:company|firm|enterprise|project))? (?:qualify|qualifies|meets? (?:the|all))\b)`)
)

// promises returns where a text promises something in the name of the government or
// rules on the reader's own case, in bytes; nil when it does not.
func promises(s string) []int {
	plain := denied.ReplaceAllStringFunc(s, func(m string) string { return strings.Repeat("-", len(m)) })
	if m := certain.FindStringIndex(plain); m != nil {
		return m
	}
	if m := ruling.FindStringIndex(plain); m != nil && !iffy.MatchString(plain) {
		return m
	}
	return nil
}
