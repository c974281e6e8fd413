package retrieval

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/outline"
)

// titleKinds are the words at the end of a Chinese title that tell its kind.
var titleKinds = []struct{ suffix, kind string }{
	{"计划", KindPlan},
	{"方案", KindPlan},
	{"规划", KindPlan},
	{"意见", KindOpinions},
	{"措施", KindOpinions},
	{"政策", KindOpinions},
	{"办法", KindMeasures},
	{"规定", KindMeasures},
	{"条例", KindMeasures},
	{"细则", KindMeasures},
	{"规则", KindMeasures},
	{"法", KindMeasures},
	{"指南", KindGuide},
	{"指引", KindGuide},
	{"问答", KindFAQ},
	{"解答", KindFAQ},
	{"通知", KindNotice},
	{"公告", KindNotice},
	{"通告", KindNotice},
}

// otherEnds are the ends of titles of none of these kinds.
var otherEnds = []string{"决定", "解释", "章程", "目录", "批复", "函", "报告", "解读", "实录"}

// englishKinds are the words of an English title of which the first counts.
var englishKinds = map[string]string{
	"plan": KindPlan, "programme": KindPlan, "program": KindPlan, "measures": KindMeasures, "rules": KindMeasures,
	"regulations": KindMeasures, "provisions": KindMeasures, "opinions": KindOpinions, "policy": KindOpinions,
	"policies": KindOpinions, "guide": KindGuide, "guidelines": KindGuide, "notice": KindNotice, "announcement": KindNotice,
}

var transcriptTitle = regexp.MustCompile(`^[^。，,:：]{4,60}(?:实录|发布会|吹风会|访谈|答记者问)(?:[（(].*[)）])?$`)

// title is the title that the outline found; where that does not end as a title
// does or runs bodies on several lines together, the first lines of the head
// that end so.
func (h head) title(o outline.Outline) string {
	if o.Transcript {
		if len(h.intro) > 0 && transcriptTitle.MatchString(h.intro[0]) {
			return cleanTitle(h.intro[0])
		}
		return ""
	}
	title := cleanTitle(o.Title)
	spread := func(line string) bool { return strings.HasPrefix(o.Title, line) && bodiesIn(line) != nil }
	if endsTitle(title) && !slices.ContainsFunc(h.lines, spread) {
		return title
	}
	for i, line := range h.lines {
		if !titleLine(line) || !endsTitle(cleanTitle(line)) {
			continue
		}
		first := i
		for first > 0 && i-first < 6 && h.continues(first) {
			first--
		}
		return cleanTitle(joinLines(h.lines[first : i+1]))
	}
	return title
}

// joinLines joins the lines of a title, bodies with a blank after them.
func joinLines(lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		if i > 0 && bodiesIn(lines[i-1]) != nil && !strings.HasPrefix(line, "关于") {
			b.WriteByte(' ')
		}
		b.WriteString(line)
	}
	return b.String()
}

// continues reports whether line i of the head goes on with the title that
// began on the line before it. Bodies begin a title only together with 关于….
func (h head) continues(i int) bool {
	line, above := h.lines[i], h.lines[i-1]
	if !titleLine(above) || strings.HasPrefix(line, above) {
		return false
	}
	return bodiesIn(above) == nil || strings.HasPrefix(line, "关于") || titleBodies(line) != nil || bodiesIn(line) != nil
}

// titleLine reports whether a line of the head may be part of a title.
func titleLine(line string) bool {
	_, promulgated := promulgates(line)
	return utf8.RuneCountInString(line) <= 60 && !strings.ContainsAny(line, "：:。；;>＞|") && !promulgated &&
		onlyDay(line) == "" && (numberOf(line) == "" || titleNumber.MatchString(line)) && !orderHead.MatchString(squeeze(line))
}

func endsTitle(title string) bool {
	bare := withoutBrackets(title)
	return wordKind(title) != "" || slices.ContainsFunc(otherEnds, func(end string) bool { return strings.HasSuffix(bare, end) })
}

// cleanTitle takes off what is only layout: marks of Markdown, 《》 around the
// whole, the letterhead …文件, the number in brackets at the end, and the blanks
// between characters that are spaced out.
func cleanTitle(s string) string {
	fields := strings.Fields(strings.TrimLeft(s, "# "))
	var b strings.Builder
	for i, f := range fields {
		if i > 0 && !isOneHan(f) && !isOneHan(fields[i-1]) {
			b.WriteByte(' ')
		}
		b.WriteString(f)
	}
	s = b.String()
	if inner, ok := strings.CutPrefix(s, "《"); ok && strings.Count(s, "《") == 1 && strings.HasSuffix(s, "》") {
		s = strings.TrimSuffix(inner, "》")
	}
	if office, rest, ok := strings.Cut(s, "文件"); ok && rest != "" && isBody(office) {
		s = strings.TrimSpace(rest)
	}
	if m := titleNumber.FindStringSubmatch(s); m != nil && endsTitle(m[1]) {
		s = m[1]
	}
	return s
}

func isOneHan(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	return size == len(s) && unicode.Is(unicode.Han, r)
}

// withIssuer completes the title of a page, 关于…的通知, by its issuer where the
// head also prints both together, and takes the issuer's letterhead off it.
func withIssuer(title, issuer string, head []string) string {
	if n := len(issuer); n > 0 && issuer[0] < utf8.RuneSelf && len(title) > n+1 && strings.EqualFold(title[:n], issuer) && title[n] == ' ' {
		return title[n+1:]
	}
	if strings.HasPrefix(title, "关于") && issuer != "" && strings.Contains(squeeze(strings.Join(head, "")), issuer+squeeze(title)) {
		return issuer + title
	}
	return title
}

// kindOf tells the kind of a document from its title; without a title it is
// not known. A notice that only passes a text on (印发) is of that text's kind.
func kindOf(title string, o outline.Outline) string {
	switch {
	case o.Transcript:
		return KindTranscript
	case o.FAQ:
		return KindFAQ
	case title == "":
		return ""
	}
	for _, t := range []string{passedOn(title), title} {
		if k := wordKind(t); k != "" {
			return k
		}
	}
	return KindOther
}

func wordKind(title string) string {
	bare := withoutBrackets(title)
	for _, k := range titleKinds {
		if strings.HasSuffix(bare, k.suffix) {
			return k.kind
		}
	}
	for _, w := range strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if k := englishKinds[w]; k != "" {
			return k
		}
	}
	return ""
}

var passingOn = regexp.MustCompile(`(?:印发|发布|公布)(?:关于)?(.+)的(?:紧急)?通知$`)

// passedOn is the title of the text that a notice passes on, or "".
func passedOn(title string) string {
	if m := passingOn.FindStringSubmatch(withoutBrackets(title)); m != nil {
		return strings.Trim(m[1], "《》")
	}
	return ""
}

// withoutBrackets takes what is in brackets off the end of a title: （试行）,
// （2022—2024年）.
func withoutBrackets(title string) string {
	for {
		title = strings.TrimRight(title, "》\" ”")
		i := strings.LastIndexAny(title, "（(")
		if i <= 0 || !strings.HasSuffix(title, "）") && !strings.HasSuffix(title, ")") {
			return title
		}
		title = title[:i]
	}
}
