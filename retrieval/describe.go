package retrieval

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"policybot/retrieval/outline"
)

var (
	numberForm   = regexp.MustCompile(`(?:^|[^\p{Han}])([\p{Han}]{1,14}〔(?:19|20)\d\d〕\d{1,5}号|[\p{Han}]{2,14}\[(?:19|20)\d\d\]\d{1,5}号|[\p{Han}]{2,20}令第\d{1,4}号)`)
	dayForm      = regexp.MustCompile(`((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日`)
	dayFormEn    = regexp.MustCompile(`(January|February|March|April|May|June|July|August|September|October|November|December) (\d{1,2}), ?((?:19|20)\d\d)`)
	fromForm     = regexp.MustCompile(`自((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日起(?:正式)?(?:施行|实施|执行|生效)`)
	untilForm    = regexp.MustCompile(`有效期(?:限)?(?:截?至|到|为?至)((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日`)
	yearsForm    = regexp.MustCompile(`有效期(?:限)?(?:为|暂定)?\s*([1-9一二两三四五六七八九十]|10)\s*年`)
	fromFormEn   = regexp.MustCompile(`(?:take|takes|come|comes|enter|enters)(?: into)? (?:effect|force) on ` + dayFormEn.String())
	untilFormEn  = regexp.MustCompile(`(?:valid|in force|effective) until ` + dayFormEn.String())
	periodForm   = regexp.MustCompile(`((?:19|20)\d\d)\s*年?\s*[-—–－~至到]{1,2}\s*((?:19|20)\d\d)\s*年?`)
	targetForm   = regexp.MustCompile(`(?:到|至|力争)((?:20)\d\d)年`)
	placeForm    = regexp.MustCompile(`^[\p{Han}]{2,8}?(?:自治区|省|市|自治州|特别行政区|新区|区|县)`)
	titleKinds   = []struct{ suffix, kind string }{{"行动计划", KindPlan}, {"方案", KindPlan}, {"规划", KindPlan}, {"意见", KindOpinions}, {"措施", KindOpinions}, {"政策", KindOpinions}, {"办法", KindMeasures}, {"规定", KindMeasures}, {"条例", KindMeasures}, {"细则", KindMeasures}, {"指南", KindGuide}, {"问答", KindFAQ}, {"通知", KindNotice}, {"公告", KindNotice}, {"通告", KindNotice}, {"Plan", KindPlan}, {"Measures", KindMeasures}, {"Opinions", KindOpinions}, {"Guide", KindGuide}, {"Notice", KindNotice}}
	englishMonth = map[string]string{"January": "1", "February": "2", "March": "3", "April": "4", "May": "5", "June": "6", "July": "7", "August": "8", "September": "9", "October": "10", "November": "11", "December": "12"}
)

// Describe finds the facts of a document that its text prints in so many
// words, and marks each of them SourceText. A title is the file's name when
// none is printed, without a mark. Nothing is concluded from what other
// documents say or from the body's references.
func Describe(source, text string, o outline.Outline) Document {
	d := Document{Source: source, Status: StatusUnknown, Facts: map[string]string{}}
	set := func(field *string, name, value string) {
		if *field == "" && value != "" {
			*field, d.Facts[name] = value, SourceText
		}
	}
	head, signature := ends(text, o)
	set(&d.Title, "title", o.Title)
	set(&d.Number, "number", findNumber(head))
	set(&d.IssuedOn, "issued_on", lastDate(signature))
	set(&d.IssuedOn, "issued_on", lastDate(head))
	set(&d.Issuer, "issuer", signer(signature))
	set(&d.Issuer, "issuer", signer(head))
	if d.Issuer != "" {
		set(&d.Jurisdiction, "jurisdiction", placeForm.FindString(d.Issuer))
	}
	set(&d.Jurisdiction, "jurisdiction", placeForm.FindString(d.Title))
	d.period(text, set)
	if y := targetYear(text, o); d.ValidUntil == "" && y > 0 {
		d.TargetYear, d.Facts["target_year"] = y, SourceText
	}
	d.Kind = kindOf(d.Title, o)
	d.Language = languageOf(text)
	if d.Title == "" {
		d.Title = strings.TrimSuffix(source, extension(source))
	}
	return d
}

// ends returns what stands before the first unit and in the signature.
func ends(text string, o outline.Outline) (head, signature string) {
	seen := false
	for _, u := range o.Units {
		part := text[u.Span.Start:u.Span.End]
		switch {
		case u.ID == "head" || u.Label == "" && !seen:
			head += part + "\n"
		case strings.HasPrefix(u.ID, "signature"):
			signature += part + "\n"
		default:
			seen = true
		}
	}
	return head, signature
}

// findNumber is the first 文号 that stands at the start of a line of the head
// or after a bracket or another mark.
func findNumber(head string) string {
	for line := range strings.Lines(head) {
		if m := numberForm.FindStringSubmatch(squeeze(line)); m != nil {
			return m[1]
		}
	}
	return ""
}

