package bot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"policybot/bot/intent"
	"policybot/bot/understand"
	"policybot/retrieval"
	"policybot/retrieval/analysis"
)

// What a question names by digits has to stand in what answers it: the number of a document, a year.

var (
	numberNamed   = regexp.MustCompile(`(\p{Han}{2,3} ?[\[(【〔] ?(?:19|20)\d\d ?[\])】〕] ?第?\d{1,4} ?号)`)
	numberNamedEn = regexp.MustCompile(`\b(?:notice|document|circular|order|decree|opinions?|policy) (?:no|number|nr)s?\b\.? ?([\d][\d/-]*\d)`)
	yearNamed     = regexp.MustCompile(`(?:^|\D)(20\d\d)(?:$|\D)`)
	yearSpanNamed = regexp.MustCompile(`(20\d\d)[^\d,。;]{0,6}(?:20)?\d\d年|(20\d\d) ?(?:[-—–~至到]{1,2}|to|and) ?(?:20)?\d\d`)
	// figureAsked is asked about what a year is to bring, or brought.
	figureAsked = regexp.MustCompile(`目标|达到|做到|要到|产值|规模|多少家|几家|多少个|\btargets?\b|\bgoals?\b|\boutput\b|\bhow many\b`)
)

// numbersNamed are the numbers of documents that a question in normal form names, squeezed.
func numbersNamed(folded string) []string {
	var out []string
	for _, re := range []*regexp.Regexp{numberNamed, numberNamedEn} {
		for _, m := range re.FindAllStringSubmatch(folded, -1) {
			out = append(out, understand.Squeeze(m[1]))
		}
	}
	return out
}

// saysNumbers reports whether a clause names each of some squeezed document numbers, or is of such a document.
func saysNumbers(c retrieval.Clause, numbers []string) bool {
	own := understand.Squeeze(c.Document.Number + " " + c.Document.Title + " " + c.Text)
	return !slices.ContainsFunc(numbers, func(n string) bool { return !strings.Contains(own, n) })
}

// yearAsked is the one year that a question asks a figure or a target of; 0 when it asks for none or for several, or
// says what day it is, or speaks of its asker.
func yearAsked(u understand.Understanding) int {
	if u.AsOf != "" || u.Asks(intent.Validity) || !u.Asks(intent.Number) && !figureAsked.MatchString(u.Folded) || own.MatchString(u.Folded) || yearSpanNamed.MatchString(u.Folded) || asksDocument(u) {
		return 0
	}
	year := 0
	for _, m := range yearNamed.FindAllStringSubmatch(u.Folded, -1) {
		n, _ := strconv.Atoi(m[1])
		if year != 0 && n != year {
			return 0
		}
		year = n
	}
	return year
}

// saysYear reports whether a clause speaks of a year: it or a heading above it has it, or its document was issued in it,
// aims at it or has a period that holds it.
func saysYear(c retrieval.Clause, year int) bool {
	d := c.Document
	y := strconv.Itoa(year)
	if d.TargetYear == year || strings.HasPrefix(d.IssuedOn, y) || len(d.ValidFrom) >= 4 && len(d.ValidUntil) >= 4 && d.ValidFrom[:4] <= y && y <= d.ValidUntil[:4] {
		return true
	}
	text := strings.Join(append([]string{d.Title, c.Text}, c.Parents...), "\n")
	if strings.Contains(text, y) {
		return true
	}
	for _, m := range yearRange.FindAllStringSubmatch(text, -1) {
		if m[1] <= y && y <= m[2] {
			return true
		}
	}
	return false
}

var yearRange = regexp.MustCompile(`(20\d\d)\s*年?\s*(?:[-—–~－～至到]{1,2}|to)\s*(20\d\d)`)

// benefitNamed is a benefit with the word before it that says for what.
var benefitNamed = regexp.MustCompile(`(\p{Han}{2})(?:费用?)?(?:补贴|津贴|补助)`)

// ordinary are words before a benefit that do not say for what.
var ordinary = []string{"政府", "财政", "资金", "现金", "专项", "次性", "项目", "政策", "市级", "区级", "国家", "地方", "市里", "区里", "高额", "最高", "相关", "专门", "直接", "额外", "税收", "金融", "奖励", "扶持", "支持"}

// unnamed reports whether a question asks for a benefit by a word, in Chinese, that none of the chosen clauses has in
// any form: a subsidy for heat is none of those that they speak of.
func (e *Evidence) unnamed(chosen []judged) bool {
	for _, m := range benefitNamed.FindAllStringSubmatch(e.Understanding.Folded, -1) {
		if !e.tellsWhat(m[1]) {
			continue
		}
		names := func(j judged) bool {
			has := keysOf(append([]string{j.hit.Clause.Heading, j.hit.Clause.Text}, j.hit.Clause.Parents...)...)
			return shareOf(m[1], has) == 1 || slices.ContainsFunc(e.Sides[0].Concepts, func(x retrieval.Concept) bool {
				return strings.Contains(x.Text, m[1]) && said(x, has) >= formSaid
			})
		}
		if !slices.ContainsFunc(chosen, names) {
			return true
		}
	}
	return false
}

// formSaid is the share from which another form of a word is said.
const formSaid = 0.6

// tellsWhat reports whether two characters before a benefit say what it is for.
func (e *Evidence) tellsWhat(word string) bool {
	place := func(p understand.Place) bool { return strings.Contains(analysis.Normalize(p.Text), word) }
	return !strings.ContainsAny(word, idle) && !slices.Contains(ordinary, word) && !slices.Contains(general, word) && !slices.ContainsFunc(e.Understanding.Places, place) &&
		!strings.ContainsFunc(word, unicode.IsDigit)
}

// idle are characters that no word for the object of a benefit has.
const idle = "靠用过其各该每再的了有没么哪些什给发领拿到能可以要想我们你您他是和与或及对向被把在来去个种笔点都还也就得获享受请求无啥多少这那万亿元年"
