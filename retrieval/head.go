package retrieval

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/outline"
)

// A head is what a document prints around its provisions: the lines before the
// first of them and those of the signature, trimmed, none of them blank.
type head struct {
	lines     []string
	intro     []string // of a transcript: the lines before the first speaker
	last      []string // the last lines of the provisions, where a signature may be run into them
	signature []string
}

func readHead(text string, o outline.Outline) head {
	var h head
	seen := false
	for _, u := range o.Units {
		own := nonBlank(text[u.Span.Start:u.Span.End])
		switch {
		case len(own) == 0:
		case u.ID == "head" || u.Label == "" && !seen:
			h.lines = append(h.lines, own...)
		case u.ID == "intro" && o.Transcript:
			h.intro = append(h.intro, own...)
		case strings.HasPrefix(u.ID, "signature"):
			h.signature = append(h.signature, own...)
		case !strings.HasPrefix(u.ID, "annex") && h.signature == nil:
			seen, h.last = true, own
		}
	}
	h.last = h.last[max(0, len(h.last)-8):]
	for i, line := range h.last {
		h.last[i] = afterSentence(line)
	}
	return h
}

// ends are the places where a signature may stand.
func (h head) ends() [][]string { return [][]string{slices.Concat(h.last, h.signature), h.lines} }

// afterSentence is what follows the last sentence on a line: 特此通知。南汀市财政局.
func afterSentence(line string) string {
	if i := strings.LastIndex(line, "。"); i >= 0 {
		line = line[i+len("。"):]
	}
	return strings.TrimFunc(line, unicode.IsSpace)
}

func nonBlank(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimFunc(line, unicode.IsSpace); line != "" {
			out = append(out, line)
		}
	}
	return out
}

const (
	openBracket  = `[〔\[［（(【〈﹝]`
	closeBracket = `[〕\]］）)】〉﹞]`
	bracketYear  = openBracket + `(?:19|20)\d\d` + closeBracket
	yearNumber   = `\p{Han}[\p{Han}A-Za-z]{0,19}` + bracketYear + `第?\d{1,5}号`
)

var (
	numberForm    = regexp.MustCompile(`^` + yearNumber + `$|^(?:\p{Han}{2,30}(?:令|公告|通告))?(?:(?:19|20)\d\d年)?第\d{1,5}号$`)
	titleNumber   = regexp.MustCompile(`^(.*[^》])[（(](` + yearNumber + `)[）)]$`)
	numberLabel   = regexp.MustCompile(`(?:发文字号|文号|文件编号)[：:]\s*(\S*` + bracketYear + `\S*?号)`)
	numberEnglish = regexp.MustCompile(`^(?:(?:Document number|Reference): ?)?((?:[A-Z][a-z]+ )*No\.? ?\d{1,5}(?: of (?:19|20)\d\d| ?` + bracketYear + `)?|[A-Z][\w ]{0,30}` + bracketYear + ` ?(?:No\.? ?)?\d{1,5})$`)
	orderForm     = regexp.MustCompile(`(\p{Han}{2,28}?)(?:令|公告|通告)第\d{1,5}号`)
	orderHead     = regexp.MustCompile(`^\p{Han}{2,28}(?:令|公告|通告)$`)
	published     = regexp.MustCompile(dayIn + `([^年,。;()]*?)(?:联合)?(?:公布|发布|印发|颁布)`)
	passed        = regexp.MustCompile(dayIn + `([^年,。;()]*?)通过`)
	madeLabel     = regexp.MustCompile(`(?:(?:成文|印发|发文|制定|签发)(?:日期|时间)|Date of issue|Issued on) ?:? ?` + dayIn)
	issuedBy      = regexp.MustCompile(`^Issued by:? (?:[Tt]he )?(.+?)(?: on ` + dayIn + `)?\.?$`)
	bodyLabel     = regexp.MustCompile(`(?:发文机关|发文单位|发布机构|制定机关|公布机关) ?: ?(\S+)`)
)

// number is the 文号: on a line of its own or labelled, on two lines as in
// 南汀市人民政府令 / 第12号, or in the line of promulgation.
func (h head) number() string {
	for i, line := range h.lines {
		n := numberOf(line)
		if strings.HasPrefix(n, "第") {
			if i == 0 || !orderHead.MatchString(squeeze(h.lines[i-1])) {
				continue
			}
			n = squeeze(h.lines[i-1]) + n
		}
		if n != "" {
			return n
		}
	}
	for _, line := range h.lines {
		if flat, ok := promulgates(line); ok {
			if m := orderForm.FindString(dayForm.ReplaceAllString(flat, " ")); m != "" {
				return m
			}
		}
	}
	return ""
}

