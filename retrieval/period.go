package retrieval

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"policybot/retrieval/outline"
)

// A period is the time for which a document says that it is in force.
type period struct {
	from, until string
	months      int // length, where it is printed instead of an end
}

// A periodReader reads the period of one document.
type periodReader struct {
	title, issued string
	found         []period // one for each unit that states something
}

// readPeriod reads the period of validity from the provisions of a document
// about itself, and from its title. Pages of questions and transcripts speak
// of other documents.
func readPeriod(text string, o outline.Outline, title, issued string) period {
	if o.Transcript || o.FAQ {
		return period{}
	}
	r := &periodReader{title: title, issued: issued}
	for _, u := range o.Units {
		own := text[u.Span.Start:u.Span.End]
		switch {
		case strings.HasPrefix(u.ID, "annex") && passedOn(title) == "":
		case u.ID == "head":
			for _, line := range nonBlank(own) {
				r.headLine(line)
			}
		case u.Label != "":
			r.unit(own, u.Heading) // also of a heading: it may be the sentence that is looked for
		}
	}
	return r.period()
}

// period prefers a unit that states the beginning and the end together.
func (r *periodReader) period() period {
	var p period
	whole := slices.IndexFunc(r.found, func(f period) bool { return f.from != "" && (f.until != "" || f.months > 0) })
	if whole >= 0 {
		p = r.found[whole]
	}
	for _, f := range r.found {
		if p.from == "" {
			p.from = f.from
		}
		if p.until == "" && p.months == 0 {
			p.until, p.months = f.until, f.months
		}
	}
	if p.until == "" && p.months > 0 {
		p.until = monthsAfter(p.from, p.months)
	}
	if m := yearsForm.FindStringSubmatch(plain(r.title)); m != nil && m[1] < m[2] && !aboutAnother.MatchString(r.title) {
		p.from = or(p.from, m[1])
		p.until = or(p.until, m[2]+"-12-31")
	}
	if p.from != "" && p.until != "" && lastDay(p.until) < firstDay(p.from) {
		p.until = "" // misread, or a slip of the document's
	}
	return p
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// monthsAfter is the last day, or month, of so many months from a date on.
func monthsAfter(from string, months int) string {
	switch len(from) {
	case len(time.DateOnly):
		if t, err := time.Parse(time.DateOnly, from); err == nil {
			return t.AddDate(0, months, -1).Format(time.DateOnly)
		}
	case len("2006-01"):
		if t, err := time.Parse("2006-01", from); err == nil {
			return t.AddDate(0, months-1, 0).Format("2006-01")
		}
	}
	return ""
}

const (
	inForce  = `(?:施行|实施|执行|生效|试行|实行)`
	issueDay = `((?:本?\p{Han}{1,8}?)?(?:印发|公布|发布|颁布|签发|下发|发文)之日|即日)`
	count    = `(\d{1,2}|[一二两三四五六七八九十]{1,3})个?(年半|年|月)`
	stops    = `(?:$|[,;.)、。止]|以?内|有效|至|到|` + count + `)`
)

var (
	yearsForm    = regexp.MustCompile(`((?:19|20)\d\d)\s*年?\s*[-—–~至到]{1,2}\s*((?:19|20)\d\d)`)
	aboutAnother = regexp.MustCompile(`废止|修改|修订|总结|评估|解读|问答`)

	// Each begins where a subject ends, and leaves the rest of the sentence.
	fromForm  = regexp.MustCompile(`(?:自|从|于)(?:` + dayIn + `|` + issueDay + `)(?:零时|\d{1,2}时)?起?(?:开始|正式|暂)?(` + inForce + `)` + stops)
	spanForm  = regexp.MustCompile(`(?:自|从)(?:` + dayIn + `|` + issueDay + `)起?(?:暂?执行)?(?:至|到)` + dayIn + `(底|末)?(?:止|` + inForce + `|有效|$)`)
	termForm  = regexp.MustCompile(`(?:有效|试行|施行|执行|实施|适用)(?:期限|期间|期)?(?:延长|延续)?`)
	sinceForm = regexp.MustCompile(`自(?:` + dayIn + `|` + issueDay + `)起(?:计算)?,?` + count + `以?内?有效`)

	untilRest  = regexp.MustCompile(`^[:为是定暂]*(?:截止|截)?(?:至|到|止于)+:?` + dayIn + `(底|末)?`)
	spanRest   = regexp.MustCompile(`^[:为是定暂自从]*(?:` + dayIn + `|` + issueDay + `)起?[至到—~-]{1,2}` + dayIn + `(底|末)?`)
	monthsRest = regexp.MustCompile(`^[:为是定暂]*(?:自(?:` + dayIn + `|` + issueDay + `|` + inForce + `之日)起(?:计算)?的?,?)?` + count + `(?:$|[,;.()、止]|以?内|有效)`)
	tailRest   = regexp.MustCompile(`^` + count)

	headFrom    = regexp.MustCompile(`(?:` + inForce + `(?:日期|时间)|Effective (?:date|from)) ?:? ?` + dayIn)
	headUntil   = regexp.MustCompile(`有效期限?至?:` + dayIn)
	ownWords    = `(?:办法|规定|条例|细则|意见|措施|方案|计划|规划|通知|公告|通告|政策|指南|指引|规则|规范|制度|安排|文件|决定|决议|解释|章程|法)`
	ownSubject  = regexp.MustCompile(`(?:本|本[^市省区县级年院校企单人]\p{Han}{0,8}|以上|上述)` + ownWords + `的?(?:从|自)?$`)
	ownPeriod   = regexp.MustCompile(`(?:本|以上|上述)\p{Han}{0,9}` + ownWords)
	unitLabel   = regexp.MustCompile(`^(?:第[^条,]{1,6}条(?:之[一二三四五六七八九十])?|[一二三四五六七八九十\d]{1,3}[).]|【[^】]*】|且|并|其)+`)
	quotedTitle = regexp.MustCompile(`《([^《》]+)》`)
	sincePart   = regexp.MustCompile(`(?:自|从)(?:` + dayIn + `|` + issueDay + `)起?$`)
	periodWords = []string{"施行", "实施", "执行", "生效", "试行", "实行", "有效", "effect", "force", "valid", "expire"}
	periodTopic = regexp.MustCompile(`^(?:` + inForce + `|有效|政策|日期|时间|期限|期|及|和|与)+$`)
)

// headLine reads a line of the head: of promulgation, page chrome, or a
// provision of the notice that passes the document on.
func (r *periodReader) headLine(line string) {
	if _, ok := promulgates(line); ok {
		if m := fromForm.FindStringSubmatch(squeeze(plain(line))); m != nil {
			r.found = append(r.found, period{from: r.day(m)})
		}
		return
	}
	var p period
	if m := headFrom.FindStringSubmatch(plain(line)); m != nil {
		p.from = dayOf(m)
	}
	if m := headUntil.FindStringSubmatch(squeeze(plain(line))); m != nil {
		p.until = dayOf(m)
	}
	if p != (period{}) {
		r.found = append(r.found, p)
		return
	}
	r.unit(line, "")
}

// unit reads the sentences of one unit.
func (r *periodReader) unit(own, heading string) {
	if !slices.ContainsFunc(periodWords, func(w string) bool { return strings.Contains(own, w) }) {
		return // as nearly all do
	}
	var p period
	r.english(strings.Join(strings.Fields(plain(own)), " "), &p)
	flat := squeeze(plain(own))
	if h := squeeze(plain(heading)); h != "" {
		flat = strings.Replace(flat, h, h+"。", 1)
	}
	topic := periodTopic.MatchString(heading) // 有效期5年 alone speaks of the document
	before := false                           // so it does after 本办法自…起施行。
	for s := range strings.SplitSeq(flat, "。") {
		if s = unitLabel.ReplaceAllString(s, ""); s == "" {
			continue
		}
		said := r.beginning(s, &p)
		r.term(s, said || topic || before, &p)
		before = said
	}
	if p != (period{}) {
		r.found = append(r.found, p)
	}
}

// beginning reads 自…起施行 and 自…至…止 and reports whether the sentence says
// of this document when it takes force.
func (r *periodReader) beginning(s string, p *period) bool {
	if at := fromForm.FindStringSubmatchIndex(s); at != nil && r.speaksOfItself(s, at[0]) {
		p.from = or(p.from, r.day(groups(s, at)))
		if m := tailRest.FindStringSubmatch(s[at[11]:]); m != nil {
			p.months = monthCount(m[1], m[2])
		}
		return true
	}
	if at := spanForm.FindStringSubmatchIndex(s); at != nil && r.speaksOfItself(s, at[0]) {
		m := groups(s, at)
		p.from, p.until = or(p.from, r.day(m)), or(p.until, ending(m[4:]))
		return true
	}
	return false
}

// term reads the length or end of the period. said: the sentence, the one
// before it or the heading has made the document the subject.
func (r *periodReader) term(s string, said bool, p *period) {
	if at := sinceForm.FindStringSubmatchIndex(s); at != nil && r.speaksOfItself(s, at[0]) {
		m := groups(s, at)
		p.from, p.months = or(p.from, r.day(m)), monthCount(m[5], m[6])
		return
	}
	for _, at := range termForm.FindAllStringIndex(s, -1) {
		subject := sincePart.ReplaceAllString(clauseBefore(s, at[0]), "")
		if (!said || subject != "") && !ownSubject.MatchString(subject) {
			continue
		}
		rest := s[at[1]:]
		if m := untilRest.FindStringSubmatch(rest); m != nil {
			p.until = or(p.until, ending(m))
		} else if m := spanRest.FindStringSubmatch(rest); m != nil {
			p.from, p.until = or(p.from, r.day(m)), or(p.until, ending(m[4:]))
		} else if m := monthsRest.FindStringSubmatch(rest); m != nil {
			p.from = or(p.from, r.day(m))
			p.months = monthCount(m[5], m[6])
		}
	}
}

// speaksOfItself reports whether the document itself is what the words before
// s[at:] speak of.
func (r *periodReader) speaksOfItself(s string, at int) bool {
	subject := clauseBefore(s, at)
	if ownSubject.MatchString(subject) {
		return true
	}
	if m := quotedTitle.FindAllStringSubmatch(s[:at], -1); m != nil && (subject == "" || strings.HasSuffix(subject, "》")) {
		last := m[len(m)-1][1]
		return ownPeriod.MatchString(s[:at]) || strings.Contains(plain(r.title), last) || strings.Contains(last, plain(r.title)) && r.title != ""
	}
	return subject == ""
}

// clauseBefore is what stands between the last mark before s[at:] and it,
// without words that only join.
func clauseBefore(s string, at int) string {
	i := strings.LastIndexAny(s[:at], ",;:()、") + 1
	if j := strings.LastIndex(s[:at], "、"); j >= 0 {
		i = max(i, j+len("、"))
	}
	return unitLabel.ReplaceAllString(s[i:at], "")
}

// day is the date in a match of dayIn and issueDay.
func (r *periodReader) day(m []string) string {
	if m[4] != "" {
		return r.issued
	}
	return dayOf(m)
}

// ending is the date in a match of dayIn with 底 or 末 after it.
func ending(m []string) string {
	d := dayOf(m)
	if d != "" && m[4] != "" {
		return lastDay(d)
	}
	return d
}

func groups(s string, at []int) []string {
	out := make([]string, len(at)/2)
	for i := range out {
		if at[2*i] >= 0 {
			out[i] = s[at[2*i]:at[2*i+1]]
		}
	}
	return out
}

func monthCount(n, unit string) int {
	switch months := hanNumber(n); unit {
	case "年":
		return 12 * months
	case "年半":
		return 12*months + 6
	default:
		return months
	}
}

const forceEn = `(?i:(?:takes? effect|(?:comes?|enters?)(?: into)? (?:effect|force)|(?:is|are|be|becomes?) (?:effective|in force)))`

var (
	subjectEn   = regexp.MustCompile(`(?i)\b(?:this|these)(?: [\w-]+){0,5}? (?:measures|plan|notice|rules|regulations|provisions|opinions|guide|guidelines|policy|policies|document|programme|program|scheme)\b`)
	fromEn      = regexp.MustCompile(forceEn + `(?: as)?(?: on| from| of| since)* ` + dayIn)
	fromIssueEn = regexp.MustCompile(forceEn + ` (?i:(?:as of|on|from|upon) (?:the )?(?:(?:date|day) of )?(?:its |their )?(?:issuance|issue|promulgation|publication))`)
	untilEn     = regexp.MustCompile(`(?i:(?:valid|force|effective|effect|remains?|` + dayIn + `)(?: up)? (?:until|till|through|to)|expires? on) ` + dayIn)
	monthsEn    = regexp.MustCompile(`(?i)\bvalid for (?:a (?:period|term) of )?(\w+) (year|month)s?\b`)
)

// english reads sentences as These Measures take effect on … and are valid
// until ….
func (r *periodReader) english(text string, p *period) {
	for s := range strings.SplitSeq(text, ". ") {
		if !subjectEn.MatchString(s) {
			continue
		}
		if m := fromEn.FindStringSubmatch(s); m != nil {
			p.from = or(p.from, dayOf(m))
		} else if fromIssueEn.MatchString(s) {
			p.from = or(p.from, r.issued)
		}
		if m := untilEn.FindStringSubmatch(s); m != nil {
			p.until = or(p.until, dayOf(m[3:]))
		}
		if m := monthsEn.FindStringSubmatch(s); m != nil {
			n := hanNumber(m[1]) + englishWord[strings.ToLower(m[1])]
			p.months = map[string]int{"year": 12, "month": 1}[strings.ToLower(m[2])] * n
		}
	}
}
