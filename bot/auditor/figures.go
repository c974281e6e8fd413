package auditor

import (
	"math"
	"regexp"
	"strings"
)

// notNumbers are words with a numeral in them that count nothing.
var notNumbers = regexp.MustCompile(`一批|一些|一定|一体化?|统一|进一步|一流|一系列|一站式|一致|一企一策|一事一议|三城一区|两区|十四五|十三五|第三方|第一|唯一|同一|一同|一起|一并|之一|` +
	`\bcovid-19\b|一是|二是|三是|四是|千方百计|百强|十百千|三个区分|两同步|一点|万物|万众|十八大|十九大|百姓|一期一会|一城一策|一定程度|一一|专一|一贯|一直|一般|一旦|一律|一概|` +
	`\bone (?:aim|goal|purpose|part|aspect|point|task)\b|\bone[- ]stop|\bone enterprise|\bone company|\bone policy|\bone of\b|\bone another|\bthird[- ]part(?:y|ies)|\bone-pass|\bone-to-one|\bone[- ]matter|\bone case|\btwo[- ]zones?|\bsecond(?:ary| development)`)

// relativeYears are years told from the day of speaking.
var relativeYears = []*regexp.Regexp{
	regexp.MustCompile(`今年|本年|\bthis year`), regexp.MustCompile(`去年|上年|\blast year|\bprevious year`),
	regexp.MustCompile(`明年|次年|\bnext year`), regexp.MustCompile(`前年|后年`),
}

// figures are the quantities of a text; names hold none, but 百强 and its like do.
func figures(folded string, known Lexicon) []quantity {
	var skip [][2]int
	for _, m := range known.mentions(folded) {
		if !strings.HasPrefix(m.id, "title:") {
			skip = append(skip, [2]int{m.start, m.end})
		}
	}
	for _, m := range notNumbers.FindAllStringIndex(folded, -1) {
		if folded[m[0]:m[1]] != "百强" {
			skip = append(skip, [2]int{m[0], m[1]})
		}
	}
	return quantities(folded, skip)
}

// figures are those of a text that is judged, found once.
func (h *held) figures(folded string) []quantity {
	if found, ok := h.counted[folded]; ok {
		return found
	}
	found := figures(folded, h.known)
	if h.counted == nil {
		h.counted = map[string][]quantity{}
	}
	h.counted[folded] = found
	return found
}

// numbers: G4.
func (h *held) numbers() {
	source := h.figures(h.quote)
	about := h.figures(h.about)
	said := h.figures(h.folded)
	for _, year := range relativeYears {
		if year.MatchString(h.folded) && !year.MatchString(h.quote) {
			h.bad("G4", "no quote says %q", year.FindString(h.folded))
		}
	}
	for i, q := range said {
		text := h.folded[q.start:q.end]
		mark(h.covered, min(q.from, q.start), max(q.to, q.end))
		switch {
		case anyFigure(q, source):
		case q.soft && !unitAmong(q, source):
		case q.date != "" && h.dateOfDocument(said, i, about):
		case strings.Contains(h.about, text) && h.insideTitle(q):
		default:
			h.bad("G4", "no quote bears %q", strings.TrimSpace(h.folded[min(q.from, q.start):max(q.to, q.end)]))
		}
	}
	for _, m := range documentNumber.FindAllStringIndex(h.folded, -1) {
		mark(h.covered, m[0], m[1])
	}
}

func anyFigure(q quantity, source []quantity) bool {
	for _, s := range source {
		if sameFigure(q, s) {
			return true
		}
	}
	return false
}

func unitAmong(q quantity, source []quantity) bool {
	for _, s := range source {
		if s.date == "" && s.unit != "" && !s.soft && sameUnit(q.unit, s.unit) && s.value < 20 {
			return true
		}
	}
	return false
}

// sameFigure: same value, unit and comparator, or the same date or a part of it.
func sameFigure(q, s quantity) bool {
	if q.date != "" || s.date != "" {
		return q.date != "" && s.date != "" && dateBears(s.date, q.date) && sameDateSide(q, s)
	}
	return math.Abs(q.value-s.value) <= 1e-9*math.Max(1, math.Abs(s.value)) && sameUnit(q.unit, s.unit) && sameCompare(q, s)
}

func sameDateSide(q, s quantity) bool {
	side := func(c string) string {
		switch c {
		case "from", "lo":
			return "from"
		case "hi":
			return "before"
		}
		return c
	}
	a, b := side(q.compare), side(s.compare)
	if a == b || (a == "" && len(q.date) == 4) {
		return true
	}
	return b == "" && a == "before" && len(q.date) == 4
}

func sameUnit(a, b string) bool {
	if a == b {
		return true
	}
	count := func(u string) bool { return strings.HasPrefix(u, "n:") || u == "" }
	return count(a) && count(b) && (a == "n:" || b == "n:" || a == "" || b == "")
}

// sameCompare: 以上 and 超过 are two things in Chinese; in translation both may
// be over, and 近 may be about.
func sameCompare(q, s quantity) bool {
	a, b := q.compare, s.compare
	if a == "lo" || a == "hi" {
		a = ""
	}
	if b == "lo" || b == "hi" {
		b = ""
	}
	if a == b || (a == "about" && b == "near") {
		return true
	}
	over := func(c string) bool { return c == "ge" || c == "gt" }
	under := func(c string) bool { return c == "le" || c == "lt" }
	return q.latin != s.latin && (over(a) && over(b) || under(a) && under(b))
}

// dateOfDocument: a date that only the document's facts hold may be said of
// the document: as the end of a range that a fact states, in a title or number,
// or beside a word of issuing.
func (h *held) dateOfDocument(said []quantity, i int, about []quantity) bool {
	q := said[i]
	if !anyFigure(q, about) && !dateAmong(q, about) {
		return false
	}
	if h.insideTitle(q) || len(q.date) > 7 && issuing.MatchString(h.folded) {
		return true
	}
	near := h.folded[max(0, q.start-40):min(len(h.folded), q.end+40)]
	return q.compare == "lo" || q.compare == "hi" || issuing.MatchString(near)
}

var issuing = regexp.MustCompile(`印发|发布|出台的?《|签署|落款|公布|issued|published|released|dated|signed`)

func dateAmong(q quantity, about []quantity) bool {
	for _, a := range about {
		if a.date != "" && dateBears(a.date, q.date) {
			return true
		}
	}
	return false
}

// insideTitle: the quantity stands in 《》, in brackets after a title, or in a
// document number.
func (h *held) insideTitle(q quantity) bool {
	open := strings.LastIndexAny(h.folded[:q.start], "《[")
	shut := strings.LastIndexAny(h.folded[:q.start], "》]")
	if open >= 0 && open > shut {
		return true
	}
	for _, m := range documentNumber.FindAllStringIndex(h.folded, -1) {
		if q.start >= m[0] && q.end <= m[1] {
			return true
		}
	}
	rest := h.folded[q.end:]
	for _, w := range []string{"行动计划", "三年行动", "的行动计划", "年行动计划", " action plan", " plan", "行动"} {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	return false
}