// period reads the period of validity from the provisions or from the title.
func (d *Document) period(text string, set func(*string, string, string)) {
	flat := squeeze(text)
	if m := fromForm.FindStringSubmatch(flat); m != nil {
		set(&d.ValidFrom, "valid_from", date(m[1], m[2], m[3]))
	}
	if m := untilForm.FindStringSubmatch(flat); m != nil {
		set(&d.ValidUntil, "valid_until", date(m[1], m[2], m[3]))
	}
	if m := fromFormEn.FindStringSubmatch(text); m != nil {
		set(&d.ValidFrom, "valid_from", date(m[3], englishMonth[m[1]], m[2]))
	}
	if m := untilFormEn.FindStringSubmatch(text); m != nil {
		set(&d.ValidUntil, "valid_until", date(m[3], englishMonth[m[1]], m[2]))
	}
	if m := yearsForm.FindStringSubmatch(flat); m != nil && len(d.ValidFrom) == len(time.DateOnly) {
		if from, err := time.Parse(time.DateOnly, d.ValidFrom); err == nil {
			set(&d.ValidUntil, "valid_until", from.AddDate(numeral(m[1]), 0, -1).Format(time.DateOnly))
		}
	}
	if m := periodForm.FindStringSubmatch(d.Title); m != nil && m[1] < m[2] {
		set(&d.ValidFrom, "valid_from", m[1])
		set(&d.ValidUntil, "valid_until", m[2]+"-12-31")
	}
}

func numeral(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	for i, r := range []rune("零一二三四五六七八九十") {
		if string(r) == s {
			return i
		}
	}
	return 2 // 两
}

// targetYear is the last year that the clause of goals names as 到…年 or 至…年.
func targetYear(text string, o outline.Outline) int {
	year := 0
	for _, u := range o.Units {
		if !u.Leaf || !strings.Contains(u.Heading, "目标") {
			continue
		}
		for _, m := range targetForm.FindAllStringSubmatch(text[u.Span.Start:u.Span.End], -1) {
			if y, err := strconv.Atoi(m[1]); err == nil {
				year = max(year, y)
			}
		}
	}
	return year
}

// lastDate is the last day printed in s.
func lastDate(s string) string {
	flat := strings.Map(halfDigit, squeeze(s))
	if all := dayForm.FindAllStringSubmatch(flat, -1); len(all) > 0 {
		m := all[len(all)-1]
		return date(m[1], m[2], m[3])
	}
	if all := dayFormEn.FindAllStringSubmatch(s, -1); len(all) > 0 {
		m := all[len(all)-1]
		return date(m[3], englishMonth[m[1]], m[2])
	}
	return ""
}

// signer is the line just before a date that stands alone on its line.
func signer(s string) string {
	lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' })
	var kept []string
	for _, l := range lines {
		if l = strings.TrimFunc(l, unicode.IsSpace); l != "" {
			kept = append(kept, l)
		}
	}
	for i := len(kept) - 1; i > 0; i-- {
		line, before := strings.Map(halfDigit, squeeze(kept[i])), kept[i-1]
		alone := dayForm.FindString(line) == line || dayFormEn.FindString(kept[i]) == kept[i]
		if alone && line != "" && len([]rune(before)) <= 60 && !strings.ContainsAny(before, "。，：:；)）") {
			return strings.Join(strings.Fields(before), " ")
		}
	}
	return ""
}

func kindOf(title string, o outline.Outline) string {
	switch {
	case o.Transcript:
		return KindTranscript
	case o.FAQ:
		return KindFAQ
	}
	bare := strings.TrimRightFunc(title, func(r rune) bool { return !unicode.Is(unicode.Han, r) && !unicode.IsLetter(r) })
	if i := strings.LastIndexAny(bare, "（("); i > 0 {
		bare = strings.TrimSpace(bare[:i])
	}
	for _, k := range titleKinds {
		if strings.HasSuffix(bare, k.suffix) {
			return k.kind
		}
	}
	for _, k := range titleKinds {
		if strings.HasPrefix(bare, k.suffix+" ") {
			return k.kind
		}
	}
	return KindOther
}

// languageOf counts Han characters against Latin words: a text is of one
// language when the other has less than a tenth.
func languageOf(text string) string {
	han, words := 0, 0
	inWord := false
	for _, r := range text {
		letter := r < 0x250 && unicode.IsLetter(r)
		if letter && !inWord {
			words++
		}
		if inWord = letter; unicode.Is(unicode.Han, r) {
			han++
		}
	}
	words *= 2 // a word says about as much as two characters
	switch {
	case han == 0 && words == 0:
		return ""
	case words*10 <= han+words:
		return "zh"
	case han*10 <= han+words:
		return "en"
	}
	return "mixed"
}

func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func halfDigit(r rune) rune {
	if r >= '０' && r <= '９' {
		return r - '０' + '0'
	}
	return r
}

func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[i:]
	}
	return ""
}