// numberOf is the number that a line of the head consists of, alone, behind a
// label or beside a date, with brackets as printed and without blanks.
func numberOf(line string) string {
	line = strings.Map(halfDigit, line) // and ordinary blanks
	if m := numberLabel.FindStringSubmatch(line); m != nil {
		return m[1]
	}
	if m := numberEnglish.FindStringSubmatch(strings.Join(strings.Fields(line), " ")); m != nil {
		return m[1]
	}
	if m := titleNumber.FindStringSubmatch(line); m != nil && endsTitle(m[1]) {
		return m[2]
	}
	fields := strings.Fields(line)
	if n := len(fields); n == 2 && numberForm.MatchString(fields[0]) && dayForm.MatchString(plain(fields[1])) {
		fields = fields[:1]
	}
	return lastNumber(fields)
}

// lastNumber is the number at the end of a line of which these are the fields.
// It may have blanks in it, and blanks between the bodies whose number it is.
func lastNumber(fields []string) string {
	for i := len(fields) - 1; i >= 0; i-- {
		number := strings.Trim(strings.Join(fields[i:], ""), "()（）")
		if !numberForm.MatchString(number) {
			continue
		}
		for ; i > 0 && isBody(fields[i-1]); i-- {
			number = fields[i-1] + number
		}
		if office, own, ok := strings.Cut(number, "文件"); ok && isBody(office) {
			return own
		}
		return number
	}
	return ""
}

// halfDigit maps digits of full width, and all blanks to U+0020.
func halfDigit(r rune) rune {
	switch {
	case r >= '０' && r <= '９':
		return halfWidth(r)
	case unicode.IsSpace(r):
		return ' '
	}
	return r
}

// promulgates returns a line that begins with a date, as in （2023年3月1日…公布),
// or that has a field which does, flat and plain.
func promulgates(line string) (string, bool) {
	for _, part := range append([]string{line}, strings.Fields(line)...) {
		flat := squeeze(plain(part))
		if at := dayForm.FindStringIndex(strings.TrimPrefix(flat, "(")); at != nil && at[0] == 0 {
			return flat, published.MatchString(flat) || passed.MatchString(flat)
		}
	}
	return "", false
}

// issuedOn is the date of the signature; else of a signature in the head, of a
// label that means the date of issue, of the line of promulgation, or a date in
// brackets or beside the number. When a page was published is not when the
// document was issued. A conference has the day on which it was held.
func (h head) issuedOn() string {
	for _, lines := range h.ends() {
		if i, _ := signed(lines); i >= 0 {
			return lastDayIn(lines[i])
		}
	}
	for _, line := range slices.Backward(h.signature) {
		if d := onlyDay(line); d != "" {
			return d
		}
	}
	for _, line := range h.lines {
		if d := madeOn(line); d != "" {
			return d
		}
	}
	for _, line := range h.intro {
		if s, ok := strings.CutPrefix(squeeze(plain(line)), "时间:"); ok {
			return dayOf(dayForm.FindStringSubmatch(s))
		}
	}
	return ""
}

// madeOn is the date of issue that a line of the head gives, or "".
func madeOn(line string) string {
	flat := plain(line)
	if m := madeLabel.FindStringSubmatch(flat); m != nil {
		return dayOf(m)
	}
	if m := issuedBy.FindStringSubmatch(flat); m != nil {
		return dayOf(m[1:])
	}
	if promulgated, ok := promulgates(line); ok {
		if m := published.FindStringSubmatch(promulgated); m != nil {
			return dayOf(m)
		}
		return dayOf(passed.FindStringSubmatch(promulgated))
	}
	if strings.HasPrefix(flat, "(") {
		return onlyDay(line)
	}
	if fields := strings.Fields(line); len(fields) == 2 && numberOf(line) != "" {
		return onlyDay(fields[1])
	}
	return ""
}

// issuers are the bodies that sign, or else those that the line of
// promulgation, a label, the number or the title names.
func (h head) issuers(title, number string) []string {
	for _, lines := range h.ends() {
		if _, bodies := signed(lines); len(bodies) > 0 {
			return bodies
		}
	}
	for _, line := range h.lines {
		name := ""
		if flat, ok := promulgates(line); ok {
			if m := published.FindStringSubmatch(flat); m != nil {
				name = orderForm.ReplaceAllString(m[4], "$1")
			}
		} else if m := issuedBy.FindStringSubmatch(plain(line)); m != nil {
			name = m[1]
		} else if m := bodyLabel.FindStringSubmatch(plain(line)); m != nil {
			name = m[1]
		}
		if bodies := bodiesIn(name); len(bodies) > 0 {
			return bodies
		}
	}
	if m := orderForm.FindStringSubmatch(number); m != nil && isBody(m[1]) {
		return m[1:2]
	}
	return titleBodies(title)
}

