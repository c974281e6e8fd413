package outline

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	departmentBracket = regexp.MustCompile(`[（(]\s*((?:[^（()）：:]{0,6}(?:责任|牵头|配合|主办|协办|负责|参与|参加|主管)(?:单位|部门|处室)?|市级部门|涉及部委|[A-Z][A-Za-z ]{0,40}(?:[Dd]epartments?|[Mm]inistries|[Cc]ommissions?|[Bb]odies|[Aa]gency|[Aa]gencies)[A-Za-z ]{0,30}|State Council)\s*[:：;；][^（()）]*(?:[（(][^（()）]*[)）][^（()）]*)*)[)）]`)
	departmentClose   = regexp.MustCompile(`[（(]([^（()）。；:：]{2,120}?)(?:按(?:照)?职责(?:分工)?)?(?:分别)?(?:牵头)?负责(?:落实)?[)）]`)
	departmentLead    = regexp.MustCompile(`[（(]([^（()）。；:：]{2,60})牵头[，,、]([^（()）。；:：]{2,120}?)(?:等)?(?:配合|参与|参加|协助)[)）]`)
	departmentLine    = regexp.MustCompile(`(?m)^[\s\x{00a0}\x{3000}]*((?:责任|牵头|配合|主办|协办|负责|主管)(?:单位|部门)\s*[:：].+|(?:Responsible|Lead|Supporting) (?:departments?|bod(?:y|ies)|agenc(?:y|ies))\s*:.+)$`)

	segmentLabel = regexp.MustCompile(`^\s*([^：:、，,;；]{0,60}?)\s*[:：]\s*`)
	leadLabel    = regexp.MustCompile(`牵头|主办|Lead|lead`)
	helpLabel    = regexp.MustCompile(`配合|协办|参与|参加|Support|support`)
	duty         = regexp.MustCompile(`\s*(?:[,，]?\s*(?:respectively|each)\s+(?:promote\s+)?according to (?:their|its) (?:duties|responsibilities)|分别?(?:按照?|根据)(?:各自)?职责.*|按照?职责分工.*|等(?:部门|单位)?)\s*[。.]?$`)
	englishAnd   = regexp.MustCompile(`\s+and\s+`)
	bodyEnd      = regexp.MustCompile(`(?:District|Commission|Committee|Office|Administration|Bureau|Department|Ministry|Council|Government)$`)
	bodyStart    = regexp.MustCompile(`^(?:Municipal|National|State|Ministry|General|Beijing|Provincial|District)\b`)
)

// Departments lists the bodies that text names in its line or bracket of
// responsible departments, each once, as printed, in this order: bodies said to
// lead, bodies without a role, bodies said to support. It returns nil when
// there is no such line.
func Departments(text string) []string {
	if !mentionsDuty(text) {
		return nil
	}
	var lead, plain, help []string
	add := func(segment string) {
		role, names := splitSegment(segment)
		switch {
		case leadLabel.MatchString(role):
			lead = append(lead, names...)
		case helpLabel.MatchString(role):
			help = append(help, names...)
		default:
			plain = append(plain, names...)
		}
	}
	for _, m := range departmentBracket.FindAllStringSubmatch(text, -1) {
		for _, s := range strings.FieldsFunc(m[1], func(r rune) bool { return r == ';' || r == '；' || r == '。' }) {
			add(s)
		}
	}
	for _, m := range departmentLead.FindAllStringSubmatch(text, -1) {
		add("牵头：" + m[1])
		add("配合：" + m[2])
	}
	for _, m := range departmentClose.FindAllStringSubmatch(text, -1) {
		add("负责：" + m[1])
	}
	for _, m := range departmentLine.FindAllStringSubmatch(text, -1) {
		for _, s := range strings.FieldsFunc(m[1], func(r rune) bool { return r == ';' || r == '；' || r == '。' }) {
			add(s)
		}
	}
	return distinct(append(append(lead, plain...), help...))
}

// mentionsDuty is a cheap test that every text with a line of departments passes.
func mentionsDuty(text string) bool {
	for _, w := range []string{"单位", "部门", "处室", "部委", "负责", "牵头", "epartment", "inistries", "ommission", "odies", "body", "genc", "State Council"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// splitSegment splits "牵头单位：市科技局、市财政局" into its label and bodies. A
// segment without a label is one list of bodies.
func splitSegment(s string) (role string, names []string) {
	if m := segmentLabel.FindStringSubmatch(s); m != nil {
		role, s = m[1], s[len(m[0]):]
	}
	s = duty.ReplaceAllString(strings.TrimFunc(s, blank), "")
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("、，,", r) || r == '\n' }) {
		for _, name := range splitAnd(strings.TrimFunc(f, blank)) {
			name = duty.ReplaceAllString(name, "")
			if name = strings.TrimFunc(name, func(r rune) bool { return blank(r) || r == '.' || r == '。' }); runes(name) > 1 {
				names = append(names, name)
			}
		}
	}
	return role, names
}

// splitAnd splits "A and B" where both sides read as bodies, so that
// "Bureau of Economy and Information Technology" stays whole.
func splitAnd(s string) []string {
	s = strings.TrimPrefix(s, "and ")
	var out []string
	from := 0
	for _, at := range englishAnd.FindAllStringIndex(s, -1) {
		left, right := s[max(from, at[0]-20):at[0]], s[at[1]:]
		if bodyStart.MatchString(right) || bodyEnd.MatchString(left) && strings.IndexFunc(right, unicode.IsUpper) == 0 {
			out = append(out, s[from:at[0]])
			from = at[1]
		}
	}
	return append(out, s[from:])
}

func distinct(names []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}