// dropForeign forgets a signature by none of the bodies that the title names:
// that of a text which the document only passes on.
func (h *head) dropForeign(title string) {
	_, signers := signed(h.ends()[0])
	named := titleBodies(severalBodies.ReplaceAllString(title, "$1$2"))
	if len(signers) == 0 || len(named) == 0 {
		return
	}
	for _, a := range named {
		for _, b := range signers {
			if alike(a, b) {
				return
			}
		}
	}
	h.last, h.signature = nil, nil
}

// alike reports whether two names may be of one body: four fifths of the
// characters of the shorter are in the longer (市商务局, 天津市商务局).
func alike(a, b string) bool {
	short, long := []rune(a), []rune(b)
	if len(short) > len(long) {
		short, long = long, short
	}
	same := 0
	for _, r := range short {
		if i := slices.Index(long, r); i >= 0 {
			same++
			long = slices.Delete(long, i, i+1)
		}
	}
	return 5*same >= 4*len(short)
}

// titleBodies are the bodies with which a title begins: …关于…, …转发….
func titleBodies(title string) []string {
	at := titleVerb.FindStringIndex(title)
	if at == nil {
		return nil
	}
	name := strings.TrimSpace(title[:at[0]])
	if m := severalBodies.FindStringSubmatch(name); m != nil && m[2] == "" && isBody(m[1]) {
		return []string{name}
	}
	return bodiesIn(name)
}

// signed finds the last date below one or more lines that name bodies, or
// behind a body on its line, and returns its index and the bodies; -1 and nil
// if there is none.
func signed(lines []string) (int, []string) {
	for i, line := range slices.Backward(lines) {
		before, ok := beforeDay(line)
		if !ok {
			continue
		}
		bodies := bodiesIn(before)
		if before != "" && bodies == nil {
			continue
		}
		for first := i; first > 0; first-- {
			above := bodiesIn(lines[first-1])
			if above == nil {
				bodies = completed(lines[first-1], bodies)
				break
			}
			bodies = slices.Concat(above, bodies)
		}
		if len(bodies) > 0 {
			return i, bodies
		}
	}
	return -1, nil
}

// completed puts the beginning of a body's name, wrapped onto the line above,
// before the first of the bodies. Only a place makes it sure that it is one.
func completed(above string, bodies []string) []string {
	above = squeeze(above)
	if len(bodies) == 0 || placeOf(above, true) == "" || placeOf(bodies[0], true) != "" || !isBody(above+bodies[0]) {
		return bodies
	}
	return slices.Concat([]string{above + bodies[0]}, bodies[1:])
}

var (
	bodyForm      = regexp.MustCompile(`^\p{Han}[\p{Han}（）()·]{1,38}$`)
	bodyEnds      = []string{"政府", "室", "厅", "委", "委员会", "常委会", "局", "部", "院", "署", "处", "办", "中心", "银行", "分行", "支行", "公司", "集团", "协会", "学会", "商会", "联合会", "总会", "小组", "指挥部", "大学", "总队", "支队"}
	officeNames   = []string{"办公室", "办公厅", "委员会", "管委会", "常委会", "管理委员会"}
	bodyEnglish   = regexp.MustCompile(`^[A-Z][A-Za-z' ,&()-]{4,99}$`)
	bodyWords     = regexp.MustCompile(`\b(?:Government|Committee|Commission|Bureau|Office|Department|Ministry|Administration|Council|Authority|Agency|Court|Bank)\b`)
	titleVerb     = regexp.MustCompile(`关于|转发|批转|印发(?:《|关于)`)
	severalBodies = regexp.MustCompile(`^(.+?)等[一二三四五六七八九十\d]{1,3}个?(?:部门|单位|部委|委办局)(.*)$`)
)

// bodiesIn returns the bodies that a line names and nothing else, or nil.
func bodiesIn(line string) []string {
	if line == "" {
		return nil
	}
	if bodyEnglish.MatchString(line) && bodyWords.MatchString(line) {
		return []string{strings.Join(strings.Fields(line), " ")}
	}
	fields := strings.FieldsFunc(line, func(r rune) bool { return r == '、' || unicode.IsSpace(r) })
	for _, f := range fields {
		if !isBody(f) || slices.Contains(officeNames, f) { // blanks only spread the name
			fields = strings.Split(squeeze(line), "、")
			break
		}
	}
	for _, f := range fields {
		if !isBody(f) {
			return nil
		}
	}
	return fields
}

func isBody(s string) bool {
	return !titleVerb.MatchString(s) && bodyForm.MatchString(s) && slices.ContainsFunc(bodyEnds, func(end string) bool { return strings.HasSuffix(s, end) })
}

func joinBodies(bodies []string) string {
	for _, b := range bodies {
		if b[0] < utf8.RuneSelf {
			return strings.Join(bodies, "; ")
		}
	}
	return strings.Join(bodies, "、")
}
